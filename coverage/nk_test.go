package coverage

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// Over every choice of k samples and every choice of n of those that the filter accepts.
func TestNAtKIsThatOfAllChoices(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for range 40 {
		var accepted, right []bool
		var p Judged
		for range 1 + r.IntN(8) {
			accepted, right = append(accepted, r.IntN(2) == 0), append(right, r.IntN(3) == 0)
			p.Add(accepted[len(accepted)-1], right[len(right)-1])
		}
		for k := 1; k <= len(right); k++ {
			for n := 1; n <= k+1; n++ {
				want, all := 0.0, 0.0
				subsets(len(right), k, func(chosen []int) {
					var kept []int
					for _, i := range chosen {
						if accepted[i] {
							kept = append(kept, i)
						}
					}
					solved, ways := 0.0, 0.0
					subsets(len(kept), min(n, len(kept)), func(submitted []int) {
						ways++
						for _, i := range submitted {
							if right[kept[i]] {
								solved++
								break
							}
						}
					})
					want += solved / ways
					all++
				})
				got, err := NAtK([]Judged{p}, n, []int{k}, Options{})
				if err != nil || math.Abs(got[0].Pass-want/all) > 1e-13 {
					t.Fatalf("%d@%d of %+v: %+v, %v, want %.17g", n, k, p, got, err, want/all)
				}
			}
		}
	}
}

// Without a filter n@k is pass@n, with a perfect one pass@k, and one that accepts nothing solves nothing.
func TestNAtKOfFilters(t *testing.T) {
	c := Count{N: 100_000, C: 1000}
	for _, k := range []int{10, 1000, 100_000} {
		for _, n := range []int{1, 10} {
			for name, test := range map[string]struct {
				p    Judged
				want float64
			}{
				"accepts all":        {c.Judged(), passAtK(c.N, c.C, n)},
				"accepts what right": {Judged{TrueAccepted: c.C, TrueRejected: c.N - c.C}, passAtK(c.N, c.C, k)},
				"accepts none":       {Judged{FalseRejected: c.C, TrueRejected: c.N - c.C}, 0},
				"accepts what wrong": {Judged{FalseRejected: c.C, FalseAccepted: c.N - c.C}, 0},
			} {
				if got := test.p.natK(n, k); math.Abs(got-test.want) > 1e-12 {
					t.Errorf("%s: %d@%d = %.15f, want %.15f", name, n, k, got, test.want)
				}
			}
		}
	}
}

func TestNAtKOverProblems(t *testing.T) {
	problems := []Judged{{TrueAccepted: 1, FalseAccepted: 1, TrueRejected: 2}, {FalseAccepted: 3, FalseRejected: 3}, {TrueAccepted: 9}}
	for _, kind := range []string{Samples, Problems} {
		points, err := NAtK(problems, 1, []int{1, 4}, Options{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []float64{(1./4 + 1) / 3, (1./2 + 1) / 3} {
			if p := points[i]; math.Abs(p.Pass-want) > 1e-14 || !(p.Low < p.Pass && p.Pass < p.High) {
				t.Errorf("%+v, want %g", p, want)
			}
		}
	}
	for _, test := range []struct {
		problems []Judged
		n, k     int
		field    string
	}{
		{nil, 1, 1, "problems"},
		{[]Judged{{}}, 1, 1, "problems[0]"},
		{problems, 0, 1, "n"},
		{problems, 1, 0, "k"},
		{problems, 1, 5, "k"},
		{[]Judged{{TrueAccepted: -1, FalseAccepted: 5}}, 1, 1, "problems[0]"},
		{[]Judged{{TrueAccepted: math.MaxInt, FalseAccepted: 5}}, 1, 1, "problems[0]"},
		{[]Judged{{TrueAccepted: MaxSamples, FalseAccepted: 5}}, 1, 1, "problems[0]"},
	} {
		_, err := NAtK(test.problems, test.n, []int{test.k}, Options{})
		if invalid, is := errors.AsType[*Invalid](err); !is || invalid.Field != test.field {
			t.Errorf("%+v: %v, want a fault of %s", test, err, test.field)
		}
	}
}

// How often the 95 % interval of 3@20 among 40 samples holds the truth, of the same problems and of others.
func TestNAtKIntervals(t *testing.T) {
	repeat := 15
	if os.Getenv("BOREL_FULL") != "" {
		repeat = 2000
	}
	r := rand.New(rand.NewPCG(23, 24))
	kinds := make([]Judged, 12) // of problems: percent of their samples
	truth := make([]float64, len(kinds))
	all := 0.0
	for i := range kinds {
		right := i * i / 2
		found, fooled := right*(6+i%4)/10, (100-right)*(1+i%3)/10
		kinds[i] = Judged{TrueAccepted: found, FalseRejected: right - found, FalseAccepted: fooled, TrueRejected: 100 - right - fooled}
		many := kinds[i]
		for _, n := range []*int{&many.TrueAccepted, &many.FalseRejected, &many.FalseAccepted, &many.TrueRejected} {
			*n *= 10_000
		}
		truth[i] = many.natK(3, 20)
		all += truth[i] / float64(len(kinds))
	}
	for _, kind := range []string{Samples, Problems} {
		held := 0
		for range repeat {
			problems, want := make([]Judged, 36), 0.0
			for i := range problems {
				of := i % len(kinds)
				if kind == Problems {
					of = r.IntN(len(kinds))
				}
				want += truth[of] / float64(len(problems))
				for range 40 {
					x, k := r.IntN(100), kinds[of]
					problems[i].Add(x < k.accepted(), x < k.TrueAccepted || x >= k.accepted() && x < k.accepted()+k.FalseRejected)
				}
			}
			if kind == Problems {
				want = all
			}
			points, err := NAtK(problems, 3, []int{20}, Options{Kind: kind})
			if err != nil {
				t.Fatal(err)
			}
			if points[0].Low <= want && want <= points[0].High {
				held++
			}
		}
		share := float64(held) / float64(repeat)
		t.Logf("%s: held in %.1f %% of %d", kind, 100*share, repeat)
		if least := map[bool]float64{true: .93, false: .8}[repeat > 1000]; share < least {
			t.Errorf("%s: held in only %.1f %%", kind, 100*share)
		}
	}
}
