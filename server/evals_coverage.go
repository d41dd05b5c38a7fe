package server

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"borel/coverage"
	"borel/eval"

	"github.com/labstack/echo/v4"
)

// askFields read the query of a coverage: what POST /v1/coverage has as fields, reach, budget, and what a sample costs.
var askFields = map[string]func(a *coverage.Ask, text string) error{
	"k":     func(a *coverage.Ask, text string) (err error) { a.K, err = wholes(text); return err },
	"level": func(a *coverage.Ask, text string) error { return read(&a.Level, text, float) },
	"over": func(a *coverage.Ask, text string) error {
		return choose(&a.Over, text, coverage.Samples, coverage.Problems)
	},
	"method": func(a *coverage.Ask, text string) error {
		return choose(&a.Method, text, coverage.Analytic, coverage.Bootstrap, coverage.Bayes)
	},
	"resamples": func(a *coverage.Ask, text string) error { return read(&a.Resamples, text, strconv.Atoi) },
	"seed":      func(a *coverage.Ask, text string) error { return read(&a.Seed, text, unsigned) },
	"estimate": func(a *coverage.Ask, text string) error {
		return choose(&a.Estimate, text, coverage.Unbiased, coverage.InverseSampling)
	},
	"pass_hat":     func(a *coverage.Ask, text string) error { return read(&a.PassHat, text, strconv.ParseBool) },
	"fit":          func(a *coverage.Ask, text string) error { return read(&a.Fit, text, strconv.ParseBool) },
	"forecast":     func(a *coverage.Ask, text string) (err error) { a.Forecast, err = wholes(text); return err },
	"fit_interval": func(a *coverage.Ask, text string) error { return read(&a.FitInterval, text, strconv.ParseBool) },
	"posteriors":   func(a *coverage.Ask, text string) error { return read(&a.Posteriors, text, strconv.ParseBool) },
	"against_cost": func(a *coverage.Ask, text string) error {
		a.AgainstCost = &coverage.Cost{}
		return read(&a.AgainstCost.Each, text, float)
	},
	"difficulty": func(a *coverage.Ask, text string) error { return read(&a.Difficulty, text, strconv.ParseBool) },
	"reach":      func(a *coverage.Ask, text string) error { return read(&want(a).Reach, text, float) },
	"budget":     func(a *coverage.Ask, text string) error { return read(&want(a).Budget, text, float) },
	"cost":       func(a *coverage.Ask, text string) error { return read(&want(a).Cost.Each, text, float) },
	"axis":       func(a *coverage.Ask, text string) error { want(a).Cost.Axis = text; return nil },
}

var askNames = append(slices.Sorted(maps.Keys(askFields)), "against", "select")

func read[T any](to *T, text string, parse func(string) (T, error)) (err error) {
	*to, err = parse(text)
	return err
}

func choose(to *string, text string, of ...string) error {
	if *to = text; !slices.Contains(of, text) {
		return queryError("must be one of " + strings.Join(of, ", "))
	}
	return nil
}

func float(text string) (float64, error)   { return strconv.ParseFloat(text, 64) }
func unsigned(text string) (uint64, error) { return strconv.ParseUint(text, 10, 64) }

func want(a *coverage.Ask) *coverage.Want {
	if a.Advice == nil {
		a.Advice = &coverage.Want{}
	}
	return a.Advice
}

// askOf reads what a query asks for.
func askOf(c echo.Context) (a coverage.Ask, err error) {
	for _, name := range slices.Sorted(maps.Keys(askFields)) {
		if text := c.QueryParam(name); text != "" {
			if err := askFields[name](&a, text); err != nil {
				if wrong, ok := err.(queryError); ok {
					return a, queryFault(name, string(wrong))
				}
				return a, queryFault(name, fmt.Sprintf("%.60q cannot be read", text))
			}
		}
	}
	return a, nil
}

// queryError is what is wrong with a value of a query.
type queryError string

func (e queryError) Error() string { return string(e) }

// wholes reads 1,10,100.
func wholes(text string) (list []int, err error) {
	parts := strings.Split(text, ",")
	if len(parts) > MaxK {
		return nil, queryError(fmt.Sprintf("has more than %d values, the limit", MaxK))
	}
	for _, p := range parts {
		n, err := strconv.Atoi(strings.TrimSpace(p))
		if err != nil || n < 1 || n > coverage.MaxSamples {
			return nil, queryError("wants whole numbers from 1 on, with commas between them")
		}
		list = append(list, n)
	}
	return list, nil
}

