package confine

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// rule decides what becomes of a system call. Of the rules for one call, the first whose conditions all hold decides.
type rule struct {
	nr     uint32
	action uint32 // allow, kill or answer
	when   []condition
}

// condition holds for a call whose argument, masked, is value.
type condition struct {
	arg         int
	mask, value uint64
}

const (
	allow uint32 = unix.SECCOMP_RET_ALLOW
	kill  uint32 = unix.SECCOMP_RET_KILL_PROCESS
)

// answer makes a call fail without being made.
func answer(e unix.Errno) uint32 { return unix.SECCOMP_RET_ERRNO | uint32(e) }

// struct seccomp_data of linux/seccomp.h: the number, the architecture, the instruction pointer and six arguments.
const (
	offsetNr   = 0
	offsetArch = 4
	offsetArgs = 16
)

// assemble writes the rules, in the order in which they are tried, as a filter. What no rule decides is otherwise.
func assemble(rules []rule, otherwise uint32) ([]bpf.RawInstruction, error) {
	nr := bpf.LoadAbsolute{Off: offsetNr, Size: 4}
	p := []bpf.Instruction{
		bpf.LoadAbsolute{Off: offsetArch, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: auditArch, SkipTrue: 1},
		bpf.RetConstant{Val: kill}, // the numbers of another architecture mean other calls
		nr,
		// x86-64 has a second set of numbers for its 32-bit pointers, from here on. No architecture has so many others.
		bpf.JumpIf{Cond: bpf.JumpLessThan, Val: 1 << 30, SkipTrue: 1},
		bpf.RetConstant{Val: kill},
	}
	for _, r := range rules {
		body := []bpf.Instruction{bpf.RetConstant{Val: r.action}}
		if len(r.when) > 0 {
			body = append(body, nr) // the conditions loaded something else
		}
		for _, c := range r.when {
			at := uint32(offsetArgs + 8*c.arg) // both architectures have the low half first
			for _, half := range []struct{ off, mask, value uint32 }{
				{at, uint32(c.mask), uint32(c.value)}, {at + 4, uint32(c.mask >> 32), uint32(c.value >> 32)},
			} {
				if half.mask == 0 {
					continue
				}
				body = append([]bpf.Instruction{
					bpf.LoadAbsolute{Off: half.off, Size: 4},
					bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: half.mask},
					bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: half.value, SkipTrue: uint8(len(body) - 1)}, // to the last, nr
				}, body...)
			}
		}
		p = append(p, bpf.JumpIf{Cond: bpf.JumpEqual, Val: r.nr, SkipFalse: uint8(len(body))})
		p = append(p, body...)
	}
	return bpf.Assemble(append(p, bpf.RetConstant{Val: otherwise}))
}

// install puts the filter on all threads. It takes no_new_privs, or the right to administer the system.
func install(filter []bpf.RawInstruction) error {
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: (*unix.SockFilter)(unsafe.Pointer(&filter[0]))}
	thread, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(filter)
	if e != 0 {
		return fmt.Errorf("seccomp: %w", e)
	}
	if thread != 0 {
		return fmt.Errorf("seccomp: thread %d has a filter of its own", thread)
	}
	return nil
}
