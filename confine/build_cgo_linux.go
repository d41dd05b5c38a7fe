//go:build cgo

package confine

import "golang.org/x/sys/unix"

// callsOfBuild are those of the C library, whose threads and memory a binary with cgo has, such as one with the race detector.
var callsOfBuild = []rule{
	{nr: unix.SYS_SET_ROBUST_LIST, action: allow},
	{nr: unix.SYS_RSEQ, action: allow},
	{nr: unix.SYS_MREMAP, action: allow},
	{nr: unix.SYS_BRK, action: allow},
}

// spare descriptors may be opened besides those that are open: the layers still to come hold some at a time, the list of threads among them.
const spare = 3
