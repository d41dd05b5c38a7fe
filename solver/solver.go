// Package solver draws samples, has them verified, stops and selects: the best-of-N engine.
//
// [New] joins a [Sampler] and a [Verifier]; [Solver.Solve] answers a [Request] with a [Report]. Samples are judged
// while the next are still being drawn. The package speaks to no network and runs no code itself.
package solver

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"borel/coverage"
	"borel/problem"
)

// Sampler draws samples. The stream ends after the last sample or with one error; what was drawn before an error
// counts. Leaving the loop cancels what is still under way.
type Sampler interface {
	Samples(ctx context.Context, d problem.Draw) iter.Seq2[problem.Drawn, error]
}

// Verifier judges one sample; a fault of the service is a verdict with status unknown.
type Verifier interface {
	Verify(ctx context.Context, p *problem.Problem, s problem.Sample, fresh bool) (problem.Verdict, error)
}

// Values of Request.Until.
const (
	FirstAccepted = "first_accepted"
	All           = "all"
)

// MaxSamples is the greatest N of a request.
const MaxSamples = 10_000

// Request asks for the best of Draw.N samples of a problem. Draw.Prompt is taken from the problem.
type Request struct {
	Problem problem.Problem
	Draw    problem.Draw
	Until   string // FirstAccepted (the default) or All
	Fresh   bool
}

// Attempt is a sample with its verdict.
type Attempt struct {
	Index   int             `json:"index"`
	Text    string          `json:"text" doc:"the model's output as it came"`
	Verdict problem.Verdict `json:"verdict"`
}

// Best is the selected sample.
type Best struct {
	Index      int            `json:"index"`
	Text       string         `json:"text" doc:"the model's output as it came"`
	Program    string         `json:"program" doc:"the program, or the answer, that was judged"`
	Status     problem.Status `json:"status"`
	SelectedBy string         `json:"selected_by" doc:"first_accepted: the check accepted it; plurality: none was accepted, most samples behaved alike"`
}

// Report is the answer to a Request.
type Report struct {
	Best     *Best            `json:"best" doc:"null where no sample could be selected"`
	Attempts []Attempt        `json:"attempts" doc:"in order of index"`
	Counts   problem.Counts   `json:"counts"`
	Stopped  string           `json:"stopped" enum:"all,first_accepted,error" doc:"why sampling ended"`
	Coverage []coverage.Point `json:"coverage" doc:"pass@k; empty after an early stop, which would bias it"`
	Usage    problem.Usage    `json:"usage"`
	Error    string           `json:"error,omitempty" doc:"the fault that ended sampling early"`
}

// Solver joins a Sampler and a Verifier. It is safe for concurrent use.
type Solver struct {
	sampler  Sampler
	verifier Verifier
	parallel int
}

// New returns a Solver that verifies up to parallel samples of a request at once while the next are being drawn.
func New(s Sampler, v Verifier, parallel int) *Solver {
	return &Solver{sampler: s, verifier: v, parallel: parallel}
}

// Solve draws and judges, calling emit (unless nil) with each attempt as it is judged, never concurrently. The error
// is an *[problem.Invalid], ctx's own, or the endpoint's where no sample could be drawn.
func (s *Solver) Solve(ctx context.Context, r Request, emit func(Attempt)) (*Report, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	r.Draw.Prompt = r.Problem.Prompt
	c := collection{report: Report{Stopped: All}, emit: emit}
	endpoint, err := s.collect(ctx, r, &c)
	if err != nil {
		return nil, err
	}
	rep := &c.report
	switch {
	case endpoint != nil && len(rep.Attempts) == 0:
		return nil, endpoint
	case endpoint != nil:
		rep.Stopped, rep.Error = "error", endpoint.Error()
	case r.Until != All && rep.Counts.Accepted > 0:
		rep.Stopped = FirstAccepted
	}
	slices.SortFunc(rep.Attempts, func(a, b Attempt) int { return a.Index - b.Index })
	rep.Best = best(rep.Attempts)
	if rep.Stopped == All {
		rep.Coverage, err = curve(r.Problem.ID, rep.Counts)
	}
	return rep, err
}

