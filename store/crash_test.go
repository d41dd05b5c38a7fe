package store_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"

	"borel/store"
)

// The tests of this file start the test binary again, as a process that can be killed or that may die of what it
// reads. TestMain then plays one of these parts instead of running tests.
var parts = map[string]func(dir string) error{
	"put durably": func(dir string) error { return putForEver(store.Config{Dir: dir, Durable: true}) },
	"put":         func(dir string) error { return putForEver(store.Config{Dir: dir}) },
	"read and gc": readAndGC,
	"idle":        idle,
}

func TestMain(m *testing.M) {
	play, ok := parts[os.Getenv("BOREL_STORE_TEST_PART")]
	if !ok {
		os.Exit(m.Run())
	}
	if err := play(os.Getenv("BOREL_STORE_TEST_DIR")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func child(t testing.TB, part, dir string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), "BOREL_STORE_TEST_PART="+part, "BOREL_STORE_TEST_DIR="+dir)
	return cmd
}

// putForEver puts values from several goroutines, and prints the number of each one that Put answered nil for.
func putForEver(cfg store.Config) error {
	s, err := store.Open(cfg)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := g; err == nil; i += 8 {
				perr := s.Runs().Put(key(i), value(i))
				mu.Lock()
				if perr != nil {
					err = perr
				} else {
					fmt.Println(i)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return err
}

func TestKilledRightAfterPut(t *testing.T) {
	for _, tt := range []struct {
		part    string
		durable bool
		answers int // before the kill
	}{
		{"put durably", true, 1000},
		{"put", false, 30_000}, // enough to fill Badger's tables in memory
	} {
		t.Run(tt.part, func(t *testing.T) {
			dir := t.TempDir()
			cmd := child(t, tt.part, dir)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stderr = os.Stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var answered []int
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				i, err := strconv.Atoi(lines.Text())
				if err != nil {
					t.Fatal(err)
				}
				if answered = append(answered, i); len(answered) == tt.answers {
					if err := cmd.Process.Kill(); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := cmd.Wait(); err == nil || len(answered) < tt.answers {
				t.Fatalf("the child ended by itself after %d answers: %v", len(answered), err)
			}

			s := open(t, store.Config{Dir: dir})
			missing, lost := 0, 0
			for _, i := range answered {
				if !holds(t, s.Runs(), i, value(i)) {
					missing++
					lost += len(value(i))
				}
			}
			t.Logf("%d of %d answered puts are missing", missing, len(answered))
			if tt.durable && missing > 0 {
				t.Errorf("%d of %d durable puts are missing", missing, len(answered))
			}
			if lost > store.QueueBytes {
				t.Errorf("%d bytes of values are missing, though at most %d wait to be written", lost, store.QueueBytes)
			}
			// The store goes on as if nothing had been.
			put(t, s.Runs(), -1, []byte("after"))
			if !holds(t, s.Runs(), -1, []byte("after")) {
				t.Error("a value put after the crash is missing")
			}
		})
	}
}

// A kill between two steps of making or deleting one of Badger's files leaves an empty file, on which Badger alone
// refuses to open ("Create a new file").
func TestEmptyFilesOfAKill(t *testing.T) {
	for _, name := range []string{"00099.mem", "000099.vlog", "000099.sst"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "[1]") // no pattern
			s := open(t, store.Config{Dir: dir})
			put(t, s.Runs(), 1, value(1))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "badger", name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			s = open(t, store.Config{Dir: dir})
			if !holds(t, s.Runs(), 1, value(1)) {
				t.Error("the value is gone")
			}
		})
	}
}

// A store to be damaged has so many small values, then so many long ones, all as runs and some as verdicts.
const damageSmall, damageLong, damageVerdicts = 4000, 20, 1000

func damageValue(i int) []byte {
	if i >= damageSmall {
		return noise(i, 150_000)
	}
	return value(i)
}

