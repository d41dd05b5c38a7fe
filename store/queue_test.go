package store

import (
	"bytes"
	"sync"
	"testing"

	"borel/verify"
)

// Get finds what Put answered for, however long the writer takes.
func TestGetFindsWhatWaits(t *testing.T) {
	s, err := Open(Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.write.Lock() // the writer stands still
	defer s.write.Unlock()
	for _, value := range [][]byte{[]byte("first"), incompressible(3 * partBytes), []byte("last")} {
		if err := s.Runs().Put(verify.Key{1}, value); err != nil {
			t.Fatal(err)
		}
		if got, ok, err := s.Runs().Get(verify.Key{1}); !ok || err != nil || !bytes.Equal(got, value) {
			t.Errorf("got %d bytes, %v, %v; want the %d bytes just put", len(got), ok, err, len(value))
		}
	}
	if _, ok, err := s.Verdicts().Get(verify.Key{1}); ok || err != nil {
		t.Errorf("a waiting run was found among the verdicts (error %v)", err)
	}
}

// While one put of a key is being written, another may come. It is found until it is written too.
func TestQueueKeepsTheLaterPut(t *testing.T) {
	var q queue
	q.init()
	n := name{tableRuns, verify.Key{1}}
	first, second := &put{name: n, record: record{sum: 1}}, &put{name: n, record: record{sum: 2}}
	q.add(first)
	batch := q.take()
	q.add(second)
	q.done(batch, nil)
	if r, ok := q.find(n); !ok || r.sum != 2 {
		t.Errorf("found %v, put %d; want put 2", ok, r.sum)
	}
	q.done(q.take(), nil)
	if _, ok := q.find(n); ok || q.bytes != 0 {
		t.Errorf("found %v, %d bytes counted; want an empty queue", ok, q.bytes)
	}
}

// Durable puts that wait together are written, and so synced, in one transaction.
func TestDurablePutsShareASync(t *testing.T) {
	const puts = 64
	s, err := Open(Config{Dir: t.TempDir(), Durable: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.write.Lock()
	before := s.version
	var wg sync.WaitGroup
	for i := range puts {
		wg.Go(func() {
			if err := s.Runs().Put(verify.Key{byte(i)}, []byte{byte(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	s.queue.mu.Lock()
	for len(s.queue.latest) < puts {
		s.queue.changed.Wait()
	}
	s.queue.mu.Unlock()
	s.write.Unlock()
	wg.Wait()
	s.write.Lock()
	defer s.write.Unlock()
	if n := s.version - before; n > 2 { // the writer may have taken some before it stood still
		t.Errorf("%d puts took %d transactions, want at most 2", puts, n)
	}
}
