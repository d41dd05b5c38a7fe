package solver

import (
	"cmp"

	"borel/coverage"
	"borel/problem"
)

// Judge adds to j what v tells of the selector: the selector check where there is one, otherwise the check itself, against
// the held-out check. Samples that one of the two did not decide are left out.
func Judge(j *coverage.Judged, v problem.Verdict) {
	by := v.Status
	if v.Selector != nil {
		by = v.Selector.Status
	}
	if v.HeldOut == nil || !decided(by) || !decided(v.HeldOut.Status) {
		return
	}
	j.Add(by == problem.Accepted, v.HeldOut.Status == problem.Accepted)
}

func decided(s problem.Status) bool { return s != problem.Unknown && s != problem.NotJudged }

// Trust is coverage.Trust of the problems of which anything was both selected and held out; nil where there are none. A
// wrong answer costs as much as a right one earns, unless cost says otherwise.
func Trust(problems []coverage.Judged, cost *float64) (*coverage.Reliability, error) {
	var some []coverage.Judged
	for _, p := range problems {
		if p != (coverage.Judged{Problem: p.Problem}) {
			some = append(some, p)
		}
	}
	if len(some) == 0 {
		return nil, nil
	}
	one := 1.0
	r, err := coverage.Trust(some, *cmp.Or(cost, &one))
	return &r, err
}
