package verify

import (
	"strings"
	"testing"

	"borel/problem"
)

// splitMBPP are the tasks of MBPP whose recorded solution python3 itself accepts and a split check does not, with why.
var splitMBPP = map[string]string{
	"MbppEval/737": "a re.Match is returned, which cannot cross",
	"MbppEval/787": "a re.Match is returned",
	"MbppEval/794": "a re.Match is returned",
}

// splitAlone are tasks of MBPP whose tests use math without importing it, and so do not run beside a program that does not
// either. Apart from it they do.
const splitAlone = "MbppEval/98 MbppEval/124 MbppEval/137 MbppEval/139 MbppEval/163 MbppEval/233 MbppEval/246 MbppEval/248 MbppEval/276 MbppEval/300 "

func splitProblem(tests string) *problem.Problem {
	return &problem.Problem{ID: "p", Limits: problem.Limits{Seconds: 2}, Check: problem.Check{Kind: problem.KindUnit, Isolation: problem.Split, EntryPoint: "f", Tests: tests}}
}

// TestSplitHumanEval: the canonical solutions are accepted, and empty bodies are wrong.
func TestSplitHumanEval(t *testing.T) {
	var all []question
	for _, r := range some(rows[humanEval](t, "HumanEval.jsonl.gz"), 8) {
		p := r.problem()
		p.Check.Isolation = problem.Split
		all = append(all, question{p, []problem.Sample{problem.Completion(r.Solution), problem.Completion("    pass\n")}})
	}
	got, _ := statuses(t, realVerifier(t), all)
	accepted, wrong := 0, 0
	for i, s := range got {
		if s[0] != problem.Accepted {
			t.Errorf("%s: got %s, want accepted", all[i].ID, s[0])
		} else {
			accepted++
		}
		if s[1] == problem.Accepted || s[1] == problem.Unknown {
			t.Errorf("%s, without a body: got %s", all[i].ID, s[1])
		} else {
			wrong++
		}
	}
	t.Logf("%d problems: %d solutions accepted, %d empty bodies wrong", len(all), accepted, wrong)
}

// TestSplitMBPP: as in one interpreter, a solution is accepted where python3 accepts it.
func TestSplitMBPP(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	var all []question
	for _, r := range some(rows[humanEval](t, "mbpp_sanitized.jsonl.gz"), 10) {
		p := r.problem()
		q := *p
		q.Check.Isolation = problem.Split
		signature, _, _ := strings.Cut(r.Prompt, "    '''")
		signature, _, _ = strings.Cut(signature, `    """`)
		s := []problem.Sample{problem.Program(signature + r.Solution)}
		all = append(all, question{p, s}, question{&q, s})
	}
	got, _ := statuses(t, realVerifier(t), all)
	accepted := 0
	for i := 0; i < len(got); i += 2 {
		shared, split := got[i][0], got[i+1][0]
		if shared == problem.Accepted && split != shared && splitMBPP[all[i].ID] == "" {
			t.Errorf("%s: got %s, want %s as in one interpreter", all[i].ID, split, shared)
		}
		if split == problem.Accepted {
			if accepted++; shared != problem.Accepted && !strings.Contains(splitAlone, all[i].ID+" ") {
				t.Errorf("%s: accepted, and %s in one interpreter", all[i].ID, shared)
			}
		}
	}
	t.Logf("%d problems: %d solutions accepted", len(all)/2, accepted)
}

