package coverage

import (
	"math/rand/v2"
	"testing"
)

// What the intervals cost beside the curve: 1,000 problems, those of the k that stand for all from 1 to 10,000; and the greatest
// curve that is allowed.
func BenchmarkIntervals(b *testing.B) {
	for _, bb := range []struct {
		name           string
		problems, n, k int
		o              Options
	}{
		{"samples", 1000, 10_000, 10_000, Options{}},
		{"problems", 1000, 10_000, 10_000, Options{Kind: Problems}},
		{"large", MaxProblems, MaxSamples, MaxPoints, Options{}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			counts := make([]Count, bb.problems)
			for i := range counts {
				counts[i] = Count{N: bb.n, C: int(rng.Float64() * rng.Float64() * float64(bb.n+1))}
			}
			cells := group(counts)
			var ms []moment
			for _, k := range LogSpaced(bb.k, maxKnots) {
				ms = append(ms, moment{k, float64(k) / float64(bb.k+1), 0.1})
			}
			for b.Loop() {
				bb.o.intervals(cells, len(counts), ms)
			}
		})
	}
}
