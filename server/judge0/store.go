package judge0

import (
	"encoding/json"
	"sync"
	"time"
)

// Store keeps submissions. One is a number, which is never used twice, and values, each of a kind. What Put was given is kept
// when it returns, all of it or nothing; final says that it ends a submission, for which there should be room where there is
// none for a new one. Each goes by number; Sweep is called once, before all others.
type Store interface {
	Put(number uint64, final bool, values map[byte][]byte) error
	Get(number uint64, kind byte) (value []byte, found bool, err error)
	Each(kind byte, f func(number uint64, value []byte) error) error
	Delete(kinds []byte, numbers ...uint64) error
	Sweep() error
}

// Kinds of values.
const (
	kindSubmission = 'i'
	kindState      = 's'
	kindOutput     = 'o'
)

// state is how far a submission is. Pointers are nil where nothing is known.
type state struct {
	Token      string
	LanguageID int
	Status     int
	Created    time.Time
	Updated    time.Time
	Started    *time.Time
	Finished   *time.Time
	Seconds    *float64 // of the program's clock
	Memory     *int64   // kilobytes
	ExitCode   *int
	ExitSignal *int
	Message    *string
	Bytes      int64 // of the submission and its output
	Callback   bool  // somebody is still to be called back
}

// ended reports whether nothing more will become of it.
func (s *state) ended() bool { return s.Status > statusProcessing }

// output is what a program wrote; nil is nothing.
type output struct{ Stdout, Stderr []byte }

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // these types can be encoded
	}
	return b
}

// memory is a Store for as long as the process lives.
type memory struct {
	mu     sync.Mutex
	values map[byte]map[uint64][]byte
}

func newMemory() *memory { return &memory{values: map[byte]map[uint64][]byte{}} }

func (m *memory) Put(number uint64, _ bool, values map[byte][]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for kind, v := range values {
		if m.values[kind] == nil {
			m.values[kind] = map[uint64][]byte{}
		}
		m.values[kind][number] = v
	}
	return nil
}

func (m *memory) Get(number uint64, kind byte) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[kind][number]
	return v, ok, nil
}

func (m *memory) Each(byte, func(uint64, []byte) error) error { return nil } // it is empty at first

func (m *memory) Delete(kinds []byte, numbers ...uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, kind := range kinds {
		for _, n := range numbers {
			delete(m.values[kind], n)
		}
	}
	return nil
}

func (m *memory) Sweep() error { return nil }
