package server

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"

	"borel/coverage"
	"borel/problem"
	"borel/solver"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"
)

// item is a sample with the problem that it answers.
type item struct {
	Problem problem.Problem `json:"problem"`
	Sample  problem.Sample  `json:"sample"`
}

// verifyBody is either a problem with samples or a list of items; the schema tells the two apart.
type verifyBody struct {
	Problem *problem.Problem `json:"problem"`
	Samples []problem.Sample `json:"samples"`
	Items   []item           `json:"items"`
	K       []int            `json:"k"`
	Fresh   bool             `json:"fresh"`
	Cost    *float64         `json:"wrong_cost"`
	problem.Variant
}

type verifySamples struct {
	Problem problem.Problem  `json:"problem"`
	Samples []problem.Sample `json:"samples" minItems:"1" maxItems:"10000" nullable:"false"`
	K       []int            `json:"k,omitempty" maxItems:"1000" doc:"of pass@k, each at most the number of samples; default 1, 10, 100, …"`
	Fresh   bool             `json:"fresh,omitempty" doc:"run again, whatever the cache holds"`
	Cost    *float64         `json:"wrong_cost,omitempty" minimum:"0" doc:"what a wrong answer costs where a right one earns 1, for the report on held-out checks; default 1"`
	problem.Variant
}

type verifyItems struct {
	Items []item   `json:"items" minItems:"1" maxItems:"10000" nullable:"false" doc:"samples of different problems; equal problems are counted together"`
	K     []int    `json:"k,omitempty" maxItems:"1000" doc:"of pass@k, each at most the number of samples of every problem"`
	Fresh bool     `json:"fresh,omitempty" doc:"run again, whatever the cache holds"`
	Cost  *float64 `json:"wrong_cost,omitempty" minimum:"0" doc:"what a wrong answer costs where a right one earns 1, for the report on held-out checks; default 1"`
	problem.Variant
}

type verifyAnswer struct {
	Verdicts []problem.Verdict `json:"verdicts" doc:"in the order of the samples"`
	VerifyReport
}

// VerifyReport is what all verdicts of a request come to.
type VerifyReport struct {
	Counts    problem.Counts        `json:"counts"`
	Coverage  []coverage.Point      `json:"coverage" doc:"pass@k over the decided samples; a k beyond their number is left out, and so is a problem of which nothing was decided"`
	Selection *problem.Selection    `json:"selection,omitempty" doc:"agreement only: what the samples make of each other"`
	HeldOut   *coverage.Reliability `json:"held_out,omitempty" doc:"where the checks have held-out parts: how far the selector check, or else the check itself, can be trusted"`
}

type verdictLine struct {
	Type string `json:"type" enum:"verdict"`
	problem.Verdict
}

type verifyReportLine struct {
	Type string `json:"type" enum:"report"`
	VerifyReport
}

func (s *Server) verify(c echo.Context, body []byte) error {
	var b verifyBody
	if err := decode(body, &b); err != nil {
		return err
	}
	work, err := b.work()
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if streams(c) {
		out := newStream(c)
		report, err := s.judge(ctx, work, func(v problem.Verdict) { out.line(verdictLine{"verdict", v}) })
		return s.end(out, verifyReportLine{"report", report}, err)
	}
	verdicts := make([]problem.Verdict, len(work.samples))
	report, err := s.judge(ctx, work, func(v problem.Verdict) { verdicts[v.Index] = v })
	if err != nil {
		return err
	}
	return answer(c, verifyAnswer{verdicts, report})
}

// work is a validated request: samples, each of one of the problems.
type work struct {
	problems []*problem.Problem
	of       []int // of each sample, its problem; nil: all of the one problem
	samples  []problem.Sample
	ks       []int
	fresh    bool
	cost     *float64
}

