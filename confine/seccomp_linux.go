//go:build amd64 || arm64

package confine

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// filterCalls allows the system calls that running guests takes, and kills the process at any other.
func filterCalls(Options) (string, error) {
	action := kill
	_, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, uintptr(unsafe.Pointer(&action)))
	switch {
	case e == unix.ENOSYS:
		return "", errors.New("the kernel has no seccomp (Linux 3.17, CONFIG_SECCOMP_FILTER)")
	case e == unix.EINVAL || e == unix.EOPNOTSUPP:
		return "", errors.New("the kernel cannot kill a process for a forbidden call (Linux 4.14)")
	case e != 0:
		return "", fmt.Errorf("seccomp: %w", e)
	}
	rules := append(calls(os.Getpid()), callsOfBuild...)
	filter, err := assemble(rules, kill)
	if err != nil {
		return "", err
	}
	return "", install(filter)
}

const (
	int32Mask   = 1<<32 - 1  // of an argument whose upper half means nothing
	pagemapScan = 0xc0606610 // _IOWR('f', 16, struct pm_scan_arg), as in package sandbox

	threadFlags = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_THREAD | unix.CLONE_SYSVSEM |
		unix.CLONE_SETTLS | unix.CLONE_PARENT_SETTID | unix.CLONE_CHILD_SETTID | unix.CLONE_CHILD_CLEARTID | unix.CLONE_DETACHED
)

// calls are those of the Go runtime and of the sandbox once everything is loaded, for the process pid. The first ones are
// the most frequent.
func calls(pid int) []rule {
	notExecutable := []condition{{arg: 2, mask: unix.PROT_EXEC}}
	return []rule{
		// Reading and writing what is open.
		{nr: unix.SYS_READ, action: allow},
		{nr: unix.SYS_WRITE, action: allow},
		{nr: unix.SYS_READV, action: allow},
		{nr: unix.SYS_WRITEV, action: allow},
		{nr: unix.SYS_PREAD64, action: allow},
		{nr: unix.SYS_CLOSE, action: allow},

		// Waiting, and the clock where it is not read without a call.
		{nr: unix.SYS_FUTEX, action: allow},
		{nr: unix.SYS_EPOLL_PWAIT, action: allow},
		{nr: unix.SYS_EPOLL_CTL, action: allow},
		{nr: unix.SYS_NANOSLEEP, action: allow},
		{nr: unix.SYS_CLOCK_NANOSLEEP, action: allow},
		{nr: unix.SYS_CLOCK_GETTIME, action: allow},
		{nr: unix.SYS_SCHED_YIELD, action: allow},
		{nr: unix.SYS_RESTART_SYSCALL, action: allow},

		// Memory, never with the right to execute: code was compiled before.
		{nr: unix.SYS_MMAP, action: allow, when: notExecutable},
		{nr: unix.SYS_MPROTECT, action: allow, when: notExecutable},
		{nr: unix.SYS_MUNMAP, action: allow},
		{nr: unix.SYS_MADVISE, action: allow},
		{nr: unix.SYS_MINCORE, action: allow},
		{nr: unix.SYS_GETRUSAGE, action: allow, when: []condition{{arg: 0, mask: int32Mask, value: unix.RUSAGE_THREAD}}}, // how many page faults there were
		{nr: unix.SYS_IOCTL, action: allow, when: []condition{{arg: 1, mask: int32Mask, value: pagemapScan}}},

		// Signals, which Go sends its own threads to pre-empt goroutines, and to itself to end.
		{nr: unix.SYS_RT_SIGPROCMASK, action: allow},
		{nr: unix.SYS_RT_SIGACTION, action: allow},
		{nr: unix.SYS_RT_SIGRETURN, action: allow},
		{nr: unix.SYS_SIGALTSTACK, action: allow},
		{nr: unix.SYS_TGKILL, action: allow, when: []condition{{arg: 0, mask: int32Mask, value: uint64(pid)}}},

		// Threads, and never processes. What clone3 is asked for lies in memory, where a filter cannot look; told that there is
		// no such call, the C library makes its threads with clone.
		{nr: unix.SYS_CLONE, action: allow, when: []condition{{arg: 0, mask: unix.CLONE_THREAD | ^uint64(threadFlags), value: unix.CLONE_THREAD}}},
		{nr: unix.SYS_CLONE3, action: answer(unix.ENOSYS)},
		{nr: unix.SYS_GETTID, action: allow},
		{nr: unix.SYS_GETPID, action: allow},
		{nr: unix.SYS_SCHED_GETAFFINITY, action: allow}, // Go looks from time to time how many processors it has
		{nr: unix.SYS_GETRANDOM, action: allow},
		{nr: unix.SYS_EXIT, action: allow},
		{nr: unix.SYS_EXIT_GROUP, action: allow},

		// Refused without killing: what trusted code may try, and does without.
		{nr: unix.SYS_OPENAT, action: answer(unix.EACCES)}, // the standard library: time zones, certificates; the sandbox: the list of dirty pages
		{nr: unix.SYS_PRCTL, action: answer(unix.EINVAL)},  // Go names its memory (PR_SET_VMA), which is only for people who look
	}
}
