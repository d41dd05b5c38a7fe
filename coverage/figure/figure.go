// Package figure draws what package coverage computes, for a paper, a page and a terminal: each picture is one call that
// takes results and writes SVG, PNG or text.
//
// Begin with [Coverage]:
//
//	points, err := coverage.Curve(counts, coverage.LogSpaced(coverage.MostK(counts), 60), coverage.Options{})
//	…
//	err = figure.Coverage(file, figure.Picture{Series: []figure.Series{{Name: "my model", Points: points}}})
//
// # Pictures
//
//	Coverage    pass@k against k, with bands, fits and forecasts
//	LogLog      −log pass@k against k, both logarithmic, where the power law is a line; the residuals below
//	Selection   what ways of picking one of k samples achieve, against k
//	Cost        coverage against what it costs
//	Overlay     curves moved along the axis of k, one onto the other
//	Difference  of two systems, against k
//	Difficulty  how many problems have which rate of right samples
//
// # Reading them
//
// Series are told apart by lightness and by the shape of their markers, not by hue alone, so that a print in grey
// can be read. What was seen is a solid line and its interval a band; a fitted law is dashed, a forecast dotted.
// The legend goes where it hides nothing, and beside or under the frame where there is no such place.
//
// # What is refused
//
// Numbers that are none (NaN, infinite), points that do not ascend, sizes on which nothing can be read, and more series
// than can be told apart, each as an *[coverage.Invalid]. Names may hold anything: what cannot be drawn is replaced, what
// is too long is cut. PNG has the letters of Liberation Sans: Latin, Greek, Cyrillic; SVG those of who shows it. The same
// call writes the same bytes.
package figure

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"

	"borel/coverage"
)

// Formats of a picture.
const (
	SVG   = "svg"
	PNG   = "png"
	Text  = "text"  // for a terminal, in Braille and block characters of Unicode
	ASCII = "ascii" // for a terminal that has no others
)

// MaxSeries is how many curves one picture may hold and still be told apart.
const MaxSeries = 8

// Picture says how a picture looks and, but for [Selection], [Difference] and [Difficulty], what it shows.
type Picture struct {
	Title  string // none by default
	Format string // default SVG

	// Width and Height are in centimetres, by default 16 and 10; of Text and ASCII in columns and rows, by default 80 and
	// 24. The size of the letters does not depend on them: a column of a paper is 8.6 wide, or 17 across both.
	Width, Height float64
	DPI           float64 // dots per inch of PNG; default 192
	Colour        bool    // of Text: escape sequences that colour it

	XLabel, YLabel string // default: what the picture shows

	Options coverage.Options // with which the points were made, to say what the bands are
	Series  []Series
}

// Series is one curve of a picture.
type Series struct {
	Name string
	// By ascending K; those of [coverage.Curve] at [coverage.LogSpaced] k make a smooth curve. A point with Low = High has
	// no interval.
	Points   []coverage.Point
	Fit      *coverage.PowerLaw // drawn dashed
	Forecast *coverage.Forecast // drawn dotted, beyond its From
	// Of [Cost]: what each of Points costs, which must not descend.
	X []float64
}

// Limits of a picture's size. A PNG of the most pixels takes 200 MB while it is drawn.
const (
	minWidth, maxWidth     = 5, 60 // centimetres
	minHeight, maxHeight   = 4, 60
	minColumns, maxColumns = 40, 500
	minRows, maxRows       = 8, 200
	minDPI, maxDPI         = 36, 1200
	maxPixels              = 50e6
)

