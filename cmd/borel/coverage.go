package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"borel/coverage"
	"borel/coverage/figure"
	"borel/coverage/table"
)

type coverageCmd struct {
	Sources []string `arg:"" name:"source" help:"Files of counts, verdicts or results, gzip too (- is stdin), folders of them, or jobs such as eval-1."`

	K         []int   `help:"The k of pass@k (default 1,10,100,… up to the samples of every problem)."`
	PassHat   bool    `help:"Also pass^k, the chance that all of k samples are right."`
	Level     float64 `help:"Chance that an interval holds (default 0.95)."`
	Over      string  `default:"samples" enum:"samples,problems" help:"What would vary if it were done again: samples of these problems, or the problems."`
	Method    string  `default:"analytic" enum:"analytic,bootstrap,bayes" help:"How intervals are made: analytic, bootstrap or bayes."`
	Resamples int     `help:"Of the bootstrap (default 10000)."`
	Seed      uint64  `help:"Of what is drawn at random."`
	Estimate  string  `default:"unbiased" enum:"unbiased,inverse_sampling" help:"Of pass@k: inverse_sampling also takes counts that were stopped at the first accepted sample."`

	Fit        bool    `help:"Fit the power law pass@k = exp(a k^b)."`
	Forecast   []int   `placeholder:"K,…" help:"Forecast pass@k at these k, beyond the samples that were drawn."`
	Difficulty bool    `help:"Show how the success rates of the problems are spread, and which problems move the curve."`
	Select     bool    `help:"Compare ways of picking one of k samples: by votes on their answers, and by scores."`
	Posteriors bool    `help:"Show what is believed of the rate of each problem."`
	Compare    bool    `help:"Compare the first source with each of the others, on the problems that both have."`
	Reach      float64 `placeholder:"SHARE" help:"Say how many samples of each problem reach this coverage."`
	Budget     float64 `placeholder:"AMOUNT" help:"Say what this buys, spent on all problems together."`
	Cost       string  `placeholder:"[UNIT:][ONCE+]EACH[/N]" help:"What samples cost: each, with what a problem costs once, and N at a time for the price of one; such as dollars:0.002+0.0072 or seconds:12/64 (default samples:1)."`
	CostFirst  string  `placeholder:"COST" help:"What samples of the first source cost, with --compare and --budget or --reach: which is the better buy."`

	Tests string `default:"plus" enum:"plus,base" help:"Of EvalPlus' results: right is what passes the tests that it added too, or the base tests alone."`

	Format  string `default:"text" enum:"text,md,latex,csv,json" help:"Of the tables: text, md, latex (booktabs), csv or json."`
	JSON    bool   `name:"json" help:"Print the tables as JSON, one source a line: the same as --format json."`
	Plot    string `placeholder:"FILE" help:"Draw a picture into this file, .svg or .png; - draws it in the terminal."`
	Picture string `default:"curve" enum:"curve,log,cost,selection,difficulty,difference" help:"What --plot draws: the curve, its logarithm with the residuals of fits, coverage against cost, ways of picking one of k samples (with --select), the spread of difficulty, or the difference of two systems (with --compare)."`
	Title   string `help:"Of the picture."`

	quarantineFlags
	dataFlags
	serverFlags
}

// source is what one table line is about.
type source struct {
	name   string
	form   string // of its file
	parts  int    // files that joined it
	counts []coverage.Count
	sets   []coverage.Set // with --select
	left   leftOut
	report *coverage.Report

	undecided []string // problems that are not among counts, for nothing is decided of them
	unknown   int      // their samples
}

// sourceLine is a source as JSON.
type sourceLine struct {
	File string `json:"file"`
	*coverage.Report
	Left      leftOut  `json:"quarantined,omitempty"`
	Undecided []string `json:"undecided,omitempty"` // problems of which nothing is decided, and which are not counted
}

func (c *coverageCmd) ask() (a coverage.Ask, err error) {
	a = coverage.Ask{
		K: c.K, Level: c.Level, Over: c.Over, Method: c.Method, Resamples: c.Resamples, Seed: c.Seed,
		PassHat: c.PassHat, Fit: c.Fit, FitInterval: c.Fit, Posteriors: c.Posteriors, Forecast: c.Forecast, Difficulty: c.Difficulty,
	}
	if c.Estimate != coverage.Unbiased {
		a.Estimate = c.Estimate
	}
	cost, err := parseCost(c.Cost)
	if err != nil {
		return a, err
	}
	if c.Reach != 0 || c.Budget != 0 {
		a.Advice = &coverage.Want{Reach: c.Reach, Budget: c.Budget, Cost: cost}
	} else if c.CostFirst != "" {
		return a, usage("--cost-first is for --compare with --budget or --reach")
	} else if c.Cost != "" && c.Picture != "cost" {
		return a, usage("--cost is for --reach, --budget or --picture cost")
	}
	return a, nil
}

