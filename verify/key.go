package verify

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
	"time"

	"borel/sandbox"
)

// formatVersion is part of every key. Change it when what is stored, or what goes into a key, changes.
const formatVersion = "2"

// Key names a run or a verdict: a SHA-256 over length-prefixed fields.
type Key [sha256.Size]byte

func (k Key) String() string { return hex.EncodeToString(k[:]) }

// keyWriter hashes fields so that unequal sequences of fields give unequal input: each goes in with its length.
type keyWriter struct {
	h   hash.Hash
	buf [8]byte
}

func newKey(kind string) *keyWriter {
	w := &keyWriter{h: sha256.New()}
	w.text(kind)
	w.text(formatVersion)
	return w
}

func (w *keyWriter) number(n int64) {
	binary.LittleEndian.PutUint64(w.buf[:], uint64(n))
	w.h.Write(w.buf[:])
}

func (w *keyWriter) bytes(b []byte) {
	w.number(int64(len(b)))
	w.h.Write(b)
}

func (w *keyWriter) text(s string) { w.bytes([]byte(s)) }

// start writes where the guest's clock starts; the zero time is the default.
func (w *keyWriter) start(t time.Time) {
	if t.IsZero() {
		t = sandbox.DefaultStart
	}
	w.number(t.UnixNano())
}

func (w *keyWriter) sum() (k Key) {
	w.h.Sum(k[:0])
	return k
}

// runKey names what a program does. Fuel, virtual time, output and wall-clock limits stay outside: a record says what
// it used and answers every request whose limits that decides.
func runKey(identity string, s *sandbox.Spec) Key {
	w := newKey("run")
	w.text(identity)
	w.number(int64(len(s.Steps)))
	for _, step := range s.Steps {
		w.text(step.Name)
		w.bytes(step.Source)
	}
	w.bytes(s.Stdin)
	w.number(int64(len(s.Files)))
	for _, name := range slices.Sorted(maps.Keys(s.Files)) {
		w.text(name)
		w.bytes(s.Files[name])
	}
	w.number(int64(len(s.Fetch)))
	for _, name := range s.Fetch {
		w.text(name)
	}
	w.number(int64(len(s.Args)))
	for _, a := range s.Args {
		w.text(a)
	}
	w.number(s.Seed)
	w.start(s.Start)
	w.number(s.Limits.Memory)
	w.number(int64(s.Limits.Files))
	w.number(s.Limits.FileBytes)
	return w.sum()
}

func indexed(name string, i int) string { return fmt.Sprintf("%s[%d]", name, i) }
