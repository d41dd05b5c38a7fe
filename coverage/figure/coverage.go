package figure

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"borel/coverage"
)

// Coverage draws coverage against the number of samples, k on a logarithmic axis, with the intervals as bands, fits dashed
// and forecasts dotted; where the data of a forecast end is marked. The axis of coverage goes from 0 to 1, or less far where all
// is near one of its ends. The error is an *[coverage.Invalid] where there is nothing to draw, or w's own.
func Coverage(w io.Writer, p Picture) error { return p.curves(w, "coverage, pass@k", false) }

// Cost draws coverage against what it costs, which is the X of the series, on a logarithmic axis: dollars, tokens, FLOPs.
// [Priced] makes such series. Fits and forecasts are left out. The error is an *[coverage.Invalid], or w's own.
func Cost(w io.Writer, p Picture) error { return p.curves(w, "cost", true) }

// Priced is the series of a curve that [coverage.CostCurve] found.
func Priced(name string, spent []coverage.Spent) Series {
	s := Series{Name: name}
	for _, p := range spent {
		s.Points, s.X = append(s.Points, p.Point), append(s.X, p.Cost)
	}
	return s
}

// Selection draws what ways of picking one of k samples achieve, against k (Brown et al. 2024, figure 7): coverage, which
// is what a perfect choice would achieve, best of k, majorities and a random pick. The error is an *[coverage.Invalid], or
// w's own.
func Selection(w io.Writer, p Picture, s *coverage.Selection) error {
	p.Series = nil
	if s != nil {
		for _, m := range s.Methods {
			one := Series{Name: cmp.Or(methods[m.Method], m.Method)}
			for _, q := range m.Points {
				one.Points = append(one.Points, q.Point)
			}
			p.Series = append(p.Series, one)
		}
	}
	return p.curves(w, "share of problems solved", false)
}

// methods is what the legend calls a way to select.
var methods = map[string]string{
	"oracle": "coverage (oracle)", "best_of": "best of k", "weighted_majority": "weighted majority", "random": "random pick",
}

// Overlay draws the curves of systems as [coverage.Overlay] moves them to the left, so that those of one shape lie on one
// another. The series are those of the systems, in their order; one that is not moved, because it stays below, is left
// out. The error is an *[coverage.Invalid], or w's own.
func Overlay(w io.Writer, p Picture, o *coverage.Overlaid) error {
	if o == nil || len(o.Moved) != len(p.Series) {
		return invalidf("moved", "must say of each of the %d series how far it is moved", len(p.Series))
	}
	all := p.Series
	p.Series = nil
	for i, s := range all {
		reach := o.Moved[i].Reach
		if reach == 0 {
			continue
		}
		if !(reach >= 1/maxX && reach <= maxX) {
			return invalidf(fmt.Sprintf("moved[%d].reach", i), "is %g; it must be finite and above 0", reach)
		}
		s.X = make([]float64, len(s.Points))
		for j, q := range s.Points {
			s.X[j] = float64(q.K) / reach
		}
		p.Series = append(p.Series, s)
	}
	return p.curves(w, "k / k at which pass@k is "+percent(o.Coverage, 0.001), true)
}

var kAxis = axis{label: "k, samples per problem", log: true, pad: 0.02, write: whole}

// curves draws series against k, or against their X, which label then names; else it names what they are of.
func (p Picture) curves(w io.Writer, label string, priced bool) error {
	p, err := p.withDefaults()
	if err != nil {
		return err
	}
	if err := p.validate(priced); err != nil {
		return err
	}
	c := &chart{x: kAxis}
	y := axis{label: label, write: percent, pad: 0.02}
	if priced {
		c.x.label, c.x.write, y.label = label, number, "coverage, pass@k"
		p.Series = slices.Clone(p.Series)
		for i := range p.Series {
			p.Series[i].Fit, p.Series[i].Forecast = nil, nil
		}
	}
	var marks []mark
	for i, s := range p.Series {
		m := mark{series: i}
		for j, q := range s.Points {
			x := float64(q.K)
			if priced {
				x = s.X[j]
			}
			m.points = append(m.points, point{x, q.Pass, q.Low, q.High})
		}
		marks = append(marks, m)
		marks = append(marks, s.beyond(i)...)
	}
	y.lo, y.hi = shares(spread(marks))
	c.x.wide(reach(marks))
	c.panels = []panel{{y: y, part: 1, marks: marks}}
	c.explain(p)
	return p.write(w, c)
}

