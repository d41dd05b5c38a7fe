package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"borel/verify"
)

func FuzzKeyRoundTrip(f *testing.F) {
	for _, table := range []byte{tableRuns, tableVerdicts, tableParts, tableOrder, tableMeta} {
		f.Add(table, []byte("a hash"), uint64(1<<63), uint32(7), true)
	}
	f.Fuzz(func(t *testing.T, table byte, text []byte, number uint64, part uint32, run bool) {
		k := dbKey{table: table}
		switch table {
		case tableRuns, tableVerdicts:
			copy(k.hash[:], text)
		case tableParts:
			k.number, k.part = number, part
		case tableOrder:
			k.number, k.of = number, tableVerdicts
			if run {
				k.of = tableRuns
			}
		case tableMeta:
			k.name = string(text)
		default:
			return
		}
		got, err := decodeKey(k.encode())
		if err != nil || got != k {
			t.Errorf("decode(encode(k)) is %+v, %v; want %+v", got, err, k)
		}
	})
}

// What decodeKey accepts, encode writes: no two byte strings are the same key.
func FuzzKeyBytes(f *testing.F) {
	f.Add(headKey(tableRuns, verify.Key{1}))
	f.Add(partKey(5, 6))
	f.Add(orderKey(tableVerdicts, 7))
	f.Add(metaKey("totals"))
	f.Add([]byte("o?12345678"))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := decodeKey(b)
		if err == nil && !bytes.Equal(k.encode(), b) {
			t.Errorf("encode(decode(%q)) is %q", b, k.encode())
		}
	})
}

func TestOrderOfKeysIsTheOrderOfPuts(t *testing.T) {
	for _, n := range []uint64{0, 1, 255, 256, 1<<32 - 1, 1<<64 - 2} {
		if bytes.Compare(orderKey(tableRuns, n), orderKey(tableRuns, n+1)) >= 0 {
			t.Errorf("put %d does not come before put %d", n, n+1)
		}
	}
}

func FuzzRecordRoundTrip(f *testing.F) {
	f.Add([]byte(""), byte(0))
	f.Add(bytes.Repeat([]byte("compresses"), 1000), byte(1))
	f.Fuzz(func(t *testing.T, value []byte, where byte) {
		k := verify.Key{3}
		r := newRecord(tableRuns, k, value)
		r.number = 9
		read, err := decodeHead(r.head())
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.parts {
			read.payload = append(read.payload, r.part(i)...)
		}
		if got, err := read.value(tableRuns, k); err != nil || !bytes.Equal(got, value) || read.number != 9 {
			t.Fatalf("got %d bytes, %v; want %d", len(got), err, len(value))
		}
		if _, err := read.value(tableRuns, verify.Key{4}); !errors.Is(err, errDamaged) {
			t.Errorf("read under another key: %v, want errDamaged", err)
		}
		if _, err := read.value(tableVerdicts, k); !errors.Is(err, errDamaged) {
			t.Errorf("read in another table: %v, want errDamaged", err)
		}
		if len(read.payload) > 0 {
			read.payload[int(where)%len(read.payload)] ^= 1
			if _, err := read.value(tableRuns, k); !errors.Is(err, errDamaged) {
				t.Errorf("read with a bit changed: %v, want errDamaged", err)
			}
		}
	})
}

