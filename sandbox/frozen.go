package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

const (
	wasmPage = 64 << 10
	hostPage = 4 << 10 // granule of freezing; the mappings' own page size may be larger
)

// Digest is a SHA-256.
type Digest [sha256.Size]byte

// digestMemory hashes the parts of memory that are not zero, each with its place, so that a frozen memory's name does
// not cost the hashing of its empty parts.
func digestMemory(h hash.Hash, memory []byte) {
	var at [8]byte
	eachNonzero(memory, func(off int, page []byte) error {
		binary.LittleEndian.PutUint64(at[:], uint64(off))
		h.Write(at[:])
		h.Write(page)
		return nil
	})
	binary.LittleEndian.PutUint64(at[:], uint64(len(memory)))
	h.Write(at[:])
}

var zeros [hostPage]byte

// span is a range of bytes within a memory.
type span struct{ start, end int }

// eachNonzero calls f with every page of memory that holds a byte other than zero.
func eachNonzero(memory []byte, f func(off int, page []byte) error) error {
	for off := 0; off < len(memory); off += hostPage {
		page := memory[off:min(off+hostPage, len(memory))]
		if string(page) == string(zeros[:len(page)]) {
			continue
		}
		if err := f(off, page); err != nil {
			return err
		}
	}
	return nil
}

// linearMemory is the memory of one instance, as wazero asks for it (experimental.LinearMemory). It never moves where
// the system has mmap. Growth is refused past limit.
type linearMemory struct {
	pages
	size    uint64 // bytes in use
	peak    uint64
	limit   uint64 // bytes that the run may use
	refused bool   // growth past limit was asked for
	fault   error  // why the system refused growth below limit: that is nothing that the guest did
	reset   uint64 // when not zero, the next Reallocate sets this size whatever it is asked for
}

// pages is what differs between systems: a reservation whose first frozen bytes start as the frozen memory.
type pages interface {
	// slice returns the first size bytes, making room for them.
	slice(size uint64) ([]byte, error)
	// watch tells that a run begins which, until restore, writes to the memory from the calling thread only.
	watch()
	// restore puts the frozen bytes back, clears the rest, up to size, and puts patches over that: ascending ones, of what
	// was dirty before.
	restore(size uint64, patches []patch) error
	// forget, after restore without patches, gives back the pages that restore keeps because the next run is likely to write them too.
	forget() error
	// dirty returns ranges, ascending and of whole pages, outside of which no byte differs from what restore would put
	// there. They are valid until the next call.
	dirty() []span
	// reserved is how many bytes of addresses belong to the memory, which never moves; 0: it may move. guarded reports
	// whether none of them beyond its size can be accessed.
	reserved() uint64
	guarded() bool
	release()
}

// Reserved and Guarded are what compiled code relies on (experimental.ReservedMemory of the patched wazero).
func (m *linearMemory) Reserved() uint64 { return m.reserved() }
func (m *linearMemory) Guarded() bool    { return m.guarded() }

func (m *linearMemory) Reallocate(size uint64) []byte {
	if m.reset != 0 {
		size = m.reset
	} else if size > m.limit {
		m.refused = true
		return nil
	}
	b, err := m.slice(size)
	if err != nil {
		m.fault = err
		return nil
	}
	m.size = size
	m.peak = max(m.peak, size)
	return b
}

// bytes is the memory in use, valid until it grows.
func (m *linearMemory) bytes() []byte {
	b, _ := m.slice(m.size) // it has that size already
	return b
}

func (m *linearMemory) Free() { m.release() }

// frozen is a memory that instances start from. It is never written after it was made.
type frozen struct {
	state
	backing
}

// room is the address space that an instance takes.
type room struct {
	size  uint64 // bytes that its memory may have
	guard uint64 // bytes from the memory's start of which none beyond its size can be accessed; 0: there is no guard
}

// guardedBytes is what an access can reach that is not checked: an address and an offset of 32 bits each, and its width.
const guardedBytes = 4<<30 + 4<<30 + wasmPage

// newPages returns memory that starts as f's; a nil f starts empty. A portable one works by copying on every system.
func (f *frozen) newPages(room room, portable bool) (pages, error) {
	switch {
	case f != nil && (portable || !f.mappable()):
		return &copied{from: f.view, b: append([]byte(nil), f.view...)}, nil
	case portable:
		return &copied{}, nil
	case f != nil:
		return newPages(&f.backing, f.Size, room)
	}
	return newPages(nil, 0, room)
}

// copied is the portable implementation of pages: plain memory of Go's, restored by copying.
type copied struct {
	from []byte // the frozen bytes
	b    []byte
}

func (c *copied) slice(size uint64) ([]byte, error) {
	if size > uint64(cap(c.b)) {
		b := make([]byte, size, max(size, min(2*uint64(cap(c.b)), size+(64<<20))))
		copy(b, c.b)
		c.b = b
	}
	if old := uint64(len(c.b)); size > old { // what an earlier run grew into is still there
		c.b = c.b[:size]
		clear(c.b[old:])
	}
	c.b = c.b[:size]
	return c.b, nil
}

func (c *copied) restore(size uint64, patches []patch) error {
	c.b = c.b[:size]
	n := copy(c.b, c.from)
	clear(c.b[n:])
	for _, p := range patches {
		copy(c.b[p.off:], p.data)
	}
	return nil
}

func (c *copied) watch() {}

func (c *copied) forget() error { return nil }

func (c *copied) dirty() []span { return []span{{0, len(c.b)}} }

func (c *copied) reserved() uint64 { return 0 }

func (c *copied) guarded() bool { return false }

func (c *copied) release() { c.b = nil }
