package table

import (
	"cmp"
	"fmt"
	"strconv"

	"borel/coverage"
)

// purchases say which of the first system and another is the better buy.
func (t Tables) purchases(digits int) []grid {
	g := grid{name: "The better buy, beside " + t[0].Name, head: []string{"system", "for", "buy", "difference in coverage", "better with", "dearer one costs"}, words: 3}
	for _, s := range t {
		p := s.Purchase
		if p == nil {
			continue
		}
		name := func(buy string) string {
			return cmp.Or(map[string]string{"a": t[0].Name, "b": s.Name}[buy], "either, or neither")
		}
		if b := p.Budget; b != nil {
			g.rows = append(g.rows, append(words(s.Name, "a budget of "+amount(p.B.Budget.Budget)+" "+p.B.Axis, name(b.Buy)),
				cell{text: decimal(b.Difference, digits), aside: fmt.Sprintf("[%s, %s]", decimal(b.Low, digits), decimal(b.High, digits))}, cell{text: percent(b.Better)}, cell{text: "–"}))
		}
		if r := p.Reach; r != nil {
			times := "?"
			if r.Times > 0 {
				times = "× " + short(r.Times)
			}
			sure := "intervals overlap"
			if r.Clear {
				sure = "intervals apart"
			}
			g.rows = append(g.rows, append(words(s.Name, "a coverage of "+short(p.B.Reach.Coverage), name(r.Buy)), cell{text: "–"}, cell{text: sure}, cell{text: times}))
		}
	}
	if len(g.rows) == 0 {
		return nil
	}
	g.notes = []string{"Costs are those of the problems that both have"}
	return []grid{g}
}

// mostPosteriors is how many problems a table has a line of; JSON and CSV have all.
const mostPosteriors = 50

// posteriors are what is believed of the rate of each problem.
func (t Tables) posteriors(digits int) (all []grid) {
	for _, s := range t {
		if len(s.Posteriors) == 0 {
			continue
		}
		g := grid{name: "Rates of the problems of " + s.Name + ", as believed", head: []string{"problem", "rate", percent(s.Interval.Level) + " interval", "never"}, words: 1}
		for i, p := range s.Posteriors {
			if i == mostPosteriors {
				g.notes = []string{fmt.Sprintf("The first %d of %s problems; JSON and CSV have all", mostPosteriors, coverage.Thousands(len(s.Posteriors)))}
				break
			}
			g.rows = append(g.rows, words(cmp.Or(p.Problem, "#"+strconv.Itoa(i)), decimal(p.Mean, digits), decimal(p.Low, digits)+" – "+decimal(p.High, digits), percent(p.Zero)))
		}
		all = append(all, g)
	}
	return all
}
