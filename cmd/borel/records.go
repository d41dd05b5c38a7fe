package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"borel/problem"
)

// record is a problem with samples of it, in the order of their file.
type record struct {
	problem problem.Problem
	samples []problem.Sample
}

// maxLine is the longest line of a file, bytes: a problem with many samples stands on one.
const maxLine = 1 << 30

// openInput opens a file, gzip (known by its first bytes) or not; - is stdin.
func (m *Main) openInput(name string) (io.Reader, func(), error) {
	in, closeIn := m.Stdin, func() {}
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		in, closeIn = file, func() { file.Close() } // read only: nothing can be lost
	}
	buffered := bufio.NewReaderSize(in, 1<<20)
	if magic, err := buffered.Peek(2); err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
		return buffered, closeIn, nil
	}
	z, err := gzip.NewReader(buffered)
	if err != nil {
		closeIn()
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return z, closeIn, nil
}

// eachLine calls f with every line that is not blank. An error names the file and the line.
func (m *Main) eachLine(name string, f func(line []byte) error) error {
	in, closeIn, err := m.openInput(name)
	if err != nil {
		return err
	}
	defer closeIn()
	if name == "-" {
		name = "stdin"
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 1<<20), maxLine)
	n := 0
	for lines.Scan() {
		n++
		if line := bytes.TrimSpace(lines.Bytes()); len(line) > 0 {
			if at := invalidUTF8(line); at >= 0 { // JSON's decoder would replace it, and another program be judged
				return fmt.Errorf("%s, line %d: is not UTF-8 at byte %d", name, n, at)
			}
			if err := f(line); err != nil {
				return fmt.Errorf("%s, line %d: %w", name, n, err)
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s, line %d: %w", name, n+1, err)
	}
	return nil
}

// invalidUTF8 is the place of the first byte of b that is not text; -1 where all are.
func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// problemLine is a line of a file of problems: HumanEval's form, or a problem as the API has it.
type problemLine struct {
	TaskID     string          `json:"task_id"`
	Prompt     string          `json:"prompt"`
	EntryPoint string          `json:"entry_point"`
	Test       *string         `json:"test"`
	Solution   *string         `json:"canonical_solution"`
	Check      json.RawMessage `json:"check"`
}

// parseProblem reads either form, and validates. Problems of the API are read strictly, since a misspelt limit would
// be none; HumanEval's may have more fields, such as the solution.
func parseProblem(line []byte) (problem.Problem, error) {
	var l problemLine
	if err := json.Unmarshal(line, &l); err != nil {
		return problem.Problem{}, jsonError(err)
	}
	var p problem.Problem
	switch {
	case l.Check != nil:
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&p); err != nil {
			return p, jsonError(err)
		}
	case l.Test != nil && l.EntryPoint != "":
		p = problem.Problem{ID: l.TaskID, Language: "python", Prompt: l.Prompt, Check: problem.Check{
			Kind: problem.KindUnit, EntryPoint: l.EntryPoint, Tests: *l.Test + "\ncheck(" + l.EntryPoint + ")\n",
		}}
		if l.Solution != nil {
			s := reference(l.Prompt, *l.Solution)
			p.Reference = &s
		}
	default:
		return p, errors.New("is no problem: it has neither a check nor test and entry_point, as HumanEval's have")
	}
	return p, p.Validate("")
}

// reference is a canonical solution. Those of MBPP can be indented unlike the prompt's docstring, and are meant to stand in
// its place.
func reference(prompt, solution string) problem.Sample {
	signature, quotes := len(prompt), ""
	for _, q := range []string{`"""`, "'''"} {
		if i := strings.LastIndex(strings.TrimRight(prompt, " \n"), q); i > 0 {
			if i = strings.LastIndex(prompt[:i], q); i >= 0 && i < signature {
				signature, quotes = i, q
			}
		}
	}
	if quotes == "" {
		return problem.Completion(solution)
	}
	line := strings.LastIndexByte(prompt[:signature], '\n') + 1
	if indentation(prompt[line:]) == indentation(solution) {
		return problem.Completion(solution)
	}
	return problem.Program(prompt[:line] + solution)
}

