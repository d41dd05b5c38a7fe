//go:build !linux

package worker

// listener is deaf here: a worker that does not stop when it is told to is killed.
func listener(int) (told func() bool, err error) { return func() bool { return false }, nil }