// parseCost reads [UNIT:][ONCE+]EACH[/N].
func parseCost(text string) (c coverage.Cost, err error) {
	if text == "" {
		return c, nil
	}
	wrong := usage("--cost %s: wants what a sample costs, such as 0.0072, dollars:0.002+0.0072 or seconds:12/64", text)
	if unit, rest, ok := strings.Cut(text, ":"); ok {
		c.Axis, text = unit, rest
	}
	if rest, n, ok := strings.Cut(text, "/"); ok {
		if c.Parallel, err = strconv.Atoi(n); err != nil || c.Parallel < 1 {
			return c, wrong
		}
		text = rest
	}
	if once, rest, ok := strings.Cut(text, "+"); ok {
		if c.Once, err = strconv.ParseFloat(once, 64); err != nil {
			return c, wrong
		}
		text = rest
	}
	if c.Each, err = strconv.ParseFloat(text, 64); err != nil || c.Validate() != nil {
		return c, wrong
	}
	return c, nil
}

func (c *coverageCmd) Run(ctx context.Context, m *Main) error {
	if c.JSON {
		c.Format = "json"
	}
	if err := c.checkPlot(); err != nil {
		return err
	}
	ask, err := c.ask()
	if err != nil {
		return err
	}
	sources, err := c.sources(ctx, m)
	if err != nil {
		return err
	}
	first, err := parseCost(c.CostFirst)
	switch {
	case err != nil:
		return err
	case c.CostFirst != "" && !c.Compare:
		return usage("--cost-first is for --compare with --budget or --reach")
	}
	unknown := 0
	switch {
	case c.Compare && len(sources) < 2:
		return usage("--compare needs two sources: borel coverage --compare A B")
	case c.Plot != "" && len(sources) > figure.MaxSeries:
		return usage("--plot draws up to %d sources, and these are %d", figure.MaxSeries, len(sources))
	}
	for i := range sources {
		s := &sources[i]
		if c.Compare && i > 0 {
			ask.Against = sources[0].counts
			if c.CostFirst != "" {
				ask.AgainstCost = &first
			}
		}
		ask.Sets = s.sets
		own := ask
		if i == 0 && c.CostFirst != "" {
			own.Advice = &coverage.Want{Reach: c.Reach, Budget: c.Budget, Cost: first}
		}
		if s.report, err = coverage.Analyze(ctx, s.counts, own); err != nil {
			return c.fault(s.name, err)
		}
		unknown += s.report.Unknown + s.unknown
	}
	if err := c.show(m.Stdout, sources); err != nil {
		return err
	}
	if c.Plot != "" {
		if err := c.plot(ctx, m, sources); err != nil {
			return err
		}
	}
	if unknown > 0 {
		return &exit{code: exitUnknown}
	}
	return nil
}

// fault tells what is wrong with a source; what is wrong with the flags is bad usage.
func (c *coverageCmd) fault(name string, err error) error {
	if e, ok := errors.AsType[*coverage.Invalid](err); ok && strings.HasPrefix(e.Message, "needs the estimate ") {
		return usage("--%s needs --estimate %s", strings.ReplaceAll(e.Field, "_", "-"), coverage.Unbiased)
	}
	return fmt.Errorf("%s: %w", name, err)
}

func (c *coverageCmd) show(w io.Writer, sources []source) error {
	if c.Format == "json" {
		enc := json.NewEncoder(w)
		for _, s := range sources {
			if err := enc.Encode(sourceLine{s.name, s.report, s.left, s.undecided}); err != nil {
				return err
			}
		}
		return nil
	}
	var tables table.Tables
	for _, s := range sources {
		name := displayed(s.name)
		if c.Format != table.CSV {
			name = label(name, sources)
		}
		tables = append(tables, table.System{Name: name, Report: s.report})
		if c.Format == table.Text && len(s.left) > 0 {
			if len(sources) > 1 {
				fmt.Fprintf(w, "%s: ", printable(s.name))
			}
			io.WriteString(w, s.left.text())
		}
	}
	return tables.Write(w, c.Format)
}

// label is the name of a source for people: without folder and ending, where that is still one of its own.
func label(name string, sources []source) string {
	short := func(name string) string {
		name = strings.TrimSuffix(filepath.Base(name), ".gz")
		for _, ending := range []string{".jsonl", ".json", ".csv", ".yaml", ".yml"} {
			name = strings.TrimSuffix(name, ending)
		}
		return name
	}
	n := 0
	for _, s := range sources {
		if short(s.name) == short(name) {
			n++
		}
	}
	if n > 1 {
		return name
	}
	return short(name)
}
