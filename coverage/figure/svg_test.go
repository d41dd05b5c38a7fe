package figure

import (
	"bytes"
	"encoding/xml"
	"image/color"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

// drawing is what an SVG shows, in points from the bottom left.
type drawing struct {
	w, h  float64
	paths []path
	texts []words
}

type path struct {
	points       []vg.Point
	stroke, fill string
	width, solid float64 // solid: opacity of the fill
	dashes       string
}

type words struct {
	text   string
	at     vg.Point // start of the base line
	size   float64
	upward bool
}

// box is what a text takes, from its base line up: below it there are only tails of letters.
func (w words) box() vg.Rectangle {
	width, height := face(w.size).Width(w.text), vg.Length(w.size*0.72)
	if w.upward {
		return vg.Rectangle{Min: vg.Point{X: w.at.X - height, Y: w.at.Y}, Max: vg.Point{X: w.at.X, Y: w.at.Y + width}}
	}
	return vg.Rectangle{Min: w.at, Max: vg.Point{X: w.at.X + width, Y: w.at.Y + height}}
}

var (
	numbers  = regexp.MustCompile(`-?[0-9.]+(?:e[-+]?[0-9]+)?`)
	segments = regexp.MustCompile(`[MLA][^MLAZ]*`)
)

// parse reads an SVG that this package wrote.
func parse(t *testing.T, svg []byte) *drawing {
	t.Helper()
	d := &drawing{}
	var upward []bool // of open groups
	var text *words
	x := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := x.Token()
		if err == io.EOF {
			return d
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, svg)
		}
		switch e := token.(type) {
		case xml.StartElement:
			attr, style := map[string]string{}, map[string]string{}
			for _, a := range e.Attr {
				attr[a.Name.Local] = a.Value
			}
			for property := range strings.SplitSeq(attr["style"], ";") {
				name, value, _ := strings.Cut(property, ":")
				style[strings.TrimSpace(name)] = value
			}
			switch e.Name.Local {
			case "svg":
				box := floats(t, attr["viewBox"])
				d.w, d.h = box[2], box[3]
			case "g":
				upward = append(upward, strings.HasPrefix(attr["transform"], "rotate"))
			case "path":
				p := path{stroke: style["stroke"], fill: style["fill"], dashes: style["stroke-dasharray"], solid: 1}
				if style["fill"] == "" && style["stroke"] == "" {
					p.fill = "#000000"
				}
				if o := style["fill-opacity"]; o != "" {
					p.solid = floats(t, o)[0]
				}
				if w := style["stroke-width"]; w != "" {
					p.width = floats(t, w)[0]
				}
				for _, s := range segments.FindAllString(attr["d"], -1) {
					n := floats(t, s)
					p.points = append(p.points, vg.Point{X: vg.Length(n[len(n)-2]), Y: vg.Length(n[len(n)-1])})
				}
				d.paths = append(d.paths, p)
			case "text":
				text = &words{size: floats(t, style["font-size"])[0]}
				text.at = vg.Point{X: vg.Length(floats(t, attr["x"])[0]), Y: -vg.Length(floats(t, attr["y"])[0])}
				if upward[len(upward)-1] {
					text.upward, text.at = true, vg.Point{X: -text.at.Y, Y: text.at.X}
				}
			}
		case xml.CharData:
			if text != nil {
				text.text += string(e)
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "g":
				upward = upward[:len(upward)-1]
			case "text":
				d.texts = append(d.texts, *text)
				text = nil
			}
		}
	}
}

func floats(t *testing.T, s string) []float64 {
	t.Helper()
	var all []float64
	for _, n := range numbers.FindAllString(s, -1) {
		v, err := strconv.ParseFloat(n, 64)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// find is the text that says s.
func (d *drawing) find(t *testing.T, s string) words {
	t.Helper()
	for _, w := range d.texts {
		if w.text == s {
			return w
		}
	}
	var all []string
	for _, w := range d.texts {
		all = append(all, w.text)
	}
	t.Fatalf("no text says %q, but %q", s, all)
	return words{}
}

// middle of a label of the x axis, and of one of the y axis.
func (w words) middleX() float64 { return float64(w.at.X + face(w.size).Width(w.text)/2) }
func (w words) middleY() float64 { return float64(w.at.Y) + w.size*0.35 }

// lines of a series, solid or not, as thick as only those are; those of the legend too.
func (d *drawing) lines(series int, dashed bool) []path {
	var all []path
	for _, p := range d.paths {
		if alike(p.stroke, inks[series]) && (p.dashes != "" && p.dashes != "none") == dashed && p.width == 1.5 {
			all = append(all, p)
		}
	}
	return all
}

// bands of a series; those of the legend too.
func (d *drawing) bands(series int) []path {
	var all []path
	for _, p := range d.paths {
		if alike(p.fill, inks[series]) && p.solid < 1 {
			all = append(all, p)
		}
	}
	return all
}

// alike reports that a colour is that of an ink, but for the rounding of what shines through.
func alike(s string, ink color.NRGBA) bool {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	if err != nil || len(s) != 7 {
		return false
	}
	for i, v := range []uint8{ink.B, ink.G, ink.R} {
		if d := int(n>>(8*i)&255) - int(v); d < -4 || d > 4 {
			return false
		}
	}
	return true
}

// frames of the panels, which are outlined.
func (d *drawing) frames() []vg.Rectangle {
	var all []vg.Rectangle
	for _, p := range d.paths {
		if len(p.points) == 5 && p.width == 0.6 && p.stroke == "#282D34" {
			all = append(all, vg.Rectangle{Min: p.points[0], Max: p.points[2]})
		}
	}
	return all
}

// distance of a point from the line of a path.
func (p path) distance(at vg.Point) float64 {
	best := math.Inf(1)
	for i := 1; i < len(p.points); i++ {
		a, b := p.points[i-1], p.points[i]
		along := b.Sub(a)
		t := 0.0
		if l := along.Dot(along); l > 0 {
			t = min(max(float64(at.Sub(a).Dot(along)/l), 0), 1)
		}
		d := at.Sub(vg.Point{X: a.X + along.X*vg.Length(t), Y: a.Y + along.Y*vg.Length(t)})
		best = min(best, math.Hypot(float64(d.X), float64(d.Y)))
	}
	return best
}

// crosses reports that a segment of the path meets a box.
func (p path) crosses(box vg.Rectangle) bool {
	const steps = 40
	for i := 1; i < len(p.points); i++ {
		a, b := p.points[i-1], p.points[i]
		if max(a.X, b.X) < box.Min.X || min(a.X, b.X) > box.Max.X || max(a.Y, b.Y) < box.Min.Y || min(a.Y, b.Y) > box.Max.Y {
			continue
		}
		for s := range steps + 1 {
			t := vg.Length(s) / steps
			if inside(box, vg.Point{X: a.X + (b.X-a.X)*t, Y: a.Y + (b.Y-a.Y)*t}, 0) {
				return true
			}
		}
	}
	return false
}

func inside(box vg.Rectangle, p vg.Point, slack vg.Length) bool {
	return p.X >= box.Min.X-slack && p.X <= box.Max.X+slack && p.Y >= box.Min.Y-slack && p.Y <= box.Max.Y+slack
}
