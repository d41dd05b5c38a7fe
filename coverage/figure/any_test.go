package figure

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"borel/coverage"
)

// anything is a picture of series at random, within what is allowed: jumps to 0 and 1, k up to the largest, laws that
// do not fit, long names, odd sizes.
func anything(r *rand.Rand) Picture {
	p := Picture{Width: min(minWidth+8*r.ExpFloat64(), maxWidth), Height: min(minHeight+6*r.ExpFloat64(), maxHeight)}
	for i := range 1 + r.IntN(MaxSeries) {
		s := Series{Name: strings.Repeat("näme ", r.IntN(12)) + fmt.Sprint(i)}
		stride := int(math.Pow(10, 14*math.Pow(r.Float64(), 3))) // of k
		k, x := 0, math.Exp(40*r.NormFloat64())
		for range 1 + r.IntN(40) {
			k, x = k+1+r.IntN(stride), min(max(x*(1+r.ExpFloat64()), 1/maxX), maxX)
			if k > maxK {
				break
			}
			y := min(max(r.Float64()*1.2-0.1, 0), 1)
			s.Points = append(s.Points, coverage.Point{K: k, Pass: y, Low: y * r.Float64(), High: y + (1-y)*r.Float64()})
			s.X = append(s.X, x)
		}
		if len(s.Points) == 0 {
			s.Points, s.X = []coverage.Point{{K: 1}}, []float64{1}
		}
		if r.IntN(2) == 0 {
			s.Fit = &coverage.PowerLaw{A: -math.Exp(3 * r.NormFloat64()), B: -math.Exp(r.NormFloat64())}
		}
		if last := s.Points[len(s.Points)-1].K; r.IntN(3) == 0 && last < maxK/2 {
			s.Forecast = &coverage.Forecast{From: last, Points: []coverage.Point{{K: last + 1, Pass: r.Float64(), High: 1}, {K: 2*last + 1, Pass: r.Float64(), High: 1}}}
		}
		p.Series = append(p.Series, s)
	}
	return p
}

// What is drawn of anything is well laid out, or refused for its size or because it has no logarithm.
func TestAnything(t *testing.T) {
	drawn := 0
	for seed := range uint64(30) {
		p := anything(rand.New(rand.NewPCG(seed, 1)))
		for name, draw := range map[string]func(io.Writer, Picture) error{"coverage": Coverage, "log-log": LogLog, "cost": Cost} {
			name = fmt.Sprintf("%s of seed %d, %.1f × %.1f", name, seed, p.Width, p.Height)
			for _, format := range []string{SVG, Text} {
				q := p
				if q.Format = format; format == Text {
					q.Width, q.Height = 50, 0
				}
				var b bytes.Buffer
				if err := draw(&b, q); err != nil {
					if invalid, is := errors.AsType[*coverage.Invalid](err); !is || !strings.HasSuffix(invalid.Field, "points") && invalid.Field != "height" && invalid.Field != "width" {
						t.Errorf("%s: %v", name, err)
					}
					continue
				}
				drawn++
				if strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
					t.Errorf("%s: there is a number that is none", name)
				}
				if format == SVG {
					check(t, name, parse(t, b.Bytes()))
					continue
				}
				for line := range strings.Lines(b.String()) {
					if w := columns(strings.TrimSuffix(line, "\n")); w > 50 {
						t.Errorf("%s: a line has %d columns: %s", name, w, line)
					}
				}
			}
		}
	}
	if drawn < 150 {
		t.Errorf("only %d of 180 pictures were drawn", drawn)
	}
}