// wide sets the range of a logarithmic axis.
func (a *axis) wide(lo, hi float64) {
	if lo == hi {
		lo, hi = lo/2, hi*2
		if a.label == kAxis.label {
			lo = max(lo, 1) // there are no fewer
		}
	}
	a.lo, a.hi = lo, hi
}

// beyond is the fit and the forecast of a series.
func (s Series) beyond(series int) []mark {
	var marks []mark
	if f := s.Fit; f != nil {
		m := mark{role: fitted, series: series}
		for _, k := range spaced(s.Points[0].K, s.Points[len(s.Points)-1].K) {
			m.points = append(m.points, point{x: k, y: f.At(k)})
		}
		marks = append(marks, m)
	}
	if f := s.Forecast; f != nil {
		m := mark{role: foreseen, series: series}
		for _, q := range f.Points {
			if q.K >= f.From {
				m.points = append(m.points, point{float64(q.K), q.Pass, q.Low, q.High})
			}
		}
		// It begins where the data end.
		if i, found := slices.BinarySearchFunc(s.Points, f.From, func(q coverage.Point, k int) int { return q.K - k }); found && len(m.points) > 0 && m.points[0].x > float64(f.From) {
			q := s.Points[i]
			m.points = slices.Insert(m.points, 0, point{float64(q.K), q.Pass, q.Low, q.High})
		}
		if len(m.points) > 0 {
			marks = append(marks, m)
		}
	}
	return marks
}

// spaced is evenly spaced in the logarithm, a curve's worth.
func spaced(first, last int) []float64 {
	a := axis{log: true, lo: float64(first), hi: float64(last)}
	if first == last {
		return []float64{a.lo}
	}
	const steps = 100
	x := make([]float64, 0, steps+1)
	for i := range steps + 1 {
		x = append(x, a.value(float64(i)/steps))
	}
	return x
}

// explain adds the legend, the ends of the data, and what the bands are.
func (c *chart) explain(p Picture) {
	var banded, fits int
	var forecast bool
	for _, m := range c.panels[0].marks {
		if m.banded() {
			banded++
		}
		if m.role == seen && (len(p.Series) > 1 || p.Series[0].Fit != nil || p.Series[0].Forecast != nil) && p.Series[m.series].Name != "" {
			c.legend = append(c.legend, entry{p.Series[m.series].Name, m.series, seen, m.banded()})
		}
		if m.role == fitted {
			fits++
		}
		forecast = forecast || m.role == foreseen
	}
	for i, s := range p.Series {
		if f := s.Fit; f != nil && fits == 1 {
			c.legend = append(c.legend, entry{fmt.Sprintf("exp(%.3g k^%.3g), off by %.3f ± %.3f", f.A, f.B, f.ErrorMean, f.ErrorSD), i, fitted, false})
		}
		if f := s.Forecast; f != nil && len(f.Points) > 0 && !slices.ContainsFunc(c.ends, func(e end) bool { return e.x == float64(f.From) }) {
			c.ends = append(c.ends, end{float64(f.From), "N = " + thousands(strconv.Itoa(f.From))})
		}
	}
	slices.SortFunc(c.ends, func(a, b end) int { return int(a.x - b.x) })
	if fits > 1 {
		c.legend = append(c.legend, entry{"fitted exp(a k^b)", -1, fitted, false})
	}
	if forecast {
		c.legend = append(c.legend, entry{"forecast from N samples", -1, foreseen, false})
	}
	for _, s := range p.Series {
		if f := s.Forecast; f != nil && len(f.Points) == 0 && f.Doubt != "" {
			c.notes = append(c.notes, strings.TrimPrefix(s.Name+": ", ": ")+f.Doubt)
		}
	}
	if banded > 0 {
		c.notes = append(c.notes, "band: "+p.Options.Label())
	}
}
