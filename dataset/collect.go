package dataset

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"borel/problem"
)

// recordings collects what records hold.
type recordings struct {
	o       Options
	file    io.ReaderAt
	list    []*Recorded
	index   map[string]*Recorded
	known   int // how many of list were known before
	n       int // records
	entries []entry
	form    string // of the first record
	prompts map[string][]*Recorded
}

func newRecordings(o Options, file io.ReaderAt, known []problem.Problem) *recordings {
	r := &recordings{o: o, file: file, index: map[string]*Recorded{}, known: len(known)}
	for _, p := range known {
		r.add(p)
	}
	return r
}

func (r *recordings) add(p problem.Problem) *Recorded {
	n := &Recorded{Problem: p, file: r.file}
	r.list, r.index[p.ID] = append(r.list, n), n
	return n
}

// record adds the samples of a record that begins at byte at of the file.
func (r *recordings) record(line []byte, at int64) error {
	n := r.n
	r.n++
	if line[0] == '[' {
		r.form = cmp.Or(r.form, "programs")
		return r.placed(line, at, n)
	}
	fields, err := fieldsOf(line)
	if err != nil {
		return err
	}
	to, how, err := r.prompted(fields)
	if to == nil && err == nil {
		to, err = r.problemOf(fields, n)
	}
	if err != nil {
		return err
	}
	if how == asCut {
		r.form = cmp.Or(r.form, "prompts")
	}
	r.form = cmp.Or(r.form, holds(fields))
	before := len(to.places)
	right, err := to.samples(fields, line, at, how)
	if err != nil {
		return err
	}
	added := len(to.places) - before
	if right != nil && len(right) != added {
		return fmt.Errorf("is_corrects: has %d verdicts of %d samples", len(right), added)
	}
	if len(to.Said) == before {
		for _, is := range right {
			to.Said = append(to.Said, said(is))
		}
	}
	r.entries = append(r.entries, entry{of: to, at: at, size: int32(len(line)), first: int32(before), n: int32(added)})
	return nil
}

// prompted is the problem that is known by the prompt of a record which names none, as CodeT's do not; nil where there is none.
func (r *recordings) prompted(fields map[string]field) (*Recorded, reading, error) {
	if !fields["samples"].is('[') || !fields["prompt"].is('"') || r.known == 0 {
		return nil, asText, nil
	}
	for _, name := range []string{"task_id", "problem", "gt_answer", "test_cases"} {
		if fields[name].raw != nil {
			return nil, asText, nil
		}
	}
	if r.prompts == nil {
		r.prompts = map[string][]*Recorded{}
		for _, p := range r.list[:r.known] {
			r.prompts[p.Prompt] = append(r.prompts[p.Prompt], p)
		}
	}
	var prompt string
	if err := json.Unmarshal(fields["prompt"].raw, &prompt); err != nil {
		return nil, asText, JSONError(err)
	}
	switch all := r.prompts[prompt]; len(all) {
	case 0:
		return nil, asText, nil
	case 1:
		return all[0], asCut, nil
	default:
		return nil, asText, fmt.Errorf("prompt: %q and %q have the same", all[0].ID, all[1].ID)
	}
}

// holds is the field of a record that holds its samples.
func holds(fields map[string]field) string {
	for _, name := range []string{"samples", "solutions", "code_list", "completions", "results"} {
		if fields[name].is('[') {
			if name == "samples" && !fields["prompt"].is('"') && !fields["question"].is('"') {
				return "" // as the API has them
			}
			return name
		}
	}
	for _, name := range []string{"solution", "completion", "text", "program"} {
		if fields[name].is('"') {
			return name
		}
	}
	return ""
}

// placed adds the programs of record n, a list, which are of the problem at this place.
func (r *recordings) placed(line []byte, at int64, n int) error {
	if n >= r.known {
		return fmt.Errorf("is a list, of a problem by its place: there are %d problems; name their file with --problems", r.known)
	}
	to := r.list[n]
	before := len(to.places)
	how := asProgram
	if r.o.Imports {
		how = asCode
	}
	if err := to.list("programs", field{line, 0}, at, how); err != nil {
		return err
	}
	r.entries = append(r.entries, entry{of: to, at: at, size: int32(len(line)), first: int32(before), n: int32(len(to.places) - before)})
	return nil
}

