package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"
)

// DefaultStart is what a guest's clock shows when a run begins, unless its Spec says otherwise.
var DefaultStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// monotonicStart is the reading of the guest's monotonic clock when a run begins, in nanoseconds; freezing happened
// at an earlier reading.
const monotonicStart = int64(1000 * time.Second)

// ErrWall is a run stopped by Limits.Wall: the machine was too slow, the program was not judged.
var ErrWall = errors.New("the run took longer than its wall-clock ceiling")

// run is the host's side of one run: everything that a guest can reach.
type run struct {
	stage
	inst   *instance
	limits Limits
	rate   int64 // fuel in a second of the guest's clock
	own    int64 // bytes of memory that are the image's, and not counted as the run's
	slice  int64 // fuel between two looks at ctx and the deadline

	args, environ []string
	stdin         []byte
	more          bool   // Spec.MoreStdin
	setup         []byte // read from descriptor HostFD
	stdout        []byte
	stderr        []byte
	order         []uint32 // see Result.Order
	channel       []byte   // read from descriptor ChannelFD
	sent          []byte   // written there
	fs            *fileSystem
	fds           []*open
	random        *rand.ChaCha8
	start         int64 // realtime clock at the beginning, nanoseconds since 1970

	begun    bool
	compiled bool // the next step's source
	// onCompiled, unless nil, is called once between the compilation of a step and its execution.
	onCompiled func()
	granted    int64 // fuel given to the guest so far
	slept      int64 // nanoseconds
	returned   []uint32
	each       StepLimits
	stepFuel   int64 // used as the step that is under way began
	stepTime   int64 // elapsed then
	marked     bool
	marks      []Mark
	base       int64 // of a child: what the clock of its parent showed when it began, but for what it did not run
	last       int64 // of a child: what limits.Virtual would be if its parent's patience had no end

	// Of a run that starts others, or was started: see child.go.
	template *Template
	parent   *run   // nil: nobody started it
	child    *child // what it is to its parent
	depth    int
	family   *family  // nil where there is nobody else
	children []*child // that have not been forgotten
	born     uint32   // children so far
	together int64    // memory of all at its greatest

	// How the run was stopped from inside a host function; at most one of the two is set.
	reason   Reason
	err      error
	exitCode int
}

// newRun returns a run at its very beginning. It is not tied to an instance yet.
func newRun(tree *Tree, rate int64, spec *Spec) *run {
	start := spec.Start
	if start.IsZero() {
		start = DefaultStart
	}
	var seed [40]byte
	copy(seed[:], "borel sandbox randomness, seed: ")
	binary.LittleEndian.PutUint64(seed[32:], uint64(spec.Seed))
	r := &run{
		limits: spec.Limits, rate: rate, slice: rate / 128,
		args: spec.Args, stdin: spec.Stdin, more: spec.MoreStdin,
		random: rand.NewChaCha8(sha256.Sum256(seed[:])),
		start:  start.UnixNano(),
		each:   spec.Each, marked: spec.Marked,
	}
	if r.more {
		r.setup = []byte{HostInteractive}
	}
	r.fs = newFileSystem(tree, spec.Limits, r.start)
	r.fds = []*open{{kind: fdStdin, read: true}, {kind: fdStdout, write: true}, {kind: fdStderr, write: true}, {kind: fdDir, node: r.fs.root}}
	return r
}

// putFiles writes the files that a Spec brings, and makes the absolute folders that it fetches from.
func (r *run) putFiles(files map[string][]byte, fetch []string) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !r.fs.put(name, files[name], r.start) {
			return fmt.Errorf("spec: file %q does not fit the limits or the other files", name)
		}
	}
	for _, name := range fetch {
		if !r.fs.expect(name, r.start) {
			return fmt.Errorf("spec: the folders of %q, which is to be fetched, do not fit the limits or the files", name)
		}
	}
	return nil
}

