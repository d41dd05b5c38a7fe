package dataset

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

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
//	{"task_id":"…","solution":"…"}                   a whole program for a problem that is known, as EvalPlus reads them
//	{"question_id":"…","code_list":["…"]}            programs for a problem that is known, as LiveCodeBench reads them
//	["…","…"]                                        programs for the problem at this place of those that are known, as the
//	                                                 harness of BigCode writes them
//	{"prompt":"…","samples":["…"]}                   completions of a problem that is known by its prompt, as CodeT reads them:
//	                                                 they end at the next definition, comment, condition or print
//	{"name":"…","language":"…","prompt":"…","tests":"…","completions":["…"]}   MultiPL-E's
//	{…,"results":[{"program":"…","status":"OK","exit_code":0}]}                and its results: programs that end in the tests
//
// Samples of one problem are joined in the order of the file. is_corrects, wherever samples is, says what was once decided of
// each; so do passed beside a single sample, and the status of results.
type Recording struct {
	Problems []*Recorded // those with samples, in the order of the file, or of the file of problems
	Samples  int

	// Form is what the samples of the first record stand in: programs, which are a list by themselves, prompts, which name their
	// problem by its prompt, or the field samples, solutions, code_list, completions, results, solution, completion, text or
	// program; empty where they are as the API has them.
	Form string

	Array bool // the records are elements of an array

	file    io.ReaderAt
	remove  func() error
	entries []entry
	names   []string // of the file that each of entries is, where they are files
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
	asProgram
	asTested // a program with the problem's tests behind it
	asCut    // a completion that ends where CodeT ends it
	asCode   // a program for LiveCodeBench, which imports much before it runs one
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
	index := newRecordings(o, r.file, known)
	if err := records(plain, name, index.record); err != nil {
		return nil, err
	}
	if r.Array, err = isArray(r.file); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, r.finish(index, name)
}

// isArray reports whether a file begins as an array.
func isArray(file io.ReaderAt) (bool, error) {
	start := make([]byte, 1<<12)
	n, err := file.ReadAt(start, 0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return bytes.HasPrefix(bytes.TrimSpace(start[:n]), []byte("[")), err
}

// finish takes what was collected.
func (r *Recording) finish(index *recordings, name string) error {
	for _, p := range index.list {
		if len(p.Said) != len(p.places) {
			p.Said = nil
		}
		p.places = slices.Clip(p.places)
		r.Samples += len(p.places)
	}
	r.entries, r.Form = index.entries, index.form
	r.Problems = slices.DeleteFunc(index.list, func(p *Recorded) bool { return len(p.places) == 0 })
	if r.Samples == 0 {
		return fmt.Errorf("%s: no samples: the file has none", name)
	}
	return nil
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
	s, err := at.sample(b, &p.Problem)
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

// sample reads what stands at a place, of a problem.
func (at place) sample(b []byte, of *problem.Problem) (s problem.Sample, err error) {
	if len(b) == 0 || b[0] != '"' {
		return s, JSONError(json.Unmarshal(b, &s))
	}
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return s, JSONError(err)
	}
	switch at.how {
	case asCompletion:
		return problem.Completion(text), nil
	case asProgram:
		return problem.Program(text), nil
	case asCode:
		return problem.Program(Preamble + text), nil
	case asCut:
		for _, stop := range []string{"\nclass", "\ndef", "\n#", "\nif", "\nprint"} {
			text, _, _ = strings.Cut(text, stop)
		}
		return problem.Completion(text), nil
	case asTested:
		program, ok := strings.CutSuffix(text, "\n"+of.Check.Tests)
		if !ok {
			return s, errors.New("does not end in the tests")
		}
		return problem.Program(program), nil
	}
	return problem.Text(text), nil
}
