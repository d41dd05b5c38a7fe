// Package dataset reads the files in which benchmarks are published into problems, and knows how a model is asked each of
// them.
//
// Begin with [Read], which finds the form by the fields of the first record, and [For], the template of a form:
//
//	set, err := dataset.Read(file, "HumanEval.jsonl.gz", dataset.Options{})
//	t := dataset.For(set.Form, "chat")
//	// t.Text holds {prompt}, which stands for the Prompt of each problem
//
// # Forms
//
//	own           a problem as the API has it: id, prompt, check, …; or {"problem": …} around a record of any form
//	humaneval     task_id, prompt, entry_point, test; canonical_solution (HumanEval, and HumanEval+ with its test)
//	evalplus      the same with base_input and plus_input in place of test (HumanEval+ and MBPP+ as EvalPlus releases them)
//	mbpp          task_id, text or prompt, test_list; code, test_imports, test_setup_code (and MBPP+ with its test)
//	multipl-e     name, language, prompt, tests; stop_tokens
//	gsm8k         question, and answer that ends in #### N; or question and ground_truth that ends in A: N
//	math          problem, answer; solution, unique_id
//	apps          question, input_output; starter_code, solutions
//	codecontests  description, public_tests, private_tests, generated_tests; solutions
//	livecodebench question_content, public_test_cases, private_test_cases; starter_code, metadata
//	monkey_business question, prompt, samples; gt_answer or test_cases, is_corrects, orig_dset_idx
//
// The last is a form of samples, as is every record with samples or solutions of models in it: [OpenRecording] reads them.
//
// # What is promised
//
// What is read is valid, whatever the bytes: a [problem.Problem] that Validate accepts, under an id that stands once. A record that
// cannot be read is an error that names file and line; one without tests, as some of APPS are, is left out and told in
// Set.Left. Records, files and what is unpacked are bounded. A pickle, which LiveCodeBench packs a text into, is read for that
// text alone: nothing in it is carried out.
package dataset

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"borel/problem"
)

// Options say how a file is read. The zero value reads any form, for chat.
type Options struct {
	// Form is the form of the records; empty: the one that their fields fit.
	Form string

	// Mode is the API that a model is asked by, chat (the default) or completion. Prompts of some forms differ: a completion
	// goes on with a program, so that its task stands in a comment or a docstring there.
	Mode string

	// Unchecked admits problems without a check, for what judges nothing.
	Unchecked bool

	// Suites takes the tests of EvalPlus apart: a problem has the base tests, and those that were added are Item.Plus.
	Suites bool

	// Keep are fields of the records that Item.Kept holds as they stand.
	Keep []string

	// Imports says that lists of programs are LiveCodeBench's, so that [Preamble] stands before each.
	Imports bool

	plus bool // of an EvalPlus problem: the tests that were added
}

// Item is a problem, and what its record says of it.
type Item struct {
	problem.Problem
	Fields map[string]string // fields of the record that are a short text, a number or a truth value

	Plus *problem.Problem           // with Options.Suites: the same problem with the tests that EvalPlus added
	Kept map[string]json.RawMessage // what Options.Keep asked for, and the record has
}

// Set is the problems of a file, in its order.
type Set struct {
	Form  string // of the first record
	Items []Item
	Left  []Left   // records that hold no problem
	Stop  []string // texts that end a completion, where the records name them
}

// Left is a record that was left out.
type Left struct{ ID, Why string }

// maxField is the longest text that Item.Fields holds, bytes.
const maxField = 256

