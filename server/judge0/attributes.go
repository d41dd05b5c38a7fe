package judge0

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"borel/problem"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// attributes are a submission as it was sent.
type attributes struct {
	SourceCode           scalar `json:"source_code"`
	LanguageID           scalar `json:"language_id"`
	CompilerOptions      scalar `json:"compiler_options"`
	CommandLineArguments scalar `json:"command_line_arguments"`
	Stdin                scalar `json:"stdin"`
	ExpectedOutput       scalar `json:"expected_output"`
	RedirectStderr       scalar `json:"redirect_stderr_to_stdout"`
	CallbackURL          scalar `json:"callback_url"`
	AdditionalFiles      scalar `json:"additional_files"`
	EnableNetwork        scalar `json:"enable_network"`
	PerProcessTime       scalar `json:"enable_per_process_and_thread_time_limit"`
	PerProcessMemory     scalar `json:"enable_per_process_and_thread_memory_limit"`
	NumberOfRuns         scalar `json:"number_of_runs"`
	CPUTime              scalar `json:"cpu_time_limit"`
	CPUExtraTime         scalar `json:"cpu_extra_time"`
	WallTime             scalar `json:"wall_time_limit"`
	Memory               scalar `json:"memory_limit"`
	Stack                scalar `json:"stack_limit"`
	Processes            scalar `json:"max_processes_and_or_threads"`
	MaxFileSize          scalar `json:"max_file_size"`
}

// numbers are the attributes with bounds: those of a Judge0 that is configured as it comes.
var numbers = []struct {
	name       string
	of         func(*attributes) scalar
	to         func(*submission) *float64
	def        float64
	above      bool // the least is not allowed itself
	least      float64
	most       float64
	mostText   string // as Judge0 writes it
	fractional bool
}{
	{"number_of_runs", func(a *attributes) scalar { return a.NumberOfRuns }, func(s *submission) *float64 { return &s.NumberOfRuns }, 1, true, 0, 20, "20", false},
	{"cpu_time_limit", func(a *attributes) scalar { return a.CPUTime }, func(s *submission) *float64 { return &s.CPUTime }, 5, false, 0, 15, "15.0", true},
	{"cpu_extra_time", func(a *attributes) scalar { return a.CPUExtraTime }, func(s *submission) *float64 { return &s.CPUExtraTime }, 1, false, 0, 5, "5.0", true},
	{"wall_time_limit", func(a *attributes) scalar { return a.WallTime }, func(s *submission) *float64 { return &s.WallTime }, 10, false, 1, 20, "20.0", true},
	{"memory_limit", func(a *attributes) scalar { return a.Memory }, func(s *submission) *float64 { return &s.Memory }, 128000, false, 2048, 512000, "512000", false},
	{"stack_limit", func(a *attributes) scalar { return a.Stack }, func(s *submission) *float64 { return &s.Stack }, 64000, false, 0, 128000, "128000", false},
	{"max_processes_and_or_threads", func(a *attributes) scalar { return a.Processes }, func(s *submission) *float64 { return &s.Processes }, 60, true, 0, 120, "120", false},
	{"max_file_size", func(a *attributes) scalar { return a.MaxFileSize }, func(s *submission) *float64 { return &s.MaxFileSize }, 1024, false, 0, 4096, "4096", false},
}

const maxText = 512 // characters of compiler_options and of command_line_arguments

// faults are what is wrong with each attribute.
type faults map[string][]string

func (f faults) add(name, format string, a ...any) {
	f[name] = append(f[name], fmt.Sprintf(format, a...))
}

