package server

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"borel/coverage"
	"borel/eval"
	"borel/problem"

	"github.com/labstack/echo/v4"
)

// Evals keeps and carries out evaluation jobs; [eval.Engine] is one.
type Evals interface {
	Create(ctx context.Context, s eval.Spec) (eval.Job, error)
	Get(ctx context.Context, id string) (eval.Job, error)
	Find(ctx context.Context, d eval.Digest) (eval.Job, error)
	Jobs(ctx context.Context, after string, limit int) (jobs []eval.Job, next string, err error)
	Rows(ctx context.Context, id string, q eval.RowQuery) (rows []eval.Row, next string, err error)
	Tallies(ctx context.Context, id string, from, limit int) ([]eval.Tally, error)
	Counts(ctx context.Context, id string) ([]coverage.Count, error)
	Events(ctx context.Context, id string) iter.Seq2[eval.Event, error]
	Cancel(ctx context.Context, id string) (eval.Job, error)
	Resume(ctx context.Context, id string, errorsOnly bool) (eval.Job, error)
	Extend(ctx context.Context, id string, n int) (eval.Job, error)
	Regrade(ctx context.Context, id string, change problem.Change) (eval.Job, error)
	Delete(ctx context.Context, id string) error
}

// MaxListeners is how many event streams are open at once.
const MaxListeners = 256

type jobsAnswer struct {
	Jobs []eval.Job `json:"jobs"`
	Next string     `json:"next,omitempty" doc:"where the next page begins; absent at the end"`
}

type rowsAnswer struct {
	Samples []eval.Row `json:"samples"`
	Next    string     `json:"next,omitempty" doc:"where the next page begins; absent at the end. A page can be short although there is a next one"`
}

type talliesAnswer struct {
	Problems []eval.Tally `json:"problems"`
	Next     string       `json:"next,omitempty" doc:"where the next page begins; absent at the end"`
}

type evalCoverage struct {
	coverage.Report
	Biased   string         `json:"biased,omitempty" doc:"why there is no pass@k, and what to do"`
	Counted  int            `json:"counted" doc:"problems of which something is decided; the others are not in coverage"`
	Solved   int            `json:"solved" doc:"problems with an accepted sample"`
	Least    int            `json:"least" doc:"the fewest decided samples of a problem that is counted; k is at most that"`
	Selected *selectedShare `json:"selected,omitempty" doc:"where the job selects a sample of each problem"`
	Counts   problem.Counts `json:"counts"`
}

type selectedShare struct {
	By    string  `json:"by"`
	Right int     `json:"right" doc:"problems whose selected sample is accepted"`
	Of    int     `json:"of" doc:"problems that are finished, and of whose selected sample it is known"`
	Share float64 `json:"share"`
}

type resumeBody struct {
	ErrorsOnly bool `json:"errors_only,omitempty" doc:"ask again for samples that no endpoint gave, judge again what could not be decided, and nothing else"`
}

type extendBody struct {
	N int `json:"n" minimum:"1" maximum:"10000" doc:"samples of each problem, at least as many as now"`
}

type regradeJobBody struct {
	Change problem.Change `json:"change,omitzero" doc:"of the checks; without one, today's versions of the checkers decide"`
}

// evals are the routes of evaluation jobs.
func (s *Server) evals(e *echo.Echo) {
	e.POST("/v1/evals", s.jobs(s.createEval))
	e.GET("/v1/evals", s.jobs(s.listEvals, "after", "limit", "digest"))
	e.GET("/v1/evals/:id", s.jobs(func(c echo.Context, _ []byte) error {
		return told(c)(s.cfg.Evals.Get(c.Request().Context(), c.Param("id")))
	}))
	e.DELETE("/v1/evals/:id", s.jobs(func(c echo.Context, _ []byte) error {
		if err := s.cfg.Evals.Delete(c.Request().Context(), c.Param("id")); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}))
	e.GET("/v1/evals/:id/samples", s.jobs(s.evalRows, "problem", "status", "text", "after", "limit"))
	e.GET("/v1/evals/:id/problems", s.jobs(s.evalTallies, "after", "limit"))
	e.GET("/v1/evals/:id/coverage", s.jobs(s.evalCoverage, askNames...))
	e.POST("/v1/evals/:id/cancel", s.jobs(func(c echo.Context, _ []byte) error {
		return told(c)(s.cfg.Evals.Cancel(c.Request().Context(), c.Param("id")))
	}))
	e.POST("/v1/evals/:id/resume", s.jobs(func(c echo.Context, body []byte) error {
		var b resumeBody
		if err := decodeOptional(body, &b); err != nil {
			return err
		}
		return told(c)(s.cfg.Evals.Resume(c.Request().Context(), c.Param("id"), b.ErrorsOnly))
	}))
	e.POST("/v1/evals/:id/extend", s.jobs(func(c echo.Context, body []byte) error {
		var b extendBody
		if err := decode(body, &b); err != nil {
			return err
		}
		return told(c)(s.cfg.Evals.Extend(c.Request().Context(), c.Param("id"), b.N))
	}))
	e.POST("/v1/evals/:id/regrade", s.jobs(func(c echo.Context, body []byte) error {
		var b regradeJobBody
		if err := decodeOptional(body, &b); err != nil {
			return err
		}
		return told(c)(s.cfg.Evals.Regrade(c.Request().Context(), c.Param("id"), b.Change))
	}))
	e.GET("/v1/evals/:id/events", s.evalEvents)
}

