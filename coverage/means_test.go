package coverage

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The mean over problems at every k, by the polynomial and without it, is that of exact numbers to a relative error of 1e-12.
func TestMeansAreExact(t *testing.T) {
	for _, test := range []struct {
		name        string
		problems, n int
		c           func(i int) int
	}{
		{"once", 20, 5000, func(int) int { return 1 }},
		{"few", 130, 400, func(i int) int { return i % (mostFew + 1) }},
		{"few and many", 130, 400, func(i int) int { return i * 3 }},
		{"all of few", 130, 60, func(i int) int { return i % 61 }},
		{"never, and once", 1500, 66, func(i int) int { return i / 1499 }},
		{"one problem", 1, 3000, func(int) int { return mostFew }},
		{"large", 4, 20_000, func(i int) int { return 1 + 21*i }},
	} {
		counts, ks := make([]Count, test.problems), rand.New(rand.NewPCG(1, 2)).Perm(test.n)
		want := make([]float64, test.n+1)
		for i := range counts {
			counts[i] = Count{N: test.n + i, C: test.c(i)}
			pass, _ := exact(counts[i].N, counts[i].C)
			for k := range want {
				want[k] += pass[k] / float64(test.problems)
			}
		}
		for i := range ks {
			ks[i]++
		}
		ks = append(ks, ks[0], test.n)
		worst := 0.0
		for i, got := range mean(counts, ks) {
			worst = max(worst, math.Abs(got-want[ks[i]])/want[ks[i]])
		}
		t.Logf("%s: off by %.1e", test.name, worst)
		if !(worst <= 1e-12) {
			t.Errorf("%s: the mean is off by %.1e of its value", test.name, worst)
		}
	}
}
