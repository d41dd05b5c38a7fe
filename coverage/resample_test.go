package coverage

import (
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// A bootstrap's intervals hold about as often as they say.
func TestBootstrapHolds(t *testing.T) {
	repetitions := 40
	if os.Getenv("BOREL_FULL") != "" {
		repetitions = 300
	}
	for _, test := range []struct {
		kind     string
		problems int
		n        int
		ks       []int
	}{
		{Samples, 5, 100, []int{1, 20, 100}},
		{Samples, 50, 10, []int{1, 5, 10}},
		{Samples, 164, 100, []int{1, 10, 50, 100}},
		{Problems, 20, 20, []int{1, 5, 10}},
		{Problems, 164, 20, []int{1, 5, 10}},
	} {
		average := 0.0
		for i, p := range populations {
			rng := rand.New(rand.NewPCG(uint64(i), uint64(test.problems)))
			truth, hold := make([]float64, len(test.ks)), make([]float64, len(test.ks))
			add := func(p float64, problems int) {
				for j, k := range test.ks {
					truth[j] += atLeastOnce(p, k) / float64(problems)
				}
			}
			if test.kind == Problems {
				for range 100_000 {
					add(p.draw(rng), 100_000)
				}
			}
			for r := range repetitions {
				if test.kind == Samples {
					clear(truth)
				}
				counts := make([]Count, test.problems)
				for j := range counts {
					rate := p.draw(rng)
					if test.kind == Samples {
						add(rate, test.problems)
					}
					counts[j] = Count{N: test.n, C: int(distuv.Binomial{N: float64(test.n), P: rate, Src: rng}.Rand())}
				}
				points, err := Curve(counts, test.ks, Options{Kind: test.kind, Method: Bootstrap, Resamples: 400, Seed: uint64(r)})
				if err != nil {
					t.Fatal(err)
				}
				for j, p := range points {
					if p.Low-1e-4 <= truth[j] && truth[j] <= p.High+1e-4 {
						hold[j] += 100 / float64(repetitions)
					}
				}
			}
			for _, h := range hold {
				average += h / float64(len(populations)*len(hold))
			}
			t.Logf("%-8s %3d problems, n %3d, %-12s: %.1f %%", test.kind, test.problems, test.n, p.name, hold)
		}
		t.Logf("%-8s %3d problems, n %3d: %.1f %% on average", test.kind, test.problems, test.n, average)
		if average < 91 || average > 99.5 {
			t.Errorf("%s, %d problems, n %d: the intervals hold in %.1f %% on average", test.kind, test.problems, test.n, average)
		}
	}
}

// The same seed gives the same interval on any number of cores, and none of them is empty where all were solved, or none.
func TestBootstrapIsDeterministic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, c := range []int{0, 30, 1} {
		counts := []Count{{N: 30, C: c}, {N: 30, C: c}, {N: 30, C: c}}
		for _, kind := range []string{Samples, Problems} {
			var was []Point
			for cores := 1; cores <= 4; cores++ {
				runtime.GOMAXPROCS(cores)
				points, err := Curve(counts, []int{1, 2, 3, 5, 8, 13, 21, 29, 30}, Options{Kind: kind, Method: Bootstrap, Seed: 7})
				if err != nil {
					t.Fatal(err)
				}
				if was != nil && !slices.Equal(points, was) {
					t.Errorf("%v on %d cores, %v on one", points, cores, was)
				}
				was = points
			}
			if p := was[0]; !(p.Low < p.High && 0 <= p.Low && p.Low <= p.Pass && p.Pass <= p.High && p.High <= 1) {
				t.Errorf("c %d, %s: %+v", c, kind, p)
			}
		}
	}
}

// 10,000 resamples of all k from 1 to 10,000 of 1,000 problems.
func BenchmarkBootstrap(b *testing.B) {
	counts, ks := make([]Count, 1000), make([]int, 10_000)
	for i := range counts {
		counts[i] = Count{N: 10_000, C: i * 37 % 10_001}
	}
	for i := range ks {
		ks[i] = i + 1
	}
	for _, kind := range []string{Samples, Problems} {
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Curve(counts, ks, Options{Kind: kind, Method: Bootstrap}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
