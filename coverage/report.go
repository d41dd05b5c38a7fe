package coverage

import (
	"context"
	"errors"
	"fmt"
)

// Ask is what is wanted to be known of counts. The zero value asks for pass@k at [DefaultK], with the interval that is the
// default. Its JSON is that of a request.
type Ask struct {
	K []int `json:"k,omitempty" maxItems:"1000" doc:"of pass@k, each at most the n of every problem; default 1, 10, 100, …; counts × k at most 10,000,000"`

	Level     float64 `json:"level,omitempty" doc:"chance that an interval holds, above 0 and below 1; default 0.95"`
	Over      string  `json:"over,omitempty" enum:"samples,problems" doc:"what an interval is about: other samples of the same problems (the default), or other problems of the same kind"`
	Method    string  `json:"method,omitempty" enum:"analytic,bootstrap,bayes" doc:"how an interval is made: from a formula (the default), from resamples, or from a posterior"`
	Resamples int     `json:"resamples,omitempty" doc:"of the bootstrap; default 10,000"`
	Seed      uint64  `json:"seed,omitempty" doc:"of what is drawn at random; default 0"`

	Estimate string `json:"estimate,omitempty" enum:"unbiased,inverse_sampling" doc:"of pass@k: unbiased (the default) takes counts with n fixed beforehand, inverse_sampling also those that were stopped at the first accepted sample, and k up to the samples of every problem that was not solved"`

	PassHat    bool  `json:"pass_hat,omitempty" doc:"also pass^k, the chance that all of k samples are right, at the same k"`
	Fit        bool  `json:"fit,omitempty" doc:"fit the power law pass@k = exp(a·k^b)"`
	Forecast   []int `json:"forecast,omitempty" maxItems:"1000" doc:"k to forecast pass@k at, which may lie beyond the samples that were drawn"`
	Difficulty bool  `json:"difficulty,omitempty" doc:"how the success rates of the problems are spread"`
	Advice     *Want `json:"advice,omitempty" doc:"how many samples reach a coverage, and what a budget buys"`

	FitInterval bool `json:"fit_interval,omitempty" doc:"fit, with intervals of its parameters, which takes up to some seconds"`
	Posteriors  bool `json:"posteriors,omitempty" doc:"what is believed of the rate of each problem; at most 10,000 problems"`

	Sets []Set `json:"-"` // samples of the problems, to compare ways of picking one of k; nil: there is nothing to compare

	Against     []Count `json:"against,omitempty" maxItems:"1000000" doc:"counts of another system, to tell the difference from, on the problems that both have"`
	AgainstCost *Cost   `json:"against_cost,omitempty" doc:"what its samples cost, along the axis of advice.cost: advice also says which of the two is the better buy"`
}

// Options are those of the intervals that a asks for.
func (a Ask) Options() Options {
	return Options{Level: a.Level, Kind: a.Over, Method: a.Method, Resamples: a.Resamples, Seed: a.Seed}
}

// Report answers an [Ask].
type Report struct {
	Problems int      `json:"problems"`
	Unknown  int      `json:"unknown" doc:"samples that could not be decided, and count on neither side"`
	Estimate string   `json:"estimate,omitempty" doc:"inverse_sampling where it was asked for"`
	Coverage []Point  `json:"coverage" doc:"pass@k"`
	Interval Interval `json:"interval" doc:"what the intervals mean"`
	Bounds   []Point  `json:"bounds,omitempty" doc:"pass@k had all unknown samples been wrong (low), or right (high); where there are any"`
	PassHat  []Point  `json:"pass_hat,omitempty" doc:"pass^k, where it was asked for"`

	Selection  *Selection  `json:"selection,omitempty" doc:"ways of picking one of k samples, where it was asked for"`
	Posteriors []Posterior `json:"posteriors,omitempty" doc:"of each problem, where it was asked for"`
	Fit        *PowerLaw   `json:"fit" doc:"null where it was not asked for, or where the curve allows none"`
	Forecast   *Forecast   `json:"forecast,omitempty"`
	Difficulty *Difficulty `json:"difficulty,omitempty"`
	Advice     *Advice     `json:"advice,omitempty"`

	Differences []Difference `json:"differences,omitempty" doc:"of these counts, b, from those that they are compared with, a"`
	Compared    int          `json:"compared,omitempty" doc:"problems that both have"`
	Purchase    *Purchase    `json:"purchase,omitempty" doc:"which is the better buy on those problems: a is what these counts are compared with, b these"`
}

// Interval says what the intervals of a report mean.
type Interval struct {
	Level     float64 `json:"level" doc:"how often they hold"`
	Over      string  `json:"over" doc:"what would vary: samples or problems"`
	Method    string  `json:"method" doc:"analytic, bootstrap or bayes"`
	Resamples int     `json:"resamples,omitempty" doc:"of a bootstrap"`
	Seed      *uint64 `json:"seed,omitempty" doc:"of a bootstrap"`
	Meaning   string  `json:"meaning" doc:"the same in words"`
}

