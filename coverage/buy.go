package coverage

import (
	"cmp"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Purchase answers which of two systems is the better buy.
type Purchase struct {
	A      *Advice       `json:"a"`
	B      *Advice       `json:"b"`
	Budget *BudgetChoice `json:"budget,omitempty" doc:"which solves more for the budget"`
	Reach  *ReachChoice  `json:"reach,omitempty" doc:"which reaches the coverage for less"`
}

// BudgetChoice compares what a budget buys. Coverage that a budget pays for beyond what is known is not counted.
type BudgetChoice struct {
	Buy        string  `json:"buy,omitempty" doc:"the system that solves more; missing where they solve as much"`
	Difference float64 `json:"difference" doc:"coverage of b less that of a"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Better     float64 `json:"better" doc:"probability that b solves more"`
}

// ReachChoice compares what a coverage costs.
type ReachChoice struct {
	Buy   string  `json:"buy,omitempty" doc:"the system that costs less; missing where they cost the same, or neither is known to reach the coverage"`
	Times float64 `json:"times,omitempty" doc:"what the other costs, as a multiple; missing where that is not known to reach the coverage"`
	Clear bool    `json:"clear" doc:"the intervals of the two costs do not overlap"`
}

// Buy compares two systems on the same problems, whose costs are along the same axis, say a cheap model that is asked often
// with a dear one that is asked once (Brown et al. 2024, Table 1). w's cost and forecast are not used; those of the systems
// are.
//
// The interval of the difference is put together from those of both, by the method of variance estimates recovery (Zou and
// Donner 2008): where samples vary the two are independent, and where problems vary they are as correlated as the systems'
// pass@k are over problems, which are then paired by name, or by place where there are none.
//
// The error is an *[Invalid], as [Advise]'s, with a. or b. before what it is about.
func Buy(a, b System, w Want, o Options) (*Purchase, error) {
	w.Cost = Cost{}
	if err := w.validate(); err != nil {
		return nil, err
	}
	pa, err := a.prospect(o)
	if err != nil {
		return nil, within("a", err)
	}
	pb, err := b.prospect(o)
	if err != nil {
		return nil, within("b", err)
	}
	if !pa.cost.alike(pb.cost) {
		return nil, invalidf("b.cost.axis", "is %.60q, that of a %.60q; they cannot be compared", pb.cost.Axis, pa.cost.Axis)
	}
	if pb.counts, err = pairedWith(pa.counts, pb.counts); err != nil {
		return nil, err
	}
	p := &Purchase{A: pa.advise(w), B: pb.advise(w)}
	name := func(d float64) string { // of the one that has less
		switch {
		case d < 0:
			return cmp.Or(a.Name, "a")
		case d > 0:
			return cmp.Or(b.Name, "b")
		}
		return ""
	}
	if w.Budget != 0 {
		correlation := 0.0
		if o.withDefaults().Kind == Problems {
			correlation = pa.correlation(pb, p.A.Budget.K, p.B.Budget.K)
		}
		p.Budget = difference(p.A.Budget.Point, p.B.Budget.Point, correlation, o)
		p.Budget.Buy = name(p.Budget.Difference)
	}
	if w.Reach != 0 {
		p.Reach = &ReachChoice{}
		ra, rb := p.A.Reach, p.B.Reach
		switch {
		case ra.Cost != nil && rb.Cost != nil:
			p.Reach.Buy = name(*ra.Cost - *rb.Cost)
			if low := min(*ra.Cost, *rb.Cost); low > 0 {
				p.Reach.Times = max(*ra.Cost, *rb.Cost) / low
			}
		case ra.Cost != nil:
			p.Reach.Buy = name(-1)
		case rb.Cost != nil:
			p.Reach.Buy = name(1)
		}
		below := func(x, y *Reached) bool { return x.CostHigh != nil && y.CostLow != nil && *x.CostHigh < *y.CostLow }
		p.Reach.Clear = below(ra, rb) || below(rb, ra)
	}
	return p, nil
}

func within(name string, err error) error {
	if fault, is := err.(*Invalid); is {
		return &Invalid{name + "." + fault.Field, fault.Message}
	}
	return err
}

// pairedWith is b in the order of a, by name where problems have names.
func pairedWith(a, b []Count) ([]Count, error) {
	if len(a) != len(b) {
		return nil, invalidf("b.counts", "has %d problems, a has %d; two systems are compared on the same problems", len(b), len(a))
	}
	place := make(map[string]int, len(b))
	for i, c := range b {
		place[c.Problem] = i
	}
	if len(place) == 1 && b[0].Problem == "" {
		return b, nil
	}
	if len(place) < len(b) {
		return nil, invalidf("b.counts", "names a problem twice")
	}
	paired := make([]Count, len(a))
	for i, c := range a {
		j, ok := place[c.Problem]
		if !ok {
			return nil, invalidf(fmt.Sprintf("a.counts[%d].problem", i), "%.60q is not among the problems of b, or is named twice", c.Problem)
		}
		paired[i] = b[j]
		delete(place, c.Problem)
	}
	return paired, nil
}

// correlation over problems of pass@ka of p and pass@kb of q, as far as samples tell.
func (p *prospect) correlation(q *prospect, ka, kb int) float64 {
	if ka == 0 || kb == 0 {
		return 0
	}
	x, y := make([]float64, len(p.counts)), make([]float64, len(q.counts))
	for i, c := range p.counts {
		x[i] = passAtK(c.N, c.C, min(ka, c.N))
	}
	for i, c := range q.counts {
		y[i] = passAtK(c.N, c.C, min(kb, c.N))
	}
	if r := stat.Correlation(x, y, nil); r >= -1 && r <= 1 {
		return r
	}
	return 0 // one of them is the same on every problem
}

// difference of two points, b less a, with its interval.
func difference(a, b Point, correlation float64, o Options) *BudgetChoice {
	far := func(x, y float64) float64 { return math.Sqrt(max(x*x+y*y-2*correlation*x*y, 0)) }
	d := b.Pass - a.Pass
	down, up := far(b.Pass-b.Low, a.High-a.Pass), far(b.High-b.Pass, a.Pass-a.Low)
	c := &BudgetChoice{Difference: d, Low: max(d-down, -1), High: min(d+up, 1), Better: .5}
	side := up // towards 0
	if d > 0 {
		side = down
	}
	switch {
	case side > 0:
		c.Better = distuv.UnitNormal.CDF(d / side * distuv.UnitNormal.Quantile((1+o.withDefaults().Level)/2))
	case d > 0:
		c.Better = 1
	case d < 0:
		c.Better = 0
	}
	return c
}

// Spent is a point of a curve of coverage against cost.
type Spent struct {
	Cost float64 `json:"cost" doc:"of k samples of each problem, all problems together"`
	Point
}

// CostCurve is [Curve] with what each of ks costs, all problems together.
func CostCurve(counts []Count, ks []int, cost Cost, o Options) ([]Spent, error) {
	if err := cost.Validate(); err != nil {
		return nil, err
	}
	points, err := Curve(counts, ks, o)
	if err != nil {
		return nil, err
	}
	spent := make([]Spent, len(points))
	for i, p := range points {
		spent[i] = Spent{float64(len(counts)) * cost.Of(p.K), p}
	}
	return spent, nil
}

// Optimum is the best that a budget buys.
type Optimum struct {
	Budget float64 `json:"budget"`
	System string  `json:"system,omitempty" doc:"missing where the budget does not pay for one sample of each problem, from any system"`
	K      int     `json:"k,omitempty" doc:"samples of each problem"`
	Pass   float64 `json:"pass"`
	Spent  float64 `json:"spent"`
}

// maxSystems bounds the systems of [Frontier] and [Overlay].
const maxSystems = 1000

// Frontier says for each budget, which is for all problems together, which of several systems solves the most, and with how
// many samples: with costs in FLOPs, which size of model is optimal for how much compute (Brown et al. 2024, section 2.3). Of
// systems that solve as much it is the one that spends least, then the first. A system is not credited with what is beyond
// its samples and its forecast. The error is an *[Invalid].
func Frontier(systems []System, budgets []float64) ([]Optimum, error) {
	if len(systems) == 0 || len(systems) > maxSystems {
		return nil, invalidf("systems", "has %d entries; there must be 1 to %d", len(systems), maxSystems)
	}
	if len(budgets) > MaxPoints {
		return nil, invalidf("budgets", "has %d entries, the limit is %d", len(budgets), MaxPoints)
	}
	all := make([]Optimum, len(budgets))
	for i, b := range budgets {
		if !(b >= 0 && b <= maxCost) {
			return nil, invalidf(fmt.Sprintf("budgets[%d]", i), "is %g; it must be between 0 and %g", b, float64(maxCost))
		}
		all[i].Budget = b
	}
	for n, s := range systems {
		p, err := s.prospect(Options{})
		if err != nil {
			return nil, within(fmt.Sprintf("systems[%d]", n), err)
		}
		if n > 0 && !p.cost.alike(systems[0].Cost) {
			return nil, invalidf(fmt.Sprintf("systems[%d].cost.axis", n), "is %.60q, that of the first %.60q; they cannot be compared", p.cost.Axis, systems[0].Cost.withDefaults().Axis)
		}
		for i, budget := range budgets {
			b, best := p.buy(budget), &all[i]
			if b.K > 0 && (best.K == 0 || b.Pass > best.Pass || b.Pass == best.Pass && b.Spent < best.Spent) {
				*best = Optimum{budget, cmp.Or(s.Name, fmt.Sprint(n)), b.K, b.Pass, b.Spent}
			}
		}
	}
	return all, nil
}
