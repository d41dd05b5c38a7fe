package store_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"borel/store"
	"borel/verify"
	"borel/verify/cachetest"
)

func open(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
			t.Error(err)
		}
	})
	return s
}

func TestConformance(t *testing.T) {
	for _, durable := range []bool{false, true} {
		for _, which := range []string{"runs", "verdicts"} {
			name := which
			if durable {
				name += " durable"
			}
			t.Run(name, func(t *testing.T) {
				cachetest.Run(t, func(t *testing.T) verify.Cache {
					s := open(t, store.Config{Dir: t.TempDir(), Durable: durable})
					c := s.Runs()
					if which == "verdicts" {
						c = s.Verdicts()
					}
					return struct {
						verify.Cache
						io.Closer
					}{c, s}
				})
			})
		}
	}
}

func TestReopenFindsEverything(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Config{Dir: dir})
	for i := range 3000 {
		put(t, s.Runs(), i, value(i))
		put(t, s.Verdicts(), i, value(i+1))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Dir: dir})
	for i := range 3000 {
		if !holds(t, s.Runs(), i, value(i)) || !holds(t, s.Verdicts(), i, value(i+1)) {
			t.Fatalf("value %d is gone", i)
		}
	}
	st, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if st.Runs.Records != 3000 || st.Verdicts.Records != 3000 || st.Runs.Hits != 3000 || st.Runs.Misses != 0 {
		t.Errorf("stats after reopening: %+v", st)
	}
}

func TestRunsAndVerdictsAreApart(t *testing.T) {
	s := open(t, store.Config{Dir: t.TempDir()})
	put(t, s.Runs(), 1, []byte("run"))
	if _, ok, err := s.Verdicts().Get(key(1)); ok || err != nil {
		t.Errorf("a run was found among the verdicts (error %v)", err)
	}
}

func TestOverwritingIsCountedOnce(t *testing.T) {
	s := open(t, store.Config{Dir: t.TempDir(), Durable: true})
	for i := range 50 {
		put(t, s.Runs(), 7, bytes.Repeat([]byte{byte(i)}, 1+i*1000))
	}
	put(t, s.Runs(), 7, []byte("the last"))
	st, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if st.Runs.Records != 1 || st.Runs.Bytes > 1000 {
		t.Errorf("one value of 8 bytes counts as %d values of %d bytes", st.Runs.Records, st.Runs.Bytes)
	}
}

func TestOldestRunsAreForgottenFirst(t *testing.T) {
	const size, limit, puts = 50_000, 10 << 20, 1000 // 50 MB into 10 MiB
	dir := t.TempDir()
	s := open(t, store.Config{Dir: dir, Durable: true, MaxRunBytes: limit})
	put(t, s.Verdicts(), 1, []byte("verdicts have a limit of their own"))
	for i := range puts {
		put(t, s.Runs(), i, noise(i, size))
	}
	before, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if before.DiskBytes > 4*limit {
		t.Errorf("the folder takes %d bytes for %d of runs, before any GC", before.DiskBytes, before.Runs.Bytes)
	}
	if err := s.GC(t.Context()); err != nil { // also waits for the eviction that the last put caused
		t.Fatal(err)
	}
	st, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("on disk before GC %d MB, after %d MB", before.DiskBytes>>20, st.DiskBytes>>20)
	if st.DiskBytes > 2*limit {
		t.Errorf("after GC the folder takes %d bytes", st.DiskBytes)
	}
	if st.Runs.Bytes > limit || st.Runs.Bytes < limit*9/10 {
		t.Errorf("runs take %d bytes, the limit is %d", st.Runs.Bytes, limit)
	}
	if st.Runs.Records+st.Runs.Evicted != puts {
		t.Errorf("%d runs are kept and %d were evicted, %d were put", st.Runs.Records, st.Runs.Evicted, puts)
	}
	for i := range puts {
		if got, want := holds(t, s.Runs(), i, noise(i, size)), int64(i) >= st.Runs.Evicted; got != want {
			t.Fatalf("run %d found: %v, want %v; %d were evicted", i, got, want, st.Runs.Evicted)
		}
	}
	if !holds(t, s.Verdicts(), 1, []byte("verdicts have a limit of their own")) {
		t.Error("a verdict was evicted")
	}
}

