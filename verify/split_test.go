package verify

import (
	"strings"
	"testing"

	"borel/problem"
)

// splitMBPP are the tasks of MBPP whose recorded solution python3 itself accepts and a split check does not, with why.
var splitMBPP = map[string]string{}

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
			if accepted++; shared != problem.Accepted {
				t.Errorf("%s: accepted, and %s in one interpreter", all[i].ID, shared)
			}
		}
	}
	t.Logf("%d problems: %d solutions accepted", len(all)/2, accepted)
}
