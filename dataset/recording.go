package dataset

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"borel/problem"
)

// Recording is samples that were once drawn: the problems of a file, and where in it each of their samples stands. The samples
// stay in the file, so that of many millions of bytes only their places are in memory, 16 bytes each, and one record at a time
// while it is read.
//
// A line, or an element of a JSON array, is one of
//
//	{"problem":{…},"samples":[{"text":"…"},…]}       a problem of any form, and samples as the API has them, or texts
//	{"problem":"id","samples":[…]}                   samples of a problem that is known
//	{"task_id":"…","completion":"…"}                 a sample of a problem that is known (also text, program)
//	{"prompt":"…","samples":["…"],"is_corrects":[…]} the form monkey_business
//	{"task_id":"…","prompt":"…","test":"…","solutions":["…"]}  HumanEval's form with completions, as CodeT releases them
//
// Samples of one problem are joined in the order of the file. is_corrects, wherever samples is, says what was once decided of each.
type Recording struct {
	Problems []*Recorded // those with samples, in the order of the file, or of the file of problems
	Samples  int

	file   io.ReaderAt
	remove func() error
}

// Recorded is a problem, and the places of its samples.
type Recorded struct {
	problem.Problem

	// Said is what the file says of each sample, by is_corrects; nil where that does not stand with all of them.
	Said []Said

	places []place
	file   io.ReaderAt
}

// Said is what a file says of a sample.
type Said uint8

// What is said.
const (
	Nothing Said = iota // it could not be decided
	Wrong
	Right
)

// place is where a sample stands in the file: a JSON object or text.
type place struct {
	at   int64
	size int32
	how  reading
}

// reading is what a sample is that is only a text.
type reading uint8

const (
	asText reading = iota
	asCompletion
)

// OpenRecording finds the samples of in, JSON lines or a JSON array, plain or gzip. Problems that do not stand with their samples
// are in known. A plain file is used as it is, and must stay open and as it is; anything else is copied to a temporary file that
// Close removes. read, unless nil, is told how many bytes have been read. Errors begin with name and line.
func OpenRecording(in io.Reader, name string, known []problem.Problem, o Options, read func(bytes int64)) (_ *Recording, err error) {
	r := &Recording{remove: func() error { return nil }}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	plain, err := r.open(in, read)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	index := recordings{o: o, file: r.file, index: map[string]*Recorded{}}
	for _, p := range known {
		index.add(p)
	}
	if err := records(plain, name, index.record); err != nil {
		return nil, err
	}
	for _, p := range index.list {
		if len(p.Said) != len(p.places) {
			p.Said = nil
		}
		p.places = slices.Clip(p.places)
		r.Samples += len(p.places)
	}
	r.Problems = slices.DeleteFunc(index.list, func(p *Recorded) bool { return len(p.places) == 0 })
	if r.Samples == 0 {
		return nil, fmt.Errorf("%s: no samples: the file has none", name)
	}
	return r, nil
}

// open makes r.file of in, and returns what reads it from its beginning.
func (r *Recording) open(in io.Reader, read func(int64)) (io.Reader, error) {
	if read == nil {
		read = func(int64) {}
	}
	var total int64
	counted := func(in io.Reader) io.Reader {
		return readerFunc(func(p []byte) (int, error) {
			n, err := in.Read(p)
			total += int64(n)
			read(total)
			return n, err
		})
	}
	if s := inPlace(in); s != nil {
		r.file = s
		return counted(s), nil
	}
	plain, err := kept(counted(in))
	if err != nil {
		return nil, err
	}
	copied, err := os.CreateTemp("", "borel-samples-")
	if err != nil {
		return nil, err
	}
	r.file = copied
	r.remove = func() error { return errors.Join(copied.Close(), os.Remove(copied.Name())) }
	return io.TeeReader(plain, copied), nil
}

// inPlace is what is left of a plain file; nil where in is none.
func inPlace(in io.Reader) *io.SectionReader {
	f, ok := in.(*os.File)
	if !ok {
		return nil
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil
	}
	var begin [2]byte
	if n, err := f.ReadAt(begin[:], at); err != nil || isGzip(begin[:n]) {
		return nil
	}
	return io.NewSectionReader(f, at, info.Size()-at)
}

// Close removes what was copied.
func (r *Recording) Close() error { return r.remove() }

// Len is how many samples there are.
func (p *Recorded) Len() int { return len(p.places) }

