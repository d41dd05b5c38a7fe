package coverage

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// The intervals of both parameters must hold about as often as they say.
func TestFitIntervalHolds(t *testing.T) {
	repetitions, problems, n := 10, 60, 200
	spreads := map[string]distuv.Beta{"hard": {Alpha: .25, Beta: 8}}
	if os.Getenv("BOREL_FULL") != "" {
		repetitions, problems = 300, 100
		spreads["easier"] = distuv.Beta{Alpha: .4, Beta: 2}
		spreads["nearly a law"] = distuv.Beta{Alpha: .3, Beta: 100}
	}
	for name, spread := range spreads {
		for _, kind := range []string{Samples, Problems} {
			rng := rand.New(rand.NewPCG(7, uint64(len(name))))
			spread.Src = rng
			ks := LogSpaced(n, fitPoints)
			curve := func(rates []float64) []float64 {
				sum := make([]float64, len(ks))
				for _, p := range rates {
					for j, k := range ks {
						sum[j] += atLeastOnce(p, k) / float64(len(rates))
					}
				}
				return sum
			}
			draw := func(problems int) []float64 {
				rates := make([]float64, problems)
				for i := range rates {
					rates[i] = spread.Rand()
				}
				return rates
			}
			truth, err := FitPowerLaw(ks, curve(draw(50_000)))
			if err != nil {
				t.Fatal(err)
			}
			a, b := 0, 0
			for range repetitions {
				rates := draw(problems)
				if kind == Samples {
					if truth, err = FitPowerLaw(ks, curve(rates)); err != nil {
						t.Fatal(err)
					}
				}
				counts := make([]Count, problems)
				for i, p := range rates {
					counts[i] = Count{N: n, C: int(distuv.Binomial{N: float64(n), P: p, Src: rng}.Rand())}
				}
				law, err := FitInterval(t.Context(), counts, Options{Kind: kind})
				if err != nil {
					t.Fatal(err)
				}
				if i := law.Interval; i.ALow <= truth.A && truth.A <= i.AHigh {
					a++
				}
				if i := law.Interval; i.BLow <= truth.B && truth.B <= i.BHigh {
					b++
				}
			}
			holdA, holdB := 100*float64(a)/float64(repetitions), 100*float64(b)/float64(repetitions)
			t.Logf("%-12s by %-8s: a in %.1f %%, b in %.1f %%", name, kind, holdA, holdB)
			if min(holdA, holdB) < 80 {
				t.Errorf("%s by %s: the 95 %% interval holds a in %.1f %%, b in %.1f %%", name, kind, holdA, holdB)
			}
		}
	}
}

func TestFitInterval(t *testing.T) {
	counts := []Count{{N: 100, C: 1}, {N: 100, C: 30}, {N: 100}, {N: 100, C: 4}}
	first, err := FitInterval(t.Context(), counts, Options{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := FitInterval(t.Context(), counts, Options{})
	if err != nil || *again.Interval != *first.Interval {
		t.Errorf("%+v, then %+v, %v", first.Interval, again.Interval, err)
	}
	if other, err := FitInterval(t.Context(), counts, Options{Seed: 1}); err != nil || *other.Interval == *first.Interval {
		t.Errorf("another seed gives the same interval, or %v", err)
	}
	wide, err := FitInterval(t.Context(), counts, Options{Level: 0.99})
	if err != nil || !(wide.Interval.ALow < first.Interval.ALow && wide.Interval.BHigh >= first.Interval.BHigh) {
		t.Errorf("99 %%: %+v, 95 %%: %+v, %v", wide.Interval, first.Interval, err)
	}
	for _, p := range []float64{first.Interval.ALow, first.Interval.AHigh, first.Interval.BLow, first.Interval.BHigh} {
		if math.IsNaN(p) || math.IsInf(p, 0) || p > 0 {
			t.Errorf("%+v", first.Interval)
		}
	}
	if _, err := FitInterval(t.Context(), counts[:1], Options{Kind: Problems}); err == nil {
		t.Error("one problem, by problems: no error")
	}
	if _, err := FitInterval(t.Context(), []Count{{N: 10}}, Options{}); !errors.Is(err, ErrNoFit) {
		t.Errorf("nothing solved: %v", err)
	}
}

func BenchmarkFitInterval(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	counts := make([]Count, 1000)
	for i := range counts {
		counts[i] = Count{N: 1000, C: rng.IntN(1 + rng.IntN(1000))}
	}
	for b.Loop() {
		if _, err := FitInterval(b.Context(), counts, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
