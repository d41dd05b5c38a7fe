package coverage

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
)

var asked = []Count{{Problem: "a", N: 100, C: 60}, {Problem: "b", N: 100, C: 12}, {Problem: "c", N: 110, C: 3, Unknown: 2}, {Problem: "d", N: 100}}

// Whatever is asked together is what the functions answer one by one.
func TestAnalyze(t *testing.T) {
	ask := Ask{
		K: []int{1, 10}, Level: 0.9, PassHat: true, Fit: true, Forecast: []int{100, 1000}, Difficulty: true,
		Advice: &Want{Reach: 0.3, Budget: 40, Cost: Cost{Axis: AxisDollars, Each: 0.5}},
	}
	r, err := Analyze(t.Context(), asked, ask)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Level: 0.9}
	points, _ := Curve(asked, ask.K, o)
	bounds, _ := Bounds(asked, ask.K)
	hat, _ := Hat(asked, ask.K, o)
	law, _ := Fit(asked)
	forecast, _ := Extrapolate(t.Context(), asked, ask.Forecast, o)
	difficulty, _ := Difficulties(asked, o)
	advice, _ := Advise(asked, *ask.Advice, o)
	equalJSON(t, "report", r, &Report{
		Problems: 4, Unknown: 2, Coverage: points, Interval: o.Interval(), Bounds: bounds, PassHat: hat, Fit: law, Forecast: forecast, Difficulty: difficulty, Advice: advice,
	})
}

// A coverage that the samples do not reach is looked for beyond them.
func TestAnalyzeAdviceForecasts(t *testing.T) {
	r, err := Analyze(t.Context(), asked, Ask{Advice: &Want{Reach: 0.8}})
	if err != nil {
		t.Fatal(err)
	}
	reach := r.Advice.Reach
	if reach == nil || reach.K != 0 && (!reach.Forecast || reach.K <= 100) || reach.K == 0 && reach.Doubt == "" {
		t.Errorf("%+v", reach)
	}
}

func TestAnalyzeRefused(t *testing.T) {
	stopped := []Count{{N: 3, C: 1, Stopped: FirstAccepted}, {N: 5, Stopped: FirstAccepted}}
	for _, test := range []struct {
		name   string
		counts []Count
		ask    Ask
		field  string
	}{
		{"no counts", nil, Ask{}, "counts"},
		{"k beyond n", asked, Ask{K: []int{101}}, "k"},
		{"level", asked, Ask{Level: 1}, "level"},
		{"level that is no number", asked, Ask{Level: math.NaN()}, "level"},
		{"over", asked, Ask{Over: "models"}, "over"},
		{"over problems of one", asked[:1], Ask{Over: Problems}, "over"},
		{"method", asked, Ask{Method: "guess"}, "method"},
		{"estimate", asked, Ask{Estimate: "biased"}, "estimate"},
		{"stopped", stopped, Ask{}, "counts[0].stopped"},
		{"stopped, and a fit", stopped, Ask{Estimate: InverseSampling, Fit: true}, "fit"},
		{"stopped, and pass^k", stopped, Ask{Estimate: InverseSampling, PassHat: true}, "pass_hat"},
		{"stopped, and a forecast", stopped, Ask{Estimate: InverseSampling, Forecast: []int{10}}, "forecast"},
		{"stopped, and a bootstrap", stopped, Ask{Estimate: InverseSampling, Method: Bootstrap}, "method"},
		{"against c > n, behind a problem of its own", asked, Ask{Against: []Count{{Problem: "other", N: 1}, {Problem: asked[0].Problem, N: 1, C: 2}}}, "against[1].c"},
		{"against too few samples", asked, Ask{K: []int{10}, Against: []Count{{Problem: asked[0].Problem, N: 2}}}, "k"},
		{"forecast of 0", asked, Ask{Forecast: []int{0}}, "forecast"},
		{"advice about nothing", asked, Ask{Advice: &Want{}}, "advice.reach"},
		{"coverage above 1", asked, Ask{Advice: &Want{Reach: 1.5}}, "advice.reach"},
		{"budget that is no number", asked, Ask{Advice: &Want{Budget: math.NaN()}}, "advice.budget"},
		{"cost below 0", asked, Ask{Advice: &Want{Reach: 0.5, Cost: Cost{Each: -1}}}, "advice.cost.each"},
	} {
		r, err := Analyze(t.Context(), test.counts, test.ask)
		if e, ok := errors.AsType[*Invalid](err); !ok || e.Field != test.field || r != nil {
			t.Errorf("%s: %v, want a fault of %s", test.name, err, test.field)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Analyze(ended, asked, Ask{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// What has no answer is left out, and JSON has no NaN and no Inf.
func TestAnalyzeDegenerate(t *testing.T) {
	for name, counts := range map[string][]Count{
		"one sample":   {{N: 1, C: 1}},
		"none solved":  {{N: 50}, {N: 60}},
		"all solved":   {{N: 50, C: 50}, {N: 60, C: 60}},
		"one problem":  {{N: 50, C: 1}},
		"unequal":      {{N: 1}, {N: 1_000_000, C: 999_999}},
		"much unknown": {{N: 1, C: 1, Unknown: 1_000}, {N: 2}},
	} {
		r, err := Analyze(t.Context(), counts, Ask{PassHat: true, Fit: true, Forecast: []int{1, 1_000_000}, Difficulty: true, Advice: &Want{Reach: 1, Budget: 1e99}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if text, err := json.Marshal(r); err != nil || strings.Contains(string(text), "NaN") || len(r.Coverage) == 0 {
			t.Errorf("%s: %s, %v", name, text, err)
		}
	}
}

func equalJSON(t *testing.T, name string, got, want any) {
	t.Helper()
	a, errA := json.Marshal(got)
	b, errB := json.Marshal(want)
	if errA != nil || errB != nil || string(a) != string(b) {
		t.Errorf("%s: %s %v\nwant %s %v", name, a, errA, b, errB)
	}
}
