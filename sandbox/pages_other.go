//go:build !linux

package sandbox

import (
	"errors"
	"os"
)

// backing holds frozen bytes.
type backing struct{ view []byte }

func openFrozen(*os.File) (*frozen, error) {
	return nil, errors.New("this system cannot share frozen memory between processes")
}

func (f *frozen) file() (*os.File, error) { return nil, nil }

func (f *frozen) mappable() bool { return false }

func (f *frozen) release() error { return nil }

func newPages(from *backing, size uint64, _ room) (pages, error) {
	c := &copied{b: make([]byte, size)}
	if from != nil {
		c.from = from.view
	}
	copy(c.b, c.from)
	return c, nil
}

func (*Config) mapped() bool { return false }

func reservable(uint64) error { return errors.New("not on this system") }
