package eval

import (
	"context"
	"math"
	"testing"

	"borel/problem"
)

// Scores are the rewards where all have one, and else the probability of a token; an unknown sample needs none.
func TestSets(t *testing.T) {
	f := func(x float64) *float64 { return &x }
	for _, c := range []struct {
		name    string
		ballots []Ballot
		scores  []float64
		missing []bool
	}{
		{"rewards", []Ballot{{problem.Accepted, "x", f(-2), f(-1)}, {problem.WrongAnswer, "y", f(3), nil}}, []float64{-2, 3}, []bool{false, false}},
		{"one without a reward", []Ballot{{problem.Accepted, "x", f(2), f(-1)}, {problem.WrongAnswer, "y", nil, f(0)}}, []float64{math.Exp(-1), 1}, []bool{false, false}},
		{"unknown without a reward", []Ballot{{problem.Accepted, "x", f(2), nil}, {problem.Unknown, "", nil, nil}}, []float64{2, 0}, []bool{false, true}},
		{"none", []Ballot{{problem.Accepted, "x", nil, nil}, {problem.WrongAnswer, "y", nil, f(-1)}}, []float64{0, math.Exp(-1)}, []bool{true, false}},
	} {
		var s Sets
		for _, b := range c.ballots {
			if err := s.Add("p", b); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Add("nothing decided", Ballot{Status: problem.NotJudged}); err != nil {
			t.Fatal(err)
		}
		all := s.All()
		if len(all) != 2 || all[1].Count().N != 0 || all[0].Problem != "p" {
			t.Fatalf("%s: %+v", c.name, all)
		}
		for i, x := range all[0].Samples {
			if x.Score != c.scores[i] && math.Abs(x.Score-c.scores[i]) > 1e-15 || x.NoScore != c.missing[i] {
				t.Errorf("%s: sample %d has %+v, want score %g, none: %t", c.name, i, x, c.scores[i], c.missing[i])
			}
		}
	}
}

// What a program did is no vote; an answer is.
func TestSetsRead(t *testing.T) {
	rows := func(_ context.Context, _ string, q RowQuery) ([]Row, string, error) {
		if q.After == "" {
			return []Row{{Problem: "a", Verdict: problem.Verdict{Status: problem.Accepted, Behaviour: "7"}}}, "more", nil
		}
		return []Row{{Problem: "b", Verdict: problem.Verdict{Status: problem.WrongAnswer, Behaviour: "digest"}}}, "", nil
	}
	var s Sets
	if err := s.Read(t.Context(), rows, "eval-1", map[string]bool{"a": true}); err != nil {
		t.Fatal(err)
	}
	all := s.All()
	if len(all) != 2 || all[0].Samples[0].Answer != "7" || !all[0].Samples[0].Right || all[1].Samples[0].Answer != "" || all[1].Samples[0].Right {
		t.Errorf("%+v", all)
	}
}