// withDefaults fills in what is left empty, or reports what is out of range.
func (p Picture) withDefaults() (Picture, error) {
	p.Format = cmp.Or(p.Format, SVG)
	p.DPI = cmp.Or(p.DPI, 192)
	least, most, unit := [2]float64{minWidth, minHeight}, [2]float64{maxWidth, maxHeight}, "centimetres"
	switch p.Format {
	case SVG, PNG:
		p.Width, p.Height = cmp.Or(p.Width, 16), cmp.Or(p.Height, 10)
	case Text, ASCII:
		p.Width, p.Height = cmp.Or(p.Width, 80), cmp.Or(p.Height, 24)
		least, most, unit = [2]float64{minColumns, minRows}, [2]float64{maxColumns, maxRows}, "characters"
	default:
		return p, invalidf("format", "%q is not known; %s, %s, %s and %s are", p.Format, SVG, PNG, Text, ASCII)
	}
	for i, size := range []float64{p.Width, p.Height} {
		if !(size >= least[i] && size <= most[i]) {
			return p, invalidf([]string{"width", "height"}[i], "is %g; it must be %g to %g %s", size, least[i], most[i], unit)
		}
	}
	if !(p.DPI >= minDPI && p.DPI <= maxDPI) {
		return p, invalidf("dpi", "is %g; it must be %d to %d", p.DPI, minDPI, maxDPI)
	}
	if pixels := p.Width * p.Height * p.DPI * p.DPI / (2.54 * 2.54); p.Format == PNG && pixels > maxPixels {
		return p, invalidf("dpi", "makes %.0f pixels; the limit is %.0f", pixels, maxPixels)
	}
	return p, nil
}

func (p Picture) onTerminal() bool { return p.Format == Text || p.Format == ASCII }

// write draws a chart as the picture says, whole or not at all.
func (p Picture) write(w io.Writer, c *chart) error {
	var b bytes.Buffer
	var err error
	c.title = p.Title
	c.x.label = cmp.Or(p.XLabel, c.x.label)
	c.panels[0].y.label = cmp.Or(p.YLabel, c.panels[0].y.label)
	if p.onTerminal() {
		c.print(&b, p)
	} else {
		err = c.draw(&b, p)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// Bounds on what a series may say.
const (
	maxK = 1e15 // beyond which floating point does not hold every integer
	maxX = 1e100
)

// validate reports the first fault of the series: for each y, whether it may be asked.
func (p Picture) validate(priced bool) error {
	if len(p.Series) == 0 || len(p.Series) > MaxSeries {
		return invalidf("series", "has %d entries; 1 to %d can be drawn", len(p.Series), MaxSeries)
	}
	for i, s := range p.Series {
		field := fmt.Sprintf("series[%d].", i)
		if len(s.Points) == 0 {
			return invalidf(field+"points", "is empty")
		}
		if err := validatePoints(field+"points", s.Points); err != nil {
			return err
		}
		if priced && len(s.X) != len(s.Points) {
			return invalidf(field+"x", "has %d entries for %d points; each needs one", len(s.X), len(s.Points))
		}
		for j, x := range s.X {
			if priced && (!(x >= 1/maxX && x <= maxX) || j > 0 && x < s.X[j-1]) {
				return invalidf(fmt.Sprintf("%sx[%d]", field, j), "is %g; it must be above 0, finite, and not descend", x)
			}
		}
		if f := s.Fit; f != nil && (!(f.A <= 0) || !(f.B <= 0) || math.IsInf(f.A, 0) || math.IsInf(f.B, 0)) {
			return invalidf(field+"fit", "has a = %g and b = %g; both must be finite and not above 0", f.A, f.B)
		}
		if f := s.Forecast; f != nil {
			if f.From < 1 {
				return invalidf(field+"forecast.from", "is %d; it must be at least 1", f.From)
			}
			if err := validatePoints(field+"forecast.points", f.Points); err != nil {
				return err
			}
		}
	}
	return nil
}

func validatePoints(field string, points []coverage.Point) error {
	if len(points) > coverage.MaxPoints {
		return invalidf(field, "has %d entries, the limit is %d", len(points), coverage.MaxPoints)
	}
	for i, p := range points {
		switch {
		case p.K < 1 || p.K > maxK || i > 0 && p.K <= points[i-1].K:
			return invalidf(fmt.Sprintf("%s[%d].k", field, i), "is %d; k must be at least 1 and ascend", p.K)
		case !share(p.Pass):
			return invalidf(fmt.Sprintf("%s[%d].pass", field, i), "is %g; it must be 0 to 1", p.Pass)
		case !share(p.Low) || !share(p.High) || p.Low > p.High:
			return invalidf(fmt.Sprintf("%s[%d].low", field, i), "is %g, and high %g; both must be 0 to 1, the lower first", p.Low, p.High)
		}
	}
	return nil
}

// share reports that v is 0 to 1, but for rounding.
func share(v float64) bool { return v >= -1e-9 && v <= 1+1e-9 }

func invalidf(field, format string, a ...any) error {
	return &coverage.Invalid{Field: field, Message: fmt.Sprintf(format, a...)}
}
