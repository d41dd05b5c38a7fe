package store

import (
	"context"
	"errors"

	"github.com/dgraph-io/badger/v4"

	"borel/verify"
)

// eachRead is how many values Each reads before it hands them out; meanwhile it holds nothing of the store.
const eachRead = 256

type keyed struct {
	key   verify.Key
	value []byte
}

// Each calls f with every value of the cache, in no particular order. What is put or forgotten meanwhile may be seen or
// not; a damaged value is left out. The error is f's, ctx's own, ErrClosed or a fault of Badger. The slice is f's to keep.
func (c Cache) Each(ctx context.Context, f func(k verify.Key, value []byte) error) error {
	waiting := c.s.queue.names(c.table)
	seen := make(map[verify.Key]bool, len(waiting))
	for _, k := range waiting {
		value, ok, err := c.Get(k)
		if err != nil {
			return err
		}
		if ok {
			seen[k] = true
			if err := f(k, value); err != nil {
				return err
			}
		}
	}
	next := []byte{c.table}
	for next != nil {
		if err := ctx.Err(); err != nil {
			return err
		}
		var values []keyed
		var err error
		if values, next, err = c.after(next); err != nil {
			return err
		}
		for _, v := range values {
			if seen[v.key] {
				continue
			}
			if err := f(v.key, v.value); err != nil {
				return err
			}
		}
	}
	return nil
}

// after reads the values from the database key from on, and tells where to go on: nil at the end.
func (c Cache) after(from []byte) (values []keyed, next []byte, err error) {
	if err := c.s.enter(); err != nil {
		return nil, nil, err
	}
	defer c.s.life.RUnlock()
	txn := c.s.db.NewTransactionAt(maxVersion, false)
	defer txn.Discard()
	options := badger.DefaultIteratorOptions
	options.Prefix, options.PrefetchSize = []byte{c.table}, eachRead
	it := txn.NewIterator(options)
	defer it.Close()
	for it.Seek(from); it.Valid(); it.Next() {
		item := it.Item()
		if len(values) == eachRead {
			return values, item.KeyCopy(nil), nil
		}
		k, err := decodeKey(item.Key())
		if err != nil {
			return nil, nil, err
		}
		r, err := c.item(item, k.hash)
		if errors.Is(err, badger.ErrKeyNotFound) || errors.Is(err, errDamaged) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if value, err := r.value(c.table, k.hash); err == nil {
			values = append(values, keyed{k.hash, value})
		}
	}
	return values, nil, nil
}

// item is the record whose head is item.
func (c Cache) item(item *badger.Item, k verify.Key) (record, error) {
	b, err := item.ValueCopy(nil)
	if err != nil {
		return record{}, err
	}
	r, err := decodeHead(b)
	if err != nil || r.parts == 0 {
		return r, err
	}
	return c.s.read(c.table, k)
}
