package coverage

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// The intervals of a difference hold as often as they say, and the probability that b is better is calibrated.
func TestDifferencesHold(t *testing.T) {
	repetitions := 60
	if os.Getenv("BOREL_FULL") != "" {
		repetitions = 500
	}
	type system struct{ hard, spread, shift float64 } // log odds of a problem, and how far b is from a
	for _, test := range []struct {
		kind     string
		problems int
		n        int
		ks       []int
	}{
		{Samples, 1, 20, []int{1, 10}},
		{Samples, 5, 100, []int{1, 10, 100}},
		{Samples, 20, 10, []int{1, 5, 10}},
		{Samples, 100, 100, []int{1, 10, 100}},
		{Problems, 10, 20, []int{1, 10, 20}},
		{Problems, 30, 10, []int{1, 5, 10}},
		{Problems, 164, 20, []int{1, 10, 20}},
	} {
		average := 0.0
		for i, s := range []system{{0, 2, 0}, {-4, 2, 0.5}, {-3, 3, 1}, {1, 3, 0.2}} {
			rng := rand.New(rand.NewPCG(uint64(i), uint64(test.problems)))
			draw := func() (a, b float64) {
				x := s.hard + s.spread*rng.NormFloat64()
				rate := func(odds float64) float64 { return 1 / (1 + math.Exp(-odds)) }
				return rate(x + 0.5*rng.NormFloat64()), rate(x + s.shift + 0.5*rng.NormFloat64())
			}
			truth := make([]float64, len(test.ks))
			add := func(a, b float64, problems int) {
				for j, k := range test.ks {
					truth[j] += (atLeastOnce(b, k) - atLeastOnce(a, k)) / float64(problems)
				}
			}
			if test.kind == Problems {
				for range 40_000 {
					a, b := draw()
					add(a, b, 40_000)
				}
			}
			hold, width := make([]float64, len(test.ks)), make([]float64, len(test.ks))
			for r := range repetitions {
				if test.kind == Samples {
					clear(truth)
				}
				a, b := make([]Count, test.problems), make([]Count, test.problems)
				for j := range a {
					pa, pb := draw()
					if test.kind == Samples {
						add(pa, pb, test.problems)
					}
					count := func(p float64) Count {
						return Count{N: test.n, C: int(distuv.Binomial{N: float64(test.n), P: p, Src: rng}.Rand())}
					}
					a[j], b[j] = count(pa), count(pb)
				}
				ds, err := Compare(a, b, test.ks, Options{Kind: test.kind, Resamples: 1000, Seed: uint64(r)})
				if err != nil {
					t.Fatal(err)
				}
				for j, d := range ds {
					width[j] += (d.High - d.Low) / float64(repetitions)
					if d.Low <= truth[j] && truth[j] <= d.High {
						hold[j] += 100 / float64(repetitions)
					}
				}
			}
			t.Logf("%-8s %3d problems, n %3d, system %d: hold %.1f %%, width %.3f", test.kind, test.problems, test.n, i, hold, width)
			for j, h := range hold {
				average += h / float64(4*len(hold))
				if h < 84 {
					t.Errorf("%s, %d problems, n %d, system %d: the interval at k = %d holds in %.1f %%", test.kind, test.problems, test.n, i, test.ks[j], h)
				}
			}
		}
		if average < 93 || average > 99.5 {
			t.Errorf("%s, %d problems, n %d: the intervals hold in %.1f %% on average", test.kind, test.problems, test.n, average)
		}
	}
}

// Of two systems of which either is as likely the better, that which is better with a probability of p is so in a share of p.
func TestBetterIsCalibrated(t *testing.T) {
	for _, kind := range []string{Samples, Problems} {
		rng := rand.New(rand.NewPCG(5, 6))
		const repetitions, problems, n = 600, 30, 20
		said, was, sure := 0.0, 0.0, 0
		for range repetitions {
			shift := 0.4 * rng.NormFloat64()
			a, b, truth := make([]Count, problems), make([]Count, problems), 0.0
			for i := range a {
				x := -1 + 2*rng.NormFloat64()
				pa, pb := 1/(1+math.Exp(-x)), 1/(1+math.Exp(-x-shift))
				a[i] = Count{N: n, C: int(distuv.Binomial{N: n, P: pa, Src: rng}.Rand())}
				b[i] = Count{N: n, C: int(distuv.Binomial{N: n, P: pb, Src: rng}.Rand())}
				truth += pb - pa
			}
			ds, err := Compare(a, b, []int{1}, Options{Kind: kind, Resamples: 1000})
			if err != nil {
				t.Fatal(err)
			}
			p, right := ds[0].Better, truth > 0
			if p < 0.5 {
				p, right = 1-p, !right
			}
			if p > 0.95 {
				sure++
			}
			said += p / repetitions
			if right {
				was += 1. / repetitions
			}
		}
		t.Logf("%s: said %.3f, was %.3f; sure of %d in %d", kind, said, was, sure, repetitions)
		if math.Abs(said-was) > 0.03 || sure < repetitions/4 {
			t.Errorf("%s: the better one was so in %.3f, by the probabilities in %.3f; %d were sure", kind, was, said, sure)
		}
	}
}

