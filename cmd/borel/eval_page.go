package main

import (
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"borel/coverage"
	"borel/coverage/figure"
	"borel/problem"
)

//go:embed eval_page.html
var evalPage string

// Bounds on the page, so that it can be opened whatever the job.
const (
	maxPageProblems = 10_000
	maxPageSamples  = 50      // of problems that are not solved, one each
	maxPageText     = 4 << 10 // bytes of a sample
)

// html writes the report as one page that needs nothing else. All that comes of a model or a dataset is text in it: the page
// has no scripts, and its policy allows none.
func (r *evalReport) html(ctx context.Context, w io.Writer) error {
	type row struct {
		ID                                                string
		Samples, Accepted, Unknown, Failed, Unjudged, Cut int
		Pass                                              string
	}
	type sample struct {
		Problem, Status, Message, Text string
		Index                          int
		Cut                            bool
	}
	page := struct {
		*evalReport
		Summary string
		Curve   template.HTML
		Rows    []row
		Left    int
		Samples []sample
		More    int
	}{evalReport: r, Summary: r.text()}
	if len(r.Coverage) > 0 {
		points, err := coverage.Curve(r.counts, coverage.LogSpaced(coverage.MostK(r.counts), 60), coverage.Options{})
		if err != nil {
			return err
		}
		var svg strings.Builder
		if err := figure.Coverage(&svg, figure.Picture{Title: "coverage", Series: []figure.Series{{Name: "pass@k", Points: points}}}); err != nil {
			return err
		}
		page.Curve = inline(svg.String())
	}
	for i := range r.per {
		t := &r.per[i]
		n := decided(t)
		if i < maxPageProblems {
			pass := "–"
			if n > 0 && !r.biased {
				pass = fmt.Sprintf("%.3f", float64(t.Counts.Accepted)/float64(n))
			}
			page.Rows = append(page.Rows, row{t.Problem, t.Counts.Samples, t.Counts.Accepted, t.Counts.Unknown, t.Failed, t.Unjudged, t.Cut, pass})
		} else {
			page.Left++
		}
		if t.Counts.Accepted > 0 || t.Counts.Samples == 0 {
			continue
		}
		if len(page.Samples) == maxPageSamples {
			page.More++
			continue
		}
		status := problem.Status("")
		if n == 0 {
			status = problem.Unknown
		}
		s, err := r.example(ctx, t.Problem, status)
		if err != nil {
			return err
		}
		if s != nil {
			v := &s.Verdict
			page.Samples = append(page.Samples, sample{s.Problem, string(v.Status), cut(v.Message+v.Error, maxMessage), cut(s.Text, maxPageText), s.Sample, s.FinishReason == "length"})
		}
	}
	t, err := template.New("page").Parse(evalPage)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := t.Execute(&b, page); err != nil {
		return err
	}
	// Characters that no text has, which a program may have printed all the same.
	_, err = io.WriteString(w, strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\n' && c != '\t' {
			return utf8.RuneError
		}
		return c
	}, strings.ToValidUTF8(b.String(), "\uFFFD")))
	return err
}

// inline is a picture of figure.Coverage without the head that only a file has. It holds nothing but what it wrote from numbers.
func inline(svg string) template.HTML {
	if i := strings.Index(svg, "<svg"); i > 0 {
		svg = svg[i:]
	}
	return template.HTML(svg)
}
