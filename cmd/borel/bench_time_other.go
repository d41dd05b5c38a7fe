//go:build !linux

package main

// processorTime is how many milliseconds f takes, since a thread's own time is not told here.
func processorTime(f func() error) (float64, error) { return millis(f) }
