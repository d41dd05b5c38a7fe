package coverage

import (
	"fmt"
	"math"
)

// Want is what [Advise] is asked: a coverage to reach, a budget to spend, or both.
type Want struct {
	Reach  float64 `json:"reach,omitempty" doc:"coverage to reach: above 0 and at most 1"`
	Budget float64 `json:"budget,omitempty" doc:"what may be spent on all problems together, in the unit of cost"`
	Cost   Cost    `json:"cost,omitzero" doc:"what the samples of a problem cost; by default the number of them"`

	// Forecast is asked about k beyond the samples that were drawn. Without one nothing is said of these.
	Forecast *Forecast `json:"-"`
}

// Advice answers a [Want].
type Advice struct {
	Axis     string   `json:"axis" doc:"the unit of all costs"`
	Problems int      `json:"problems"`
	Samples  int      `json:"samples" doc:"up to here coverage is known from samples, beyond it from a forecast"`
	Reach    *Reached `json:"reach,omitempty"`
	Budget   *Bought  `json:"budget,omitempty"`
}

// Reached is how many samples of each problem reach a coverage. Its interval holds every number of samples at which the
// coverage is within the interval of the curve.
type Reached struct {
	Coverage float64  `json:"coverage"`
	K        int      `json:"k,omitempty" doc:"fewest samples of each problem; missing where the curve, and the forecast, end below the coverage"`
	Low      int      `json:"low,omitempty" doc:"lower end of the interval; missing where even that is not known to be enough"`
	High     int      `json:"high,omitempty" doc:"upper end of the interval; missing where no number is known to be enough"`
	Cost     *float64 `json:"cost,omitempty" doc:"of k samples of each problem, all problems together"`
	CostLow  *float64 `json:"cost_low,omitempty"`
	CostHigh *float64 `json:"cost_high,omitempty"`
	Forecast bool     `json:"forecast,omitempty" doc:"k is beyond the samples that were drawn"`
	Doubt    string   `json:"doubt,omitempty"`
}

// Bought is what a budget buys: the coverage at K = max{k : cost(k) ≤ budget}.
type Bought struct {
	Budget   float64 `json:"budget"`
	Pays     int     `json:"pays" doc:"samples of each problem that the budget pays for"`
	Point            // at the samples of which the coverage is known: as many as the budget pays for, or fewer
	Spent    float64 `json:"spent" doc:"cost of k samples of each problem, all problems together"`
	Forecast bool    `json:"forecast,omitempty" doc:"k is beyond the samples that were drawn"`
	Doubt    string  `json:"doubt,omitempty"`
}

// Advise says how many samples reach a coverage, and what a budget buys. Up to the samples that were drawn it reads the
// curve of counts, beyond them the forecast of w, if there is one: what neither tells is left out, and Doubt says so. A
// number of samples is whole, and exact where it is within those drawn; the ends of its interval are interpolated in log k.
// The error is an *[Invalid], as [Curve]'s, or for what w asks.
func Advise(counts []Count, w Want, o Options) (*Advice, error) {
	if err := w.validate(); err != nil {
		return nil, err
	}
	p, err := System{Counts: counts, Cost: w.Cost, Forecast: w.Forecast}.prospect(o)
	if err != nil {
		return nil, err
	}
	return p.advise(w), nil
}

func (w Want) validate() error {
	if w.Reach == 0 && w.Budget == 0 {
		return invalidf("reach", "and budget are both missing; advice needs a coverage to reach or a budget")
	}
	if w.Reach != 0 {
		if err := validateReach("reach", w.Reach); err != nil {
			return err
		}
	}
	if !(w.Budget >= 0 && w.Budget <= maxCost) {
		return invalidf("budget", "is %g; it must be between 0 and %g", w.Budget, float64(maxCost))
	}
	return w.Cost.Validate()
}

// System is a way to draw samples: the counts of what it drew, what that costs, and, where there is one, a forecast for k
// beyond.
type System struct {
	Name     string    `json:"name"`
	Counts   []Count   `json:"counts"`
	Cost     Cost      `json:"cost,omitzero"`
	Forecast *Forecast `json:"-"`
}

