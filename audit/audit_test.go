package audit_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"borel/audit"
	"borel/internal/real"
	"borel/problem"
	"borel/verify"
)

func verifier(t *testing.T) *verify.Verifier {
	t.Helper()
	return verify.New(verify.Config{Runner: real.Python(t), Runs: verify.NewMemory(256 << 20), Verdicts: verify.NewMemory(0)})
}

// unit is a problem whose tests are code.
func unit(reference, tests string) problem.Problem {
	s := problem.Program(reference)
	return problem.Problem{ID: "p", Reference: &s, Check: problem.Check{Kind: problem.KindUnit, Tests: tests}}
}

const larger = "def larger(a, b):\n    \"\"\"The larger one.\"\"\"\n    if a > b:\n        return a\n    return b\n"

// TestAudit: what is wrong with a problem is found, and nothing else.
func TestAudit(t *testing.T) {
	stdio := func(cases ...problem.Case) problem.Problem {
		s := problem.Program("print(int(input()) + 1)\n")
		return problem.Problem{ID: "p", Reference: &s, Check: problem.Check{Kind: problem.KindStdio, Cases: cases}}
	}
	slow := unit("def f():\n    for i in range(400_000): pass\n    return 1\n", "assert f() == 1\n")
	slow.Limits.Seconds = 0.01
	loops := unit("def f(x):\n    while True: pass\n", "assert f(1) == 2\n")
	loops.Limits.Seconds = 0.1
	none := unit("", "assert True\n")
	none.Reference = nil
	answer := problem.Text("so it is \\boxed{7}")
	for _, c := range []struct {
		name       string
		problem    problem.Problem
		issues     []audit.Issue
		quarantine bool
		status     problem.Status
		message    string // part of it
		survivor   string // change of the first one
	}{
		{"strong tests", unit(larger, "assert [larger(1, 2), larger(2, 1), larger(3, 3), larger(-1, 0)] == [2, 2, 3, 0]\n"), nil, false, problem.Accepted, "", "Gt → GtE"},
		{"no tests", unit(larger, "larger(1, 2)\n"), []audit.Issue{audit.Weak}, false, problem.Accepted, "", "condition negated"},
		{"a wrong reference", unit("def f(x): return x\n", "assert f(1) == 2\n"), []audit.Issue{audit.Rejected}, true, problem.WrongAnswer, "AssertionError", ""},
		{"a reference that loops", loops, []audit.Issue{audit.Rejected, audit.Tight}, true, problem.TimeLimitExceeded, "", ""},
		{"tests of the day", unit("def f(): return 1\n", "import datetime\nassert datetime.date.today().year == 2026 and f() == 1\n"), []audit.Issue{audit.Flaky}, true, problem.Accepted, "", ""},
		{"tests of the order of sets", unit("def f(): return list({'a', 'b', 'c', 'd', 'e'})\n", "assert f() == list('"+orderOfSet(t)+"')\n"), []audit.Issue{audit.Flaky}, true, problem.Accepted, "", ""},
		{"tests of randomness", unit("import random\ndef f(): return random.getrandbits(32)\n", "assert f() == "+firstRandom(t)+"\n"), []audit.Issue{audit.Flaky}, true, problem.Accepted, "", ""},
		{"tests that do not parse", unit(larger, "assert larger(1, 2 == 2\n"), []audit.Issue{audit.Unknown}, true, problem.Unknown, "do not compile", ""},
		{"a reference of which no mutants can be made", unit("def f(): return 1"+strings.Repeat("+1", 999)+"\n", "assert f() == 1000\n"), []audit.Issue{audit.Unmutated}, false, problem.Accepted, "mutants", ""},
		{"a slow reference", slow, []audit.Issue{audit.Tight}, false, problem.Accepted, "", ""},
		{"no reference", none, []audit.Issue{audit.NoReference}, false, "", "", ""},
		{"cases", stdio(problem.Case{Stdin: "1\n", Stdout: "2\n"}, problem.Case{Stdin: "4\n", Stdout: "5\n"}), nil, false, problem.Accepted, "", ""},
		{"equal cases", stdio(problem.Case{Stdin: "1\n", Stdout: "2\n"}, problem.Case{Stdin: "4\n", Stdout: "5\n"}, problem.Case{Stdin: "1\n", Stdout: "2\n"}), []audit.Issue{audit.Duplicate}, false, problem.Accepted, "", ""},
		{"a problem that is refused", stdio(), []audit.Issue{audit.Invalid}, true, "", "problem.check.cases: is empty", ""},
		{"an answer", problem.Problem{ID: "p", Reference: &answer, Check: problem.Check{Kind: problem.KindAnswer, Answer: "7"}}, nil, false, problem.Accepted, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := audit.Audit(t.Context(), verifier(t), &c.problem, audit.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(r.Issues, c.issues) || r.Quarantine() != c.quarantine || r.Reference != c.status || !strings.Contains(r.Message, c.message) {
				t.Errorf("got %s (%s), issues %q, quarantine %v; want %s (%s), %q, %v", r.Reference, r.Message, r.Issues, r.Quarantine(), c.status, c.message, c.issues, c.quarantine)
			}
			if c.survivor != "" && (len(r.Survivors) == 0 || r.Survivors[0].Change != c.survivor) {
				t.Errorf("survivors %+v, want %s first", r.Survivors, c.survivor)
			}
			if r.Mutants != r.Killed+len(r.Survivors)+r.Undecided {
				t.Errorf("%d mutants are not %d + %d + %d", r.Mutants, r.Killed, len(r.Survivors), r.Undecided)
			}
		})
	}
}

// printed is what a program prints where nothing is varied.
func printed(t *testing.T, source string) string {
	t.Helper()
	run, err := verifier(t).Run(t.Context(), problem.RunRequest{Source: source})
	if err != nil || run.ExitCode != 0 {
		t.Fatalf("%v %s", err, run.Stderr)
	}
	return strings.TrimSpace(run.Stdout)
}

func orderOfSet(t *testing.T) string {
	return printed(t, "print(*{'a', 'b', 'c', 'd', 'e'}, sep='')\n")
}

func firstRandom(t *testing.T) string {
	return printed(t, "import random\nprint(random.getrandbits(32))\n")
}

// TestAuditEnds: an audit ends with its context, and tells nothing then.
func TestAuditEnds(t *testing.T) {
	p := unit(larger, "assert larger(1, 2) == 2\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := audit.Audit(ctx, verifier(t), &p, audit.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's end", err)
	}
}
