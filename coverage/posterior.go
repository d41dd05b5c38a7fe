package coverage

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Posterior is what is believed of the chance of a right sample of one problem.
type Posterior struct {
	Problem string  `json:"problem,omitempty"`
	Mean    float64 `json:"mean"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	Zero    float64 `json:"zero" doc:"probability that it is 0, or too low to be told from 0: below a tenth of a success in the greatest n"`
}

// Posteriors is what is believed of the rate of each problem, in the order of counts, with intervals of the level of o. What
// is believed of a problem before its own counts are seen is what is believed of the others: its rate is drawn towards
// theirs, the more the fewer its samples. A problem that was never solved is not given the rate that a uniform prior would
// give it, by which it would be solved in half of as many samples more.
//
// To the others belongs one imagined problem that is never solved with a chance of a quarter, and has else any rate, even in
// log odds from a tenth of a success in the greatest N to a tenth of a failure. Of one problem alone that is the whole
// prior. Lower rates cannot be told from 0: Zero is the chance of 0 or of a rate below a tenth of a success in the greatest N,
// and High is never below that. High is 1 of a problem that was always right.
//
// The error is an *[Invalid], as that of [Curve].
func Posteriors(counts []Count, o Options) ([]Posterior, error) {
	if err := validate(counts); err != nil {
		return nil, err
	}
	o.Kind = Samples // a posterior is of this very problem
	if err := o.validate(counts); err != nil {
		return nil, err
	}
	type key struct{ n, c int }
	of := make(map[key]Posterior)
	tail := (1 - o.withDefaults().Level) / 2
	cells := group(counts)
	r := fitRates(cells)
	smooth := r.smooth()
	for _, b := range r.cells {
		of[key{b.n, b.c}] = r.posterior(smooth, b, tail)
	}
	all := make([]Posterior, len(counts))
	for i, c := range counts {
		p, ok := of[key{c.N, c.C}]
		if !ok { // the fit did not look at it: it is one of so many that its own share of the prior is nothing
			p = r.posterior(smooth, believed{cell: cell{n: c.N, c: c.C}}, tail)
			of[key{c.N, c.C}] = p
		}
		p.Problem = c.Problem
		all[i] = p
	}
	return all, nil
}

// posterior of one problem with counts b.
func (r *rates) posterior(smooth []float64, b believed, tail float64) Posterior {
	hits, misses := float64(b.c), float64(b.n-b.c)
	if min(hits, misses) > 1000 { // normal in log odds, and so narrow that the prior is all but even there
		middle, sd := oddsOf(hits, misses)
		z := distuv.UnitNormal.Quantile(1 - tail)
		return Posterior{Mean: hits / (hits + misses), Low: math.Exp(logistic(middle - z*sd)), High: math.Exp(logistic(middle + z*sd))}
	}
	l := r.lattice(smooth, b)
	mean := 0.0
	for i, w := range l.weight {
		mean += w * math.Exp(logistic(l.at(float64(i)+0.5)))
	}
	p := Posterior{Mean: mean / l.sum, Low: math.Exp(logistic(l.odds(tail))), High: math.Exp(logistic(l.odds(1 - tail))), Zero: l.zero / l.sum}
	p.High = max(p.High, math.Exp(r.logRate[1]))
	if b.c == b.n {
		p.High = 1
	}
	return p
}

// oddsOf is where the log odds of a rate are after so many hits and misses, and their standard deviation.
func oddsOf(hits, misses float64) (middle, sd float64) {
	return math.Log((hits + 0.5) / (misses + 0.5)), math.Sqrt(1/(hits+0.5) + 1/(misses+0.5))
}

// lattice is a posterior along log odds, on points of its own: what others let believe, between the points of the grid,
// times the likelihood, which may be narrower than those lie apart.
type lattice struct {
	from, step float64
	zero       float64 // weight of rate 0
	weight     []float64
	sum        float64
}

func (r *rates) lattice(smooth []float64, b believed) lattice {
	prior := smooth
	if len(b.own) > 0 {
		prior = slices.Clone(smooth)
		for i, p := range b.own {
			r.blur(prior, b.first+i, -p)
		}
	}
	hits, misses := float64(b.c), float64(b.n-b.c)
	middle, sd := oddsOf(hits, misses)
	from, to := max(-r.end, middle-7*sd-20/(hits+0.5)), min(r.end, middle+7*sd+20/(misses+0.5))
	points := 400
	if min(hits, misses) > 100 { // so smooth that fewer will do
		points = 64
	}
	l := lattice{from: from, step: (to - from) / float64(points), weight: make([]float64, points)}
	likelihood := func(odds float64) float64 { return hits*logistic(odds) + misses*logistic(-odds) }
	top, apart := likelihood(min(max(middle, from), to)), 2*r.end/(gridPoints-1)
	if b.c == 0 {
		top = 0
		l.zero = prior[0] * apart / l.step
	}
	l.sum = l.zero
	for i := range l.weight {
		odds := l.at(float64(i) + 0.5)
		x := (odds + r.end) / apart
		j := min(int(x), gridPoints-2)
		here := max(0, prior[1+j]+(x-float64(j))*(prior[2+j]-prior[1+j]))
		l.weight[i] = here * math.Exp(likelihood(odds)-top)
		l.sum += l.weight[i]
	}
	return l
}

// at is the log odds so many points from the first end.
func (l lattice) at(points float64) float64 { return l.from + points*l.step }

// odds is the quantile of the log odds.
func (l lattice) odds(q float64) float64 {
	left := q*l.sum - l.zero
	if left <= 0 {
		return math.Inf(-1)
	}
	for i, w := range l.weight {
		if left <= w {
			return l.at(float64(i) + left/w)
		}
		left -= w
	}
	return l.at(float64(len(l.weight)))
}

// blurred is the standard deviation, in log odds, over which the fitted prior is spread for the posterior of one problem:
// the fit is sharper than what it was made from.
const blurred = 0.5

// smooth is the fitted prior, blurred.
func (r *rates) smooth() []float64 {
	all := make([]float64, 1+gridPoints)
	for j, p := range r.mass {
		r.blur(all, j, p)
	}
	return all
}

// blur adds mass at grid point j, spread over its neighbours. Rate 0 stays as it is.
func (g grid) blur(to []float64, j int, mass float64) {
	if j == 0 {
		to[0] += mass
		return
	}
	width := blurred * (gridPoints - 1) / (2 * g.end) // in points
	reach := int(3 * width)
	sum := 0.0
	for i := max(1, j-reach); i <= min(gridPoints, j+reach); i++ {
		d := float64(i-j) / width
		sum += math.Exp(-d * d / 2)
	}
	for i := max(1, j-reach); i <= min(gridPoints, j+reach); i++ {
		d := float64(i-j) / width
		to[i] += mass * math.Exp(-d*d/2) / sum
	}
}
