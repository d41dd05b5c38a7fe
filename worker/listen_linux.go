package worker

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// listener returns a function that reports, at once, whether fd has something to read or has ended. It uses epoll, whose
// calls a confined process may make.
func listener(fd int) (told func() bool, err error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err == nil {
		err = unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP, Fd: int32(fd)})
	}
	if err != nil {
		return nil, fmt.Errorf("listening to descriptor %d: %w", fd, err)
	}
	events := make([]unix.EpollEvent, 1)
	return func() bool {
		n, _, _ := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(&events[0])), 1, 0, 0, 0)
		return n == 1
	}, nil
}