// At reads sample i.
func (p *Recorded) At(i int) (problem.Sample, error) {
	at := p.places[i]
	b := make([]byte, at.size)
	if _, err := p.file.ReadAt(b, at.at); err != nil {
		return problem.Sample{}, fmt.Errorf("problem %q, sample %d cannot be read: %w", p.ID, i, err)
	}
	s, err := at.sample(b)
	if err != nil {
		return s, fmt.Errorf("problem %q, sample %d is not what it was; has the file been changed? %w", p.ID, i, err)
	}
	return s, nil
}

// All reads all samples.
func (p *Recorded) All() ([]problem.Sample, error) {
	list := make([]problem.Sample, len(p.places))
	for i := range list {
		var err error
		if list[i], err = p.At(i); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// sample reads what stands at a place.
func (at place) sample(b []byte) (s problem.Sample, err error) {
	if len(b) == 0 || b[0] != '"' {
		return s, JSONError(json.Unmarshal(b, &s))
	}
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return s, JSONError(err)
	}
	if at.how == asCompletion {
		return problem.Completion(text), nil
	}
	return problem.Text(text), nil
}

// recordings collects what records hold.
type recordings struct {
	o     Options
	file  io.ReaderAt
	list  []*Recorded
	index map[string]*Recorded
	n     int // records
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
	fields, err := fieldsOf(line)
	if err != nil {
		return err
	}
	to, err := r.problemOf(fields, n)
	if err != nil {
		return err
	}
	before := len(to.places)
	samples, solutions := fields["samples"], fields["solutions"]
	switch {
	case samples.is('['):
		err = to.list("samples", samples, at, asText)
	case len(samples.raw) > 0 && !samples.is('n'):
		err = errors.New("samples: must be a list")
	case solutions.is('['):
		err = to.list("solutions", solutions, at, asCompletion)
	default:
		err = to.sample("sample", field{line, 0}, at, asText)
	}
	if err != nil {
		return err
	}
	var right []*bool
	if f := fields["is_corrects"]; len(f.raw) > 0 {
		if err := json.Unmarshal(f.raw, &right); err != nil {
			return fmt.Errorf("is_corrects: %w", JSONError(err))
		}
	}
	if added := len(to.places) - before; right != nil && len(right) != added {
		return fmt.Errorf("is_corrects: has %d verdicts of %d samples", len(right), added)
	}
	if len(to.Said) == before {
		for _, is := range right {
			to.Said = append(to.Said, said(is))
		}
	}
	return nil
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
	d := json.NewDecoder(bytes.NewReader(f.raw))
	if _, err := d.Token(); err != nil {
		return JSONError(err)
	}
	for i := 0; d.More(); i++ {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return JSONError(err)
		}
		if err := p.sample(fmt.Sprintf("%s[%d]", name, i), field{raw, f.at + d.InputOffset() - int64(len(raw))}, at, how); err != nil {
			return err
		}
	}
	return nil
}

// sample adds a sample; name stands in its errors.
func (p *Recorded) sample(name string, f field, at int64, how reading) error {
	to := place{at: at + f.at, size: int32(len(f.raw)), how: how}
	s, err := to.sample(f.raw)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := s.Validate(name); err != nil {
		return err
	}
	p.places = append(p.places, to)
	return nil
}

// field is a field of a record, and where in the record it begins.
type field struct {
	raw json.RawMessage
	at  int64
}

func (f field) is(begin byte) bool { return len(f.raw) > 0 && f.raw[0] == begin }

// fieldsOf finds the fields of a record.
func fieldsOf(line []byte) (map[string]field, error) {
	fault := func(err error) error {
		var whole map[string]json.RawMessage // whose error says more
		return JSONError(cmp.Or(json.Unmarshal(line, &whole), err))
	}
	d := json.NewDecoder(bytes.NewReader(line))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fault(err)
	}
	fields := map[string]field{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, fault(err)
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, fault(err)
		}
		fields[name.(string)] = field{raw, d.InputOffset() - int64(len(raw))}
	}
	if _, err := d.Token(); err != nil {
		return nil, fault(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fault(errors.New("is not JSON"))
	}
	return fields, nil
}

// problemOf is the problem whose samples record n holds.
func (r *recordings) problemOf(fields map[string]field, n int) (*Recorded, error) {
	var id scalar
	for _, name := range []string{"task_id", "problem"} {
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
		if (name == "samples" || name == "is_corrects") && f.is('[') {
			rest[name] = json.RawMessage("[]")
		}
	}
	return json.Marshal(rest)
}

func sameProblem(a, b problem.Problem) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
