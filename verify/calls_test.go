package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"borel/problem"
)

func callsProblem(compare string, cases ...problem.Case) *problem.Problem {
	return &problem.Problem{ID: "p", Check: problem.Check{Kind: problem.KindCalls, EntryPoint: "f", Compare: compare, Cases: cases}}
}

// calling is a case in literals.
func calling(args, want string) problem.Case {
	return problem.Case{ArgsLiteral: args, WantLiteral: want}
}

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// TestCallsCompare: what a call returns, as Python writes it, against what it must.
func TestCallsCompare(t *testing.T) {
	v := realVerifier(t)
	const right, wrong = problem.Accepted, problem.WrongAnswer
	for _, c := range []struct {
		compare, returns, want string
		status                 problem.Status
	}{
		{"", "1", "1", right},
		{"", "1", "1.0", wrong},
		{"", "True", "1", wrong},
		{"", "0", "False", wrong},
		{"", "None", "None", right},
		{"", "None", "False", wrong},
		{"", "(1, 2)", "[1, 2]", wrong},
		{"", "[1, 2]", "(1, 2)", wrong},
		{"", "[1, 2]", "[2, 1]", wrong},
		{"", "(1, (2, [3]))", "(1, (2, [3]))", right},
		{"", "{3, 1, 2}", "{1, 2, 3}", right},
		{"", "frozenset({1})", "{1}", wrong},
		{"", "{1, 2}", "{1, 2, 3}", wrong},
		{"", "{(1, 2): [3]}", "{(1, 2): [3]}", right},
		{"", "dict(b=1, a=2)", "{'a': 2, 'b': 1}", right},
		{"", "{'a': 1}", "{'a': 1.0}", wrong},
		{"", "{1: 'a'}", "{'1': 'a'}", wrong},
		{"", "{'$': [1]}", "{'$': [1]}", right},
		{"", "b'\\xff\\x00'", "b'\\xff\\x00'", right},
		{"", "'a'", "b'a'", wrong},
		{"", "bytearray(b'ab')", "bytearray(b'ab')", right},
		{"", "1 + 2j", "1+2j", right},
		{"", "1 - 2j", "1+2j", wrong},
		{"", "float('nan')", "nan", right},
		{"", "[float('-inf')]", "[-inf]", right},
		{"", "-0.0", "0.0", right},
		{"", "0.1 + 0.2", "0.3", wrong},
		{"", "0.1 + 0.2", "0.30000000000000004", right},
		{"", "10**400 + 1", "1" + strings.Repeat("0", 399) + "1", right},
		{"", "10**400 + 1", "1" + strings.Repeat("0", 399) + "2", wrong},
		{"", "'\\ud800'", `'\ud800'`, right},
		{"", "'\\ud83d' + '\\ude00'", `'\U0001f600'`, wrong}, // two halves are not the whole
		{"", "'\\U0001f600'", `'\U0001f600'`, right},
		{"", "...", "...", right},
		{"", "range(3)", "range(0, 3)", right},
		{"", "range(3)", "[0, 1, 2]", wrong},
		{"", "(i for i in [1])", "[1]", wrong},
		{"", "{'a': 1}.keys()", "['a']", wrong},
		{"", "__import__('collections').Counter('aa')", "{'a': 2}", right},
		{"", "__import__('collections').deque([1])", "deque([1])", right},
		{"", "__import__('decimal').Decimal('1.50')", "Decimal('1.50')", right},
		{"", "__import__('fractions').Fraction(2, 4)", "Fraction(1, 2)", right},
		{"", "(lambda a: [a, a])([1])", "[[1], [1]]", right},
		{"", "type('L', (list,), {'__eq__': lambda s, o: True})([1])", "[1]", right}, // its content is right
		{"", "type('L', (list,), {'__eq__': lambda s, o: True})()", "[1]", wrong},
		{"", "type('I', (int,), {'__eq__': lambda s, o: True, '__int__': lambda s: 5, '__repr__': lambda s: '5', '__index__': lambda s: 5})(4)", "5", wrong},
		{"", "type('S', (str,), {'__str__': lambda s: 'x', '__repr__': lambda s: 'x', '__hash__': lambda s: 0})('y')", "'x'", wrong},
		{"", "type('F', (float,), {'__float__': lambda s: 5.0, '__repr__': lambda s: '5.0'})(4)", "5.0", wrong},
		{"", "type('T', (tuple,), {'__iter__': lambda s: iter([5]), '__len__': lambda s: 1})()", "(5,)", wrong},
		{"", "type('D', (dict,), {'items': lambda s: [('a', 5)], 'keys': lambda s: ['a'], 'values': lambda s: [5]})()", "{'a': 5}", wrong},
		{"float:1e-6", "0.1 + 0.2", "0.3", right},
		{"float", "[1, {'a': 2}]", "[1.0, {'a': 2.0000001}]", right},
		{"float:0.1", "(1.05,)", "[1.0]", wrong},
		{"float:0.1", "True", "1", wrong},
		{"float:0.1", "float('nan')", "1.0", wrong},
		{"float:0.1", "float('nan')", "nan", right},
		{"float:1e300", "float('inf')", "1.0", wrong},
		{"float:0", "9007199254740993", "9007199254740992", wrong},
		{"float:0.1", "{1.05, 2.0}", "{2.0, 1.0}", right},
		{"float:0.1", "{'a': 1}", "{'b': 1}", wrong},
		{"float:0.1", "'1.0'", "'1.01'", wrong},
		{"float:0.1", "1j", "1.05j", right},
		{"float:0.1", "[1, 2]", "[1]", wrong},
		{"unordered", "[2, 1, 2]", "[1, 2, 2]", right},
		{"unordered", "[2, 1, 1]", "[1, 2, 2]", wrong},
		{"unordered", "(2, 1)", "[1, 2]", wrong},
		{"unordered", "[[2, 1]]", "[[1, 2]]", wrong},
		{"unordered", "[{2: 1}, [1]]", "[[1], {2: 1}]", right},
		{"unordered", "[1, True]", "[1, 1]", wrong},
		{"unordered", "3", "3", right},
	} {
		d, err := v.Verify(t.Context(), callsProblem(c.compare, calling("[]", c.want)), problem.Program("def f(): return "+c.returns), false)
		if err != nil {
			t.Errorf("%s, want %s: %v", c.returns, c.want, err)
		} else if d.Status != c.status {
			t.Errorf("%s: %s against %s: got %s (%s%s), want %s", c.compare, c.returns, c.want, d.Status, d.Message, d.Error, c.status)
		}
	}
}

