package confine

import (
	"errors"
	"fmt"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// restrictPaths forbids every path, every TCP port, and signals to and abstract sockets of other processes, as far as the
// kernel's version of landlock goes.
func restrictPaths(Options) (string, error) {
	abi, err := ll.LandlockGetABIVersion()
	switch {
	case errors.Is(err, unix.ENOSYS):
		return "", errors.New("the kernel has no landlock (Linux 5.13, CONFIG_SECURITY_LANDLOCK)")
	case errors.Is(err, unix.EOPNOTSUPP):
		return "", errors.New("the kernel was started without landlock (lsm=)")
	case err != nil:
		return "", fmt.Errorf("landlock_create_ruleset: %w", err)
	}
	detail := fmt.Sprintf("version %d: files", abi)
	config := landlock.V5
	if abi >= 4 {
		detail += ", TCP"
	}
	// Kernels before 6.15 that lack the repair of erratum 2 forbid signals between threads of one process too, which Go
	// sends to pre-empt goroutines.
	if errata, err := ll.LandlockGetErrata(); abi >= 6 && err == nil && errata&(1<<1) != 0 {
		detail += ", signals, abstract sockets"
		config = landlock.V11
	}
	return detail, config.BestEffort().Restrict()
}
