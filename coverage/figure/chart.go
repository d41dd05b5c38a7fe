package figure

import (
	"cmp"
	"math"
	"slices"
)

// chart is a picture before it is drawn, the same for a page and a terminal.
type chart struct {
	title  string
	x      axis
	panels []panel // from the top down, above the one axis of x
	legend []entry
	ends   []end
	notes  []string // under it
}

// panel is a frame with its marks, the first drawn first.
type panel struct {
	y     axis
	part  float64 // of the height of all panels
	marks []mark
}

// role is what a mark stands for, which decides how it is drawn.
type role int

const (
	seen     role = iota // a solid line in a band
	fitted               // a dashed line
	foreseen             // a dotted line in a lighter band
	zero                 // a thin line to compare with
	bars                 // filled, from 0 up
	tops                 // of bars that are not filled, over others
)

// mark is a line, or bars. A line has its points by ascending x; bars reach from low to high on the x axis.
type mark struct {
	role   role
	series int // which ink and which marker
	points []point
}

type point struct{ x, y, low, high float64 }

// banded reports that a line has intervals.
func (m mark) banded() bool {
	for _, p := range m.points {
		if p.low < p.high && m.role < zero {
			return true
		}
	}
	return false
}

// entry is a line of the legend. A series of -1 is none of them: the entry says what all marks of a role are.
type entry struct {
	name   string
	series int
	role   role
	banded bool
}

// end marks an x at which something ends.
type end struct {
	x    float64
	name string
}

// spread is the range of the y of some marks, intervals included where they are finite.
func spread(marks []mark) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, m := range marks {
		for _, p := range m.points {
			lo, hi = min(lo, p.y), max(hi, p.y)
			if m.role < zero && p.low < p.high {
				lo, hi = min(lo, p.low), max(hi, p.high)
			}
		}
	}
	return lo, hi
}

// reach is the range of the x of some marks.
func reach(marks []mark) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, m := range marks {
		for _, p := range m.points {
			lo, hi = min(lo, p.x), max(hi, p.x)
		}
	}
	return lo, hi
}

// between is the point of the line of m at x, linear between its points on the page; not where the line is not.
func (m mark) between(x axis, at float64) (point, bool) {
	i, found := slices.BinarySearchFunc(m.points, at, func(p point, at float64) int { return cmp.Compare(p.x, at) })
	if found {
		return m.points[i], true
	}
	if i == 0 || i == len(m.points) {
		return point{}, false
	}
	a, b := m.points[i-1], m.points[i]
	t := (x.norm(at) - x.norm(a.x)) / (x.norm(b.x) - x.norm(a.x))
	mix := func(u, v float64) float64 { return u + t*(v-u) }
	return point{at, mix(a.y, b.y), mix(a.low, b.low), mix(a.high, b.high)}, true
}
