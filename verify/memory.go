package verify

import (
	"bytes"
	"container/list"
	"context"
	"sync"
)

// defaultMemory is the size of a Memory that was not told one, in bytes.
const defaultMemory = 64 << 20

// entryBytes is what an entry of a Memory costs besides its value: key, list element, map slot. Measured at about 200
// on 64-bit systems.
const entryBytes = 200

// Memory is a [Cache] that keeps the most recently used values, and loses all of them when the process ends.
type Memory struct {
	max int64

	mu      sync.Mutex // guards everything below
	used    int64
	recent  *list.List // of *memoryEntry, most recently used first
	entries map[Key]*list.Element
}

type memoryEntry struct {
	key   Key
	value []byte
}

func (e *memoryEntry) cost() int64 { return int64(len(e.value)) + entryBytes }

// NewMemory returns a Memory of at most maxBytes bytes, about 200 bytes of bookkeeping for each value counted in; 0
// means 64 MiB. A value that alone exceeds the limit is forgotten at once.
func NewMemory(maxBytes int64) *Memory {
	if maxBytes <= 0 {
		maxBytes = defaultMemory
	}
	return &Memory{max: maxBytes, recent: list.New(), entries: make(map[Key]*list.Element)}
}

// Get returns a copy of the value of k. The error is always nil.
func (m *Memory) Get(k Key) ([]byte, bool, error) {
	m.mu.Lock()
	el, ok := m.entries[k]
	if !ok {
		m.mu.Unlock()
		return nil, false, nil
	}
	m.recent.MoveToFront(el)
	value := el.Value.(*memoryEntry).value
	m.mu.Unlock()
	// A stored value is never written to, so it can be copied after the lock is gone.
	return append(make([]byte, 0, len(value)), value...), true, nil
}

// Put keeps a copy of value and forgets the least recently used values beyond the limit. The error is always nil.
func (m *Memory) Put(k Key, value []byte) error {
	e := &memoryEntry{key: k, value: bytes.Clone(value)}
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, ok := m.entries[k]; ok {
		m.forget(old)
	}
	m.entries[k] = m.recent.PushFront(e)
	m.used += e.cost()
	for m.used > m.max {
		m.forget(m.recent.Back())
	}
	return nil
}

// Each calls f with a copy of every value, in no particular order. The error is f's or ctx's own.
func (m *Memory) Each(ctx context.Context, f func(k Key, value []byte) error) error {
	m.mu.Lock()
	all := make([]*memoryEntry, 0, len(m.entries))
	for _, el := range m.entries {
		all = append(all, el.Value.(*memoryEntry))
	}
	m.mu.Unlock()
	for _, e := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f(e.key, bytes.Clone(e.value)); err != nil {
			return err
		}
	}
	return nil
}

func (m *Memory) forget(el *list.Element) {
	e := m.recent.Remove(el).(*memoryEntry)
	delete(m.entries, e.key)
	m.used -= e.cost()
}
