package figure

import (
	"fmt"
	"io"
	"math"

	"borel/coverage"
)

// Difference draws pass@k of system b less that of system a, as [coverage.Compare] finds it, against k, with the band of the
// difference and a line at 0. The error is an *[coverage.Invalid], or w's own.
func Difference(w io.Writer, p Picture, a, b string, d []coverage.Difference) error {
	p, err := p.withDefaults()
	if err != nil {
		return err
	}
	if len(d) == 0 {
		return invalidf("differences", "is empty")
	}
	if len(d) > coverage.MaxPoints {
		return invalidf("differences", "has %d entries, the limit is %d", len(d), coverage.MaxPoints)
	}
	m := mark{}
	for i, q := range d {
		switch field := fmt.Sprintf("differences[%d].", i); {
		case q.K < 1 || q.K > maxK || i > 0 && q.K <= d[i-1].K:
			return invalidf(field+"k", "is %d; k must be at least 1 and ascend", q.K)
		case !(math.Abs(q.Difference) <= 1+1e-9):
			return invalidf(field+"difference", "is %g; it must be −1 to 1", q.Difference)
		case !(q.Low >= -1-1e-9 && q.High <= 1+1e-9 && q.Low <= q.High):
			return invalidf(field+"low", "is %g, and high %g; both must be −1 to 1, the lower first", q.Low, q.High)
		case !share(q.Better):
			return invalidf(field+"better", "is %g; it must be 0 to 1", q.Better)
		}
		m.points = append(m.points, point{float64(q.K), q.Difference, q.Low, q.High})
	}
	c := &chart{x: kAxis}
	c.x.wide(m.points[0].x, m.points[len(d)-1].x)
	line := mark{role: zero, series: -1, points: []point{{x: c.x.lo}, {x: c.x.hi}}}
	y := axis{label: "difference of pass@k", write: percent, pad: 0.03}
	y.lo, y.hi = spread([]mark{line, m})
	if y.lo == y.hi {
		y.lo, y.hi = -0.1, 0.1
	}
	c.panels = []panel{{y: y, part: 1, marks: []mark{line, m}}}
	last := d[len(d)-1]
	c.notes = append(c.notes, fmt.Sprintf("above 0: %s is better than %s, at k = %s with a probability of %.3f", b, a, number(float64(last.K), 1), last.Better))
	if m.banded() {
		c.notes = append(c.notes, "band: "+p.Options.Label())
	}
	return p.write(w, c)
}
