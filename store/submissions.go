package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// Submissions keeps the submissions of an API that gives them names and asks for them later. One is a number, which its
// owner chooses and never uses twice, and some values, each of a kind, which is a byte. What was put is in the database
// when Put returns, all values of one call or none; with Durable it is on the disk.
type Submissions struct{ e *Evals }

// Submissions are the submissions of the store.
func (s *Store) Submissions() Submissions { return Submissions{s.evals} }

// Put keeps values of a submission, beside those that it has of other kinds. The error may be a *[FullError]; what ends a
// submission is written on a disk on which no new one would be begun: final says so.
func (u Submissions) Put(number uint64, final bool, values map[byte][]byte) error {
	if err := u.room(final); err != nil {
		return err
	}
	records := map[byte]record{}
	for kind, v := range values {
		if len(v) > MaxValueBytes {
			return fmt.Errorf("a value of %d bytes is too long to keep", len(v))
		}
		records[kind] = evalRecord(submissionKey(kind, number), v)
	}
	return u.e.change(func(b *batch) error {
		total := int64(0)
		for kind, r := range records {
			if err := b.longEval(submissionKey(kind, number), r); err != nil {
				return err
			}
			total += int64(len(r.head())) + 64
		}
		if err := b.room(2*int64(len(records)), total); err != nil {
			return err
		}
		for kind, r := range records {
			if err := b.setEval(submissionKey(kind, number), r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (u Submissions) room(final bool) error {
	if !final {
		return u.e.room()
	}
	dir := u.e.s.cfg.Dir
	if free, err := freeBytes(dir); err == nil && free < evalStatusBytes {
		return &FullError{Dir: dir, FreeBytes: free, Need: evalStatusBytes}
	}
	return nil
}

// Get reads a value; found is false where there is none.
func (u Submissions) Get(number uint64, kind byte) (value []byte, found bool, err error) {
	err = u.e.view(func(txn *badger.Txn) error {
		value, err = readEval(txn, submissionKey(kind, number))
		return err
	})
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, false, nil
	}
	return value, err == nil, err
}

// Each calls f with the values of a kind, in the order of their numbers. A damaged one is left out, and logged.
func (u Submissions) Each(kind byte, f func(number uint64, value []byte) error) error {
	return u.e.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte{tableEvals, evalSubmit, kind}})
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			key := it.Item().KeyCopy(nil)
			number := binary.BigEndian.Uint64(key[len(key)-8:])
			value, err := readEval(txn, key)
			if errors.Is(err, errDamaged) {
				u.e.s.damaged.Add(1)
				u.e.s.log.Error("a submission is damaged", "dir", u.e.s.cfg.Dir, "number", number)
				continue
			}
			if err == nil {
				err = f(number, value)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Delete forgets submissions: their values of these kinds.
func (u Submissions) Delete(kinds []byte, numbers ...uint64) error {
	return u.e.change(func(b *batch) error {
		for _, n := range numbers {
			for _, kind := range kinds {
				if err := b.deleteEval(submissionKey(kind, n)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Sweep removes what the end of a process left of values that were never whole. It is for their owner's start.
func (u Submissions) Sweep() error {
	return u.e.change(func(b *batch) error {
		var left [][]byte
		err := eachKey(b.txn, []byte{tableEvals, evalPart, tableEvals, evalSubmit}, func(key []byte) error {
			k, err := decodeEvalKey(key)
			if err != nil {
				return err
			}
			switch head, err := readHead(b.txn, []byte(k.owner)); {
			case errors.Is(err, badger.ErrKeyNotFound), errors.Is(err, errDamaged), err == nil && head.sum != k.sum:
				left = append(left, append([]byte(nil), key...))
				return nil
			default:
				return err
			}
		})
		for _, key := range left {
			if err == nil {
				err = errors.Join(b.room(1, int64(len(key))), b.delete(key))
			}
		}
		return err
	})
}