// What is damaged is not found, counted, and replaced by the next put.
func TestDamagedRecordIsNotFound(t *testing.T) {
	for name, change := range map[string]func(b *batch, k verify.Key, r record) error{
		"head cut short": func(b *batch, k verify.Key, r record) error { return b.set(headKey(tableRuns, k), r.head()[:5]) },
		"bit in the sum": func(b *batch, k verify.Key, r record) error {
			r.sum ^= 1
			return b.set(headKey(tableRuns, k), r.head())
		},
		"part missing": func(b *batch, k verify.Key, r record) error { return b.delete(partKey(r.number, 1)) },
		"part of another": func(b *batch, k verify.Key, r record) error {
			return b.set(partKey(r.number, 1), make([]byte, partBytes))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(Config{Dir: t.TempDir(), Durable: true})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			k, value := verify.Key{1}, incompressible(3*partBytes)
			if err := s.Runs().Put(k, value); err != nil {
				t.Fatal(err)
			}
			r, err := s.read(tableRuns, k)
			if err != nil {
				t.Fatal(err)
			}
			s.write.Lock()
			b := s.newBatch()
			err = errors.Join(change(b, k, r), b.commit())
			s.write.Unlock()
			if err != nil {
				t.Fatal(err)
			}
			if _, ok, err := s.Runs().Get(k); ok || err != nil {
				t.Errorf("Get: found %v, error %v; want nothing", ok, err)
			}
			if st, err := s.Stats(); err != nil || st.Damaged != 1 {
				t.Errorf("stats: %d damaged, %v; want 1", st.Damaged, err)
			}
			if err := s.Runs().Put(k, value); err != nil {
				t.Fatal(err)
			}
			if got, ok, err := s.Runs().Get(k); !ok || err != nil || !bytes.Equal(got, value) {
				t.Errorf("Get after another Put: found %v, error %v", ok, err)
			}
		})
	}
}

// A crash can leave parts whose head was never written, and totals that are off.
func TestOpenRepairs(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(Config{Dir: dir, Durable: true})
	if err != nil {
		t.Fatal(err)
	}
	value := incompressible(3 * partBytes)
	for i := range 3 {
		if err := s.Runs().Put(verify.Key{byte(i)}, value); err != nil {
			t.Fatal(err)
		}
	}
	before := *s.shown.Load()
	s.write.Lock()
	b := s.newBatch()
	for i := range uint32(3) {
		err = errors.Join(err, b.set(partKey(before.next, i), []byte("orphan")))
	}
	err = errors.Join(err, b.commit())
	// The batch has written good totals; in these one bit is wrong.
	damaged := before.encode()
	damaged[15] ^= 1
	txn := s.db.NewTransactionAt(maxVersion, true)
	err = errors.Join(err, txn.Set(metaKey("totals"), damaged), txn.CommitAt(s.version+1, nil))
	s.write.Unlock()
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}

	if s, err = Open(Config{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := *s.shown.Load(); got != before {
		t.Errorf("totals after repair are %+v, want %+v", got, before)
	}
	orphans, parts := 0, 0
	err = s.scan([]byte{tableParts}, nil, func(item *badger.Item) (bool, error) {
		k, err := decodeKey(item.Key())
		if parts++; k.number >= before.next {
			orphans++
		}
		return true, err
	})
	if err != nil || orphans != 0 || parts != 9 {
		t.Errorf("%d parts, %d of them orphans, %v; want the 9 of three values", parts, orphans, err)
	}
}

func TestFormatFileIsWhatIsPromised(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := os.ReadFile(filepath.Join(dir, formatFile))
	if err != nil || string(got) != "borel store 1\n" {
		t.Errorf("FORMAT holds %q, %v", got, err)
	}
}

func incompressible(size int) []byte {
	b := make([]byte, size)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

// Forgetting the longest value must fit into one transaction, and so must two parts.
func TestLongestValueFitsTransactions(t *testing.T) {
	s, err := Open(Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.write.Lock()
	defer s.write.Unlock()
	b := s.newBatch()
	place := place{of: tableRuns, number: 1, parts: MaxValueBytes / partBytes}
	if err := errors.Join(b.set(orderKey(tableRuns, 1), place.encode()), b.set(headKey(tableRuns, verify.Key{}), nil)); err != nil {
		t.Fatal(err)
	}
	if err := b.remove(place); err != nil {
		t.Errorf("removing %d parts: %v", place.parts, err)
	}
	b.abandon(nil)
	for i := range uint32(2) {
		if err := b.set(partKey(1, i), make([]byte, partBytes)); err != nil {
			t.Errorf("part %d: %v", i, err)
		}
	}
	b.abandon(nil)
}
