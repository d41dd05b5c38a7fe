package figure

import (
	"bytes"
	"testing"
)

// The seven Pythia curves of 60 points with bands, fits and residuals.
func BenchmarkLogLog(b *testing.B) {
	p := Picture{Series: pythia(b)}
	for _, p.Format = range []string{SVG, PNG, Text} {
		b.Run(p.Format, func(b *testing.B) {
			var w bytes.Buffer
			for b.Loop() {
				w.Reset()
				if err := LogLog(&w, p); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(w.Len()), "bytes")
		})
	}
}
