package coverage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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

	Against []Count `json:"against,omitempty" maxItems:"1000000" doc:"counts of another system, to tell the difference from, on the problems that both have"`
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

	Fit        *PowerLaw   `json:"fit" doc:"null where it was not asked for, or where the curve allows none"`
	Forecast   *Forecast   `json:"forecast,omitempty"`
	Difficulty *Difficulty `json:"difficulty,omitempty"`
	Advice     *Advice     `json:"advice,omitempty"`

	Differences []Difference `json:"differences,omitempty" doc:"of these counts, b, from those that they are compared with, a"`
	Compared    int          `json:"compared,omitempty" doc:"problems that both have"`
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
		{a.Fit, func() (err error) {
			if r.Fit, err = Fit(counts); errors.Is(err, ErrNoFit) {
				err = nil
			}
			return
		}},
		{len(a.Forecast) > 0, func() (err error) {
			r.Forecast, err = Extrapolate(ctx, counts, a.Forecast, o)
			return inside("forecast", err)
		}},
		{a.Difficulty, func() (err error) { r.Difficulty, err = Difficulties(counts, o); return }},
		{len(a.Against) > 0, func() error { return r.compare(counts, a, ks) }},
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

// compare tells the difference on the problems that both systems have, at those k that both have samples for. Counts without
// names are paired by position.
func (r *Report) compare(counts []Count, a Ask, ks []int) error {
	if err := validate(a.Against); err != nil { // while its places are those of the request
		if e, ok := errors.AsType[*Invalid](err); ok {
			return &Invalid{"against" + strings.TrimPrefix(e.Field, "counts"), e.Message}
		}
		return err
	}
	against, these, _, _ := Common(a.Against, counts)
	unnamed := func(c Count) bool { return c.Problem == "" }
	if slices.ContainsFunc(a.Against, unnamed) || slices.ContainsFunc(counts, unnamed) {
		against, these = a.Against, counts
	}
	if len(these) == 0 {
		return invalidf("against", "has none of the %d problems; two systems are compared on the same problems", len(counts))
	}
	most := min(MostK(against), MostK(these))
	wanted := len(ks)
	if ks = slices.DeleteFunc(slices.Clone(ks), func(k int) bool { return k > most }); len(ks) == 0 && wanted > 0 {
		return invalidf("k", "has none up to %d, which is what both systems have samples for", most)
	}
	var err error
	r.Differences, err = Compare(against, these, ks, a.Options())
	r.Compared = len(these)
	if e, ok := errors.AsType[*Invalid](err); ok && len(e.Field) > 1 && (e.Field[0] == 'a' || e.Field[0] == 'b') {
		return &Invalid{"against", e.Field + ": " + e.Message}
	}
	return err
}

// foresight is how far beyond the samples that were drawn advice looks, in multiples of them.
const foresight = 1000

// advise answers a.Advice from the curve, and where that is not enough from a forecast.
func (a Ask) advise(ctx context.Context, counts []Count) (*Advice, error) {
	w := *a.Advice
	w.Forecast = nil
	advice, err := Advise(counts, w, a.Options())
	if err != nil || (advice.Reach == nil || advice.Reach.High > 0) && (advice.Budget == nil || advice.Budget.Doubt == "") {
		return advice, err
	}
	n := MostK(counts)
	w.Forecast, err = Extrapolate(ctx, counts, LogSpaced(min(n*foresight, MaxSamples), curvePoints), a.Options())
	if err != nil {
		return nil, err
	}
	return Advise(counts, w, a.Options())
}

// needsUnbiased names the first of what is asked for that [Inverse] has no counterpart of.
func (a Ask) needsUnbiased() string {
	for _, f := range []struct {
		name   string
		wanted bool
	}{
		{"method", a.Method != "" && a.Method != Analytic}, {"pass_hat", a.PassHat}, {"fit", a.Fit}, {"forecast", len(a.Forecast) > 0}, {"difficulty", a.Difficulty}, {"advice", a.Advice != nil}, {"against", len(a.Against) > 0},
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
