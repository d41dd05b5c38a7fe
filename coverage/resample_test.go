package coverage

import (
	"os"
	"runtime"
	"slices"
	"testing"
)

// A bootstrap's intervals hold about as often as they say.
func TestBootstrapHolds(t *testing.T) {
	repetitions := 8
	if os.Getenv("BOREL_FULL") != "" {
		repetitions = 300
	}
	for _, test := range []struct {
		kind     string
		problems int
		n        int
	}{
		{Samples, 5, 100},
		{Samples, 50, 10},
		{Samples, 164, 50},
		{Problems, 20, 20},
		{Problems, 164, 20},
	} {
		ks, average := slices.Compact([]int{1, test.n / 5, test.n}), 0.0
		o := Options{Kind: test.kind, Method: Bootstrap, Resamples: 300}
		for i, a := range overPopulations(test.problems, test.n, ks, []Options{o}, repetitions)[0] {
			average += a.share / float64(len(ks))
			t.Logf("%-8s %3d problems, n %3d, k %3d: %.1f %%, worst %.1f %% (%s)", test.kind, test.problems, test.n, ks[i], 100*a.share, 100*a.worst, a.worstOf)
		}
		if average < 0.89 || average > 0.995 {
			t.Errorf("%s, %d problems, n %d: the intervals hold in %.1f %% on average", test.kind, test.problems, test.n, 100*average)
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
