package store

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"testing"

	"borel/eval"
)

func TestSubmissions(t *testing.T) {
	cfg := Config{Dir: t.TempDir()}
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	long := incompressible(3 * partBytes)
	for number, values := range map[uint64]map[byte][]byte{
		7: {'i': long, 's': []byte("queued")},
		8: {'i': []byte("short"), 's': []byte("queued"), 'o': long},
		9: {'s': nil},
	} {
		if err := s.Submissions().Put(number, false, values); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Submissions().Put(7, true, map[byte][]byte{'s': []byte("done")}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(cfg); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	u := s.Submissions()
	states := map[uint64]string{}
	var order []uint64
	err = u.Each('s', func(number uint64, value []byte) error {
		states[number] = string(value)
		order = append(order, number)
		return nil
	})
	if want := map[uint64]string{7: "done", 8: "queued", 9: ""}; err != nil || !maps.Equal(states, want) || !slices.IsSorted(order) {
		t.Errorf("states after a restart: %v in order %v, %v; want %v", states, order, err, want)
	}
	for _, c := range []struct {
		number uint64
		kind   byte
		want   []byte
		found  bool
	}{{7, 'i', long, true}, {8, 'o', long, true}, {8, 'i', []byte("short"), true}, {9, 'i', nil, false}, {10, 's', nil, false}} {
		if got, found, err := u.Get(c.number, c.kind); err != nil || found != c.found || !bytes.Equal(got, c.want) {
			t.Errorf("value %q of %d: %d bytes, found %v, %v; want %d, %v", c.kind, c.number, len(got), found, err, len(c.want), c.found)
		}
	}
	if err := u.Delete([]byte("ios"), 7, 8, 9, 10); err != nil {
		t.Fatal(err)
	}
	if n := EvalKeys(t, s); n != 0 {
		t.Errorf("%d keys are left of deleted submissions", n)
	}
}

// Parts whose head never came, or was replaced by another before they went, are removed.
func TestSweepSubmissions(t *testing.T) {
	s, err := Open(Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	u := s.Submissions()
	long := incompressible(2 * partBytes)
	if err := u.Put(1, false, map[byte][]byte{'i': long}); err != nil {
		t.Fatal(err)
	}
	want := EvalKeys(t, s)
	err = u.e.change(func(b *batch) error {
		for number, kind := range map[uint64]byte{1: 'o', 2: 'i'} {
			key := submissionKey(kind, number)
			if err := b.longEval(key, evalRecord(key, long)); err != nil {
				return err
			}
		}
		return b.set(partsKey(submissionKey('i', 1), 5, 0), long[:10])
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Sweep(); err != nil {
		t.Fatal(err)
	}
	if n := EvalKeys(t, s); n != want {
		t.Errorf("%d keys after the sweep, want %d", n, want)
	}
	if got, found, err := u.Get(1, 'i'); err != nil || !found || !bytes.Equal(got, long) {
		t.Errorf("the whole value: %d bytes, found %v, %v", len(got), found, err)
	}
}

// No new submission is begun on a full disk, while those under way still end.
func TestSubmissionsOnAFullDisk(t *testing.T) {
	s, err := Open(Config{Dir: t.TempDir(), MinFreeBytes: 1 << 60})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	u := s.Submissions()
	if err := u.Put(1, false, map[byte][]byte{'i': nil}); !errors.Is(err, eval.ErrFull) {
		t.Errorf("a new one: %v, want a FullError", err)
	}
	if err := u.Put(1, true, map[byte][]byte{'s': nil}); err != nil {
		t.Errorf("the end of one: %v", err)
	}
}
