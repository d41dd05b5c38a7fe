package coverage

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// geometric is counts of problems whose rates fall evenly in the logarithm, to n samples each.
func geometric(problems, n int, least float64) []Count {
	counts := make([]Count, problems)
	for i := range counts {
		counts[i] = Count{N: n, C: int(math.Round(float64(n) * math.Pow(least, (float64(i)+0.5)/float64(problems))))}
	}
	return counts
}

// One of the 20 draws of each model that TestForecastPythia takes.
func TestExtrapolatePythia(t *testing.T) {
	for _, model := range []string{"Pythia 160M", "Pythia 1B", "Pythia 12B"} {
		full := pythia(t, model)
		ks := []int{300, 1000, 3000, 10_000}
		f, err := Extrapolate(t.Context(), thinned(rand.New(rand.NewPCG(5, 5)), full, 100), ks, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, truth := range mean(full, ks) {
			if p := f.Points[i]; p.K != ks[i] || math.Abs(p.Pass-truth) > 0.1 || truth < p.Low || truth > p.High {
				t.Errorf("%s: %+v, true %.3f", model, p, truth)
			}
		}
		if f.From != 100 || f.Model != "bent_power_law" || len(f.Models) != 8 {
			t.Errorf("%s: %+v", model, f)
		}
	}
}

func TestExtrapolatePoints(t *testing.T) {
	counts := geometric(40, 50, 1e-3)
	for i := range counts[:5] {
		counts[i].N += 3 * i // unequal
	}
	ks := []int{5000, 1, 50, 51, 100, 10_000_000}
	for _, kind := range []string{Samples, Problems} {
		o := Options{Kind: kind, Level: 0.9}
		f, err := Extrapolate(t.Context(), counts, ks, o)
		if err != nil {
			t.Fatal(err)
		}
		known, err := Curve(counts, []int{1, 50}, o)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(f.Points[1:3], known) {
			t.Errorf("%s: within the samples %+v, want the curve %+v", kind, f.Points[1:3], known)
		}
		if p := f.Points; p[3].Pass > p[4].Pass || p[4].Pass > p[0].Pass || p[0].Pass > p[5].Pass || math.Abs(p[3].Pass-p[2].Pass) > 0.03 {
			t.Errorf("%s: %+v", kind, p)
		}
		if !strings.Contains(f.Doubt, "more than 10 times") {
			t.Errorf("doubt %q", f.Doubt)
		}
		weight := 0.0
		for _, m := range f.Models {
			weight += m.Weight
			check(t, m.Model, m.Points)
			for name, v := range m.Parameters {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%s: %s = %g", m.Model, name, v)
				}
			}
			if !(m.Score > 0) || !(m.RMSE > 0) {
				t.Errorf("%s: score %g, rmse %g", m.Model, m.Score, m.RMSE)
			}
		}
		if math.Abs(weight-1) > 1e-9 {
			t.Errorf("weights add up to %g", weight)
		}
		again, err := Extrapolate(t.Context(), counts, ks, o)
		if err != nil || !reflect.DeepEqual(f, again) {
			t.Errorf("the second forecast differs, %v", err)
		}
	}
}

