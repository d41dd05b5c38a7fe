package coverage

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The intervals of all k, read off 64 of them, are those that are made for each k, to 5 of a thousand at worst and a few of 100,000 as a rule.
func TestSpread(t *testing.T) {
	const tolerance = 0.005
	for _, n := range []int{70, 300, 3000} {
		rng := rand.New(rand.NewPCG(3, uint64(n)))
		ks := make([]int, n)
		for i, k := range rng.Perm(n) {
			ks[i] = k + 1
		}
		for _, population := range populations {
			counts := make([]Count, 40)
			for i := range counts {
				counts[i] = Count{N: n, C: int(math.Round(float64(n) * population.draw(rng)))}
			}
			for _, o := range []Options{{}, {Kind: Problems}} {
				points, err := Curve(counts, ks, o)
				if err != nil {
					t.Fatal(err)
				}
				worst := 0.0
				for i := 0; i < n; i += 1 + n/100 {
					one, err := Curve(counts, ks[i:i+1], o)
					if err != nil {
						t.Fatal(err)
					}
					if one[0].K != points[i].K || math.Abs(one[0].Pass-points[i].Pass) > 1e-14 {
						t.Errorf("%+v of many, %+v alone", points[i], one[0])
					}
					if one[0].Pass > 0.9999 {
						continue // its interval may change at once, where the last problem becomes certain
					}
					worst = max(worst, math.Abs(one[0].Low-points[i].Low), math.Abs(one[0].High-points[i].High))
				}
				if worst > tolerance {
					t.Errorf("n %d, %s, %s: off by %.1e", n, population.name, o.withDefaults().Kind, worst)
				}
			}
		}
	}
}

// One k, many times over, and k with a gap between them.
func TestSpreadOfFew(t *testing.T) {
	counts := []Count{{N: 1000, C: 0}, {N: 1000, C: 3}, {N: 1000, C: 500}}
	for _, distinct := range [][]int{{7}, {1, 1000}, {1, 2, 3, 1000}} {
		var ks []int
		for range 100 {
			ks = append(ks, distinct...)
		}
		points, err := Curve(counts, ks, Options{})
		if err != nil {
			t.Fatal(err)
		}
		want, err := Curve(counts, distinct, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range points {
			w := want[i%len(want)]
			if p.K != w.K || math.Abs(p.Pass-w.Pass)+math.Abs(p.Low-w.Low)+math.Abs(p.High-w.High) > 1e-14 {
				t.Errorf("%+v, want %+v", p, w)
			}
		}
	}
}
