// Package problem holds the nouns that every other package speaks: [Problem], [Check], [Sample], [Verdict], [Run] and
// [Limits]. It does nothing but describe and validate them, and imports nothing of this project.
//
// A problem is a prompt and a check. A sample is one model output for it. A verdict is the check's decision on a
// sample, and has three values, not two: right, wrong, and [Unknown] when a fault of the service kept it from being
// decided. Unknown is never counted as wrong.
//
// The JSON field names are those of the HTTP API and of the JSONL files; they are stable.
package problem

import (
	"fmt"
	"math"
)

// Problem is a prompt and the way to decide an answer to it.
type Problem struct {
	ID       string `json:"id" doc:"Name of the problem, echoed in every result."`
	Language string `json:"language,omitempty" doc:"Language of the programs; default python. Not needed for answer and proof checks."`
	Prompt   string `json:"prompt,omitempty" doc:"What the model is asked; completions are appended to it."`
	Check    Check  `json:"check" doc:"How a sample is decided."`
	Limits   Limits `json:"limits,omitzero" doc:"What one run may use."`
	// Reference never decides a sample.
	Reference *Sample `json:"reference,omitempty" doc:"a solution that is known to be right: audits judge the check by it, and split checks fall back by it"`
	Variant
}

// Sample is one model output. Exactly one field is set, and says how a program (or an answer) is taken out of it.
type Sample struct {
	Completion *string `json:"completion,omitempty" doc:"continues the prompt; the program is prompt + completion"`
	Text       *string `json:"text,omitempty" doc:"a chat answer, from which the program or answer is extracted"`
	Program    *string `json:"program,omitempty" doc:"a program, taken as it is"`
}

// Completion is a sample that continues the prompt.
func Completion(s string) Sample { return Sample{Completion: &s} }

// Text is a sample from which the program is to be extracted.
func Text(s string) Sample { return Sample{Text: &s} }

// Program is a sample that is a program already.
func Program(s string) Sample { return Sample{Program: &s} }

// Raw is the model's output as it came, whichever form the sample has.
func (s Sample) Raw() string {
	for _, p := range []*string{s.Completion, s.Text, s.Program} {
		if p != nil {
			return *p
		}
	}
	return ""
}

// Limits bound one run. A zero field means the default.
type Limits struct {
	Seconds  float64 `json:"seconds,omitempty" doc:"seconds of work, counted in fuel, and of virtual time; default 10, at most 600"`
	MemoryMB int     `json:"memory_mb,omitempty" doc:"megabytes (2^20) of linear memory; default 256, at most 2048"`
	OutputKB int     `json:"output_kb,omitempty" doc:"kilobytes (2^10) on each of stdout and stderr; default 1024, at most 65536"`
	Files    int     `json:"files,omitempty" doc:"files and folders a run may create; default 1000, at most 10000"`
	FileKB   int     `json:"file_kb,omitempty" doc:"kilobytes (2^10) of file content a run may hold; default 16384, at most 262144"`
}

// Default and greatest limits of a run.
var (
	DefaultLimits = Limits{Seconds: 10, MemoryMB: 256, OutputKB: 1024, Files: 1000, FileKB: 16 << 10}
	MaxLimits     = Limits{Seconds: 600, MemoryMB: 2048, OutputKB: 64 << 10, Files: 10_000, FileKB: 256 << 10}
)

// MinMemoryMB is the least memory limit: what a started interpreter already occupies.
const MinMemoryMB = 64

// Bounds on what one problem or sample may hold.
const (
	MaxSource  = 16 << 20 // bytes of a program, of tests, of a sample, of a prompt
	MaxIDBytes = 512      // bytes of a problem's id
)

// WithDefaults returns l with every zero field replaced by its default.
func (l Limits) WithDefaults() Limits {
	d := DefaultLimits
	if l.Seconds != 0 {
		d.Seconds = l.Seconds
	}
	if l.MemoryMB != 0 {
		d.MemoryMB = l.MemoryMB
	}
	if l.OutputKB != 0 {
		d.OutputKB = l.OutputKB
	}
	if l.Files != 0 {
		d.Files = l.Files
	}
	if l.FileKB != 0 {
		d.FileKB = l.FileKB
	}
	return d
}

// Validate reports the first limit out of range, as an *[Invalid] whose field begins with at.
func (l Limits) Validate(at string) error {
	if l.Seconds < 0 || l.Seconds > MaxLimits.Seconds || math.IsNaN(l.Seconds) {
		return Invalidf(at+"seconds", "must be between 0 (the default, %g) and %g", DefaultLimits.Seconds, MaxLimits.Seconds)
	}
	if l.MemoryMB != 0 && (l.MemoryMB < MinMemoryMB || l.MemoryMB > MaxLimits.MemoryMB) {
		return Invalidf(at+"memory_mb", "must be 0 (the default, %d) or between %d and %d", DefaultLimits.MemoryMB, MinMemoryMB, MaxLimits.MemoryMB)
	}
	for _, f := range []struct {
		name       string
		v, def, to int
	}{
		{"output_kb", l.OutputKB, DefaultLimits.OutputKB, MaxLimits.OutputKB},
		{"files", l.Files, DefaultLimits.Files, MaxLimits.Files},
		{"file_kb", l.FileKB, DefaultLimits.FileKB, MaxLimits.FileKB},
	} {
		if f.v < 0 || f.v > f.to {
			return Invalidf(at+f.name, "must be between 0 (the default, %d) and %d", f.def, f.to)
		}
	}
	return nil
}

// Invalid is a fault in what the caller sent: which field, and what it must be.
type Invalid struct {
	Field   string // dotted path, such as problem.check.cases[3].stdin
	Message string
}

func (e *Invalid) Error() string { return e.Field + ": " + e.Message }

// Invalidf returns an *[Invalid].
func Invalidf(field, format string, a ...any) error {
	return &Invalid{Field: field, Message: fmt.Sprintf(format, a...)}
}

// Validate reports the first fault of p, as an *[Invalid] whose field begins with at (such as "problem.").
// Whether the language exists is not known here.
func (p *Problem) Validate(at string) error {
	if len(p.ID) > MaxIDBytes {
		return Invalidf(at+"id", "has %d bytes, the limit is %d", len(p.ID), MaxIDBytes)
	}
	if len(p.Prompt) > MaxSource {
		return Invalidf(at+"prompt", "has %d bytes, the limit is %d", len(p.Prompt), MaxSource)
	}
	if err := p.Limits.Validate(at + "limits."); err != nil {
		return err
	}
	if err := p.Variant.Validate(at); err != nil {
		return err
	}
	if p.Reference != nil {
		if err := p.Reference.Validate(at + "reference"); err != nil {
			return err
		}
	}
	return p.Check.validate(at + "check.")
}

// Validate reports the first fault of s, as an *[Invalid] whose field is at or begins with it.
func (s Sample) Validate(at string) error {
	n := 0
	for _, f := range []struct {
		name string
		v    *string
	}{{"completion", s.Completion}, {"text", s.Text}, {"program", s.Program}} {
		if f.v == nil {
			continue
		}
		n++
		if len(*f.v) > MaxSource {
			return Invalidf(at+"."+f.name, "has %d bytes, the limit is %d", len(*f.v), MaxSource)
		}
	}
	if n != 1 {
		return Invalidf(at, "needs exactly one of completion, text and program, has %d", n)
	}
	return nil
}