// prospect is a system's curve with its intervals, up to the samples that were drawn and on along the forecast.
type prospect struct {
	counts []Count
	cost   Cost
	drawn  int
	points []Point // ascending, from k = 1
}

// curvePoints is at how many k the curve's intervals are worked out; between them they are interpolated.
const curvePoints = 100

func (s System) prospect(o Options) (*prospect, error) {
	if err := validate(s.Counts); err != nil {
		return nil, err
	}
	if err := s.Cost.Validate(); err != nil {
		return nil, err
	}
	p := &prospect{counts: s.Counts, cost: s.Cost.withDefaults(), drawn: s.Counts[smallest(s.Counts)].N}
	points, err := Curve(s.Counts, LogSpaced(p.drawn, curvePoints), o)
	if err != nil {
		return nil, err
	}
	p.points = points
	if s.Forecast == nil {
		return p, nil
	}
	for _, next := range s.Forecast.Points {
		last := p.points[len(p.points)-1]
		if next.K <= last.K || math.IsNaN(next.Pass+next.Low+next.High) {
			continue
		}
		// Coverage does not fall with k, so what the samples tell is a floor.
		next.Pass = min(max(next.Pass, last.Pass), 1)
		next.Low = min(max(next.Low, last.Low), next.Pass)
		next.High = min(max(next.High, next.Pass), 1)
		p.points = append(p.points, next)
	}
	return p, nil
}

func (p *prospect) advise(w Want) *Advice {
	a := &Advice{Axis: p.cost.Axis, Problems: len(p.counts), Samples: p.drawn}
	if w.Reach != 0 {
		a.Reach = p.reach(w.Reach)
	}
	if w.Budget != 0 {
		a.Budget = p.buy(w.Budget)
	}
	return a
}

func (p *prospect) last() Point { return p.points[len(p.points)-1] }

// total is the cost of k samples of each problem.
func (p *prospect) total(k int) float64 { return float64(len(p.counts)) * p.cost.Of(k) }

func (p *prospect) reach(c float64) *Reached {
	r := &Reached{Coverage: c}
	k, ok := firstReaching(p.counts, c)
	if !ok {
		var between float64
		if between, ok = crossing(p.points, c, func(q Point) float64 { return q.Pass }); ok {
			k, r.Forecast = max(int(math.Ceil(between)), p.drawn+1), true
		}
	}
	low, lowOK := crossing(p.points, c, func(q Point) float64 { return q.High })
	high, highOK := crossing(p.points, c, func(q Point) float64 { return q.Low })
	cost := func(k int) *float64 { c := p.total(k); return &c }
	if ok {
		r.K, r.Cost = k, cost(k)
	} else {
		r.Doubt = fmt.Sprintf("coverage is %.4g at k = %d, and not known beyond", p.last().Pass, p.last().K)
	}
	if lowOK {
		r.Low = max(1, int(math.Floor(low)))
		if ok {
			r.Low = min(r.Low, k)
		}
		r.CostLow = cost(r.Low)
	}
	if highOK {
		r.High = max(int(math.Ceil(high)), k)
		r.CostHigh = cost(r.High)
	}
	return r
}

func (p *prospect) buy(budget float64) *Bought {
	b := &Bought{Budget: budget, Pays: p.cost.Samples(budget / float64(len(p.counts)))}
	if b.Pays == 0 {
		b.Doubt = "the budget does not pay for one sample of each problem"
		return b
	}
	k := min(b.Pays, p.last().K)
	b.Point, b.Spent, b.Forecast = p.at(k), p.total(k), k > p.drawn
	if k < b.Pays {
		b.Doubt = fmt.Sprintf("the budget pays for more; coverage is known up to k = %d", k)
	}
	return b
}

// at is the point at k: exact within the samples that were drawn, its interval interpolated.
func (p *prospect) at(k int) Point {
	point := at(p.points, k)
	if k <= p.drawn {
		point.Pass = mean(p.counts, []int{k})[0]
		point.Low, point.High = min(point.Low, point.Pass), max(point.High, point.Pass)
	}
	return point
}
