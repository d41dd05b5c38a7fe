package table

import (
	"fmt"

	"borel/coverage"
)

// methods is what a table calls a way to select.
var methods = map[string]string{
	coverage.MethodOracle: "coverage (oracle)", coverage.MethodBestOf: "best of k", coverage.MethodWeightedMajority: "weighted majority",
	coverage.MethodMajority: "majority", coverage.MethodRandom: "random pick",
}

// selections are the ways of picking one of k samples, and how far each goes from a random pick to coverage.
func (t Tables) selections(digits int) (all []grid) {
	for _, s := range t {
		if s.Selection == nil {
			continue
		}
		picks := grid{name: "Picking one of k samples of " + s.Name, head: []string{"method"}, words: 1}
		shares := grid{name: "Share of the way from a random pick to coverage, " + s.Name, head: []string{"method"}, words: 1}
		picks.notes = []string{"In brackets: " + meaning(s.Report)}
		for _, m := range s.Selection.Missing {
			picks.notes = append(picks.notes, methods[m.Method]+" is missing: "+m.Why)
		}
		for i, m := range s.Selection.Methods {
			row, share := words(methods[m.Method]), words(methods[m.Method])
			for _, p := range m.Points {
				if i == 0 {
					picks.head = append(picks.head, "k = "+coverage.Thousands(p.K))
					shares.head = append(shares.head, "k = "+coverage.Thousands(p.K))
				}
				row = append(row, cell{text: decimal(p.Pass, digits), aside: fmt.Sprintf("[%s, %s]", decimal(p.Low, digits), decimal(p.High, digits))})
				if p.Share == nil {
					share = append(share, cell{text: "–"})
				} else {
					share = append(share, cell{text: decimal(*p.Share, 3)})
				}
			}
			picks.rows = append(picks.rows, row)
			if m.Method != coverage.MethodOracle && m.Method != coverage.MethodRandom {
				shares.rows = append(shares.rows, share)
			}
		}
		all = append(all, picks)
		if len(shares.rows) > 0 {
			all = append(all, shares)
		}
	}
	return all
}
