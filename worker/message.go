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
const Protocol = 4

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
	Mode       sandbox.Mode      // how it compiles guests
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
	tailFrame   = 256      // bytes of a tail's result besides what sandbox.Result.Size counts
)

var reasons = []sandbox.Reason{
	sandbox.Finished, sandbox.Exited, sandbox.Fuel, sandbox.Sleep, sandbox.Memory, sandbox.Output, sandbox.Files, sandbox.Trap, sandbox.Input, sandbox.Deadlock,
}

// room is the greatest frame that an honest answer to s can take.
func room(s *sandbox.Spec) int64 {
	n := int64(answerFrame) + roomOf(s, len(s.Steps))
	if s.Peer != nil {
		n += roomOf(s.Peer, len(s.Peer.Steps))
	}
	if len(s.Tails) > 0 { // the last of them may come on top of the bound
		n += sandbox.MaxTailBytes + roomOf(s, len(s.Steps)+1) + int64(len(s.Tails))*tailFrame
	}
	return min(n, MaxFrame)
}

// roomOf is room for the result of one run of s with so many steps.
func roomOf(s *sandbox.Spec, steps int) int64 {
	n := int64(maxText) + wordBytes*int64(steps+1)
	if s.Marked {
		n += sandbox.MarkBytes * int64(steps)
	}
	// Each term is bounded before it is multiplied or added: limits may be as large as an int64.
	n += 2 * min(max(s.Limits.Output, 0), MaxFrame)
	n += wordBytes * min(2*min(max(s.Limits.Output, 0), MaxFrame)+2, sandbox.MaxOrder)
	if s.Channel != nil {
		n += min(max(s.Limits.Output, 0), MaxFrame)
	}
	for _, name := range s.Fetch {
		n += int64(len(name)) + 16
	}
	if len(s.Fetch) > 0 {
		n += min(max(s.Limits.FileBytes, 0), MaxFrame)
		for _, step := range slices.Concat(s.Steps, s.Tails) { // sources are files too, beyond the limit
			n += int64(len(step.Source))
		}
	}
	return n
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
	s := r.Spec
	if err := errors.Join(checkRun(a.Result, &s, floor), checkTails(a.Result, s, floor), checkPeer(a.Result, &s, floor)); err != nil {
		return err
	}
	return nil
}

// checkPeer checks what a result says of the other of a pair, and of the two together.
func checkPeer(res *sandbox.Result, s *sandbox.Spec, floor int64) error {
	p := res.Peer
	switch {
	case p == nil && res.Reason == sandbox.Deadlock:
		return errors.New("a run without a peer waited for it")
	case p == nil:
		if s.Peer != nil && (s.Join != sandbox.JoinChannel || res.Passed()) {
			return errors.New("the peer's result is missing")
		}
		return nil
	case s.Peer == nil:
		return errors.New("it has a peer's result where there is no peer")
	case p.Peer != nil || p.Tails != nil:
		return errors.New("a peer's result has more than its own")
	case (res.Reason == sandbox.Deadlock) != (p.Reason == sandbox.Deadlock):
		return errors.New("only one of a pair waits for the other for ever")
	}
	if err := checkRun(p, s.Peer, floor); err != nil {
		return fmt.Errorf("peer: %w", err)
	}
	return nil
}

// checkTails checks the results of tails.
func checkTails(res *sandbox.Result, s sandbox.Spec, floor int64) error {
	come := res.Passed() && len(res.Returned) == len(s.Steps) // Steps came to their end
	switch n := len(res.Tails); {
	case n > len(s.Tails) || len(s.Tails) > 0 && (n > 0) != come:
		return fmt.Errorf("it has %d results of %d tails after reason %s and %d steps", n, len(s.Tails), res.Reason, len(res.Returned))
	}
	var bytes, fuel int64
	steps := s.Steps
	for i := range res.Tails {
		t := &res.Tails[i]
		s.Steps = append(slices.Clip(steps), s.Tails[i])
		switch err := checkRun(t, &s, floor); {
		case err != nil:
			return fmt.Errorf("tail %d: %w", i, err)
		case t.Peer != nil || t.Tails != nil || t.Reason == sandbox.Deadlock:
			return fmt.Errorf("tail %d has more than a single run's result", i)
		case len(t.Returned) < len(steps) || slices.ContainsFunc(t.Returned[:len(steps)], func(v uint32) bool { return v != 0 }):
			return fmt.Errorf("tail %d does not begin where the steps ended", i)
		case t.Fuel < res.Fuel || t.Virtual < res.Virtual || t.Memory < res.Memory:
			return fmt.Errorf("tail %d took less than the steps before it", i)
		case bytes > sandbox.MaxTailBytes || fuel > s.Limits.Fuel:
			return fmt.Errorf("tail %d is beyond what tails may take together", i)
		}
		bytes += t.Size()
		fuel += t.Fuel - res.Fuel
	}
	return nil
}

