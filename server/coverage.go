package server

import (
	"cmp"
	"fmt"
	"slices"

	"borel/coverage"

	"github.com/labstack/echo/v4"
)

type coverageBody struct {
	Counts []coverage.Count `json:"counts" minItems:"1" maxItems:"1000000" nullable:"false" doc:"per problem: n decided samples, c of them right"`
	coverage.Ask

	Quarantine []string `json:"quarantine,omitempty" maxItems:"10000" doc:"problems that are left out, as an audit lists them"`
}

type coverageAnswer struct {
	coverage.Report
	Quarantined []string `json:"quarantined,omitempty" doc:"problems that were left out"`
}

func (s *Server) coverage(c echo.Context, body []byte) error {
	var b coverageBody
	if err := decode(body, &b); err != nil {
		return err
	}
	var a coverageAnswer
	out := map[string]bool{}
	for _, name := range b.Quarantine {
		out[name] = true
	}
	b.Counts = slices.DeleteFunc(b.Counts, func(n coverage.Count) bool {
		if out[n.Problem] {
			a.Quarantined = append(a.Quarantined, n.Problem)
		}
		return out[n.Problem]
	})
	if len(b.Counts) == 0 && len(a.Quarantined) > 0 {
		return &fieldError{"quarantine", "leaves out every problem"}
	}
	if err := boundAsk(len(b.Counts), b.Ask); err != nil {
		return err
	}
	r, err := coverage.Analyze(c.Request().Context(), b.Counts, b.Ask)
	if err != nil {
		return err
	}
	a.Report = *r
	return answer(c, a)
}

// boundAsk refuses what would take longer than a request may.
func boundAsk(problems int, a coverage.Ask) error {
	ks := cmp.Or(len(a.K), 8) // DefaultK has at most so many
	if n := problems * ks; n > MaxPoints {
		return &fieldError{"k", fmt.Sprintf("%d values for %d counts are %d estimates, the limit is %d", ks, problems, n, MaxPoints)}
	}
	return nil
}
