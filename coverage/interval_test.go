package coverage

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Whatever the counts, no NaN, and Low ≤ Pass ≤ High within 0 and 1.
func TestIntervalsInOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 10, 1000, MaxSamples} {
		for _, problems := range []int{1, 2, 3, 40, 3000} {
			for _, how := range []string{"none", "all", "once", "all but once", "ends", "any", "other n"} {
				counts := make([]Count, problems)
				for i := range counts {
					m := n
					if how == "other n" {
						m = min(MaxSamples, n+rng.IntN(n))
					}
					counts[i] = Count{N: m, C: map[string]int{
						"none": 0, "all": n, "once": 1, "all but once": n - 1, "ends": i % 2 * n,
						"any": rng.IntN(n + 1), "other n": rng.IntN(m + 1),
					}[how]}
				}
				ks := DefaultK(counts)
				ks = append(ks, (n+1)/2, n)
				for _, o := range []Options{{}, {Kind: Problems}, {Level: 0.5}, {Level: 0.9999, Kind: Problems}} {
					if o.Kind == Problems && problems == 1 {
						continue
					}
					points, err := Curve(counts, ks, o)
					if err != nil {
						t.Fatal(err)
					}
					for _, p := range points {
						if !(0 <= p.Low && p.Low <= p.Pass && p.Pass <= p.High && p.High <= 1) {
							t.Errorf("%d problems, n %d, %s, %+v: %+v", problems, n, how, o, p)
						}
					}
				}
			}
		}
	}
}

// With one problem the interval is Jeffreys' for its rate: 2 of 10 gives 0.044 to 0.503 (Brown, Cai and DasGupta 2001,
// "Interval estimation for a binomial proportion", table 5).
func TestOneProblem(t *testing.T) {
	points, err := Curve([]Count{{N: 10, C: 2}}, []int{1, 10}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p := points[0]; math.Abs(p.Low-0.044) > 5e-4 || math.Abs(p.High-0.503) > 5e-4 {
		t.Errorf("%+v", p)
	}
	if p, want := points[1].Low, 1-math.Pow(1-points[0].Low, 10); math.Abs(p-want) > 1e-12 {
		t.Errorf("pass@10 from %g, want %g", p, want)
	}
}

// The variance of the estimate by the sum over shared samples is that by the definition, over all outcomes.
func TestPredictedVariance(t *testing.T) {
	for _, n := range []int{1, 2, 9, 30} {
		for _, k := range []int{1, 2, n / 2, n - 1, n} {
			if k < 1 || k > n {
				continue
			}
			for _, rate := range []float64{1e-4, 0.02, 0.5, 0.97} {
				r := rates{grid: grid{logFail: []float64{0, math.Log1p(-rate)}}, strata: []stratum{{n, []float64{0, 1}}}}
				mean, variance := r.predict(k)
				b := distuv.Binomial{N: float64(n), P: rate}
				wantMean, wantSquare := 0.0, 0.0
				for c := range n + 1 {
					x := passAtK(n, c, k)
					wantMean += b.Prob(float64(c)) * x
					wantSquare += b.Prob(float64(c)) * x * x
				}
				want := wantSquare - wantMean*wantMean
				if math.Abs(mean-wantMean) > 1e-12 || math.Abs(variance-want) > 1e-12+1e-9*want {
					t.Errorf("n %d, k %d, rate %g: %g, %g, want %g, %g", n, k, rate, mean, variance, wantMean, want)
				}
			}
		}
	}
}

func TestThin(t *testing.T) {
	var cells []cell
	for i := range 1000 {
		cells = append(cells, cell{100, i, float64(1 + i%3)})
	}
	total, center := 0.0, 0.0
	for _, g := range cells {
		total += g.weight
		center += g.weight * float64(g.c)
	}
	thinned := thin(slices.Clone(cells), 50)
	got, gotCenter := 0.0, 0.0
	for _, g := range thinned {
		got += g.weight
		gotCenter += g.weight * float64(g.c)
	}
	if len(thinned) != 50 || math.Abs(got-total) > 1e-6 || math.Abs(gotCenter/got-center/total) > 5 {
		t.Errorf("%d cells of weight %g around %g, want 50 of %g around %g", len(thinned), got, gotCenter/got, total, center/total)
	}
}
