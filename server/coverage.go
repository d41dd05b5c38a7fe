package server

import (
	"cmp"
	"fmt"
	"slices"

	"borel/coverage"

	"github.com/labstack/echo/v4"
)

type coverageBody struct {
	Counts []coverage.Count `json:"counts" minItems:"1" maxItems:"1000000" nullable:"false" doc:"per problem: n decided samples, c of them right"`
	coverage.Ask

	Quarantine []string `json:"quarantine,omitempty" maxItems:"10000" doc:"problems that are left out, as an audit lists them"`
}

type coverageAnswer struct {
	coverage.Report
	Quarantined []string `json:"quarantined,omitempty" doc:"problems that were left out"`
}

func (s *Server) coverage(c echo.Context, body []byte) error {
	var b coverageBody
	if err := decode(body, &b); err != nil {
		return err
	}
	var a coverageAnswer
	out := map[string]bool{}
	for _, name := range b.Quarantine {
		out[name] = true
	}
	b.Counts = slices.DeleteFunc(b.Counts, func(n coverage.Count) bool {
		if out[n.Problem] {
			a.Quarantined = append(a.Quarantined, n.Problem)
		}
		return out[n.Problem]
	})
	if len(b.Counts) == 0 && len(a.Quarantined) > 0 {
		return &fieldError{"quarantine", "leaves out every problem"}
	}
	if err := boundAsk(b.Counts, b.Ask); err != nil {
		return err
	}
	r, err := coverage.Analyze(c.Request().Context(), b.Counts, b.Ask)
	if err != nil {
		return err
	}
	a.Report = *r
	return answer(c, a)
}

// Bounds on what one coverage may take, besides [MaxPoints]: each is some seconds of work. With its client it ends where one of
// what was asked for is done, or in the middle of a forecast.
const (
	MaxResampled = 20_000_000  // counts × resamples of a bootstrap, or draws of a posterior
	MaxForecast  = 100_000_000 // samples that a forecast is made from, which advice may need too
	MaxDifficult = 200_000     // counts of which the difficulty is asked
	MaxRefitted  = 5_000       // counts of which a fit with intervals is asked
	MaxSelected  = 100_000     // samples among which is selected
)

// boundAsk refuses what would take longer than a request may.
func boundAsk(counts []coverage.Count, a coverage.Ask) error {
	problems, samples := len(counts)+len(a.Against), 0
	for _, c := range counts {
		samples += min(max(c.N, 0), coverage.MaxSamples)
	}
	ks := cmp.Or(len(a.K), 8) // DefaultK has at most so many
	switch {
	case problems*ks > MaxPoints:
		return &fieldError{"k", fmt.Sprintf("%d values for %d counts are %d estimates, the limit is %d", ks, problems, problems*ks, MaxPoints)}
	case (a.Method == coverage.Bootstrap || a.Method == coverage.Bayes || len(a.Against) > 0 && a.Over == coverage.Problems) && problems > 0 && cmp.Or(a.Resamples, coverage.DefaultResamples) > MaxResampled/problems:
		return &fieldError{"resamples", fmt.Sprintf("%d resamples of %d counts are more than %d, the limit; ask for fewer, or for another method", cmp.Or(a.Resamples, coverage.DefaultResamples), problems, MaxResampled)}
	case (len(a.Forecast) > 0 || a.Advice != nil) && samples > MaxForecast:
		return &fieldError{"forecast", fmt.Sprintf("and advice look at all of %d samples, the limit is %d", samples, MaxForecast)}
	case len(a.Forecast) > 0 && problems*len(a.Forecast) > MaxPoints:
		return &fieldError{"forecast", fmt.Sprintf("%d values for %d counts are more than %d, the limit", len(a.Forecast), problems, MaxPoints)}
	case a.FitInterval && problems > MaxRefitted:
		return &fieldError{"fit_interval", fmt.Sprintf("fits %d counts again and again, the limit is %d", problems, MaxRefitted)}
	case a.Difficulty && problems > MaxDifficult:
		return &fieldError{"difficulty", fmt.Sprintf("looks at each of %d counts, the limit is %d", problems, MaxDifficult)}
	}
	return nil
}