// attach lets the run continue on an instance.
func (r *run) attach(p stage, in *instance) {
	r.stage, r.inst = p, in
	if p.side != nil {
		p.side.run = r
	}
	in.mem.limit, in.mem.peak, in.mem.refused, in.mem.fault = uint64(min(r.limits.Memory+r.own, maxMemory)), in.mem.size, false, nil
	r.grant(r.granted)
}

func (r *run) memory() []byte { return r.inst.mem.bytes() }

// used is the fuel used so far.
func (r *run) used() int64 { return r.granted - int64(r.inst.fuel.Get()) }

// charge takes fuel; the guest notices at its next loop or call.
func (r *run) charge(n int64) { r.inst.fuel.Set(uint64(int64(r.inst.fuel.Get()) - n)) }

// budget is the fuel that the run may use in all, as things stand: sleeping leaves less virtual time to work in.
func (r *run) budget() int64 {
	return min(r.limits.Fuel, scale(int64(r.limits.Virtual)-r.slept, r.rate, int64(time.Second)))
}

// brink is the fuel past which the run cannot go on, come what may: a child goes on when its parent waits for it again.
func (r *run) brink() int64 {
	if r.child == nil {
		return r.budget()
	}
	// What all have left is rounded on the way down here. The child must not be the first to find that it is nothing.
	const rounding = 1000
	return min(r.limits.Fuel, scale(r.last-r.slept, r.rate, int64(time.Second))) + rounding
}

// grant gives the guest its next slice, used having been used, and tells it where there is no going on.
func (r *run) grant(used int64) {
	budget := r.budget()
	n := min(budget-used, r.slice)
	r.granted = used + n
	r.inst.fuel.Set(uint64(n))
	r.inst.floor.Set(uint64(r.granted - r.brink()))
}

// refill is called by the guest when its slice is used up.
func (r *run) refill() {
	if err := r.ctx.Err(); err != nil {
		r.fault(err)
	}
	if !r.deadline.IsZero() && time.Now().After(r.deadline) {
		r.fault(ErrWall)
	}
	for reason := r.exhausted(); reason != ""; reason = r.exhausted() {
		if r.child == nil {
			r.stop(reason)
		}
		r.pause(nil)
	}
	r.grant(r.used())
}

// exhausted is why the run may not go on, if its budget is used up.
func (r *run) exhausted() Reason {
	switch used := r.used(); {
	case used <= r.budget():
		return ""
	case used > r.limits.Fuel:
		return Fuel
	}
	return Sleep
}

// worked, elapsed and now are the guest's clocks, in nanoseconds.
func (r *run) worked() int64  { return scale(r.used(), int64(time.Second), r.rate) }
func (r *run) elapsed() int64 { return r.worked() + r.slept }
func (r *run) now() int64     { return r.start + r.base + r.elapsed() }

// sleep moves the guest's clock.
func (r *run) sleep(d int64) {
	until := r.base + r.elapsed() + d
	for left := int64(r.limits.Virtual) - r.elapsed(); d > left; left = int64(r.limits.Virtual) - r.elapsed() {
		r.slept += max(left, 0)
		if r.child == nil {
			r.stop(Sleep)
		}
		r.pause(nil)
		d = until - r.base - r.elapsed()
	}
	r.slept += max(d, 0)
	r.grant(r.used())
}

// stopped is the panic that takes a run out of the guest; wazero recovers it and returns it from the call.
type stopped struct{}

func (stopped) Error() string { return "run stopped" }

// stop ends the run from inside a host function.
func (r *run) stop(reason Reason) {
	r.reason = reason
	panic(stopped{})
}

// fault ends the run as an error from inside a host function.
func (r *run) fault(err error) {
	r.err = err
	panic(stopped{})
}

// output appends to stdout, stderr or what was sent.
func (r *run) output(to *[]byte, b []byte) {
	room := max(r.limits.Output-int64(len(*to)), 0)
	n := int(min(int64(len(b)), room))
	*to = append(*to, b[:n]...)
	switch to {
	case &r.stdout:
		r.piece(0, n)
	case &r.stderr:
		r.piece(1, n)
	}
	if n < len(b) {
		r.stop(Output)
	}
}

