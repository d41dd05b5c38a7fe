// Package processor measures work by the time that a processor takes for it, which other programs of the machine disturb less.
package processor

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// Time is how many milliseconds of a processor f takes, which works on this goroutine alone.
func Time(f func() error) (float64, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, after unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &before); err != nil {
		return 0, err
	}
	if err := f(); err != nil {
		return 0, err
	}
	err := unix.Getrusage(unix.RUSAGE_THREAD, &after)
	ns := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	return float64(ns) / 1e6, err
}
