package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// reserved is what an access can reach: a 32-bit address, a 32-bit offset and the bytes of the widest access.
const reserved = 1<<32 + 1<<32 + 1<<16

// memory is the memory of one module after the other: the beginning of a reserved range, of which no more can be
// accessed than the module has. It is what compiled code without checks of addresses needs (experimental.ReservedMemory
// of the patched wazero); those with checks are to trap before they touch the rest.
type memory struct {
	b    []byte
	open int
}

func newMemory() (*memory, error) {
	b, err := unix.Mmap(-1, 0, reserved, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("reserving %d bytes of address space: %w", uint64(reserved), err)
	}
	return &memory{b: b}, nil
}

func (m *memory) Reallocate(size uint64) []byte {
	if n := int(size); n > m.open {
		if unix.Mprotect(m.b[m.open:n], unix.PROT_READ|unix.PROT_WRITE) != nil {
			return nil
		}
		m.open = n
	}
	return m.b[:size:size]
}

func (m *memory) Free() {
	if m.open == 0 {
		return
	}
	if err := unix.Madvise(m.b[:m.open], unix.MADV_DONTNEED); err != nil {
		panic(err)
	}
	if err := unix.Mprotect(m.b[:m.open], unix.PROT_NONE); err != nil {
		panic(err)
	}
	m.open = 0
}

func (m *memory) Reserved() uint64 { return reserved }

func (m *memory) Guarded() bool { return true }
