//go:build !linux

package main

import (
	"errors"
	"runtime"
)

// processorTime is how many milliseconds f takes, since a thread's own time is not told here.
func processorTime(f func() error) (float64, error) { return millis(f) }

// fault ends a worker as a program does that reaches beyond guarded memory.
func fault(int) error { return errors.New("memory is not guarded on " + runtime.GOOS) }