// TestCalls: programs against cases, and what comes out.
func TestCalls(t *testing.T) {
	v := realVerifier(t)
	sorting := []problem.Case{{Args: raw("[[3, 1, 2]]"), Want: raw("[1, 2, 3]")}, {Args: raw("[[]]"), Want: raw("[]")}}
	raising := func(name string) []problem.Case {
		return []problem.Case{{Args: raw("[1]"), Raises: name}}
	}
	for _, c := range []struct {
		name    string
		program string
		cases   []problem.Case
		want    problem.Status
		message string
	}{
		{"right", "def f(x): return sorted(x)", sorting, problem.Accepted, ""},
		{"a tuple is no list", "def f(x): return tuple(sorted(x))", sorting, problem.WrongAnswer, "case 0: got (1, 2, 3), want [1, 2, 3]"},
		{"printed", "def f(x): print([1, 2, 3])", sorting, problem.WrongAnswer, "case 0: got None, want [1, 2, 3]"},
		{"the second case", "def f(x): return [1, 2, 3]", sorting, problem.WrongAnswer, "case 1: got [1, 2, 3], want []"},
		{"changes its argument", "def f(x): x.sort(); return x", sorting, problem.Accepted, ""},
		{"prints too", "def f(x):\n print('a' * 1000)\n return sorted(x)", sorting, problem.Accepted, ""},
		{"kwargs", "def f(a, *, b): return a - b", []problem.Case{{Args: raw("[5]"), Kwargs: raw(`{"b": 3}`), Want: raw("2")}, {KwargsLiteral: "{'a': 5, 'b': 4}", Want: raw("1")}}, problem.Accepted, ""},
		{"arguments of all types", "def f(*a): return [type(x).__name__ for x in a]", []problem.Case{calling("(1, 1.0, True, None, 'a', b'a', [1], (1,), {1}, frozenset({1}), {1: 2}, 1j, ..., range(3), bytearray(b''), nan, deque([1]), Decimal('1'), Fraction(1, 2), {'$': 1})",
			"['int', 'float', 'bool', 'NoneType', 'str', 'bytes', 'list', 'tuple', 'set', 'frozenset', 'dict', 'complex', 'ellipsis', 'range', 'bytearray', 'float', 'deque', 'Decimal', 'Fraction', 'dict']")}, problem.Accepted, ""},
		{"each call has arguments of its own", "def f(x, seen=[]):\n seen.append(x)\n x.append(len(seen))\n return x", []problem.Case{calling("[[0]]", "[0, 1]"), calling("[[1]]", "[1, 2]")}, problem.Accepted, ""},
		{"one object twice", "def f(a, b):\n a[0].append(2)\n return [a, a[0] is a[1], b is a[1]]", []problem.Case{calling("([(row := [1]), row], row)", "[[[1, 2], [1, 2]], True, True]"),
			calling("([[1], [1]], [1])", "[[[1, 2], [1]], False, False]")}, problem.Accepted, ""},
		{"raises", "def f(x): raise KeyError('a')", raising("KeyError"), problem.Accepted, ""},
		{"raises a subclass", "def f(x): raise KeyError('a')", raising("LookupError"), problem.Accepted, ""},
		{"raises a class of its own", "class Odd(Exception): pass\ndef f(x): raise Odd()", raising("Odd"), problem.Accepted, ""},
		{"raises another", "def f(x): raise KeyError('a')", raising("ValueError"), problem.WrongAnswer, "case 0: raised KeyError: 'a', want \"ValueError\""},
		{"raises one that is only called so", "class ValueError(Exception): pass\ndef f(x): raise ValueError()", raising("ValueError"), problem.WrongAnswer, "case 0: raised ValueError, want \"ValueError\""},
		{"raises none", "def f(x): return 1", raising("ValueError"), problem.WrongAnswer, "case 0: returned 1, want \"ValueError\" to be raised"},
		{"raises, and must not", "def f(x): return 1 / 0", sorting, problem.RuntimeError, "case 0: ZeroDivisionError: division by zero"},
		{"leaves by an exception", "def f(x): raise SystemExit(0)", sorting, problem.RuntimeError, "case 0: SystemExit: 0"},
		{"an exception whose text lies", "class E(Exception):\n def __str__(s): raise E\ndef f(x): raise E", sorting, problem.RuntimeError, "case 0: E"},
		{"leaves", "import os\ndef f(x): os._exit(0)", sorting, problem.RuntimeError, "case 0: left with exit code 0"},
		{"leaves before", "raise SystemExit(0)", sorting, problem.RuntimeError, "left with exit code 0 before it was called"},
		{"asserts", "assert 0, 'a'", sorting, problem.RuntimeError, "AssertionError: a"},
		{"is no Python", "def f(x: return 1", sorting, problem.CompileError, "SyntaxError: invalid syntax"},
		{"defines nothing", "x = 1", sorting, problem.RuntimeError, "case 0: f is not defined"},
		{"defines no function", "f = 1", sorting, problem.RuntimeError, "case 0: f is not callable, it is a value of type int"},
		{"a class is callable", "class f(list):\n def __init__(s, x): super().__init__(sorted(x))", sorting, problem.Accepted, ""},
		{"a lambda", "f = sorted", sorting, problem.Accepted, ""},
		{"wrong number of arguments", "def f(): return 1", sorting, problem.RuntimeError, "case 0: TypeError: f() takes 0 positional arguments but 1 was given"},
		{"a coroutine", "async def f(x): return sorted(x)", sorting, problem.RuntimeError, "case 0: what f returned cannot cross: a value of type coroutine cannot cross"},
		{"an object", "class A: pass\ndef f(x): return [A()]", sorting, problem.RuntimeError, "case 0: what f returned cannot cross: a value of type A cannot cross"},
		{"a cycle", "def f(x):\n x.append(x)\n return x", sorting, problem.RuntimeError, "case 0: what f returned cannot cross: it holds itself"},
		{"deep", "def f(x):\n for i in range(1000): x = [x]\n return x", sorting, problem.RuntimeError, "case 0: what f returned cannot cross: it is nested deeper than 200"},
		{"without end", "import itertools\ndef f(x): return itertools.count()", sorting, problem.RuntimeError, "case 0: what f returned cannot cross: it has more than 1048576 items"},
		{"loops in the second case", "def f(x):\n while not x: pass\n return sorted(x)", sorting, problem.TimeLimitExceeded, "case 1: time limit: the work is used up"},
		{"loops before", "while True: pass", sorting, problem.TimeLimitExceeded, "time limit: the work is used up"},
		{"loops at its end", "import atexit\ndef f(x): return sorted(x)\n@atexit.register\ndef g():\n while True: pass", sorting, problem.TimeLimitExceeded, "time limit: the work is used up"},
		{"memory", "def f(x): return [0] * 10**9", sorting, problem.MemoryLimitExceeded, "case 0: MemoryError"},
		{"flood", "def f(x):\n while True: print('a' * 10000)", sorting, problem.OutputLimitExceeded, "case 0: output limit"},
		{"flood of an answer", "def f(x): return 'a' * 2000000", sorting, problem.OutputLimitExceeded, "case 0: output limit"},
		{"one value very often", "def f(x):\n for i in range(100): x = [x, x]\n return x", sorting, problem.RuntimeError, "case 0: sent what is no answer: byte 1732: more than 4194304 values"},
		{"an answer before the calls", "import os\nos.write(4, b'\\x08\\0\\0\\0[0,1,[]]')\ndef f(x): return sorted(x)", sorting, problem.RuntimeError, "sent more than 2 answers to 2 calls"},
		{"not an answer", "import os\ndef f(x):\n os.write(4, b'\\x04\\0\\0\\0junk')\n os._exit(0)", sorting, problem.RuntimeError, "case 0: sent what is no answer: byte 1: no value"},
		{"half an answer", "import os\ndef f(x):\n os.write(4, b'\\x04\\0\\0\\0j')\n os._exit(0)", sorting, problem.RuntimeError, "case 0: left with exit code 0"},
		{"an answer of another kind", "import os\ndef f(x):\n os.write(4, b'\\x07\\0\\0\\0[9,[1]]')\n os._exit(0)", sorting, problem.RuntimeError, "case 0: sent what is no answer to a call"},
		{"reads the calls", "import os\nwhile os.read(4, 100): pass\ndef f(x): return sorted(x)", sorting, problem.RuntimeError, "case 0: answered 0 of 2 calls"},
		{"closes the channel", "import os\nos.close(4)\ndef f(x): return sorted(x)", sorting, problem.RuntimeError, "case 0: OSError: [Errno 8] Bad file descriptor"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := callsProblem("", c.cases...)
			p.Limits.Seconds = 1
			d, err := v.Verify(t.Context(), p, problem.Program(c.program), false)
			check(t, d, err, c.want)
			if d.Message != c.message {
				t.Errorf("got message %q, want %q", d.Message, c.message)
			}
		})
	}
}

