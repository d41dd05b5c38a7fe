package verify

import (
	"strings"
	"testing"

	"borel/problem"
)

// permutation accepts the numbers of the input in any order, and half of them for half of the points.
const permutation = `
import sys
i, o, a = (open(p).read().split() for p in sys.argv[1:4])
if sorted(i) == sorted(o):
    sys.exit(0)
if o and set(o) <= set(i):
    print(f"points {len(set(o)) / len(i)} {len(set(o))} of {len(i)}", file=sys.stderr)
    sys.exit(7)
print("not a permutation", file=sys.stderr)
print("noise")
sys.exit(1)
`

func TestChecker(t *testing.T) {
	v := realVerifier(t)
	const echo = "print(input())"
	for _, c := range []struct {
		name, program, checker string
		want                   problem.Status
		message                string // part of it, or of the error
		points                 float64
	}{
		{"right", "print(*sorted(input().split()))", permutation, problem.Accepted, "", 1},
		{"right in another order", "print(*reversed(input().split()))", permutation, problem.Accepted, "", 1},
		{"wrong", "print(9)", permutation, problem.WrongAnswer, "case 0: not a permutation", 0},
		{"partly right", "print(input().split()[0])", permutation, problem.WrongAnswer, "case 0: partially correct: points 0.5 1 of 2", 0.5},
		{"nothing printed", "", permutation, problem.WrongAnswer, "case 0: not a permutation", 0},
		{"the program fails", "print(input())\n1/0", permutation, problem.RuntimeError, "case 0: ZeroDivisionError", 0},
		{"the program leaves", "print(input())\nimport sys; sys.exit(3)", permutation, problem.RuntimeError, "exited with code 3", 0},
		{"the program leaves late", "print(input())\nimport os, atexit; atexit.register(os._exit, 3)", permutation, problem.RuntimeError, "exited with code 3", 0},

		{"no message", echo, "import sys; sys.exit(1)", problem.WrongAnswer, "case 0: the checker says no", 0},
		{"message on stdout", echo, "import sys; print(); print('why'); sys.exit(1)", problem.WrongAnswer, "case 0: why", 0},
		{"sys.exit with a text", echo, "import sys; sys.exit('why')", problem.WrongAnswer, "case 0: why", 0},
		{"presentation error", echo, "import sys; sys.exit(2)", problem.WrongAnswer, "the checker says no", 0},
		{"dirt", echo, "import os; os._exit(4)", problem.WrongAnswer, "the checker says no", 0},
		{"unexpected end", echo, "import os; os._exit(8)", problem.WrongAnswer, "the checker says no", 0},
		{"accepts at the end", echo, "pass", problem.Accepted, "", 1},
		{"rejects while leaving", echo, "import os, atexit; atexit.register(os._exit, 1)", problem.WrongAnswer, "the checker says no", 0},
		{"all points", echo, "import sys; print('1.0'); sys.exit(7)", problem.Accepted, "", 1},
		{"no points", echo, "import sys; print('points 0 none'); sys.exit(7)", problem.WrongAnswer, "points 0 none", 0},
		{"a bare number", echo, "import sys; print('.25'); sys.exit(7)", problem.WrongAnswer, "partially correct: .25", 0.25},

		// What decides nothing, whatever is printed, is the problem's fault.
		{"points over 1", echo, "import sys; print('points 50'); sys.exit(7)", problem.Unknown, "case 0: the problem's checker failed: exit code 7", 0},
		{"negative points", echo, "import sys; print('points -1'); sys.exit(7)", problem.Unknown, "exit code 7", 0},
		{"points that are none", echo, "import sys; print('points nan'); sys.exit(7)", problem.Unknown, "exit code 7", 0},
		{"points without a number", echo, "import sys; sys.exit(7)", problem.Unknown, "exit code 7", 0},
		{"fails by itself", echo, "import sys; print('the answer is wrong'); sys.exit(3)", problem.Unknown, "exit code 3: the answer is wrong", 0},
		{"fails by itself, on this output only", "print(1)", "import sys; sys.exit(3 if open(sys.argv[2]).read() == '1\\n' else 0)", problem.Unknown, "exit code 3", 0},
		{"another exit code", echo, "import sys; sys.exit(99)", problem.Unknown, "exit code 99", 0},
		{"does not compile", echo, "import sys; sys.exit(", problem.Unknown, "SyntaxError", 0},
		{"raises", echo, "1/0", problem.Unknown, "ZeroDivisionError: division by zero, and on the expected output: ZeroDivisionError", 0},
		{"asserts", echo, "assert False", problem.Unknown, "AssertionError", 0},
		{"loops", echo, "while True: pass", problem.Unknown, "time limit", 0},
		{"sleeps", echo, "import time; time.sleep(100)", problem.Unknown, "time limit", 0},
		{"floods", echo, "while True: print('x' * 1000)", problem.Unknown, "output limit", 0},
		{"takes memory", echo, "bytes(10**9)", problem.Unknown, "memory limit", 0},
		{"takes files", echo, "for i in range(99): open(str(i), 'w').close()", problem.Unknown, "file limit", 0},
		{"breaks", echo, "import os; os.abort()", problem.Unknown, "the interpreter broke", 0},

		// What makes a sound checker decide nothing is the output's fault.
		{"unreadable", "print('x')", "import sys; sys.exit(int(open(sys.argv[2]).read().split()[0]) != 3)", problem.WrongAnswer, "case 0: the checker failed on what the program wrote: ValueError", 0},
		{"readable", "print(3)", "import sys; sys.exit(int(open(sys.argv[2]).read().split()[0]) != 3)", problem.Accepted, "", 1},
		{"not UTF-8", "import os; os.write(1, b'\\xff')", permutation, problem.WrongAnswer, "the checker failed on what the program wrote: UnicodeDecodeError", 0},
		{"a bomb", "print('9**9**9')", "import sys; eval(open(sys.argv[2]).read().replace(' ', '+')); sys.exit(0)", problem.WrongAnswer, "the checker failed on what the program wrote", 0},
		{"deep", "print('[' * 50000)", "import sys, json; json.loads('[' + open(sys.argv[2]).read().replace(' ', ',') + ']')", problem.WrongAnswer, "the checker failed on what the program wrote", 0},
		{"points of what is no number", "print('nan')", "import sys; print('points', float(open(sys.argv[2]).read().split()[0]) / 3); sys.exit(7)", problem.WrongAnswer, "the checker failed on what the program wrote: exit code 7", 0},
		{"a message that is forged", "print('points 1')", "import sys; print(open(sys.argv[2]).read(), file=sys.stderr); sys.exit(1)", problem.WrongAnswer, "case 0: points 1", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := problem.Problem{
				Check:  problem.Check{Kind: problem.KindStdio, Checker: &problem.Code{Source: c.checker}, Cases: []problem.Case{{Stdin: "3 1\n", Stdout: "3 1\n"}}},
				Limits: problem.Limits{Seconds: 1, OutputKB: 64, Files: 50},
			}
			d := verifyReal(t, v, &p, c.program)
			check(t, d, nil, c.want)
			if !strings.Contains(d.Message+d.Error, c.message) || (c.want == problem.Accepted) != (d.Message+d.Error == "") {
				t.Errorf("got message %q, error %q, want %q in it", d.Message, d.Error, c.message)
			}
			switch {
			case c.want == problem.Unknown:
				if d.Points != nil || d.Cases != nil {
					t.Errorf("unknown with points and cases: %+v", d)
				}
			case d.Points == nil || *d.Points != c.points || d.Cases[0].Points != c.points:
				t.Errorf("got points %v and cases %+v, want %v", d.Points, d.Cases, c.points)
			}
		})
	}
}

