//go:build race

package confine

import "golang.org/x/sys/unix"

// callsOfBuild are those of the race detector, and of the C library whose threads and memory it needs.
var callsOfBuild = []rule{
	{nr: unix.SYS_SET_ROBUST_LIST, action: allow},
	{nr: unix.SYS_RSEQ, action: allow},
	{nr: unix.SYS_MREMAP, action: allow},
	{nr: unix.SYS_BRK, action: allow},
}