// readAndGC reads everything that TestDamage put, compacts and reads again. It prints how many values it found each
// time, or why the store does not open, and fails on a wrong value.
func readAndGC(dir string) error {
	s, err := store.Open(store.Config{Dir: dir})
	if err != nil {
		fmt.Println("open:", err)
		return nil
	}
	for range 2 {
		found := 0
		for i := range damageSmall + damageLong {
			caches := []store.Cache{s.Runs(), s.Verdicts()}
			if i >= damageVerdicts {
				caches = caches[:1]
			}
			for _, c := range caches {
				got, ok, err := c.Get(key(i))
				if err != nil {
					return err
				}
				if ok && !bytes.Equal(got, damageValue(i)) {
					return fmt.Errorf("value %d is wrong", i)
				}
				if ok {
					found++
				}
			}
		}
		fmt.Println("found:", found)
		if err := s.GC(context.Background()); err != nil {
			return err
		}
	}
	return s.Close()
}

// TestDamage changes bytes in each file of a store as a crash left it, in turn. Whatever was hit, a value is whole or
// missing, or Open says what to do; the process survives.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Config{Dir: dir, Durable: true})
	var wg sync.WaitGroup
	for g := range 16 { // side by side they share syncs
		wg.Go(func() {
			for i := g; i < damageSmall+damageLong; i += 16 {
				put(t, s.Runs(), i, damageValue(i))
			}
			for i := g; i < damageVerdicts; i += 16 {
				put(t, s.Verdicts(), i, damageValue(i))
			}
		})
	}
	wg.Wait()
	// What lies in the folder of an open store is what a kill would leave.
	image := filepath.Join(t.TempDir(), "image")
	if err := os.CopyFS(image, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	const all = damageSmall + damageLong + damageVerdicts
	files, err := filepath.Glob(filepath.Join(image, "badger", "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	lost := false
	for i, file := range append(files, "") {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "copy")
			if err := os.CopyFS(dir, os.DirFS(image)); err != nil {
				t.Fatal(err)
			}
			if file != "" {
				path := filepath.Join(dir, "badger", name)
				b, err := os.ReadFile(path)
				if err != nil || len(b) == 0 {
					t.Fatal(len(b), err)
				}
				filled := len(bytes.TrimRight(b, "\x00")) // logs are longer than what is in them
				for range 1 + 10*(i%2) {
					b[r.IntN(max(filled, 1))] ^= byte(1 + r.IntN(255))
				}
				if err := os.WriteFile(path, b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			out, err := child(t, "read and gc", dir).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			var before, after int
			switch n, _ := fmt.Sscanf(string(out), "found: %d\nfound: %d", &before, &after); {
			case n == 2:
				t.Logf("%d of %d values found, after compaction %d", before, all, after)
				lost = lost || before < all
				if file == "" && (before != all || after != all) {
					t.Error("values are missing, though nothing was damaged")
				}
			case file == "" || !strings.Contains(string(out), "move the folder away"):
				t.Errorf("got %s", out)
			default:
				t.Logf("%s", out)
			}
		})
	}
	if !lost {
		t.Error("no damage hit a value: the test shows nothing")
	}
}

func TestIdleStoreIsSmall(t *testing.T) {
	if _, err := os.Stat("/proc/self/smaps_rollup"); err != nil {
		t.Skip("this system does not tell how much memory a process takes")
	}
	dir := t.TempDir()
	s := open(t, store.Config{Dir: dir})
	for i := range 50_000 {
		put(t, s.Verdicts(), i, value(i))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := child(t, "idle", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var before, opened int
	if _, err := fmt.Sscan(string(out), &before, &opened); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Logf("the process takes %d kB, with an open store of 50,000 values %d kB", before, opened)
	if limit := 25 << 10; opened-before > limit {
		t.Errorf("an idle store takes %d kB; want at most %d kB", opened-before, limit)
	}
}

// idle prints the proportional memory of the process in kB, without a store and with one.
func idle(dir string) error {
	if err := printMemory(); err != nil {
		return err
	}
	s, err := store.Open(store.Config{Dir: dir})
	if err != nil {
		return err
	}
	if err := printMemory(); err != nil {
		return err
	}
	return s.Close()
}

func printMemory() error {
	debug.FreeOSMemory() // as the runtime does by and by
	b, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		return err
	}
	_, rest, _ := bytes.Cut(b, []byte("\nPss:"))
	var kB int
	if _, err := fmt.Sscan(string(rest), &kB); err != nil {
		return err
	}
	fmt.Println(kB)
	return nil
}
