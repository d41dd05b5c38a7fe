package coverage

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Table writes points for a terminal: k, pass@k and its interval, one point a line, under a line that says what the
// interval means. o must be the options that the points were made with.
func Table(w io.Writer, points []Point, o Options) error {
	width := len("k")
	for _, p := range points {
		width = max(width, len(Thousands(p.K)))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%*s   pass@k   %s\n", width, "k", o.Label())
	for _, p := range points {
		fmt.Fprintf(&b, "%*s  %.5f   %.5f – %.5f\n", width, Thousands(p.K), p.Pass, p.Low, p.High)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Label says what an interval means.
func (o Options) Label() string {
	o = o.withDefaults()
	varies := "other samples of the same problems"
	if o.Kind == Problems {
		varies = "other problems of the same kind"
	}
	return fmt.Sprintf("%.4g %% interval, %s", 100*o.Level, varies)
}

// Thousands writes 10000 as 10,000.
func Thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