func check(t *testing.T, name string, points []Point) {
	t.Helper()
	for _, p := range points {
		if !(0 <= p.Low && p.Low <= p.Pass && p.Pass <= p.High && p.High <= 1) {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// What few or strange counts come to: no forecast, a doubtful one, or one without doubt, and never a number that is none.
func TestExtrapolateDoubt(t *testing.T) {
	alike := func(problems, n, c int) []Count {
		counts := make([]Count, problems)
		for i := range counts {
			counts[i] = Count{N: n, C: c}
		}
		return counts
	}
	for name, test := range map[string]struct {
		counts []Count
		want   string // in the doubt
	}{
		"nothing solved":      {alike(50, 100, 0), "no forecast: nothing was solved, which bounds pass@400 to at most 0.213"},
		"two solved":          {append(alike(50, 100, 0), alike(2, 100, 3)...), "no forecast: 2 problems solved"},
		"one problem":         {alike(1, 100, 3), "no forecast: 1 problems"},
		"one sample":          {alike(100, 1, 1), "no forecast: a problem has 1 samples"},
		"few samples":         {geometric(40, 10, 1e-2), "few samples"},
		"few problems":        {geometric(8, 100, 1e-3), "few problems"},
		"everything solved":   {alike(50, 100, 100), ""},
		"everything once":     {alike(50, 100, 1), ""},
		"all but one at once": {append(alike(49, 100, 100), alike(1, 100, 0)...), ""},
		"one long problem":    {append(geometric(40, 50, 1e-2), Count{N: MaxSamples, C: MaxSamples / 3}), ""},
		"unknown left out":    {append(geometric(40, 50, 1e-2), Count{N: 50, C: 2, Unknown: 1000}), ""},
	} {
		f, err := Extrapolate(t.Context(), test.counts, []int{400, 200}, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !strings.Contains(f.Doubt, test.want) || strings.HasPrefix(f.Doubt, "no forecast") != (len(f.Points) == 0) || (f.Model == "") != (len(f.Points) == 0) {
			t.Errorf("%s: %+v", name, f)
		}
		check(t, name, f.Points)
		for _, m := range f.Models {
			check(t, name+": "+m.Model, m.Points)
		}
	}
}

func TestExtrapolateRefuses(t *testing.T) {
	good := geometric(40, 50, 1e-2)
	for name, test := range map[string]struct {
		counts []Count
		ks     []int
		o      Options
		field  string
	}{
		"k 0":       {good, []int{0}, Options{}, "k"},
		"k huge":    {good, []int{MaxSamples + 1}, Options{}, "k"},
		"many k":    {good, make([]int, MaxPoints+1), Options{}, "k"},
		"empty":     {nil, []int{1}, Options{}, "counts"},
		"c above n": {[]Count{{N: 1, C: 2}}, []int{1}, Options{}, "counts[0].c"},
		"stopped":   {[]Count{{N: 1, C: 1, Stopped: FirstAccepted}}, []int{1}, Options{}, "counts[0].stopped"},
		"level":     {good, []int{100}, Options{Level: math.NaN()}, "level"},
	} {
		f, err := Extrapolate(t.Context(), test.counts, test.ks, test.o)
		if invalid, ok := errors.AsType[*Invalid](err); !ok || invalid.Field != test.field || f != nil {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Extrapolate(ctx, good, []int{100}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if f, err := Extrapolate(t.Context(), good, nil, Options{}); err != nil || len(f.Points) != 0 {
		t.Errorf("no k: %+v, %v", f, err)
	}
}

// As many k as may be asked for lie on the lines between those looked at.
func TestExtrapolateManyK(t *testing.T) {
	ks := make([]int, MaxPoints)
	for i := range ks {
		ks[i] = 51 + 10*i
	}
	counts := geometric(40, 50, 1e-2)
	f, err := Extrapolate(t.Context(), counts, ks, Options{})
	if err != nil {
		t.Fatal(err)
	}
	one, err := Extrapolate(t.Context(), counts, []int{51, 5051, ks[MaxPoints-1]}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range []int{0, 500, MaxPoints - 1} {
		if got, want := f.Points[at], one.Points[i]; got.K != want.K || math.Abs(got.Pass-want.Pass) > 2e-3 || math.Abs(got.Low-want.Low) > 5e-3 || math.Abs(got.High-want.High) > 5e-3 {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

// The likelihood of a family on the grid is that of the Beta-binomial distribution, whose formula is known.
func TestLikelihoodBetaBinomial(t *testing.T) {
	a, b := 0.4, 6.0
	lbeta := func(a, b float64) float64 {
		la, _ := math.Lgamma(a)
		lb, _ := math.Lgamma(b)
		lab, _ := math.Lgamma(a + b)
		return la + lb - lab
	}
	x := newAxis()
	mass := make([]float64, rateGrid)
	betaMass(x, a, b, mass)
	for _, n := range []int{1, 10, 100, 10_000} {
		// The likelihood is a multiple of an unknown number for each count, which leaves the posterior.
		for _, c := range []int{0, 1, n / 2, n} {
			e := newEvidence(x, []cell{{n, c, 1}})
			for _, k := range []int{n, 10 * n} {
				want := -math.Expm1(lbeta(a+float64(c), b+float64(n-c+k)) - lbeta(a+float64(c), b+float64(n-c)))
				if got, _ := e.expect(mass, k); math.Abs(got-want) > 2e-3 {
					t.Errorf("n %d, c %d: pass@%d %.5f, want %.5f", n, c, k, got, want)
				}
			}
		}
	}
}

// All families are distributions, also where parameters are extreme.
func TestFamiliesSum(t *testing.T) {
	x := newAxis()
	for _, f := range families() {
		for _, far := range []float64{-4, -1, 0, 1, 4, 12} {
			at, mass := make([]float64, len(f.about)), make([]float64, rateGrid)
			for i := range at {
				at[i] = f.about[i] + far*f.sd[i]
			}
			f.mass(x, at, mass)
			sum := 0.0
			for _, m := range mass {
				sum += m
				if !(m >= 0) {
					t.Fatalf("%s at %v: %g", f.name, at, m)
				}
			}
			if math.Abs(sum-1) > 1e-9 {
				t.Errorf("%s at %v: sum %g", f.name, at, sum)
			}
		}
	}
}

func TestHypergeometric(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, h := range [][3]int{{100, 3, 10}, {100, 90, 10}, {100, 10, 100}, {50, 0, 7}, {40_000, 15_000, 12_000}, {7, 7, 3}} {
		n, c, m := h[0], h[1], h[2]
		sum, squares := 0.0, 0.0
		const draws = 4000
		for range draws {
			v := hypergeometric(rng, n, c, m)
			if v < 0 || v > min(c, m) || v < m-(n-c) {
				t.Fatalf("%v: %d", h, v)
			}
			sum += float64(v) / draws
			squares += float64(v*v) / draws
		}
		share := float64(c) / float64(n)
		mean, variance := float64(m)*share, float64(m)*share*(1-share)*float64(n-m)/float64(n-1)
		if math.Abs(sum-mean) > 4*math.Sqrt(variance/draws)+1e-9 || math.Abs(squares-sum*sum-variance) > 0.15*variance+1e-6*mean*mean {
			t.Errorf("%v: mean %.3f, variance %.3f, want %.3f, %.3f", h, sum, squares-sum*sum, mean, variance)
		}
	}
}

func BenchmarkExtrapolate(b *testing.B) {
	for _, size := range []struct{ problems, samples int }{{128, 100}, {1000, 100}, {1000, 10_000}, {1_000_000, 1000}} {
		b.Run(fmt.Sprintf("%dx%d", size.problems, size.samples), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			counts := make([]Count, size.problems)
			for i := range counts {
				counts[i] = Count{N: size.samples, C: int(math.Pow(rng.Float64(), 4) * float64(size.samples))}
			}
			for b.Loop() {
				if _, err := Extrapolate(b.Context(), counts, []int{100 * size.samples}, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
