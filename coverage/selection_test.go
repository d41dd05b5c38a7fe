package coverage

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestShare(t *testing.T) {
	for _, test := range []struct {
		random, selected, oracle, share float64
		ok                              bool
	}{
		{.2, .2, .6, 0, true},
		{.2, .6, .6, 1, true},
		{.2, .5, .6, .75, true},
		{.2, .1, .6, -.25, true},
		{.2, .2, .2, 0, false},
		{.3, .2, .2, 0, false},
		{0, math.NaN(), 1, 0, false},
		{math.NaN(), .5, 1, 0, false},
		{.2, .5, math.Inf(1), 0, true},
		{math.Inf(-1), .5, 1, 0, false},
	} {
		share, ok := Share(test.random, test.selected, test.oracle)
		if math.Abs(share-test.share) > 1e-12 || ok != test.ok {
			t.Errorf("%v: %g, %t", test, share, ok)
		}
	}
}

func TestSelect(t *testing.T) {
	sets := []Set{
		{Problem: "a", Samples: []Scored{
			{Right: true, Answer: "7", Score: 3}, {Answer: "8", Score: 2}, {Answer: "8", Score: .5}, {Right: true, Answer: "7", Score: 1}, {Right: true, Unknown: true, Score: 9},
		}},
		{Problem: "b", Samples: []Scored{{Answer: "1", Score: 1}, {Right: true, Answer: "2", Score: 1}, {Answer: "1"}}},
	}
	s, err := Select(t.Context(), sets, []int{1, 3}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Problems != 2 || s.Unknown != 1 {
		t.Errorf("%+v", s)
	}
	want := map[string][]float64{
		MethodOracle:           {(1./2 + 1./3) / 2, 1},
		MethodBestOf:           {(1./2 + 1./3) / 2, (3./4 + 1./2) / 2},
		MethodWeightedMajority: {(1./2 + 1./3) / 2, (3./4 + 1./3) / 2},
		MethodMajority:         {(1./2 + 1./3) / 2, (1./2 + 0) / 2},
		MethodRandom:           {(1./2 + 1./3) / 2, (1./2 + 1./3) / 2},
	}
	for i, m := range s.Methods {
		if order := []string{MethodOracle, MethodBestOf, MethodWeightedMajority, MethodMajority, MethodRandom}; m.Method != order[i] {
			t.Errorf("method %d is %s", i, m.Method)
		}
		for j, p := range m.Points {
			if math.Abs(p.Pass-want[m.Method][j]) > 1e-12 || p.K != []int{1, 3}[j] || p.Error != 0 || p.Low > p.Pass || p.High < p.Pass {
				t.Errorf("%s: %+v, want %g", m.Method, p, want[m.Method][j])
			}
			if (p.Share == nil) != (j == 0) {
				t.Errorf("%s: share %v", m.Method, p.Share)
			}
		}
	}
	if share := *s.Methods[1].Points[1].Share; math.Abs(share-(5./8-5./12)/(1-5./12)) > 1e-12 {
		t.Errorf("share %g", share)
	}
}

func TestSelectRefused(t *testing.T) {
	ok := Set{Problem: "a", Samples: []Scored{{Right: true}, {}}}
	ended, end := context.WithCancel(t.Context())
	end()
	for _, test := range []struct {
		name  string
		ctx   context.Context
		sets  []Set
		ks    []int
		o     Options
		fault string
	}{
		{"none", t.Context(), nil, []int{1}, Options{}, "counts: is empty"},
		{"no samples", t.Context(), []Set{ok, {Problem: "b"}}, []int{1}, Options{}, "counts[1].n: problem \"b\""},
		{"k above the least", t.Context(), []Set{ok, {Samples: ok.Samples[:1]}}, []int{2}, Options{}, "k: pass@2 cannot be estimated"},
		{"score", t.Context(), []Set{ok, {Samples: []Scored{{Score: math.Inf(1)}}}}, []int{1}, Options{}, "sets[1].samples[0].score"},
		{"kind", t.Context(), []Set{ok}, []int{1}, Options{Kind: Problems}, "interval"},
		{"ended", ended, []Set{{Samples: []Scored{{Answer: "1"}}}}, []int{1}, Options{}, "context canceled"},
	} {
		s, err := Select(test.ctx, test.sets, test.ks, test.o)
		if s != nil || err == nil || !strings.Contains(err.Error(), test.fault) {
			t.Errorf("%s: %v, %v", test.name, s, err)
		}
		if _, is := errors.AsType[*Invalid](err); !is && test.name != "ended" {
			t.Errorf("%s: %T", test.name, err)
		}
	}
}

// How often the 95 % interval of a vote holds the truth, which is known: with probability right of each problem's own a
// sample states the right answer, otherwise one of four wrong ones.
func TestSelectIntervals(t *testing.T) {
	repeat, large := 8, 5_000
	if os.Getenv("BOREL_FULL") != "" {
		repeat, large = 1000, 40_000
	}
	r := rand.New(rand.NewPCG(13, 14))
	draw := func(rate float64, n int) Set {
		s := Set{Samples: make([]Scored, n)}
		for i := range s.Samples {
			if r.Float64() < rate {
				s.Samples[i] = Scored{Right: true, Answer: "right"}
			} else {
				s.Samples[i] = Scored{Answer: fmt.Sprint(r.IntN(4))}
			}
		}
		return s
	}
	ks := []int{1, 5, 20, 40}
	// The truth by rate, from a very large number of samples.
	var truth [11][]float64
	for i := range truth {
		m, err := Majority(draw(float64(i)/10, large).Samples, ks, false, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range m {
			truth[i] = append(truth[i], p.Pass)
		}
	}
	for _, kind := range []string{Samples, Problems} {
		for _, problems := range []int{5, 40} {
			held := make([]int, len(ks))
			width := make([]float64, len(ks))
			for range repeat {
				sets, want := make([]Set, problems), make([]float64, len(ks))
				for i := range sets {
					rate := i % 11 // the same problems each time
					if kind == Problems {
						rate = r.IntN(11)
					}
					sets[i] = draw(float64(rate)/10, 40)
					for j := range ks {
						want[j] += truth[rate][j] / float64(problems)
						if kind == Problems && i == 0 {
							want[j] = 0
							for _, of := range truth {
								want[j] += of[j] / float64(len(truth))
							}
						} else if kind == Problems {
							want[j] -= truth[rate][j] / float64(problems)
						}
					}
				}
				s, err := Select(t.Context(), sets, ks, Options{Kind: kind})
				if err != nil {
					t.Fatal(err)
				}
				for j, p := range s.Methods[1].Points {
					if p.Low <= want[j] && want[j] <= p.High {
						held[j]++
					}
					width[j] += (p.High - p.Low) / float64(repeat)
				}
			}
			for j, k := range ks {
				share := float64(held[j]) / float64(repeat)
				t.Logf("%s, %d problems, majority of %d among 40: held in %.1f %%, width %.3f", kind, problems, k, 100*share, width[j])
				least := map[int]float64{5: .85, 40: .92}[problems]
				if repeat < 1000 {
					least = .7
				}
				if share < least {
					t.Errorf("%s, %d problems, k = %d: held in only %.1f %%", kind, problems, k, 100*share)
				}
			}
		}
	}
}

// What is missing is said, not drawn wrong.
func TestSelectMissing(t *testing.T) {
	for _, c := range []struct {
		name    string
		samples []Scored
		want    []Missing
	}{
		{"all there", []Scored{{Right: true, Score: 1, Answer: "x"}, {Score: 2, Answer: "y"}}, nil},
		{"no answers", []Scored{{Right: true, Score: 1}, {Score: 2}}, []Missing{
			{MethodWeightedMajority, "no sample has an answer to vote with"}, {MethodMajority, "no sample has an answer to vote with"}}},
		{"one without a score", []Scored{{Right: true, Score: 1, Answer: "x"}, {NoScore: true, Answer: "y"}}, []Missing{
			{MethodBestOf, "1 of 2 samples have no score"}, {MethodWeightedMajority, "1 of 2 samples have no score"}}},
		{"an unknown one without a score", []Scored{{Right: true, Score: 1, Answer: "x"}, {Score: 2, Answer: "y"}, {Unknown: true, NoScore: true}}, nil},
		{"negative", []Scored{{Right: true, Score: -1, Answer: "x"}, {Score: 2, Answer: "y"}}, []Missing{
			{MethodWeightedMajority, "1 of 2 scores are negative, and their sum is no weight"}}},
	} {
		s, err := Select(t.Context(), []Set{{Samples: c.samples}}, []int{1, 2}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(s.Missing, c.want) {
			t.Errorf("%s: missing are %v, want %v", c.name, s.Missing, c.want)
		}
		if len(s.Methods)+len(s.Missing) != 5 {
			t.Errorf("%s: %d methods and %d missing", c.name, len(s.Methods), len(s.Missing))
		}
	}
}