// jobs is a slot for a call on jobs, where the server has any. query are the names that its query may have.
func (s *Server) jobs(h func(c echo.Context, body []byte) error, query ...string) echo.HandlerFunc {
	return s.slot(func(c echo.Context, body []byte) error {
		if s.cfg.Evals == nil {
			return errNoEvals
		}
		for name := range c.QueryParams() { // a misspelt one would silently be none
			if !slices.Contains(query, name) {
				return queryFault(fmt.Sprintf("%.60s", name), "is not known here")
			}
		}
		return h(c, body)
	}, false, s.queue, 0)
}

// told answers with a job.
func told(c echo.Context) func(eval.Job, error) error {
	return func(j eval.Job, err error) error {
		if err != nil {
			return err
		}
		return answer(c, j)
	}
}

// decodeOptional decodes a body that may be left out.
func decodeOptional(body []byte, v any) error {
	if len(body) == 0 {
		return nil
	}
	return decode(body, v)
}

func (s *Server) createEval(c echo.Context, body []byte) error {
	var spec eval.Spec
	if err := decode(body, &spec); err != nil {
		return err
	}
	if s.cfg.Solver == nil {
		return errNoEndpoint
	}
	j, err := s.cfg.Evals.Create(c.Request().Context(), spec)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", "/v1/evals/"+j.ID)
	return answerWith(c, http.StatusAccepted, j)
}

func (s *Server) listEvals(c echo.Context, _ []byte) error {
	ctx := c.Request().Context()
	if text := c.QueryParam("digest"); text != "" {
		var d eval.Digest
		if b, err := hex.DecodeString(text); err != nil || copy(d[:], b) != len(d) || len(b) != len(d) {
			return queryFault("digest", "must be 64 hexadecimal digits")
		}
		j, err := s.cfg.Evals.Find(ctx, d)
		if err != nil {
			return err
		}
		return answer(c, jobsAnswer{Jobs: []eval.Job{j}})
	}
	limit, err := limitOf(c)
	if err != nil {
		return err
	}
	jobs, next, err := s.cfg.Evals.Jobs(ctx, c.QueryParam("after"), limit)
	if err != nil {
		return inQuery(err)
	}
	return answer(c, jobsAnswer{jobs, next})
}

func (s *Server) evalRows(c echo.Context, _ []byte) error {
	limit, err := limitOf(c)
	if err != nil {
		return err
	}
	q := eval.RowQuery{Problem: c.QueryParam("problem"), After: c.QueryParam("after"), Limit: limit, Text: c.QueryParam("text") == "1"}
	switch status := c.QueryParam("status"); status {
	case "failed":
		q.Failed = true
	default:
		q.Status = problem.Status(status)
	}
	rows, next, err := s.cfg.Evals.Rows(c.Request().Context(), c.Param("id"), q)
	if err != nil {
		return inQuery(err)
	}
	return answer(c, rowsAnswer{rows, next})
}

func (s *Server) evalTallies(c echo.Context, _ []byte) error {
	limit, err := limitOf(c)
	if err != nil {
		return err
	}
	from := 0
	if after := c.QueryParam("after"); after != "" {
		n, err := strconv.ParseUint(after, 10, 31)
		if err != nil {
			return queryFault("after", "is not what a page gave as next")
		}
		from = int(n)
	}
	id, ctx := c.Param("id"), c.Request().Context()
	j, err := s.cfg.Evals.Get(ctx, id)
	if err != nil {
		return err
	}
	tallies, err := s.cfg.Evals.Tallies(ctx, id, from, limit)
	if err != nil {
		return err
	}
	a := talliesAnswer{Problems: tallies}
	if end := from + len(tallies); end < j.Problems && len(tallies) > 0 {
		a.Next = strconv.Itoa(end)
	}
	return answer(c, a)
}

// evalEvents streams what happens to a job. It holds no slot: it waits more than it works.
func (s *Server) evalEvents(c echo.Context) error {
	if s.cfg.Evals == nil {
		return errNoEvals
	}
	if s.queue.stopped() {
		return errStopping
	}
	if s.listeners.Add(1) > MaxListeners {
		s.listeners.Add(-1)
		return errFull
	}
	defer s.listeners.Add(-1)
	ctx, cancel := context.WithCancel(c.Request().Context())
	defer cancel()
	go func() { // a job can take longer than a server that is asked to end
		select {
		case <-s.queue.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	out := newStream(c)
	out.events = strings.Contains(c.Request().Header.Get("Accept"), eventStream)
	for ev, err := range s.cfg.Evals.Events(ctx, c.Param("id")) {
		if err != nil {
			return s.end(out, nil, err)
		}
		if out.line(ev); out.err != nil {
			return nil // the client is gone
		}
	}
	return nil
}

func limitOf(c echo.Context) (int, error) {
	text := c.QueryParam("limit")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > eval.MaxPage {
		return 0, queryFault("limit", fmt.Sprintf("must be between 1 and %d", eval.MaxPage))
	}
	return n, nil
}

// inQuery tells a fault in the query from one in the body.
func inQuery(err error) error {
	if e, ok := errors.AsType[*problem.Invalid](err); ok {
		return queryFault(e.Field, e.Message)
	}
	if e, ok := errors.AsType[*coverage.Invalid](err); ok {
		return queryFault(strings.TrimPrefix(e.Field, "advice."), e.Message)
	}
	if e, ok := errors.AsType[*fieldError](err); ok {
		return queryFault(e.field, e.message)
	}
	return err
}

func queryFault(name, message string) error {
	return &fault{http.StatusUnprocessableEntity, "query." + name + ": " + message, 0}
}
