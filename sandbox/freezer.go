package sandbox

// freezer is a memory on its way to be frozen: zeros, until something is written to it. One that is not frozen is to be
// discarded.
type freezer interface {
	WriteAt(b []byte, off int64) (int, error)
	freeze(st state) (*frozen, error)
	discard()
}

// freeze copies memory.
func freeze(memory []byte, st state) (*frozen, error) {
	z, err := newFreezer(uint64(len(memory)))
	if err != nil {
		return nil, err
	}
	err = eachNonzero(memory, func(off int, page []byte) error {
		_, err := z.WriteAt(page, int64(off))
		return err
	})
	if err != nil {
		z.discard()
		return nil, err
	}
	return z.freeze(st)
}

// plainFreezer is for systems without memory files.
type plainFreezer []byte

func (z plainFreezer) WriteAt(b []byte, off int64) (int, error) { return copy(z[off:], b), nil }

func (z plainFreezer) discard() {}
