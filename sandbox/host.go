package sandbox

import (
	"encoding/binary"
	"math"
	"slices"
)

// What a guest asks of the host: it writes a request to HostFD, in one call, and reads the reply there. The first byte says
// what; numbers are little-endian and unsigned, of 32 bits where nothing else is said.
//
//	start   descriptors of the child's stdin, stdout and stderr; name, source and setup, each with its length before it
//	        → the child's number
//	wait    child, what for besides its end (a byte: bit n stands for descriptor n, that there is something to read, or room in
//	        stdin), nanoseconds of the clock at most (64 bits)
//	        → a byte: 0 it goes on, 1 it has ended, 2 it waits for the parent; a byte: how it ended; what with
//	read    child, descriptor (1, 2), how many bytes at most → a byte: 1 where there will be no more; what was there
//	write   child, bytes → how many of them its stdin has taken
//	close   child, descriptor
//	kill    child
//	forget  child, which has ended
//
// A descriptor is one of the parent's, or fdNull, fdPipe or, for stderr, fdSame. Setup is what the child reads from HostFD
// when it begins; its first byte is a set of Host… flags. Whatever else is written is answered with an errno.
const (
	askStart byte = iota + 1
	askWait
	askRead
	askWrite
	askClose
	askKill
	askForget
)

const (
	fdNull = math.MaxUint32 - iota // reads nothing, swallows what is written
	fdPipe                         // leads to the parent
	fdSame                         // stderr: where stdout leads
)

// hostWrite is fd_write of HostFD.
func (r *run) hostWrite(a []uint64) errno {
	if a[2]&0xffffffff != 1 {
		return eINVAL
	}
	var b []byte
	if e := r.vectors(a[1], a[2], func(v []byte) bool { b = v; return true }); e != eOK {
		return e
	}
	size := len(b)
	if size == 0 {
		return eINVAL
	}
	r.setup = nil
	ask, rest := b[0], b[1:]
	var e errno
	if ask == askStart {
		e = r.askStart(rest)
	} else {
		id := word(&rest)
		i := slices.IndexFunc(r.children, func(c *child) bool { return c.id == id })
		if i < 0 {
			return eCHILD
		}
		e = r.askOf(ask, r.children[i], rest)
	}
	if e != eOK {
		return e
	}
	return r.put32(a[3], uint32(size))
}

func (r *run) askStart(b []byte) errno {
	if len(b) > maxRequest {
		return e2BIG
	}
	to := [3]uint32{word(&b), word(&b), word(&b)}
	c := &child{}
	var ok1, ok2, ok3 bool
	var setup []byte
	c.name, ok1 = cutPiece(&b)
	c.source, ok2 = cutPiece(&b)
	setup, ok3 = cutPiece(&b)
	if !ok1 || !ok2 || !ok3 || len(b) > 0 || len(setup) == 0 {
		return eINVAL
	}
	if r.template == nil {
		return eNOTSUP
	}
	r.charge(childFuel)
	if r.depth >= maxBirths || *r.alive() >= MaxChildren || len(r.children) >= maxOpen {
		return eAGAIN
	}
	for i, fd := range to {
		if fd == fdSame && i < 2 || fd < fdSame && (r.file(uint64(fd)) == nil || r.file(uint64(fd)).kind == fdChannel || r.file(uint64(fd)).kind == fdDir) {
			return eBADF
		}
	}
	fds := make([]*open, 3)
	for i, fd := range to {
		switch fd {
		case fdNull:
			fds[i] = &open{kind: fdNothing, read: i == 0, write: i > 0}
		case fdPipe:
			c.out[i] = &pipe{}
			fds[i] = &open{kind: fdPipeEnd, pipe: c.out[i], holder: r, read: i == 0, write: i > 0}
		case fdSame:
			if f := fds[1]; f.via == nil {
				fds[i] = &open{kind: f.kind, pipe: f.pipe, holder: f.holder, write: true}
				if f.pipe != nil {
					f.pipe.writers++
				}
			} else {
				fds[i] = r.inherit(to[1])
			}
		default:
			fds[i] = r.inherit(fd)
			if fds[i].kind == fdStdout && fds[i].owner.more {
				setup[0] |= HostInteractive
			}
		}
	}
	r.spawn(c, setup, fds)
	r.setup = binary.LittleEndian.AppendUint32(nil, c.id)
	return eOK
}

func (r *run) askOf(ask byte, c *child, b []byte) errno {
	switch ask {
	case askWait:
		return r.askWait(c, b)
	case askRead:
		fd := word(&b)
		if fd != 1 && fd != 2 || c.out[fd] == nil {
			return eBADF
		}
		p := c.out[fd]
		data := make([]byte, 1+min(p.unread(), maxReply, int(word(&b))))
		p.take(data[1:])
		if p.unread() == 0 && (p.closed || c.ended) {
			data[0] = 1
		}
		r.setup = data
	case askWrite:
		p := c.out[0]
		switch {
		case p == nil || p.closed:
			return eBADF
		case p.abandoned || c.ended:
			return ePIPE
		}
		r.setup = binary.LittleEndian.AppendUint32(nil, uint32(p.put(b)))
	case askClose:
		fd := word(&b)
		if fd > 2 || c.out[fd] == nil {
			return eBADF
		}
		p := c.out[fd]
		p.closed, p.abandoned = p.closed || fd == 0, p.abandoned || fd > 0
	case askKill:
		r.kill(c)
	case askForget:
		if !c.ended {
			return eBUSY
		}
		r.children = slices.DeleteFunc(r.children, func(o *child) bool { return o == c })
	default:
		return eINVAL
	}
	return eOK
}

func (r *run) askWait(c *child, b []byte) errno {
	if len(b) != 9 {
		return eINVAL
	}
	what, patience := b[0], binary.LittleEndian.Uint64(b[1:])
	for fd, p := range c.out {
		if what&(1<<fd) != 0 && p == nil {
			return eBADF
		}
	}
	until := r.elapsed() + int64(min(patience, 1<<61))
	enough := func() bool {
		for fd, p := range c.out {
			if what&(1<<fd) == 0 {
				continue
			}
			if fd == 0 && (p.unread() < pipeSize || p.abandoned) || fd > 0 && (p.unread() > 0 || p.closed) {
				return true
			}
		}
		return false
	}
	r.advance(c, until, enough)
	reply := []byte{0, c.how, 0, 0, 0, 0}
	switch {
	case c.ended:
		reply[0] = 1
		binary.LittleEndian.PutUint32(reply[2:], c.value)
	case c.waits != nil && !c.waits.ready() && !enough():
		reply[0] = 2
	}
	r.setup = reply
	return eOK
}

// receiveEnd is fd_read from a pipe that leads to a parent.
func (r *run) receiveEnd(f *open, a []uint64) errno {
	p, total := f.pipe, 0
	e := r.vectors(a[1], a[2], func(b []byte) bool {
		if total == 0 && len(b) > 0 {
			r.until(&block{owner: f.holder, ready: func() bool { return p.unread() > 0 || p.closed }})
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

// transmitEnd writes b to such a pipe, all of it unless the parent will not read it, and returns how much.
func (r *run) transmitEnd(f *open, b []byte) (total int) {
	p := f.pipe
	for total < len(b) {
		r.until(&block{owner: f.holder, ready: func() bool { return p.unread() < pipeSize || p.abandoned }})
		if p.abandoned {
			break
		}
		total += p.put(b[total:])
	}
	return total
}
