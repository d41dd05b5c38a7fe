package sandbox

import (
	"iter"
	"slices"
)

// Two programs of a pair take turns, as coroutines do: one of them runs, on this thread, until it must wait for the other,
// whatever the machine does meanwhile.

// pipeSize is how many bytes may be written and not yet read.
const pipeSize = 64 << 10

// pipe leads from one program of a pair to the other.
type pipe struct {
	buf       []byte
	read      int  // bytes of buf that were read
	closed    bool // nobody will write
	abandoned bool // nobody will read
	writers   int  // descriptors that lead into it, besides the first
}

// leave closes a descriptor that led into the pipe, or out of it.
func (p *pipe) leave(in bool) {
	switch {
	case !in:
		p.abandoned = true
	case p.writers > 0:
		p.writers--
	default:
		p.closed = true
	}
}

func (p *pipe) unread() int { return len(p.buf) - p.read }

// take moves bytes into b.
func (p *pipe) take(b []byte) int {
	n := copy(b, p.buf[p.read:])
	if p.read += n; p.read == len(p.buf) {
		p.buf, p.read = p.buf[:0], 0
	}
	return n
}

// put moves bytes out of b, as many as there is room for.
func (p *pipe) put(b []byte) int {
	b = b[:min(len(b), pipeSize-p.unread())]
	if len(p.buf)+len(b) > pipeSize {
		p.buf, p.read = slices.Delete(p.buf, 0, p.read), 0
	}
	p.buf = append(p.buf, b...)
	return len(b)
}

// side is one program's side of a pair.
type side struct {
	*both
	in, out *pipe
	turn    func() // lets the other side run until it waits or has ended
	run     *run   // nil until it begins
	other   *side
}

// both is what the sides have in common.
type both struct {
	join     Join
	deadlock bool  // each waits for the other
	children int   // of either, alive
	err      error // of either
}

// end lets the other side know that this one has ended.
func (s *side) end(err error) {
	s.out.closed, s.in.abandoned = true, true
	if s.err == nil {
		s.err = err
	}
}

// pair runs spec and its peer.
func (t *Template) pair(p stage, spec *Spec, tell func(Result, error)) {
	common, there, back := &both{join: spec.Join}, &pipe{}, &pipe{}
	first, second := &side{both: common, in: back, out: there}, &side{both: common, in: there, out: back}
	var o, peer outcome
	first.other, second.other = second, first
	begun := false
	next, stop := iter.Pull(func(yield func(struct{}) bool) {
		begun = true
		second.turn = func() { yield(struct{}{}) }
		at := p
		at.side = second
		peer = t.alone(at, spec.Peer)
		second.end(peer.err)
	})
	defer stop()
	first.turn = func() { next() }
	p.side = first
	o = t.alone(p, spec)
	defer func() { t.put(o.in, o.err) }()
	first.end(o.err)
	if begun || o.err == nil && (spec.Join == JoinStdio || o.res.Passed()) {
		for more := true; more; {
			_, more = next()
		}
		defer func() { t.put(peer.in, peer.err) }() // before the first, which the next run then takes
		o.res.Peer = &peer.res
	}
	if common.err != nil {
		tell(Result{}, common.err)
		return
	}
	tell(o.res, nil)
}

// clock is the guest's clock, in nanoseconds. To one that calls the other, the time of a call passes as it would in a program
// that holds both: what takes long to answer is seen to take long. What files show is a program's own time, which does not
// depend on who was compiled before.
func (r *run) clock() int64 {
	c := r.base + r.elapsed()
	for r.parent != nil {
		r = r.parent
	}
	if r.side != nil && r.side.join == JoinChannel && r.side.other.run != nil {
		c += r.side.other.run.elapsed()
	}
	return c
}

// pipes are those that a descriptor leads to.
func (r *run) pipes(f *open) (in, out *pipe) {
	if r.side == nil || f == nil {
		return nil, nil
	}
	switch {
	case f.kind == fdChannel && r.side.join == JoinChannel:
		return r.side.in, r.side.out
	case f.kind == fdStdin && r.side.join == JoinStdio:
		return r.side.in, nil
	case f.kind == fdStdout && r.side.join == JoinStdio:
		return nil, r.side.out
	}
	return nil, nil
}

// await lets the other side run if that is what ready takes. It does not return where that never comes.
func (r *run) await(ready func() bool) {
	if ready() {
		return
	}
	r.side.turn()
	if r.side.err != nil {
		r.fault(r.side.err)
	}
	if r.side.deadlock || !ready() { // the other waits too, and has since I did anything
		r.side.deadlock = true
		r.stop(Deadlock)
	}
}

// wait waits for own's other side, own being r itself or one that has started it.
func (r *run) wait(own *run, ready func() bool) {
	if own == r {
		r.await(ready)
	} else {
		r.until(&block{owner: own, pair: true, ready: ready})
	}
}

// receive is fd_read from a pipe.
func (r *run) receive(own *run, p *pipe, a []uint64) errno {
	total := 0
	e := r.vectors(a[1], a[2], func(b []byte) bool {
		if total == 0 && len(b) > 0 {
			r.wait(own, func() bool { return p.unread() > 0 || p.closed })
		}
		n := p.take(b)
		total += n
		return n == len(b)
	})
	if e != eOK && total == 0 {
		return e
	}
	return r.put32(a[3], uint32(total))
}

// transmit writes b to a pipe, all of it unless the other side will not read it, and returns how much. What goes to stdout
// is recorded.
func (r *run) transmit(own *run, p *pipe, f *open, b []byte) int {
	total := 0
	for total < len(b) {
		r.wait(own, func() bool { return p.unread() < pipeSize || p.abandoned })
		if p.abandoned {
			if f.kind == fdStdout { // the other one has heard enough; it is no fault to say more
				own.output(&own.stdout, b[total:])
				return len(b)
			}
			break
		}
		n := p.put(b[total:])
		if f.kind == fdStdout {
			own.output(&own.stdout, b[total:total+n])
		}
		total += n
	}
	return total
}
