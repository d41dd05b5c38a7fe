package store

import (
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// writeLoop empties the queue. Everything that waits goes into one batch, so puts that arrive while one batch is being
// synced share the next sync.
func (s *Store) writeLoop() {
	for {
		puts := s.queue.take()
		if puts == nil {
			return
		}
		s.write.Lock()
		s.writePuts(puts)
		if err := errors.Join(s.evict(s.runs), s.evict(s.verdicts)); err != nil {
			s.log.Error("the oldest values are not forgotten", "dir", s.cfg.Dir, "error", err)
		}
		s.write.Unlock()
	}
}

func (s *Store) writePuts(puts []*put) {
	b := s.newBatch()
	for _, p := range puts {
		if err := b.put(p); err != nil {
			b.abandon(err, p)
		}
	}
	b.commit() // which answers with its error whoever waits
}

// batch is a transaction, or several where one cannot hold it all. The changes of one put, besides its parts, are in
// one transaction. Only who holds s.write may use one.
type batch struct {
	s      *Store
	txn    *badger.Txn
	bytes  int64 // in txn, at least what Badger counts
	count  int64
	totals totals // after txn
	puts   []*put // that txn completes
}

func (s *Store) newBatch() *batch {
	return &batch{s: s, txn: s.db.NewTransactionAt(maxVersion, true), totals: s.totals}
}

// Room that a batch leaves for what every transaction holds, and that Badger counts for an entry besides key and value.
const (
	spareBytes = 1 << 10
	spareCount = 4
	entryBytes = 32
)

// room makes sure that so many more entries, keys and values counted together in bytes, fit into the transaction. It
// commits the transaction where they do not.
func (b *batch) room(count, bytes int64) error {
	bytes += count * entryBytes
	db := b.s.db
	if b.count+count+spareCount < db.MaxBatchCount() && b.bytes+bytes+spareBytes < db.MaxBatchSize() {
		return nil
	}
	return b.commit()
}

func (b *batch) set(key, value []byte) error {
	b.count++
	b.bytes += int64(len(key)+len(value)) + entryBytes
	return b.txn.Set(key, value)
}

func (b *batch) delete(key []byte) error {
	b.count++
	b.bytes += int64(len(key)) + entryBytes
	return b.txn.Delete(key)
}

// put adds one put. Parts go ahead in transactions of their own: until the head is there nobody sees them, and if it
// never comes sweep removes them.
func (b *batch) put(p *put) error {
	p.number = b.totals.next
	for i := range p.parts {
		part := p.part(i)
		if err := b.room(1, int64(len(part))+13); err != nil {
			return err
		}
		if err := b.set(partKey(p.number, i), part); err != nil {
			return err
		}
	}
	key := headKey(p.table, p.key)
	head := p.head()
	old, err := readHead(b.txn, key)
	found := err == nil
	if err != nil && !errors.Is(err, badger.ErrKeyNotFound) && !errors.Is(err, errDamaged) {
		return err
	}
	// Durably, an equal value does not do: whoever wrote it may not have synced it.
	if found && old.same(&p.record) && !b.s.cfg.Durable {
		b.puts = append(b.puts, p)
		return nil
	}
	changes := int64(3)
	if found {
		changes += int64(old.parts)
	}
	if err := b.room(changes, int64(len(head))+changes*50+placeBytes); err != nil {
		return err
	}
	if found {
		if err := b.remove(place{of: p.table, number: old.number, hash: p.key, parts: old.parts}); err != nil {
			return err
		}
	}
	where := place{of: p.table, number: p.number, hash: p.key, charge: p.charge(), parts: p.parts}
	if err := errors.Join(b.set(key, head), b.set(orderKey(p.table, p.number), where.encode())); err != nil {
		return err
	}
	b.totals.next++
	c := b.totals.of(p.table)
	c.records++
	c.bytes += where.charge
	b.puts = append(b.puts, p)
	return nil
}

// remove takes what was put at a place out of the order, with its parts. The head is the caller's business.
func (b *batch) remove(p place) error {
	key := orderKey(p.of, p.number)
	item, err := b.txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	value, err := item.ValueCopy(nil)
	if err != nil {
		return err
	}
	for i := range p.parts {
		if err := b.delete(partKey(p.number, i)); err != nil {
			return err
		}
	}
	if old, ok := decodePlace(key, value); ok {
		c := b.totals.of(p.of)
		c.records--
		c.bytes -= old.charge
	}
	return b.delete(key)
}

// commit writes the transaction, with the totals, answers the puts in it and begins another.
func (b *batch) commit() error {
	s := b.s
	if b.count == 0 {
		b.end(nil)
		return nil
	}
	err := b.set(metaKey("totals"), b.totals.encode())
	if err == nil {
		s.version++
		err = b.txn.CommitAt(s.version, nil)
		if err == nil && s.cfg.Durable {
			// The transaction may have begun a new log file. Badger syncs what is in it, but not its name.
			err = syncDir(dbDir(s.cfg.Dir))
		}
		s.db.SetDiscardTs(s.version)
	}
	if err != nil {
		return b.abandon(fmt.Errorf("store %s: write: %w", s.cfg.Dir, err))
	}
	s.totals = b.totals
	shown := b.totals
	s.shown.Store(&shown)
	b.end(nil)
	return nil
}

// abandon drops the transaction, answers the puts in it with err, begins another and returns err.
func (b *batch) abandon(err error, puts ...*put) error {
	b.puts = append(b.puts, puts...)
	b.end(err)
	return err
}

func (b *batch) end(err error) {
	b.txn.Discard()
	b.s.answer(b.puts, err)
	*b = *b.s.newBatch()
}

// answer tells those who put what came of it. Where nobody waits for an answer, that is the log.
func (s *Store) answer(puts []*put, err error) {
	if err != nil && !s.cfg.Durable {
		s.dropped.Add(int64(len(puts)))
		if !s.failed {
			s.log.Error("values are not kept", "dir", s.cfg.Dir, "error", err)
		}
	}
	s.failed = err != nil
	s.queue.done(puts, err)
}