// A checker sees three files, byte for byte, and nothing else of the sample's.
func TestCheckerSees(t *testing.T) {
	v := realVerifier(t)
	p := problem.Problem{Check: problem.Check{Kind: problem.KindStdio, Cases: []problem.Case{{Stdin: "in\r\n\x00\xff", Stdout: "an\xfeswer"}}, Checker: &problem.Code{Language: "python", Source: `
import os, sys
want = {"input.txt": b"in\r\n\x00\xff", "output.txt": b"\xffout\r\n", "answer.txt": b"an\xfeswer", "main.py": open("main.py", "rb").read()}
got = {n: open(n, "rb").read() for n in os.listdir(".")}
if got != want or sys.argv != ["main.py", "input.txt", "output.txt", "answer.txt"] or sys.stdin.read() != "":
    sys.exit(f"{got} {sys.argv}")
`}}}
	d := verifyReal(t, v, &p, "import os; os.write(1, b'\\xffout\\r\\n'); open('left.txt', 'w').write('x')")
	check(t, d, nil, problem.Accepted)
}

// The files of a checker do not count towards the limits of the problem, which hold for what it makes itself.
func TestCheckerFiles(t *testing.T) {
	v := realVerifier(t)
	p := problem.Problem{
		Check: problem.Check{Kind: problem.KindStdio, Cases: []problem.Case{{Stdin: strings.Repeat("x", 3000), Stdout: strings.Repeat("y", 3000)}},
			Checker: &problem.Code{Source: "import sys; sys.exit([len(open(p).read()) for p in sys.argv[1:]] != [3000, 1000, 3000])"}},
		Limits: problem.Limits{Files: 1, FileKB: 1},
	}
	d := verifyReal(t, v, &p, "print('z' * 999)")
	check(t, d, nil, problem.Accepted)
}

