package verify

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"borel/problem"
)

// ioDriver makes a program of a function: it reads the arguments and prints what comes of them.
const ioDriver = "\nimport ast, sys\nprint(repr(%s(*ast.literal_eval(sys.stdin.read()))))\n"

// TestKindsOnModelSamples: what 3,300 programs of a model (BOREL_FULL; else some) are under each kind of check that can ask the
// same of them. The asserts of unit tests in one interpreter are taken for the truth: none of these programs is hostile.
func TestKindsOnModelSamples(t *testing.T) {
	type row struct {
		ID         string `json:"task_id"`
		Prompt     string
		EntryPoint string `json:"entry_point"`
		Test       string
		Solutions  []string
	}
	all := rows[row](t, "codet_codegen16b_humaneval_subset.jsonl.gz")
	if os.Getenv("BOREL_FULL") == "" {
		all = all[:3]
		for i := range all {
			all[i].Solutions = all[i].Solutions[:20]
		}
	}
	v := realVerifier(t)
	converter, err := os.ReadFile("../cmd/borel/bench_asserts.py") // the asserts that compare a call with a literal
	if err != nil {
		t.Fatal(err)
	}
	type cell struct{ acceptedRight, rejectedRight, acceptedWrong, rejectedWrong, unknown int }
	table := map[string]*cell{"split": {}, "calls": {}, "calls, float": {}, "stdio": {}}
	asserts := 0
	for _, r := range all {
		run := execute(t, v, problem.RunRequest{Source: string(converter), Stdin: r.Test})
		var cases []problem.Case
		if err := json.Unmarshal([]byte(run.Stdout), &cases); err != nil {
			t.Fatalf("%s: %v: %s", r.ID, err, run.Stderr)
		}
		if len(cases) == 0 {
			t.Logf("%s: no assert can be asked in another way", r.ID)
			continue
		}
		asserts += len(cases)
		var tests strings.Builder
		streams := make([]problem.Case, len(cases))
		for i, c := range cases {
			fmt.Fprintf(&tests, "assert %s(*%s) == %s\n", r.EntryPoint, c.ArgsLiteral, c.WantLiteral)
			streams[i] = problem.Case{Stdin: c.ArgsLiteral + "\n", Stdout: c.WantLiteral + "\n"}
		}
		samples, programs := make([]problem.Sample, len(r.Solutions)), make([]problem.Sample, len(r.Solutions))
		for i, s := range r.Solutions {
			samples[i] = problem.Completion(s)
			programs[i] = problem.Program(r.Prompt + s + fmt.Sprintf(ioDriver, r.EntryPoint))
		}
		judge := func(c problem.Check, samples []problem.Sample) []problem.Verdict {
			list := make([]problem.Verdict, len(samples))
			p := problem.Problem{ID: r.ID, Prompt: r.Prompt, Check: c, Limits: problem.Limits{Seconds: 2}}
			if _, err := v.VerifyAll(t.Context(), &p, samples, false, func(d problem.Verdict) { list[d.Index] = d }); err != nil {
				t.Fatalf("%s: %s: %v", r.ID, c.Kind, err)
			}
			return list
		}
		truth := judge(problem.Check{Kind: problem.KindUnit, EntryPoint: r.EntryPoint, Tests: tests.String()}, samples)
		for name, list := range map[string][]problem.Verdict{
			"split":        judge(problem.Check{Kind: problem.KindUnit, Isolation: problem.Split, EntryPoint: r.EntryPoint, Tests: tests.String()}, samples),
			"calls":        judge(problem.Check{Kind: problem.KindCalls, EntryPoint: r.EntryPoint, Cases: cases}, samples),
			"calls, float": judge(problem.Check{Kind: problem.KindCalls, EntryPoint: r.EntryPoint, Cases: cases, Compare: "float:1e-9"}, samples),
			"stdio":        judge(problem.Check{Kind: problem.KindStdio, Cases: streams}, programs),
		} {
			c := table[name]
			for i, d := range list {
				right, accepted := truth[i].Status == problem.Accepted, d.Status == problem.Accepted
				switch {
				case d.Status == problem.Unknown || truth[i].Status == problem.Unknown:
					c.unknown++
					t.Errorf("%s sample %d: %s: %s%s", r.ID, i, name, d.Error, truth[i].Error)
				case right && accepted:
					c.acceptedRight++
				case right:
					c.rejectedRight++
					t.Logf("%s sample %d: %s: %s (%s), and right", r.ID, i, name, d.Status, d.Message)
				case accepted:
					c.acceptedWrong++
					t.Errorf("%s sample %d: %s: accepted, and the unit tests say %s (%s)", r.ID, i, name, truth[i].Status, truth[i].Message)
				default:
					c.rejectedWrong++
				}
			}
		}
	}
	for name, c := range table {
		t.Logf("%-12s right: %d accepted, %d rejected; wrong: %d accepted, %d rejected; %d unknown (%d problems, %d asserts)",
			name, c.acceptedRight, c.rejectedRight, c.acceptedWrong, c.rejectedWrong, c.unknown, len(all), asserts)
		if name == "split" && c.rejectedRight > 0 {
			t.Errorf("split rejects %d right programs", c.rejectedRight)
		}
	}
}
