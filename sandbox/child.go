package sandbox

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// A guest can start others like itself, as a program starts processes: see host.go for how it asks. A child is a run on an
// instance of its own, frozen where all are, that has what its parent has and no more: the parent's files, what is left of
// its fuel and of its time, and memory only as far as all of them together stay below the parent's limit. Parent and child
// are coroutines, as the two of a pair are: the child runs while the parent waits for it, on the same thread, until it ends,
// waits for something that the parent must do, or the parent's patience ends.

// MaxChildren is how many a run, all that it started and its peer with all that it started can have at a time. Each takes an
// instance.
const MaxChildren = 4

// Bounds of what a run may start.
const (
	maxBirths  = 4         // children of children
	maxRequest = 2 << 20   // bytes of a request: a program, and what is passed on to it
	maxReply   = 64 << 10  // bytes of a child's output that are read at once
	childFuel  = 3_000_000 // of starting a child: half of what a process takes elsewhere, and what an instance takes the host that it broke
)

// family is a run that has started others, and those of them that have an instance, itself first.
type family struct {
	limit int64 // bytes of memory of all together
	runs  []*run
	live  *int // children that have not ended, those of a peer counted in
}

// memory is what all take together: a child what it has beyond a fresh guest.
func (f *family) memory() (n int64) {
	for _, r := range f.runs {
		n += int64(r.inst.mem.size) - r.own
	}
	return n
}

// allow lets r, which goes on, grow as far as the others leave room.
func (f *family) allow(r *run) {
	m := r.inst.mem
	m.limit = uint64(min(int64(m.size)+max(f.limit-f.memory(), 0), maxMemory))
}

// child is a run as its parent sees it.
type child struct {
	id             uint32
	run            *run
	name, source   []byte   // of its program, until it begins
	out            [3]*pipe // by descriptor: those that lead to the parent, or nil
	next           func() (struct{}, bool)
	stop           func()
	yield          func(struct{}) bool
	begun, ended   bool
	waits          *block // why it gave way; nil: its time had come
	used, slept    int64  // as of then
	how            byte   // it ended
	value          uint32
	err            error
	charged, dozed int64 // of used and slept: what the parent was charged for
}

// How a child ended: by itself, its functions having returned value; with exit code value; by breaking; killed by its parent.
const (
	howReturned byte = iota
	howExited
	howBroke
	howKilled
)

// block is what a run waits for.
type block struct {
	owner *run // who can bring it about: the parent that holds a pipe's other end, or the one of a pair
	pair  bool // by letting the other of the pair go on
	ready func() bool
}

// alive is where the living children of a run that nobody started are counted.
func (r *run) alive() *int {
	switch {
	case r.family != nil:
		return r.family.live
	case r.side != nil:
		return &r.side.children
	}
	return new(int)
}

// spawn starts a child: it begins when the parent first waits for it.
func (r *run) spawn(c *child, setup []byte, fds []*open) {
	if r.family == nil {
		r.family = &family{limit: r.limits.Memory, runs: []*run{r}, live: r.alive()}
	}
	var seed [32]byte
	r.random.Read(seed[:])
	r.born++
	c.id = r.born
	c.run = &run{
		stage: stage{ctx: r.ctx, deadline: r.deadline}, template: r.template, limits: r.limits, rate: r.rate, slice: r.slice,
		own: int64(r.template.mem.Size), setup: setup, fs: r.fs, fds: append(fds, &open{kind: fdDir, node: r.fs.root}),
		random: rand.NewChaCha8(seed), start: r.start, parent: r, child: c, depth: r.depth + 1, family: r.family,
	}
	c.next, c.stop = iter.Pull(func(yield func(struct{}) bool) {
		c.yield = yield
		c.live()
	})
	r.children = append(r.children, c)
	*r.family.live++
}

// live is a child's life.
func (c *child) live() {
	r, f := c.run, c.run.family
	in, err := r.template.take(r.ctx)
	if err != nil {
		c.err = err
		return
	}
	in.mem.watch()
	r.attach(r.stage, in)
	f.runs = append(f.runs, r)
	f.allow(r)
	name, source := c.name, c.source
	c.name, c.source = nil, nil
	v, done, err := r.program(name, source)
	switch {
	case r.err != nil:
		c.err = r.err
	case c.how == howKilled:
	case done && r.reason == "":
		c.err = err
	case done && r.reason == Exited:
		c.how, c.value = howExited, uint32(r.exitCode)
	case done:
		c.how = howBroke
	case !done:
		c.value = v
	}
	c.note()
	f.note()
	f.runs = slices.DeleteFunc(f.runs, func(o *run) bool { return o == r })
	r.template.put(in, c.err)
}

// note keeps what all take together, on behalf of the one that started it all.
func (f *family) note() { f.runs[0].together = max(f.runs[0].together, f.memory()) }

// note keeps what the parent is to be charged for.
func (c *child) note() { c.used, c.slept = c.run.used(), c.run.slept }

