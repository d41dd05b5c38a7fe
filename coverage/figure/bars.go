package figure

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"

	"borel/coverage"
)

// bars writes a histogram in characters, a line for each bin.
func (p Picture) bars(w io.Writer, c *chart, bins []coverage.Bin) error {
	l := letters{ascii: p.Format == ASCII, colour: p.Colour && p.Format == Text}
	const rate, numbers = "rate", "seen (believed)"
	left, right, most := len(rate), len(numbers), 0.0
	names, values := make([]string, len(bins)), make([]string, len(bins))
	for i, b := range bins {
		names[i] = l.show(number(b.Above, b.Above) + "–" + number(b.UpTo, b.UpTo))
		if b.UpTo == 0 {
			names[i] = "0"
		}
		values[i] = fmt.Sprintf("%d (%.1f)", b.Problems, b.Believed)
		left, right = max(left, columns(names[i])), max(right, len(values[i]))
		most = max(most, float64(b.Problems), b.Believed)
	}
	width := max(int(p.Width)-left-right-3, 5)
	var b bytes.Buffer
	if p.Title != "" {
		fmt.Fprintln(&b, l.cut(p.Title, int(p.Width)))
	}
	fmt.Fprintf(&b, "%*s  %*s\n", left, rate, width+right+1, numbers)
	for i, bin := range bins {
		long, at := 0.0, 0
		if most > 0 {
			long = float64(bin.Problems) / most * float64(width)
			at = min(int(bin.Believed/most*float64(width)), width-1)
		}
		line := []rune(l.bar(long, width))
		line[at] = l.pick('◆', '|')
		name := strings.Repeat(" ", left-columns(names[i])) + names[i]
		fmt.Fprintf(&b, "%s %c%s %*s\n", name, l.pick('│', '|'), string(line), right, values[i])
	}
	bar, diamond := string(l.pick('█', '#')), string(l.pick('◆', '|'))
	legend := []string{bar + " " + c.legend[0].name, diamond + " " + c.legend[1].name}
	if all := strings.Join(legend, "   "); columns(all) <= int(p.Width) {
		legend = []string{all}
	}
	for _, line := range legend {
		fmt.Fprintln(&b, line)
	}
	for _, n := range c.notes {
		for _, line := range l.lines(n, int(p.Width)) {
			fmt.Fprintln(&b, line)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// bar is so long, of so many characters.
func (l letters) bar(long float64, width int) string {
	const parts = "▏▎▍▌▋▊▉"
	full := int(long)
	if l.ascii {
		full = int(math.Round(long))
		return strings.Repeat("#", full) + strings.Repeat(" ", width-full)
	}
	s := strings.Repeat("█", full)
	if eighths := int((long - float64(full)) * 8); eighths > 0 && full < width {
		s += string([]rune(parts)[eighths-1])
	}
	return s + strings.Repeat(" ", width-columns(s))
}