// TestCallsCases: results by case, with points, with and without all of them.
func TestCallsCases(t *testing.T) {
	v := realVerifier(t)
	cases := []problem.Case{calling("[1]", "1"), calling("[2]", "0"), calling("[3]", "3"), calling("[0]", "0")}
	cases[2].Points = 5
	for _, c := range []struct {
		all     bool
		program string
		want    string
		points  float64
	}{
		{false, "def f(x): return x", "accepted wrong_answer", -1},
		{true, "def f(x): return x", "accepted wrong_answer accepted accepted", 7. / 8},
		{true, "def f(x): return x if x < 3 else 1 / 0", "accepted wrong_answer runtime_error accepted", 2. / 8},
		{true, "def f(x):\n while x == 3: pass\n return x", "accepted wrong_answer time_limit_exceeded", 1. / 8},
		{true, "def f(x): return x * (x != 2)", "accepted accepted accepted accepted", 1},
	} {
		p := callsProblem("", cases...)
		p.Limits.Seconds = 1
		p.Check.AllCases = c.all
		d, err := v.Verify(t.Context(), p, problem.Program(c.program), false)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, k := range d.Cases {
			got = append(got, string(k.Status))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q, all %v: got %s, want %s", c.program, c.all, s, c.want)
		}
		points := -1.0
		if d.Points != nil {
			points = *d.Points
		}
		if points != c.points {
			t.Errorf("%q, all %v: got %g of the points, want %g", c.program, c.all, points, c.points)
		}
	}
}