// checkRun checks the result of one run, without its peer and tails.
func checkRun(res *sandbox.Result, s *sandbox.Spec, floor int64) error {
	l := s.Limits
	if !slices.Contains(reasons, res.Reason) {
		return fmt.Errorf("reason %q is not known", cut(string(res.Reason)))
	}
	var channel int64
	if s.Channel != nil {
		channel = l.Output
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
		{"channel", int64(len(res.Channel)), channel},
		{"returned steps", int64(len(res.Returned)), int64(len(s.Steps)) + 1},
		{"bytes of trap", int64(len(res.Trap)), maxText},
	} {
		if n.got < 0 || n.got > n.limit {
			return fmt.Errorf("%s is %d, the limit is %d", n.what, n.got, n.limit)
		}
	}
	if res.Trap != "" && res.Reason != sandbox.Trap {
		return fmt.Errorf("reason %s has a trap", res.Reason)
	}
	if res.Reason == sandbox.Input && !s.MoreStdin {
		return errors.New("it waits for input that cannot follow")
	}
	if err := errors.Join(checkOrder(res), checkMarks(res, s)); err != nil {
		return err
	}
	left := l.FileBytes
	for _, step := range s.Steps { // sources are files too, beyond the limit
		left += int64(len(step.Source))
	}
	for name, b := range res.Files {
		if left -= int64(len(b)); left < 0 {
			return fmt.Errorf("the files have more bytes than the limit, which is %d", l.FileBytes)
		}
		if !slices.Contains(s.Fetch, name) {
			return fmt.Errorf("file %q was not asked for", cut(name))
		}
		if int64(len(b)) > l.FileBytes {
			return fmt.Errorf("a file has %d bytes, the limit is %d", len(b), l.FileBytes)
		}
	}
	return nil
}

// checkOrder checks how a result says its two streams lie in one another.
func checkOrder(res *sandbox.Result) error {
	switch n := len(res.Order); {
	case len(res.Stdout) == 0 || len(res.Stderr) == 0:
		if n > 0 {
			return errors.New("it has pieces of two outputs where there is one")
		}
		return nil
	case n > sandbox.MaxOrder:
		return fmt.Errorf("its output lies in %d pieces, the limit is %d", len(res.Order), sandbox.MaxOrder)
	}
	var sums [2]int
	for i, n := range res.Order {
		if n == 0 && i > 0 {
			return errors.New("a piece of its output is empty")
		}
		sums[i%2] += int(n)
	}
	if got, want := sums, [2]int{len(res.Stdout), len(res.Stderr)}; got != want {
		return fmt.Errorf("the pieces of its output have %v bytes, the output %v", got, want)
	}
	return nil
}

// checkMarks wants one mark for each step that returned, and none that goes back or beyond the streams.
func checkMarks(res *sandbox.Result, s *sandbox.Spec) error {
	want := 0
	if s.Marked {
		want = min(len(res.Returned), len(s.Steps))
	}
	if len(res.Marks) != want {
		return fmt.Errorf("it has %d marks of %d steps", len(res.Marks), want)
	}
	end := sandbox.Mark{Stdout: int64(len(res.Stdout)), Stderr: int64(len(res.Stderr)), Channel: int64(len(res.Channel))}
	var last sandbox.Mark
	for _, m := range append(slices.Clip(res.Marks), end) {
		if m.Stdout < last.Stdout || m.Stderr < last.Stderr || m.Channel < last.Channel {
			return fmt.Errorf("mark %+v comes after %+v", m, last)
		}
		last = m
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
