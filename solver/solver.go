// Package solver draws samples, has them verified, stops and selects: the best-of-N engine.
package solver

import (
	"context"
	"iter"

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
	SelectedBy string         `json:"selected_by" doc:"first_accepted, plurality or none"`
}

// Report is the answer to a Request.
type Report struct {
	Best     *Best            `json:"best" doc:"null where no sample could be selected"`
	Attempts []Attempt        `json:"attempts"`
	Counts   problem.Counts   `json:"counts"`
	Stopped  string           `json:"stopped" doc:"all, first_accepted, or error: why sampling ended"`
	Coverage []coverage.Point `json:"coverage" doc:"pass@k; empty unless every sample was drawn and judged (a curve after an early stop is biased)"`
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
	panic("soon")
}
