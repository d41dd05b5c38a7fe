package server

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"borel/problem"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"
)

// runItem is a run request whose source must be there, or its cells; an empty source is a program too.
type runItem struct {
	problem.RunRequest
	Source *string `json:"source"`
}

// request is the validated run request, whose faults are named with the field at.
func (i runItem) request(at string) (problem.RunRequest, error) {
	r := i.RunRequest
	switch {
	case i.Source == nil && i.Cells == nil:
		return r, &fieldError{at + "source", "is missing"}
	case i.Source != nil && *i.Source != "" && i.Cells != nil:
		return r, &fieldError{at + "cells", "stands instead of source: only one of them may be there"}
	case i.Source != nil:
		r.Source = *i.Source
	}
	return r, r.Validate(at)
}

// runsBody is one run request, or a list of them. Fresh on a list counts for all.
type runsBody struct {
	runItem
	Runs []runItem `json:"runs"`
}

type runsList struct {
	Runs  []problem.RunRequest `json:"runs" minItems:"1" maxItems:"1000" nullable:"false" doc:"programs to run"`
	Fresh bool                 `json:"fresh,omitempty" doc:"run all again, whatever the cache holds"`
}

type runsAnswer struct {
	Runs []problem.Run `json:"runs" doc:"in the order of the request; one that failed by the service's fault has error set"`
}

func (s *Server) runs(c echo.Context, body []byte) error {
	var b runsBody
	if err := decode(body, &b); err != nil {
		return err
	}
	if b.Runs == nil {
		r, err := b.request("")
		if err != nil {
			return err
		}
		run, err := s.cfg.Verifier.Run(c.Request().Context(), r)
		if err != nil {
			return err
		}
		return answer(c, run)
	}
	requests, err := b.list()
	if err != nil {
		return err
	}
	runs := make([]problem.Run, len(requests))
	g, ctx := errgroup.WithContext(c.Request().Context())
	g.SetLimit(s.cfg.Parallel)
	for i, r := range requests {
		g.Go(func() error {
			run, err := s.runOf(ctx, r)
			runs[i] = run
			return at(fmt.Sprintf("runs[%d].", i), err)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return answer(c, runsAnswer{runs})
}

// list is the validated list form.
func (b runsBody) list() ([]problem.RunRequest, error) {
	fresh := b.Fresh
	b.Fresh = false
	if !reflect.ValueOf(b.runItem).IsZero() {
		return nil, &fieldError{"runs", "stands alone (or with fresh): put the other fields into its entries"}
	}
	if len(b.Runs) == 0 {
		return nil, &fieldError{"runs", "is empty"}
	}
	requests := make([]problem.RunRequest, len(b.Runs))
	for i, item := range b.Runs {
		r, err := item.request(fmt.Sprintf("runs[%d].", i))
		if err != nil {
			return nil, err
		}
		r.Fresh = r.Fresh || fresh
		requests[i] = r
	}
	return requests, nil
}

// runOf runs one program as an entry of a list, where a fault of the service is told in the entry: the others stand.
func (s *Server) runOf(ctx context.Context, r problem.RunRequest) (problem.Run, error) {
	run, err := s.cfg.Verifier.Run(ctx, r)
	if _, invalid := errors.AsType[*problem.Invalid](err); err == nil || invalid || ctx.Err() != nil {
		return run, err
	}
	s.log.Error("run failed", "err", err)
	return problem.Run{ExitCode: -1, Error: err.Error()}, nil
}

// at puts a prefix before the field that err names.
func at(prefix string, err error) error {
	if e, ok := errors.AsType[*problem.Invalid](err); ok {
		return &problem.Invalid{Field: prefix + e.Field, Message: e.Message}
	}
	return err
}
