package coverage

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// Table 1 of Brown et al. 2024 asks of a cheap model five times and of dear ones once. What they solved is not in the
// arithmetic: the counts are of a cheap model that is right once in four times and a dear one that is once in three.
func TestBuy(t *testing.T) {
	cheap := System{Name: "cheap", Cost: Cost{Axis: AxisDollars, Each: .0072}}
	dear := System{Name: "dear", Cost: Cost{Axis: AxisDollars, Each: .13}}
	for i := range 300 {
		cheap.Counts = append(cheap.Counts, Count{N: 20, C: i % 11})
		dear.Counts = append(dear.Counts, Count{N: 3, C: i % 3})
	}
	for _, kind := range []string{Samples, Problems} {
		p, err := Buy(cheap, dear, Want{Budget: 40, Reach: .5}, Options{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		if p.A.Budget.Pays != 18 || p.B.Budget.Pays != 1 || math.Abs(p.B.Budget.Spent-39) > 1e-9 {
			t.Errorf("%+v, %+v", p.A.Budget, p.B.Budget)
		}
		if b := p.Budget; b.Buy != "cheap" || !(b.Low < b.Difference && b.Difference < b.High && b.High < 0) || !(b.Better < 1e-3) {
			t.Errorf("%+v", b)
		}
		if r := p.Reach; r.Buy != "cheap" || !r.Clear || math.Abs(r.Times-.13*2/(.0072*float64(p.A.Reach.K))) > 1e-9 {
			t.Errorf("%+v", r)
		}
		// The other way round.
		q, err := Buy(dear, cheap, Want{Budget: 40, Reach: .5}, Options{Kind: kind})
		if err != nil || q.Budget.Buy != "cheap" || math.Abs(q.Budget.Low+p.Budget.High) > 1e-12 || math.Abs(q.Budget.Better+p.Budget.Better-1) > 1e-12 {
			t.Errorf("%+v, %v", q.Budget, err)
		}
		// Alike.
		same, err := Buy(dear, dear, Want{Budget: 40, Reach: .5}, Options{Kind: kind})
		if err != nil || same.Budget.Buy != "" || same.Budget.Difference != 0 || same.Budget.Better != .5 || same.Reach.Buy != "" || same.Reach.Times != 1 {
			t.Errorf("%+v, %+v, %v", same.Budget, same.Reach, err)
		}
	}
	never := System{Counts: slices.Repeat([]Count{{N: 3}}, 300), Cost: dear.Cost}
	p, err := Buy(cheap, never, Want{Budget: 1, Reach: .5}, Options{})
	if err != nil || p.Budget.Buy != "" || p.Reach.Buy != "cheap" || p.Reach.Times != 0 || p.Reach.Clear {
		t.Errorf("%+v, %+v, %v", p.Budget, p.Reach, err)
	}
}

func TestBuyRefused(t *testing.T) {
	ok := System{Counts: []Count{{Problem: "x", N: 4, C: 1}, {Problem: "y", N: 4, C: 1}}}
	for _, test := range []struct {
		name  string
		a, b  System
		w     Want
		field string
	}{
		{"nothing asked", ok, ok, Want{}, "reach"},
		{"a empty", System{}, ok, Want{Reach: .5}, "a.counts"},
		{"b empty", ok, System{}, Want{Reach: .5}, "b.counts"},
		{"axes", ok, System{Counts: ok.Counts, Cost: Tokens(1, 2, true)}, Want{Reach: .5}, "b.cost.axis"},
		{"cost", ok, System{Counts: ok.Counts, Cost: Cost{Each: -1}}, Want{Reach: .5}, "b.cost.each"},
		{"fewer problems", ok, System{Counts: ok.Counts[:1]}, Want{Reach: .5}, "b.counts"},
		{"other problems", ok, System{Counts: []Count{{Problem: "x", N: 1}, {Problem: "z", N: 1}}}, Want{Reach: .5}, "a.counts[1].problem"},
		{"twice", ok, System{Counts: []Count{{Problem: "x", N: 1}, {Problem: "x", N: 1}}}, Want{Reach: .5}, "b.counts"},
	} {
		p, err := Buy(test.a, test.b, test.w, Options{})
		if invalid, is := errors.AsType[*Invalid](err); !is || invalid.Field != test.field || p != nil {
			t.Errorf("%s: %v, want a fault of %s", test.name, err, test.field)
		}
	}
}

// Problems are paired by name: it does not matter in which order they come.
func TestBuyPairs(t *testing.T) {
	a := System{Counts: []Count{{Problem: "x", N: 4, C: 1}, {Problem: "y", N: 4, C: 3}, {Problem: "z", N: 4, C: 2}}}
	b := System{Counts: []Count{{Problem: "x", N: 4, C: 0}, {Problem: "y", N: 4, C: 4}, {Problem: "z", N: 4, C: 1}}}
	want, err := Buy(a, b, Want{Budget: 6}, Options{Kind: Problems})
	if err != nil {
		t.Fatal(err)
	}
	b.Counts = []Count{b.Counts[2], b.Counts[0], b.Counts[1]}
	got, err := Buy(a, b, Want{Budget: 6}, Options{Kind: Problems})
	if err != nil || *got.Budget != *want.Budget {
		t.Errorf("%+v, %v, want %+v", got.Budget, err, want.Budget)
	}
	// Paired systems that agree on which problems are hard differ more surely than those that do not.
	for i := range b.Counts {
		b.Counts[i].Problem = a.Counts[2-i].Problem
	}
	if got, err = Buy(a, b, Want{Budget: 6}, Options{Kind: Problems}); err != nil || got.Budget.High-got.Budget.Low <= want.Budget.High-want.Budget.Low {
		t.Errorf("%+v, %v, no wider than %+v", got.Budget, err, want.Budget)
	}
}

func TestCostCurve(t *testing.T) {
	spent, err := CostCurve([]Count{{N: 4, C: 2}, {N: 4, C: 2}}, []int{1, 3}, Tokens(100, 10, true), Options{})
	if err != nil || spent[0].Cost != 220 || spent[1].Cost != 260 || spent[0].Pass != .5 || spent[1].Pass != 1 {
		t.Errorf("%+v, %v", spent, err)
	}
	if _, err := CostCurve([]Count{{N: 4, C: 2}}, []int{1}, Cost{Each: math.NaN()}, Options{}); err == nil {
		t.Error("no price was taken")
	}
}

// pythiaSizes are the sizes of the models: parameters with embeddings, layers, width (Biderman et al. 2023, table 1).
var pythiaSizes = []struct {
	name string
	size Transformer
}{
	{"Pythia 70M", Transformer{70_426_624, 6, 512}},
	{"Pythia 160M", Transformer{162_322_944, 12, 768}},
	{"Pythia 410M", Transformer{405_334_016, 24, 1024}},
	{"Pythia 1B", Transformer{1_011_781_632, 16, 2048}},
	{"Pythia 2.8B", Transformer{2_775_208_960, 32, 2560}},
	{"Pythia 6.9B", Transformer{6_857_302_016, 32, 4096}},
	{"Pythia 12B", Transformer{11_846_072_320, 36, 5120}},
}

// The best size of Pythia for a budget of operations, with 500 tokens of prompt and 200 of completion.
func TestFrontierPythia(t *testing.T) {
	var systems []System
	for _, m := range pythiaSizes {
		systems = append(systems, System{Name: m.name, Counts: pythia(t, m.name), Cost: m.size.Cost(500, 200)})
	}
	var budgets []float64
	for e := 10; e <= 18; e++ {
		budgets = append(budgets, 128*math.Pow10(e)) // each problem's
	}
	best, err := Frontier(systems, budgets)
	if err != nil {
		t.Fatal(err)
	}
	last := 0.0
	for i, b := range best {
		t.Logf("%.0e FLOPs a problem: %s, k = %d, coverage %.4f", b.Budget/128, b.System, b.K, b.Pass)
		if b.Pass < last || b.Spent > b.Budget {
			t.Errorf("%+v after %g", b, last)
		}
		last = b.Pass
		for _, s := range systems {
			if k := min(s.Cost.Samples(b.Budget/128), 10_000); k > 0 && mean(s.Counts, []int{k})[0] > b.Pass {
				t.Errorf("budget %d: %s solves more", i, s.Name)
			}
		}
	}
	if best[0].System != "" || best[len(best)-1].System != "Pythia 12B" {
		t.Errorf("%+v", best)
	}
}

func TestFrontierRefused(t *testing.T) {
	ok := System{Counts: []Count{{N: 4, C: 1}}}
	for _, test := range []struct {
		systems []System
		budgets []float64
		field   string
	}{
		{nil, nil, "systems"},
		{make([]System, maxSystems+1), nil, "systems"},
		{[]System{ok, {}}, []float64{1}, "systems[1].counts"},
		{[]System{ok, {Counts: ok.Counts, Cost: Cost{Axis: AxisTokens}}}, []float64{1}, "systems[1].cost.axis"},
		{[]System{ok}, []float64{1, math.NaN()}, "budgets[1]"},
		{[]System{ok}, make([]float64, MaxPoints+1), "budgets"},
	} {
		_, err := Frontier(test.systems, test.budgets)
		if invalid, is := errors.AsType[*Invalid](err); !is || invalid.Field != test.field {
			t.Errorf("%v, want a fault of %s", err, test.field)
		}
	}
}

// Moved curves of Pythia lie closer together than they did.
func TestOverlayPythia(t *testing.T) {
	var systems []System
	for _, m := range pythiaSizes {
		systems = append(systems, System{Name: m.name, Counts: pythia(t, m.name)})
	}
	o, err := Overlay(systems)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range o.Moved {
		t.Logf("%s reaches %.4f at k = %.2f, moved by %.3f", m.Name, o.Coverage, m.Reach, m.Shift)
	}
	t.Logf("up to k = %.1f: %.4f apart, %.4f before", o.UpTo, o.Apart, o.Before)
	if math.Abs(o.Coverage-.02319) > 5e-6 || o.Moved[6].Reach != 1 || o.Moved[6].Shift != 0 {
		t.Errorf("%+v", o)
	}
	for i, m := range o.Moved {
		if k, ok, err := InversePass(systems[i].Counts, o.Coverage); m.Reach != k || !ok || err != nil || math.Abs(m.Shift-math.Log(k)) > 1e-12 {
			t.Errorf("%+v, want %g", m, k)
		}
	}
	if !(o.Apart < .6*o.Before) {
		t.Errorf("%.4f apart, %.4f before", o.Apart, o.Before)
	}
}

func TestOverlay(t *testing.T) {
	a, b, none := []Count{{N: 4, C: 2}}, []Count{{N: 4, C: 1}}, []Count{{N: 4}}
	o, err := Overlay([]System{{Name: "a", Counts: a}, {Name: "b", Counts: b}, {Name: "none", Counts: none}})
	if err != nil {
		t.Fatal(err)
	}
	// pass@k of b is k/4, so that it reaches .5 at 2; once moved both go to k = 2.
	if o.Coverage != .5 || o.Moved[0].Reach != 1 || o.Moved[1].Reach != 2 || o.Moved[2].Reach != 0 || o.UpTo != 2 {
		t.Errorf("%+v", o)
	}
	if !(o.Apart < .1 && o.Before > .1) {
		t.Errorf("%+v", o)
	}
	if o, err = Overlay([]System{{Name: "a", Counts: a}}); err != nil || o.Apart != 0 {
		t.Errorf("one: %+v, %v", o, err)
	}
	for _, systems := range [][]System{nil, {{Counts: none}}, {{}}, {{Counts: []Count{{N: 1, C: 2}}}}} {
		if _, err := Overlay(systems); err == nil {
			t.Errorf("%v was taken", systems)
		}
	}
}
