package table

import (
	"fmt"
	"strconv"

	"borel/coverage"
)

// forecasts are what is expected beyond the samples, and how the models did that were tried.
func (t Tables) forecasts(digits int) (all []grid) {
	g := t.across("Forecast", "pass@", digits, func(r *coverage.Report) []coverage.Point {
		if r.Forecast == nil {
			return nil
		}
		return r.Forecast.Points
	})
	tried := grid{name: "Forecasting models, backtested on samples held back", head: []string{"system", "model", "believed", "score", "RMSE"}, words: 2,
		notes: []string{"Believed: the share of each model in the interval; the first gives the points. Score and RMSE (of pass@k): lower is better"}}
	for _, s := range t {
		f := s.Forecast
		if f == nil {
			continue
		}
		note := fmt.Sprintf("%s: from %s samples of each problem", s.Name, coverage.Thousands(f.From))
		if f.Model != "" {
			note += fmt.Sprintf(", by %s; in brackets: %s, of all models", f.Model, meaning(s.Report))
		}
		if f.Doubt != "" {
			note += "; " + f.Doubt
		}
		g.notes = append(g.notes, note)
		for _, m := range f.Models {
			tried.rows = append(tried.rows, words(s.Name, m.Model, share(m.Weight), short(m.Score), decimal(m.RMSE, digits)))
		}
	}
	if len(g.notes) == 0 {
		return nil
	}
	if len(g.head) == 2 { // none is justified
		g.head, g.rows = nil, nil
	}
	all = append(all, g)
	if len(tried.rows) > 0 {
		all = append(all, tried)
	}
	return all
}

// advice is how many samples reach a coverage, and what a budget buys.
func (t Tables) advice(digits int) (all []grid) {
	reach := grid{name: "Samples of each problem to reach a coverage", head: []string{"system", "coverage", "k", "between", "cost", "unit"}, words: 1}
	buys := grid{name: "What a budget buys", head: []string{"system", "budget", "unit", "k", "pass@k", "spent"}, words: 1}
	for _, s := range t {
		if s.Advice == nil {
			continue
		}
		if r := s.Advice.Reach; r != nil {
			cost := "–"
			if r.Cost != nil {
				cost = amount(*r.Cost)
			}
			reach.rows = append(reach.rows, words(s.Name, short(r.Coverage), whole(r.K), whole(r.Low)+" – "+whole(r.High), cost, s.Advice.Axis))
			reach.notes = append(reach.notes, doubts(s.Name, r.Forecast, r.Doubt)...)
		}
		if b := s.Advice.Budget; b != nil {
			pass := cell{text: "–"}
			if b.K > 0 {
				pass = cell{text: decimal(b.Pass, digits), aside: fmt.Sprintf("[%s, %s]", decimal(b.Low, digits), decimal(b.High, digits))}
			}
			buys.rows = append(buys.rows, append(words(s.Name, amount(b.Budget), s.Advice.Axis, whole(b.K)), pass, cell{text: amount(b.Spent)}))
			buys.notes = append(buys.notes, doubts(s.Name, b.Forecast, b.Doubt)...)
		}
	}
	for _, g := range []grid{reach, buys} {
		if len(g.rows) > 0 {
			all = append(all, g)
		}
	}
	return all
}

func doubts(name string, forecast bool, doubt string) (notes []string) {
	if forecast {
		notes = append(notes, name+": by a forecast beyond the samples that were drawn")
	}
	if doubt != "" {
		notes = append(notes, name+": "+doubt)
	}
	return notes
}

// mostMovers is how many problems a table names for each step of k.
const mostMovers = 3

// difficulty is how the rates are spread, and which problems move the curve.
func (t Tables) difficulty(digits int) (all []grid) {
	for _, s := range t {
		d := s.Difficulty
		if d == nil {
			continue
		}
		bins := grid{name: "Difficulty of " + s.Name, head: []string{"rate of right samples", "problems", "believed"}, words: 1}
		bins.notes = []string{fmt.Sprintf("%s problems never solved; the share that no number of samples would solve: expected %s, at most %s",
			coverage.Thousands(d.Never.Unsolved), decimal(d.Never.Share, digits), decimal(d.Never.Most, digits))}
		for _, b := range d.Bins {
			rate := "0"
			if b.UpTo > 0 {
				rate = short(b.Above) + " – " + short(b.UpTo)
			}
			bins.rows = append(bins.rows, words(rate, coverage.Thousands(b.Problems), decimal(b.Believed, 1)))
		}
		movers := grid{name: "Problems that move the curve of " + s.Name, head: []string{"problem", "from k", "to k", "gain"}, words: 1}
		for i, m := range d.Movers {
			if n := mostMovers; i >= n && d.Movers[i-n].From == m.From {
				continue
			}
			name := m.Problem
			if name == "" {
				name = "#" + strconv.Itoa(m.Index)
			}
			movers.rows = append(movers.rows, words(name, coverage.Thousands(m.From), coverage.Thousands(m.To), decimal(m.Gain, digits)))
		}
		all = append(all, bins)
		if len(movers.rows) > 0 {
			all = append(all, movers)
		}
	}
	return all
}

// share is a share in percent.
func share(x float64) string {
	if x > 0 && x < 0.001 {
		return "< 0.1 %"
	}
	return decimal(100*x, 1) + " %"
}

// short has three digits.
func short(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) }

// amount is a number of dollars, tokens or others.
func amount(x float64) string {
	if x >= 1000 && x < 1e15 {
		return coverage.Thousands(int(x + 0.5))
	}
	return strconv.FormatFloat(x, 'g', 6, 64)
}

// whole is a number of samples; 0 is none.
func whole(n int) string {
	if n == 0 {
		return "?"
	}
	return coverage.Thousands(n)
}

// differences are those from the first system, where they were asked for.
func (t Tables) differences(digits int) []grid {
	g := grid{name: "Difference of pass@k from " + t[0].Name, head: []string{"system", "k", t[0].Name, "its own", "difference", "better with"}, words: 1}
	for _, s := range t {
		for _, d := range s.Differences {
			g.rows = append(g.rows, append(words(s.Name, coverage.Thousands(d.K), decimal(d.A, digits), decimal(d.B, digits)),
				cell{text: decimal(d.Difference, digits), aside: fmt.Sprintf("[%s, %s]", decimal(d.Low, digits), decimal(d.High, digits))}, cell{text: percent(d.Better)}))
		}
		if len(s.Differences) > 0 {
			g.notes = append(g.notes, fmt.Sprintf("%s: on %s problems that both have; in brackets: %s", s.Name, coverage.Thousands(s.Compared), meaning(s.Report)))
		}
	}
	if len(g.rows) == 0 {
		return nil
	}
	return []grid{g}
}