// indentation is what the first line of s that is not blank begins with.
func indentation(s string) string {
	for line := range strings.Lines(s) {
		if text := strings.TrimLeft(line, " \t"); strings.TrimSpace(text) != "" {
			return line[:len(line)-len(text)]
		}
	}
	return ""
}

// jsonError says of half a line that it is half a line.
func jsonError(err error) error {
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("is not JSON, or only part of it: %s at byte %d", s.Error(), s.Offset)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("is only part of a JSON value")
	}
	return err
}

// readProblems reads a file of problems.
func (m *Main) readProblems(name string) ([]problem.Problem, error) {
	var out []problem.Problem
	known := map[string]bool{}
	err := m.eachLine(name, func(line []byte) error {
		p, err := parseProblem(line)
		if err != nil {
			return err
		}
		if known[p.ID] {
			return fmt.Errorf("problem %q is there twice", p.ID)
		}
		known[p.ID] = true
		out = append(out, p)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s: no problems: the file has no lines", name)
	}
	return out, err
}

// sampleLine is a line of a file of samples: one sample of a named problem, or a problem with its samples.
type sampleLine struct {
	TaskID  string           `json:"task_id"`
	Problem json.RawMessage  `json:"problem"` // a problem, or the id of one
	Samples []problem.Sample `json:"samples"`
	problem.Sample
}

// readRecords reads a file of samples, whose problems stand with them or in the file problems, where one is named. Samples
// of one problem are joined in their order; a problem without samples is left out.
func (m *Main) readRecords(problems, samples string) ([]record, error) {
	var records []record
	index := map[string]int{}
	if problems != "" {
		if problems == "-" && samples == "-" {
			return nil, usage("--problems and --samples cannot both be stdin")
		}
		list, err := m.readProblems(problems)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			index[p.ID] = len(records)
			records = append(records, record{problem: p})
		}
	}
	n := 0
	err := m.eachLine(samples, func(line []byte) error {
		i, list, err := parseSamples(line, &records, index)
		if err != nil {
			return err
		}
		for j, s := range list {
			at := "sample"
			if len(list) > 1 {
				at = fmt.Sprintf("samples[%d]", j)
			}
			if err := s.Validate(at); err != nil {
				return err
			}
		}
		records[i].samples = append(records[i].samples, list...)
		n += len(list)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fmt.Errorf("%s: no samples: the file has none", samples)
	}
	var used []record
	for _, r := range records {
		if len(r.samples) > 0 {
			used = append(used, r)
		}
	}
	return used, nil
}

// parseSamples reads one line: the place of its problem in records, where a new one is added, and its samples.
func parseSamples(line []byte, records *[]record, index map[string]int) (int, []problem.Sample, error) {
	var l sampleLine
	if err := json.Unmarshal(line, &l); err != nil {
		return 0, nil, jsonError(err)
	}
	list := l.Samples
	if list == nil {
		list = []problem.Sample{l.Sample}
	}
	id := l.TaskID
	switch {
	case len(l.Problem) > 0 && l.Problem[0] == '"':
		if err := json.Unmarshal(l.Problem, &id); err != nil {
			return 0, nil, jsonError(err)
		}
	case len(l.Problem) > 0:
		p, err := parseProblem(l.Problem)
		if err != nil {
			return 0, nil, fmt.Errorf("problem: %w", err)
		}
		if i, ok := index[p.ID]; ok {
			if !equalProblems((*records)[i].problem, p) {
				return 0, nil, fmt.Errorf("problem %q differs from the one of the same id before", p.ID)
			}
			return i, list, nil
		}
		index[p.ID] = len(*records)
		*records = append(*records, record{problem: p})
		return len(*records) - 1, list, nil
	case id == "":
		return 0, nil, errors.New("is no sample: it has neither task_id nor problem")
	}
	i, ok := index[id]
	if !ok {
		return 0, nil, fmt.Errorf("problem %q is not known; name the file of problems with --problems", id)
	}
	return i, list, nil
}

func equalProblems(a, b problem.Problem) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
