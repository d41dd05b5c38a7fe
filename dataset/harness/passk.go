package harness

import (
	"fmt"

	"borel/coverage"
	"borel/problem"
)

// tally is how many samples of a problem are decided, and how many of them are right.
type tally struct{ n, c int }

func tallyOf(outcomes []Outcome) (t tally) {
	for i := range outcomes {
		if outcomes[i].Decided() {
			t.n++
			if outcomes[i].Status == problem.Accepted {
				t.c++
			}
		}
	}
	return t
}

// passAtK are the members pass@k, for those of ks that no problem has fewer samples than; others are left out, as all harnesses do.
func passAtK(all []tally, ks []int) (members []member, err error) {
	for _, k := range ks {
		sum, enough := 0.0, len(all) > 0
		for _, t := range all {
			if t.n < k {
				enough = false
				break
			}
			p, err := coverage.PassAtK(t.n, t.c, k)
			if err != nil {
				return nil, err
			}
			sum += p
		}
		if enough {
			members = append(members, member{fmt.Sprintf("pass@%d", k), number(sum / float64(len(all)))})
		}
	}
	return members, nil
}

// ks are those asked for, or these.
func (r *Results) ks(usual ...int) []int {
	if len(r.K) > 0 {
		return r.K
	}
	return usual
}