func (s *Server) evalCoverage(c echo.Context, _ []byte) error {
	ask, err := askOf(c)
	if err != nil {
		return err
	}
	id, ctx := c.Param("id"), c.Request().Context()
	j, err := s.cfg.Evals.Get(ctx, id)
	if err != nil {
		return err
	}
	counts, err := s.cfg.Evals.Counts(ctx, id)
	if err != nil {
		return err
	}
	if other := c.QueryParam("against"); other != "" {
		if ask.Against, err = s.cfg.Evals.Counts(ctx, other); err != nil {
			return err
		}
		ask.Against = slices.DeleteFunc(ask.Against, func(n coverage.Count) bool { return n.N == 0 })
		if len(ask.Against) == 0 {
			return queryFault("against", "has nothing that is decided")
		}
	}
	var a evalCoverage
	if by := j.Spec.Select; by != "" {
		a.Selected = &selectedShare{By: by, Right: j.Progress.Selected, Of: j.Finished - j.SelectedUnknown}
		if a.Selected.Of > 0 {
			a.Selected.Share = float64(a.Selected.Right) / float64(a.Selected.Of)
		}
	}
	stopped := false
	for _, n := range counts {
		if n.C > 0 {
			a.Solved++
		}
		if n.N > 0 {
			if a.Counted++; a.Counted == 1 || n.N < a.Least {
				a.Least = n.N
			}
		}
		a.Counts.Samples += n.N + n.Unknown
		a.Counts.Accepted += n.C
		a.Counts.Unknown += n.Unknown
		stopped = stopped || n.Stopped != "" && n.Stopped != coverage.All
	}
	switch {
	case stopped && ask.Estimate == coverage.InverseSampling:
		if counts, err = eval.Ordered(ctx, s.cfg.Evals.Rows, id, counts); err != nil {
			return inQuery(err)
		}
	case stopped:
		a.Biased = "samples were drawn until one was accepted, or where they helped most: c/n of a problem is biased then. " +
			"Ask with estimate=" + coverage.InverseSampling + ", or make a job that draws all samples"
		counts = nil
	}
	problems := len(counts)
	if ask.AgainstCost != nil {
		ask.AgainstCost.Axis = want(&ask).Cost.Axis
	}
	if text := c.QueryParam("select"); text != "" && counts != nil {
		if ask.Sets, err = s.evalSets(ctx, id, text, a.Counts.Samples, len(ask.K)); err != nil {
			return inQuery(err)
		}
	}
	if a.Report, err = analyzeSome(ctx, counts, ask); err != nil {
		return inQuery(err)
	}
	a.Problems, a.Unknown = max(problems, j.Problems), a.Counts.Unknown
	return answer(c, a)
}

// analyzeSome is coverage.Analyze of what a job has so far: a problem of which nothing was decided is left out, and so is a k
// beyond the decided samples of another. It changes counts.
func analyzeSome(ctx context.Context, counts []coverage.Count, a coverage.Ask) (coverage.Report, error) {
	counts = slices.DeleteFunc(counts, func(c coverage.Count) bool { return c.N == 0 })
	if len(counts) == 0 {
		return coverage.Report{Coverage: []coverage.Point{}, Interval: a.Options().Interval()}, nil
	}
	asked, most := len(a.K), coverage.MostK(counts)
	a.K = slices.DeleteFunc(slices.Clone(a.K), func(k int) bool { return k > most })
	if err := boundAsk(counts, a); err != nil {
		return coverage.Report{}, err
	}
	r, err := coverage.Analyze(ctx, counts, a)
	if err != nil {
		return coverage.Report{}, err
	}
	if asked > 0 && len(a.K) == 0 {
		r.Coverage, r.Bounds = []coverage.Point{}, nil
	}
	return *r, nil
}

// evalSets are the samples of a job, where they are asked for.
func (s *Server) evalSets(ctx context.Context, id, text string, samples, ks int) ([]coverage.Set, error) {
	switch wanted, err := strconv.ParseBool(text); {
	case err != nil:
		return nil, queryFault("select", fmt.Sprintf("%.60q cannot be read", text))
	case !wanted:
		return nil, nil
	}
	if err := boundSelect(samples, ks); err != nil {
		return nil, err
	}
	votes := map[string]bool{}
	for from := 0; ; {
		tallies, err := s.cfg.Evals.Tallies(ctx, id, from, eval.MaxPage)
		if err != nil {
			return nil, err
		}
		for _, t := range tallies {
			votes[t.Problem] = t.Votes
		}
		if from += len(tallies); len(tallies) == 0 {
			break
		}
	}
	var sets eval.Sets
	if err := sets.Read(ctx, s.cfg.Evals.Rows, id, votes); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(sets.All(), func(s coverage.Set) bool { return s.Count().N == 0 }), nil
}

// boundSelect refuses selections at ks values of k, 0 for the default, that would take longer than a request may.
func boundSelect(samples, ks int) error {
	switch {
	case samples > MaxSelected:
		return &fieldError{"select", fmt.Sprintf("reads each of %d samples, the limit is %d", samples, MaxSelected)}
	case samples*ks > MaxPoints:
		return &fieldError{"k", fmt.Sprintf("%d values for the %d samples among which is selected are %d, the limit is %d", ks, samples, samples*ks, MaxPoints)}
	}
	return nil
}
