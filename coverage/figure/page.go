package figure

import (
	"bytes"
	"image/color"
	"io"
	"math"
	"regexp"
	"sort"
	"strings"
	"unicode"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// page draws a chart on a canvas. All lengths are in points.
type page struct {
	draw.Canvas
	*chart
	frames []vg.Rectangle // of the panels
}

// Sizes of letters.
const (
	titleSize = 10.5
	labelSize = 8.0 // of axes and the legend
	smallSize = 7.2 // of ticks and notes
)

const (
	margin  = 6.0 // around all
	gap     = 4.0 // between parts
	tickLen = 3.0

	leastFrame = 20 // a side on which something can be seen
)

var (
	plain = color.NRGBA{40, 45, 52, 255}
	faint = color.NRGBA{95, 100, 108, 255}
	soft  = color.NRGBA{222, 225, 229, 255}
)

var faces = font.NewCache(liberation.Collection())

// face is the letters of a size.
func face(size float64) *font.Face {
	f := faces.Lookup(font.Font{Typeface: "Liberation", Variant: "Sans"}, vg.Length(size))
	return &f
}

// draw writes the chart as SVG or PNG.
func (c *chart) draw(b *bytes.Buffer, p Picture) error {
	width, height := vg.Length(p.Width)*vg.Centimeter, vg.Length(p.Height)*vg.Centimeter
	var canvas interface {
		vg.CanvasSizer
		io.WriterTo
	}
	if p.Format == PNG {
		canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(int(p.DPI)))}
	} else {
		canvas = vgsvg.New(width, height)
	}
	g := &page{Canvas: draw.New(canvas), chart: c}
	g.FillPolygon(color.White, corners(g.Rectangle))
	if err := g.all(); err != nil {
		return err
	}
	if _, err := canvas.WriteTo(b); err != nil {
		return err
	}
	if p.Format == SVG {
		tidy(b)
	}
	return nil
}

// What vgsvg writes of a font: one family, which a reader may not have, and three properties as they are without.
var fontStyle = regexp.MustCompile(`style="font-family:Liberation Sans;font-variant:normal;font-weight:normal;font-style:normal;`)

func tidy(b *bytes.Buffer) {
	s := fontStyle.ReplaceAll(b.Bytes(), []byte(`style="font-family:Liberation Sans,Arial,Helvetica,sans-serif;`))
	b.Reset()
	b.Write(s)
}

// all draws everything, unless the letters leave no room for the frames.
func (g *page) all() error {
	inside := g.Rectangle
	inside.Min.X, inside.Min.Y, inside.Max.X, inside.Max.Y = inside.Min.X+margin, inside.Min.Y+margin, inside.Max.X-margin, inside.Max.Y-margin
	if g.title != "" {
		inside.Max.Y -= titleSize
		title := fit(face(titleSize), g.title, inside.Size().X)
		g.text(titleSize, plain, (inside.Min.X+inside.Max.X)/2-face(titleSize).Width(title)/2, inside.Max.Y+titleSize*0.2, title)
		inside.Max.Y -= gap
	}
	for i := len(g.notes) - 1; i >= 0; i-- {
		lines := wrap(face(smallSize), clean(g.notes[i]), inside.Size().X)
		for j := len(lines) - 1; j >= 0; j-- {
			g.text(smallSize, faint, inside.Min.X, inside.Min.Y+smallSize*0.25, lines[j])
			inside.Min.Y += smallSize * 1.25
		}
	}
	if len(g.notes) > 0 {
		inside.Min.Y += gap / 2
	}
	l := g.newLegend(inside)
	var at vg.Point
	g.layout(inside)
	if len(l.lines) > 0 {
		var ok bool
		if at, ok = g.room(l); !ok {
			inside, at = l.outside(inside)
			g.layout(inside)
			if l.beside {
				at.Y = g.frames[0].Max.Y
			}
		}
	}
	for _, f := range g.frames {
		side, size := "width", f.Size()
		if size.Y < leastFrame {
			side = "height"
		}
		if min(size.X, size.Y) < leastFrame {
			return invalidf(side, "is too small: title, legend and labels leave %.0f × %.0f points for a frame", max(size.X, 0), max(size.Y, 0))
		}
	}
	for i := range g.panels {
		g.panel(i)
	}
	g.under(inside)
	g.legendAt(l, at)
	return nil
}

// layout finds the frames of the panels: what is left by the letters around them.
func (g *page) layout(in vg.Rectangle) {
	small := face(smallSize)
	in.Min.Y += gap/2 + labelSize + gap + smallSize + tickLen // label and ticks of x
	if len(g.ends) > 0 {
		in.Max.Y -= smallSize + gap/2
	}
	const between = 10
	height := in.Size().Y - vg.Length(between*(len(g.panels)-1))
	left, top := vg.Length(0), in.Max.Y
	g.frames = g.frames[:0]
	for _, p := range g.panels {
		f := vg.Rectangle{Min: vg.Point{Y: top - height*vg.Length(p.part)}, Max: vg.Point{Y: top}}
		for _, t := range p.y.ticks(f.Size().Y.Points(), lineHeight) {
			left = max(left, small.Width(t.label))
		}
		g.frames = append(g.frames, f)
		top = f.Min.Y - between
	}
	for i := range g.frames {
		g.frames[i].Min.X = in.Min.X + labelSize + gap + left + gap/2 + tickLen
		g.frames[i].Max.X = in.Max.X - 2
	}
	// The last label of x may stick out.
	f := &g.frames[0]
	for _, t := range g.xTicks(*f) {
		out := f.Min.X + vg.Length(g.x.norm(t.at))*f.Size().X + small.Width(t.label)/2 - in.Max.X
		for i := range g.frames {
			g.frames[i].Max.X -= max(0, out)
		}
	}
}

