package confine

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// secureBits: user 0 is nobody special, whatever is executed and whichever ids are changed; all locked but keep_caps,
// which is locked as it is, off.
const secureBits = 0xef

// dropCapabilities gives up the rights of root in all five sets, and where the parent was root its user too, so that
// the process owns none of root's files.
func dropCapabilities(o Options) (detail string, err error) {
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var caps [2]unix.CapUserData
	if err := unix.Capget(&hdr, &caps[0]); err != nil {
		return "", fmt.Errorf("capget: %w", err)
	}
	if caps[0].Effective&(1<<unix.CAP_SETPCAP) != 0 {
		err = errors.Join(
			allThreads("prctl(PR_SET_SECUREBITS)", unix.SYS_PRCTL, unix.PR_SET_SECUREBITS, secureBits),
			dropBounding())
	} else {
		// With no_new_privs nothing is ever taken from it.
		detail = "the bounding set stays, which takes a capability to change"
	}
	err = errors.Join(err, leaveRoot(o),
		ignore(unix.EINVAL, allThreads("prctl(PR_CAP_AMBIENT)", unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL))) // Linux 4.3
	caps = [2]unix.CapUserData{}
	err = errors.Join(err, allThreads("capset", unix.SYS_CAPSET, uintptr(unsafe.Pointer(&hdr)), uintptr(unsafe.Pointer(&caps[0]))))
	// Changing users has put both of these back.
	err = errors.Join(err,
		allThreads("prctl(PR_SET_PDEATHSIG)", unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL)),
		unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0))
	return detail, err
}

func dropBounding() error {
	for c := uintptr(0); ; c++ {
		if unix.Prctl(unix.PR_CAPBSET_READ, c, 0, 0, 0) != nil { // past the last one
			return nil
		}
		if err := allThreads(fmt.Sprintf("prctl(PR_CAPBSET_DROP, %d)", c), unix.SYS_PRCTL, unix.PR_CAPBSET_DROP, c); err != nil {
			return err
		}
	}
}

// leaveRoot changes from root to nobody. In a user namespace that a plain user's process made, root is only a name for that
// user, and there is no other.
func leaveRoot(o Options) error {
	if os.Getuid() != 0 {
		return nil
	}
	err := syscall.Setresgid(nobody, nobody, nobody)
	if errors.Is(err, syscall.EINVAL) && has(o.Namespaces, "user") {
		return nil
	}
	if err == nil {
		err = syscall.Setgroups(nil)
	}
	if err == nil {
		err = syscall.Setresuid(nobody, nobody, nobody)
	}
	if err != nil {
		return fmt.Errorf("changing from root to user %d: %w", nobody, err)
	}
	return nil
}

func ignore(what, err error) error {
	if errors.Is(err, what) {
		return nil
	}
	return err
}
