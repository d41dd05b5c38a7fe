package coverage

import (
	"fmt"
	"math"
	"slices"
)

// Judged is what a selector, and the truth, said of one problem's samples: the four must add up to those that both
// decided.
type Judged struct {
	Problem       string `json:"problem,omitempty"`
	TrueAccepted  int    `json:"true_accepted"`  // accepted, and right
	FalseAccepted int    `json:"false_accepted"` // accepted, and wrong
	FalseRejected int    `json:"false_rejected"` // rejected, and right
	TrueRejected  int    `json:"true_rejected"`  // rejected, and wrong
}

// Add counts a sample.
func (j *Judged) Add(accepted, right bool) {
	switch {
	case accepted && right:
		j.TrueAccepted++
	case accepted:
		j.FalseAccepted++
	case right:
		j.FalseRejected++
	default:
		j.TrueRejected++
	}
}

func (j Judged) accepted() int { return j.TrueAccepted + j.FalseAccepted }
func (j Judged) samples() int  { return j.accepted() + j.FalseRejected + j.TrueRejected }

// validateJudged reports the first fault of problems, as an *[Invalid].
func validateJudged(problems []Judged) error {
	if len(problems) == 0 {
		return invalidf("problems", "is empty; nothing was both selected and held out")
	}
	if len(problems) > MaxProblems {
		return invalidf("problems", "has %d entries, the limit is %d", len(problems), MaxProblems)
	}
	for i, p := range problems {
		for _, n := range []int{p.TrueAccepted, p.FalseAccepted, p.FalseRejected, p.TrueRejected} {
			if n < 0 || n > MaxSamples {
				return invalidf(fmt.Sprintf("problems[%d]", i), "has a number of %d; each must be between 0 and %d", n, MaxSamples)
			}
		}
		if n := p.samples(); n < 1 || n > MaxSamples {
			return invalidf(fmt.Sprintf("problems[%d]", i), "has %d samples; it must have 1 to %d", n, MaxSamples)
		}
	}
	return nil
}

// Reliability is how far a selector can be trusted, held against the truth.
type Reliability struct {
	Problems int `json:"problems"`
	Judged
	// FalsePositiveRate is the share of the wrong samples that are accepted, FalseNegativeRate that of the right ones that
	// are rejected; null where there are none.
	FalsePositiveRate *float64 `json:"false_positive_rate" doc:"share of the wrong samples that the selector accepts; null without wrong samples"`
	FalseNegativeRate *float64 `json:"false_negative_rate" doc:"share of the right samples that the selector rejects; null without right samples"`
	// Ceiling is the accuracy that drawing until the selector accepts comes to, however many samples are drawn: the mean
	// over problems of the chance that an accepted sample is right.
	Ceiling float64 `json:"ceiling" doc:"accuracy of the first accepted sample, however many are drawn: mean over problems of P(right | accepted), 0 where nothing was accepted"`
	Best
}

// Best is how many samples to draw, at most, until the selector accepts one.
type Best struct {
	WrongCost float64 `json:"wrong_cost" doc:"what a wrong answer costs, where a right one earns 1 and none costs nothing"`
	K         int     `json:"best_k" doc:"samples to draw at most until one is accepted, for the greatest mean worth; 0: better not to answer"`
	Worth     float64 `json:"worth" doc:"mean worth of an answer so drawn"`
}

// Trust reports on a selector. An answer is drawn as Stroebl et al. 2024 ("Inference Scaling fLaws", arXiv 2411.17501)
// have it: samples come one after the other, at most k of them, until the selector accepts one; where it accepts none,
// there is no answer. Over random orders of n samples of which A are accepted, T of them right, the chance that one of k is
// accepted is pass@k of (n, A), and the first accepted one is right with T/A, so that the worth of an answer is
//
//	(T/A − cost (A−T)/A) × (1 − binom(n−A, k) / binom(n, k)).
//
// Beyond the samples of the smallest problem nothing is known, so k goes to there. The error is an *[Invalid].
func Trust(problems []Judged, cost float64) (Reliability, error) {
	if !(cost >= 0) || math.IsInf(cost, 0) {
		return Reliability{}, invalidf("wrong_cost", "must be a finite number, 0 or more")
	}
	if err := validateJudged(problems); err != nil {
		return Reliability{}, err
	}
	fewest := MaxSamples
	for _, p := range problems {
		fewest = min(fewest, p.samples())
	}
	r := Reliability{Problems: len(problems), Best: Best{WrongCost: cost}}
	worth := make([]float64, fewest+1) // by k
	for _, p := range problems {
		r.TrueAccepted += p.TrueAccepted
		r.FalseAccepted += p.FalseAccepted
		r.FalseRejected += p.FalseRejected
		r.TrueRejected += p.TrueRejected
		a := p.accepted()
		if a == 0 {
			continue
		}
		right := float64(p.TrueAccepted) / float64(a)
		each := right - cost*(1-right)
		r.Ceiling += right
		last := climb(p.samples(), a, fewest, func(first int, pass []float64) {
			for i, pass := range pass {
				worth[first+i] += each * pass
			}
		})
		for k := last + 1; k <= fewest; k++ {
			worth[k] += each
		}
	}
	r.Ceiling /= float64(len(problems))
	r.FalsePositiveRate = share(r.FalseAccepted, r.TrueRejected)
	r.FalseNegativeRate = share(r.FalseRejected, r.TrueAccepted)
	r.Worth = slices.Max(worth)
	r.K = slices.Index(worth, r.Worth) // the fewest, of several
	r.Worth /= float64(len(problems))
	return r, nil
}

// share is a of a + b, nil of nothing.
func share(a, b int) *float64 {
	if a+b == 0 {
		return nil
	}
	s := float64(a) / float64(a+b)
	return &s
}