// TestSplit: tests against programs that are right, and need what crosses to be what it was.
func TestSplit(t *testing.T) {
	v := realVerifier(t)
	for _, c := range []struct {
		name, program, tests string
		want                 problem.Status
		message              string
	}{
		{"sorts in place", "def f(x): x.sort()", "a = b = [3, 1, 2]\nassert f(a) is None\nassert a == b == [1, 2, 3] and a is b", problem.Accepted, ""},
		{"changes what is inside", "def f(x): x['a'][0].append(1); x['b'] = 2; del x['c']", "i = []\nd = {'a': (i,), 'c': 1}\nf(d)\nassert i == [1] and d == {'a': ([1],), 'b': 2} and d['a'][0] is i", problem.Accepted, ""},
		{"changes all kinds", "import collections\ndef f(s, b, q, d): s.add(1); b.extend(b'a'); q.appendleft(2); d[1] += 1", "import collections as c\ns, b, q, d = {0}, bytearray(), c.deque([1], 5), c.defaultdict(int)\nf(s, b, q, d=d)\nassert s == {0, 1} and b == b'a' and list(q) == [2, 1] and d == {1: 1} and d[7] == 0 and q.maxlen == 5", problem.Accepted, ""},
		{"answers its argument", "def f(x): return x", "a = [[1]]\nassert f(a) is a and f(a)[0] is a[0] and f({'a': a})['a'] is a", problem.Accepted, ""},
		{"one list twice", "def f(x): a = [x]; return [a, a]", "r = f(1)\nr[0].append(2)\nassert r == [[1, 2], [1, 2]]", problem.Accepted, ""},
		{"one argument twice", "def f(a, b): a.append(1); return a is b", "x = []\nassert f(x, x) and x == [1]", problem.Accepted, ""},
		{"links the arguments", "def f(a, b): a.append(b)", "a, b = [], []\nf(a, b)\nassert a[0] is b", problem.Accepted, ""},
		{"types stay", "def f(x): return x", "for x in (1, 1.0, True, None, 'a', b'a', (1, [2]), {1}, frozenset({1}), {1: (2,)}, 1j, ..., range(3), -0.0, 10**50, '\\ud800', {'$': 1}, int, len, slice(1, 2)):\n y = f(x)\n assert type(y) is type(x) and y == x and repr(y) == repr(x)", problem.Accepted, ""},
		{"nan", "def f(x): return x", "assert f(float('nan')) != f(float('nan'))", problem.Accepted, ""},
		{"types of modules", "def f(x): return x", "import decimal, fractions, datetime, collections\nfor x in (decimal.Decimal('1.50'), fractions.Fraction(1, 3), datetime.date(2020, 1, 2), datetime.time(1, 2, fold=1), datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc), datetime.timedelta(1, 2, 3), collections.deque([1], 2), collections.Counter('aab'), collections.OrderedDict(b=1, a=2), collections.defaultdict(list, a=[1])):\n y = f(x)\n assert type(y) is type(x) and y == x and repr(y) == repr(x), (x, y)", problem.Accepted, ""},
		{"generators", "def f(x): return (i * 2 for i in x)", "assert sum(f(iter([1, 2]))) == 6\nassert next(f(x for x in [1])) == 2\nassert list(map(str, f({1: 2}.values()))) == ['4']", problem.Accepted, ""},
		{"views", "def f(x): return x.keys()", "assert f({'a': 1}) == {'a'}", problem.Accepted, ""},
		{"subclasses are what they hold", "class L(list): pass\nimport enum\nclass E(enum.IntEnum): A = 3\ndef f(x): return (L(x), E.A)", "assert f([1]) == ([1], 3) and type(f([])[0]) is list", problem.Accepted, ""},
		{"exceptions", "class Odd(KeyError): pass\ndef f(x):\n if x: raise Odd(x, [1])\n raise OSError(44, 'no')", "try: f(1)\nexcept KeyError as e: assert e.args == (1, [1])\nelse: assert 0\ntry: f(0)\nexcept FileNotFoundError as e: assert e.errno == 44", problem.Accepted, ""},
		{"an exception nobody expects", "def f(x): return 1 // x", "assert f(0) == 1", problem.RuntimeError, "ZeroDivisionError: integer division or modulo by zero"},
		{"ends the loop that calls it", "def f(x): raise StopIteration", "assert all(map(lambda x: f(x) == 1, [1]))", problem.RuntimeError, "RuntimeError: f raised StopIteration"},
		{"an exception is returned", "def f(x): return ValueError(x)", "e = f(1)\nassert type(e) is ValueError and e.args == (1,)", problem.Accepted, ""},
		{"an assertion of its own", "def f(x): assert x", "f(0)", problem.WrongAnswer, "AssertionError"},
		{"answers what is too deep to be passed on", "def f(x):\n for i in range(150): x = [x]\n return x", "f(f(f(1)))", problem.RuntimeError, "an argument of f cannot cross: it is nested deeper than 200"},
		{"answers what is too long to be passed on", "def f(x): return iter(range(600_000))", "import itertools\nf(itertools.chain(f(1), f(1)))", problem.RuntimeError, "an argument of f cannot cross: it has more than 1048576 items"},
		{"wrong", "def f(x): return x", "assert f(1) == 2, 'not two'", problem.WrongAnswer, "AssertionError: not two"},
		{"other functions", "def g(x): return x + 1\ndef f(x): return g(x)", "assert g(f(1)) == 3", problem.Accepted, ""},
		{"one function to the other", "def g(x): return x + 1\ndef f(h, x): return h(x)", "assert f(g, 1) == 2", problem.Accepted, ""},
		{"functions of Python", "def f(h, x): return h(x)", "assert f(len, 'ab') == 2 and f(int, '3') == 3", problem.Accepted, ""},
		{"unittest", "def f(x): return x", "import unittest\nclass T(unittest.TestCase):\n def test(self): self.assertEqual(f([1]), [1])\nassert unittest.TextTestRunner().run(unittest.defaultTestLoader.loadTestsFromTestCase(T)).wasSuccessful()", problem.Accepted, ""},
		{"calls out of functions and classes", "def f(x): return x\ndef g(): return 5", "def t():\n class A: a = g()\n return A.a + f(1)\nassert t() == 6 and [g() for _ in range(2)] == [5, 5]", problem.Accepted, ""},
		{"much", "def f(x): return x[::-1]", "a = list(range(100000))\nassert f(a) == a[::-1] and f('é' * 10**6)[0] == 'é'", problem.Accepted, ""},
		{"often", "def f(x): return x", "for i in range(2000): assert f(i) == i", problem.Accepted, ""},
		{"state stays", "n = 0\ndef f():\n global n\n n += 1\n return n", "assert (f(), f()) == (1, 2)", problem.Accepted, ""},
		{"prints", "def f(x): print('a' * 1000); return x", "assert f(1) == 1", problem.Accepted, ""},
		{"no tests", "def f(x): return x", "", problem.Accepted, ""},
		{"a module that tests forgot", "def f(x): return x", "assert f(math.pi) > 3", problem.Accepted, ""},
		{"not there", "def g(x): return x", "assert f(1) == 1", problem.RuntimeError, "f is not defined"},
		{"no function", "f = 3", "assert f(1) == 1", problem.RuntimeError, "f is not callable, it is a value of type int"},
		{"no Python", "def f(", "assert f(1) == 1", problem.CompileError, "SyntaxError: '(' was never closed"},
		{"broken", "1 / 0", "assert 1", problem.RuntimeError, "ZeroDivisionError: division by zero"},
		{"loops", "def f(x):\n while True: pass", "assert f(1) == 1", problem.TimeLimitExceeded, "time limit: the work is used up"},
		{"sleeps", "import time\ndef f(x): time.sleep(100)", "assert f(1) == 1", problem.TimeLimitExceeded, "time limit: slept too long"},
		{"floods", "def f(x):\n while True: print('a' * 1000)", "assert f(1) == 1", problem.OutputLimitExceeded, "output limit"},
		{"takes all memory", "def f(x): a.append(bytearray(10**9))\na = []", "assert f(1) == 1", problem.MemoryLimitExceeded, "MemoryError"},
		{"a class of its own", "class Odd(Exception): pass\ndef f(x): raise Odd(x)", "f(1)", problem.RuntimeError, "Odd: 1"},
		{"tests that are no Python", "def f(x): return x", "assert f(", problem.Unknown, "the problem's tests do not compile: SyntaxError: '(' was never closed"},
		{"tests that look at the function", "def f(x): return x", "assert f.__code__", problem.Unknown, "the problem cannot be judged split: the tests use f.__code__, and only calls cross"},
		{"tests that give an object", "def f(x): return x", "class A: pass\nf(A())", problem.Unknown, "the problem cannot be judged split: an argument of f cannot cross: a value of type A cannot cross"},
		{"tests that give a cycle", "def f(x): return x", "a = []; a.append(a); f(a)", problem.Unknown, "the problem cannot be judged split: an argument of f cannot cross: it holds itself"},
		{"an object cannot cross", "class A: pass\ndef f(x): return A()", "f(1)", problem.RuntimeError, "what f returned cannot cross: a value of type A cannot cross"},
		{"tests that catch all cannot catch that", "class A: pass\ndef f(x): return A()", "try: f(1)\nexcept BaseException: pass", problem.RuntimeError, "what f returned cannot cross: a value of type A cannot cross"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := v.Verify(t.Context(), splitProblem(c.tests), problem.Program(c.program), false)
			check(t, d, err, c.want)
			if got := d.Message + d.Error; got != c.message {
				t.Errorf("got message %q, want %q", got, c.message)
			}
		})
	}
}

