//go:build !unix

package worker

import (
	"errors"
	"os"
	"syscall"
)

const supported = false

var ownSignals []syscall.Signal

func socketpair() (ours, theirs *os.File, err error) { return nil, nil, errors.ErrUnsupported }
