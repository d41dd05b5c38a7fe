package coverage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Over a population, intervals of the rates hold as often as they say, and more often where all rates are the same; their
// means are right on average, and so is the number of problems whose rate is said to be 0 or too low to be told from it.
func TestPosteriorsAreCalibrated(t *testing.T) {
	const problems, n, repetitions = 100, 100, 25
	averageHeld := 0.0
	for which, population := range populations {
		rng := rand.New(rand.NewPCG(5, uint64(which)))
		holds, mean, rateSum, zero, never := 0.0, 0.0, 0.0, 0.0, 0.0
		for range repetitions {
			counts, rates := make([]Count, problems), make([]float64, problems)
			for i := range counts {
				rates[i] = population.draw(rng)
				counts[i] = Count{N: n, C: int(distuv.Binomial{N: n, P: rates[i], Src: rng}.Rand())}
			}
			posteriors, err := Posteriors(counts, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range posteriors {
				const each = 1. / problems / repetitions
				if p.Low <= rates[i] && rates[i] <= p.High {
					holds += each
				}
				if rates[i] < 0.1/n {
					never += each
				}
				mean, rateSum, zero = mean+p.Mean*each, rateSum+rates[i]*each, zero+p.Zero*each
			}
		}
		t.Logf("%-13s holds in %.1f %%, mean %.4f of %.4f, never %.3f of %.3f", population.name, 100*holds, mean, rateSum, zero, never)
		averageHeld += holds / float64(len(populations))
		if holds < 0.93 || math.Abs(mean-rateSum) > 0.001+0.03*rateSum || math.Abs(zero-never) > 0.07 && population.name != "all 0.003" {
			t.Errorf("%s: holds in %.1f %%, mean %.4f of %.4f, never %.3f of %.3f", population.name, 100*holds, mean, rateSum, zero, never)
		}
	}
	t.Logf("holds in %.1f %%", 100*averageHeld)
	if averageHeld < 0.93 || averageHeld > 0.97 {
		t.Errorf("intervals hold in %.1f %% on average", 100*averageHeld)
	}
}

// Of one problem alone the posterior is a Beta distribution, cut at rates that its counts exclude: the prior is even in log
// odds.
func TestPosteriorOfOneProblem(t *testing.T) {
	for _, c := range []Count{{N: 10, C: 5}, {N: 40, C: 10}, {N: 1000, C: 990}, {N: MaxSamples, C: MaxSamples / 4}} {
		posteriors, err := Posteriors([]Count{c}, Options{Level: 0.8})
		if err != nil {
			t.Fatal(err)
		}
		got, a, b := posteriors[0], float64(c.C), float64(c.N-c.C)
		tolerance := 0.02 * math.Sqrt(a*b/(a+b)/(a+b)/(a+b))
		for what, pair := range map[string][2]float64{
			"mean": {got.Mean, a / (a + b)}, "low": {got.Low, betaQuantile(a, b, 0.1)}, "high": {got.High, betaQuantile(a, b, 0.9)}, "zero": {got.Zero, 0},
		} {
			if math.Abs(pair[0]-pair[1]) > tolerance {
				t.Errorf("%+v: %s is %g, want %g", c, what, pair[0], pair[1])
			}
		}
	}
}

// A problem that was never solved may be one that never is. The chance of a solution in as many samples again is far below
// the half that a uniform prior gives, and below that where others were not solved either.
func TestPosteriorOfUnsolved(t *testing.T) {
	alone, err := Posteriors([]Count{{Problem: "a", N: 10}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	// The chance of no success in 10 samples, at rates even in log odds from 1/101 to 100/101.
	const steps = 100_000
	unsolved, end := 0.0, math.Log(100)
	for i := range steps {
		odds := end * (2*(float64(i)+0.5)/steps - 1)
		unsolved += math.Pow(1+math.Exp(odds), -10) / steps
	}
	want := 0.25 / (0.25 + 0.75*unsolved)
	if p := alone[0]; math.Abs(p.Zero-want) > 0.01 || p.Low != 0 || p.Problem != "a" || p.Mean > 0.03 {
		t.Errorf("%+v, want zero %.4f", p, want)
	}
	counts := make([]Count, 50)
	for i := range counts {
		counts[i] = Count{N: 10}
	}
	among, err := Posteriors(append(counts, Count{N: 10, C: 10}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if among[0].Mean >= alone[0].Mean || among[0].Zero <= alone[0].Zero {
		t.Errorf("%+v among others, %+v alone", among[0], alone[0])
	}
	if last := among[50]; last.High != 1 || last.Low < 0.6 || last.Zero != 0 {
		t.Errorf("always solved: %+v", last)
	}
}

// No counts give anything but numbers in order.
func TestPosteriorsInOrder(t *testing.T) {
	for _, n := range []int{1, 2, 30, 1000, MaxSamples} {
		var counts []Count
		for c := range min(n, 2500) {
			counts = append(counts, Count{N: n, C: c}, Count{N: n, C: n - c}, Count{N: (n + 1) / 2, C: c / 2})
		}
		for _, o := range []Options{{}, {Level: 0.01}, {Level: 0.9999}} {
			posteriors, err := Posteriors(counts, o)
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range posteriors {
				if !(0 <= p.Low && p.Low <= p.High && p.High <= 1 && 0 <= p.Zero && p.Zero <= 1 && 0 < p.Mean && p.Mean < 1) || counts[i].C > 0 && p.Zero > 0 {
					t.Fatalf("%+v: %+v", counts[i], p)
				}
			}
		}
	}
	if _, err := Posteriors([]Count{{N: 1, C: 2}}, Options{}); err == nil {
		t.Error("c above n is taken")
	}
}

func BenchmarkPosteriors(b *testing.B) {
	for _, problems := range []int{1000, MaxProblems} {
		b.Run(fmt.Sprint(problems), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			counts := make([]Count, problems)
			for i := range counts {
				counts[i] = Count{N: MaxSamples, C: int(rng.Float64() * MaxSamples)}
			}
			for b.Loop() {
				if _, err := Posteriors(counts, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
