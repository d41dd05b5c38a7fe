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
const formatVersion = "4"

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

// runKey names what a program does. Fuel, virtual time, output and wall-clock limits of a single run stay outside: a record
// says what it used and answers every request whose limits that decides.
func runKey(identity string, s *sandbox.Spec) Key {
	w := newKey("run")
	w.text(identity)
	w.spec(s)
	return w.sum()
}

// spec writes what a run does not share with others. Of more than one run, the limits that a record is asked about belong
// there too: it says what they come to for a single one.
func (w *keyWriter) spec(s *sandbox.Spec) {
	w.number(int64(len(s.Steps)))
	for _, step := range s.Steps {
		w.text(step.Name)
		w.bytes(step.Source)
	}
	w.bytes(s.Stdin)
	w.flag(s.MoreStdin)
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
	w.flag(s.Channel != nil)
	w.bytes(s.Channel)
	w.number(int64(len(s.Tails)))
	for _, step := range s.Tails {
		w.text(step.Name)
		w.bytes(step.Source)
	}
	w.text(string(s.Join))
	w.flag(s.Peer != nil)
	if s.Peer != nil || len(s.Tails) > 0 {
		w.limits(s.Limits)
	}
	if s.Peer != nil {
		w.limits(s.Peer.Limits)
		w.spec(s.Peer)
	}
	if s.Marked || s.Each != (sandbox.StepLimits{}) { // neither tails nor a peer come with them
		w.flag(s.Marked)
		w.number(s.Each.Fuel)
		w.number(int64(s.Each.Virtual))
	}
}

func (w *keyWriter) flag(b bool) {
	if b {
		w.number(1)
	} else {
		w.number(0)
	}
}

// limits writes those that spec leaves out.
func (w *keyWriter) limits(l sandbox.Limits) {
	w.number(l.Fuel)
	w.number(int64(l.Virtual))
	w.number(l.Output)
}

func indexed(name string, i int) string { return fmt.Sprintf("%s[%d]", name, i) }
