package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// openBytes is what Badger needs to open at all: it sets aside and maps its logs before the first write, bytes.
const openBytes = 32 << 20

func (s *Store) openDB() error {
	if free, err := freeBytes(s.cfg.Dir); err != nil {
		return fmt.Errorf("store %s: %w", s.cfg.Dir, err)
	} else if free < openBytes {
		return &FullError{Dir: s.cfg.Dir, FreeBytes: free, Need: openBytes}
	}
	if err := removeEmptyLogs(dbDir(s.cfg.Dir)); err != nil {
		return fmt.Errorf("store %s: %w", s.cfg.Dir, err)
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

// removeEmptyLogs removes log files of no bytes. A kill leaves one if it comes between two steps of making a log (it is
// made, then stretched) or of deleting one (it is cut to nothing, after all it held was moved to a table, then
// removed). Badger refuses to open beside such a file.
func removeEmptyLogs(dir string) error {
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, f := range files {
		if ext := filepath.Ext(f.Name()); ext != ".mem" && ext != ".vlog" {
			continue
		}
		info, err := f.Info()
		if err == nil && info.Size() == 0 {
			err = os.Remove(filepath.Join(dir, f.Name()))
		}
		if err != nil {
			return err
		}
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
