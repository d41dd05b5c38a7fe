//go:build !linux

// Package processor measures work by the time it takes.
package processor

import "time"

// Time is how many milliseconds f takes, since a thread's own time is not told here.
func Time(f func() error) (float64, error) {
	began := time.Now()
	err := f()
	return float64(time.Since(began).Nanoseconds()) / 1e6, err
}
