package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Spec is everything that a run depends on. The same Spec on the same Template gives the same Result, on any machine
// of the same processor architecture and under any load. It is plain data: it can be hashed, stored and sent.
type Spec struct {
	Steps  []Step            // guest calls, in order; a step that does not return ends the run
	Stdin  []byte            // what the guest reads from descriptor 0
	Files  map[string][]byte // clean path, relative to the working folder or absolute → content, there before the first step
	Fetch  []string          // such paths whose content Result.Files shall hold, Limits.FileBytes in all
	Args   []string          // argv; Args[0] is the program's name
	Seed   int64             // of all randomness that the guest can see
	Start  time.Time         // what the guest's clock shows at first; zero means DefaultStart
	Limits Limits

	// MoreStdin says that Stdin may be continued, as what is typed at a terminal: a read answers a line at most, and one for
	// which there is no whole line left ends the run with Reason Input instead of telling the end of the file. Whatever Stdin
	// continues with, the run then begins with the very same output, as nothing of it depended on more. The guest is told, so
	// that it keeps no line back: see HostFD.
	MoreStdin bool

	// Channel is what the guest reads from descriptor ChannelFD, then the end of the file; what it writes there is
	// Result.Channel. Nil, which differs from empty here: there is no such descriptor.
	Channel []byte

	// Tails run after Steps, each of which must return 0, and each in a run of its own that continues where Steps ended,
	// as its last step: see Result.Tails. At most MaxTails.
	Tails []Step

	// Peer is a second program that runs beside this one, on the same template, and Join what connects the two. Both have
	// limits, clock, randomness and files of their own. They take turns, so a pair is as deterministic as a single run: this
	// program begins and goes on until it must wait for the peer, or ends, then the peer does, and so on. A read waits while
	// there is nothing to read, a write while 64 KiB are unread; waiting takes no fuel and no time on the guest's clock.
	// Where the other side has ended, or closed its descriptor, a read answers the end of the file and a write EPIPE, unless
	// it is to stdout: that goes nowhere, as if somebody else held the pipe open.
	// A peer has no peer, and neither of the two has tails.
	Peer *Spec
	Join Join

	// Marked asks for Result.Marks. Each bounds every one of Steps by itself, its compilation counted in, as Limits bounds all
	// of them. Neither goes with tails or a peer.
	Marked bool       `json:",omitempty"`
	Each   StepLimits `json:",omitzero"`
}

// StepLimits bound one step. Zero is no bound of its own.
type StepLimits struct {
	Fuel    int64
	Virtual time.Duration
}

// ChannelFD is the descriptor of a run's channel.
const ChannelFD = 4

// HostFD is a descriptor that leads to the host: what a guest reads there first says how it is to run. Nothing, as a rule; a
// byte with HostInteractive set says that somebody waits for each line of its output.
const (
	HostFD          = 1000
	HostInteractive = 1
)

// MaxTails is the greatest number of Spec.Tails.
const MaxTails = 10_000

// Join is how two programs are connected.
type Join string

// Every Join.
const (
	// Each one's descriptor ChannelFD is the other's. Neither Spec has a Channel. A peer that has not begun when the first
	// program has ended badly (see Result.Passed) never begins. Both see one clock, on which the time of both passes.
	JoinChannel Join = "channel"
	// Each one's stdout is the other's stdin. Neither Spec has a Stdin. The peer always begins.
	JoinStdio Join = "stdio"
)

// Step is one call into the guest: run Source, which tracebacks call Name. While a step runs its source also stands
// as the file Name in the working folder; it is not there before. A name that begins with < is no file's.
type Step struct {
	Name   string
	Source []byte
}

// Limits bound one run. A zero field means unlimited only where it says so.
type Limits struct {
	Fuel      int64         // units of work
	Virtual   time.Duration // of the guest's clock, which advances with fuel and with sleep
	Memory    int64         // bytes of linear memory
	Output    int64         // bytes on each of stdout, stderr and the channel, unless that leads to a peer
	Files     int           // files and folders that the run may create, those of Spec.Files counted in
	FileBytes int64         // content of all files that are not the image's, Spec.Files counted in
	Wall      time.Duration // protects the host: see Spec.Ceiling
}

// Ceiling is the real time past which s is an error, not a result, or zero, where there is none: Limits.Wall, of a pair the
// sum of both. With tails it is three times Limits.Wall, as there may be three times the work.
func (s *Spec) Ceiling() time.Duration {
	wall := min(s.Limits.Wall, 1<<61)
	switch {
	case s.Peer != nil && s.Peer.Limits.Wall <= 0:
		return 0
	case s.Peer != nil:
		return wall + min(s.Peer.Limits.Wall, 1<<61)
	case len(s.Tails) > 0:
		return 3 * wall
	}
	return wall
}

// Reason is why a run ended. It is decided by the host's own counters, never by what the guest says.
type Reason string

