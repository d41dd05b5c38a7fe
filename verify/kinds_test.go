package verify

import (
	"context"
	"encoding/json"
	"testing"

	"borel/problem"
)

// everyKind is a problem of each kind of check, with a right and a wrong sample.
var everyKind = []struct {
	name         string
	check        problem.Check
	prompt       string
	right, wrong problem.Sample
}{
	{"unit", problem.Check{Kind: problem.KindUnit, Tests: "assert f(1) == 2\n"}, "", problem.Program("def f(x): return x + 1\n"), problem.Program("def f(x): return x\n")},
	{"split", problem.Check{Kind: problem.KindUnit, Isolation: problem.Split, EntryPoint: "f", Tests: "assert f(one) == 2\n"}, "one = 1\ndef f(x):\n",
		problem.Completion("    return x + 1\n"), problem.Completion("    return x\n")},
	{"calls", problem.Check{Kind: problem.KindCalls, EntryPoint: "f", Cases: []problem.Case{{Args: []byte("[1]"), Want: []byte("2")}}}, "",
		problem.Program("def f(x): return x + 1\n"), problem.Program("def f(x): return x\n")},
	{"calls with a checker", problem.Check{Kind: problem.KindCalls, EntryPoint: "f", Checker: &problem.Code{Source: "def check(args, kwargs, want, got): return got > want\n"},
		Cases: []problem.Case{{Args: []byte("[1]"), Want: []byte("1")}}}, "", problem.Program("def f(x): return x + 1\n"), problem.Program("def f(x): return x\n")},
	{"stdio", problem.Check{Kind: problem.KindStdio, Cases: []problem.Case{{Stdin: "1\n", Stdout: "2\n"}}}, "", problem.Program("print(int(input()) + 1)\n"), problem.Program("print(1)\n")},
	{"stdio with a checker", problem.Check{Kind: problem.KindStdio, Checker: &problem.Code{Source: "import sys\nsys.exit(open(sys.argv[2]).read() != '2\\n')\n"},
		Cases: []problem.Case{{Stdin: "1\n"}}}, "", problem.Program("print(int(input()) + 1)\n"), problem.Program("print(1)\n")},
	{"stdio with an interactor", problem.Check{Kind: problem.KindStdio, Interactor: &problem.Code{Source: "import sys\nprint(1, flush=True)\nsys.exit(input() != '2')\n"},
		Cases: []problem.Case{{Stdin: "1\n"}}}, "", problem.Program("print(int(input()) + 1, flush=True)\n"), problem.Program("print(1, flush=True)\n")},
	{"string", problem.Check{Kind: problem.KindAnswer, Answer: "two"}, "", problem.Text("two"), problem.Text("one")},
	{"math", problem.Check{Kind: problem.KindAnswer, Answer: `\sqrt{8}`, Equal: "math"}, "", problem.Text(`\boxed{2\sqrt{2}}`), problem.Text(`\boxed{2\sqrt{3}}`)},
	{"agreement", problem.Check{Kind: problem.KindAgreement, EntryPoint: "f", GeneratedTests: []string{"f(1) == 2\nassert f(2) == 3\n"},
		HeldOut: &problem.Check{Kind: problem.KindUnit, Tests: "assert f(1) == 2\n"}}, "", problem.Program("def f(x): return x + 1\n"), problem.Program("def f(x): return x\n")},
}

// TestEveryKind: each kind of check accepts and rejects, says the same from its cache, in a replay and in a regrade, runs
// nothing for any but the replay, and has a key that no other kind has.
func TestEveryKind(t *testing.T) {
	v := realVerifier(t)
	keys := map[string]string{}
	total := 0
	for _, c := range everyKind {
		t.Run(c.name, func(t *testing.T) {
			p := problem.Problem{ID: c.name, Prompt: c.prompt, Check: c.check}
			verify := func() (all [2]problem.Verdict, selection *problem.Selection) {
				selection, err := v.VerifyAll(t.Context(), &p, []problem.Sample{c.right, c.wrong}, false, func(d problem.Verdict) { all[d.Index] = d })
				if err != nil {
					t.Fatal(err)
				}
				return all, selection
			}
			first, selection := verify()
			if first[0].Status != problem.Accepted || first[1].Status != problem.WrongAnswer {
				t.Fatalf("got %s (%s%s) and %s (%s%s)", first[0].Status, first[0].Message, first[0].Error, first[1].Status, first[1].Message, first[1].Error)
			}
			if (selection != nil) != (c.check.Kind == problem.KindAgreement) || selection != nil && selection.Index != 0 {
				t.Errorf("selection %+v", selection)
			}
			executed := v.Stats().Executed
			again, _ := verify()
			for i, d := range again {
				if !d.Cached {
					t.Errorf("sample %d is not cached", i)
				}
				d.Cached = first[i].Cached
				if a, b := encoded(t, d), encoded(t, first[i]); a != b {
					t.Errorf("sample %d\nthen %s\nnow  %s", i, b, a)
				}
			}
			if n := v.Stats().Executed - executed; n != 0 {
				t.Errorf("%d programs were run again", n)
			}
			for i, d := range first {
				if other, ok := keys[d.Key]; ok {
					t.Errorf("sample %d has a key of %s", i, other)
				}
				keys[d.Key] = c.name
				r, err := v.Replay(t.Context(), d.Key)
				if err != nil || !r.Same {
					t.Errorf("sample %d: replay: %+v, %v", i, r.Differs, err)
				}
			}
		})
		total += 2
	}
	executed := v.Stats().Executed
	report, err := v.Regrade(context.Background(), problem.Regrade{}, func(d problem.Regraded) { t.Errorf("regraded: %+v", d) })
	if err != nil || report.Verdicts != total || report.Missing+report.Skipped != 0 || v.Stats().Executed != executed {
		t.Errorf("regrade: %+v, %v, %d programs run; want %d verdicts", report, err, v.Stats().Executed-executed, total)
	}
}

func encoded(t *testing.T, d problem.Verdict) string {
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
