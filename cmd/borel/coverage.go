package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"borel/coverage"
	"borel/coverage/figure"
	"borel/coverage/table"
)

type coverageCmd struct {
	Sources []string `arg:"" name:"source" help:"Files of counts, verdicts or results, gzip too (- is stdin), folders of them, or jobs such as eval-1."`

	K        []int   `help:"The k of pass@k (default 1,10,100,… up to the samples of every problem)."`
	Level    float64 `help:"Chance that an interval holds (default 0.95)."`
	Over     string  `default:"samples" enum:"samples,problems" help:"What would vary if it were done again: samples of these problems, or the problems."`
	Estimate string  `default:"unbiased" enum:"unbiased,inverse_sampling" help:"Of pass@k: inverse_sampling also takes counts that were stopped at the first accepted sample."`
	Fit      bool    `help:"Fit the power law pass@k = exp(a k^b)."`

	Tests string `default:"plus" enum:"plus,base" help:"Of EvalPlus' results: right is what passes the tests that it added too, or the base tests alone."`

	Format string `default:"text" enum:"text,md,latex,csv,json" help:"Of the tables: text, md, latex (booktabs), csv or json."`
	JSON   bool   `name:"json" help:"Print the tables as JSON, one source a line: the same as --format json."`
	Plot   string `placeholder:"FILE" help:"Draw the curves into this file, .svg or .png."`

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
	left   leftOut
	report *coverage.Report
}

// sourceLine is a source as JSON.
type sourceLine struct {
	File string `json:"file"`
	*coverage.Report
	Left leftOut `json:"quarantined,omitempty"`
}

func (c *coverageCmd) ask() (coverage.Ask, error) {
	a := coverage.Ask{K: c.K, Level: c.Level, Over: c.Over, Fit: c.Fit}
	if c.Estimate != coverage.Unbiased {
		a.Estimate = c.Estimate
	}
	return a, nil
}

func (c *coverageCmd) Run(ctx context.Context, m *Main) error {
	if c.JSON {
		c.Format = "json"
	}
	ask, err := c.ask()
	if err != nil {
		return err
	}
	sources, err := c.sources(ctx, m)
	if err != nil {
		return err
	}
	unknown := 0
	for i := range sources {
		s := &sources[i]
		if s.report, err = coverage.Analyze(ctx, s.counts, ask); err != nil {
			return c.fault(s.name, err)
		}
		unknown += s.report.Unknown
	}
	if err := c.show(m.Stdout, sources); err != nil {
		return err
	}
	if c.Plot != "" {
		if err := c.plot(sources); err != nil {
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
			if err := enc.Encode(sourceLine{s.name, s.report, s.left}); err != nil {
				return err
			}
		}
		return nil
	}
	var tables table.Tables
	for _, s := range sources {
		tables = append(tables, table.System{Name: displayed(s.name), Report: s.report})
		if c.Format == table.Text && len(s.left) > 0 {
			if len(sources) > 1 {
				fmt.Fprintf(w, "%s: ", printable(s.name))
			}
			io.WriteString(w, s.left.text())
		}
	}
	return tables.Write(w, c.Format)
}

func (c *coverageCmd) plot(sources []source) error {
	format := strings.TrimPrefix(filepath.Ext(c.Plot), ".")
	if format != "svg" && format != "png" {
		return usage("--plot %s: the name must end in .svg or .png", c.Plot)
	}
	curve, o := coverage.Curve, coverage.Options{Level: c.Level, Kind: c.Over}
	if c.Estimate == coverage.InverseSampling {
		curve = coverage.Inverse
	}
	var series []figure.Series
	for _, s := range sources {
		smooth, err := curve(s.counts, coverage.LogSpaced(coverage.MostK(s.counts), 60), o)
		if err != nil {
			return c.fault(s.name, err)
		}
		series = append(series, figure.Series{Name: filepath.Base(s.name), Points: smooth, Fit: s.report.Fit})
	}
	f, err := os.Create(c.Plot)
	if err != nil {
		return err
	}
	err = figure.Coverage(f, figure.Picture{Title: "coverage", Format: format, Options: o, Series: series})
	return errors.Join(err, f.Close())
}
