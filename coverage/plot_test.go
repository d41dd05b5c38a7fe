package coverage

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"
)

var curve = []Point{{1, .03, .01, .08}, {10, .25, .1, .5}, {100, .9, .7, 1}}

func TestPlotSVG(t *testing.T) {
	var b bytes.Buffer
	law := &PowerLaw{A: -3.5, B: -0.5, ErrorMean: 0.01, ErrorSD: 0.02}
	err := Plot(&b, Picture{Title: "a <b> & c", Series: []Series{{"one & <two>", curve, law}, {"three", curve[:1], nil}}})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	d := xml.NewDecoder(&b)
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if chars, ok := token.(xml.CharData); ok {
			text.Write(chars)
			text.WriteByte('\n')
		}
	}
	for _, want := range []string{"a <b> & c", "one & <two>", "three", "100 %", "95 % interval, other samples", "exp(-3.5 k^-0.5), off by 0.010 ± 0.020"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the picture does not say %q, but\n%s", want, text.String())
		}
	}
}

// The line must pass where the points are, with the band around it.
func TestPlotPNG(t *testing.T) {
	var b bytes.Buffer
	flat := []Point{{1, .5, .25, .75}, {1000, .5, .25, .75}}
	if err := Plot(&b, Picture{Format: "png", Series: []Series{{"", flat, nil}}}); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	line, band := 0, 0
	x := img.Bounds().Dx() / 2
	for y := range img.Bounds().Dy() {
		c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
		switch {
		case c.R < 60 && c.B > 100:
			line++
		case int(c.B) > int(c.R)+25:
			band++
		}
	}
	// Half of the axis, which takes most of the height, is band.
	if height := img.Bounds().Dy(); line < 1 || line > 4 || band < height/3 || band > height/2 {
		t.Errorf("in the middle column of %d pixels %d are line and %d band", height, line, band)
	}
}

func TestPlotRefused(t *testing.T) {
	ok := []Series{{"", curve, nil}}
	for field, p := range map[string]Picture{
		"format":                {Format: "gif", Series: ok},
		"series":                {},
		"series[0].points":      {Series: []Series{{}}},
		"series[0].points[1].k": {Series: []Series{{"", []Point{{K: 3}, {K: 3}}, nil}}},
		"series[1].points[0].k": {Series: []Series{ok[0], {"", []Point{{K: 0}}, nil}}},
	} {
		var b bytes.Buffer
		err := Plot(&b, p)
		if invalid, is := errors.AsType[*Invalid](err); !is || invalid.Field != field || b.Len() > 0 {
			t.Errorf("%v and %d bytes, want a fault of %s", err, b.Len(), field)
		}
	}
	if err := Plot(io.Discard, Picture{Series: make([]Series, MaxSeries+1)}); err == nil {
		t.Error("too many series were drawn")
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	if err := Table(&b, curve, Options{Level: 0.9, Kind: Problems}); err != nil {
		t.Fatal(err)
	}
	want := `  k   pass@k   90 % interval, other problems of the same kind
  1  0.03000   0.01000 – 0.08000
 10  0.25000   0.10000 – 0.50000
100  0.90000   0.70000 – 1.00000
`
	if b.String() != want {
		t.Errorf("%s\nwant\n%s", b.String(), want)
	}
}