func TestLowerLimitEvictsAtTheNextPut(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Config{Dir: dir})
	for i := range 5000 {
		put(t, s.Verdicts(), i, noise(i, 1000))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Dir: dir, MaxVerdictBytes: 100_000, Durable: true})
	put(t, s.Verdicts(), 5000, noise(5000, 1000))
	if err := s.GC(t.Context()); err != nil {
		t.Fatal(err)
	}
	st, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if st.Verdicts.Bytes > 100_000 || st.Verdicts.Records < 50 || !holds(t, s.Verdicts(), 5000, noise(5000, 1000)) {
		t.Errorf("verdicts %+v", st.Verdicts)
	}
}

func TestValueTooLargeForItsCacheIsNotKept(t *testing.T) {
	s := open(t, store.Config{Dir: t.TempDir(), MaxRunBytes: 1 << 20, Durable: true})
	put(t, s.Runs(), 1, noise(1, 300_000))
	put(t, s.Runs(), 2, bytes.Repeat([]byte("compresses "), 100_000))
	if holds(t, s.Runs(), 1, noise(1, 300_000)) {
		t.Error("a value of more than a quarter of the limit was kept")
	}
	if !holds(t, s.Runs(), 2, bytes.Repeat([]byte("compresses "), 100_000)) {
		t.Error("a long value that compresses well was not kept")
	}
	if st, err := s.Stats(); err != nil || st.TooLarge != 1 {
		t.Errorf("stats: %+v, %v; want one too large", st, err)
	}
}

func TestFullDisk(t *testing.T) {
	t.Run("durable", func(t *testing.T) {
		s := open(t, store.Config{Dir: t.TempDir(), Durable: true, MinFreeBytes: 1 << 62})
		err := s.Runs().Put(key(1), []byte("v"))
		full, ok := errors.AsType[*store.FullError](err)
		if !ok || full.Need != 1<<62 || full.FreeBytes <= 0 {
			t.Errorf("Put: %v, want a FullError", err)
		}
	})
	t.Run("default", func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, store.Config{Dir: dir})
		put(t, s.Runs(), 1, []byte("before"))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		s = open(t, store.Config{Dir: dir, MinFreeBytes: 1 << 62, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		for i := range 100 {
			put(t, s.Runs(), 2+i, []byte("v"))
			if _, ok, err := s.Runs().Get(key(2 + i)); ok || err != nil {
				t.Fatalf("a dropped value is found: %v, %v", ok, err)
			}
		}
		if !holds(t, s.Runs(), 1, []byte("before")) {
			t.Error("Get stopped with Put")
		}
		st, err := s.Stats()
		if err != nil || st.Dropped != 100 || !st.Paused {
			t.Errorf("stats: %+v, %v; want 100 dropped, paused", st, err)
		}
		if got := strings.Count(log.String(), "free space"); got != 1 {
			t.Errorf("logged %d times:\n%s", got, &log)
		}
	})
}

