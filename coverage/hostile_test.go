package coverage

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"
)

// Counts that are on the edge of what there is, or beyond it, get from everything that takes counts a refusal or a finite
// answer: never NaN, never a panic. JSON has no NaN and no infinity.
func TestHostileCounts(t *testing.T) {
	same := func(n, c, problems int) []Count {
		counts := make([]Count, problems)
		for i := range counts {
			counts[i] = Count{Problem: fmt.Sprint(i), N: n, C: c}
		}
		return counts
	}
	ctx := t.Context()
	inputs := []struct {
		name   string
		counts []Count
		ks     []int
		bad    bool
	}{
		{"nil", nil, []int{1}, true},
		{"k above n", same(5, 2, 3), []int{6}, true},
		{"k 0", same(5, 2, 3), []int{0}, true},
		{"k negative", same(5, 2, 3), []int{-1}, true},
		{"c above n", same(5, 6, 3), []int{1}, true},
		{"c negative", same(5, -1, 3), []int{1}, true},
		{"n 0", same(0, 0, 3), []int{1}, true},
		{"n too large", same(MaxSamples+1, 0, 1), []int{1}, true},
		{"none solved", same(10, 0, 5), []int{1, 9, 10}, false},
		{"all solved", same(10, 10, 5), []int{1, 9, 10}, false},
		{"one sample, wrong", same(1, 0, 1), []int{1}, false},
		{"one sample, right", same(1, 1, 1), []int{1}, false},
		{"one problem", same(30, 7, 1), []int{1, 30}, false},
		{"huge", same(MaxSamples, MaxSamples/2, 2), []int{1, 1000}, false},
		{"unequal", append(same(1000, 3, 2), same(2, 1, 2)...), []int{1, 2}, false},
		{"twice the same name", append(same(10, 3, 2), same(10, 4, 2)...), []int{1, 10}, false},
		{"k far too large", same(5, 2, 3), []int{math.MaxInt}, true},
		{"stopped", []Count{{N: 5, C: 1, Stopped: Adaptive}}, []int{1}, true},
		{"unknown overflows", []Count{{N: 5, C: 1, Unknown: math.MaxInt}}, []int{1}, true},
		{"no names", []Count{{N: 4, C: 1}, {N: 4, C: 2}}, []int{1, 4}, false},
	}
	for _, f := range []struct {
		name string
		do   func(counts []Count, ks []int) (any, error)
		noK  bool // does not look at ks
	}{
		{"Curve", func(c []Count, ks []int) (any, error) { return Curve(c, ks, Options{}) }, false},
		{"Curve of problems", func(c []Count, ks []int) (any, error) { return Curve(c, ks, Options{Kind: Problems}) }, false},
		{"Curve by bootstrap", func(c []Count, ks []int) (any, error) {
			return Curve(c, ks, Options{Method: Bootstrap, Resamples: 200})
		}, false},
		{"Curve by bootstrap of problems", func(c []Count, ks []int) (any, error) {
			return Curve(c, ks, Options{Kind: Problems, Method: Bootstrap, Resamples: 200})
		}, false},
		{"Curve by Bayes", func(c []Count, ks []int) (any, error) {
			return Curve(c, ks, Options{Method: Bayes, Resamples: 200})
		}, false},
		{"Curve by Bayes of problems", func(c []Count, ks []int) (any, error) {
			return Curve(c, ks, Options{Kind: Problems, Method: Bayes, Resamples: 200})
		}, false},
		{"Means", func(c []Count, _ []int) (any, error) { m, err := Means(c); return m[:min(len(m), 100)], err }, true},
		{"Ranked", func(c []Count, ks []int) (any, error) { return Ranked(c, ks[0]) }, true},
		{"FitEven", func(c []Count, _ []int) (any, error) { return FitEven(c) }, true},
		{"FitInterval", func(c []Count, _ []int) (any, error) { return FitInterval(ctx, c, Options{}) }, true},
		{"FitInterval of problems", func(c []Count, _ []int) (any, error) {
			return FitInterval(ctx, c, Options{Kind: Problems})
		}, true},
		{"Extrapolate", func(c []Count, ks []int) (any, error) { return Extrapolate(ctx, c, ks, Options{}) }, true},
		{"Advise", func(c []Count, _ []int) (any, error) {
			return Advise(c, Want{Reach: 0.5, Budget: 10, Cost: Cost{Each: 1}}, Options{})
		}, true},
		{"InversePass", func(c []Count, _ []int) (any, error) { k, _, err := InversePass(c, 0.5); return k, err }, true},
		{"CostCurve", func(c []Count, ks []int) (any, error) { return CostCurve(c, ks, Cost{Each: 1}, Options{}) }, false},
		{"Overlay", func(c []Count, _ []int) (any, error) { return Overlay([]System{{Counts: c}, {Counts: c}}) }, true},
		{"Frontier", func(c []Count, _ []int) (any, error) {
			return Frontier([]System{{Counts: c, Cost: Cost{Each: 1}}}, []float64{1, 1e9})
		}, true},
		{"Buy", func(c []Count, _ []int) (any, error) {
			return Buy(System{Counts: c, Cost: Cost{Each: 1}}, System{Counts: c, Cost: Cost{Each: 2}}, Want{Reach: 0.5, Budget: 100}, Options{})
		}, true},
		{"Hat", func(c []Count, ks []int) (any, error) { return Hat(c, ks, Options{}) }, false},
		{"Bounds", func(c []Count, ks []int) (any, error) { return Bounds(c, ks) }, false},
		{"Compare", func(c []Count, ks []int) (any, error) { return Compare(c, c, ks, Options{}) }, false},
		{"Compare of problems", func(c []Count, ks []int) (any, error) {
			return Compare(c, c, ks, Options{Kind: Problems, Resamples: 200})
		}, false},
		{"Inverse", func(c []Count, ks []int) (any, error) { return Inverse(c, ks, Options{}) }, false},
		{"Fit", func(c []Count, _ []int) (any, error) { return Fit(c) }, true},
		{"Posteriors", func(c []Count, _ []int) (any, error) { return Posteriors(c, Options{}) }, true},
		{"Difficulties", func(c []Count, _ []int) (any, error) { return Difficulties(c, Options{}) }, true},
		{"Analyze", func(c []Count, ks []int) (any, error) { return Analyze(ctx, c, Ask{K: ks}) }, false},
	} {
		for _, in := range inputs {
			answer, err := f.do(in.counts, in.ks)
			_, refused := errors.AsType[*Invalid](err)
			if err != nil && !refused && !errors.Is(err, ErrNoFit) {
				t.Errorf("%s, %s: %v is not a refusal", f.name, in.name, err)
			}
			badK := len(in.counts) == 3 && in.counts[0].Validate() == nil
			if in.bad && err == nil && !(f.noK && badK) {
				t.Errorf("%s, %s: answered %v", f.name, in.name, answer)
			}
			if err == nil {
				if _, err := json.Marshal(answer); err != nil {
					t.Errorf("%s, %s: %v", f.name, in.name, err)
				}
			}
		}
	}
}

