package verify

import (
	"strings"
	"testing"

	"borel/problem"
)

// verifyReal has one program judged by Python, twice: the second time from the cache, which must say the same.
func verifyReal(t *testing.T, v *Verifier, p *problem.Problem, program string) problem.Verdict {
	t.Helper()
	d, err := v.Verify(t.Context(), p, problem.Program(program), false)
	if err != nil {
		t.Fatal(err)
	}
	again, err := v.Verify(t.Context(), p, problem.Program(program), false)
	if err != nil {
		t.Fatal(err)
	}
	if d.Status != again.Status || d.Message != again.Message || d.Behaviour != again.Behaviour || d.Fuel != again.Fuel || len(d.Cases) != len(again.Cases) {
		t.Errorf("from the cache:\ngot  %+v\nwant %+v", again, d)
	}
	if want := d.Status != problem.Unknown; again.Cached != want {
		t.Errorf("%s: the second time cached is %v, want %v", d.Status, again.Cached, want)
	}
	return d
}

func TestUnit(t *testing.T) {
	v := realVerifier(t)
	const tests = "import os\nassert f() == 5, 'not five'\n"
	for _, c := range []struct {
		name, program, tests string
		want                 problem.Status
		message              string // part of it
	}{
		{"right", "def f(): return 5", tests, problem.Accepted, ""},
		{"wrong", "def f(): return 4", tests, problem.WrongAnswer, "AssertionError: not five"},
		{"raises", "def f(): 1/0", tests, problem.RuntimeError, "ZeroDivisionError: division by zero"},
		{"raises before the tests", "1/0", tests, problem.RuntimeError, "ZeroDivisionError"},
		{"not defined", "", tests, problem.RuntimeError, "NameError: name 'f' is not defined"},
		{"syntax", "def f(:", tests, problem.CompileError, "SyntaxError: invalid syntax"},
		{"NUL", "def f(): return 5\x00", tests, problem.CompileError, "null bytes"},
		{"undecodable", "x = '\xff'\ndef f(): return 5", tests, problem.CompileError, "SyntaxError"},
		{"loops", "def f():\n  while True: pass", tests, problem.TimeLimitExceeded, "time limit"},
		{"sleeps", "import time\ndef f(): time.sleep(1e6)", tests, problem.TimeLimitExceeded, "time limit: slept"},
		{"memory", "def f(): return bytes(10**9)", tests, problem.MemoryLimitExceeded, "memory limit"},
		{"output", "def f():\n  while True: print('x' * 1000)", tests, problem.OutputLimitExceeded, "output limit"},
		{"files", "def f():\n  for i in range(99): open(str(i), 'w').close()", tests, problem.RuntimeError, "file limit"},
		{"breaks the interpreter", "import os\ndef f(): os.abort()", tests, problem.RuntimeError, "the interpreter broke"},
		{"no tests", "print(1)", "", problem.Accepted, ""},
		{"no tests, fails", "assert False", "", problem.WrongAnswer, "AssertionError"},

		// Leaving early is not passing.
		{"sys.exit before", "import sys; sys.exit(0)", tests, problem.RuntimeError, "exit code 0 before the tests were done"},
		{"os._exit before", "import os; os._exit(0)", tests, problem.RuntimeError, "exit code 0"},
		{"exit before, no tests", "exit()", "", problem.RuntimeError, "exit code 0"},
		{"exit in f", "def f(): exit()", tests, problem.RuntimeError, "exit code 0"},
		{"quit in f", "def f(): quit(0)", tests, problem.RuntimeError, "exit code 0"},
		{"SystemExit in f", "def f(): raise SystemExit", tests, problem.RuntimeError, "exit code 0"},
		{"os._exit in f", "import os\ndef f(): os._exit(0)", tests, problem.RuntimeError, "exit code 0"},
		{"a forged exit code", "import os\ndef f(): os._exit(0xefffffff - 2**32)", tests, problem.RuntimeError, "exit code 255"},
		{"in a comparison", "import os\nclass A:\n  def __eq__(self, o): os._exit(0)\ndef f(): return A()", tests, problem.RuntimeError, "exit code 0"},
		{"at the end", "import os, atexit\natexit.register(os._exit, 0)\ndef f(): return 4", tests, problem.RuntimeError, "exit code 0"},
		{"from the excepthook", "import sys\nsys.excepthook = lambda *a: sys.exit(0)\ndef f(): return 4", tests, problem.RuntimeError, "exit code 0"},
		{"a quiet excepthook", "import sys\nsys.excepthook = lambda *a: None\ndef f(): return 4", tests, problem.WrongAnswer, ""},
		{"from a finalizer", "import os\nclass A:\n  def __del__(self): os._exit(0)\ndef f(): A()", tests, problem.RuntimeError, "exit code 0"},
		{"by a trace function", "import sys, os\nsys.settrace(lambda f, *a: os._exit(0) if f.f_code.co_filename.endswith('tests.py') else None)\ndef f(): return 4", tests, problem.RuntimeError, "exit code 0"},
		{"by an import", "import sys\nclass F:\n  def find_spec(*a): sys.exit(0)\nsys.modules.pop('os'); sys.meta_path.insert(0, F())", tests, problem.RuntimeError, "exit code 0"},
		{"interrupted", "def f(): raise KeyboardInterrupt", tests, problem.RuntimeError, "KeyboardInterrupt"},

		// Tests that do not compile are the problem's fault, unless the program made them so.
		{"broken tests", "def f(): return 5", "assert f( == 5", problem.Unknown, ""},
		{"broken tests of a broken program", "1/0", "assert f( == 5", problem.RuntimeError, "ZeroDivisionError"},
		{"warnings made errors", "import warnings\nwarnings.simplefilter('error')\ndef f(): return 4", `assert f() == '\d'`, problem.RuntimeError, "SyntaxError"},
		{"fewer digits", "import sys\nsys.set_int_max_str_digits(640)\ndef f(): return 4", "assert f() == " + strings.Repeat("1", 1000), problem.RuntimeError, "SyntaxError"},
		{"a SyntaxError of its own", "def f(): raise SyntaxError('x')", tests, problem.RuntimeError, "SyntaxError: x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := problem.Problem{Check: problem.Check{Kind: problem.KindUnit, Tests: c.tests}, Limits: problem.Limits{Seconds: 1, OutputKB: 64, Files: 50}}
			d := verifyReal(t, v, &p, c.program)
			check(t, d, nil, c.want)
			if !strings.Contains(d.Message, c.message) {
				t.Errorf("got message %q, want %q in it", d.Message, c.message)
			}
			if c.want == problem.Unknown && !strings.Contains(d.Error, "the problem's tests do not compile") {
				t.Errorf("got error %q", d.Error)
			}
			if (c.want == problem.Accepted) != (d.Message == "") && c.name != "a quiet excepthook" && c.want != problem.Unknown {
				t.Errorf("%s with message %q", d.Status, d.Message)
			}
		})
	}
}