// piece notes that n bytes were written to stdout, which is 0, or stderr, which is 1.
func (r *run) piece(stream, n int) {
	if n == 0 {
		return
	}
	for len(r.order)%2 != 1-stream || len(r.order) == 0 {
		if len(r.order) == MaxOrder {
			r.order[MaxOrder-2+stream] += uint32(n)
			return
		}
		r.order = append(r.order, 0)
	}
	r.order[len(r.order)-1] += uint32(n)
}

// call makes one guest call. done is true where the run has ended with it; the reason is set then.
func (r *run) call(f guestFunction, params ...uint64) (v uint32, done bool, err error) {
	v, err = f.call(&guestContext{r.ctx, r}, params...)
	fault := r.inst.mem.fault
	if err == nil && fault == nil {
		return v, false, nil
	}
	r.reap()
	if fault != nil && r.err == nil { // whatever the guest made of it
		r.reason, r.err = "", fmt.Errorf("memory of the guest: %w", fault)
	}
	if r.halted() {
		r.reason = Exited
	}
	if r.err != nil {
		return 0, true, r.err
	}
	if r.reason == "" {
		if _, bug := errors.AsType[runtime.Error](err); bug {
			return 0, true, fmt.Errorf("host function: %w", err)
		}
		if r.reason = r.exhausted(); r.reason == "" {
			r.reason = Trap
		}
	}
	return 0, true, err
}

// steps runs steps until one does not return 0. done is true where the guest is gone.
func (r *run) steps(steps []Step) (trap string, done bool, err error) {
	for _, s := range steps {
		var v uint32 // 0 where it is compiled already
		if !r.compiled {
			r.stepFuel, r.stepTime = r.used(), r.elapsed()
		}
		all := r.bound()
		if !r.compiled {
			v, done, err = r.compile(s)
		}
		if r.compiled = v == 0 && !done; r.compiled {
			if f := r.onCompiled; f != nil {
				r.onCompiled = nil
				f()
			}
			r.compiled = false
			v, done, err = r.call(r.inst.exec)
			if !done {
				done, err = r.orphans()
			}
		}
		if done {
			return r.ended(err)
		}
		r.unbound(all)
		r.returned = append(r.returned, v)
		if r.marked {
			r.marks = append(r.marks, Mark{int64(len(r.stdout)), int64(len(r.stderr)), int64(len(r.sent))})
		}
		if v != 0 {
			break
		}
	}
	return "", false, nil
}

// bound lowers the run's limits to those of the step that has begun, and answers what they were.
func (r *run) bound() Limits {
	all := r.limits
	if r.each.Fuel > 0 {
		r.limits.Fuel = min(all.Fuel, r.stepFuel+min(r.each.Fuel, 1<<61))
	}
	if r.each.Virtual > 0 {
		// Time is rounded down. With what that takes away, work alone uses up fuel first.
		r.limits.Virtual = min(all.Virtual, time.Duration(r.stepTime)+min(r.each.Virtual, 1<<61)+1)
	}
	if r.each != (StepLimits{}) {
		r.grant(r.used())
	}
	return all
}

// unbound puts the run's own limits back.
func (r *run) unbound(all Limits) {
	if r.each != (StepLimits{}) {
		r.limits = all
		r.grant(r.used())
	}
}

// compile makes a step's source ready to run.
func (r *run) compile(s Step) (v uint32, done bool, err error) {
	path := []byte(s.Name)
	if !strings.HasPrefix(s.Name, "<") {
		r.fs.putSource(s.Name, s.Source, r.now())
		path = []byte(WorkDir + "/" + s.Name)
	}
	return r.translate(path, s.Source)
}

