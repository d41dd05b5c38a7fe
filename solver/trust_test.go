package solver

import (
	"testing"

	"borel/coverage"
	"borel/problem"
)

// TestJudge: who selects, what is held out, and what is left out.
func TestJudge(t *testing.T) {
	part := func(s problem.Status) *problem.Part { return &problem.Part{Status: s} }
	const right, wrong = problem.Accepted, problem.RuntimeError
	for _, c := range []struct {
		name string
		v    problem.Verdict
		want coverage.Judged
	}{
		{"no held-out check", problem.Verdict{Status: right}, coverage.Judged{}},
		{"both accept", problem.Verdict{Status: right, HeldOut: part(right)}, coverage.Judged{TrueAccepted: 1}},
		{"the check is fooled", problem.Verdict{Status: right, HeldOut: part(wrong)}, coverage.Judged{FalseAccepted: 1}},
		{"the check is too strict", problem.Verdict{Status: wrong, HeldOut: part(right)}, coverage.Judged{FalseRejected: 1}},
		{"both reject", problem.Verdict{Status: wrong, HeldOut: part(wrong)}, coverage.Judged{TrueRejected: 1}},
		{"the selector counts", problem.Verdict{Status: wrong, Selector: part(right), HeldOut: part(wrong)}, coverage.Judged{FalseAccepted: 1}},
		{"the check is unknown", problem.Verdict{Status: problem.Unknown, HeldOut: part(right)}, coverage.Judged{}},
		{"the held-out check is unknown", problem.Verdict{Status: right, HeldOut: part(problem.Unknown)}, coverage.Judged{}},
		{"nothing selects", problem.Verdict{Status: problem.NotJudged, HeldOut: part(right)}, coverage.Judged{}},
	} {
		var got coverage.Judged
		if Judge(&got, c.v); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
	if r, err := Trust([]coverage.Judged{{Problem: "a"}}, nil); r != nil || err != nil {
		t.Errorf("of nothing: got %+v, %v", r, err)
	}
	r, err := Trust([]coverage.Judged{{Problem: "a"}, {Problem: "b", TrueAccepted: 1, FalseAccepted: 1}}, nil)
	if err != nil || r.Problems != 1 || r.WrongCost != 1 || r.K != 0 || r.Ceiling != 0.5 {
		t.Errorf("got %+v, %v", r, err)
	}
}