// One problem at a time, with numbers at the ends of what an int holds.
func TestHostileNumbers(t *testing.T) {
	ends := []int{math.MinInt, -1, 0, 1, 2, 30, MaxSamples + 1, math.MaxInt}
	good := func(p float64) bool { return 0 <= p && p <= 1 }
	for _, n := range ends {
		for _, c := range ends {
			fine := 1 <= n && n <= MaxSamples && 0 <= c && c <= n
			if all, hat := AllK(n, c), AllHatK(n, c); (all != nil) != fine || (hat != nil) != fine {
				t.Errorf("n %d, c %d: %d and %d elements", n, c, len(all), len(hat))
			}
			for _, k := range ends {
				ok := fine && 1 <= k && k <= n
				if p, err := PassAtK(n, c, k); (err == nil) != ok || !good(p) {
					t.Errorf("PassAtK(%d, %d, %d): %g, %v", n, c, k, p, err)
				}
				if p, err := PassHatK(n, c, k); (err == nil) != ok || !good(p) {
					t.Errorf("PassHatK(%d, %d, %d): %g, %v", n, c, k, p, err)
				}
				if p, err := Ranked([]Count{{N: n, C: c}, {N: 3, C: 1}, {N: 4}}, k); (err == nil) != (fine && k > 0) || !good(p) {
					t.Errorf("Ranked of %d among %d, k %d: %g, %v", c, n, k, p, err)
				}
			}
		}
	}
}