func lineHeight(string) float64 { return smallSize * 1.6 }

func (g *page) xTicks(f vg.Rectangle) []tick {
	small := face(smallSize)
	return g.x.ticks(f.Size().X.Points(), func(label string) float64 { return (small.Width(label) + 8).Points() })
}

// place is where a value lies in a frame.
func (g *page) place(f vg.Rectangle, y axis, at, v float64) vg.Point {
	return vg.Point{X: f.Min.X + vg.Length(g.x.norm(at))*f.Size().X, Y: f.Min.Y + vg.Length(y.norm(v))*f.Size().Y}
}

// panel draws the frame, the grid and the marks of a panel.
func (g *page) panel(i int) {
	p, f := g.panels[i], g.frames[i]
	small, thin := face(smallSize), draw.LineStyle{Color: plain, Width: 0.6}
	grid := draw.LineStyle{Color: soft, Width: 0.5}
	for _, t := range p.y.ticks(f.Size().Y.Points(), lineHeight) {
		y := f.Min.Y + vg.Length(p.y.norm(t.at))*f.Size().Y
		length := vg.Length(tickLen)
		if t.label == "" {
			length /= 2
		} else {
			g.StrokeLine2(grid, f.Min.X, y, f.Max.X, y)
			g.text(smallSize, plain, f.Min.X-tickLen-gap/2-small.Width(t.label), y-smallSize*0.35, t.label)
		}
		g.StrokeLine2(thin, f.Min.X-length, y, f.Min.X, y)
	}
	for _, t := range g.xTicks(f) {
		x := f.Min.X + vg.Length(g.x.norm(t.at))*f.Size().X
		length := vg.Length(tickLen)
		if t.label == "" {
			length /= 2
		} else if g.x.given == nil {
			g.StrokeLine2(grid, x, f.Min.Y, x, f.Max.Y)
		}
		g.StrokeLine2(thin, x, f.Min.Y, x, f.Min.Y-length)
	}
	for _, e := range g.ends {
		x := f.Min.X + vg.Length(g.x.norm(e.x))*f.Size().X
		g.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.8, Dashes: []vg.Length{1, 2}}, x, f.Min.Y, x, f.Max.Y)
	}
	for _, under := range []bool{true, false} {
		for _, m := range p.marks {
			g.mark(f, p.y, m, under)
		}
	}
	g.StrokeLines(thin, append(corners(f), f.Min))
	label := fit(face(labelSize), p.y.label, f.Size().Y+gap)
	g.upright(labelSize, plain, margin+labelSize*0.8, (f.Min.Y+f.Max.Y)/2-face(labelSize).Width(label)/2, label)
}

// under writes what stands under the last frame and over the first.
func (g *page) under(in vg.Rectangle) {
	f, small := g.frames[len(g.frames)-1], face(smallSize)
	for _, t := range g.xTicks(f) {
		x := f.Min.X + vg.Length(g.x.norm(t.at))*f.Size().X
		g.text(smallSize, plain, x-small.Width(t.label)/2, f.Min.Y-tickLen-smallSize, t.label)
	}
	label := fit(face(labelSize), g.x.label, in.Size().X)
	width := face(labelSize).Width(label)
	x := min(max((f.Min.X+f.Max.X)/2-width/2, in.Min.X), in.Max.X-width)
	g.text(labelSize, plain, x, f.Min.Y-tickLen-smallSize-gap-labelSize*0.8, label)
	free := vg.Length(math.Inf(-1))
	f = g.frames[0]
	for _, e := range g.ends {
		width := small.Width(e.name)
		x := f.Min.X + vg.Length(g.x.norm(e.x))*f.Size().X - width/2
		x = min(max(x, in.Min.X), in.Max.X-width)
		if x < free {
			continue
		}
		g.text(smallSize, faint, x, f.Max.Y+gap/2+1, e.name)
		free = x + width + 6
	}
}

// text writes with the baseline at y.
func (g *page) text(size float64, ink color.Color, x, y vg.Length, s string) {
	if s == "" {
		return
	}
	g.SetColor(ink)
	g.FillString(*face(size), vg.Point{X: x, Y: y}, s)
}

// upright writes from y up, with the baseline at x.
func (g *page) upright(size float64, ink color.Color, x, y vg.Length, s string) {
	g.Push()
	g.Rotate(math.Pi / 2)
	g.text(size, ink, y, -x, s)
	g.Pop()
}

func corners(r vg.Rectangle) []vg.Point {
	return []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}}
}

// clean replaces what no page can show.
func clean(s string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return unicode.ReplacementChar
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// fit cuts the end of a text off, so that it has a width.
func fit(f *font.Face, s string, width vg.Length) string { return cut(f, s, width, 0) }

// shorten takes the middle out of a name: what tells two apart is often at their ends.
func shorten(f *font.Face, s string, width vg.Length) string { return cut(f, s, width, 0.45) }

// cut leaves of a text what fits, of which a part is its end.
func cut(f *font.Face, s string, width vg.Length, end float64) string {
	s = clean(s)
	if f.Width(s) <= width {
		return s
	}
	all := []rune(s)
	short := func(n int) string {
		tail := int(end * float64(n))
		return string(all[:n-tail]) + "…" + string(all[len(all)-tail:])
	}
	n := sort.Search(len(all), func(n int) bool { return f.Width(short(n)) > width })
	return short(max(n-1, 0))
}

// wrap breaks text into lines between words.
func wrap(f *font.Face, s string, width vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		switch {
		case line != "" && f.Width(line+" "+word) > width:
			lines = append(lines, line)
			line = word
		case line == "":
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	for i := range lines {
		lines[i] = fit(f, lines[i], width)
	}
	return lines
}
