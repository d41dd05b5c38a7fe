package verify

import (
	"reflect"
	"strings"
	"testing"

	"borel/problem"
)

// guessing lets the program guess the number of the input, in ten turns.
const guessing = `
import sys
secret = int(open(sys.argv[1]).read())
assert open(sys.argv[2]).read() == "answer", "the expected output is not there"
for turn in range(10):
    line = sys.stdin.readline()
    if not line:
        print("left after", turn, "turns", file=sys.stderr)
        sys.exit(1)
    guess = int(line)
    if guess == secret:
        print("yes", flush=True)
        sys.exit(0)
    print("more" if guess < secret else "less", flush=True)
print("points 0.5 too many turns", file=sys.stderr)
sys.exit(7)
`

const bisect = `
low, high = 1, 100
while True:
    n = (low + high) // 2
    print(n, flush=True)
    said = input()
    if said == "yes": break
    if said == "more": low = n + 1
    else: high = n - 1
`

func TestInteractor(t *testing.T) {
	v := realVerifier(t)
	for _, c := range []struct {
		name, program, interactor string
		want                      problem.Status
		message                   string // part of it, or of the error
		points                    float64
	}{
		{"right", bisect, guessing, problem.Accepted, "", 1},
		{"right at once", "print(42)", guessing, problem.Accepted, "", 1},
		{"input() flushes", "print(50)\nif input() == 'less': print(42)", guessing, problem.Accepted, "", 1},
		{"sees nothing of it", "import os, sys\nprint(42 if sorted(os.listdir('.')) == ['main.py'] and sys.argv == ['main.py'] else 0)", guessing, problem.Accepted, "", 1},
		{"partly right", "import sys\nfor i in range(10): print(i, flush=True); sys.stdin.readline()", guessing, problem.WrongAnswer, "case 0: partially correct: points 0.5 too many turns", 0.5},
		{"leaves early", "print(1, flush=True)", guessing, problem.WrongAnswer, "case 0: left after 1 turns", 0},
		{"silent", "", guessing, problem.WrongAnswer, "case 0: left after 0 turns", 0},
		{"closes its output", "import sys, os; os.close(1); sys.stdin.read()", guessing, problem.WrongAnswer, "case 0: left after 0 turns", 0},
		{"waits", "input()", guessing, problem.TimeLimitExceeded, "case 0: program and interactor wait for each other", 0},
		{"waits with what it has to say", "import sys\nprint(42)\nsys.stdin.readline()", guessing, problem.TimeLimitExceeded, "wait for each other", 0},
		{"waits, and would then fail", "try: input()\nexcept BaseException: print(42)", guessing, problem.TimeLimitExceeded, "wait for each other", 0},
		{"does not compile", "print(", guessing, problem.CompileError, "SyntaxError", 0},
		{"crashes", "print(1, flush=True)\n1/0", guessing, problem.RuntimeError, "case 0: ZeroDivisionError: division by zero; the interactor: left after 1 turns", 0},
		{"crashes when it is right", "print(42, flush=True)\n1/0", guessing, problem.RuntimeError, "case 0: ZeroDivisionError: division by zero", 0},
		{"leaves with a code when it is right", "import sys\nprint(42, flush=True)\nsys.exit(3)", guessing, problem.RuntimeError, "exited with code 3", 0},
		{"reads on when it is right", "print(42)\ninput()\ninput()", guessing, problem.RuntimeError, "EOFError", 0},
		{"writes on when it is right", "print(42)\ninput()\nprint('x' * 100000)", guessing, problem.Accepted, "", 1},
		{"loops", "while True: pass", guessing, problem.TimeLimitExceeded, "time limit", 0},
		{"sleeps", "import time; time.sleep(100)", guessing, problem.TimeLimitExceeded, "time limit", 0},
		{"takes memory", "bytes(10**9)", guessing, problem.MemoryLimitExceeded, "memory limit", 0},
		{"floods", "while True: print(1)", guessing, problem.OutputLimitExceeded, "output limit; the interactor: partially correct", 0},
		{"floods a listener", "while True: print('x' * 1000)", "import sys; sys.stdin.read()", problem.OutputLimitExceeded, "output limit", 0},
		{"breaks", "import os; os.abort()", guessing, problem.RuntimeError, "the interpreter broke", 0},

		// The interactor cannot read what the program wrote.
		{"unreadable", "print('x')", guessing, problem.WrongAnswer, "case 0: the interactor failed on what the program wrote: ValueError", 0},
		{"not UTF-8", "import os; os.write(1, b'\\xff\\n')", guessing, problem.WrongAnswer, "the interactor failed on what the program wrote: ValueError", 0},
		{"silent, and that makes it fail", "", "n = int(input())", problem.WrongAnswer, "the interactor failed on what the program wrote: EOFError", 0},
		{"endless digits", "print('1' * 60000)", "import sys; n = int(input()); sys.exit(eval('9**9**9'))", problem.WrongAnswer, "the interactor failed on what the program wrote", 0},
		{"gone before the last word", "print(1)", "input(); print('yes', flush=True); print('bye')", problem.Accepted, "", 1},

		// The interactor fails by itself.
		{"interactor does not compile", "print(1)", "print(", problem.Unknown, "case 0: the problem's interactor failed: SyntaxError", 0},
		{"interactor raises", "print(1)", "1/0", problem.Unknown, "ZeroDivisionError: division by zero, and beside a program that only listens", 0},
		{"interactor raises, the program reads", "input()", "1/0", problem.Unknown, "ZeroDivisionError", 0},
		{"interactor loops", "print(1)", "while True: pass", problem.Unknown, "time limit", 0},
		{"interactor sleeps", "input()", "import time; time.sleep(100)", problem.Unknown, "time limit", 0},
		{"interactor floods", "while True: input()", "while True: print('x' * 1000)", problem.Unknown, "output limit", 0},
		{"interactor takes memory", "print(1)", "bytes(10**9)", problem.Unknown, "memory limit", 0},
		{"interactor breaks", "print(1)", "import os; os.abort()", problem.Unknown, "the interpreter broke", 0},
		{"interactor says so", "print(1)", "import sys; input(); print('no such case', file=sys.stderr); sys.exit(3)", problem.Unknown, "exit code 3: no such case", 0},
		{"interactor's code", "print(1)", "import sys; sys.exit(99)", problem.Unknown, "exit code 99", 0},
		{"interactor does not listen", "print(1)", "pass", problem.Accepted, "", 1},
		{"interactor rejects at once", "print(1)", "import sys; sys.exit('never')", problem.WrongAnswer, "case 0: never", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := problem.Problem{
				Check:  problem.Check{Kind: problem.KindStdio, Interactor: &problem.Code{Source: c.interactor}, Cases: []problem.Case{{Stdin: "42", Stdout: "answer"}}},
				Limits: problem.Limits{Seconds: 1, OutputKB: 512, Files: 50},
			}
			d := verifyReal(t, v, &p, c.program)
			check(t, d, nil, c.want)
			if !strings.Contains(d.Message+d.Error, c.message) || (c.want == problem.Accepted) != (d.Message+d.Error == "") {
				t.Errorf("got message %q, error %q, want %q in it", d.Message, d.Error, c.message)
			}
			if c.want != problem.Unknown && (*d.Points != c.points || d.Cases[0].Points != c.points) {
				t.Errorf("got points %v and cases %+v, want %v", *d.Points, d.Cases, c.points)
			}
		})
	}
}

