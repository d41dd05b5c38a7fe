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
	"borel/coverage/tally"
)

type coverageCmd struct {
	Files []string `arg:"" help:"JSON lines of counts {\"problem\",\"n\",\"c\"} or of verdicts, as borel verify -o writes; gzip too, - is stdin."`
	K     []int    `help:"The k of pass@k (default 1,10,100,… up to the samples of every problem)."`
	Fit   bool     `help:"Fit the power law pass@k = exp(a k^b)."`
	Level float64  `help:"Chance that an interval holds (default 0.95)."`
	Over  string   `default:"samples" enum:"samples,problems" help:"What would vary if it were done again: samples of these problems, or the problems."`

	Estimate string `default:"unbiased" enum:"unbiased,inverse_sampling" help:"Of pass@k: inverse_sampling also takes counts that were stopped at the first accepted sample."`

	Plot string `placeholder:"FILE" help:"Draw the curves into this file, .svg or .png."`
	JSON bool   `name:"json" help:"Print the tables as JSON."`
	quarantineFlags
}

// coverageTable is what is known of one file.
type coverageTable struct {
	File     string             `json:"file"`
	Problems int                `json:"problems"`
	Unknown  int                `json:"unknown"`
	Estimate string             `json:"estimate,omitempty"`
	Coverage []coverage.Point   `json:"coverage"`
	Fit      *coverage.PowerLaw `json:"fit"`
	Left     leftOut            `json:"quarantined,omitempty"`
}

func (c *coverageCmd) Run(_ context.Context, m *Main) error {
	o := coverage.Options{Level: c.Level, Kind: c.Over}
	if c.Estimate == coverage.InverseSampling && c.Fit {
		return usage("--fit needs --estimate %s", coverage.Unbiased)
	}
	var series []figure.Series
	unknown := 0
	list, err := c.quarantineFlags.read(m)
	if err != nil {
		return err
	}
	for i, file := range c.Files {
		counts, err := m.readCounts(file)
		if err != nil {
			return err
		}
		counts, left := without(counts, list)
		if len(counts) == 0 {
			return fmt.Errorf("%s: all %d problems are in quarantine", file, len(left))
		}
		t, err := c.table(file, counts, o)
		t.Left = left
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		unknown += t.Unknown
		if err := c.show(m.Stdout, t, o, i > 0); err != nil {
			return err
		}
		if c.Plot != "" {
			smooth, err := c.curve(counts, coverage.LogSpaced(coverage.MostK(counts), 60), o)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			series = append(series, figure.Series{Name: filepath.Base(file), Points: smooth, Fit: t.Fit})
		}
	}
	if c.Plot != "" {
		if err := plot(c.Plot, o, series); err != nil {
			return err
		}
	}
	if unknown > 0 {
		return &exit{code: exitUnknown}
	}
	return nil
}

// readCounts reads a file, which may be gzip, or stdin.
func (m *Main) readCounts(name string) ([]coverage.Count, error) {
	in, closeIn, err := m.openInput(name)
	if err != nil {
		return nil, err
	}
	defer closeIn()
	counts, err := tally.Read(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return counts, nil
}

func (c *coverageCmd) table(file string, counts []coverage.Count, o coverage.Options) (coverageTable, error) {
	t := coverageTable{File: file, Problems: len(counts)}
	for _, n := range counts {
		t.Unknown += n.Unknown
	}
	if c.Estimate == coverage.InverseSampling {
		t.Estimate = c.Estimate
	}
	ks := c.K
	if len(ks) == 0 {
		ks = coverage.DefaultK(counts)
	}
	var err error
	if t.Coverage, err = c.curve(counts, ks, o); err != nil {
		return t, err
	}
	if c.Fit {
		t.Fit, err = coverage.Fit(counts)
		if errors.Is(err, coverage.ErrNoFit) {
			err = nil
		}
	}
	return t, err
}

func (c *coverageCmd) curve(counts []coverage.Count, ks []int, o coverage.Options) ([]coverage.Point, error) {
	if c.Estimate == coverage.InverseSampling {
		return coverage.Inverse(counts, ks, o)
	}
	return coverage.Curve(counts, ks, o)
}

func (c *coverageCmd) show(w io.Writer, t coverageTable, o coverage.Options, more bool) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(t)
	}
	if more {
		fmt.Fprintln(w)
	}
	if len(c.Files) > 1 {
		fmt.Fprintln(w, t.File)
	}
	fmt.Fprintf(w, "%d problems", t.Problems)
	if t.Unknown > 0 {
		fmt.Fprintf(w, ", %d unknown samples left out", t.Unknown)
	}
	if t.Estimate != "" {
		fmt.Fprintf(w, ", estimated by %s", t.Estimate)
	}
	fmt.Fprintln(w)
	io.WriteString(w, t.Left.text())
	if err := coverage.Table(w, t.Coverage, o); err != nil {
		return err
	}
	switch {
	case !c.Fit:
	case t.Fit == nil:
		fmt.Fprintln(w, "fit: this curve has no power law")
	default:
		fmt.Fprintf(w, "fit: pass@k = exp(%.4f k^%.4f), error %.4f ± %.4f\n", t.Fit.A, t.Fit.B, t.Fit.ErrorMean, t.Fit.ErrorSD)
	}
	return nil
}

func plot(name string, o coverage.Options, series []figure.Series) error {
	format := strings.TrimPrefix(filepath.Ext(name), ".")
	if format != "svg" && format != "png" {
		return usage("--plot %s: the name must end in .svg or .png", name)
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	err = figure.Coverage(f, figure.Picture{Title: "coverage", Format: format, Options: o, Series: series})
	return errors.Join(err, f.Close())
}