// A changed checker runs itself, and the program no more; an unchanged one judges equal outputs once.
func TestChangedCheckerRunsCheckersOnly(t *testing.T) {
	v := realVerifier(t)
	verify := func(checker, program string) problem.Verdict {
		t.Helper()
		p := problem.Problem{Check: problem.Check{Kind: problem.KindStdio, AllCases: true, Checker: &problem.Code{Source: checker}, Cases: []problem.Case{{Stdin: "1"}, {Stdin: "2"}}}}
		d, err := v.Verify(t.Context(), &p, problem.Program(program), false)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		checker, program string
		want             problem.Status
		executed         int64 // in all
	}{
		{"pass", "print(input())", problem.Accepted, 4},
		{"pass", "print(input())", problem.Accepted, 4},
		{"import sys; sys.exit(1)", "print(input())", problem.WrongAnswer, 6},
		{"pass", "print(input().strip())", problem.Accepted, 8}, // its outputs were checked before
	} {
		before := v.Stats().Executed
		d := verify(c.checker, c.program)
		check(t, d, nil, c.want)
		if got := v.Stats().Executed; got != c.executed || d.Cached != (got == before) {
			t.Errorf("%s: %d runs in all, want %d; cached %v", c.checker, got, c.executed, d.Cached)
		}
	}
}

// Where nothing is expected there is nothing to try the checker on: what it cannot read is wrong, or printing nothing would
// make verdicts unknown.
func TestCheckerWithoutAnswer(t *testing.T) {
	v := realVerifier(t)
	for _, c := range []struct {
		program, checker string
		want             problem.Status
	}{
		{"print(*sorted(input().split()))", "import sys\ni,o,a=[open(p).read() for p in sys.argv[1:4]]\nsys.exit(0 if sorted(o.split())==sorted(i.split()) else 1)", problem.Accepted},
		{"print(1)", "import sys\ni,o,a=[open(p).read() for p in sys.argv[1:4]]\nsys.exit(0 if sorted(o.split())==sorted(i.split()) else 1)", problem.WrongAnswer},
		{"print('x')", "import sys\nsys.exit([int(x) for x in open(sys.argv[2])] != [1])", problem.WrongAnswer},
		{"print('x')", "int(open(__import__('sys').argv[2]).read())", problem.WrongAnswer},
		{"", "int(open(__import__('sys').argv[2]).read())", problem.WrongAnswer},
		{"print('x')", "import sys; sys.exit(", problem.Unknown},
		{"print('x')", "import sys; sys.exit(3)", problem.Unknown},
	} {
		p := problem.Problem{Check: problem.Check{Kind: problem.KindStdio, Checker: &problem.Code{Source: c.checker}, Cases: []problem.Case{{Stdin: "3 1 2\n"}}}}
		d := verifyReal(t, v, &p, c.program)
		check(t, d, nil, c.want)
	}
}