// TestCallsRegrade: what is expected, and how it is compared, changes without running anything again.
func TestCallsRegrade(t *testing.T) {
	v := realVerifier(t)
	program := problem.Program("def f(x): return [x * 1.0000001, 2]")
	for i, c := range []struct {
		compare, want string
		status        problem.Status
	}{
		{"exact", "[1.0000001, 2]", problem.Accepted},
		{"exact", "[1.0, 2]", problem.WrongAnswer},
		{"float:1e-3", "[1.0, 2]", problem.Accepted},
		{"float:1e-9", "[1.0, 2]", problem.WrongAnswer},
		{"unordered", "[2, 1.0000001]", problem.Accepted},
	} {
		d, err := v.Verify(t.Context(), callsProblem(c.compare, calling("[1]", c.want)), program, false)
		check(t, d, err, c.status)
		if got := v.Stats().Executed; got != 1 {
			t.Errorf("%d: %d runs were executed, want 1 in all", i, got)
		}
		if d.Cached != (i > 0) {
			t.Errorf("%d: cached is %v", i, d.Cached)
		}
	}
	report, changes := regradeAll(t, v, problem.Regrade{Kind: problem.KindCalls, Change: problem.Change{Compare: new("float:1e-3")}})
	slices.Sort(changes)
	if want := "[calls accepted → wrong_answer calls wrong_answer → accepted calls wrong_answer → accepted]"; fmt.Sprint(changes) != want || report.Executed != 0 || v.Stats().Executed != 1 {
		t.Errorf("got %v, %+v, want %s with nothing executed", changes, report, want)
	}
}

