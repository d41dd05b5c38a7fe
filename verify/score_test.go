package verify

import (
	"context"
	"errors"
	"strings"
	"testing"

	"borel/problem"
)

// scorer is a reward model that likes long answers.
type scorer struct {
	asked int
	err   error
}

func (s *scorer) Score(_ context.Context, model, prompt, answer string) (float64, error) {
	s.asked++
	return float64(len(model + prompt + answer)), s.err
}

// TestScore: the reward model's score stands beside the verdict, is asked for once, and its faults are not the sample's.
func TestScore(t *testing.T) {
	rm := &scorer{}
	v := New(Config{Runner: &runner{do: passing}, Runs: NewMemory(0), Verdicts: NewMemory(0), Scorer: rm})
	p := problem.Problem{Prompt: "one?", Check: problem.Check{Kind: problem.KindAnswer, Answer: "1", Score: &problem.Scoring{Model: "rm"}}}
	verify := func(text string, fresh bool) problem.Verdict {
		d, err := v.Verify(t.Context(), &p, problem.Text(text), fresh)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		text   string
		fresh  bool
		status problem.Status
		score  float64
		asked  int // in all
	}{{"1", false, problem.Accepted, 7, 1}, {"1", false, problem.Accepted, 7, 1}, {"22", false, problem.WrongAnswer, 8, 2}, {"1", true, problem.Accepted, 7, 3}} {
		d := verify(c.text, c.fresh)
		if d.Status != c.status || d.Score == nil || *d.Score != c.score || d.ScoreError != "" || rm.asked != c.asked {
			t.Errorf("%q: got %+v after %d scores, want %+v", c.text, d, rm.asked, c)
		}
	}
	if r, err := v.Replay(t.Context(), verify("1", false).Key); err != nil || !r.Same || r.Score != nil || rm.asked != 3 {
		t.Errorf("replay: got %+v, %v", r, err)
	}
	rm.err = errors.New("no such model")
	if d := verify("333", false); d.Status != problem.WrongAnswer || d.Score != nil || d.ScoreError != "no such model" {
		t.Errorf("a reward model that fails: got %+v", d)
	}
	rm.err = nil
	if d := verify("333", false); d.Score == nil || *d.Score != 9 {
		t.Errorf("once it works again: got %+v", d)
	}
	_, err := fakeVerifier(&runner{do: passing}).Verify(t.Context(), &p, problem.Text("1"), false)
	if e, ok := errors.AsType[*problem.Invalid](err); !ok || e.Field != "problem.check.score" || !strings.Contains(e.Message, "--scorer") {
		t.Errorf("without a reward model: got %v", err)
	}
}