func (r *Request) validate() error {
	if r.Draw.N < 1 || r.Draw.N > MaxSamples {
		return problem.Invalidf("n", "must be between 1 and %d, is %d", MaxSamples, r.Draw.N)
	}
	if r.Until != "" && r.Until != FirstAccepted && r.Until != All {
		return problem.Invalidf("until", "%q is not known; first_accepted and all are", r.Until)
	}
	if r.Draw.Mode != "" && r.Draw.Mode != "chat" && r.Draw.Mode != "completion" {
		return problem.Invalidf("mode", "%q is not known; chat and completion are", r.Draw.Mode)
	}
	if r.Draw.Model == "" {
		return problem.Invalidf("model", "is missing")
	}
	if r.Problem.Prompt == "" {
		return problem.Invalidf("problem.prompt", "is empty; a model needs something to answer")
	}
	return r.Problem.Validate("problem.")
}

// collection gathers attempts.
type collection struct {
	mu     sync.Mutex // guards what follows, and is held while emit runs
	report Report
	emit   func(Attempt)
	ended  bool // what is judged from now on is not wanted any more
}

// errEnough ends the drawing once a sample was accepted.
var errEnough = errors.New("enough")

// collect draws and judges until the stream ends or enough is known. endpoint is the stream's fault; err is ctx's own
// or the request's.
func (s *Solver) collect(ctx context.Context, r Request, c *collection) (endpoint, err error) {
	work, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	slots := make(chan struct{}, max(1, s.parallel))
	for d, drawErr := range s.sampler.Samples(work, r.Draw) {
		if drawErr != nil {
			endpoint = drawErr
			break
		}
		c.mu.Lock()
		c.report.Usage.Add(d.Usage)
		c.mu.Unlock()
		select {
		case slots <- struct{}{}:
		case <-work.Done():
		}
		if work.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			v, err := s.verifier.Verify(work, &r.Problem, d.Sample, r.Fresh)
			if err != nil {
				cancel(err)
				return
			}
			v.Index = d.Index
			if c.add(Attempt{d.Index, d.Sample.Raw(), v}) && r.Until != All {
				c.end()
				cancel(errEnough)
			}
		})
	}
	wg.Wait()
	switch cause := context.Cause(work); {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case cause == errEnough:
		return nil, nil
	case cause != nil:
		return nil, cause
	}
	return endpoint, nil
}

// add counts an attempt and tells whether it was accepted.
func (c *collection) add(a Attempt) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return false
	}
	c.report.Attempts = append(c.report.Attempts, a)
	c.report.Counts.Add(a.Verdict.Status)
	if c.emit != nil {
		c.emit(a)
	}
	return a.Verdict.Status == problem.Accepted
}

func (c *collection) end() {
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
}

// best is the accepted attempt of the lowest index, else the lowest of the largest group that behaved alike. Unknown
// attempts and those without a program are not selected.
func best(attempts []Attempt) *Best {
	groups := map[string]int{}
	for _, a := range attempts {
		if a.Verdict.Status == problem.Accepted {
			return selected(a, FirstAccepted)
		}
		if b := a.Verdict.Behaviour; b != "" {
			groups[b]++
		}
	}
	var pick *Attempt
	for i, a := range attempts {
		if b := a.Verdict.Behaviour; b != "" && (pick == nil || groups[b] > groups[pick.Verdict.Behaviour]) {
			pick = &attempts[i]
		}
	}
	if pick == nil {
		return nil
	}
	return selected(*pick, "plurality")
}

func selected(a Attempt, by string) *Best {
	program := a.Verdict.Program
	if program == "" {
		program = a.Text
	}
	return &Best{Index: a.Index, Text: a.Text, Program: program, Status: a.Verdict.Status, SelectedBy: by}
}

// curve is pass@k of one problem at the usual k; nothing where every verdict is unknown.
func curve(id string, n problem.Counts) ([]coverage.Point, error) {
	counts := []coverage.Count{Count(id, n)}
	if counts[0].N == 0 {
		return nil, nil
	}
	points, err := coverage.Curve(counts, coverage.DefaultK(counts), coverage.Options{})
	if err != nil {
		return nil, fmt.Errorf("coverage: %w", err)
	}
	return points, nil
}