func TestStdio(t *testing.T) {
	v := realVerifier(t)
	double := []problem.Case{{Stdin: "1\n", Stdout: "2\n"}, {Stdin: "2\n", Stdout: "4\n"}, {Stdin: "3\n", Stdout: "6\n"}}
	for _, c := range []struct {
		name, program string
		all           bool
		want          problem.Status
		message       string // part of it
		cases         string // first letter of each case's status
	}{
		{"right", "print(int(input()) * 2)", false, problem.Accepted, "", "aaa"},
		{"all right", "print(int(input()) * 2)", true, problem.Accepted, "", "aaa"},
		{"the second is wrong", "n = int(input())\nprint(n * 2 + (n == 2))", false, problem.WrongAnswer, "case 1: ", "aw"},
		{"all asked for", "n = int(input())\nprint(n * 2 + (n == 2))", true, problem.WrongAnswer, "case 1: ", "awa"},
		{"two kinds of wrong", "n = int(input())\nprint(n * 2 + (n == 2))\nassert n < 3", true, problem.WrongAnswer, "case 1: ", "awr"},
		{"right, then raises", "print(int(input()) * 2)\n1/0", false, problem.RuntimeError, "case 0: ZeroDivisionError", "r"},
		{"right, then an assertion", "print(int(input()) * 2)\nassert False", false, problem.RuntimeError, "case 0: AssertionError", "r"},
		{"right, then sys.exit(0)", "import sys\nprint(int(input()) * 2)\nsys.exit(0)", false, problem.Accepted, "", "aaa"},
		{"right, then sys.exit()", "import sys\nprint(int(input()) * 2)\nsys.exit()", false, problem.Accepted, "", "aaa"},
		{"right, then os._exit(0)", "import os\nprint(int(input()) * 2, flush=True)\nos._exit(0)", false, problem.Accepted, "", "aaa"},
		{"right, then sys.exit(1)", "import sys\nprint(int(input()) * 2)\nsys.exit(1)", false, problem.RuntimeError, "case 0: exited with code 1", "r"},
		{"right, then sys.exit with a text", "import sys\nprint(int(input()) * 2)\nsys.exit('bye')", false, problem.RuntimeError, "exited with code 1", "r"},
		{"right, then os._exit(1)", "import os\nprint(int(input()) * 2, flush=True)\nos._exit(1)", false, problem.RuntimeError, "exited with code 1", "r"},
		{"left before it was flushed", "import os\nprint(int(input()) * 2)\nos._exit(0)", false, problem.WrongAnswer, "case 0", "w"},
		{"right, then loops", "print(int(input()) * 2, flush=True)\nwhile True: pass", false, problem.TimeLimitExceeded, "case 0: time limit", "t"},
		{"right, then loops at the end", "import atexit\ndef loop():\n  while True: pass\natexit.register(loop)\nprint(int(input()) * 2, flush=True)", false, problem.TimeLimitExceeded, "case 0: time limit", "t"},
		{"right, then breaks", "import os\nprint(int(input()) * 2, flush=True)\nos.abort()", false, problem.RuntimeError, "the interpreter broke", "r"},
		{"sleeps", "import time\ntime.sleep(100)", false, problem.TimeLimitExceeded, "slept", "t"},
		{"memory", "bytes(10**9)", false, problem.MemoryLimitExceeded, "memory limit", "m"},
		{"output", "while True: print('x' * 1000)", false, problem.OutputLimitExceeded, "output limit", "o"},
		{"files", "for i in range(99): open(str(i), 'w').close()", false, problem.RuntimeError, "file limit", "r"},
		{"does not compile", "print(", false, problem.CompileError, "SyntaxError", "c"},
		{"does not compile, all asked for", "print(", true, problem.CompileError, "case 0: SyntaxError", "ccc"},
		{"empty", "", false, problem.WrongAnswer, "case 0", "w"},
		{"reads past the end", "input(); input()", false, problem.RuntimeError, "EOFError", "r"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := problem.Problem{
				Check:  problem.Check{Kind: problem.KindStdio, Cases: double, AllCases: c.all},
				Limits: problem.Limits{Seconds: 1, OutputKB: 64, Files: 50},
			}
			d := verifyReal(t, v, &p, c.program)
			check(t, d, nil, c.want)
			if !strings.Contains(d.Message, c.message) || (c.want == problem.Accepted) != (d.Message == "") {
				t.Errorf("got message %q, want %q in it", d.Message, c.message)
			}
			cases := ""
			var fuel int64
			for _, k := range d.Cases {
				cases += string(k.Status[:1])
				fuel += k.Fuel
				if (k.Status == problem.Accepted) != (k.Message == "") {
					t.Errorf("a case is %s with message %q", k.Status, k.Message)
				}
			}
			if cases != c.cases || fuel != d.Fuel {
				t.Errorf("got cases %s using %d in all, want %s using %d", cases, fuel, c.cases, d.Fuel)
			}
		})
	}
}

// The expected output never enters a sandbox, and neither do the tests before the program has run.
func TestNothingToReadThere(t *testing.T) {
	v := realVerifier(t)
	p := problem.Problem{Check: problem.Check{Kind: problem.KindStdio, Cases: []problem.Case{{Stdin: "in", Stdout: "SECRET"}}}}
	look := "import os, gc, sys\nfor d, _, names in os.walk('/'):\n  for n in names:\n    if d.startswith(('/sandbox', '/tmp')): print(d, n, open(d + '/' + n, 'rb').read())\nprint(sys.argv, sys.stdin.read())\n"
	r, err := v.Run(t.Context(), problem.RunRequest{Source: look})
	if err != nil || !strings.Contains(r.Stdout, "main.py") || strings.Contains(r.Stdout, "tests.py") {
		t.Errorf("got %s%s, %v", r.Stdout, r.Stderr, err)
	}
	d := verifyReal(t, v, &p, "import gc\nprint('SEC' + 'RET' if any(s == 'SECR' + 'ET' for s in map(str, gc.get_objects())) else '')\n")
	check(t, d, nil, problem.WrongAnswer)
}
