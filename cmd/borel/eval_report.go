package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"borel/coverage"
	"borel/eval"
	"borel/solver"
)

// evalReport is the result of a job.
type evalReport struct {
	Dataset  string           `json:"dataset"`
	Job      eval.Job         `json:"job"`
	Solved   float64          `json:"solved"` // share of the problems with an accepted sample
	Coverage []coverage.Point `json:"coverage"`
	USD      float64          `json:"usd,omitempty"`
	Gates    []gateResult     `json:"gates,omitempty"`

	e      *evaluations
	fault  string           // why a sample was not drawn
	gated  []coverage.Point // at every k that a gate may name
	counts []coverage.Count // of problems of which something was decided
	per    []eval.Tally
	biased bool // pass@k is not known, since how many samples a problem has depends on how they were decided
}

// newReport gathers it; without ks pass@k is told at 1, 10, 100, … and the samples of every problem.
func newReport(ctx context.Context, e *evaluations, job eval.Job, name string, ks []int) (*evalReport, error) {
	r := &evalReport{Dataset: name, Job: job, Solved: float64(job.Solved) / float64(job.Problems), Coverage: []coverage.Point{}, USD: dollars(&job), e: e}
	if err := e.tallies(ctx, job.ID, func(t eval.Tally) { r.per = append(r.per, t) }); err != nil {
		return nil, err
	}
	if job.Failed > 0 {
		rows, _, err := e.jobs.Rows(ctx, job.ID, eval.RowQuery{Failed: true, Limit: 1})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			r.fault = row.Verdict.Error
		}
	}
	r.biased = stopsEarly(&job.Spec)
	for _, t := range r.per {
		if c := solver.Count(t.Problem, t.Counts); c.N > 0 {
			r.counts = append(r.counts, c)
		}
	}
	if r.biased || len(r.counts) == 0 {
		return r, nil
	}
	most := coverage.MostK(r.counts)
	if len(ks) == 0 {
		ks = append(coverage.DefaultK(r.counts), most)
		slices.Sort(ks)
		ks = slices.Compact(ks)
	}
	var err error
	r.Coverage, err = solver.Curve(slices.Clone(r.counts), ks)
	return r, err
}

// stopsEarly reports that how many samples a problem of a job gets depends on how they were decided.
func stopsEarly(s *eval.Spec) bool { return s.Until == solver.FirstAccepted || s.Budget.Bounded() }

// gates decides them.
func (r *evalReport) gates(list []gate) error {
	var ks []int
	for _, g := range list {
		if g.k > 0 {
			ks = append(ks, g.k)
		}
	}
	if len(ks) > 0 && !r.biased {
		var err error
		if r.gated, err = solver.Curve(slices.Clone(r.counts), ks); err != nil {
			return err
		}
	}
	for _, g := range list {
		r.Gates = append(r.Gates, g.check(r))
	}
	return nil
}

// tell prints the result. Its error is the exit code, where that is not 0.
func (r *evalReport) tell(m *Main, gates []gate, asJSON bool) error {
	if err := r.gates(gates); err != nil {
		return err
	}
	var err error
	if asJSON {
		err = json.NewEncoder(m.Stdout).Encode(r)
	} else {
		_, err = io.WriteString(m.Stdout, r.text())
	}
	switch {
	case err != nil:
		return err
	case slices.ContainsFunc(r.Gates, func(g gateResult) bool { return !g.Met }):
		return &exit{code: exitGate}
	case r.Job.Counts.Unknown > 0:
		return &exit{code: exitUnknown}
	}
	return nil
}

func (r *evalReport) text() string {
	var b strings.Builder
	j := &r.Job
	fmt.Fprintf(&b, "%s, job %s: %d problems, %d samples, %d accepted, %d unknown; %d problems solved\n", printable(r.Dataset), j.ID, j.Problems, j.Counts.Samples,
		j.Counts.Accepted, j.Counts.Unknown, j.Solved)
	fmt.Fprintf(&b, "%d requests, %d + %d tokens", j.Usage.Requests, j.Usage.PromptTokens, j.Usage.CompletionTokens)
	if r.USD > 0 {
		fmt.Fprintf(&b, ", $%.4g", r.USD)
	}
	fmt.Fprintf(&b, ", %.1f s\n", j.Seconds)
	if j.Cut > 0 {
		fmt.Fprintf(&b, "%d answers (%.1f %%) were cut by length; --max-tokens allows longer ones\n", j.Cut, 100*float64(j.Cut)/float64(max(j.Counts.Samples, 1)))
	}
	if r.biased {
		fmt.Fprintf(&b, "how many samples a problem has depends on how they were decided: solved is %.5f; for pass@k, -o samples.jsonl, then borel coverage samples.jsonl --estimate %s\n",
			r.Solved, coverage.InverseSampling)
	}
	writePoints(&b, r.Coverage)
	if left := j.Problems - len(r.counts); left > 0 {
		fmt.Fprintf(&b, "%d problems are not in these figures: of them no sample was decided\n", left)
	}
	if j.Reason != "" {
		fmt.Fprintf(&b, "it ended before all samples were drawn: %s\n", printable(j.Reason))
	}
	if j.Counts.Unknown > 0 {
		fmt.Fprintf(&b, "%d samples were not drawn and %d not decided, by faults outside; they count neither as right nor as wrong.\nThe same command with --retry-errors tries those again.\n", j.Failed, j.Unjudged)
	}
	if r.fault != "" {
		fmt.Fprintf(&b, "One was not drawn since %s\n", printable(r.fault))
	}
	for _, g := range r.Gates {
		fmt.Fprintln(&b, g)
	}
	return b.String()
}
