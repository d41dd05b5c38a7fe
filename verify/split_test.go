package verify

import (
	"testing"

	"borel/problem"
)

// TestSplitHumanEval: the canonical solutions are accepted, and empty bodies are not.
func TestSplitHumanEval(t *testing.T) {
	v := realVerifier(t)
	var right, empty []question
	for _, r := range some(rows[humanEval](t, "HumanEval.jsonl.gz"), 8) {
		p := r.problem()
		p.Check.Isolation = problem.Split
		right = append(right, question{p, []problem.Sample{problem.Completion(r.Solution)}})
		empty = append(empty, question{p, []problem.Sample{problem.Completion("    pass\n")}})
	}
	for i, q := range right {
		d, err := v.Verify(t.Context(), q.Problem, q.samples[0], false)
		if err != nil || d.Status != problem.Accepted {
			t.Errorf("%s: %v %s %s %s", q.ID, err, d.Status, d.Message, d.Error)
		}
		d, err = v.Verify(t.Context(), q.Problem, empty[i].samples[0], false)
		if err != nil || d.Status == problem.Accepted || d.Status == problem.Unknown {
			t.Errorf("%s, no body: %v %s %s %s", q.ID, err, d.Status, d.Message, d.Error)
		}
	}
}