func TestCompare(t *testing.T) {
	a := []Count{{Problem: "x", N: 10, C: 2}, {Problem: "y", N: 20, C: 0}, {Problem: "z", N: 10, C: 9}}
	b := []Count{{Problem: "z", N: 12, C: 12}, {Problem: "x", N: 10, C: 5}, {Problem: "y", N: 10, C: 0}}
	for _, o := range []Options{{}, {Kind: Problems}} {
		ds, err := Compare(a, b, []int{10, 1}, o)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []Difference{{K: 10, A: 2. / 3, B: 2. / 3}, {K: 1, A: 1.1 / 3, B: 1.5 / 3, Difference: 0.4 / 3}} {
			d := ds[i]
			if d.K != want.K || math.Abs(d.A-want.A)+math.Abs(d.B-want.B)+math.Abs(d.Difference-want.Difference) > 1e-14 || !(-1 <= d.Low && d.Low <= d.Difference && d.Difference <= d.High && d.High <= 1) {
				t.Errorf("%+v, want %+v", d, want)
			}
		}
		if ds[1].Better < 0.7 || ds[0].Better < 0.4 || ds[0].Better > 0.6 {
			t.Errorf("b is better with %g and %g, want about 0.5 and above 0.7", ds[0].Better, ds[1].Better)
		}
		back, err := Compare(b, a, []int{1}, o)
		if err != nil || math.Abs(back[0].Better+ds[1].Better-1) > 0.01 || math.Abs(back[0].Low+ds[1].High) > 0.04 {
			t.Errorf("the other way round %+v, %v; this way %+v", back, err, ds[1])
		}
		again, err := Compare(a, b, []int{10, 1}, o)
		if err != nil || again[0] != ds[0] || again[1] != ds[1] {
			t.Errorf("%+v, then %+v", ds, again)
		}
	}
}

// What makes a problem hard makes it so for both: pairs tell far more than two curves.
func TestPairsMatter(t *testing.T) {
	var a, b []Count
	for i := range 60 {
		a = append(a, Count{N: 100, C: i % 6 * 18})
		b = append(b, Count{N: 100, C: i%6*18 + 5})
	}
	o := Options{Kind: Problems}
	ds, err := Compare(a, b, []int{1}, o)
	if err != nil {
		t.Fatal(err)
	}
	points, err := Curve(a, []int{1}, o)
	if err != nil {
		t.Fatal(err)
	}
	if pairs, alone := ds[0].High-ds[0].Low, points[0].High-points[0].Low; pairs > alone/3 || ds[0].Better < 0.99 {
		t.Errorf("%+v, but of one system %+v", ds[0], points[0])
	}
}

func TestCompareRefuses(t *testing.T) {
	named := func(names ...string) (counts []Count) {
		for _, name := range names {
			counts = append(counts, Count{Problem: name, N: 4, C: 1})
		}
		return counts
	}
	for _, test := range []struct {
		a, b    []Count
		k       int
		o       Options
		field   string
		message string
	}{
		{named("x", "y"), named("x"), 1, Options{}, "a", `1 problems that b has not: "y"`},
		{named("x"), named("x", "1", "2", "3", "4"), 1, Options{}, "b", `4 problems that a has not: "1", "2", "3", …`},
		{named("x", "x"), named("x"), 1, Options{}, "a[1].problem", "twice"},
		{named("x"), named("x", ""), 1, Options{}, "b[1].problem", "is empty"},
		{named("", ""), named(""), 1, Options{}, "b", "by position"},
		{named("x"), nil, 1, Options{}, "b", "is empty"},
		{nil, named("x"), 1, Options{}, "a", "is empty"},
		{named("x"), []Count{{Problem: "x", N: 4, C: 5}}, 1, Options{}, "b[0].c", "between 0 and n"},
		{named("x"), named("x"), 5, Options{}, "k", "cannot be estimated"},
		{named("x"), named("x"), 1, Options{Kind: Problems}, "interval", "two problems"},
		{named("x"), named("x"), 1, Options{Level: 2}, "level", "below 1"},
		{make([]Count, 0, 1), named("x"), 1, Options{}, "a", "is empty"},
	} {
		ds, err := Compare(test.a, test.b, []int{test.k}, test.o)
		invalid, is := errors.AsType[*Invalid](err)
		if !is || invalid.Field != test.field || !strings.Contains(invalid.Message, test.message) || ds != nil {
			t.Errorf("%v, %v; want %s: …%s…", ds, err, test.field, test.message)
		}
	}
	a, b, onlyA, onlyB := Common(named("x", "y", "z"), named("w", "z", "y"))
	if _, err := Compare(a, b, []int{1}, Options{}); err != nil || len(a) != 2 || a[0].Problem != "y" || !slices.Equal(onlyA, []string{"x"}) || !slices.Equal(onlyB, []string{"w"}) {
		t.Errorf("%v, %v, %v, %v, %v", a, b, onlyA, onlyB, err)
	}
}
