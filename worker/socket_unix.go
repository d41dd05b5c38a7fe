//go:build unix

package worker

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const supported = true

// ownSignals are those that the kernel sends for what a process does itself.
var ownSignals = []syscall.Signal{
	syscall.SIGSEGV, syscall.SIGILL, syscall.SIGFPE, syscall.SIGTRAP, syscall.SIGABRT, syscall.SIGSYS,
}

// socketpair returns a supervisor's and a worker's end of a socket. Neither is inherited but by who is given it.
func socketpair() (ours, theirs *os.File, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("socketpair: %w", err)
	}
	unix.CloseOnExec(fds[0])
	unix.CloseOnExec(fds[1])
	// Ours is for Go's poller, so that it has deadlines; theirs blocks.
	if err := unix.SetNonblock(fds[0], true); err != nil {
		unix.Close(fds[0])
		unix.Close(fds[1])
		return nil, nil, fmt.Errorf("socketpair: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "worker"), os.NewFile(uintptr(fds[1]), "supervisor"), nil
}
