package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// evict forgets the oldest values of c until it is a little below its limit, so that not every put has to.
// Only who holds s.write may call it.
func (s *Store) evict(c Cache) error {
	if s.totals.of(c.table).bytes <= c.max {
		return nil
	}
	low := c.max - c.max/64
	for counted := false; s.totals.of(c.table).bytes > low; {
		places, err := s.oldestPlaces(c.table)
		if err != nil {
			return err
		}
		if len(places) == 0 {
			if counted {
				return fmt.Errorf("table %q counts %d bytes, and nothing is in its order", c.table, s.totals.of(c.table).bytes)
			}
			// The totals and the order can disagree after a loss of power.
			if err := s.recount(context.Background()); err != nil {
				return err
			}
			counted = true
			continue
		}
		b := s.newBatch()
		n := int64(0)
		for _, p := range places {
			if b.totals.of(c.table).bytes <= low {
				break
			}
			if err := b.forget(p); err != nil {
				return b.abandon(err)
			}
			s.oldest[c.table] = p.number + 1
			n++
		}
		if err := b.commit(); err != nil {
			delete(s.oldest, c.table)
			return err
		}
		c.evicted.Add(n)
	}
	return nil
}

// forget removes the value that was put at p.
func (b *batch) forget(p place) error {
	changes := 2 + int64(p.parts)
	if err := b.room(changes, changes*50); err != nil {
		return err
	}
	key := headKey(p.of, p.hash)
	switch head, err := readHead(b.txn, key); {
	case errors.Is(err, badger.ErrKeyNotFound):
	case errors.Is(err, errDamaged) || err == nil && head.number == p.number:
		if err := b.delete(key); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	return b.remove(p)
}

// oldestPlaces returns some of the oldest places in the order of a table, none if it is empty.
func (s *Store) oldestPlaces(table byte) ([]place, error) {
	const most = 1000
	places := make([]place, 0, most)
	err := s.scan(orderKey(table, 0)[:2], orderKey(table, s.oldest[table]), func(item *badger.Item) (bool, error) {
		value, err := item.ValueCopy(nil)
		if err != nil {
			return false, err
		}
		if p, ok := decodePlace(item.Key(), value); ok {
			places = append(places, p)
		}
		return len(places) < most, nil
	})
	return places, err
}

// scan calls visit with every entry of a prefix, from a key on, until it returns false.
func (s *Store) scan(prefix, from []byte, visit func(*badger.Item) (bool, error)) error {
	txn := s.db.NewTransactionAt(maxVersion, false)
	defer txn.Discard()
	it := txn.NewIterator(badger.IteratorOptions{Prefix: prefix})
	defer it.Close()
	for it.Seek(from); it.Valid(); it.Next() {
		if more, err := visit(it.Item()); err != nil || !more {
			return err
		}
	}
	return nil
}

// recount sets the totals to what the order holds. Only who holds s.write may call it.
func (s *Store) recount(ctx context.Context) error {
	t := totals{next: max(s.totals.next, 1)}
	err := s.scan([]byte{tableOrder}, nil, func(item *badger.Item) (bool, error) {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		value, err := item.ValueCopy(nil)
		if err != nil {
			return false, err
		}
		if p, ok := decodePlace(item.Key(), value); ok {
			c := t.of(p.of)
			c.records++
			c.bytes += p.charge
			t.next = max(t.next, p.number+1)
		}
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("counting: %w", err)
	}
	s.totals = t
	clear(s.oldest)
	return nil
}

// sweep removes parts whose head never came. Their numbers are those of puts to come.
func (s *Store) sweep() error {
	from := partKey(s.totals.next, 0)
	for {
		var keys [][]byte
		err := s.scan([]byte{tableParts}, from, func(item *badger.Item) (bool, error) {
			keys = append(keys, item.KeyCopy(nil))
			return len(keys) < 1000, nil
		})
		if err != nil || len(keys) == 0 {
			return err
		}
		b := s.newBatch()
		for _, k := range keys {
			if err := errors.Join(b.room(1, int64(len(k))), b.delete(k)); err != nil {
				return b.abandon(err)
			}
		}
		if err := b.commit(); err != nil {
			return err
		}
	}
}

// GC counts anew, forgets what is beyond the limits and gives the space on disk back. Puts wait while it counts (a
// second for some millions of values); the rest goes on beside everything else and can take minutes on a full store.
// When ctx ends, GC returns its error between these steps.
func (s *Store) GC(ctx context.Context) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.life.RUnlock()
	if err := s.countAndEvict(ctx); err != nil {
		return fmt.Errorf("store %s: gc: %w", s.cfg.Dir, err)
	}
	// One worker: it shares the processor with programs that run.
	if err := s.db.Flatten(1); err != nil {
		return fmt.Errorf("store %s: gc: compaction: %w", s.cfg.Dir, err)
	}
	return nil
}

func (s *Store) countAndEvict(ctx context.Context) error {
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.recount(ctx); err != nil {
		return err
	}
	b := s.newBatch()
	if err := b.set(metaKey("totals"), b.totals.encode()); err != nil {
		return b.abandon(err)
	}
	if err := errors.Join(b.commit(), s.evict(s.runs), s.evict(s.verdicts)); err != nil {
		return err
	}
	return ctx.Err()
}