// translate makes source text ready to run, which tracebacks call name.
func (r *run) translate(name, source []byte) (v uint32, done bool, err error) {
	n, err := r.send(name)
	if err != nil {
		return 0, true, err
	}
	s, err := r.send(source)
	if err != nil {
		return 0, true, err
	}
	return r.call(r.inst.compile, n, uint64(len(name)), s, uint64(len(source)))
}

// ended tells a run's end by reason from a fault.
func (r *run) ended(err error) (trap string, done bool, _ error) {
	if r.reason == "" {
		return "", true, err
	}
	if r.reason == Trap && err != nil {
		trap = firstLine(err.Error())
	}
	return trap, true, nil
}

// send copies b into the guest.
func (r *run) send(b []byte) (uint64, error) {
	p, done, err := r.call(r.inst.alloc, uint64(len(b)))
	if done {
		return 0, err
	}
	to, ok := r.bytes(uint64(p), uint64(len(b)))
	if p == 0 || !ok { // no memory for the source itself
		r.reason = Memory
		return 0, stopped{}
	}
	copy(to, b)
	r.charge(int64(len(b)) >> byteShift)
	return uint64(p), nil
}

// first begins, unless the run is already under way, and runs the steps of spec.
func (r *run) first(spec *Spec) (trap string, done bool, err error) {
	if !r.begun {
		r.begun = true
		v, done, err := r.call(r.inst.begin)
		if done {
			return r.ended(err)
		}
		if v != 0 {
			r.returned = append(r.returned, v)
			return "", false, nil
		}
	}
	return r.steps(spec.Steps)
}

// whole runs spec to its end on the attached instance.
func (r *run) whole(spec *Spec) (Result, error) {
	trap, done, err := r.first(spec)
	return r.end(spec.Fetch, trap, done, err)
}

// end finishes a run whose last step came to this.
func (r *run) end(fetch []string, trap string, done bool, err error) (Result, error) {
	if !done {
		var v uint32
		if v, done, err = r.call(r.inst.finish); !done {
			done, err = r.orphans()
		}
		if done {
			trap, _, err = r.ended(err)
		} else if v != 0 {
			r.returned = append(r.returned, v)
		}
	}
	if err != nil {
		return Result{}, err
	}
	return r.result(fetch, trap), nil
}

// result collects what the run did.
func (r *run) result(fetch []string, trap string) Result {
	if r.reason == "" {
		r.reason = Finished
	}
	failed := r.reason == Trap || r.exitCode != 0
	for _, v := range r.returned {
		failed = failed || v != 0
	}
	if failed && (r.reason == Finished || r.reason == Exited || r.reason == Trap) {
		switch {
		case r.inst.mem.refused:
			r.reason = Memory
		case r.fs.limitMet:
			r.reason = Files
		}
	}
	res := Result{
		Reason: r.reason, ExitCode: r.exitCode, Returned: r.returned, Stdout: r.stdout, Stderr: r.stderr, Channel: r.sent,
		Fuel: min(r.used(), r.limits.Fuel), Virtual: time.Duration(min(r.elapsed(), int64(r.limits.Virtual))),
		Memory: max(int64(r.inst.mem.peak)-r.own, r.together), Marks: r.marks,
	}
	if len(r.stdout) > 0 && len(r.stderr) > 0 {
		res.Order = r.order
	}
	if r.reason == Trap {
		res.Trap = trap
	}
	room := r.fs.limits.FileBytes // one file can have many names
	for _, name := range fetch {
		b, ok := r.fs.fetch(name)
		if !ok {
			continue
		}
		if room -= int64(len(b)); room < 0 {
			res.Reason, res.Trap = Files, ""
			break
		}
		if res.Files == nil {
			res.Files = map[string][]byte{}
		}
		res.Files[name] = bytes.Clone(b)
	}
	return res
}

// scale returns a × b / c without overflow on the way; b and c are positive.
func scale(a, b, c int64) int64 {
	if a <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi >= uint64(c) {
		return 1<<63 - 1
	}
	q, _ := bits.Div64(hi, lo, uint64(c))
	return int64(min(q, 1<<63-1))
}
