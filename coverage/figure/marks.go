package figure

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// inks differ in lightness as well as in hue, those that follow one another most, so that a print in grey can be read.
var inks = [MaxSeries]color.NRGBA{
	{0, 58, 125, 255}, {205, 85, 10, 255}, {0, 105, 72, 255}, {80, 177, 230, 255},
	{150, 60, 105, 255}, {236, 165, 20, 255}, {25, 25, 25, 255}, {134, 134, 134, 255},
}

var shapes = [MaxSeries]draw.GlyphDrawer{
	draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, hollow{draw.CircleGlyph{}, draw.RingGlyph{}},
	hollow{draw.BoxGlyph{}, draw.SquareGlyph{}}, hollow{draw.PyramidGlyph{}, draw.TriangleGlyph{}}, draw.CrossGlyph{}, draw.PlusGlyph{},
}

// hollow is a marker through which its line does not show.
type hollow struct{ inside, border draw.GlyphDrawer }

func (h hollow) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, pt vg.Point) {
	c.SetColor(color.White)
	h.inside.DrawGlyph(c, sty, pt)
	c.SetColor(sty.Color)
	h.border.DrawGlyph(c, sty, pt)
}

// fewPoints is up to how many points of a series each has its marker; of more, some are marked if there are other series.
const fewPoints = 12

// ink of a series, or of what is true of all.
func ink(series int) color.NRGBA {
	if series < 0 {
		return plain
	}
	return inks[series]
}

func glyph(series int) draw.GlyphStyle {
	return draw.GlyphStyle{Color: ink(series), Radius: 2.3, Shape: shapes[series]}
}

// topGlyph is in the middle of the top of a bar.
var topGlyph = draw.GlyphStyle{Color: plain, Radius: 2.3, Shape: hollow{draw.CircleGlyph{}, draw.RingGlyph{}}}

// line is how the line of a mark looks.
func (m mark) line() draw.LineStyle {
	switch m.role {
	case fitted:
		return draw.LineStyle{Color: plain, Width: 0.9, Dashes: []vg.Length{4, 2.5}}
	case foreseen:
		return draw.LineStyle{Color: ink(m.series), Width: 1.5, Dashes: []vg.Length{1.5, 2}}
	case zero:
		return draw.LineStyle{Color: plain, Width: 0.8}
	case tops:
		return draw.LineStyle{Color: plain, Width: 1.4}
	}
	return draw.LineStyle{Color: ink(m.series), Width: 1.5}
}

// shade is the colour of the band of a mark.
func (m mark) shade(series int) color.NRGBA {
	s := ink(m.series)
	s.A = 56
	if series > 3 {
		s.A = 34
	}
	switch m.role {
	case foreseen:
		s.A /= 2
	case bars:
		s.A = 90
	}
	return s
}

// mark draws what lies under lines, or the lines.
func (g *page) mark(f vg.Rectangle, y axis, m mark, under bool) {
	clip := draw.Canvas{Canvas: g.Canvas.Canvas, Rectangle: f}
	if m.role == bars || m.role == tops {
		g.bars(&clip, y, m, under)
		return
	}
	points := g.thin(f, m.points)
	if under {
		if m.banded() {
			g.band(&clip, y, m, points)
		}
		return
	}
	var line []vg.Point
	for _, p := range points {
		line = append(line, g.place(f, y, p.x, p.y))
	}
	g.StrokeLines(m.line(), clip.ClipLinesXY(line)...)
	if m.role == seen || m.role == foreseen && (len(points) == 1 || g.series() > 1) {
		for _, i := range g.marked(f, m, points) {
			clip.DrawGlyph(glyph(m.series), line[i])
		}
	}
}

// band draws the intervals, of a single point as a bar.
func (g *page) band(clip *draw.Canvas, y axis, m mark, points []point) {
	f := clip.Rectangle
	if len(points) == 1 {
		p := points[0]
		low, high := g.place(f, y, p.x, p.low), g.place(f, y, p.x, p.high)
		style := draw.LineStyle{Color: ink(m.series), Width: 1}
		for _, l := range [][2]vg.Point{{low, high}, {left(low), right(low)}, {left(high), right(high)}} {
			g.StrokeLines(style, clip.ClipLinesXY(l[:])...)
		}
		return
	}
	area := make([]vg.Point, 0, 2*len(points))
	for _, p := range points {
		area = append(area, g.place(f, y, p.x, p.high))
	}
	for i := len(points) - 1; i >= 0; i-- {
		area = append(area, g.place(f, y, points[i].x, points[i].low))
	}
	g.FillPolygon(m.shade(g.series()), clip.ClipPolygonXY(area))
}

func left(p vg.Point) vg.Point  { return vg.Point{X: p.X - 3, Y: p.Y} }
func right(p vg.Point) vg.Point { return vg.Point{X: p.X + 3, Y: p.Y} }

// series is how many there are.
func (c *chart) series() int {
	n := 0
	for _, m := range c.panels[0].marks {
		n = max(n, m.series+1)
	}
	return n
}

// bars fills bars, or draws tops over others.
func (g *page) bars(clip *draw.Canvas, y axis, m mark, under bool) {
	f := clip.Rectangle
	if under != (m.role == bars) {
		return
	}
	for _, p := range m.points {
		box := vg.Rectangle{Min: g.place(f, y, p.low, 0), Max: g.place(f, y, p.high, p.y)}
		if m.role == bars {
			if p.y > 0 {
				g.FillPolygon(m.shade(1), corners(box))
				g.StrokeLines(draw.LineStyle{Color: ink(m.series), Width: 0.6}, append(corners(box), box.Min))
			}
			continue
		}
		g.StrokeLine2(m.line(), box.Min.X, box.Max.Y, box.Max.X, box.Max.Y)
		clip.DrawGlyph(topGlyph, vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: box.Max.Y})
	}
}

// thin leaves points away that lie too close to the one before to be told from it.
func (g *page) thin(f vg.Rectangle, points []point) []point {
	if len(points) < 200 {
		return points
	}
	const least = 0.7
	var kept []point
	last := vg.Length(math.Inf(-1))
	for i, p := range points {
		x := vg.Length(g.x.norm(p.x)) * f.Size().X
		if x-last >= least || i == len(points)-1 {
			kept, last = append(kept, p), x
		}
	}
	return kept
}

// marked is which points of a line have markers: all of few, of many those near places that differ between series.
func (g *page) marked(f vg.Rectangle, m mark, points []point) []int {
	var all []int
	series := g.series()
	if len(points) <= fewPoints && m.role == seen || len(points) == 1 {
		for i := range points {
			all = append(all, i)
		}
		return all
	}
	if series < 2 {
		return nil
	}
	const distance = 46
	x := func(i int) float64 { return g.x.norm(points[i].x) * f.Size().X.Points() }
	next := x(0) + distance*(float64(m.series)+0.5)/float64(series)
	for i := range points {
		if x(i) >= next {
			all = append(all, i)
			for next <= x(i) {
				next += distance
			}
		}
	}
	if len(all) == 0 {
		all = append(all, len(points)/2)
	}
	return all
}
