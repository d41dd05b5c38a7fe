// Package languages turns source text in a language into a run of the sandbox, and a sandbox's result back into the
// language's terms: which step raised what. It knows no problems and no checks.
//
// [Find] gives a [Language]; its Spec method makes the sandbox.Spec of a program, its End method reads a Result.
// A [Runtime] loads the images and runs specs on them.
package languages

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"borel/sandbox"
)

// Language is one that can be run.
type Language struct {
	Name  string
	rate  int64 // fuel in a second
	steps []string
	load  func() (sandbox.Image, error)

	// whole, unless nil, makes the spec of a program that is run by another one, on the image of the language called on.
	whole func(Program) sandbox.Spec
	on    string
}

var (
	all   = []*Language{&python}
	whole = []*Language{&pytest}
)

// Find returns the language called name; the empty name means python.
func Find(name string) (*Language, bool) {
	if name == "" {
		name = python.Name
	}
	return find(all, name)
}

// FindWhole is Find with the languages whose programs are only run as a whole: no steps stand behind them, so that nothing
// can be judged in them. They have no image of their own.
func FindWhole(name string) (*Language, bool) {
	if l, ok := find(whole, name); ok {
		return l, true
	}
	return Find(name)
}

func find(in []*Language, name string) (*Language, bool) {
	i := slices.IndexFunc(in, func(l *Language) bool { return l.Name == name })
	if i < 0 {
		return nil, false
	}
	return in[i], true
}

// Names lists the languages that Find knows: each has an image.
func Names() []string { return names(all) }

// WholeNames lists those that FindWhole knows.
func WholeNames() []string { return append(Names(), names(whole)...) }

func names(of []*Language) (names []string) {
	for _, l := range of {
		names = append(names, l.Name)
	}
	return names
}

// Whole reports whether programs of l are only run as a whole: see [FindWhole]. Such a program has one step, which leaves by an
// exit of its own.
func (l *Language) Whole() bool { return l.whole != nil }

// Program is what to run. Steps are source texts, run one after the other in the same interpreter; a step that raises
// or exits ends the run.
type Program struct {
	Steps  []string
	Stdin  []byte
	Args   []string // after the program's name
	Files  map[string][]byte
	Fetch  []string
	Seed   int64
	Start  time.Time // what the guest's clock shows at first; zero means sandbox.DefaultStart
	Limits Limits

	// Cells, instead of Steps, are run as a notebook runs them: see Language.Cells.
	Cells       []string
	CellSeconds float64 // that each may take; 0 means Limits.Seconds
	GoOn        bool    // an exception ends its cell, not the run
}

// Limits of a run in a user's units.
type Limits struct {
	Seconds   float64 // of work, and of the guest's clock
	Memory    int64   // bytes
	Output    int64   // bytes on each stream
	Files     int
	FileBytes int64
}

// wallPerSecond bounds real time: a run that takes longer is the machine's fault, not the program's. One second of
// fuel takes about three seconds on an idle machine, and up to six in the worst programs.
const wallPerSecond = 60

// Spec is the sandbox's form of p.
func (l *Language) Spec(p Program) sandbox.Spec {
	if l.whole != nil {
		return l.whole(p)
	}
	virtual := time.Duration(math.Ceil(p.Limits.Seconds * float64(time.Second)))
	s := sandbox.Spec{
		Stdin: p.Stdin, Files: p.Files, Fetch: p.Fetch, Seed: p.Seed, Start: p.Start,
		Args: append([]string{l.steps[0]}, p.Args...),
		Limits: sandbox.Limits{
			Fuel: int64(math.Ceil(p.Limits.Seconds * float64(l.rate))), Virtual: virtual,
			Memory: p.Limits.Memory, Output: p.Limits.Output, Files: p.Limits.Files, FileBytes: p.Limits.FileBytes,
			Wall: virtual*wallPerSecond + 30*time.Second,
		},
	}
	for i, source := range p.Steps {
		s.Steps = append(s.Steps, sandbox.Step{Name: l.steps[i], Source: []byte(source)})
	}
	if len(p.Cells) > 0 {
		l.cells(&s, &p)
	}
	return s
}

// Seconds is fuel as seconds of work.
func (l *Language) Seconds(fuel int64) float64 { return float64(fuel) / float64(l.rate) }

// Kind is how a program ended, in the language's terms.
type Kind int

// Every Kind.
const (
	Done      Kind = iota // all steps ran to their ends
	Exit                  // a step left (SystemExit, os._exit)
	Assertion             // an AssertionError was not caught
	Syntax                // a step's source does not compile
	NoMemory              // a MemoryError was not caught
	Raised                // anything else was not caught
	Stopped               // the sandbox ended the run: see Result.Reason
)

// End is how a run ended.
type End struct {
	Kind     Kind
	Step     int    // index of the step that ended the run; the number of steps where all ran to their ends
	ExitCode int    // as a process would have left; -1 where the sandbox ended the run
	Message  string // last line of the traceback, or what the sandbox said
}

// End reads a result of a program with n steps.
func (l *Language) End(n int, r sandbox.Result) End {
	e := End{Step: n}
	for i, v := range r.Returned {
		if v != 0 { // one past the last step is the guest's end: exit handlers, flushing
			e.Step, e.Kind, e.ExitCode = min(i, n), Kind(v>>8), int(v&0xff)
			break
		}
	}
	if e.Kind == Done && len(r.Returned) < n {
		e.Step = len(r.Returned)
	}
	switch r.Reason {
	case sandbox.Finished:
	case sandbox.Exited:
		e.ExitCode = r.ExitCode & 0xff
		if e.Step < n {
			e.Kind = Exit
		}
	default:
		if r.Reason == sandbox.Trap || e.Kind == Done || r.Reason == sandbox.Fuel || r.Reason == sandbox.Sleep || r.Reason == sandbox.Output || r.Reason == sandbox.Input {
			e.ExitCode = -1
		}
		e.Kind = Stopped
		e.Message = reasons[r.Reason]
		if r.Trap != "" {
			e.Message += ": " + r.Trap
		}
		return e
	}
	switch e.Kind {
	case Done:
	case Exit:
		e.Message = fmt.Sprintf("exited with code %d", e.ExitCode)
	default:
		e.Message = lastLine(r.Stderr)
	}
	return e
}

var reasons = map[sandbox.Reason]string{
	sandbox.Fuel:   "time limit: the work is used up",
	sandbox.Sleep:  "time limit: slept too long",
	sandbox.Memory: "memory limit",
	sandbox.Output: "output limit",
	sandbox.Files:  "file limit: too many files or too much in them",
	sandbox.Trap:   "the interpreter broke",
	sandbox.Input:  "more input was asked for",
}

// lastLine is the last line of b that is not blank, cut to a readable length.
func lastLine(b []byte) string {
	const limit = 500
	s := strings.TrimRight(string(b[max(0, len(b)-64<<10):]), " \n\r\t")
	s = s[strings.LastIndexByte(s, '\n')+1:]
	if len(s) > limit {
		s = s[:limit] + "…"
	}
	return strings.ToValidUTF8(s, "�")
}
