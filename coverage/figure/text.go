package figure

import (
	"bytes"
	"fmt"
	"math"
	"strings"
)

// cell is one character of a frame: dots of Braille, or a letter over them.
type cell struct {
	dots   rune // bits as Unicode orders them
	letter rune
	series int // whose colour; −1 is none's
}

// screen is a frame in characters, row by row from the top.
type screen struct {
	letters
	*chart
	y       axis
	w, h    int
	cells   []cell
	several bool // series, so that they need signs
}

// print writes the chart in characters. What the frames do not need of the rows is for letters; if that leaves too few, the
// text is longer.
func (c *chart) print(b *bytes.Buffer, p Picture) {
	l := letters{ascii: p.Format == ASCII, colour: p.Colour && p.Format == Text}
	width := int(p.Width)
	below := c.key(l, width)
	for _, n := range c.notes {
		below = append(below, l.lines(n, width)...)
	}
	used := len(below) + 3 + 2*len(c.panels) - 1 // axis, ticks and label of x; label and lower border of each panel
	if c.title != "" {
		fmt.Fprintln(b, l.cut(c.title, width))
		used++
	}
	rows := max(int(p.Height)-used, 5*len(c.panels))
	heights := make([]int, len(c.panels))
	for i := range c.panels {
		heights[i] = max(3, int(math.Round(c.panels[i].part*float64(rows))))
	}
	left := 0
	for i, p := range c.panels {
		for _, t := range p.y.ticks(float64(heights[i]), func(string) float64 { return 2 }) {
			left = max(left, columns(l.show(t.label)))
		}
	}
	left++
	frame := width - left - 1
	for i, p := range c.panels {
		s := &screen{letters: l, chart: c, y: p.y, w: frame, h: heights[i], several: c.series() > 1}
		s.cells = make([]cell, s.w*s.h)
		for i := range s.cells {
			s.cells[i].series = -1
		}
		s.ends()
		for _, m := range p.marks {
			s.band(m)
		}
		for _, m := range p.marks {
			if m.role == fitted {
				s.line(m)
			}
		}
		for _, m := range p.marks {
			if m.role != fitted {
				s.line(m)
			}
		}
		for _, m := range p.marks {
			s.marks(m)
		}
		s.write(b, left, i == 0, i == len(c.panels)-1)
	}
	fmt.Fprintln(b, strings.TrimRight(strings.Repeat(" ", left+1)+center(l.cut(c.x.label, frame), frame), " "))
	for _, line := range below {
		fmt.Fprintln(b, line)
	}
}

func center(s string, width int) string {
	return strings.Repeat(" ", max(0, width-columns(s))/2) + s
}

// column is the one of a value, row that of one; outside of the frame where the value is.
func (s *screen) column(x float64) int { return int(math.Floor(s.x.norm(x) * float64(s.w))) }
func (s *screen) row(y float64) int    { return int(math.Floor((1 - s.y.norm(y)) * float64(s.h))) }

// at is a cell, nil outside of the frame.
func (s *screen) at(column, row int) *cell {
	if column < 0 || column >= s.w || row < 0 || row >= s.h {
		return nil
	}
	return &s.cells[row*s.w+column]
}

// put writes a letter.
func (s *screen) put(column, row int, letter rune, series int) {
	if c := s.at(column, row); c != nil {
		c.letter, c.series = letter, series
	}
}

func (s *screen) ends() {
	for _, e := range s.chart.ends {
		for row := range s.h {
			s.put(s.column(e.x), row, s.pick('┊', '|'), -1)
		}
	}
}

// band shades the cells whose middle an interval holds.
func (s *screen) band(m mark) {
	if !m.banded() {
		return
	}
	letter := s.pick('▒', ':')
	if m.role == foreseen {
		letter = s.pick('░', ':')
	}
	for column := range s.w {
		p, ok := m.between(s.x, s.x.value((float64(column)+0.5)/float64(s.w)))
		if len(m.points) == 1 {
			p, ok = m.points[0], column == s.column(m.points[0].x)
		}
		if !ok {
			continue
		}
		for row := range s.h {
			if v := s.y.value(1 - (float64(row)+0.5)/float64(s.h)); v >= p.low && v <= p.high {
				s.put(column, row, letter, m.series)
			}
		}
	}
}

// on reports whether a line has a dot in a column of dots.
func (m mark) on(column int) bool {
	switch m.role {
	case fitted:
		return column%6 < 4
	case foreseen:
		return column%3 == 0
	case zero:
		return column%2 == 0
	}
	return true
}

// line draws a line in dots, of which a cell has two columns and four rows, or in letters.
func (s *screen) line(m mark) {
	across, down := 2, 4
	if s.ascii {
		across, down = 1, 1
	}
	before := -1
	for column := range s.w * across {
		p, ok := m.between(s.x, s.x.value((float64(column)+0.5)/float64(s.w*across)))
		if !ok {
			before = -1
			continue
		}
		dot := int(math.Floor((1 - s.y.norm(p.y)) * float64(s.h*down)))
		from, to := dot, dot
		if before >= 0 && m.role == seen { // steep: without holes
			from, to = min(dot, before+1), max(dot, before-1)
		}
		before = dot
		if !s.ascii && !m.on(column) {
			continue
		}
		for d := max(from, 0); d <= min(to, s.h*down-1); d++ {
			if s.ascii {
				s.put(column, d, s.stroke(m), m.series)
			} else if c := s.at(column/2, d/4); c != nil {
				c.letter = 0 // a line is over what was there
				c.dots |= braille[d%4][column%2]
				c.series = m.series
			}
		}
	}
}