// samples adds the samples of a record, and returns what it says of them; nil where it says nothing.
// Those of the field samples are texts, or else what how says.
func (p *Recorded) samples(fields map[string]field, line []byte, at int64, how reading) (right []*bool, err error) {
	for _, l := range []struct {
		name string
		how  reading
	}{{"samples", how}, {"solutions", asCompletion}, {"code_list", asCode}, {"completions", asCompletion}} {
		f := fields[l.name]
		if l.name == "samples" && len(f.raw) > 0 && !f.is('n') && !f.is('[') {
			return nil, errors.New("samples: must be a list")
		}
		if !f.is('[') {
			continue
		}
		if err := p.list(l.name, f, at, l.how); err != nil {
			return nil, err
		}
		if f := fields["is_corrects"]; len(f.raw) > 0 {
			if err := json.Unmarshal(f.raw, &right); err != nil {
				return nil, fmt.Errorf("is_corrects: %w", JSONError(err))
			}
		}
		return right, nil
	}
	if f := fields["results"]; f.is('[') {
		return p.results(f, at)
	}
	if f := fields["passed"]; f.is('t') || f.is('f') {
		is := f.is('t')
		right = []*bool{&is}
	}
	if f := fields["solution"]; f.is('"') && fields["task_id"].raw != nil {
		return right, p.sample("solution", f, at, asProgram)
	}
	return right, p.sample("sample", field{line, 0}, at, asText)
}

// results adds the programs of MultiPL-E's results.
func (p *Recorded) results(f field, at int64) (right []*bool, err error) {
	return right, f.elements(func(i int, r field) error {
		name := fmt.Sprintf("results[%d]", i)
		fields, err := fieldsOf(r.raw)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		program := fields["program"]
		if !program.is('"') {
			return fmt.Errorf("%s: has no program", name)
		}
		var is *bool
		if s := fields["status"]; s.is('"') {
			passed := string(s.raw) == `"OK"` && string(fields["exit_code"].raw) == "0"
			is = &passed
		}
		right = append(right, is)
		return p.sample(name+".program", program, at+f.at+r.at, asTested)
	})
}

func said(is *bool) Said {
	switch {
	case is == nil:
		return Nothing
	case *is:
		return Right
	}
	return Wrong
}

// list adds the samples of a list.
func (p *Recorded) list(name string, f field, at int64, how reading) error {
	return f.elements(func(i int, e field) error {
		e.at += f.at
		return p.sample(fmt.Sprintf("%s[%d]", name, i), e, at, how)
	})
}

// sample adds a sample; name stands in its errors.
func (p *Recorded) sample(name string, f field, at int64, how reading) error {
	to := place{at: at + f.at, size: int32(len(f.raw)), how: how}
	s, err := to.sample(f.raw, &p.Problem)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := s.Validate(name); err != nil {
		return err
	}
	p.places = append(p.places, to)
	return nil
}

// problemOf is the problem whose samples record n holds.
func (r *recordings) problemOf(fields map[string]field, n int) (*Recorded, error) {
	var id scalar
	for _, name := range []string{"question_id", "task_id", "problem"} {
		if f := fields[name]; len(f.raw) > 0 && !f.is('{') {
			if err := json.Unmarshal(f.raw, &id); err != nil {
				return nil, fmt.Errorf("%s: %w", name, JSONError(err))
			}
		}
	}
	inside := fields["problem"].is('{')
	if p := r.index[string(id)]; !inside && id != "" && p != nil {
		return p, nil
	}
	line, err := withoutSamples(fields)
	if err != nil {
		return nil, err
	}
	whole, err := parse(line)
	if err != nil {
		return nil, err
	}
	f := find(r.o.Form)
	if f == nil {
		f, err = detect(whole, r.o)
	}
	switch {
	case inside && err != nil:
		return nil, fmt.Errorf("problem: %w", err)
	case !inside && (err != nil || f.name == own.name) && id == "":
		return nil, errors.New("is no sample: it has neither task_id nor problem, nor the fields of a problem with samples")
	case !inside && (err != nil || f.name == own.name):
		return nil, fmt.Errorf("problem %q is not known; name the file of problems with --problems", id)
	}
	item, _, err := f.item(whole, r.o, n)
	if err != nil && inside {
		err = fmt.Errorf("problem: %w", err)
	}
	if err != nil {
		return nil, err
	}
	p := r.index[item.ID]
	if p == nil {
		return r.add(item.Problem), nil
	}
	if !sameProblem(p.Problem, item.Problem) {
		return nil, fmt.Errorf("problem %q differs from the one of the same id before", item.ID)
	}
	return p, nil
}

// withoutSamples is a record whose lists of samples and of what is said of them are empty: they would be read several times for
// nothing.
func withoutSamples(fields map[string]field) ([]byte, error) {
	rest := map[string]json.RawMessage{}
	for name, f := range fields {
		rest[name] = f.raw
		switch name {
		case "samples", "is_corrects", "code_list", "completions", "results":
			if f.is('[') {
				rest[name] = json.RawMessage("[]")
			}
		}
	}
	return json.Marshal(rest)
}

func sameProblem(a, b problem.Problem) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