// Samples with scores and answers, and what a selector said of them.
func TestHostileSamples(t *testing.T) {
	ctx, nan, inf := t.Context(), math.NaN(), math.Inf(1)
	right, wrong := Scored{Right: true, Answer: "x", Score: 1}, Scored{Answer: "y"}
	for _, in := range []struct {
		name    string
		samples []Scored
		ks      []int
		bad     bool
	}{
		{"nil", nil, []int{1}, true},
		{"all unknown", []Scored{{Unknown: true}, {Unknown: true}}, []int{1}, true},
		{"k above the decided", []Scored{right, {Unknown: true}}, []int{2}, true},
		{"k 0", []Scored{right}, []int{0}, true},
		{"k negative", []Scored{right}, []int{math.MinInt}, true},
		{"k far too large", []Scored{right}, []int{math.MaxInt}, true},
		{"score NaN", []Scored{{Score: nan}, right}, []int{1}, true},
		{"score infinite", []Scored{{Score: -inf}, right}, []int{1}, true},
		{"one right", []Scored{right}, []int{1}, false},
		{"one wrong", []Scored{wrong}, []int{1}, false},
		{"no answers", []Scored{{Right: true}, {}}, []int{1, 2}, false},
		{"great scores", []Scored{{Score: maxScore, Answer: "x"}, {Score: -maxScore, Answer: "x"}, {Score: maxScore, Right: true, Answer: "y"}}, []int{1, 3}, false},
		{"no k", []Scored{right, wrong}, nil, false},
	} {
		for name, do := range map[string]func() (any, error){
			"BestOf":            func() (any, error) { return BestOf(in.samples, in.ks) },
			"Majority":          func() (any, error) { return Majority(in.samples, in.ks, false, Options{}) },
			"weighted Majority": func() (any, error) { return Majority(in.samples, in.ks, true, Options{}) },
			"Select": func() (any, error) {
				return Select(ctx, []Set{{Samples: in.samples}, {Samples: in.samples}}, in.ks, Options{})
			},
			"Select of problems": func() (any, error) {
				return Select(ctx, []Set{{Samples: in.samples}, {Samples: in.samples}}, in.ks, Options{Kind: Problems})
			},
		} {
			answer, err := do()
			refusedOrFinite(t, name+", "+in.name, answer, err, in.bad)
		}
	}
	few := Judged{TrueAccepted: 1, FalseAccepted: 1, FalseRejected: 1, TrueRejected: 1}
	for _, in := range []struct {
		name     string
		problems []Judged
		n, k     int
		cost     float64
		bad      bool
	}{
		{"nil", nil, 1, 1, 0, true},
		{"nothing judged", []Judged{{}}, 1, 1, 0, true},
		{"negative", []Judged{few, {TrueAccepted: -1, TrueRejected: 3}}, 1, 1, 0, true},
		{"overflow", []Judged{{TrueAccepted: math.MaxInt, FalseAccepted: math.MaxInt, TrueRejected: 5}}, 1, 1, 0, true},
		{"too many", []Judged{{TrueAccepted: MaxSamples + 1}}, 1, 1, 0, true},
		{"none accepted", []Judged{{FalseRejected: 2, TrueRejected: 2}}, 1, 2, 1, false},
		{"all accepted", []Judged{{FalseAccepted: 2, TrueAccepted: 2}}, 2, 4, 1, false},
		{"costs all", []Judged{few}, 1, 1, 1e300, false},
	} {
		answer, err := NAtK(in.problems, in.n, []int{in.k}, Options{})
		refusedOrFinite(t, "NAtK, "+in.name, answer, err, in.bad)
		trust, err := Trust(in.problems, in.cost)
		refusedOrFinite(t, "Trust, "+in.name, trust, err, in.bad)
	}
	for _, cost := range []float64{-1, nan, inf, -inf} {
		answer, err := Trust([]Judged{few}, cost)
		refusedOrFinite(t, fmt.Sprint("Trust, cost ", cost), answer, err, true)
	}
	for _, in := range [][2]int{{0, 1}, {1, 0}, {-1, 1}, {1, 5}, {math.MinInt, 1}, {1, math.MaxInt}} {
		answer, err := NAtK([]Judged{few}, in[0], []int{in[1]}, Options{})
		refusedOrFinite(t, fmt.Sprint("NAtK, n and k ", in), answer, err, true)
	}
	for _, o := range []Options{{Level: nan}, {Level: -1}, {Level: inf}, {Kind: "x"}, {Method: "x"}, {Resamples: -1}, {Resamples: math.MaxInt}} {
		counts := []Count{{N: 4, C: 1}, {N: 4, C: 2}}
		for name, do := range map[string]func() (any, error){
			"Curve":        func() (any, error) { return Curve(counts, []int{1}, o) },
			"Hat":          func() (any, error) { return Hat(counts, []int{1}, o) },
			"Inverse":      func() (any, error) { return Inverse(counts, []int{1}, o) },
			"Compare":      func() (any, error) { return Compare(counts, counts, []int{1}, o) },
			"Posteriors":   func() (any, error) { return Posteriors(counts, o) },
			"Difficulties": func() (any, error) { return Difficulties(counts, o) },
			"FitInterval":  func() (any, error) { return FitInterval(ctx, counts, o) },
			"Extrapolate":  func() (any, error) { return Extrapolate(ctx, counts, []int{9}, o) },
			"Majority":     func() (any, error) { return Majority([]Scored{right, wrong}, []int{1}, true, o) },
			"Select":       func() (any, error) { return Select(ctx, []Set{{Samples: []Scored{right, wrong}}}, []int{1}, o) },
			"NAtK":         func() (any, error) { return NAtK([]Judged{few}, 1, []int{1}, o) },
			"Analyze": func() (any, error) {
				return Analyze(ctx, counts, Ask{K: []int{1}, Level: o.Level, Over: o.Kind, Method: o.Method, Resamples: o.Resamples})
			},
		} {
			if name == "Posteriors" && o.Kind != "" {
				continue // it is always of these very problems
			}
			answer, err := do()
			refusedOrFinite(t, fmt.Sprintf("%s, %+v", name, o), answer, err, true)
		}
	}
}

func refusedOrFinite(t *testing.T, what string, answer any, err error, bad bool) {
	t.Helper()
	if _, refused := errors.AsType[*Invalid](err); bad && !refused {
		t.Errorf("%s: answered %v, %v", what, answer, err)
	} else if !bad && err != nil {
		t.Errorf("%s: %v", what, err)
	}
	if err == nil {
		if _, err := json.Marshal(answer); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}
