package store

import (
	"sync"

	"borel/verify"
)

// QueueBytes is how much may wait to be written, in bytes. A Put that finds more waits itself; a single larger value
// waits until it is alone.
const QueueBytes = 4 << 20

// name says which value of which cache.
type name struct {
	table byte
	key   verify.Key
}

// put is a record on its way to the database.
type put struct {
	name
	record
	done chan error // of one; nil if nobody waits for the answer
}

// queue holds what is put and not yet in the database. Get looks here first.
type queue struct {
	mu      sync.Mutex
	changed sync.Cond // with mu: something was added or written, or the queue was closed
	waiting []*put
	latest  map[name]*put // of those waiting and those being written
	bytes   int64         // of those waiting and those being written
	closed  bool
}

func (q *queue) init() {
	q.changed.L = &q.mu
	q.latest = make(map[name]*put)
}

func (q *queue) find(n name) (record, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	p, ok := q.latest[n]
	if !ok {
		return record{}, false
	}
	// The writer sets the number of p; the fields that were summed are never changed.
	return record{form: p.form, length: p.length, parts: p.parts, sum: p.sum, payload: p.payload}, true
}

// names are the keys of a table's values that are not yet in the database.
func (q *queue) names(table byte) (keys []verify.Key) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for n := range q.latest {
		if n.table == table {
			keys = append(keys, n.key)
		}
	}
	return keys
}

// add waits until p fits.
func (q *queue) add(p *put) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.bytes > 0 && q.bytes+p.charge() > QueueBytes {
		q.changed.Wait()
	}
	q.waiting = append(q.waiting, p)
	q.latest[p.name] = p
	q.bytes += p.charge()
	q.changed.Broadcast()
}

// take waits for something to write, and returns nil once the queue is closed and empty. What it returns is still
// found, until done.
func (q *queue) take() []*put {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.changed.Wait()
	}
	batch := q.waiting
	q.waiting = nil
	return batch
}

// done removes puts that are in the database, or failed, and answers those who wait.
func (q *queue) done(puts []*put, err error) {
	q.mu.Lock()
	for _, p := range puts {
		if q.latest[p.name] == p {
			delete(q.latest, p.name)
		}
		q.bytes -= p.charge()
	}
	if len(q.latest) == 0 {
		q.latest = make(map[name]*put) // a map keeps the size it once had
	}
	q.changed.Broadcast()
	q.mu.Unlock()
	for _, p := range puts {
		if p.done != nil {
			p.done <- err
		}
	}
}

// close lets take return nil when nothing waits any more. Nothing may be added afterwards.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.changed.Broadcast()
}