var braille = [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

// stroke is the letter of a line.
func (s *screen) stroke(m mark) rune {
	switch m.role {
	case fitted, zero:
		return '-'
	case foreseen:
		return '.'
	}
	return s.sign(m.series)
}

// marks puts the sign of a series on its line where there are others, and on each of few points.
func (s *screen) marks(m mark) {
	if m.role != seen && m.role != foreseen {
		return
	}
	few := len(m.points) <= fewPoints && m.role == seen
	if few {
		for _, p := range m.points {
			s.put(s.column(p.x), s.row(p.y), s.sign(m.series), m.series)
		}
	}
	if few || !s.several {
		return
	}
	const distance = 11
	first := 1 + m.series*distance/s.series()
	for column := first; column < s.w; column += distance {
		if p, ok := m.between(s.x, s.x.value((float64(column)+0.5)/float64(s.w))); ok {
			s.put(column, s.row(p.y), s.sign(m.series), m.series)
		}
	}
}

// write writes the frame with its axes.
func (s *screen) write(b *bytes.Buffer, left int, first, last bool) {
	labels := make([]string, s.h)
	ticks := make([]bool, s.h)
	for _, t := range s.y.ticks(float64(s.h), func(string) float64 { return 2 }) {
		if row := min(max(s.row(t.at), 0), s.h-1); t.label != "" {
			labels[row], ticks[row] = s.show(t.label), true
		}
	}
	head := s.cut(s.y.label, left+s.w)
	if first {
		for _, e := range s.chart.ends {
			name := s.show(e.name)
			at := min(left+1+s.column(e.x)-columns(name)/2, left+1+s.w-columns(name))
			if at > columns(head)+1 {
				head += strings.Repeat(" ", at-columns(head)) + name
			}
		}
	}
	fmt.Fprintln(b, head)
	for row := range s.h {
		border := s.pick('│', '|')
		if ticks[row] {
			border = s.pick('┤', '+')
		}
		var line strings.Builder
		fmt.Fprintf(&line, "%*s %c", left-1, labels[row], border)
		cells := s.cells[row*s.w : (row+1)*s.w]
		for len(cells) > 0 {
			n, text := run(cells)
			line.WriteString(s.painted(text, cells[0].series))
			cells = cells[n:]
		}
		fmt.Fprintln(b, strings.TrimRight(line.String(), " "))
	}
	axis := []rune(strings.Repeat(string(s.pick('─', '-')), s.w))
	under := []rune(strings.Repeat(" ", left+1+s.w))
	for _, t := range s.x.ticks(float64(s.w), func(label string) float64 { return float64(columns(s.show(label)) + 2) }) {
		if t.label == "" {
			continue
		}
		column := min(max(s.column(t.at), 0), s.w-1)
		axis[column] = s.pick('┬', '+')
		label := []rune(s.show(t.label))
		at := min(max(left+1+column-len(label)/2, 0), len(under)-len(label))
		copy(under[at:], label)
	}
	fmt.Fprintf(b, "%*s%c%s\n", left, "", s.pick('└', '+'), string(axis))
	if last {
		fmt.Fprintln(b, strings.TrimRight(string(under), " "))
	}
}

// run is how many cells from the first on have its colour, and what they show.
func run(cells []cell) (n int, text string) {
	var b strings.Builder
	for _, c := range cells {
		if c.series != cells[0].series {
			break
		}
		switch {
		case c.letter != 0:
			b.WriteRune(c.letter)
		case c.dots != 0:
			b.WriteRune(0x2800 + c.dots)
		default:
			b.WriteByte(' ')
		}
		n++
	}
	return n, b.String()
}

// key is the legend, as many entries on a line as fit.
func (c *chart) key(l letters, width int) []string {
	s := &screen{letters: l, several: c.series() > 1}
	var lines []string
	used := 0
	for _, e := range c.legend {
		name := l.shorten(e.name, min(width-4, max(width/2, 36)))
		text := l.painted(s.sample(e), e.series) + " " + name
		if size := 4 + columns(name); len(lines) == 0 || used+3+size > width {
			lines, used = append(lines, text), size
		} else {
			lines[len(lines)-1] += "   " + text
			used += 3 + size
		}
	}
	return lines
}

// sample is how the line of an entry looks, three characters wide.
func (s *screen) sample(e entry) string {
	m := mark{role: e.role, series: max(e.series, 0)}
	if s.ascii {
		return strings.Repeat(string(s.stroke(m)), 3)
	}
	line := []rune{0x2800, 0x2800, 0x2800}
	for column := range 6 {
		if m.on(column) {
			line[column/2] |= braille[2][column%2]
		}
	}
	if s.several && e.role == seen {
		line[1] = s.sign(m.series)
	}
	return strings.ReplaceAll(string(line), "\u2800", " ")
}
