package figure

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// legend is the entries with their place on the page.
type legend struct {
	entries []entry
	lines   []string // names, cut to what fits
	width   vg.Length
	columns int
	beside  bool
}

const (
	swatch  = 17.0 // length of the line before a name
	leading = labelSize * 1.3
	inset   = 4.0 // between the border of a legend and its contents
)

// newLegend measures the legend for a page.
func (g *page) newLegend(in vg.Rectangle) *legend {
	l := &legend{entries: g.legend, columns: 1}
	most := in.Size().X - swatch - 2*gap
	if len(l.entries) > 3 {
		most = in.Size().X/2 - swatch - 2*gap
	}
	f := face(labelSize)
	for _, e := range l.entries {
		name := shorten(f, e.name, most)
		l.lines = append(l.lines, name)
		l.width = max(l.width, f.Width(name))
	}
	l.width += swatch + gap
	return l
}

func (l *legend) size() vg.Point {
	rows := (len(l.lines) + l.columns - 1) / l.columns
	return vg.Point{X: vg.Length(l.columns)*(l.width+2*gap) - 2*gap + 2*inset, Y: vg.Length(rows)*leading + 2*inset}
}

// room finds a corner of the first frame where the legend hides nothing, and returns its top left.
func (g *page) room(l *legend) (vg.Point, bool) {
	f, size := g.frames[0], l.size()
	const off = 5
	if size.X+2*off > f.Size().X || size.Y+2*off > f.Size().Y {
		return vg.Point{}, false
	}
	left, right := f.Min.X+off, f.Max.X-off-size.X
	top, bottom := f.Max.Y-off, f.Min.Y+off+size.Y
	for _, at := range []vg.Point{{X: left, Y: top}, {X: right, Y: bottom}, {X: right, Y: top}, {X: left, Y: bottom}} {
		if g.free(vg.Rectangle{Min: vg.Point{X: at.X, Y: at.Y - size.Y}, Max: vg.Point{X: at.X + size.X, Y: at.Y}}) {
			return at, true
		}
	}
	return vg.Point{}, false
}

// free reports that nothing of the first panel lies in a box, with a little air.
func (g *page) free(box vg.Rectangle) bool {
	const air = 4
	box.Min, box.Max = box.Min.Sub(vg.Point{X: air, Y: air}), box.Max.Add(vg.Point{X: air, Y: air})
	p, f := g.panels[0], g.frames[0]
	for _, e := range g.ends {
		if x := g.place(f, p.y, e.x, 0).X; x > box.Min.X && x < box.Max.X {
			return false
		}
	}
	for _, m := range p.marks {
		if m.role == bars || m.role == tops {
			for _, q := range m.points {
				low, high := g.place(f, p.y, q.low, 0), g.place(f, p.y, q.high, q.y)
				if low.X < box.Max.X && high.X > box.Min.X && high.Y > box.Min.Y {
					return false
				}
			}
			continue
		}
		for x := box.Min.X; ; x = min(x+2, box.Max.X) {
			at := g.x.value(float64((x - f.Min.X) / f.Size().X))
			if q, ok := m.between(g.x, at); ok {
				low, high := min(q.y, q.low), max(q.y, q.high)
				if !m.banded() || q.low >= q.high {
					low, high = q.y, q.y
				}
				if g.place(f, p.y, at, high).Y > box.Min.Y && g.place(f, p.y, at, low).Y < box.Max.Y {
					return false
				}
			}
			if x == box.Max.X {
				break
			}
		}
		// Between the steps of x there may be a point.
		for _, q := range m.points {
			if at := g.place(f, p.y, q.x, q.y); at.X >= box.Min.X && at.X <= box.Max.X && at.Y >= box.Min.Y && at.Y <= box.Max.Y {
				return false
			}
		}
	}
	return true
}

// outside puts the legend beside the frame of a wide page, or else under it, and returns what is left of the page and the top
// left of the legend.
func (l *legend) outside(in vg.Rectangle) (vg.Rectangle, vg.Point) {
	size := l.size()
	if size.X < in.Size().X*0.34 && size.Y < in.Size().Y {
		l.beside = true
		at := vg.Point{X: in.Max.X - size.X, Y: in.Max.Y}
		in.Max.X = at.X - gap
		return in, at
	}
	l.columns = max(1, int((in.Size().X+2*gap)/(l.width+2*gap)))
	l.columns = min(l.columns, len(l.lines))
	height := l.size().Y - 2*inset
	at := vg.Point{X: in.Min.X - inset, Y: in.Min.Y + height + inset}
	in.Min.Y += height + 1
	return in, at
}

// legendAt draws the legend.
func (g *page) legendAt(l *legend, at vg.Point) {
	if len(l.lines) == 0 {
		return
	}
	size := l.size()
	box := vg.Rectangle{Min: vg.Point{X: at.X, Y: at.Y - size.Y}, Max: vg.Point{X: at.X + size.X, Y: at.Y}}
	if f := g.frames[0]; box.Min.X >= f.Min.X && box.Min.Y >= f.Min.Y && box.Max.X <= f.Max.X {
		g.FillPolygon(color.White, corners(box))
		g.StrokeLines(draw.LineStyle{Color: soft, Width: 0.5}, append(corners(box), box.Min))
	}
	rows := (len(l.lines) + l.columns - 1) / l.columns
	for i, e := range l.entries {
		x := at.X + inset + vg.Length(i/rows)*(l.width+2*gap)
		y := at.Y - inset - vg.Length(i%rows)*leading - leading/2
		g.sample(e, x, y)
		g.text(labelSize, plain, x+swatch+gap, y-labelSize*0.33, l.lines[i])
	}
}

// sample draws how the mark of an entry looks, in the middle of a line.
func (g *page) sample(e entry, x, y vg.Length) {
	m := mark{role: e.role, series: e.series}
	box := vg.Rectangle{Min: vg.Point{X: x, Y: y - leading*0.36}, Max: vg.Point{X: x + swatch, Y: y + leading*0.36}}
	if e.role == bars {
		g.FillPolygon(m.shade(1), corners(box))
		g.StrokeLines(draw.LineStyle{Color: ink(e.series), Width: 0.6}, append(corners(box), box.Min))
		return
	}
	if e.banded {
		g.FillPolygon(m.shade(g.series()), corners(box))
	}
	g.StrokeLine2(m.line(), box.Min.X, y, box.Max.X, y)
	switch {
	case e.role == tops:
		g.DrawGlyphNoClip(topGlyph, vg.Point{X: x + swatch/2, Y: y})
	case e.role == seen && g.series() > 1:
		g.DrawGlyphNoClip(glyph(e.series), vg.Point{X: x + swatch/2, Y: y})
	}
}