// TestCallsInvalid: problems that cannot be judged are refused, with the place.
func TestCallsInvalid(t *testing.T) {
	v := realVerifier(t)
	for _, c := range []struct {
		check problem.Check
		field string
		says  string
	}{
		{callsProblem("", calling("[1]", "1"), calling("[2]", "2"), calling("(1,)", "2")).Check, "problem.check.cases[2]", "contradicts cases[0]"},
		{callsProblem("", calling("[1]", "1"), problem.Case{ArgsLiteral: "[1]", Raises: "ValueError"}).Check, "problem.check.cases[1]", "contradicts cases[0]"},
		{callsProblem("", calling("[1", "1")).Check, "problem.check.cases[0].args_literal", "line 1, column 3: a comma or ] is missing"},
		{callsProblem("", calling("[1]", "[1,\n foo()]")).Check, "problem.check.cases[0].want_literal", "line 2, column 2: foo is not a literal"},
		{callsProblem("", calling("1", "1")).Check, "problem.check.cases[0].args", "is a int; the arguments are a list"},
		{callsProblem("", problem.Case{KwargsLiteral: "{1: 2}", WantLiteral: "1"}).Check, "problem.check.cases[0].kwargs", "has the key 1"},
		{callsProblem("", problem.Case{Args: raw("{}"), WantLiteral: "1"}).Check, "problem.check.cases[0].args", "is a dict"},
		{callsProblem("", problem.Case{Args: raw(`[{"a":1,"a":2}]`), WantLiteral: "1"}).Check, "problem.check.cases[0].args", "occurs twice"},
		{callsProblem("", problem.Case{Args: raw(strings.Repeat("[", 5000) + strings.Repeat("]", 5000)), WantLiteral: "1"}).Check, "problem.check.cases[0].args", "nested too deeply"},
		{callsProblem("", calling(strings.Repeat("[", 5000), "1")).Check, "problem.check.cases[0].args_literal", "nested deeper than 250"},
		{callsProblem("float:x", calling("[]", "1")).Check, "problem.check.compare", "tolerance"},
		{callsProblem("close", calling("[]", "1")).Check, "problem.check.compare", "not known"},
		{problem.Check{Kind: problem.KindCalls, EntryPoint: "f"}, "problem.check.cases", "is empty"},
		{problem.Check{Kind: problem.KindCalls, EntryPoint: "f", Cases: []problem.Case{calling("[]", "1")}, Checker: &problem.Code{Language: "cobol", Source: "x"}}, "problem.check.checker.language", "cobol"},
	} {
		_, err := v.Verify(t.Context(), &problem.Problem{Check: c.check}, problem.Program("def f(): pass"), false)
		invalid, ok := errors.AsType[*problem.Invalid](err)
		if !ok || invalid.Field != c.field || !strings.Contains(invalid.Message, c.says) {
			t.Errorf("got %v, want %s: … %s", err, c.field, c.says)
		}
	}
	var null problem.Problem // in JSON, null is a value
	if err := json.Unmarshal([]byte(`{"check":{"kind":"calls","entry_point":"f","cases":[{"args":[null],"want":null}]}}`), &null); err != nil {
		t.Fatal(err)
	}
	d, err := v.Verify(t.Context(), &null, problem.Program("def f(x): return x"), false)
	check(t, d, err, problem.Accepted)
	same := callsProblem("", calling("[1]", "1"), problem.Case{Args: raw("[1]"), Want: raw("1")}, calling("[1.0]", "2"), calling("[True]", "3"))
	d, err = v.Verify(t.Context(), same, problem.Program("def f(x): return {int: 1, float: 2, bool: 3}[type(x)]"), false)
	check(t, d, err, problem.Accepted)
}

