package confine

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// few is a number of descriptors that no worker comes near; those above are closed in one call.
const few = 4096

// closeDescriptors keeps o.Keep and what the Go runtime and the sandbox hold for themselves. What was inherited is
// recognised by its missing close-on-exec flag: it came through an exec, and Go opens everything with the flag.
func closeDescriptors(o Options) (string, error) {
	end := few
	if unix.CloseRange(few, math.MaxUint32, 0) != nil { // before Linux 5.9
		var l unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
			return "", err
		}
		end = int(min(l.Cur, 1<<20))
	}
	null, err := nullDevice()
	if err != nil {
		return "", err
	}
	defer unix.Close(null)
	own := 0
	for fd := range end {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		switch {
		case fd == null, slices.Contains(o.Keep, fd):
		case fd <= 2:
			if err := unix.Dup3(null, fd, unix.O_CLOEXEC); err != nil {
				return "", &brokenError{fmt.Errorf("descriptor %d: %w", fd, err)}
			}
		case err != nil: // not open
		case flags&unix.FD_CLOEXEC == 0:
			unix.Close(fd)
		case needed(fd):
			own++
		default:
			// Whoever opened it may still know its number, so the number must not become another file's.
			if err := unix.Dup3(null, fd, unix.O_CLOEXEC); err != nil {
				return "", &brokenError{fmt.Errorf("descriptor %d: %w", fd, err)}
			}
		}
	}
	return fmt.Sprintf("%v, and %d of memory and of the runtime", o.Keep, own), nil
}

// nullDevice opens /dev/null, or where there is none an empty file that cannot be written.
func nullDevice() (int, error) {
	fd, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err == nil {
		return fd, nil
	}
	if fd, err = unix.MemfdCreate("null", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING); err != nil {
		return 0, fmt.Errorf("neither /dev/null nor a memory file to replace descriptors with: %w", err)
	}
	_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_SEAL|unix.F_SEAL_GROW|unix.F_SEAL_WRITE)
	return fd, err
}

// needed reports whether a descriptor of this process is the runtime's (epoll, eventfd), a frozen memory, or the list
// of dirty pages.
func needed(fd int) bool {
	var fs unix.Statfs_t
	if unix.Fstatfs(fd, &fs) != nil {
		return false
	}
	switch int64(fs.Type) {
	case unix.ANON_INODE_FS_MAGIC:
		return true
	case unix.TMPFS_MAGIC:
		seals, err := unix.FcntlInt(uintptr(fd), unix.F_GET_SEALS, 0)
		return err == nil && seals&unix.F_SEAL_WRITE != 0
	case unix.PROC_SUPER_MAGIC:
		var name [256]byte
		n, err := unix.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd), name[:])
		return err == nil && strings.HasSuffix(string(name[:n]), "/pagemap")
	}
	return false
}
