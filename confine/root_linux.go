package confine

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// emptyRoot makes an empty, read-only file system the root folder, and lets go of the old one.
func emptyRoot(o Options) (string, error) {
	if !has(o.Namespaces, "mount") {
		return "", errors.New("takes a mount namespace")
	}
	if cgo {
		return "", errors.New("not in a binary built with cgo: its threads are found through /proc")
	}
	// A caller that is wrong about this would change the mounts of the whole system. That the process is the first of its
	// pid namespace, which comes from the same clone, can be seen.
	if os.Getpid() != 1 || !has(o.Namespaces, "pid") {
		return "", errors.New("takes a pid namespace, by which this process knows that its mounts are its own")
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return "", fmt.Errorf("making mounts private: %w", err)
	}
	const flags = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	var errs []error
	for _, dir := range []string{"/proc", "/tmp", "/dev", "/sys"} { // any folder that exists
		err := unix.Mount("tmpfs", dir, "tmpfs", flags, "size=4k,nr_inodes=1,mode=555")
		if err != nil {
			errs = append(errs, fmt.Errorf("an empty file system on %s: %w", dir, err))
			continue
		}
		if err := os.Chdir(dir); err != nil {
			return "", err
		}
		return enter(flags)
	}
	return "", errors.Join(errs...)
}

// enter makes the working folder, where a file system is mounted, the root.
func enter(flags uintptr) (detail string, err error) {
	if err := unix.PivotRoot(".", "."); err == nil {
		// The old root is now mounted over the new one.
		if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
			return "", fmt.Errorf("letting go of the old root: %w", err)
		}
	} else if err := errors.Join(unix.Mount(".", "/", "", unix.MS_MOVE, ""), unix.Chroot(".")); err == nil {
		detail = "by chroot: pivot_root cannot leave an initial RAM file system"
	} else {
		return "", fmt.Errorf("changing the root: %w", err)
	}
	if err := os.Chdir("/"); err != nil {
		return "", err
	}
	if err := unix.Mount("", "/", "", flags|unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil {
		return "", fmt.Errorf("making the root read-only: %w", err)
	}
	if names, err := os.ReadDir("/"); err != nil || len(names) > 0 {
		return "", fmt.Errorf("the new root holds %d files (%v)", len(names), err)
	}
	return detail, nil
}
