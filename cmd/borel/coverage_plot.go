package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"borel/coverage"
	"borel/coverage/figure"

	"github.com/mattn/go-isatty"
)

// smooth is at how many k a curve is drawn.
const smooth = 60

// checkPlot says at once what could not be drawn in the end.
func (c *coverageCmd) checkPlot() error {
	switch {
	case c.Plot == "" && (c.Picture != "curve" || c.Title != ""):
		return usage("--picture and --title are for --plot")
	case c.Plot == "":
		return nil
	case c.Plot == "-" && c.Format != "text":
		return usage("--plot - draws beside the text of a terminal, not with --format %s", c.Format)
	case c.Plot != "-" && c.plotFormat() != figure.SVG && c.plotFormat() != figure.PNG:
		return usage("--plot %s: the name must end in .svg or .png", c.Plot)
	case c.Picture == "difference" && (len(c.Sources) != 2 || !c.Compare):
		return usage("--picture difference draws --compare A B")
	case c.Picture == "selection" && (len(c.Sources) != 1 || !c.Select):
		return usage("--picture selection draws --select of one source")
	case c.Picture == "difficulty" && len(c.Sources) != 1:
		return usage("--picture difficulty draws one source")
	}
	return nil
}

func (c *coverageCmd) plotFormat() string {
	return strings.ToLower(strings.TrimPrefix(filepath.Ext(c.Plot), "."))
}

func (c *coverageCmd) plot(ctx context.Context, m *Main, sources []source) error {
	p := figure.Picture{Title: c.Title, Format: c.plotFormat()}
	if c.Plot == "-" {
		p.Format = figure.Text
		if f, ok := m.Stdout.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
			p.Colour = os.Getenv("NO_COLOR") == ""
		}
	}
	ask, err := c.ask()
	if err != nil {
		return err
	}
	p.Options = ask.Options()
	cost, err := parseCost(c.Cost)
	if err != nil {
		return err
	}
	for _, s := range sources {
		series, err := c.series(ctx, &s, label(s.name, sources), ask)
		if err != nil {
			return c.fault(s.name, err)
		}
		if c.Picture == "cost" {
			for _, q := range series.Points {
				series.X = append(series.X, cost.Of(q.K))
			}
			series.Fit, series.Forecast = nil, nil
			p.XLabel = cost.Unit() + " per problem"
		}
		p.Series = append(p.Series, series)
	}
	var b bytes.Buffer // whole or not at all
	switch c.Picture {
	case "log":
		err = figure.LogLog(&b, p)
	case "cost":
		err = figure.Cost(&b, p)
	case "difference":
		err = c.plotDifference(ctx, &b, p, sources)
	case "selection":
		err = c.plotSelection(ctx, &b, p, sources[0])
	case "difficulty":
		err = c.plotDifficulty(&b, p, sources[0])
	default:
		err = figure.Coverage(&b, p)
	}
	if err != nil {
		return fmt.Errorf("--plot: %w", err)
	}
	if c.Plot == "-" {
		fmt.Fprintln(m.Stdout)
		_, err = m.Stdout.Write(b.Bytes())
		return err
	}
	return os.WriteFile(c.Plot, b.Bytes(), 0o666)
}

// series is the curve of a source at so many k that it looks smooth.
func (c *coverageCmd) series(ctx context.Context, s *source, name string, ask coverage.Ask) (figure.Series, error) {
	curve, most := coverage.Curve, coverage.MostK(s.counts)
	if ask.Estimate == coverage.InverseSampling {
		curve = coverage.Inverse
	}
	points, err := curve(s.counts, coverage.LogSpaced(most, smooth), ask.Options())
	if err != nil {
		return figure.Series{}, err
	}
	series := figure.Series{Name: printable(name), Points: points, Fit: s.report.Fit}
	if len(c.Forecast) > 0 {
		if last := slices.Max(c.Forecast); last > most {
			series.Forecast, err = coverage.Extrapolate(ctx, s.counts, coverage.LogSpaced(last, smooth), ask.Options())
		}
	}
	return series, err
}

func (c *coverageCmd) plotDifficulty(b *bytes.Buffer, p figure.Picture, s source) error {
	d := s.report.Difficulty
	if d == nil {
		var err error
		if d, err = coverage.Difficulties(s.counts, p.Options); err != nil {
			return err
		}
	}
	return figure.Difficulty(b, p, d)
}

// selectedAt is at how many k selections are drawn, which take longer than curves.
const selectedAt = 20

func (c *coverageCmd) plotSelection(ctx context.Context, b *bytes.Buffer, p figure.Picture, s source) error {
	selection, err := coverage.Select(ctx, s.sets, coverage.LogSpaced(coverage.MostK(s.counts), selectedAt), p.Options)
	if err != nil {
		return err
	}
	return figure.Selection(b, p, selection)
}

func (c *coverageCmd) plotDifference(ctx context.Context, b *bytes.Buffer, p figure.Picture, sources []source) error {
	a, other := sources[0], sources[1]
	ask := coverage.Ask{Level: c.Level, Over: c.Over, Method: c.Method, Resamples: c.Resamples, Seed: c.Seed, Against: a.counts, K: coverage.LogSpaced(coverage.MostK(other.counts), smooth)}
	r, err := coverage.Analyze(ctx, other.counts, ask)
	if err != nil {
		return err
	}
	p.Series = nil
	return figure.Difference(b, p, printable(label(a.name, sources)), printable(label(other.name, sources)), r.Differences)
}
