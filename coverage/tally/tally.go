// Package tally reads the counts of package coverage from files: what was drawn of each problem, and what was right.
package tally

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"borel/coverage"
)

// maxLine is the longest line that [Read] takes, in bytes.
const maxLine = 64 << 20

// Read reads counts from JSON lines of two kinds, which may stand in one file:
//
//	{"problem":"add","n":100,"c":37}                      a count, as [coverage.Count] is written
//	{"problem":"add","sample":0,"status":"accepted"}      a verdict, as `borel verify -o` writes it
//
// Other fields are ignored, and so are empty lines. Verdicts are added up by problem, unknown ones apart. Both may say how
// sampling stopped, all verdicts of a problem alike; of one that was drawn until its first accepted sample, those with a
// higher number, which were under way, are left out. Counts come in the order in which their problems first appear. The
// error names the line: one that is neither kind, is longer than 64 MB, has numbers that make no count or an unheard-of
// status (which might not mean wrong), repeats a sample, or counts a problem a second time. A file without any line is an
// error. The caller decompresses.
func Read(r io.Reader) ([]coverage.Count, error) {
	in := reader{index: make(map[string]int), first: make(map[sample]int), ordered: make(map[int][]decided)}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for lines.Scan() {
		in.line++
		if text := bytes.TrimSpace(lines.Bytes()); len(text) > 0 {
			if err := in.add(text); err != nil {
				return nil, fmt.Errorf("line %d: %w", in.line, err)
			}
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("line %d: is longer than %d bytes", in.line+1, maxLine)
	case err != nil:
		return nil, fmt.Errorf("after line %d: %w", in.line, err)
	case len(in.counts) == 0:
		return nil, errors.New("no counts: the file has no lines")
	}
	for i, all := range in.ordered {
		slices.SortFunc(all, func(a, b decided) int { return a.sample - b.sample })
		right := make([]bool, len(all))
		for j, d := range all {
			right[j] = d.right
		}
		c := coverage.Until(in.counts[i].Problem, right)
		c.Unknown = in.counts[i].Unknown
		in.counts[i] = c
	}
	for i, c := range in.counts {
		if c.N == 0 {
			return nil, fmt.Errorf("line %d: problem %q has no decided sample, all %d are unknown", in.begun[i], c.Problem, c.Unknown)
		}
	}
	return in.counts, nil
}

// reader is the state of one Read.
type reader struct {
	line   int
	counts []coverage.Count
	begun  []int          // line on which each of counts began
	judged []bool         // which of counts are made of verdicts
	index  map[string]int // position in counts of each named problem
	first  map[sample]int // line of each verdict

	ordered map[int][]decided // by position in counts: those whose place among the samples matters
}

type sample struct{ problem, index int }

type decided struct {
	sample int
	right  bool
}

func (r *reader) add(text []byte) error {
	var l struct {
		Problem string `json:"problem"`
		N       *int   `json:"n"`
		C       *int   `json:"c"`
		Unknown int    `json:"unknown"`
		Stopped string `json:"stopped"`
		Sample  *int   `json:"sample"`
		Status  string `json:"status"`
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return err
	}
	isCount, isVerdict := l.N != nil && l.C != nil, l.Sample != nil && l.Status != ""
	switch {
	case isCount == isVerdict:
		return errors.New(`is neither a count, with "n" and "c", nor a verdict, with "sample" and "status"`)
	case isCount:
		return r.addCount(coverage.Count{Problem: l.Problem, N: *l.N, C: *l.C, Unknown: l.Unknown, Stopped: l.Stopped})
	case l.Problem == "":
		return errors.New(`a verdict needs its "problem"`)
	}
	return r.addVerdict(l.Problem, *l.Sample, l.Status, l.Stopped)
}

func (r *reader) addCount(c coverage.Count) error {
	if err := c.Validate(); err != nil {
		return err
	}
	if i, ok := r.index[c.Problem]; ok {
		return fmt.Errorf("problem %q was counted before, on line %d", c.Problem, r.begun[i])
	}
	return r.begin(c, false)
}

func (r *reader) addVerdict(problem string, index int, status, stopped string) error {
	i, ok := r.index[problem]
	if !ok {
		i = len(r.counts)
		c := coverage.Count{Problem: problem, N: 1, Stopped: stopped}
		if err := c.Validate(); err != nil {
			return err
		}
		c.N = 0
		if err := r.begin(c, true); err != nil {
			return err
		}
	}
	if !r.judged[i] {
		return fmt.Errorf("problem %q was counted before, on line %d", problem, r.begun[i])
	}
	key := sample{i, index}
	if at, ok := r.first[key]; ok {
		return fmt.Errorf("sample %d of problem %q was judged before, on line %d", index, problem, at)
	}
	r.first[key] = r.line
	c := &r.counts[i]
	if c.Stopped != stopped {
		return fmt.Errorf("problem %q is stopped %q here, and %q on line %d", problem, stopped, c.Stopped, r.begun[i])
	}
	if stopped == coverage.FirstAccepted && status != "unknown" {
		r.ordered[i] = append(r.ordered[i], decided{index, status == "accepted"})
	}
	switch status {
	case "accepted":
		c.N++
		c.C++
	case "unknown":
		c.Unknown++
	case "wrong_answer", "runtime_error", "compile_error", "time_limit_exceeded", "memory_limit_exceeded",
		"output_limit_exceeded", "no_program":
		c.N++
	default:
		return fmt.Errorf("status %q is not known", status)
	}
	if c.N+c.Unknown > coverage.MaxSamples {
		return fmt.Errorf("problem %q has more than %d samples", problem, coverage.MaxSamples)
	}
	return nil
}

// begin adds a problem.
func (r *reader) begin(c coverage.Count, judged bool) error {
	if len(r.counts) == coverage.MaxProblems {
		return fmt.Errorf("more than %d problems", coverage.MaxProblems)
	}
	if c.Problem != "" {
		r.index[c.Problem] = len(r.counts)
	}
	r.counts, r.begun, r.judged = append(r.counts, c), append(r.begun, r.line), append(r.judged, judged)
	return nil
}
