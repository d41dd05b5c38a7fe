//go:build !linux

package sandbox

// backing holds frozen bytes.
type backing struct{ view []byte }

// freeze copies memory.
func freeze(memory []byte) (*frozen, error) {
	return &frozen{size: uint64(len(memory)), backing: backing{view: append([]byte(nil), memory...)}}, nil
}

func (f *frozen) release() error { return nil }

func newPages(from *backing, size, _ uint64) (pages, error) {
	c := &copied{b: make([]byte, size)}
	if from != nil {
		c.from = from.view
	}
	copy(c.b, c.from)
	return c, nil
}
