package server

import (
	"borel/problem"

	"github.com/labstack/echo/v4"
)

// MaxChanges is how many changes an answer lists; a stream tells all of them.
const MaxChanges = 10_000

type regradeAnswer struct {
	Changes []problem.Regraded `json:"changes" doc:"verdicts whose status is another; at most 10000 of them, unless they are streamed"`
	problem.RegradeReport
}

type changeLine struct {
	Type string `json:"type" enum:"change"`
	problem.Regraded
}

type regradeReportLine struct {
	Type string `json:"type" enum:"report"`
	problem.RegradeReport
}

// regrade decides kept verdicts again.
func (s *Server) regrade(c echo.Context, body []byte) error {
	var b problem.Regrade
	if err := decode(body, &b); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if streams(c) {
		out := newStream(c)
		report, err := s.cfg.Verifier.Regrade(ctx, b, func(r problem.Regraded) { out.line(changeLine{"change", r}) })
		return s.end(out, regradeReportLine{"report", report}, err)
	}
	a := regradeAnswer{Changes: []problem.Regraded{}}
	var err error
	a.RegradeReport, err = s.cfg.Verifier.Regrade(ctx, b, func(r problem.Regraded) {
		if len(a.Changes) < MaxChanges {
			a.Changes = append(a.Changes, r)
		}
	})
	if err != nil {
		return err
	}
	return answer(c, a)
}
