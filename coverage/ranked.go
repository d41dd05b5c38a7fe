package coverage

import "math"

// Ranked is pass@k of a selection that ranks groups of samples, best first, of which the counts tell the samples and the
// right ones: one sample is picked at random from each of the first k groups, and from the first again where there are
// fewer (Chen et al. 2022, "CodeT", arXiv 2207.10397, whose code picks from groups of equal rank as from one). The error
// is an *[Invalid]: a count that is none, an empty group, or k below 1.
func Ranked(groups []Count, k int) (float64, error) {
	if err := validate(groups); err != nil {
		return 0, err
	}
	if k < 1 {
		return 0, invalidf("k", "is %d; it must be at least 1", k)
	}
	fail := 1.0
	for i, g := range groups {
		if i >= k {
			break
		}
		picks := 1 + (k-1-i)/len(groups)
		fail *= math.Pow(1-float64(g.C)/float64(g.N), float64(picks))
	}
	return 1 - fail, nil
}