// Interval says what an interval of o means.
func (o Options) Interval() Interval {
	o = o.withDefaults()
	i := Interval{Level: o.Level, Over: o.Kind, Method: o.Method, Meaning: o.Label()}
	if o.Method == Bootstrap {
		i.Resamples, i.Seed = o.Resamples, &o.Seed
	}
	return i
}

// Analyze reports on counts what a asks for. It is what `borel coverage` prints and the HTTP API answers. The error is an
// *[Invalid] that names a field of the counts or of a, or that of ctx. What counts have nothing to say of, a power law for one,
// is left out, which is no error.
func Analyze(ctx context.Context, counts []Count, a Ask) (*Report, error) {
	r, err := a.report(ctx, counts)
	if e, ok := errors.AsType[*Invalid](err); ok && e.Field == "interval" {
		err = &Invalid{"over", e.Message} // as it is called here
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (a Ask) report(ctx context.Context, counts []Count) (*Report, error) {
	o := a.Options()
	curve, fault := Curve, validate
	r := &Report{Problems: len(counts), Interval: o.Interval()}
	switch a.Estimate {
	case "", Unbiased:
	case InverseSampling:
		if field := a.needsUnbiased(); field != "" {
			return nil, invalidf(field, "needs the estimate %s", Unbiased)
		}
		curve, fault, r.Estimate = Inverse, validateInverse, InverseSampling
	default:
		return nil, invalidf("estimate", "%.60q is not known; %s and %s are", a.Estimate, Unbiased, InverseSampling)
	}
	if err := fault(counts); err != nil { // DefaultK wants counts that are valid
		return nil, err
	}
	for _, c := range counts {
		r.Unknown += c.Unknown
	}
	ks := a.K
	if len(ks) == 0 {
		ks = DefaultK(counts)
	}
	for _, step := range []struct {
		wanted bool
		take   func() error
	}{
		{true, func() (err error) { r.Coverage, err = curve(counts, ks, o); return }},
		{r.Unknown > 0 && r.Estimate == "", func() (err error) { r.Bounds, err = Bounds(counts, ks); return }},
		{a.PassHat, func() (err error) { r.PassHat, err = Hat(counts, ks, o); return }},
		{len(a.Sets) > 0, func() (err error) { r.Selection, err = Select(ctx, a.Sets, ks, o); return }},
		{a.Fit || a.FitInterval, func() (err error) {
			if a.FitInterval {
				r.Fit, err = FitInterval(ctx, counts, o)
			} else {
				r.Fit, err = Fit(counts)
			}
			if errors.Is(err, ErrNoFit) {
				err = nil
			}
			return
		}},
		{len(a.Forecast) > 0, func() (err error) {
			r.Forecast, err = Extrapolate(ctx, counts, a.Forecast, o)
			return inside("forecast", err)
		}},
		{a.Difficulty, func() (err error) { r.Difficulty, err = Difficulties(counts, o); return }},
		{a.Posteriors, func() (err error) { r.Posteriors, err = a.posteriors(counts); return }},
		{len(a.Against) > 0, func() error { return r.compare(counts, a, ks) }},
		{a.AgainstCost != nil, func() (err error) { r.Purchase, err = a.buy(ctx, counts); return }},
		{a.Advice != nil, func() (err error) { r.Advice, err = a.advise(ctx, counts); return inside("advice", err) }},
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if step.wanted {
			if err := step.take(); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

// inside names the field of the request that a fault of k, or of advice, is in.
func inside(field string, err error) error {
	switch e, ok := errors.AsType[*Invalid](err); {
	case !ok:
		return err
	case e.Field == "k":
		return &Invalid{field, e.Message}
	case e.Field == "reach" || e.Field == "budget" || len(e.Field) > 5 && e.Field[:5] == "cost.":
		return &Invalid{field + "." + e.Field, e.Message}
	}
	return err
}

// needsUnbiased names the first of what is asked for that [Inverse] has no counterpart of.
func (a Ask) needsUnbiased() string {
	for _, f := range []struct {
		name   string
		wanted bool
	}{
		{"method", a.Method != "" && a.Method != Analytic}, {"pass_hat", a.PassHat}, {"fit", a.Fit}, {"fit_interval", a.FitInterval}, {"posteriors", a.Posteriors}, {"select", len(a.Sets) > 0}, {"forecast", len(a.Forecast) > 0}, {"difficulty", a.Difficulty}, {"advice", a.Advice != nil}, {"against", len(a.Against) > 0},
	} {
		if f.wanted {
			return f.name
		}
	}
	return ""
}

// Tell is the report's first line for people: what it is about, and what it leaves out.
func (r *Report) Tell() string {
	s := fmt.Sprintf("%s problems", Thousands(r.Problems))
	if r.Unknown > 0 {
		s += fmt.Sprintf(", %s unknown samples left out", Thousands(r.Unknown))
	}
	if r.Estimate != "" {
		s += ", estimated by " + r.Estimate
	}
	return s
}
