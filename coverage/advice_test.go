package coverage

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestAdvise(t *testing.T) {
	// One problem, 2 of 4 right: pass@1, 2, 3 is .5, .8333, 1.
	one := []Count{{N: 4, C: 2}}
	two := []Count{{N: 4, C: 2}, {N: 4, C: 0}}
	dollars := Cost{Axis: AxisDollars, Each: .1}
	for _, test := range []struct {
		name   string
		counts []Count
		w      Want
		k      int // of reach
		cost   float64
		pays   int // of budget
		point  float64
		doubt  string // contained in either
	}{
		{"reached at once", one, Want{Reach: .5}, 1, 1, 0, 0, ""},
		{"a little more takes one more", one, Want{Reach: .51}, 2, 2, 0, 0, ""},
		{"everything", one, Want{Reach: 1}, 3, 3, 0, 0, ""},
		{"never", two, Want{Reach: .6}, 0, 0, 0, 0, "coverage is 0.5 at k = 4, and not known beyond"},
		{"dollars of two problems", two, Want{Reach: .4, Cost: dollars}, 2, .4, 0, 0, ""},
		{"a budget", one, Want{Budget: .2, Cost: dollars}, 0, 0, 2, 5. / 6, ""},
		{"a budget for two problems", two, Want{Budget: .2, Cost: dollars}, 0, 0, 1, .25, ""},
		{"a rounded budget", one, Want{Budget: .1 + .1 + .1, Cost: dollars}, 0, 0, 3, 1, ""},
		{"too small", two, Want{Budget: .19, Cost: dollars}, 0, 0, 0, 0, "does not pay for one sample"},
		{"more than was drawn", one, Want{Budget: 9}, 0, 0, 9, 1, "known up to k = 4"},
		{"free", one, Want{Budget: 1, Cost: Cost{Once: 1}}, 0, 0, MaxSamples, 1, "known up to k = 4"},
		{"four at a time", one, Want{Budget: 2, Reach: 1, Cost: Seconds(1, 2)}, 3, 2, 4, 1, ""},
	} {
		a, err := Advise(test.counts, test.w, Options{})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		doubt := ""
		if r := a.Reach; r != nil {
			doubt += r.Doubt
			if r.K != test.k || test.k > 0 && math.Abs(*r.Cost-test.cost) > 1e-12 || r.K > 0 && (r.Low > r.K || r.High != 0 && r.High < r.K) {
				t.Errorf("%s: %+v", test.name, r)
			}
		}
		if b := a.Budget; b != nil {
			doubt += b.Doubt
			if b.Pays != test.pays || math.Abs(b.Pass-test.point) > 1e-12 || b.Low > b.Pass || b.High < b.Pass || b.Spent > b.Budget*(1+1e-9) {
				t.Errorf("%s: %+v", test.name, b)
			}
		}
		if (doubt == "") != (test.doubt == "") || !strings.Contains(doubt, test.doubt) {
			t.Errorf("%s: doubt %q, want %q", test.name, doubt, test.doubt)
		}
	}
}