// TestCallsChecker: a checker decides in a sandbox of its own, and its faults are nobody else's.
func TestCallsChecker(t *testing.T) {
	v := realVerifier(t)
	const anyOrder = "def check(args, kwargs, want, got): return type(got) is list and sorted(got) == sorted(args[0]) and want == len(got)"
	for _, c := range []struct {
		name    string
		checker string
		program string
		want    problem.Status
		message string
		points  float64
	}{
		{"right", anyOrder, "def f(x): return x[::-1]", problem.Accepted, "", -1},
		{"wrong", anyOrder, "def f(x): return x[1:]", problem.WrongAnswer, "case 0: got [1, 2], which the checker does not accept", -1},
		{"raised", anyOrder, "def f(x): return x.y", problem.RuntimeError, "case 0: AttributeError: 'list' object has no attribute 'y'", -1},
		{"a share", "def check(args, kwargs, want, got): return got / 4", "def f(x): return 1", problem.WrongAnswer, "case 0: got 1, which the checker does not accept", 0.25},
		{"always equal", "def check(args, kwargs, want, got): return got == args[0]", "class E(list):\n __eq__ = lambda s, o: True\ndef f(x): return E()", problem.WrongAnswer, "case 0: got [], which the checker does not accept", -1},
		{"looks for its judge", anyOrder, "import sys, gc\ndef f(x):\n for o in gc.get_objects():\n  if isinstance(o, dict) and 'check' in o: o['check'] = lambda *a: True\n return 1", problem.WrongAnswer, "case 0: got 1, which the checker does not accept", -1},
		{"cannot do with it", "def check(args, kwargs, want, got): return got + 1 == want + 1", "def f(x): return 'a'", problem.WrongAnswer, "case 0: got \"a\", on which the checker raised TypeError: can only concatenate str (not \"int\") to str", -1},
		{"crashes", "def check(args, kwargs, want, got): 1 / 0", "def f(x): return 1", problem.Unknown, "the problem's checker failed: case 0: ZeroDivisionError: division by zero", -1},
		{"is no Python", "def check(", "def f(x): return 1", problem.Unknown, "the problem's checker failed: it ended before it had answered: SyntaxError: '(' was never closed", -1},
		{"is not there", "x = 1", "def f(x): return 1", problem.Unknown, "the problem's checker failed: check is not defined", -1},
		{"loops", "def check(*a):\n while True: pass", "def f(x): return 1", problem.Unknown, "the problem's checker failed: it ended before it had answered: time limit: the work is used up", -1},
		{"floods", "def check(*a):\n while True: print('a' * 1000)", "def f(x): return 1", problem.Unknown, "the problem's checker failed: it ended before it had answered: output limit", -1},
		{"leaves", "import os\ndef check(*a): os._exit(0)", "def f(x): return 1", problem.Unknown, "the problem's checker failed: it ended before it had answered: exited with code 0", -1},
		{"says neither", "def check(*a): return 'yes'", "def f(x): return 1", problem.Unknown, "the problem's checker failed: it returned \"yes\"; True, False or a share from 0 to 1 decides", -1},
		{"says too much", "def check(*a): return 2", "def f(x): return 1", problem.Unknown, "the problem's checker failed: it returned 2; True, False or a share from 0 to 1 decides", -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := callsProblem("", calling("[[3, 1, 2]]", "3"))
			p.Limits.Seconds = 1
			p.Check.Checker = &problem.Code{Source: c.checker}
			d, err := v.Verify(t.Context(), p, problem.Program(c.program), false)
			check(t, d, err, c.want)
			if got := d.Message + d.Error; got != c.message {
				t.Errorf("got message %q, want %q", got, c.message)
			}
			points := -1.0
			if d.Points != nil {
				points = *d.Points
			}
			if points != c.points {
				t.Errorf("got %g of the points, want %g", points, c.points)
			}
		})
	}
}

// TestCallsHumanEval: the calls that HumanEval's tests make, as literals; the solutions are accepted, and empty bodies are
// wrong.
func TestCallsHumanEval(t *testing.T) {
	v := realVerifier(t)
	var all []question
	cases := 0
	for _, r := range some(rows[humanEval](t, "HumanEval.jsonl.gz"), 8) {
		p := callsOf(t, v, r)
		cases += len(p.Check.Cases)
		all = append(all, question{p, []problem.Sample{problem.Completion(r.Solution), problem.Completion("    pass\n")}})
	}
	got, _ := statuses(t, v, all)
	for i, s := range got {
		if want := fmt.Sprint([]problem.Status{problem.Accepted, problem.WrongAnswer}); fmt.Sprint(s) != want {
			t.Errorf("%s: got %s, want %s", all[i].ID, s, want)
		}
	}
	t.Logf("%d problems, %d cases", len(all), cases)
}
