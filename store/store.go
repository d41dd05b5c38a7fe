// Package store keeps runs and verdicts on disk, in a [Badger] database, so that nothing is executed or judged twice,
// not even across restarts. Open a folder and hand its two caches to a verifier:
//
//	s, err := store.Open(store.Config{Dir: dir})
//	if err != nil { … }
//	defer s.Close()
//	v := verify.New(verify.Config{Runner: r, Runs: s.Runs(), Verdicts: s.Verdicts()})
//
// # What a crash leaves
//
// Whatever happens, a value comes back as it was put, or not at all: every value carries a checksum, over its key too.
// What differs is how much is forgotten. (Of a key that was put more than once, damage can bring an earlier value back.)
//
// In the default mode Put answers once the value is in memory, from where Get finds it at once; a single goroutine
// writes it out as soon as it can. If the process dies (a panic, kill -9), what was not yet written out is forgotten: at
// most [QueueBytes], the last milliseconds of puts where they do not come faster than they are written. If the machine dies (power, kernel), so is what the
// kernel had not yet written: usually the last half minute, and possibly what lies after a gap in that.
//
// With Durable, Put answers once the value is on disk and synced (msync and fsync), and reports what kept it from
// getting there. What Put answered nil for survives both deaths, as far as the disk keeps what it says it has synced.
// Puts that arrive together share one sync. Durable puts are not exempt from the limits below: a cache may forget.
//
// Evaluation jobs know no queue: their methods answer once the transaction is in the database, so that the death of the process
// loses nothing of them, and with Durable that of the machine neither.
//
// # What is forgotten on purpose
//
// Each cache has a limit in bytes. Beyond it the oldest runs (verdicts) are forgotten, in the order in which they were
// put, whether they were read since or not. The space on disk returns when Badger next compacts those tables, or by
// [Store.GC]; in between a store can take two or three times its limits. Values beyond [MaxValueBytes] are not kept.
//
// Submissions ([Store.Submissions]) stay until their owner deletes them; it bounds them.
//
// Evaluation jobs ([Store.Evals]), with their samples and verdicts, are never forgotten: they stay until they are deleted.
//
// # A full disk
//
// Badger maps its files into memory, where a full disk is not an error but a fatal signal. So puts pause when less
// than MinFreeBytes are free: in the default mode they are dropped, counted in [Stats] and logged once; with Durable
// they return a [FullError], as writing to evaluation jobs does in either mode. Get goes on.
//
// # One process at a time
//
// The folder is locked. Open on a locked folder returns a [LockedError] that carries what the holder passed to
// [Store.Announce], so that a command can talk to the running server instead.
//
// [Badger]: https://pkg.go.dev/github.com/dgraph-io/badger/v4
package store

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"

	"borel/eval"
)

// Config says where a store is and how far it may grow.
type Config struct {
	Dir             string       // folder; made where it is missing
	Durable         bool         // Put answers after the value is synced; see the package comment
	MaxRunBytes     int64        // limit of runs, bytes; 0 means 1 GiB
	MaxVerdictBytes int64        // limit of verdicts, bytes; 0 means 4 GiB, some ten million verdicts
	MinFreeBytes    int64        // puts pause while less is free on the disk, bytes; 0 means 512 MiB, negative never
	Logger          *slog.Logger // nil discards
}

// ErrClosed is the error of every method after Close.
var ErrClosed = errors.New("store is closed")

// FullError says that puts pause because the disk is nearly full.
type FullError struct {
	Dir             string
	FreeBytes, Need int64
}

func (e *FullError) Error() string {
	return fmt.Sprintf("store %s: %d bytes are free on the disk, and writing pauses below %d: free some space", e.Dir, e.FreeBytes, e.Need)
}

// Is tells packages that do not know this one what it is about.
func (e *FullError) Is(target error) bool { return target == eval.ErrFull }

// Store is an open folder. It is safe for concurrent use.
type Store struct {
	cfg    Config
	log    *slog.Logger
	folder *folder
	db     *badger.DB
	free   freeSpace

	runs, verdicts Cache
	evals          *Evals

	// life is held for reading by every method while it uses db, and for writing to close.
	life   sync.RWMutex
	closed bool

	queue  queue
	writer sync.WaitGroup // the goroutine that empties the queue

	// write is held by whoever changes the database: the writer's goroutine, or GC.
	write   sync.Mutex
	version uint64                 // of the last transaction
	totals  totals                 // as in the database
	oldest  map[byte]uint64        // table → no older put is left, so that eviction need not look there again
	failed  bool                   // the last write failed, and that was logged
	shown   atomic.Pointer[totals] // copy of totals, for Stats

	dropped  atomic.Int64 // puts that a full disk or a failed write swallowed, in the default mode
	tooLarge atomic.Int64 // puts beyond MaxValueBytes or a quarter of the limit
	damaged  atomic.Int64 // values whose checksum was wrong
}

// Open opens the folder of cfg, and makes it where it is missing. The error is a *[LockedError] where another process
// holds the folder, a *[FullError] where the disk has no room to open it; other errors say what to do.
func Open(cfg Config) (*Store, error) {
	if cfg.MaxRunBytes == 0 {
		cfg.MaxRunBytes = 1 << 30
	}
	if cfg.MaxVerdictBytes == 0 {
		cfg.MaxVerdictBytes = 4 << 30
	}
	if cfg.MinFreeBytes == 0 {
		cfg.MinFreeBytes = 512 << 20
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	f, err := openFolder(cfg.Dir)
	if err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg, log: cfg.Logger, folder: f, oldest: make(map[byte]uint64)}
	s.runs = Cache{s: s, table: tableRuns, max: cfg.MaxRunBytes, counters: new(counters)}
	s.verdicts = Cache{s: s, table: tableVerdicts, max: cfg.MaxVerdictBytes, counters: new(counters)}
	s.evals = &Evals{s: s}
	s.queue.init()
	if err := s.openDB(); err != nil {
		return nil, errors.Join(err, f.close())
	}
	s.writer.Go(s.writeLoop)
	return s, nil
}

// Runs is the cache of what programs did.
func (s *Store) Runs() Cache { return s.runs }

// Verdicts is the cache of what checks decided.
func (s *Store) Verdicts() Cache { return s.verdicts }

// Announce tells processes that find the folder locked where they can reach this one; see [LockedError].
func (s *Store) Announce(addr string) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.life.RUnlock()
	return s.folder.announce(addr)
}

// enter holds the store open until s.life.RUnlock.
func (s *Store) enter() error {
	s.life.RLock()
	if s.closed {
		s.life.RUnlock()
		return ErrClosed
	}
	return nil
}

// Close writes out what was put, closes the database and unlocks the folder. It waits for calls under way; a second
// Close returns ErrClosed.
func (s *Store) Close() error {
	s.life.Lock()
	defer s.life.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.closed = true
	s.queue.close()
	s.writer.Wait()
	var err error
	if cerr := s.db.Close(); cerr != nil {
		err = fmt.Errorf("store %s: close: %w", s.cfg.Dir, cerr)
	}
	return errors.Join(err, s.folder.close())
}
