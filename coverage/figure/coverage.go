// Package figure draws what package coverage computes, for a paper, a page and a terminal.
package figure

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"math"
	"strconv"

	"borel/coverage"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Series is one curve of a picture.
type Series struct {
	Name   string
	Points []coverage.Point   // by ascending K; those of [coverage.Curve] at [coverage.LogSpaced] k make a smooth one
	Fit    *coverage.PowerLaw // drawn dashed unless nil
}

// Picture says what [Coverage] draws.
type Picture struct {
	Title   string
	Format  string           // svg (the default) or png
	Options coverage.Options // of the points, for the caption of the bands
	Series  []Series
}

// MaxSeries is how many curves one picture may hold and still be told apart.
const MaxSeries = 8

// Coverage draws coverage against the number of samples, k on a logarithmic axis, with the intervals as bands. The error
// is an *[coverage.Invalid] where there is nothing to draw, or w's own.
func Coverage(w io.Writer, p Picture) error {
	if p.Format == "" {
		p.Format = "svg"
	}
	if p.Format != "svg" && p.Format != "png" {
		return invalidf("format", "%q is not known; svg and png are", p.Format)
	}
	if len(p.Series) == 0 || len(p.Series) > MaxSeries {
		return invalidf("series", "has %d entries; 1 to %d can be drawn", len(p.Series), MaxSeries)
	}
	last := 1
	for i, s := range p.Series {
		if len(s.Points) == 0 {
			return invalidf(fmt.Sprintf("series[%d].points", i), "is empty")
		}
		for j, q := range s.Points {
			if q.K < 1 || j > 0 && q.K <= s.Points[j-1].K {
				return invalidf(fmt.Sprintf("series[%d].points[%d].k", i, j), "is %d; k must be at least 1 and ascend", q.K)
			}
			last = max(last, q.K)
		}
	}
	pl := frame(p, last)
	for i, s := range p.Series {
		if err := add(pl, s, inks[i], len(p.Series) > 1); err != nil {
			return err
		}
	}
	const width, height, margin, foot = 16 * vg.Centimeter, 10 * vg.Centimeter, 10, 34 // points
	canvas, err := draw.NewFormattedCanvas(width, height, p.Format)
	if err != nil {
		return err
	}
	whole := draw.New(canvas)
	whole.FillPolygon(color.White, []vg.Point{{}, {X: width}, {X: width, Y: height}, {Y: height}})
	pl.Draw(draw.Crop(whole, margin, -margin, foot, -margin))
	// The axis has no label of its own: plot would reserve its room as if the axis were not logarithmic.
	under := style(9, plain)
	under.XAlign = text.XCenter
	whole.FillText(under, vg.Point{X: width / 2, Y: 20}, "k, samples per problem")
	under.Font.Size, under.Color = 7.5, faint
	whole.FillText(under, vg.Point{X: width / 2, Y: 7}, "band: "+p.Options.Label())

	var b bytes.Buffer // whole or not at all
	if _, err := canvas.WriteTo(&b); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// style is text of so many points.
func style(size vg.Length, ink color.Color) text.Style {
	s := plot.New().Legend.TextStyle
	s.Font.Variant, s.Font.Size, s.Color = "Sans", size, ink
	return s
}

// inks differ in lightness as well as in hue, so that a print in grey can be read (after Okabe and Ito).
var inks = [MaxSeries]color.NRGBA{
	{0, 90, 156, 255}, {213, 94, 0, 255}, {0, 132, 96, 255}, {170, 68, 130, 255},
	{70, 160, 220, 255}, {205, 145, 0, 255}, {60, 60, 60, 255}, {150, 150, 150, 255},
}

var (
	soft  = color.NRGBA{216, 220, 225, 255}
	plain = color.NRGBA{50, 56, 64, 255}
	faint = color.NRGBA{110, 116, 124, 255}
)

// frame is the picture without its curves.
func frame(p Picture, last int) *plot.Plot {
	pl := plot.New()
	pl.Title.Text = p.Title
	pl.Title.TextStyle.Font.Variant, pl.Title.TextStyle.Font.Size = "Sans", 11
	pl.Title.Padding = 8
	pl.Y.Label.Text = "coverage, pass@k"
	pl.X.Scale, pl.X.Min, pl.X.Max = plot.LogScale{}, 1, math.Max(float64(last), 2)
	pl.Y.Min, pl.Y.Max = 0, 1
	var x, y []plot.Tick
	for decade := 1; decade <= last; decade *= 10 {
		x = append(x, plot.Tick{Value: float64(decade), Label: thousands(decade)})
		for m := 2; m < 10 && m*decade <= last; m++ {
			t := plot.Tick{Value: float64(m * decade)}
			if last < 100 && (m == 2 || m == 5) {
				t.Label = thousands(m * decade)
			}
			x = append(x, t)
		}
	}
	for i := range 6 {
		y = append(y, plot.Tick{Value: float64(i) / 5, Label: strconv.Itoa(20*i) + " %"})
	}
	pl.X.Tick.Marker, pl.Y.Tick.Marker = plot.ConstantTicks(x), plot.ConstantTicks(y)
	for _, a := range []*plot.Axis{&pl.X, &pl.Y} {
		a.Color, a.Tick.Color, a.Tick.Label.Color, a.Label.TextStyle.Color = plain, plain, plain, plain
		a.Tick.Label.Font.Variant, a.Tick.Label.Font.Size = "Sans", 8.5
		a.Label.TextStyle.Font.Variant, a.Label.TextStyle.Font.Size = "Sans", 9
		a.Label.Padding, a.Padding = 5, 2
	}
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = soft, soft
	grid.Horizontal.Width, grid.Vertical.Width = 0.5, 0.5
	pl.Add(grid)
	pl.Legend.TextStyle = style(8.5, plain)
	pl.Legend.Top, pl.Legend.Left = true, true
	pl.Legend.XOffs, pl.Legend.YOffs, pl.Legend.Padding = 8, -4, 5
	return pl
}

// add draws one series.
func add(pl *plot.Plot, s Series, ink color.NRGBA, named bool) error {
	var band, middle, law plotter.XYs
	for _, p := range s.Points {
		middle = append(middle, plotter.XY{X: float64(p.K), Y: p.Pass})
		band = append(band, plotter.XY{X: float64(p.K), Y: p.High})
	}
	for i := len(s.Points) - 1; i >= 0; i-- {
		band = append(band, plotter.XY{X: float64(s.Points[i].K), Y: s.Points[i].Low})
	}
	area, err := plotter.NewPolygon(band)
	if err != nil {
		return err
	}
	area.Color, area.LineStyle.Width = color.NRGBA{ink.R, ink.G, ink.B, 56}, 0
	line, dots, err := plotter.NewLinePoints(middle)
	if err != nil {
		return err
	}
	line.Color, line.Width = ink, 1.6
	dots.Color, dots.Radius, dots.Shape = ink, 2.4, draw.CircleGlyph{}
	pl.Add(area, line)
	if len(s.Points) <= 12 {
		pl.Add(dots)
	}
	if named || s.Fit != nil {
		pl.Legend.Add(s.Name, line, area)
	}
	if s.Fit == nil {
		return nil
	}
	first, last := float64(s.Points[0].K), float64(s.Points[len(s.Points)-1].K)
	for i := range 101 {
		k := first * math.Pow(last/first, float64(i)/100)
		law = append(law, plotter.XY{X: k, Y: s.Fit.At(k)})
	}
	dashed, err := plotter.NewLine(law)
	if err != nil {
		return err
	}
	dashed.Color, dashed.Width, dashed.Dashes = plain, 1, []vg.Length{4, 3}
	pl.Add(dashed)
	pl.Legend.Add(fmt.Sprintf("exp(%.3g k^%.3g), off by %.3f ± %.3f", s.Fit.A, s.Fit.B, s.Fit.ErrorMean, s.Fit.ErrorSD), dashed)
	return nil
}

// thousands writes 10000 as 10,000.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func invalidf(field, format string, a ...any) error {
	return &coverage.Invalid{Field: field, Message: fmt.Sprintf(format, a...)}
}
