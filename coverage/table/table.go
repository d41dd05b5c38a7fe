// Package table writes the reports of package coverage for a terminal, a paper and a program.
//
//	tables := table.Tables{{Name: "Pythia-160M", Report: report}}
//	err := tables.Write(os.Stdout, table.LaTeX)
package table

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"borel/coverage"
)

// Forms that [Tables] can be written in.
const (
	Text     = "text"  // for a terminal
	Markdown = "md"    // tables of GitHub's kind
	LaTeX    = "latex" // tables of the package booktabs
	CSV      = "csv"   // a line for each number, with every digit
)

// System is a report with the name of what it is about.
type System struct {
	Name string
	*coverage.Report
}

// Tables are reports on systems that belong in one table, at most [MaxSystems].
type Tables []System

// MaxSystems is how many reports stand in one table.
const MaxSystems = 1000

// Write writes them in a form. Of several systems each is a line, and each k a column; of one each k is a line. Under a table
// of Markdown or LaTeX stands what its intervals mean. The error is an *[Invalid] where there is nothing to write or the form
// is not known, or w's own.
func (t Tables) Write(w io.Writer, form string) error {
	if len(t) == 0 || len(t) > MaxSystems {
		return invalidf("systems", "has %d entries; 1 to %d can be in a table", len(t), MaxSystems)
	}
	var b strings.Builder
	switch form {
	case Text:
		for i, g := range t.grids(5) {
			if i > 0 {
				fmt.Fprintf(&b, "\n%s\n", oneLine(g.name))
			}
			g.text(&b)
		}
	case Markdown:
		for i, g := range t.grids(4) {
			if i > 0 {
				b.WriteByte('\n')
			}
			g.markdown(&b)
		}
	case LaTeX:
		b.WriteString("% needs \\usepackage{booktabs}\n")
		for _, g := range t.grids(4) {
			g.latex(&b)
		}
	case CSV:
		if err := t.csv(&b); err != nil {
			return err
		}
	default:
		return invalidf("format", "%.60q is not known; %s, %s, %s and %s are", form, Text, Markdown, LaTeX, CSV)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// grid is a table before it has a form.
type grid struct {
	name  string   // what it shows; begins its caption
	head  []string // none: there are notes alone
	words int      // columns of words, which stand first and to the left
	rows  [][]cell
	notes []string
}

type cell struct {
	text  string
	aside string // smaller, where that is possible
	best  bool
}

func (c cell) all() string {
	if c.aside == "" {
		return c.text
	}
	return c.text + " " + c.aside
}

func words(texts ...string) []cell {
	var row []cell
	for _, t := range texts {
		row = append(row, cell{text: t})
	}
	return row
}

// grids are the tables of all that was asked for, with so many decimals.
func (t Tables) grids(digits int) []grid {
	return slices.Concat(t.curves(digits), t.selections(digits), t.differences(digits), t.fits(digits), t.forecasts(digits), t.advice(digits), t.purchases(digits), t.posteriors(digits), t.difficulty(digits))
}

// curves are the tables of pass@k and of what else has its k.
func (t Tables) curves(digits int) []grid {
	if len(t) > 1 {
		g := t.across("Coverage", "pass@", digits, func(r *coverage.Report) []coverage.Point { return r.Coverage })
		g.notes = t.notes()
		all := []grid{g}
		if g := t.across("Reliability", "pass^", digits, func(r *coverage.Report) []coverage.Point { return r.PassHat }); len(g.head) > 2 {
			g.notes = t.notes()[:1]
			all = append(all, g)
		}
		return all
	}
	r := t[0].Report
	g := pointsGrid(r.Coverage, digits)
	g.name = "Coverage of " + t[0].Name
	interval := percent(r.Interval.Level) + " interval"
	g.head = []string{"k", "pass@k", interval}
	if len(r.PassHat) > 0 {
		g.head = append(g.head, "pass^k", interval)
		for i, p := range r.PassHat {
			g.rows[i] = append(g.rows[i], words(decimal(p.Pass, digits), span(p, digits))...)
		}
	}
	if len(r.Bounds) > 0 {
		g.head = append(g.head, "had the unknown been wrong – right")
		for i, p := range r.Bounds {
			g.rows[i] = append(g.rows[i], cell{text: span(p, digits)})
		}
	}
	g.notes = []string{r.Tell(), meaning(r)}
	return []grid{g}
}

// pointsGrid has a line for each point.
func pointsGrid(points []coverage.Point, digits int) grid {
	var g grid
	for _, p := range points {
		g.rows = append(g.rows, words(coverage.Thousands(p.K), decimal(p.Pass, digits), span(p, digits)))
	}
	return g
}

// across has a line for each system and a column for each k that one of them has.
func (t Tables) across(name, of string, digits int, points func(*coverage.Report) []coverage.Point) grid {
	g := grid{name: name, head: []string{"system", "problems"}, words: 1}
	var ks []int
	for _, s := range t {
		for _, p := range points(s.Report) {
			ks = append(ks, p.K)
		}
	}
	slices.Sort(ks)
	ks = slices.Compact(ks)
	best := make([]float64, len(ks))
	for i, k := range ks {
		g.head = append(g.head, of+coverage.Thousands(k))
		for _, s := range t {
			if p, ok := at(points(s.Report), k); ok {
				best[i] = max(best[i], p.Pass)
			}
		}
	}
	for _, s := range t {
		row := words(s.Name, coverage.Thousands(s.Problems))
		for i, k := range ks {
			c := cell{text: "–"}
			if p, ok := at(points(s.Report), k); ok {
				c.text, c.aside = decimal(p.Pass, digits), fmt.Sprintf("[%s, %s]", decimal(p.Low, digits), decimal(p.High, digits))
				c.best = p.Pass == best[i] && p.Pass > 0
			}
			row = append(row, c)
		}
		g.rows = append(g.rows, row)
	}
	return g
}

// notes say what holds of all systems, or of which one.
func (t Tables) notes() []string {
	notes := []string{"In brackets: " + meaning(t[0].Report)}
	for _, s := range t {
		if s.Unknown > 0 {
			note := fmt.Sprintf("%s: %s unknown samples left out", s.Name, coverage.Thousands(s.Unknown))
			if n := len(s.Bounds); n > 0 {
				p := s.Bounds[n-1]
				note += fmt.Sprintf("; pass@%s is %s had all been wrong, %s had all been right", coverage.Thousands(p.K), decimal(p.Low, 4), decimal(p.High, 4))
			}
			notes = append(notes, note)
		}
		if s.Estimate != "" {
			notes = append(notes, s.Name+": estimated by "+s.Estimate)
		}
	}
	return notes
}

// fits is the table of power laws, where one was found.
func (t Tables) fits(digits int) []grid {
	g := grid{name: "Power law pass@k = exp(a k^b)", head: []string{"system", "a", "a, base 10", "b", "error, mean ± sd"}, words: 1}
	for _, s := range t {
		f := s.Fit
		if f == nil {
			continue
		}
		row := words(s.Name, decimal(f.A, digits), decimal(f.A10, digits), decimal(f.B, digits), decimal(f.ErrorMean, digits)+" ± "+decimal(f.ErrorSD, digits))
		if i := f.Interval; i != nil {
			between := func(low, high float64) string {
				return fmt.Sprintf("[%s, %s]", decimal(low, digits), decimal(high, digits))
			}
			row[1].aside, row[2].aside, row[3].aside = between(i.ALow, i.AHigh), between(i.ALow/math.Ln10, i.AHigh/math.Ln10), between(i.BLow, i.BHigh)
			g.notes = []string{"In brackets: " + meaning(s.Report)}
		}
		g.rows = append(g.rows, row)
	}
	if len(g.rows) == 0 {
		return nil
	}
	return []grid{g}
}

func meaning(r *coverage.Report) string { return r.Interval.Meaning }

func percent(share float64) string { return strconv.FormatFloat(100*share, 'g', 4, 64) + " %" }

func decimal(x float64, digits int) string { return strconv.FormatFloat(x, 'f', digits, 64) }

func span(p coverage.Point, digits int) string {
	return decimal(p.Low, digits) + " – " + decimal(p.High, digits)
}

// text has the columns aligned. The best of a column is not marked.
func (g grid) text(b *strings.Builder) {
	for _, n := range g.notes {
		fmt.Fprintln(b, oneLine(n))
	}
	if len(g.head) == 0 {
		return
	}
	width := make([]int, len(g.head))
	for i, h := range g.head {
		width[i] = utf8.RuneCountInString(h)
	}
	for _, row := range g.rows {
		for i, c := range row {
			width[i] = max(width[i], utf8.RuneCountInString(oneLine(c.all())))
		}
	}
	line := func(at func(i int) string) {
		var l strings.Builder
		for i := range g.head {
			text := at(i)
			gap := strings.Repeat(" ", width[i]-utf8.RuneCountInString(text))
			if i > 0 {
				l.WriteString("  ")
			}
			if i < g.words || i == len(g.head)-1 && g.words == 0 {
				l.WriteString(text + gap)
			} else {
				l.WriteString(gap + text)
			}
		}
		fmt.Fprintln(b, strings.TrimRight(l.String(), " "))
	}
	line(func(i int) string { return g.head[i] })
	for _, row := range g.rows {
		line(func(i int) string { return oneLine(row[i].all()) })
	}
}

// at is the point of points at k.
func at(points []coverage.Point, k int) (coverage.Point, bool) {
	i := slices.IndexFunc(points, func(p coverage.Point) bool { return p.K == k })
	if i < 0 {
		return coverage.Point{}, false
	}
	return points[i], true
}

func invalidf(field, format string, a ...any) error {
	return &coverage.Invalid{Field: field, Message: fmt.Sprintf(format, a...)}
}