// check validates what was sent, in Judge0's words where it has any.
func (d *door) check(a *attributes, base64 bool) (*submission, faults) {
	bad := faults{}
	s := &submission{
		Source: a.SourceCode.bytes(base64), Stdin: a.Stdin.bytes(base64), Expected: a.ExpectedOutput.bytes(base64),
		RedirectStderr: a.RedirectStderr.truth(false), PerProcessTime: a.PerProcessTime.truth(false), PerProcessMemory: a.PerProcessMemory.truth(false),
	}
	if blankBytes(s.Source) {
		bad.add("source_code", "can't be blank")
	}
	d.checkLanguage(a.LanguageID, s, bad)
	for _, n := range numbers {
		v, sent := n.def, n.of(a)
		if !sent.blank() {
			var ok bool
			if v, ok = sent.number(); !ok {
				bad.add(n.name, "is not a number")
				continue
			}
		}
		switch {
		case n.above && v <= n.least:
			bad.add(n.name, "must be greater than %g", n.least)
		case !n.above && v < n.least:
			bad.add(n.name, "must be greater than or equal to %g", n.least)
		case v > n.most:
			bad.add(n.name, "must be less than or equal to %s", n.mostText)
		}
		if !n.fractional {
			v = math.Trunc(v)
		}
		*n.to(s) = v
	}
	for _, t := range []struct {
		name string
		sent scalar
		to   **string
	}{{"compiler_options", a.CompilerOptions, &s.CompilerOptions}, {"command_line_arguments", a.CommandLineArguments, &s.CommandLineArguments}, {"callback_url", a.CallbackURL, &s.CallbackURL}} {
		if t.sent.kind != 0 {
			*t.to = &t.sent.text
		}
		if t.name != "callback_url" && utf8.RuneCountInString(t.sent.text) > maxText {
			bad.add(t.name, "is too long (maximum is %d characters)", maxText)
		}
	}
	if !a.CompilerOptions.blank() {
		bad.add("compiler_options", "setting compiler options is only allowed for compiled languages")
	}
	if a.EnableNetwork.truth(false) {
		bad.add("enable_network", "enabling network is not allowed")
	}
	if !a.CallbackURL.blank() && !d.callbacks.allow(a.CallbackURL.text) {
		bad.add("callback_url", "setting callback is not allowed")
	}
	if !a.AdditionalFiles.blank() {
		s.Archive = decode64(a.AdditionalFiles.text)
	}
	if len(bad) == 0 {
		s.checkRequest(bad)
	}
	return s, bad
}

// checkRequest finds what Judge0 would not: what is beyond our own bounds, and what it would pass over in silence.
func (s *submission) checkRequest(bad faults) {
	r, field, err := s.request()
	if err == nil {
		field = "source_code"
		err = r.Validate("")
	}
	if err == nil {
		return
	}
	message := err.Error()
	if i, ok := err.(*problem.Invalid); ok {
		message = i.Message
		if name, ok := fieldNames[i.Field]; ok {
			field = name
		}
	}
	bad.add(field, "%s", message)
}

// fieldNames are our names of what Judge0 names otherwise.
var fieldNames = map[string]string{"source": "source_code", "stdin": "stdin", "args": "command_line_arguments", "files": "additional_files"}

func blankBytes(b []byte) bool {
	for _, c := range b {
		switch c {
		case ' ', '\t', '\n', '\v', '\f', '\r':
		default:
			return false
		}
	}
	return true
}

func (d *door) checkLanguage(sent scalar, s *submission, bad faults) {
	if sent.blank() {
		bad.add("language_id", "can't be blank")
		bad.add("language_id", "language with id  doesn't exist")
		return
	}
	id := sent.whole()
	if !known(id) {
		bad.add("language_id", "language with id %s doesn't exist", strconv.FormatInt(id, 10))
		return
	}
	s.LanguageID = int(id)
}

// batch is a list of submissions, of which no more are read than a request may hold; size counts all.
type batch struct {
	list []attributes
	size int
}

// UnmarshalJSONFrom takes any JSON; what is no list counts as none, and an entry that is no object as an empty one.
func (b *batch) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '[' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		b.size++
		var a attributes
		var err error
		if k := dec.PeekKind(); k == '{' && b.size <= MaxBatch {
			err = json.UnmarshalDecode(dec, &a)
		} else {
			err = dec.SkipValue()
		}
		if err != nil {
			return err
		}
		if b.size <= MaxBatch {
			b.list = append(b.list, a)
		}
	}
	_, err := dec.ReadToken()
	return err
}
