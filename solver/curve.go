package solver

import (
	"slices"

	"borel/coverage"
	"borel/problem"
)

// Count is what n tells of a problem: unknown verdicts, and samples that nothing judged, are on neither side of pass@k.
func Count(id string, n problem.Counts) coverage.Count {
	return coverage.Count{Problem: id, N: n.Samples - n.Unknown - n.NotJudged, C: n.Accepted, Unknown: n.Unknown}
}

// Curve is pass@k over what was decided; with nil ks at 1, 10, 100, …. Unknown verdicts make N smaller than what was
// asked for, which must not cost the caller the rest: a k that they put out of reach is left out, and so is a problem
// of which nothing was decided. It changes counts.
func Curve(counts []coverage.Count, ks []int) ([]coverage.Point, error) {
	counts = slices.DeleteFunc(counts, func(c coverage.Count) bool { return c.N == 0 })
	if len(counts) == 0 {
		return []coverage.Point{}, nil
	}
	if ks == nil {
		ks = coverage.DefaultK(counts)
	}
	fewest := slices.MinFunc(counts, func(a, b coverage.Count) int { return a.N - b.N }).N
	ks = slices.DeleteFunc(slices.Clone(ks), func(k int) bool { return k > fewest })
	if len(ks) == 0 {
		return []coverage.Point{}, nil
	}
	return coverage.Curve(counts, ks, coverage.Options{})
}