// TestSplitPrompt: what the prompt defines before the entry point is there for the tests, from the prompt.
func TestSplitPrompt(t *testing.T) {
	v := realVerifier(t)
	p := splitProblem("assert twice(f(2)) == 6\nassert math.floor(2.5) == 2")
	p.Prompt = "import math\n\ndef twice(x):\n    return 2 * x\n\ndef f(x):\n    \"\"\"x + 1\"\"\"\n"
	d, err := v.Verify(t.Context(), p, problem.Completion("    return x + 1\n"), false)
	check(t, d, err, problem.Accepted)
	d, err = v.Verify(t.Context(), p, problem.Program("twice = lambda x: 6\ndef f(x): return 1"), false)
	check(t, d, err, problem.WrongAnswer)
	p.Prompt = "import nothing\ndef f(x):\n    pass\n"
	d, err = v.Verify(t.Context(), p, problem.Program("def f(x): return x + 1"), false)
	check(t, d, err, problem.Unknown)
}

// TestSplitFallback: problem and reference alone say how samples are judged, once for all of them.
func TestSplitFallback(t *testing.T) {
	const node = "class A:\n def __init__(s, x): s.x = x\ndef f(x): return A(x)"
	reference := problem.Program(node)
	wrong := "def f(x): return ValueError(x)"
	for _, c := range []struct {
		name, fallback string
		reference      *problem.Sample
		tests          string
		program        string
		want           problem.Status
		text, note     string
	}{
		{"values that cannot cross", "", &reference, "assert f(1).x == 1", node, problem.Unknown, "the problem cannot be judged split: what f returned cannot cross: a value of type A cannot cross", ""},
		{"of a sample that could", "", &reference, "assert f(1).x == 1", wrong, problem.Unknown, "the problem cannot be judged split: what f returned cannot cross: a value of type A cannot cross", ""},
		{"shared", problem.Shared, &reference, "assert f(1).x == 1", node, problem.Accepted, "", "judged in one interpreter: what f returned cannot cross: a value of type A cannot cross"},
		{"shared for all", problem.Shared, &reference, "assert f(1).x == 1", wrong, problem.RuntimeError, "AttributeError: 'ValueError' object has no attribute 'x'", "judged in one interpreter: what f returned cannot cross: a value of type A cannot cross"},
		{"no reference", problem.Shared, nil, "assert f(1).x == 1", node, problem.RuntimeError, "what f returned cannot cross: a value of type A cannot cross", ""},
		{"arguments", problem.Shared, new(problem.Program("def f(g): return g(1)")), "assert f(lambda x: x) == 1", "def f(g): return g(1)", problem.Accepted, "", "judged in one interpreter: an argument of f cannot cross: a value of type function cannot cross"},
		{"attributes", problem.Shared, new(problem.Program("def f(x): return x\nf.y = 3")), "assert f.y == 3", "def f(x): 1\nf.y = 3", problem.Accepted, "", "judged in one interpreter: the tests use f.y, and only calls cross"},
		{"a global", problem.Shared, new(problem.Program("X = 3")), "assert X == 3", "X = 3", problem.Accepted, "", "judged in one interpreter: its reference is accepted in one interpreter, and not split: wrong_answer: AssertionError"},
		{"a reference that crosses", problem.Shared, new(problem.Program("def f(x): return x")), "assert f(1) == 1", node, problem.RuntimeError, "what f returned cannot cross: a value of type A cannot cross", ""},
		{"a reference that is none", problem.Shared, new(problem.Program("def f(x): return 2")), "assert f(1) == 1", "def f(x): return x", problem.Accepted, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := splitProblem(c.tests)
			p.Reference, p.Check.Fallback = c.reference, c.fallback
			v := realVerifier(t)
			d, err := v.Verify(t.Context(), p, problem.Program(c.program), false)
			check(t, d, err, c.want)
			if got := d.Message + d.Error; got != c.text || d.Note != c.note {
				t.Errorf("got message %q and note %q, want %q and %q", got, d.Note, c.text, c.note)
			}
			runs := v.Stats().Executed
			if d, err = v.Verify(t.Context(), p, problem.Program(c.program+"\n"), false); d.Status != c.want || v.Stats().Executed > runs+1 {
				t.Errorf("another sample: %v, %s, %d more runs", err, d.Status, v.Stats().Executed-runs)
			}
		})
	}
}

// TestSplitReplay: a verdict is made again, the same, from what is kept of it.
func TestSplitReplay(t *testing.T) {
	v := realVerifier(t)
	p := splitProblem("assert g(f(1)) == 4")
	p.Prompt = "def g(x):\n    return 2 * x\n\ndef f(x):\n    pass\n"
	p.Reference = new(problem.Program("def f(x): return x + 1"))
	q := callsProblem("", problem.Case{Args: raw("[1]"), Want: raw("null")}, calling("[2]", "(2,)"))
	q.Check.Checker = &problem.Code{Source: "def check(args, kwargs, want, got): return want == got"}
	for _, c := range []struct {
		*problem.Problem
		program string
	}{{p, "def f(x): return x + 1"}, {p, "def f(x): return x"}, {q, "def f(x): return (x,) if x > 1 else None"}, {q, "def f(x): return x"}} {
		d, err := v.Verify(t.Context(), c.Problem, problem.Program(c.program), false)
		if err != nil || d.Status == problem.Unknown {
			t.Fatal(err, d)
		}
		if again, err := v.Replay(t.Context(), d.Key); err != nil || !again.Same || again.Status != d.Status {
			t.Errorf("%s: %v, %+v", c.program, err, again)
		}
	}
}
