package figure

import (
	"fmt"
	"io"
	"math"
	"slices"

	"borel/coverage"
)

// LogLog draws −log pass@k against k, both axes logarithmic, where pass@k = exp(a k^b) is a line of slope b, and under it, where
// a series has a Fit, the residuals: the curve less the fit. Points at which coverage is 0 or 1, and bands that reach one
// of them, have no place in it and end at the frame. The error is an *[coverage.Invalid], also where a series has no point
// between, or w's own.
func LogLog(w io.Writer, p Picture) error {
	two, sized := slices.ContainsFunc(p.Series, func(s Series) bool { return s.Fit != nil }), p.Height != 0
	p, err := p.withDefaults()
	if err != nil {
		return err
	}
	if err := p.validate(false); err != nil {
		return err
	}
	if two && !p.onTerminal() && !sized {
		p.Height = 12
	}
	var marks, residuals []mark
	for i, s := range p.Series {
		m := mark{series: i, points: negLog(s.Points)}
		if len(m.points) == 0 {
			return invalidf(fmt.Sprintf("series[%d].points", i), "has no pass@k between 0 and 1; −log of it can be drawn nowhere")
		}
		marks = append(marks, m)
		for _, b := range s.beyond(i) {
			for j, q := range b.points {
				b.points[j].y = -math.Log(q.y)
				b.points[j].low, b.points[j].high = -math.Log(min(q.high, 1)), -math.Log(max(q.low, 0))
			}
			if b.points = positive(b.points); len(b.points) > 0 {
				marks = append(marks, b)
			}
		}
		if s.Fit == nil {
			continue
		}
		r := mark{series: i}
		for _, q := range s.Points {
			law := s.Fit.At(float64(q.K))
			r.points = append(r.points, point{float64(q.K), q.Pass - law, q.Low - law, q.High - law})
		}
		residuals = append(residuals, r)
	}
	c := &chart{x: kAxis}
	c.x.wide(reach(marks))
	// The lines decide the range: a band may reach anywhere.
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, m := range marks {
		for _, q := range m.points {
			lo, hi = min(lo, q.y), max(hi, q.y)
		}
	}
	from, to := spread(marks)
	y := axis{label: "−log coverage", log: true, pad: 0.03}
	y.wide(max(from, lo/1.5), min(to, hi*1.5))
	c.panels = []panel{{y: y, part: 1, marks: marks}}
	if len(residuals) > 0 {
		from, to := spread(residuals)
		most := ceiling(max(-from, to, 1e-6))
		line := mark{role: zero, series: -1, points: []point{{x: c.x.lo}, {x: c.x.hi}}}
		c.panels[0].part = 0.7
		c.panels = append(c.panels, panel{
			y:     axis{label: "residual", lo: -most, hi: most, write: percent, pad: 0.04},
			part:  0.3,
			marks: append([]mark{line}, residuals...),
		})
	}
	c.explain(p)
	return p.write(w, c)
}

// negLog is the points at which −log is positive and finite.
func negLog(points []coverage.Point) []point {
	var all []point
	for _, q := range points {
		p := point{x: float64(q.K), y: -math.Log(q.Pass)}
		if q.Low < q.High {
			p.low, p.high = -math.Log(min(q.High, 1)), -math.Log(max(q.Low, 0))
		}
		all = append(all, p)
	}
	return positive(all)
}

func positive(points []point) []point {
	kept := points[:0]
	for _, p := range points {
		if p.y > 0 && !math.IsInf(p.y, 0) {
			kept = append(kept, p)
		}
	}
	return kept
}