// Read reads problems, as JSON lines or a JSON array, plain or gzip. Errors begin with name and line.
func Read(in io.Reader, name string, o Options) (*Set, error) {
	s := &Set{Form: o.Form}
	if o.Form != "" && find(o.Form) == nil {
		return nil, fmt.Errorf("form %q is not known; %s are", o.Form, strings.Join(Forms(), ", "))
	}
	in, err := kept(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	known := map[string]bool{}
	n := 0
	err = records(in, name, func(line []byte, _ int64) error {
		r, err := parse(line)
		if err != nil {
			return err
		}
		f := find(s.Form)
		if f == nil || o.Form == "" && !f.fits(r) {
			if f, err = detect(r, o); err != nil {
				return err
			}
		}
		s.Form = cmp.Or(s.Form, f.name)
		item, stop, err := f.item(r, o, n)
		n++
		if left, ok := errors.AsType[*leftOut](err); ok {
			s.Left = append(s.Left, Left{item.ID, left.why})
			return nil
		}
		if err != nil {
			return err
		}
		if known[item.ID] {
			return fmt.Errorf("problem %q is there twice", item.ID)
		}
		known[item.ID] = true
		if s.Stop == nil {
			s.Stop = stop
		}
		s.Items = append(s.Items, item)
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case len(s.Items) == 0 && n == 0:
		return nil, fmt.Errorf("%s: no problems: the file has no lines", name)
	case len(s.Items) == 0:
		return nil, fmt.Errorf("%s: no problems: none of %d records has tests (%s: %s)", name, n, s.Left[0].ID, s.Left[0].Why)
	}
	return s, nil
}

// Problems are the problems of s.
func (s *Set) Problems() []problem.Problem {
	list := make([]problem.Problem, len(s.Items))
	for i := range s.Items {
		list[i] = s.Items[i].Problem
	}
	return list
}

// Parse reads one record, whose form its fields tell.
func Parse(record []byte, o Options) (problem.Problem, error) {
	r, err := parse(record)
	if err != nil {
		return problem.Problem{}, err
	}
	f := find(o.Form)
	if f == nil {
		if f, err = detect(r, o); err != nil {
			return problem.Problem{}, err
		}
	}
	item, _, err := f.item(r, o, 0)
	return item.Problem, err
}

// record is one of a file: its fields, and the whole.
type record struct {
	fields map[string]json.RawMessage
	line   []byte
}

// has reports whether r has all these fields, and none of them null.
func (r *record) has(names ...string) bool {
	return !slices.ContainsFunc(names, func(n string) bool {
		v := r.fields[n]
		return len(v) == 0 || v[0] == 'n'
	})
}

// object reports whether the field is an object.
func (r *record) object(name string) bool {
	v := r.fields[name]
	return len(v) > 0 && v[0] == '{'
}

// list reports whether the field is a list.
func (r *record) list(name string) bool {
	v := r.fields[name]
	return len(v) > 0 && v[0] == '['
}

// text reports whether the field is a text.
func (r *record) text(name string) bool {
	v := r.fields[name]
	return len(v) > 0 && v[0] == '"'
}

// decode reads the record into v, a pointer to a struct.
func (r *record) decode(v any) error { return JSONError(json.Unmarshal(r.line, v)) }

// parse reads the fields of a record; those of one that stands in {"problem": …} are its own.
func parse(line []byte) (*record, error) {
	r := &record{line: line}
	if err := json.Unmarshal(line, &r.fields); err != nil {
		return nil, JSONError(err)
	}
	if r.object("problem") {
		r = &record{line: r.fields["problem"]}
		return r, JSONError(json.Unmarshal(r.line, &r.fields))
	}
	return r, nil
}

// form is a form of records.
type form struct {
	name string
	fits func(*record) bool

	// read makes the problem of record n, counted from 0, and says which texts end a completion where the record does. An
	// error that is a *leftOut leaves the record out.
	read func(r *record, o Options, n int) (p problem.Problem, stop []string, err error)

	chat, completion Template
}

// leftOut is why a record holds no problem.
type leftOut struct{ why string }

func (e *leftOut) Error() string { return "is no problem: " + e.why }

// forms are in the order in which records are looked at.
func forms() []form {
	return []form{own, evalplus, mbpp, humaneval, multiplE, liveCodeBench, codeContests, monkeyBusiness, apps, gsm8k, mathematics}
}

// Forms are the names of all forms.
func Forms() []string {
	var names []string
	for _, f := range forms() {
		names = append(names, f.name)
	}
	return names
}

func find(name string) *form {
	for _, f := range forms() {
		if f.name == name {
			return &f
		}
	}
	return nil
}

// detect finds the form of a record.
func detect(r *record, o Options) (*form, error) {
	for _, f := range forms() {
		if f.fits(r) {
			return &f, nil
		}
	}
	if o.Unchecked && r.has("prompt") {
		return &own, nil
	}
	return nil, errors.New("is no problem: it has neither a check nor test and entry_point, as HumanEval's have, nor the fields of another form (" + strings.Join(Forms(), ", ") + ")")
}

// item reads record n, and validates.
func (f *form) item(r *record, o Options, n int) (Item, []string, error) {
	if !f.fits(r) && !(o.Unchecked && f.name == own.name) {
		return Item{}, nil, fmt.Errorf("is no problem of the form %s: fields of it are missing", f.name)
	}
	p, stop, err := f.read(r, o, n)
	item := Item{Problem: p, Fields: map[string]string{}}
	if err != nil {
		return item, nil, err
	}
	for k, v := range r.fields {
		var text string
		switch v[0] {
		case '"':
			if len(v) > 4*maxField || json.Unmarshal(v, &text) != nil || len(text) > maxField {
				continue
			}
		case '{', '[', 'n':
			continue
		default:
			text = string(v)
		}
		item.Fields[k] = text
	}
	for _, k := range o.Keep {
		if v := r.fields[k]; v != nil {
			if item.Kept == nil {
				item.Kept = map[string]json.RawMessage{}
			}
			item.Kept[k] = bytes.Clone(v)
		}
	}
	if o.Suites && f.name == evalplus.name {
		plus := o
		plus.plus = true
		p, _, err := f.read(r, plus, n)
		if err == nil {
			err = p.Validate("")
		}
		if err != nil {
			return item, nil, fmt.Errorf("plus_input: %w", err)
		}
		item.Plus = &p
	}
	if p.Check.Kind == "" && o.Unchecked {
		with := p
		with.Check = problem.Check{Kind: problem.KindAnswer, Answer: "-"} // any, so that the rest is looked at
		return item, stop, with.Validate("")
	}
	return item, stop, p.Validate("")
}

// numbered is an id, or one made of the form's name and the record's place.
func numbered(id, form string, n int) string { return cmp.Or(id, fmt.Sprintf("%s/%d", form, n)) }

// scalar is a text, or a number as it is written: ids are either.
type scalar string

func (s *scalar) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(s))
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*s = scalar(n)
	return nil
}
