package figure

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"

	"borel/coverage"
)

var curve = []coverage.Point{{K: 1, Pass: .03, Low: .01, High: .08}, {K: 10, Pass: .25, Low: .1, High: .5}, {K: 100, Pass: .9, Low: .7, High: 1}}

func TestPlotSVG(t *testing.T) {
	var b bytes.Buffer
	law := &coverage.PowerLaw{A: -3.5, B: -0.5, ErrorMean: 0.01, ErrorSD: 0.02}
	err := Coverage(&b, Picture{Title: "a <b> & c", Series: []Series{{Name: "one & <two>", Points: curve, Fit: law}, {Name: "three", Points: curve[:1]}}})
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
	flat := []coverage.Point{{K: 1, Pass: .5, Low: .25, High: .75}, {K: 1000, Pass: .5, Low: .25, High: .75}}
	if err := Coverage(&b, Picture{Format: "png", Series: []Series{{Points: flat}}}); err != nil {
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
	ok := []Series{{Points: curve}}
	for field, p := range map[string]Picture{
		"format":                {Format: "gif", Series: ok},
		"series":                {},
		"series[0].points":      {Series: []Series{{}}},
		"series[0].points[1].k": {Series: []Series{{Points: []coverage.Point{{K: 3}, {K: 3}}}}},
		"series[1].points[0].k": {Series: []Series{ok[0], {Points: []coverage.Point{{K: 0}}}}},
	} {
		var b bytes.Buffer
		err := Coverage(&b, p)
		if invalid, is := errors.AsType[*coverage.Invalid](err); !is || invalid.Field != field || b.Len() > 0 {
			t.Errorf("%v and %d bytes, want a fault of %s", err, b.Len(), field)
		}
	}
	if err := Coverage(io.Discard, Picture{Series: make([]Series, MaxSeries+1)}); err == nil {
		t.Error("too many series were drawn")
	}
}