// The same conversation takes place whenever it is had, and each case has one of its own.
func TestInteractorDeterminism(t *testing.T) {
	v := realVerifier(t)
	p := problem.Problem{Check: problem.Check{Kind: problem.KindStdio, AllCases: true, Interactor: &problem.Code{Source: guessing}}}
	for _, secret := range []string{"1", "42", "50", "100"} {
		p.Check.Cases = append(p.Check.Cases, problem.Case{Stdin: secret, Stdout: "answer"})
	}
	first, err := v.Verify(t.Context(), &p, problem.Program(bisect), true)
	check(t, first, err, problem.Accepted)
	if got := v.Stats().Executed; got != 4 {
		t.Errorf("%d runs, want one for each case", got)
	}
	for range 3 {
		again, err := v.Verify(t.Context(), &p, problem.Program(bisect), true)
		check(t, again, err, problem.Accepted)
		if !reflect.DeepEqual(again, first) {
			t.Errorf("got  %+v\nwant %+v", again, first)
		}
	}
	r, err := v.Replay(t.Context(), first.Key)
	if err != nil || !r.Same {
		t.Errorf("replay: %+v, %v", r, err)
	}
	if first.Cases[0].Fuel == first.Cases[1].Fuel {
		t.Errorf("two conversations take the same work: %+v", first.Cases)
	}
}