// Every Reason.
const (
	Finished Reason = "finished" // every step returned
	Exited   Reason = "exited"   // the guest left by itself (proc_exit)
	Fuel     Reason = "fuel"     // Limits.Fuel was used up
	Sleep    Reason = "sleep"    // Limits.Virtual was slept away
	Memory   Reason = "memory"   // growth past Limits.Memory was refused, and the run failed
	Output   Reason = "output"   // more than Limits.Output was written to stdout, stderr or the channel
	Files    Reason = "files"    // Limits.Files or Limits.FileBytes was met, and the run failed
	Trap     Reason = "trap"     // the guest broke: unreachable, out of bounds, stack exhausted
	Input    Reason = "input"    // Spec.MoreStdin, and the guest read on where Spec.Stdin has no further line
	Deadlock Reason = "deadlock" // of both of a pair: each waited for the other
)

// Result is what a run did.
type Result struct {
	Reason   Reason
	ExitCode int      // of Exited; otherwise 0
	Returned []uint32 // per step that returned: the value of the guest's step function
	Stdout   []byte
	Stderr   []byte
	Files    map[string][]byte // of Spec.Fetch, those that exist
	Fuel     int64             // used, at most Limits.Fuel
	Virtual  time.Duration     // elapsed on the guest's clock
	Memory   int64             // greatest size of linear memory, bytes
	Trap     string            // of Trap: what broke
	Channel  []byte            // what was written to descriptor ChannelFD, unless that leads to a peer
	Peer     *Result           // of Spec.Peer; nil where it never began
	Marks    []Mark            `json:",omitempty"` // where Spec.Marked: how far the streams had come as each step returned

	// Order is how Stdout and Stderr lie in one another: the lengths of the pieces that were written to them in turn, beginning
	// with Stdout, whose first piece may be empty. Pieces add up to what there is. There are at most MaxOrder of them: should the
	// guest have changed between the two more often, the last two are all that is left. Nil where either is empty.
	Order []uint32 `json:",omitempty"`

	// Tails are those of Spec.Tails, in order. Each is equal in every field to the result of a run of Steps and that tail;
	// the limits hold for each such run. The Result that has them tells of Steps alone, without the guest's finish. Where
	// Steps do not come to their end, it is that of the whole run, and Tails is nil.
	//
	// There may be fewer than in Spec.Tails, but for the first: none is begun once those before it have used more than
	// Limits.Fuel together, Steps not counted in, or have MaxTailBytes of results. The caller asks again, with the rest.
	Tails []Result
}

// MaxOrder is the greatest number of pieces in Result.Order.
const MaxOrder = 1 << 16

// Mark is a place in a run's streams: how many bytes had been written.
type Mark struct{ Stdout, Stderr, Channel int64 }

// MarkBytes is what a mark takes at most where it is sent.
const MarkBytes = 64

// MaxTailBytes is what the results of all tails but the last may take together: see Result.Size.
const MaxTailBytes = 4 << 20

// Passed reports whether every step returned 0. What a guest's finish returns counts as a step.
func (r *Result) Passed() bool {
	return r.Reason == Finished && !slices.ContainsFunc(r.Returned, func(v uint32) bool { return v != 0 })
}

// Size is what r takes in bytes, more or less, without its peer and tails.
func (r *Result) Size() int64 {
	n := int64(128 + 5*len(r.Returned) + 5*len(r.Order) + MarkBytes*len(r.Marks) + len(r.Stdout) + len(r.Stderr) + len(r.Channel) + len(r.Trap))
	for name, b := range r.Files {
		n += int64(len(name) + len(b))
	}
	return n
}

func (s *Spec) validate() error {
	if err := s.Limits.validate(); err != nil {
		return err
	}
	if len(s.Tails) > MaxTails {
		return fmt.Errorf("spec: %d tails, the limit is %d", len(s.Tails), MaxTails)
	}
	p := s.Peer
	if s.marked() && (p != nil || len(s.Tails) > 0) || p != nil && p.marked() {
		return errors.New("spec: neither a pair nor tails are marked or bounded step by step")
	}
	if s.Each.Fuel < 0 || s.Each.Virtual < 0 {
		return fmt.Errorf("spec: limits of a step %+v: they must not be negative", s.Each)
	}
	switch {
	case p == nil && s.Join != "":
		return errors.New("spec: a join without a peer")
	case p == nil:
		return nil
	case s.Join != JoinChannel && s.Join != JoinStdio:
		return fmt.Errorf("spec: join %q is not known", s.Join)
	case p.Peer != nil || p.Join != "":
		return errors.New("spec: a peer cannot have a peer")
	case len(s.Tails) > 0 || len(p.Tails) > 0:
		return errors.New("spec: a pair cannot have tails")
	case s.Join == JoinChannel && (s.Channel != nil || p.Channel != nil):
		return errors.New("spec: a pair that is joined by the channel cannot have another one")
	case s.Join == JoinStdio && (len(s.Stdin)+len(p.Stdin) > 0 || s.MoreStdin || p.MoreStdin):
		return errors.New("spec: a pair that is joined by stdio cannot have other input")
	}
	return p.Limits.validate()
}

func (s *Spec) marked() bool { return s.Marked || s.Each != (StepLimits{}) }

func (l Limits) validate() error {
	if l.Fuel <= 0 || l.Virtual <= 0 || l.Memory <= 0 || l.Memory > maxMemory || l.Output < 0 || l.Files < 0 || l.FileBytes < 0 {
		return fmt.Errorf("spec: limits %+v: fuel, virtual and memory must be positive (memory at most %d), the others not negative", l, maxMemory)
	}
	return nil
}