func (b *verifyBody) work() (work, error) {
	w := work{ks: b.K, fresh: b.Fresh, cost: b.Cost}
	if err := b.Variant.Validate(""); err != nil {
		return w, err
	}
	if c := b.Cost; c != nil && !(*c >= 0 && *c <= math.MaxFloat64) {
		return w, &fieldError{"wrong_cost", "must be a finite number, 0 or more"}
	}
	switch {
	case b.Items != nil && (b.Problem != nil || b.Samples != nil):
		return w, &fieldError{"items", "stands without problem and samples"}
	case b.Items != nil:
		if err := w.items(b.Items); err != nil {
			return w, err
		}
	case b.Problem == nil:
		return w, &fieldError{"problem", "is missing; send problem and samples, or items"}
	default:
		w.problems, w.samples = []*problem.Problem{b.Problem}, b.Samples
		if err := b.Problem.Validate("problem."); err != nil {
			return w, err
		}
		if len(b.Samples) == 0 {
			return w, &fieldError{"samples", "is empty; at least one sample is needed"}
		}
		for i, sample := range b.Samples {
			if err := sample.Validate(fmt.Sprintf("samples[%d]", i)); err != nil {
				return w, err
			}
		}
	}
	for _, p := range w.problems {
		p.Variant = b.Variant.Over(p.Variant)
	}
	fewest := slices.Min(w.sizes())
	for i, k := range w.ks {
		if k < 1 || k > fewest {
			return w, &fieldError{fmt.Sprintf("k[%d]", i), fmt.Sprintf("is %d; must be between 1 and %d, the fewest samples of a problem", k, fewest)}
		}
	}
	return w, nil
}

// items finds the distinct problems: equal ones are one.
func (w *work) items(items []item) error {
	if len(items) == 0 {
		return &fieldError{"items", "is empty; at least one item is needed"}
	}
	known := map[string]int{}
	for i := range items {
		it := &items[i]
		if err := it.Problem.Validate(fmt.Sprintf("items[%d].problem.", i)); err != nil {
			return err
		}
		if it.Problem.Check.Kind == problem.KindAgreement {
			return &fieldError{fmt.Sprintf("items[%d].problem.check.kind", i), "is agreement, which needs all samples of a problem together: send problem and samples"}
		}
		if err := it.Sample.Validate(fmt.Sprintf("items[%d].sample", i)); err != nil {
			return err
		}
		name, err := json.Marshal(it.Problem)
		if err != nil {
			return err
		}
		p, ok := known[string(name)]
		if !ok {
			p = len(w.problems)
			known[string(name)] = p
			w.problems = append(w.problems, &it.Problem)
		}
		w.of = append(w.of, p)
		w.samples = append(w.samples, it.Sample)
	}
	return nil
}

// sizes are the numbers of samples of each problem.
func (w *work) sizes() []int {
	n := make([]int, len(w.problems))
	for i := range w.samples {
		n[w.problem(i)]++
	}
	return n
}

func (w *work) problem(sample int) int {
	if w.of == nil {
		return 0
	}
	return w.of[sample]
}

// judge has every sample judged, calls emit with each verdict as it comes, never concurrently, and counts.
func (s *Server) judge(ctx context.Context, w work, emit func(problem.Verdict)) (VerifyReport, error) {
	var total problem.Counts
	counts := make([]problem.Counts, len(w.problems))
	judged := make([]coverage.Judged, len(w.problems))
	each := func(v problem.Verdict) {
		total.Add(v.Status)
		counts[w.problem(v.Index)].Add(v.Status)
		if p := w.problem(v.Index); w.problems[p].Check.Kind != problem.KindAgreement { // whose status is the held-out check's
			solver.Judge(&judged[p], v)
		}
		s.metrics.judged(v)
		emit(v)
	}
	var selection *problem.Selection
	var err error
	if w.of == nil {
		selection, err = s.cfg.Verifier.VerifyAll(ctx, w.problems[0], w.samples, w.fresh, each)
	} else {
		err = s.judgeItems(ctx, w, each)
	}
	if err != nil {
		return VerifyReport{}, err
	}
	decided := make([]coverage.Count, len(counts))
	for i, n := range counts {
		decided[i] = solver.Count("", n)
	}
	points, err := solver.Curve(decided, w.ks)
	if err != nil {
		return VerifyReport{}, err
	}
	held, err := solver.Trust(judged, w.cost)
	return VerifyReport{total, points, selection, held}, err
}

func (s *Server) judgeItems(ctx context.Context, w work, each func(problem.Verdict)) error {
	var mu sync.Mutex // each is not called concurrently
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(s.cfg.Parallel)
	for i, sample := range w.samples {
		g.Go(func() error {
			v, err := s.cfg.Verifier.Verify(ctx, w.problems[w.of[i]], sample, w.fresh)
			if err != nil {
				return at(fmt.Sprintf("items[%d].", i), err)
			}
			v.Index = i
			mu.Lock()
			defer mu.Unlock()
			each(v)
			return nil
		})
	}
	return g.Wait()
}
