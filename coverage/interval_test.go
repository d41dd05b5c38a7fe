package coverage

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// difficulties are populations of problems: how the chance of a right sample is spread.
var difficulties = map[string]func(r *rand.Rand) float64{
	"all 0.3":   func(*rand.Rand) float64 { return 0.3 },
	"all 0.05":  func(*rand.Rand) float64 { return 0.05 },
	"all 0.003": func(*rand.Rand) float64 { return 0.003 },
	"some never": func(r *rand.Rand) float64 {
		return float64(r.IntN(5)/2) / 2 * distuv.Beta{Alpha: .3, Beta: 1.5, Src: r}.Rand()
	},
	"easy or hard": func(r *rand.Rand) float64 { return distuv.Beta{Alpha: .3, Beta: .3, Src: r}.Rand() },
	"hard":         func(r *rand.Rand) float64 { return distuv.Beta{Alpha: .1, Beta: 8, Src: r}.Rand() },
	"four decades": func(r *rand.Rand) float64 { return math.Pow(10, -4*r.Float64()) },
}

// The 95 % interval must hold the truth in at least 90 % of repetitions in every case that the comment of Options
// promises and, lest it be wide enough to hold everything, in no more than most of them on average.
func TestIntervalsHold(t *testing.T) {
	const repetitions = 400
	type test struct {
		kind     string
		problems int
		n        int
		ks       []int
		most     float64
	}
	tests := []test{
		{Samples, 1, 20, []int{1, 10, 20}, 0.995}, // exact, so too wide where successes are few
		{Samples, 5, 100, []int{1, 20}, 0.985},
		{Samples, 20, 10, []int{1, 2}, 0.985},
		{Samples, 50, 10, []int{1, 5, 10}, 0.985},
		{Samples, 164, 100, []int{1, 10, 50, 100}, 0.985},
		{Problems, 50, 10, []int{1, 5, 10}, 0.985},
		{Problems, 164, 100, []int{1, 10, 50}, 0.985},
	}
	var names []string
	for name := range difficulties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, test := range tests {
		average := 0.0
		for i, name := range names {
			rng := rand.New(rand.NewPCG(uint64(i), uint64(test.problems)))
			rates := make([]float64, test.problems)
			hold := make([]float64, len(test.ks))
			truth := make([]float64, len(test.ks))
			setTruth := func(rates []float64) {
				for j, k := range test.ks {
					truth[j] = 0
					for _, p := range rates {
						truth[j] += atLeastOnce(p, k) / float64(len(rates))
					}
				}
			}
			if test.kind == Problems {
				many := make([]float64, 100_000)
				for j := range many {
					many[j] = difficulties[name](rng)
				}
				setTruth(many)
			}
			counts := make([]Count, test.problems)
			for range repetitions {
				for j := range rates {
					rates[j] = difficulties[name](rng)
					counts[j] = Count{N: test.n, C: int(distuv.Binomial{N: float64(test.n), P: rates[j], Src: rng}.Rand())}
				}
				if test.kind == Samples {
					setTruth(rates)
				}
				points, err := Curve(counts, test.ks, Options{Kind: test.kind})
				if err != nil {
					t.Fatal(err)
				}
				for j, p := range points {
					const rounding = 1e-4 // of a truth that is all but 1, and of its own simulation
					if p.Low-rounding <= truth[j] && truth[j] <= p.High+rounding {
						hold[j] += 1. / repetitions
					}
				}
			}
			for j, h := range hold {
				average += h / float64(len(names)*len(hold))
				if h < 0.90 {
					t.Errorf("%s, %d problems %q, n %d: the interval of pass@%d holds in %.1f %%", test.kind, test.problems, name, test.n, test.ks[j], 100*h)
				}
			}
		}
		t.Logf("%-8s %3d problems, n %3d: %.1f %% on average", test.kind, test.problems, test.n, 100*average)
		if average > test.most {
			t.Errorf("%s, %d problems, n %d: the intervals hold in %.1f %% on average: too wide", test.kind, test.problems, test.n, 100*average)
		}
	}
}

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

// With one problem the interval is Clopper and Pearson's for its rate: 2 of 10 gives 2.52 % to 55.61 % (their tables).
func TestOneProblem(t *testing.T) {
	points, err := Curve([]Count{{N: 10, C: 2}}, []int{1, 10}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p := points[0]; math.Abs(p.Low-0.0252) > 5e-5 || math.Abs(p.High-0.5561) > 5e-5 {
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
				r := rates{[]float64{0, math.Log1p(-rate)}, []stratum{{n, []float64{0, 1}}}}
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
