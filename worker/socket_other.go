//go:build !unix

package worker

import (
	"errors"
	"os"
)

const supported = false

func socketpair() (ours, theirs *os.File, err error) { return nil, nil, errors.ErrUnsupported }
