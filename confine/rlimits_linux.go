package confine

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	maxThreads = 512
	maxStack   = 8 << 20 // bytes, of the first thread; Go's own are on its heap
)

// setRlimits sets what may be used, and what may never be raised again.
func setRlimits(o Options) (detail string, err error) {
	type limit struct {
		name string
		what int
		most uint64
	}
	limits := []limit{
		{"core", unix.RLIMIT_CORE, 0},
		{"memlock", unix.RLIMIT_MEMLOCK, 0},
		{"msgqueue", unix.RLIMIT_MSGQUEUE, 0},
		{"nice", unix.RLIMIT_NICE, 0},
		{"rtprio", unix.RLIMIT_RTPRIO, 0},
		{"stack", unix.RLIMIT_STACK, maxStack},
		{"fsize", unix.RLIMIT_FSIZE, 0},
		// A new descriptor gets the least free number, so this counts whatever the numbers in use are.
		{"nofile", unix.RLIMIT_NOFILE, uint64(freeDescriptor() + spare)},
	}
	if has(o.Namespaces, "user") && countsThreads() {
		limits = append(limits, limit{"nproc", unix.RLIMIT_NPROC, maxThreads})
	} else {
		detail = "threads are not bounded: without a user namespace and Linux 5.14 they are counted together with all of the user's"
	}
	var errs []error
	if mapped, err := mappedBytes(); err == nil {
		limits = append(limits, limit{"as", unix.RLIMIT_AS, mapped + o.AddressSpace})
	} else {
		errs = append(errs, fmt.Errorf("address space is not bounded: %w", err))
	}
	for _, l := range limits {
		var old unix.Rlimit
		err := unix.Getrlimit(l.what, &old)
		if err == nil {
			err = unix.Setrlimit(l.what, &unix.Rlimit{Cur: min(l.most, old.Max), Max: min(l.most, old.Max)})
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("limit %s: %w", l.name, err))
		}
	}
	return detail, errors.Join(errs...)
}

// freeDescriptor is the number that the next descriptor gets.
func freeDescriptor() int {
	for fd := 0; ; fd++ {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil {
			return fd
		}
	}
}

// countsThreads reports whether RLIMIT_NPROC counts within a user namespace (Linux 5.14). Before, the limit would stop
// Go from starting a thread because of what the user runs elsewhere, and Go ends the process then.
func countsThreads() bool {
	var u unix.Utsname
	var major, minor int
	if unix.Uname(&u) != nil {
		return false
	}
	if _, err := fmt.Sscanf(unix.ByteSliceToString(u.Release[:]), "%d.%d", &major, &minor); err != nil {
		return false
	}
	return major > 5 || major == 5 && minor >= 14
}

// mappedBytes is the size of this process's address space in bytes.
func mappedBytes() (uint64, error) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	var pages uint64
	if _, err := fmt.Sscan(strings.TrimSpace(string(b)), &pages); err != nil {
		return 0, fmt.Errorf("/proc/self/statm: %w", err)
	}
	return pages * uint64(os.Getpagesize()), nil
}
