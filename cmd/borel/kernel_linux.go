package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// kernel is what the sandbox builds on.
type kernel struct {
	Kernel  string `json:"kernel"`
	Memfd   bool   `json:"memfd"`   // frozen memory lies in sealed anonymous files
	Pagemap bool   `json:"pagemap"` // only dirty pages are put back; otherwise all are
}

func (k kernel) String() string {
	return fmt.Sprintf("Linux %s (memfd: %t, pagemap: %t)", k.Kernel, k.Memfd, k.Pagemap)
}

func probe() (k kernel) {
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		k.Kernel = unix.ByteSliceToString(u.Release[:])
	}
	if fd, err := unix.MemfdCreate("borel", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING); err == nil {
		k.Memfd = unix.Close(fd) == nil
	}
	if f, err := os.Open("/proc/self/pagemap"); err == nil {
		var entry [8]byte
		_, err = f.Read(entry[:])
		k.Pagemap = err == nil && f.Close() == nil
	}
	return k
}
