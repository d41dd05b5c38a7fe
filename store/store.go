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
// # What is forgotten on purpose
//
// Each cache has a limit in bytes. Beyond it the oldest runs (verdicts) are forgotten, in the order in which they were
// put, whether they were read since or not. The space on disk returns when Badger next compacts those tables, or by
// [Store.GC]; in between a store can take two or three times its limits. Values beyond [MaxValueBytes] are not kept.
//
// Evaluation records (their table is reserved in keys.go) are never forgotten.
//
// # A full disk
//
// Badger maps its files into memory, where a full disk is not an error but a fatal signal. So puts pause when less
// than MinFreeBytes are free: in the default mode they are dropped, counted in [Stats] and logged once; with Durable
// they return a [FullError]. Get goes on.
//
// # One process at a time
//
// The folder is locked. Open on a locked folder returns a [LockedError] that carries what the holder passed to
// [Store.Announce], so that a command can talk to the running server instead.
//
// [Badger]: https://pkg.go.dev/github.com/dgraph-io/badger/v4
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
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

// Store is an open folder. It is safe for concurrent use.
type Store struct {
	cfg    Config
	log    *slog.Logger
	folder *folder
	db     *badger.DB
	free   freeSpace

	runs, verdicts Cache

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
	s.queue.init()
	if err := s.openDB(); err != nil {
		return nil, errors.Join(err, f.close())
	}
	s.writer.Go(s.writeLoop)
	return s, nil
}

// openBytes is what Badger needs to open at all: it sets aside and maps its logs before the first write, bytes.
const openBytes = 32 << 20

func (s *Store) openDB() error {
	if free, err := freeBytes(s.cfg.Dir); err != nil {
		return fmt.Errorf("store %s: %w", s.cfg.Dir, err)
	} else if free < openBytes {
		return &FullError{Dir: s.cfg.Dir, FreeBytes: free, Need: openBytes}
	}
	db, err := badger.OpenManaged(badgerOptions(s.cfg))
	if err != nil {
		return fmt.Errorf("store %s: its database cannot be opened, it may be damaged: move the folder away to start "+
			"with an empty one (runs and verdicts are then computed again): %w", s.cfg.Dir, err)
	}
	s.db = db
	s.version = db.MaxVersion()
	if err := s.load(); err != nil {
		return errors.Join(fmt.Errorf("store %s: %w", s.cfg.Dir, err), db.Close())
	}
	return nil
}

// badgerOptions trade a little speed of writing for memory: tables in memory and on disk are small, and nothing is
// cached besides what the kernel caches of the mapped files. (What was touched of those counts as resident until the
// kernel wants it back.) All values lie in the tables, none in Badger's value log. The log would have to be
// collected, and Badger learns of what is garbage there only when it compacts the keys, which stay few; eviction in
// order of insertion would leave it growing.
func badgerOptions(cfg Config) badger.Options {
	return badger.DefaultOptions(dbDir(cfg.Dir)).
		WithSyncWrites(cfg.Durable).
		WithLogger(badgerLog{cfg.Logger}).
		WithMetricsEnabled(false).
		WithDetectConflicts(false). // one goroutine writes
		WithMemTableSize(2 << 20).
		WithNumMemtables(2).
		WithBaseTableSize(1 << 20). // Badger keeps a dozen buffers of several times this for half a minute after compaction
		WithBaseLevelSize(16 << 20).
		WithNumLevelZeroTables(8).
		WithNumLevelZeroTablesStall(24).
		WithNumCompactors(2).          // the least
		WithCompression(options.None). // record compresses; without, blocks are read where they are mapped
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithValueThreshold(2 * partBytes). // above every value, below a transaction
		WithValueLogFileSize(1 << 20).     // never used, and still set aside
		WithChecksumVerificationMode(options.OnBlockRead)
}

func dbDir(dir string) string { return filepath.Join(dir, "badger") }

// badgerLog hands Badger's messages on. What it calls information is detail to us.
type badgerLog struct{ *slog.Logger }

func (l badgerLog) Errorf(f string, a ...any)   { l.say(slog.LevelError, f, a) }
func (l badgerLog) Warningf(f string, a ...any) { l.say(slog.LevelWarn, f, a) }
func (l badgerLog) Infof(f string, a ...any)    { l.say(slog.LevelDebug, f, a) }
func (l badgerLog) Debugf(string, ...any)       {} // several for each write

func (l badgerLog) say(level slog.Level, f string, a []any) {
	if ctx := context.Background(); l.Enabled(ctx, level) {
		l.Log(ctx, level, "badger", "message", fmt.Sprintf(f, a...))
	}
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

// load reads the totals and removes what a crash left half-written.
func (s *Store) load() error {
	txn := s.db.NewTransactionAt(maxVersion, false)
	defer txn.Discard()
	var ok bool
	switch item, err := txn.Get(metaKey("totals")); {
	case err == nil:
		b, err := item.ValueCopy(nil)
		if err != nil {
			return fmt.Errorf("totals: %w", err)
		}
		s.totals, ok = decodeTotals(b)
	case !errors.Is(err, badger.ErrKeyNotFound):
		return fmt.Errorf("totals: %w", err)
	}
	if !ok {
		// A new store, or a damaged one: what lies there says how much it is.
		if err := s.recount(context.Background()); err != nil {
			return err
		}
	}
	shown := s.totals
	s.shown.Store(&shown)
	return s.sweep()
}

// mkdir makes dir with its parents.
func mkdir(dir string) error {
	if dir == "" {
		return errors.New("store: no folder is named")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("store: the folder cannot be made or used: choose another, or give yourself write permission: %w", err)
	}
	return nil
}
