package worker

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"borel/confine"
	"borel/languages"
	"borel/sandbox"
)

// Protocol is the version of the messages. Both sides must have the same.
const Protocol = 1

// Request is what a worker is told. It is plain data, and means the same on any machine of one processor architecture.
type Request struct {
	Number uint64 // of the run; a worker gets rising ones
	Cancel bool   // stop that run, if it is still under way: nothing below is set
	Guest  languages.Guest
	Spec   sandbox.Spec
}

// Answer is what a worker says: its hello first, then one answer to each request that is not a cancellation. Exactly one
// of the pointers is set.
type Answer struct {
	Number uint64 // of the request; 0 for the hello
	Hello  *Hello
	Result *sandbox.Result
	Fault  *Fault
}

// Hello is what a worker says of itself once it is loaded and confined.
type Hello struct {
	Protocol   int
	Identities map[string]string // by language, of the worker's hash seed
	Isolation  confine.Report
}

// Fault is a run that came to no result, or a worker that could not start.
type Fault struct {
	Class string // one of the classes below
	Text  string
}

// Classes of faults.
const (
	classWall      = "wall"      // sandbox.ErrWall
	classCancelled = "cancelled" // as it was told
	classService   = "service"   // anything else: the worker's fault, or that of who made the spec
)

// Bounds of an answer besides those that its request's limits give.
const (
	maxText     = 16 << 10 // bytes of a fault or a trap
	maxHello    = 1 << 20  // bytes of a hello's frame
	answerFrame = 64 << 10 // bytes of an answer's frame for all but what the guest wrote
	wordBytes   = 5        // of a number in Returned
)

var reasons = []sandbox.Reason{
	sandbox.Finished, sandbox.Exited, sandbox.Fuel, sandbox.Sleep, sandbox.Memory, sandbox.Output, sandbox.Files, sandbox.Trap,
}

// room is the greatest frame that an honest answer to s can take.
func room(s *sandbox.Spec) int64 {
	n := int64(answerFrame) + maxText + wordBytes*int64(len(s.Steps)+1)
	// Each term is bounded before it is multiplied or added: limits may be as large as an int64.
	n += 2 * min(max(s.Limits.Output, 0), MaxFrame)
	for _, name := range s.Fetch {
		n += int64(len(name)) + 16
	}
	if len(s.Fetch) > 0 {
		n += min(max(s.Limits.FileBytes, 0), MaxFrame)
		for _, step := range s.Steps { // sources are files too, beyond the limit
			n += int64(len(step.Source))
		}
	}
	return min(n, MaxFrame)
}

// check says what is wrong with an answer to r, which an honest worker cannot have said. floor is the linear memory that
// every guest has from the beginning.
func (a *Answer) check(r *Request, floor int64) error {
	switch {
	case a.Number != r.Number:
		return fmt.Errorf("it answered run %d when asked for run %d", a.Number, r.Number)
	case a.Hello != nil || (a.Result == nil) == (a.Fault == nil):
		return errors.New("its answer is neither a result nor a fault")
	case a.Fault != nil:
		if len(a.Fault.Text) > maxText {
			return fmt.Errorf("its fault has %d bytes of text, the limit is %d", len(a.Fault.Text), maxText)
		}
		if !slices.Contains([]string{classWall, classCancelled, classService}, a.Fault.Class) {
			return fmt.Errorf("its fault is of class %q", cut(a.Fault.Class))
		}
		return nil
	}
	res, l := a.Result, r.Spec.Limits
	if !slices.Contains(reasons, res.Reason) {
		return fmt.Errorf("reason %q is not known", cut(string(res.Reason)))
	}
	for _, n := range []struct {
		what       string
		got, limit int64
	}{
		{"fuel", res.Fuel, l.Fuel},
		{"virtual time", int64(res.Virtual), int64(l.Virtual)},
		{"memory", res.Memory, max(l.Memory, floor)},
		{"stdout", int64(len(res.Stdout)), l.Output},
		{"stderr", int64(len(res.Stderr)), l.Output},
		{"returned steps", int64(len(res.Returned)), int64(len(r.Spec.Steps)) + 1},
		{"bytes of trap", int64(len(res.Trap)), maxText},
	} {
		if n.got < 0 || n.got > n.limit {
			return fmt.Errorf("%s is %d, the limit is %d", n.what, n.got, n.limit)
		}
	}
	if res.Trap != "" && res.Reason != sandbox.Trap {
		return fmt.Errorf("reason %s has a trap", res.Reason)
	}
	left := l.FileBytes
	for _, step := range r.Spec.Steps { // sources are files too, beyond the limit
		left += int64(len(step.Source))
	}
	for name, b := range res.Files {
		if left -= int64(len(b)); left < 0 {
			return fmt.Errorf("the files have more bytes than the limit, which is %d", l.FileBytes)
		}
		if !slices.Contains(r.Spec.Fetch, name) {
			return fmt.Errorf("file %q was not asked for", cut(name))
		}
		if int64(len(b)) > l.FileBytes {
			return fmt.Errorf("a file has %d bytes, the limit is %d", len(b), l.FileBytes)
		}
	}
	return nil
}

// cut makes text from a worker fit for a message: short, and without control characters.
func cut(s string) string {
	const limit = 2000
	s = strings.ToValidUTF8(s[:min(len(s), limit)], "�")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return '�'
		}
		return r
	}, s)
}
