package sandbox

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"golang.org/x/sys/unix"
)

// memfdCreate is replaced by tests.
var memfdCreate = unix.MemfdCreate

const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE

// newFreezer makes room for a frozen memory of size bytes.
func newFreezer(size uint64) (freezer, error) {
	fd, err := memfdCreate("borel-frozen", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return make(plainFreezer, size), nil
	}
	z := &fileFreezer{fd, size}
	if err := unix.Ftruncate(fd, int64(size)); err != nil {
		z.discard()
		return nil, z.fault(err)
	}
	return z, nil
}

// fileFreezer writes a memory file. See backing.
type fileFreezer struct {
	fd   int
	size uint64
}

func (z *fileFreezer) fault(err error) error {
	return fmt.Errorf("freezing %d bytes: %w", z.size, err)
}

func (z *fileFreezer) WriteAt(b []byte, off int64) (int, error) {
	for done := 0; done < len(b); {
		n, err := unix.Pwrite(z.fd, b[done:], off+int64(done))
		if err != nil {
			return done, z.fault(err)
		}
		done += n
	}
	return len(b), nil
}

func (z *fileFreezer) freeze(st state) (*frozen, error) {
	meta, err := json.Marshal(st)
	if err == nil {
		_, err = z.WriteAt(binary.LittleEndian.AppendUint64(meta, uint64(len(meta))), int64(z.size))
	}
	if err == nil {
		_, err = unix.FcntlInt(uintptr(z.fd), unix.F_ADD_SEALS, seals)
	}
	if err != nil {
		z.discard()
		return nil, z.fault(err)
	}
	return mapFrozen(z.fd, st)
}

func (z *fileFreezer) discard() { unix.Close(z.fd) }

func (z plainFreezer) freeze(st state) (*frozen, error) {
	return &frozen{state: st, backing: backing{fd: -1, view: z}}, nil
}