func TestLockedFolder(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Config{Dir: dir})
	for _, addr := range []string{"", "127.0.0.1:8080"} {
		if addr != "" {
			if err := s.Announce(addr); err != nil {
				t.Fatal(err)
			}
		}
		_, err := store.Open(store.Config{Dir: dir})
		locked, ok := errors.AsType[*store.LockedError](err)
		if !ok || locked.Dir != dir || locked.Addr != addr {
			t.Errorf("Open of a locked folder: %v, want a LockedError with address %q", err, addr)
		}
	}
	put(t, s.Runs(), 1, []byte("still works"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "server.addr")); !os.IsNotExist(err) {
		t.Errorf("server.addr after Close: %v", err)
	}
	// An address left by a process that died is not that of the next holder.
	if err := os.WriteFile(filepath.Join(dir, "server.addr"), []byte("stale\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, store.Config{Dir: dir})
	_, err := store.Open(store.Config{Dir: dir})
	if locked, ok := errors.AsType[*store.LockedError](err); !ok || locked.Addr != "" {
		t.Errorf("Open beside a holder that announced nothing: %v", err)
	}
}

func TestBadFolders(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	with := func(name, content string) string {
		dir := t.TempDir()
		s := open(t, store.Config{Dir: dir})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if content == "" {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for _, tt := range []struct{ name, dir, want string }{
		{"none", "", "no folder is named"},
		{"a file", file, "choose another"},
		{"under a file", filepath.Join(file, "sub"), "choose another"},
		{"another version", with("FORMAT", "borel store 99\n"), `"borel store 99"`},
		{"no version", with("FORMAT", ""), "no file FORMAT"},
		{"damaged manifest", with("badger/MANIFEST", "this was a manifest once"), "move the folder away"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := store.Open(store.Config{Dir: tt.dir})
			if err == nil {
				s.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want it to contain %q", err, tt.want)
			}
			if _, ok := errors.AsType[*store.LockedError](err); ok {
				t.Errorf("got %q, nothing holds the folder", err)
			}
			// Whatever was wrong, the folder is not left locked.
			_, again := store.Open(store.Config{Dir: tt.dir})
			if _, ok := errors.AsType[*store.LockedError](again); ok {
				t.Errorf("a failed Open left the folder locked: %v", again)
			}
		})
	}
	t.Run("unwritable", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root may write everywhere")
		}
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Open(store.Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "write permission") {
			t.Errorf("got %v", err)
		}
	})
}

func TestClosed(t *testing.T) {
	s := open(t, store.Config{Dir: t.TempDir()})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, _, getErr := s.Runs().Get(key(1))
	_, statsErr := s.Stats()
	for i, err := range []error{getErr, statsErr, s.Runs().Put(key(1), nil), s.GC(t.Context()), s.Announce("a"), s.Close()} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("call %d after Close: %v", i, err)
		}
	}
}

// TestCloseWhileInUse closes under load: every call either works or says ErrClosed, and what a Put answered nil for
// before Close is found afterwards.
func TestCloseWhileInUse(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Config{Dir: dir})
	var mu sync.Mutex
	var kept []int
	var wg sync.WaitGroup
	started := make(chan struct{}, 4)
	for g := range 4 {
		wg.Go(func() {
			for i := g; ; i += 4 {
				if i >= 400 && i < 404 {
					started <- struct{}{}
				}
				if err := s.Runs().Put(key(i), value(i)); err != nil {
					if !errors.Is(err, store.ErrClosed) {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				kept = append(kept, i)
				mu.Unlock()
				if _, _, err := s.Runs().Get(key(i / 2)); err != nil && !errors.Is(err, store.ErrClosed) {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 4 {
		<-started
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	s = open(t, store.Config{Dir: dir})
	for _, i := range kept {
		if !holds(t, s.Runs(), i, value(i)) {
			t.Fatalf("value %d of %d is gone", i, len(kept))
		}
	}
}

func key(i int) verify.Key {
	var k verify.Key
	binary.LittleEndian.PutUint64(k[:], uint64(i)*0x9e3779b97f4a7c15) // spread, as hashes are
	k[31] = 1
	return k
}

// value is what a short run looks like: up to a few hundred bytes, some thousands now and then.
func value(i int) []byte {
	size := 200 + i%300
	if i%50 == 0 {
		size = 20_000
	}
	return noise(i, size)
}

func noise(seed, size int) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16), byte(seed >> 24)}).Read(b)
	return b
}

func put(t testing.TB, c verify.Cache, i int, value []byte) {
	t.Helper()
	if err := c.Put(key(i), value); err != nil {
		t.Fatal(err)
	}
}

// holds reports whether the value is there. Another value than the one wanted is fatal.
func holds(t testing.TB, c verify.Cache, i int, want []byte) bool {
	t.Helper()
	got, ok, err := c.Get(key(i))
	if err != nil {
		t.Fatal(err)
	}
	if ok && !bytes.Equal(got, want) {
		t.Fatalf("value %d is wrong: %d bytes, want %d", i, len(got), len(want))
	}
	return ok
}
