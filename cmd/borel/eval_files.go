package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"borel/coverage"
	"borel/coverage/table"
	"borel/eval"
	"borel/problem"
)

// checkOutput reports a report that could not be written at the end.
func checkOutput(name string) error {
	if writerOf(name) == nil {
		return usage("-o %s: its name must end in .jsonl, .csv, .html or .xml, which says what is written", name)
	}
	if dir, err := os.Stat(filepath.Dir(name)); err != nil || !dir.IsDir() {
		return usage("-o %s: there is no folder %s", name, filepath.Dir(name))
	}
	return nil
}

// writerOf is what writes reports of a file's ending; nil where none does.
func writerOf(name string) func(*evalReport, context.Context, io.Writer) error {
	switch filepath.Ext(name) {
	case ".jsonl":
		return (*evalReport).jsonl
	case ".csv":
		return (*evalReport).csv
	case ".html":
		return (*evalReport).html
	case ".xml":
		return (*evalReport).junit
	}
	return nil
}

// save writes a report: whole, or not at all.
func (r *evalReport) save(ctx context.Context, name string) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	err = errors.Join(writerOf(name)(r, ctx, f), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// sampleRow is a line of the report of samples. It can be read by borel verify --samples and borel coverage.
type sampleRow struct {
	verdictLine
	Stopped      string   `json:"stopped,omitempty"` // as in coverage.Count
	Drawn        bool     `json:"drawn"`
	FinishReason string   `json:"finish_reason,omitempty"`
	Tokens       int      `json:"tokens,omitempty"`
	Completion   *string  `json:"completion,omitempty"`
	Text         *string  `json:"text,omitempty"`
	Vote         string   `json:"vote,omitempty"` // digest of the normalised answer that it votes for
	LogProb      *float64 `json:"logprob,omitempty"`
}

func (r *evalReport) jsonl(ctx context.Context, w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	votes := map[string]bool{}
	for i := range r.per {
		votes[r.per[i].Problem] = r.per[i].Votes
	}
	return r.e.rows(ctx, r.Job.ID, eval.RowQuery{Text: true}, func(row eval.Row) error {
		v := &row.Verdict
		line := sampleRow{verdictLine: verdictLine{row.Problem, row.Sample, v.Status, v.Message, v.Error, v.Note, v.Points, v.HeldOut, v.Selector, v.Score, v.ScoreError,
			v.Fuel, v.VirtualSeconds, v.Cached, v.Key}, Drawn: row.Drawn, FinishReason: row.FinishReason, Tokens: row.Tokens, LogProb: row.LogProb}
		if votes[row.Problem] {
			line.Vote = v.Behaviour
		}
		if r.biased {
			line.Stopped = coverage.FirstAccepted
		}
		switch {
		case !row.Drawn:
		case r.Job.Spec.Mode == "completion":
			line.Completion = &row.Text
		default:
			line.Text = &row.Text
		}
		return enc.Encode(line)
	})
}

// decided is how many samples of a problem are right or wrong.
func decided(t *eval.Tally) int { return t.Counts.Samples - t.Counts.Unknown - t.Counts.NotJudged }

func (r *evalReport) csv(_ context.Context, w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"problem", "samples", "accepted", "unknown", "failed", "not_decided", "cut", "pass@1"}}
	for i := range r.per {
		t := &r.per[i]
		pass := ""
		if n := decided(t); n > 0 && !r.biased {
			pass = strconv.FormatFloat(float64(t.Counts.Accepted)/float64(n), 'g', 6, 64)
		}
		row := []string{table.Cell(t.Problem)}
		for _, n := range []int{t.Counts.Samples, t.Counts.Accepted, t.Counts.Unknown, t.Failed, t.Unjudged, t.Cut} {
			row = append(row, strconv.Itoa(n))
		}
		rows = append(rows, append(row, pass))
	}
	return out.WriteAll(rows)
}

// The form that build servers read: a suite of the problems. One that is not solved failed; one of which nothing could be
// decided is an error.
type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Time     string      `xml:"time,attr"`
		Stamp    string      `xml:"timestamp,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string      `xml:"name,attr"`
		Class   string      `xml:"classname,attr"`
		Failure *junitFault `xml:"failure,omitempty"`
		Error   *junitFault `xml:"error,omitempty"`
	}
	junitFault struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func (r *evalReport) junit(ctx context.Context, w io.Writer) error {
	s := junitSuite{Name: cmp.Or(r.Job.Spec.Name, r.Dataset), Tests: len(r.per), Time: strconv.FormatFloat(r.Job.Seconds, 'f', 3, 64), Stamp: r.Job.Created.UTC().Format(time.RFC3339)}
	for i := range r.per {
		t := &r.per[i]
		c := junitCase{Name: t.Problem, Class: r.Dataset}
		switch {
		case t.Counts.Accepted > 0:
		case decided(t) == 0:
			s.Errors++
			c.Error = &junitFault{Message: fmt.Sprintf("none of %d samples could be decided", t.Counts.Samples)}
			if row, err := r.example(ctx, t.Problem, problem.Unknown); err != nil {
				return err
			} else if row != nil {
				c.Error.Text = cut(row.Verdict.Error, maxMessage)
			}
		default:
			s.Failures++
			c.Failure = &junitFault{Message: fmt.Sprintf("none of %d samples is accepted", decided(t))}
			if row, err := r.example(ctx, t.Problem, ""); err != nil {
				return err
			} else if row != nil {
				c.Failure.Text = cut(fmt.Sprintf("%s: %s", row.Verdict.Status, row.Verdict.Message), maxMessage)
			}
		}
		s.Cases = append(s.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", " ")
	if err := enc.Encode(s); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// example is the first row of a problem that was decided, or that has the status; nil where there is none.
func (r *evalReport) example(ctx context.Context, id string, status problem.Status) (*eval.Row, error) {
	q := eval.RowQuery{Problem: id, Status: status, Limit: 10, Text: true}
	for {
		list, next, err := r.e.Rows(ctx, r.Job.ID, q)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if status != "" || list[i].Verdict.Status != problem.Unknown {
				return &list[i], nil
			}
		}
		if next == "" {
			return nil, nil
		}
		q.After = next
	}
}

// maxMessage is the longest message of a report, bytes.
const maxMessage = 500

// cut is the beginning of s, at most n bytes, and text whatever it was.
func cut(s string, n int) string {
	if len(s) > n {
		s = s[:n] + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