// program is a run of one step that has no file of its own.
func (r *run) program(name, source []byte) (v uint32, done bool, err error) {
	if v, done, err = r.call(r.inst.begin); done || v != 0 {
		return v, done, err
	}
	if v, done, err = r.translate(name, source); v == 0 && !done {
		v, done, err = r.call(r.inst.exec)
	}
	if !done {
		done, err = r.orphans()
	}
	if done {
		return v, done, err
	}
	last, done, err := r.call(r.inst.finish)
	if v == 0 {
		v = last
	}
	return v, done, err
}

// pause gives way to the parent.
func (r *run) pause(b *block) {
	c := r.child
	c.waits = b
	c.note()
	r.family.note()
	if !c.yield(struct{}{}) {
		c.how = howKilled
		r.reason = Exited // nothing that the guest is told, but a clean end
		panic(stopped{})
	}
}

// resume lets a child go on for that long on the clock, and charges what it took.
func (r *run) resume(c *child, patience int64) {
	if r.exhausted() != "" {
		r.refill()
	}
	k := c.run
	k.limits.Fuel = c.used + r.limits.Fuel - r.used()
	elapsed := scale(c.used, int64(time.Second), r.rate) + c.slept
	k.base = r.base + r.elapsed() - elapsed
	k.limits.Virtual = time.Duration(elapsed + min(int64(r.limits.Virtual)-r.elapsed(), patience))
	k.last = elapsed - r.elapsed() + int64(r.limits.Virtual)
	if r.child != nil {
		k.last = elapsed - r.elapsed() + r.last
	}
	c.waits = nil
	if c.begun {
		r.family.allow(k)
		if k.exhausted() == "" {
			k.grant(k.used())
		}
	}
	c.begun = true
	if _, more := c.next(); !more {
		r.bury(c)
	}
	r.family.allow(r)
	r.charge(c.used - c.charged)
	r.slept += c.slept - c.dozed
	c.charged, c.dozed = c.used, c.slept
	if c.err != nil {
		r.fault(c.err)
	}
	if r.reason != "" || r.err != nil || r.halted() { // it wrote too much to what is somebody's above, say
		panic(stopped{})
	}
	r.refill()
}

// halted reports whether r was ended while a child of its ran, by what that did to it or to one above.
func (r *run) halted() bool {
	for p := r.parent; p != nil; p = p.parent {
		if p.reason != "" || p.err != nil {
			return true
		}
	}
	return false
}

// bury closes what a child that has ended held open.
func (r *run) bury(c *child) {
	c.ended = true
	*r.family.live--
	for fd, f := range c.run.fds {
		if f != nil {
			c.run.release(uint64(fd))
		}
	}
}

// advance lets a child go on until it has ended, the guest's clock shows that time, enough says so, or it waits for what
// only the guest can do.
func (r *run) advance(c *child, until int64, enough func() bool) {
	for !c.ended && !enough() {
		patience := until - r.elapsed()
		if patience <= 0 {
			return
		}
		r.resume(c, patience)
		b := c.waits
		switch {
		case c.ended || b == nil || b.ready():
		case b.owner != r:
			r.pause(b)
		case b.pair:
			r.await(b.ready)
		default:
			return
		}
	}
}

// kill ends a child.
func (r *run) kill(c *child) {
	if c.ended {
		return
	}
	c.stop()
	c.how = howKilled
	r.bury(c)
	r.family.allow(r)
}

// reap ends all children, of a run that has ended badly.
func (r *run) reap() {
	for _, c := range r.children {
		r.kill(c)
	}
	r.children = nil
}

// orphans lets the children go on that nobody waits for any more. done is true where the run has ended with that.
func (r *run) orphans() (done bool, err error) {
	if len(r.children) == 0 {
		return false, nil
	}
	defer func() {
		if p := recover(); p != nil {
			if p != any(stopped{}) {
				panic(p)
			}
			done, err = true, r.err
		}
		r.reap()
	}()
	for _, c := range r.children {
		for fd, p := range c.out {
			if p != nil {
				p.closed, p.abandoned = p.closed || fd == 0, p.abandoned || fd > 0
			}
		}
		r.advance(c, math.MaxInt64, func() bool { return false })
	}
	return false, nil
}

// inherit is a descriptor of a child that leads where one of r leads.
func (r *run) inherit(fd uint32) *open {
	f := r.file(uint64(fd))
	if f.kind == fdFile && !f.node.readonly {
		f.node.opens++
	}
	return &open{kind: f.kind, node: f.node, owner: r.owner(uint64(fd)), via: f}
}

// until waits for something that another run must do.
func (r *run) until(b *block) {
	for !b.ready() {
		r.pause(b)
	}
}

// word cuts a number off b.
func word(b *[]byte) uint32 {
	if len(*b) < 4 {
		*b = nil
		return 0
	}
	n := binary.LittleEndian.Uint32(*b)
	*b = (*b)[4:]
	return n
}

// piece cuts a copy of a piece with its length before it off b; ok is false where there is none.
func cutPiece(b *[]byte) (p []byte, ok bool) {
	if len(*b) < 4 {
		return nil, false
	}
	n := word(b)
	if uint64(n) > uint64(len(*b)) {
		return nil, false
	}
	p, *b = bytes.Clone((*b)[:n]), (*b)[n:]
	return p, true
}