// What is known to be enough for the low end of the curve's interval is the high end of the number of samples.
func TestAdviseInterval(t *testing.T) {
	counts := pythia(t, "Pythia 1B")
	a, err := Advise(counts, Want{Reach: .5}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := a.Reach
	points, err := Curve(counts, []int{r.Low, r.K - 1, r.K, r.High}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d samples, %d to %d", r.K, r.Low, r.High)
	if !(r.Low < r.K && r.K < r.High) || points[1].Pass >= .5 || points[2].Pass < .5 {
		t.Errorf("%+v at %+v", r, points)
	}
	if math.Abs(points[0].High-.5) > .005 || math.Abs(points[3].Low-.5) > .005 {
		t.Errorf("the ends of %+v are at %+v, not at the ends of the curve's interval", r, points)
	}
}

func TestAdviseForecast(t *testing.T) {
	counts := []Count{{N: 10, C: 1}, {N: 10, C: 0}}
	f := &Forecast{Points: []Point{{10, .4, .1, .7}, {100, .6, .3, .8}, {1000, .9, .7, 1}, {10_000, .8, math.NaN(), 1}}}
	a, err := Advise(counts, Want{Reach: .75, Budget: 200 * 2, Forecast: f}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	// Half of the way from 100 to 1000 in log k.
	if r := a.Reach; r.K != 317 || !r.Forecast || r.High != 0 || r.Low > 100 {
		t.Errorf("%+v", r)
	}
	if b := a.Budget; b.K != 200 || !b.Forecast || math.Abs(b.Pass-(.6+.3*math.Log10(2))) > 1e-12 {
		t.Errorf("%+v", b)
	}
	// A forecast below what the samples show is raised to it.
	f.Points = []Point{{20, .2, 0, .3}}
	if a, err = Advise(counts, Want{Budget: 40, Forecast: f}, Options{}); err != nil || a.Budget.Pass != .5 || a.Budget.High < .5 {
		t.Errorf("%+v, %v", a.Budget, err)
	}
}

func TestAdviseRefused(t *testing.T) {
	ok := []Count{{N: 4, C: 2}}
	for _, test := range []struct {
		counts []Count
		w      Want
		field  string
	}{
		{ok, Want{}, "reach"},
		{ok, Want{Reach: 1.1}, "reach"},
		{ok, Want{Reach: -1}, "reach"},
		{ok, Want{Reach: math.NaN()}, "reach"},
		{ok, Want{Budget: -1}, "budget"},
		{ok, Want{Budget: math.NaN()}, "budget"},
		{ok, Want{Budget: math.Inf(1)}, "budget"},
		{ok, Want{Reach: .5, Cost: Cost{Each: -1}}, "cost.each"},
		{ok, Want{Reach: .5, Cost: Cost{Each: math.NaN()}}, "cost.each"},
		{ok, Want{Reach: .5, Cost: Cost{Once: math.Inf(1)}}, "cost.once"},
		{ok, Want{Reach: .5, Cost: Cost{Parallel: -1}}, "cost.parallel"},
		{nil, Want{Reach: .5}, "counts"},
		{[]Count{{N: 1, C: 2}}, Want{Reach: .5}, "counts[0].c"},
		{[]Count{{N: 4, C: 1, Stopped: FirstAccepted}}, Want{Reach: .5}, "counts[0].stopped"},
	} {
		a, err := Advise(test.counts, test.w, Options{})
		if invalid, is := errors.AsType[*Invalid](err); !is || invalid.Field != test.field || a != nil {
			t.Errorf("%+v: %v, want a fault of %s", test.w, err, test.field)
		}
	}
}

func TestInversePass(t *testing.T) {
	one := []Count{{N: 4, C: 2}}
	for _, test := range []struct {
		counts []Count
		c, k   float64
		ok     bool
	}{
		{one, .5, 1, true},
		{one, .1, 1, true},
		{one, 5. / 6, 2, true},
		{one, 2. / 3, math.Sqrt2, true},
		{one, 1, 3, true},
		{[]Count{{N: 4}}, .1, 0, false},
		{[]Count{{N: 1, C: 1}}, 1, 1, true},
	} {
		k, ok, err := InversePass(test.counts, test.c)
		if math.Abs(k-test.k) > 1e-9 || ok != test.ok || err != nil {
			t.Errorf("InversePass(%v, %g) = %g, %t, %v; want %g, %t", test.counts, test.c, k, ok, err, test.k, test.ok)
		}
	}
	for _, c := range []float64{0, -1, 1.1, math.NaN()} {
		if _, _, err := InversePass(one, c); err == nil {
			t.Errorf("%g was taken", c)
		}
	}
	// It undoes the curve, on one as long as any.
	counts := pythia(t, "Pythia 1B")
	for _, k := range []int{1, 7, 100, 9_999} {
		if got, ok, err := InversePass(counts, mean(counts, []int{k})[0]); !ok || err != nil || math.Abs(got-float64(k)) > 1e-6*float64(k) {
			t.Errorf("k = %d comes back as %g, %t, %v", k, got, ok, err)
		}
	}
}

func TestCost(t *testing.T) {
	for _, test := range []struct {
		name    string
		c       Cost
		k       int
		of      float64
		budget  float64
		samples int
	}{
		{"samples", Cost{}, 7, 7, 7.9, 7},
		{"tokens, prompt shared", Tokens(100, 20, true), 5, 200, 139, 1},
		{"tokens, prompt read each time", Tokens(100, 20, false), 5, 600, 600, 5},
		{"dollars", Dollars(2e6, 1e6, .5, 2, true), 3, 7, 6.99, 2},
		{"seconds", Seconds(2, 8), 9, 4, 3.9, 8},
		{"nothing to spend", Cost{}, 0, 0, 0, 0},
		{"less than the prompt", Cost{Once: 2, Each: 1}, 1, 3, 1.9, 0},
		{"the prompt", Cost{Once: 2, Each: 1}, 0, 2, 2, 0},
		{"not a number", Cost{}, 1, 1, math.NaN(), 0},
		{"very much", Cost{}, 1, 1, math.Inf(1), MaxSamples},
		{"a tenth", Cost{Each: .1}, 3, .3, .3, 3},
	} {
		if got := test.c.Of(test.k); math.Abs(got-test.of) > 1e-9 {
			t.Errorf("%s: %d samples cost %g, want %g", test.name, test.k, got, test.of)
		}
		if got := test.c.Samples(test.budget); got != test.samples {
			t.Errorf("%s: %g pays for %d, want %d", test.name, test.budget, got, test.samples)
		}
	}
}

// The closed form is the sum of the paper's definition.
func TestFLOPs(t *testing.T) {
	m := Transformer{Params: 70_426_624, Layers: 6, Dim: 512}
	for _, test := range [][3]int{{1, 1, 1}, {0, 1, 1}, {1, 0, 3}, {513, 200, 1}, {513, 200, 10_000}} {
		p, d, k := test[0], test[1], test[2]
		want := 0.0
		for i := 1; i <= p; i++ {
			want += m.FLOPsPerToken(float64(i))
		}
		for i := 1; i <= d; i++ {
			want += float64(k) * m.FLOPsPerToken(float64(p+i))
		}
		if got := m.FLOPs(p, d, k); math.Abs(got-want) > 1e-12*want {
			t.Errorf("%v: %g, want %g", test, got, want)
		}
	}
}

// Table 1 of Brown et al. 2024: dollars of one attempt, attempts of a problem, and of 300 problems (SWE-bench Lite).
func TestTable1(t *testing.T) {
	for _, row := range []struct {
		model    string
		each     float64
		attempts int
		dollars  float64
	}{
		{"DeepSeek-Coder-V2-Instruct", .0072, 5, 10.80},
		{"GPT-4o", .13, 1, 39},
		{"Claude 3.5 Sonnet", .17, 1, 51},
	} {
		counts := slices.Repeat([]Count{{N: row.attempts, C: 1}}, 300)
		a, err := Advise(counts, Want{Reach: 1, Cost: Cost{Axis: AxisDollars, Each: row.each}}, Options{})
		if err != nil || a.Reach.K != row.attempts || math.Abs(*a.Reach.Cost-row.dollars) > 1e-9 {
			t.Errorf("%s: %+v, %v; want %.2f", row.model, a.Reach, err, row.dollars)
		}
	}
}

// What costs otherwise than one for a sample is not counted in samples.
func TestCostUnit(t *testing.T) {
	for _, test := range []struct {
		cost Cost
		want string
	}{
		{Cost{}, AxisSamples}, {Cost{Each: 1}, AxisSamples}, {Cost{Each: 5}, AxisUnits}, {Cost{Once: 1, Each: 1}, AxisUnits}, {Cost{Parallel: 8}, AxisUnits}, {Cost{Axis: "euros", Each: 5}, "euros"},
	} {
		if got := test.cost.Unit(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.cost, got, test.want)
		}
	}
	if !(Cost{}).alike(Cost{Each: 5}) || (Cost{Axis: AxisDollars}).alike(Cost{Each: 5}) {
		t.Error("costs that name no unit are along one axis, and not that of a unit")
	}
}
