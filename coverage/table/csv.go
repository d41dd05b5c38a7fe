package table

import (
	"cmp"
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"strings"

	"borel/coverage"
)

// csv is one line for each number: what it is, of which system and at which k or problem, with its interval and what that
// means; a forecast has lines of text too, its model and what to
// doubt. Every number reads back as it was.
func (t Tables) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write([]string{"system", "quantity", "k", "value", "low", "high", "problems", "unknown", "level", "over", "method", "estimate"}) // Error tells at the end
	for _, s := range t {
		lines{out, s}.write()
	}
	out.Flush()
	return out.Error()
}

// lines writes those of one system.
type lines struct {
	*csv.Writer
	System
}

func (l lines) line(quantity string, k int, values ...string) {
	at := ""
	if k > 0 {
		at = strconv.Itoa(k)
	}
	for len(values) < 3 {
		values = append(values, "")
	}
	estimate := l.Estimate
	if estimate == "" {
		estimate = coverage.Unbiased
	}
	l.Writer.Write(append(append([]string{Cell(oneLine(l.Name)), quantity, at}, values...),
		strconv.Itoa(l.Problems), strconv.Itoa(l.Unknown), exact(l.Interval.Level), l.Interval.Over, l.Interval.Method, estimate))
}

// text writes what is no number, where there is any.
func (l lines) text(quantity, text string) {
	if text != "" {
		l.line(quantity, 0, oneLine(text))
	}
}

func (l lines) points(quantity string, list []coverage.Point) {
	for _, p := range list {
		l.line(quantity, p.K, exact(p.Pass), exact(p.Low), exact(p.High))
	}
}

func (l lines) write() {
	l.points("pass@k", l.Coverage)
	l.points("bounds", l.Bounds)
	l.points("pass^k", l.PassHat)
	if s := l.Selection; s != nil {
		for _, m := range s.Methods {
			for _, p := range m.Points {
				l.line("select_"+m.Method, p.K, exact(p.Pass), exact(p.Low), exact(p.High))
				if p.Share != nil {
					l.line("share_"+m.Method, p.K, exact(*p.Share))
				}
			}
		}
	}
	for i, p := range l.Posteriors {
		name := oneLine(cmp.Or(p.Problem, "#"+strconv.Itoa(i)))
		l.line("rate_of_"+name, 0, exact(p.Mean), exact(p.Low), exact(p.High))
		l.line("never_of_"+name, 0, exact(p.Zero))
	}
	if p := l.Purchase; p != nil && p.Budget != nil {
		l.line("buy_difference", 0, exact(p.Budget.Difference), exact(p.Budget.Low), exact(p.Budget.High))
		l.line("buy_better", 0, exact(p.Budget.Better))
	}
	if p := l.Purchase; p != nil && p.Reach != nil && p.Reach.Times > 0 {
		l.line("buy_times", 0, exact(p.Reach.Times))
	}
	for _, d := range l.Differences {
		l.line("difference", d.K, exact(d.Difference), exact(d.Low), exact(d.High))
		l.line("better", d.K, exact(d.Better))
	}
	if f := l.Fit; f != nil {
		var of coverage.LawInterval
		ends := func(low, high float64) []string {
			if f.Interval == nil {
				return nil
			}
			return []string{exact(low), exact(high)}
		}
		if f.Interval != nil {
			of = *f.Interval
		}
		l.line("fit_a", 0, append([]string{exact(f.A)}, ends(of.ALow, of.AHigh)...)...)
		l.line("fit_a10", 0, append([]string{exact(f.A10)}, ends(of.ALow/math.Ln10, of.AHigh/math.Ln10)...)...)
		l.line("fit_b", 0, append([]string{exact(f.B)}, ends(of.BLow, of.BHigh)...)...)
		l.line("fit_error_mean", 0, exact(f.ErrorMean))
		l.line("fit_error_sd", 0, exact(f.ErrorSD))
	}
	if f := l.Forecast; f != nil {
		l.points("forecast", f.Points)
		l.text("forecast_model", f.Model)
		l.text("forecast_doubt", f.Doubt)
		for _, m := range f.Models {
			l.line("forecast_rmse_"+m.Model, 0, exact(m.RMSE))
		}
	}
	if a := l.Advice; a != nil && a.Reach != nil {
		l.text("reach_doubt", a.Reach.Doubt)
	}
	if a := l.Advice; a != nil && a.Budget != nil {
		l.text("budget_doubt", a.Budget.Doubt)
	}
	if a := l.Advice; a != nil && a.Reach != nil && a.Reach.K > 0 {
		r := a.Reach
		l.line("samples_to_reach_"+exact(r.Coverage), 0, strconv.Itoa(r.K), some(r.Low), some(r.High))
		if r.Cost != nil {
			l.line("cost_to_reach_"+exact(r.Coverage)+"_"+a.Axis, r.K, exact(*r.Cost), pointed(r.CostLow), pointed(r.CostHigh))
		}
	}
	if a := l.Advice; a != nil && a.Budget != nil && a.Budget.K > 0 {
		b := a.Budget
		l.line("bought_with_"+exact(b.Budget)+"_"+a.Axis, b.K, exact(b.Pass), exact(b.Low), exact(b.High))
	}
	if d := l.Difficulty; d != nil {
		for _, b := range d.Bins {
			l.line("problems_with_rate_up_to_"+exact(b.UpTo), 0, strconv.Itoa(b.Problems))
			l.line("problems_believed_with_rate_up_to_"+exact(b.UpTo), 0, exact(b.Believed))
		}
		l.line("never_solved_share", 0, exact(d.Never.Share), "", exact(d.Never.Most))
	}
}

func exact(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// some is a number of samples, of which 0 is none.
func some(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func pointed(x *float64) string {
	if x == nil {
		return ""
	}
	return exact(*x)
}

// Cell is a text as a CSV file holds it: a spreadsheet would carry out what looks like a formula.
func Cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
