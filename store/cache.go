package store

import (
	"errors"
	"math"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"

	"borel/verify"
)

// maxVersion reads what was written last. Badger is used with versions of our own: reading then never waits for a
// transaction that is being synced.
const maxVersion = math.MaxUint64

// Cache is one of the two caches of a store.
type Cache struct {
	s     *Store
	table byte
	max   int64 // bytes
	*counters
}

type counters struct{ hits, misses, puts, evicted atomic.Int64 }

// Get returns the value that was put last under k. A value that the disk damaged is not found; that is counted, and
// logged where Badger says so. The error is ErrClosed or a fault of Badger.
func (c Cache) Get(k verify.Key) ([]byte, bool, error) {
	if err := c.s.enter(); err != nil {
		return nil, false, err
	}
	defer c.s.life.RUnlock()
	value, ok, err := c.get(k)
	if ok {
		c.hits.Add(1)
	} else {
		c.misses.Add(1)
	}
	return value, ok, err
}

func (c Cache) get(k verify.Key) ([]byte, bool, error) {
	if r, ok := c.s.queue.find(name{c.table, k}); ok {
		value, err := r.value(c.table, k)
		return value, err == nil, err
	}
	var before uint64
	for {
		r, err := c.s.read(c.table, k)
		switch {
		case errors.Is(err, badger.ErrKeyNotFound):
			return nil, false, nil
		case err == nil:
			value, err := r.value(c.table, k)
			if err == nil {
				return value, true, nil
			}
		case !errors.Is(err, errDamaged):
			return nil, false, err
		}
		// Another put, or eviction, may have removed the parts while we read them. Then the head is another by now.
		if r.number == before {
			c.s.damaged.Add(1)
			c.s.log.Warn("a stored value is damaged and counts as missing", "dir", c.s.cfg.Dir, "table", string(c.table), "bytes", r.length)
			return nil, false, nil
		}
		before = r.number
	}
}

// Put keeps value under k. See the package comment for what nil promises. With Durable, the error is a *[FullError],
// or a fault of Badger; in either mode it is ErrClosed after Close.
func (c Cache) Put(k verify.Key, value []byte) error {
	if err := c.s.enter(); err != nil {
		return err
	}
	defer c.s.life.RUnlock()
	c.puts.Add(1)
	if len(value) > MaxValueBytes {
		c.s.tooLarge.Add(1)
		return nil
	}
	if err := c.s.room(); err != nil {
		if c.s.cfg.Durable {
			return err
		}
		c.s.dropped.Add(1)
		return nil
	}
	r := newRecord(c.table, k, value)
	if r.charge() > c.max/4 {
		c.s.tooLarge.Add(1)
		return nil
	}
	p := &put{name: name{c.table, k}, record: r}
	if c.s.cfg.Durable {
		p.done = make(chan error, 1)
	}
	c.s.queue.add(p)
	if p.done == nil {
		return nil
	}
	return <-p.done
}

// read reads a record with its parts. With errDamaged the record is what could be read of it.
func (s *Store) read(table byte, k verify.Key) (r record, err error) {
	// Badger takes blocks apart before it has checked them, and panics on some that are damaged.
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("badger panicked while reading", "dir", s.cfg.Dir, "panic", p)
			err = errDamaged
		}
	}()
	txn := s.db.NewTransactionAt(maxVersion, false)
	defer txn.Discard()
	if r, err = readHead(txn, headKey(table, k)); err != nil || r.parts == 0 {
		return r, err
	}
	for i := range r.parts {
		item, err := txn.Get(partKey(r.number, i))
		if errors.Is(err, badger.ErrKeyNotFound) {
			return r, errDamaged
		}
		if err != nil {
			return r, err
		}
		if err := item.Value(func(b []byte) error { r.payload = append(r.payload, b...); return nil }); err != nil {
			return r, err
		}
	}
	return r, nil
}

// readHead returns badger.ErrKeyNotFound where there is none.
func readHead(txn *badger.Txn, key []byte) (record, error) {
	item, err := txn.Get(key)
	if err != nil {
		return record{}, err
	}
	b, err := item.ValueCopy(nil)
	if err != nil {
		return record{}, err
	}
	return decodeHead(b)
}
