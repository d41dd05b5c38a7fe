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

	Level float64 `json:"level,omitempty" doc:"chance that an interval holds, above 0 and below 1; default 0.95"`
	Over  string  `json:"over,omitempty" enum:"samples,problems" doc:"what an interval is about: other samples of the same problems (the default), or other problems of the same kind"`

	Estimate string `json:"estimate,omitempty" enum:"unbiased,inverse_sampling" doc:"of pass@k: unbiased (the default) takes counts with n fixed beforehand, inverse_sampling also those that were stopped at the first accepted sample, and k up to the samples of every problem that was not solved"`

	Fit bool `json:"fit,omitempty" doc:"fit the power law pass@k = exp(a·k^b)"`
}

// Options are those of the intervals that a asks for.
func (a Ask) Options() Options {
	return Options{Level: a.Level, Kind: a.Over}
}

// Report answers an [Ask].
type Report struct {
	Problems int      `json:"problems"`
	Unknown  int      `json:"unknown" doc:"samples that could not be decided, and count on neither side"`
	Estimate string   `json:"estimate,omitempty" doc:"inverse_sampling where it was asked for"`
	Coverage []Point  `json:"coverage" doc:"pass@k"`
	Interval Interval `json:"interval" doc:"what the intervals mean"`
	Bounds   []Point  `json:"bounds,omitempty" doc:"pass@k had all unknown samples been wrong (low), or right (high); where there are any"`

	Fit *PowerLaw `json:"fit" doc:"null where it was not asked for, or where the curve allows none"`
}

// Interval says what the intervals of a report mean.
type Interval struct {
	Level   float64 `json:"level" doc:"how often they hold"`
	Over    string  `json:"over" doc:"what would vary: samples or problems"`
	Meaning string  `json:"meaning" doc:"the same in words"`
}

// Interval says what an interval of o means.
func (o Options) Interval() Interval {
	o = o.withDefaults()
	return Interval{Level: o.Level, Over: o.Kind, Meaning: o.Label()}
}

// Analyze reports on counts what a asks for. It is what `borel coverage` prints and the HTTP API answers. The error is an
// *[Invalid] that names a field of the counts or of a, or that of ctx. A curve without a power law has no Fit, which is no
// error.
func Analyze(ctx context.Context, counts []Count, a Ask) (*Report, error) {
	curve, fault := Curve, validate
	r := &Report{Problems: len(counts), Interval: a.Options().Interval()}
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
	ks := a.K
	if len(ks) == 0 {
		ks = DefaultK(counts)
	}
	var err error
	if r.Coverage, err = curve(counts, ks, a.Options()); err != nil {
		return nil, err
	}
	for _, c := range counts {
		r.Unknown += c.Unknown
	}
	for _, step := range []struct {
		wanted bool
		take   func() error
	}{
		{r.Unknown > 0 && r.Estimate == "", func() (err error) { r.Bounds, err = Bounds(counts, ks); return }},
		{a.Fit, func() (err error) {
			if r.Fit, err = Fit(counts); errors.Is(err, ErrNoFit) {
				err = nil
			}
			return
		}},
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

// needsUnbiased names the first of what is asked for that [Inverse] has no counterpart of.
func (a Ask) needsUnbiased() string {
	for _, f := range []struct {
		name   string
		wanted bool
	}{{"fit", a.Fit}} {
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
