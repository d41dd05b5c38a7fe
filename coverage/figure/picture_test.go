package figure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"borel/coverage"

	"gonum.org/v1/plot/vg"
)

// pythia is the curves of all models of the Pythia counts, worst first, with their fits.
func pythia(t testing.TB) []Series {
	t.Helper()
	b, err := os.ReadFile("../../../shared/data/pythia_math_counts.json")
	if err != nil {
		t.Skip("the shared data are not here")
	}
	var data struct{ Counts map[string][]int }
	if err := json.Unmarshal(b, &data); err != nil {
		t.Fatal(err)
	}
	var all []Series
	for model, right := range data.Counts {
		var counts []coverage.Count
		for _, c := range right {
			counts = append(counts, coverage.Count{N: 10_000, C: c})
		}
		points, err := coverage.Curve(counts, coverage.LogSpaced(10_000, 60), coverage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		fit, err := coverage.Fit(counts)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, Series{Name: model, Points: points, Fit: fit})
	}
	slices.SortFunc(all, func(a, b Series) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// law is a curve with bands, so many points of it.
func law(name string, a, b float64, last, points int) Series {
	l := coverage.PowerLaw{A: a, B: b}
	s := Series{Name: name, Fit: &l}
	for _, k := range coverage.LogSpaced(last, points) {
		y := l.At(float64(k))
		s.Points = append(s.Points, coverage.Point{K: k, Pass: y, Low: 0.9 * y, High: y + 0.1*(1-y)})
	}
	return s
}

// flat is a curve of one value.
func flat(v, band float64, ks ...int) Series {
	s := Series{Name: fmt.Sprint(v)}
	for _, k := range ks {
		s.Points = append(s.Points, coverage.Point{K: k, Pass: v, Low: max(0, v-band), High: min(1, v+band)})
	}
	return s
}

// ahead adds a forecast to a series.
func ahead(s Series, from, to int) Series {
	f := &coverage.Forecast{From: from, Model: "power_law"}
	for _, k := range coverage.LogSpaced(to, 40) {
		y := s.Fit.At(float64(k))
		f.Points = append(f.Points, coverage.Point{K: k, Pass: y, Low: 0.8 * y, High: y + 0.2*(1-y)})
	}
	s.Forecast = f
	return s
}

func priced(s Series, each float64) Series {
	for _, p := range s.Points {
		s.X = append(s.X, each*float64(p.K))
	}
	return s
}

// selected is series as methods of selection.
func selected(all []Series) *coverage.Selection {
	var s coverage.Selection
	for i, name := range []string{"oracle", "best_of", "weighted_majority", "majority", "random"} {
		m := coverage.Method{Method: name}
		for _, p := range all[i].Points {
			m.Points = append(m.Points, coverage.Selected{Point: p})
		}
		s.Methods = append(s.Methods, m)
	}
	return &s
}

// overlay moves two series.
func overlay(a, b float64) func(io.Writer, Picture) error {
	o := &coverage.Overlaid{Coverage: 0.125, Moved: []coverage.Moved{{Reach: a}, {Reach: b}}}
	return func(w io.Writer, p Picture) error { return Overlay(w, p, o) }
}

var difficulty = &coverage.Difficulty{
	Bins: []coverage.Bin{
		{Problems: 5, Believed: 3.5}, {Above: 0, UpTo: 0.001, Believed: 1.25}, {Above: 0.001, UpTo: 0.01, Problems: 2, Believed: 2},
		{Above: 0.01, UpTo: 0.1, Problems: 8, Believed: 7.5}, {Above: 0.1, UpTo: 1, Problems: 4, Believed: 4.75},
	},
	Never: coverage.Never{Unsolved: 5, Share: 0.125, Most: 0.25},
}

var differences = []coverage.Difference{{K: 1, Difference: -.01, Low: -.03, High: .02}, {K: 10, Difference: .05, Low: .02, High: .09}, {K: 100, Difference: .08, Low: .02, High: .12, Better: .99}}

// gallery is calls of every kind, the hard ones among them.
func gallery(t testing.TB) map[string]func(io.Writer, Picture) error {
	on := func(draw func(io.Writer, Picture) error, all ...Series) func(io.Writer, Picture) error {
		return func(w io.Writer, p Picture) error {
			p.Series = all
			return draw(w, p)
		}
	}
	var eight, long []Series
	for i := range MaxSeries {
		s := law(fmt.Sprintf("s%d", i), -1-float64(i), -0.3, 3000, 50)
		s.Fit = nil
		eight = append(eight, s)
		s.Name = fmt.Sprintf("organisation/a <long> & \"quoted\" näme of the model %d, with a tail", i)
		long = append(long, s)
	}
	three := []Series{ahead(law("small", -5, -.3, 100, 30), 100, 10_000), ahead(law("middle", -3, -.35, 50, 30), 50, 10_000), ahead(law("large", -2, -.4, 100, 30), 100, 10_000)}
	all := map[string]func(io.Writer, Picture) error{
		"one":             on(Coverage, law("one", -4, -.35, 10_000, 60)),
		"three forecasts": on(Coverage, three...),
		"eight":           on(Coverage, eight...),
		"long names":      on(Coverage, long...),
		"near 1":          on(Coverage, flat(.995, .003, 1, 10, 100)),
		"all 0":           on(Coverage, flat(0, 0, 1, 10, 100), flat(0, .04, 1, 10, 100)),
		"all 1":           on(Coverage, flat(1, 0, 1, 10, 100)),
		"k 1":             on(Coverage, flat(.4, .1, 1)),
		"k 2":             on(Coverage, flat(.4, .1, 1, 2)),
		"k 20":            on(Coverage, flat(.4, .1, 1, 2, 5, 10, 20)),
		"k 1e6":           on(Coverage, flat(.02, .01, 1, 100, 1_000_000)),
		"log-log":         on(LogLog, three...),
		"log-log, eight":  on(LogLog, eight...),
		"log-log, near 1": on(LogLog, law("a", -.001, -1, 1000, 12)),
		"log-log, one k":  on(LogLog, flat(.4, .1, 7)),
		"selection":       func(w io.Writer, p Picture) error { return Selection(w, p, selected(eight[:5])) },
		"cost":            on(Cost, priced(eight[0], 1e-4), priced(eight[3], 3)),
		"FLOPs":           on(Cost, priced(eight[0], 1e12), priced(eight[3], 4e15)),
		"one cost":        on(Cost, priced(flat(.4, .1, 7), .01)),
		"overlay":         on(overlay(30, 2), eight[0], eight[3]),
		"difficulty":      func(w io.Writer, p Picture) error { return Difficulty(w, p, difficulty) },
		"never": func(w io.Writer, p Picture) error {
			return Difficulty(w, p, &coverage.Difficulty{Bins: difficulty.Bins[:1]})
		},
		"difference": func(w io.Writer, p Picture) error { return Difference(w, p, "a", "b", differences) },
		"no difference": func(w io.Writer, p Picture) error {
			return Difference(w, p, "a", "b", []coverage.Difference{{K: 3}})
		},
	}
	if s := pythia(t); s != nil {
		all["pythia"], all["pythia log-log"] = on(Coverage, s...), on(LogLog, s...)
	}
	return all
}

// Whatever is drawn, and at whatever size: no text runs into another or off the page, no line runs through text, and no
// line or band leaves its frame.
func TestLayout(t *testing.T) {
	for name, draw := range gallery(t) {
		const title = "A title: <é> & \"co\""
		for _, p := range []Picture{{}, {Width: 8.6, Height: 6.4, Title: title}, {Width: 6, Height: 9}, {Width: 30, Height: 18, Title: title}} {
			var b bytes.Buffer
			if err := draw(&b, p); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			d := parse(t, b.Bytes())
			check(t, fmt.Sprintf("%s, %g × %g", name, p.Width, p.Height), d)
			if p.Title != "" {
				d.find(t, p.Title)
			}
		}
	}
}

func check(t *testing.T, name string, d *drawing) {
	t.Helper()
	page := vg.Rectangle{Max: vg.Point{X: vg.Length(d.w), Y: vg.Length(d.h)}}
	frames := d.frames()
	if len(frames) == 0 || len(d.texts) < 4 {
		t.Errorf("%s: %d frames and %d texts", name, len(frames), len(d.texts))
		return
	}
	var lines [MaxSeries][]path
	for s := range lines {
		lines[s] = slices.Concat(d.lines(s, false), d.lines(s, true))
	}
	for i, w := range d.texts {
		box := w.box()
		if !inside(page, box.Min, 0) || !inside(page, box.Max, 0) {
			t.Errorf("%s: %q leaves the page", name, w.text)
		}
		for _, v := range d.texts[:i] {
			o := v.box()
			if box.Min.X < o.Max.X && o.Min.X < box.Max.X && box.Min.Y < o.Max.Y && o.Min.Y < box.Max.Y {
				t.Errorf("%s: %q runs into %q", name, w.text, v.text)
			}
		}
		for s := range lines {
			for _, l := range lines[s] {
				if l.crosses(box) {
					t.Errorf("%s: a line of series %d runs through %q", name, s, w.text)
				}
			}
		}
	}
	for s := range lines {
		for _, l := range append(lines[s], d.bands(s)...) {
			home := slices.IndexFunc(frames, func(f vg.Rectangle) bool { return inside(f, l.points[0], 0.01) })
			for _, p := range l.points {
				if home >= 0 && !inside(frames[home], p, 0.01) || !inside(page, p, 0) {
					t.Errorf("%s: series %d leaves its frame at %v", name, s, p)
					break
				}
			}
		}
	}
}

// scale finds where values lie in a panel from the labels of its axes, not from what drew them.
type scale struct{ x0, perX, y0, perY float64 }

func (d *drawing) scale(t *testing.T, panel int, x [2]string, atX [2]float64, y [2]string, atY [2]float64) scale {
	t.Helper()
	frames := d.frames()
	f, last := frames[panel], frames[len(frames)-1]
	var s scale
	var beside, under drawing
	for _, w := range d.texts {
		if w.at.Y < last.Min.Y-3 {
			under.texts = append(under.texts, w)
		} else if w.at.X < f.Min.X && w.at.Y > f.Min.Y-5 && w.at.Y < f.Max.Y {
			beside.texts = append(beside.texts, w)
		}
	}
	a, b := under.find(t, x[0]).middleX(), under.find(t, x[1]).middleX()
	s.perX = (b - a) / (atX[1] - atX[0])
	s.x0 = a - atX[0]*s.perX
	a, b = beside.find(t, y[0]).middleY(), beside.find(t, y[1]).middleY()
	s.perY = (b - a) / (atY[1] - atY[0])
	s.y0 = a - atY[0]*s.perY
	return s
}

func (s scale) at(x, y float64) vg.Point {
	return vg.Point{X: vg.Length(s.x0 + s.perX*x), Y: vg.Length(s.y0 + s.perY*y)}
}

// passes reports that one of the lines goes through a point.
func passes(t *testing.T, what string, lines []path, at vg.Point) {
	t.Helper()
	best := math.Inf(1)
	for _, l := range lines {
		best = min(best, l.distance(at))
	}
	if best > 0.75 { // points; less than half the line's width
		t.Errorf("%s passes %.2f points from %v", what, best, at)
	}
}

func render(t *testing.T, draw func(io.Writer, Picture) error, p Picture) *drawing {
	t.Helper()
	var b bytes.Buffer
	if err := draw(&b, p); err != nil {
		t.Fatal(err)
	}
	return parse(t, b.Bytes())
}

// Lines pass where the points are, edges of bands where their ends are, for fits and forecasts too.
func TestCoverageValues(t *testing.T) {
	series := []Series{ahead(law("one", -5, -.3, 100, 30), 100, 10_000), law("two", -2, -.4, 10_000, 60)}
	d := render(t, Coverage, Picture{Series: series})
	s := d.scale(t, 0, [2]string{"1", "1,000"}, [2]float64{0, 3}, [2]string{"0 %", "50 %"}, [2]float64{0, .5})
	for i, one := range series {
		for _, p := range one.Points {
			at := s.at(math.Log10(float64(p.K)), p.Pass)
			passes(t, one.Name, d.lines(i, false), at)
			passes(t, "the low end of "+one.Name, d.bands(i), s.at(math.Log10(float64(p.K)), p.Low))
			passes(t, "the high end of "+one.Name, d.bands(i), s.at(math.Log10(float64(p.K)), p.High))
		}
	}
	bands := d.bands(0)
	seen, lighter := bands[0], bands[1]
	if lighter.solid >= seen.solid {
		t.Errorf("the band of the forecast is as dark, %g, as that of the data, %g", lighter.solid, seen.solid)
	}
	for _, p := range series[0].Forecast.Points {
		at := s.at(math.Log10(float64(p.K)), p.Pass)
		if p.K > 100 {
			passes(t, "the forecast", d.lines(0, true), at)
		} else if p.K < 50 && d.lines(0, true)[0].distance(at) < 2 {
			t.Errorf("the forecast is drawn at k = %d, within the data", p.K)
		}
	}
	if end, label := s.at(2, 0).X, d.find(t, "N = 100").middleX(); math.Abs(float64(end)-label) > 0.5 {
		t.Errorf("the data end at %v, the label is at %v", end, label)
	}
}

func TestLogLogValues(t *testing.T) {
	// A perfect law is a straight line, and has no residual; the points of 0 and 1 are left out.
	one := law("one", -4, -.5, 10_000, 40)
	one.Points[0].Pass, one.Points[0].Low = 0, 0
	last := &one.Points[len(one.Points)-1]
	last.Pass, last.High = 1, 1
	d := render(t, LogLog, Picture{Series: []Series{one}})
	frames := d.frames()
	if len(frames) != 2 || frames[0].Min.X != frames[1].Min.X || frames[0].Max.X != frames[1].Max.X {
		t.Fatalf("frames %v; there must be two, one above the other", frames)
	}
	s := d.scale(t, 0, [2]string{"1", "1,000"}, [2]float64{0, 3}, [2]string{"0.1", "1"}, [2]float64{-1, 0})
	for _, p := range one.Points[1 : len(one.Points)-1] {
		passes(t, "the line", d.lines(0, false), s.at(math.Log10(float64(p.K)), math.Log10(-math.Log(p.Pass))))
	}
	for _, l := range d.lines(0, false) {
		for _, p := range l.points {
			if inside(frames[0], p, 0) && p.X > s.at(4, 0).X-1 {
				t.Errorf("there is a line at coverage 1, where −log is 0")
			}
		}
	}
	// Without fits there is nothing to be off from.
	one.Fit = nil
	if frames := render(t, LogLog, Picture{Series: []Series{one}}).frames(); len(frames) != 1 {
		t.Errorf("%d panels without a fit", len(frames))
	}
}

func TestResiduals(t *testing.T) {
	one := law("one", -4, -.5, 10_000, 40)
	one.Fit = &coverage.PowerLaw{A: -4.5, B: -.5}
	d := render(t, LogLog, Picture{Series: []Series{one}})
	s := d.scale(t, 1, [2]string{"1", "1,000"}, [2]float64{0, 3}, [2]string{"0 %", "10 %"}, [2]float64{0, .1})
	for _, p := range one.Points {
		passes(t, "the residual", d.lines(0, false), s.at(math.Log10(float64(p.K)), p.Pass-one.Fit.At(float64(p.K))))
	}
}

func TestCostValues(t *testing.T) {
	one := priced(law("one", -5, -.3, 1000, 30), 0.01)
	d := render(t, Cost, Picture{XLabel: "dollars", Series: []Series{one}})
	d.find(t, "dollars")
	s := d.scale(t, 0, [2]string{"0.1", "10"}, [2]float64{-1, 1}, [2]string{"0 %", "50 %"}, [2]float64{0, .5})
	for i, p := range one.Points {
		passes(t, "the line", d.lines(0, false), s.at(math.Log10(one.X[i]), p.Pass))
	}
}

func TestPriced(t *testing.T) {
	s := Priced("a", []coverage.Spent{{Cost: 1, Point: coverage.Point{K: 1, Pass: .25}}, {Cost: 100, Point: coverage.Point{K: 2, Pass: .5}}})
	d := render(t, Cost, Picture{Series: []Series{s}})
	passes(t, "the line", d.lines(0, false), d.scale(t, 0, [2]string{"1", "100"}, [2]float64{0, 2}, [2]string{"0 %", "50 %"}, [2]float64{0, .5}).at(2, .5))
}

func TestSelectionValues(t *testing.T) {
	s := &coverage.Selection{Methods: []coverage.Method{
		{Method: "oracle", Points: []coverage.Selected{{Point: coverage.Point{K: 1, Pass: .25}}, {Point: coverage.Point{K: 100, Pass: .75}}}},
		{Method: "pet", Points: []coverage.Selected{{Point: coverage.Point{K: 1, Pass: .25}}, {Point: coverage.Point{K: 100, Pass: .3}}}},
	}}
	d := render(t, func(w io.Writer, p Picture) error { return Selection(w, p, s) }, Picture{})
	at := d.scale(t, 0, [2]string{"1", "100"}, [2]float64{0, 2}, [2]string{"0 %", "50 %"}, [2]float64{0, .5})
	d.find(t, "coverage (oracle)")
	passes(t, "the oracle", d.lines(0, false), at.at(1, .5))
	d.find(t, "pet")
	passes(t, "the other", d.lines(1, false), at.at(2, .3))
}

// A curve is moved to the left by what it takes to reach the coverage of all; one that does not is left out.
func TestOverlayValues(t *testing.T) {
	d := render(t, func(w io.Writer, p Picture) error {
		o := &coverage.Overlaid{Coverage: .5, Moved: []coverage.Moved{{Reach: 10}, {}, {Reach: 1}}}
		p.Series = []Series{{Name: "a", Points: []coverage.Point{{K: 1, Pass: .25}, {K: 100, Pass: .75}}}, flat(.1, 0, 1, 10), {Name: "b", Points: []coverage.Point{{K: 1, Pass: .5}, {K: 10, Pass: .75}}}}
		return Overlay(w, p, o)
	}, Picture{})
	at := d.scale(t, 0, [2]string{"0.1", "10"}, [2]float64{-1, 1}, [2]string{"0 %", "50 %"}, [2]float64{0, .5})
	d.find(t, "k / k at which pass@k is 50.0 %")
	for i := range 2 { // they meet
		passes(t, "the curve", d.lines(i, false), at.at(0, .5))
		passes(t, "the curve", d.lines(i, false), at.at(1, .75))
	}
	passes(t, "the first", d.lines(0, false), at.at(-1, .25))
}

func TestDifferenceValues(t *testing.T) {
	d := render(t, func(w io.Writer, p Picture) error { return Difference(w, p, "<a>", "b", differences) }, Picture{})
	s := d.scale(t, 0, [2]string{"1", "100"}, [2]float64{0, 2}, [2]string{"0 %", "10 %"}, [2]float64{0, .1})
	for _, p := range differences {
		passes(t, "the difference", d.lines(0, false), s.at(math.Log10(float64(p.K)), p.Difference))
		passes(t, "its low end", d.bands(0), s.at(math.Log10(float64(p.K)), p.Low))
	}
	d.find(t, "above 0: b is better than <a>, at k = 100 with a probability of 0.990")
	var zeros []path
	for _, p := range d.paths {
		if p.stroke == "#282D34" && p.width == 0.8 {
			zeros = append(zeros, p)
		}
	}
	passes(t, "the line at 0", zeros, s.at(1, 0))
}

func TestDifficultyValues(t *testing.T) {
	d := render(t, func(w io.Writer, p Picture) error { return Difficulty(w, p, difficulty) }, Picture{})
	s := d.scale(t, 0, [2]string{"0.01", "1"}, [2]float64{-2, 0}, [2]string{"0", "5"}, [2]float64{0, 5})
	bars := d.bands(0)[:4] // none is drawn of the bin without problems
	for i, want := range []coverage.Bin{difficulty.Bins[2], difficulty.Bins[3], difficulty.Bins[4]} {
		low, high := s.at(math.Log10(want.Above), 0), s.at(math.Log10(want.UpTo), float64(want.Problems))
		got := bars[i+1].points
		if math.Abs(float64(got[0].X-low.X)) > 0.5 || math.Abs(float64(got[2].X-high.X)) > 0.5 || math.Abs(float64(got[2].Y-high.Y)) > 0.5 {
			t.Errorf("the bar of %+v goes from %v to %v, want %v to %v", want, got[0], got[2], low, high)
		}
	}
	if zero, first := bars[0].points[2], s.at(-4, 0); zero.X > first.X-3 || math.Abs(float64(zero.Y-s.at(0, 5).Y)) > 0.5 {
		t.Errorf("the bar of rate 0 ends at %v, the others begin at %v", zero, first)
	}
	var tops []path
	for _, p := range d.paths {
		if p.width == 1.4 {
			tops = append(tops, p)
		}
	}
	passes(t, "the believed number", tops, s.at(-1.5, 7.5))
	passes(t, "the believed number", tops, s.at(-3.5, 1.25))
}

// In grey, too, series differ: all in lightness or marker, those that are next to one another in both.
func TestInksInGrey(t *testing.T) {
	grey := func(c color.Color) int { return int(color.GrayModel.Convert(c).(color.Gray).Y) }
	for i := range inks {
		for j := range i {
			if d := grey(inks[i]) - grey(inks[j]); d > -15 && d < 15 || i == j+1 && d > -35 && d < 35 {
				t.Errorf("inks %d and %d differ by %d of 255 in grey", i, j, d)
			}
			if shapes[i] == shapes[j] || signs[i] == signs[j] || asciiSigns[i] == asciiSigns[j] {
				t.Errorf("markers %d and %d are the same", i, j)
			}
		}
		if g := grey(inks[i]); g > 180 {
			t.Errorf("ink %d is hardly seen on white: %d of 255", i, g)
		}
	}
}

// The same call writes the same bytes, whoever else draws meanwhile.
func TestSameBytes(t *testing.T) {
	draw := gallery(t)["log-log"]
	for _, format := range []string{SVG, PNG, Text, ASCII} {
		var all [4]bytes.Buffer
		var g sync.WaitGroup
		for i := range all {
			g.Go(func() {
				if err := draw(&all[i], Picture{Format: format, DPI: 48}); err != nil {
					t.Error(err)
				}
			})
		}
		g.Wait()
		for i := range all {
			if all[i].Len() == 0 || !bytes.Equal(all[i].Bytes(), all[0].Bytes()) {
				t.Errorf("%s: %d bytes are not the %d of another call", format, all[i].Len(), all[0].Len())
			}
		}
	}
}

// A smooth curve of very many points is no larger than can be seen.
func TestSize(t *testing.T) {
	var long Series
	for k := 1; k <= coverage.MaxPoints; k++ {
		long.Points = append(long.Points, coverage.Point{K: k, Pass: .5, Low: .4, High: .6})
	}
	var b bytes.Buffer
	if err := Coverage(&b, Picture{Series: []Series{long}}); err != nil || b.Len() > 50_000 {
		t.Errorf("%d bytes, %v", b.Len(), err)
	}
}

func TestRefused(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	one := law("one", -4, -.5, 100, 5)
	with := func(change func(*Series)) Picture {
		s := one
		s.Points = slices.Clone(s.Points)
		change(&s)
		return Picture{Series: []Series{one, s}}
	}
	type call = func(io.Writer, Picture) error
	bins := func(change func(*coverage.Difficulty)) call {
		d := *difficulty
		d.Bins = slices.Clone(d.Bins)
		change(&d)
		return func(w io.Writer, p Picture) error { return Difficulty(w, p, &d) }
	}
	differ := func(change func(*coverage.Difference)) call {
		d := slices.Clone(differences)
		change(&d[1])
		return func(w io.Writer, p Picture) error { return Difference(w, p, "a", "b", d) }
	}
	ok := Picture{Series: []Series{one}}
	sized := func(change func(*Picture)) Picture {
		p := ok
		change(&p)
		return p
	}
	for i, test := range []struct {
		field string
		draw  call
		p     Picture
	}{
		{"format", Coverage, sized(func(p *Picture) { p.Format = "pdf" })},
		{"width", Coverage, sized(func(p *Picture) { p.Width = 4.9 })},
		{"width", Coverage, sized(func(p *Picture) { p.Width = nan })},
		{"height", LogLog, Picture{Height: minHeight, Series: []Series{one, one, one, one, one, one, one, one}}},
		{"width", Coverage, sized(func(p *Picture) { p.Width, p.Format = 1e9, Text })},
		{"height", Coverage, sized(func(p *Picture) { p.Height = inf })},
		{"height", Coverage, sized(func(p *Picture) { p.Height, p.Format = -1, ASCII })},
		{"dpi", Coverage, sized(func(p *Picture) { p.DPI = nan })},
		{"dpi", Coverage, sized(func(p *Picture) { p.DPI, p.Width, p.Height, p.Format = 1200, 60, 60, PNG })},
		{"series", LogLog, Picture{}},
		{"series", Cost, Picture{Series: make([]Series, MaxSeries+1)}},
		{"series[1].points", Coverage, with(func(s *Series) { s.Points = nil })},
		{"series[1].points", Coverage, with(func(s *Series) { s.Points = make([]coverage.Point, coverage.MaxPoints+1) })},
		{"series[1].points[2].k", Coverage, with(func(s *Series) { s.Points[2].K = s.Points[1].K })},
		{"series[1].points[0].k", Coverage, with(func(s *Series) { s.Points[0].K = 0 })},
		{"series[1].points[4].k", Coverage, with(func(s *Series) { s.Points[4].K = math.MaxInt })},
		{"series[1].points[2].pass", LogLog, with(func(s *Series) { s.Points[2].Pass = nan })},
		{"series[1].points[2].pass", Coverage, with(func(s *Series) { s.Points[2].Pass = 1.1 })},
		{"series[1].points[2].low", Coverage, with(func(s *Series) { s.Points[2].Low = nan })},
		{"series[1].points[2].low", Coverage, with(func(s *Series) { s.Points[2].High = inf })},
		{"series[1].points[2].low", Coverage, with(func(s *Series) { s.Points[2].Low, s.Points[2].High = .9, .1 })},
		{"series[1].points", LogLog, with(func(s *Series) { *s = flat(1, 0, 1, 10) })},
		{"series[1].fit", Coverage, with(func(s *Series) { s.Fit = &coverage.PowerLaw{A: nan} })},
		{"series[1].fit", Coverage, with(func(s *Series) { s.Fit = &coverage.PowerLaw{A: -1, B: 2} })},
		{"series[1].forecast.from", Coverage, with(func(s *Series) { s.Forecast = &coverage.Forecast{} })},
		{"series[1].forecast.points[0].pass", Coverage, with(func(s *Series) {
			s.Forecast = &coverage.Forecast{From: 1, Points: []coverage.Point{{K: 5, Pass: nan}}}
		})},
		{"series[0].x", Cost, ok},
		{"series[0].x[4]", Cost, Picture{Series: []Series{{Points: one.Points, X: []float64{1, 2, 3, 4, inf}}}}},
		{"series[0].x[1]", Cost, Picture{Series: []Series{{Points: one.Points, X: []float64{2, 1, 3, 4, 5}}}}},
		{"series", func(w io.Writer, p Picture) error { return Selection(w, p, nil) }, ok},
		{"moved", func(w io.Writer, p Picture) error { return Overlay(w, p, nil) }, ok},
		{"moved", overlay(1, 1), ok},
		{"moved[1].reach", overlay(1, nan), Picture{Series: []Series{one, one}}},
		{"series", overlay(0, 0), Picture{Series: []Series{one, one}}},
		{"series[0].x[0]", Cost, Picture{Series: []Series{{Points: one.Points, X: []float64{0, 1, 3, 4, 5}}}}},
		{"bins", func(w io.Writer, p Picture) error { return Difficulty(w, p, nil) }, Picture{}},
		{"bins", bins(func(d *coverage.Difficulty) { d.Bins = make([]coverage.Bin, 1000) }), Picture{}},
		{"bins[1].up_to", bins(func(d *coverage.Difficulty) { d.Bins[1].UpTo = nan }), Picture{}},
		{"bins[2].up_to", bins(func(d *coverage.Difficulty) { d.Bins[2].Above = nan }), Picture{}},
		{"bins[3].above", bins(func(d *coverage.Difficulty) { d.Bins[3].Above = 0 }), Picture{}},
		{"bins[0].problems", bins(func(d *coverage.Difficulty) { d.Bins[0].Problems = -1 }), Picture{}},
		{"bins[0].believed", bins(func(d *coverage.Difficulty) { d.Bins[0].Believed = inf }), Picture{}},
		{"never", bins(func(d *coverage.Difficulty) { d.Never.Most = nan }), Picture{}},
		{"differences", func(w io.Writer, p Picture) error { return Difference(w, p, "", "", nil) }, Picture{}},
		{"differences[1].k", differ(func(d *coverage.Difference) { d.K = 1 }), Picture{}},
		{"differences[1].difference", differ(func(d *coverage.Difference) { d.Difference = nan }), Picture{}},
		{"differences[1].low", differ(func(d *coverage.Difference) { d.Low = nan }), Picture{}},
		{"differences[1].better", differ(func(d *coverage.Difference) { d.Better = 2 }), Picture{}},
	} {
		var b bytes.Buffer
		err := test.draw(&b, test.p)
		if invalid, is := errors.AsType[*coverage.Invalid](err); !is || invalid.Field != test.field || b.Len() > 0 {
			t.Errorf("%d: %v and %d bytes, want a fault of %s", i, err, b.Len(), test.field)
		}
	}
}

// What is drawn is the caller's, and stays as it was.
func TestCallerKeeps(t *testing.T) {
	one := priced(ahead(law("one", -4, -.5, 100, 5), 100, 1000), 2)
	series := []Series{one}
	for _, draw := range []func(io.Writer, Picture) error{Coverage, LogLog, Cost} {
		if err := draw(io.Discard, Picture{Series: series}); err != nil {
			t.Fatal(err)
		}
	}
	want := priced(ahead(law("one", -4, -.5, 100, 5), 100, 1000), 2)
	if got := series[0]; got.Fit != one.Fit || got.Forecast != one.Forecast || !slices.Equal(got.Points, want.Points) || !slices.Equal(got.Forecast.Points, want.Forecast.Points) || !slices.Equal(got.X, want.X) {
		t.Errorf("the series became %+v", got)
	}
}
