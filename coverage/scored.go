package coverage

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Scored is a sample as selectors see it, and the truth about it. One of which the truth is Unknown is neither right nor
// wrong: it is left out, as if it had not been drawn.
type Scored struct {
	Right   bool    `json:"right"`
	Unknown bool    `json:"unknown,omitempty" doc:"the truth could not be decided"`
	Score   float64 `json:"score,omitempty" doc:"of a reward model or another ranking; higher is better"`
	NoScore bool    `json:"no_score,omitempty" doc:"nothing scored it: a selection has no use for the scores of the others then"`
	Answer  string  `json:"answer,omitempty" doc:"normalised answer, for votes; empty casts none"`
}

// maxScore bounds scores, so that no sum of them overflows.
const maxScore = 1e300

// maxSteps bounds how many k are asked of how many samples: some seconds.
const maxSteps = 2_000_000_000

// decided are the samples of which the truth is known, for selections of each of ks. The error is an *[Invalid].
func decided(samples []Scored, ks []int) ([]Scored, error) {
	if len(samples) > MaxSamples {
		return nil, invalidf("samples", "has %d entries, the limit is %d", len(samples), MaxSamples)
	}
	if len(ks) > MaxPoints {
		return nil, invalidf("k", "has %d entries, the limit is %d", len(ks), MaxPoints)
	}
	if len(ks)*len(samples) > maxSteps {
		return nil, invalidf("k", "has %d entries of %d samples, the limit is %d of one times the other", len(ks), len(samples), int(maxSteps))
	}
	known := samples
	for i, s := range samples {
		if !(math.Abs(s.Score) <= maxScore) {
			return nil, invalidf(fmt.Sprintf("samples[%d].score", i), "is %g; it must be a finite number, at most %g", s.Score, float64(maxScore))
		}
		if s.Unknown && len(known) == len(samples) {
			known = slices.DeleteFunc(slices.Clone(samples), func(s Scored) bool { return s.Unknown })
		}
	}
	if len(known) == 0 {
		return nil, invalidf("samples", "has no decided sample, %d are unknown", len(samples))
	}
	for _, k := range ks {
		if k < 1 || k > len(known) {
			return nil, invalidf("k", "is %d; it must be between 1 and the number of decided samples, which is %d", k, len(known))
		}
	}
	return known, nil
}

// BestOf is the chance that the sample with the highest score among k random ones of a problem is right, at each of ks:
//
//	(1 / binom(n, k)) ∑ binom(n−i, k−1) right_i over the samples i = 1 … n, best first
//
// (Hassid et al. 2024, "The Larger the Better?", arXiv 2404.00725). It is exact: the mean over all choices of k samples,
// and over the orders in which samples of equal score may come, of which the first is taken. So it does not depend on the
// order of samples. It takes O(n log n + n len(ks)) time, and less where k is large. The error is an *[Invalid]: no
// decided sample, a score that is not finite, a k outside 1 … n.
func BestOf(samples []Scored, ks []int) ([]float64, error) {
	samples, err := decided(samples, ks)
	if err != nil {
		return nil, err
	}
	return bestOf(samples, ks), nil
}

func bestOf(samples []Scored, ks []int) []float64 {
	sorted := slices.Clone(samples)
	slices.SortStableFunc(sorted, func(a, b Scored) int { return cmp.Compare(b.Score, a.Score) })
	n := len(sorted)
	right := make([]float64, n) // chance of each rank, equal scores sharing theirs
	for i := 0; i < n; {
		end, sum := i, 0.0
		for ; end < n && sorted[end].Score == sorted[i].Score; end++ {
			if sorted[end].Right {
				sum++
			}
		}
		for j := i; j < end; j++ {
			right[j] = sum / float64(end-i)
		}
		i = end
	}
	best := make([]float64, len(ks))
	for j, k := range ks {
		// The best of a choice is the next rank with the chance that no better one is chosen, fail, times that of being
		// chosen then, k of what is left.
		fail := 1.0
		for i := range right {
			hit := float64(k) / float64(n-i)
			if hit >= 1 {
				best[j] += fail * right[i]
				break
			}
			best[j] += fail * hit * right[i]
			if fail *= 1 - hit; fail < certain {
				break
			}
		}
		best[j] = min(best[j], 1)
	}
	return best
}
