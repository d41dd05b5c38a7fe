package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"borel/internal/real"
	"borel/sandbox"
)

func TestMain(m *testing.M) { real.Main(m) }

// recordingFile writes a recording of two programs, the second changed.
func recordingFile(t *testing.T, mode sandbox.Mode, change func(*entry)) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), string(mode)+".jsonl")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := json.NewEncoder(f)
	second := entry{"hostile/b", "failed", []ran{{Reason: sandbox.Fuel, Stdout: digest(nil), Fuel: 7, Memory: 1 << 20}, {Reason: sandbox.Finished, Fuel: 8}}}
	change(&second)
	for _, line := range []any{header{Mode: mode, Identity: "of " + string(mode)}, entry{"recorded/a", "accepted", []ran{{Reason: sandbox.Finished}}}, second} {
		if err := w.Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestCompare: whatever differs is counted, named and told.
func TestCompare(t *testing.T) {
	same := func(*entry) {}
	for _, c := range []struct {
		name   string
		change func(*entry)
		row    string // of the corpus in the table
		told   string
	}{
		{"nothing", same, "hostile 1 2 0 0 0 0 0 0 0 0 0", ""},
		{"verdict", func(e *entry) { e.Verdict = "accepted" }, "hostile 1 2 1 0 0 0 0 0 0 0 0", "hostile/b: verdict\n  stock    failed\n  safe     accepted\n"},
		{"stdout", func(e *entry) { e.Runs[0].Stdout = digest([]byte("x")) }, "hostile 1 2 0 1 0 0 0 0 0 0 0", "hostile/b: stdout\n"},
		{"stderr", func(e *entry) { e.Runs[1].Stderr = digest([]byte("x")) }, "hostile 1 2 0 0 1 0 0 0 0 0 0", "hostile/b: stderr\n"},
		{"reason", func(e *entry) { e.Runs[0].Reason = sandbox.Trap }, "hostile 1 2 0 0 0 1 0 0 0 0 0", "hostile/b: reason\n  stock    [[\"fuel\","},
		{"fuel of the second run", func(e *entry) { e.Runs[1].Fuel++ }, "hostile 1 2 0 0 0 0 1 0 0 0 0", "hostile/b: fuel\n  stock    [7,8]\n  safe     [7,9]\n"},
		{"memory", func(e *entry) { e.Runs[0].Memory *= 2 }, "hostile 1 2 0 0 0 0 0 1 0 0 0", "hostile/b: memory\n"},
		{"clock", func(e *entry) { e.Runs[0].Virtual = 1 }, "hostile 1 2 0 0 0 0 0 0 1 0 0", "hostile/b: clock\n"},
		{"files", func(e *entry) { e.Runs[0].Rest = "x" }, "hostile 1 2 0 0 0 0 0 0 0 1 0", "hostile/b: files\n"},
		{"another program", func(e *entry) { e.Program = "hostile/c" }, "hostile 2 2 0 0 0 0 0 0 0 0 2", "hostile/c: missing\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			err := run(t.Context(), []string{"compare", recordingFile(t, sandbox.Stock, same), recordingFile(t, sandbox.Safe, c.change)}, &out)
			if (err != nil) != (c.told != "") {
				t.Errorf("got error %v", err)
			}
			words := ""
			for line := range strings.Lines(out.String()) {
				if strings.HasPrefix(line, "hostile ") {
					words = strings.Join(strings.Fields(line), " ")
				}
			}
			if words != c.row || !strings.Contains(out.String(), c.told) {
				t.Errorf("got row %q, want %q, and %q in\n%s", words, c.row, c.told, out.String())
			}
		})
	}
}

// TestCompareCallStack: what ends at the call stack of wazero as it was released is compared among the others, and only that.
func TestCompareCallStack(t *testing.T) {
	same := func(*entry) {}
	overflow := func(e *entry) { e.Runs[0].Reason, e.Runs[0].Trap = sandbox.Trap, "stack overflow" }
	faster := func(e *entry) { e.Runs[0].Fuel = 6 }
	const told = "hostile/b: needs a larger call stack than stock has"
	for _, c := range []struct {
		name                 string
		stock, safe, guarded func(*entry)
		told                 string
		differs              bool
	}{
		{"on stock alone", overflow, same, same, told, false},
		{"and the others differ", overflow, same, faster, told + ", and is compared among the others\nhostile/b: fuel\n  safe     [7,8]\n  guarded  [6,8]\n", true},
		{"on safe too", overflow, overflow, same, "hostile/b: reason\n  stock    ", true},
		{"on all", overflow, overflow, overflow, "hostile   1 ", false},
		{"on safe alone", same, overflow, same, "hostile/b: reason\n  stock    ", true},
		{"another trap of stock", func(e *entry) { e.Runs[0].Trap = "unreachable" }, same, same, "hostile/b: reason\n  stock    ", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			err := run(t.Context(), []string{"compare", recordingFile(t, sandbox.Stock, c.stock), recordingFile(t, sandbox.Safe, c.safe), recordingFile(t, sandbox.Guarded, c.guarded)}, &out)
			if (err != nil) != c.differs || !strings.Contains(out.String(), c.told) {
				t.Errorf("got error %v, want one: %v; want %q in\n%s", err, c.differs, c.told, out.String())
			}
		})
	}
}

// TestRecord: a few hostile programs, recorded twice over by each engine that this binary has, do the same.
func TestRecord(t *testing.T) {
	modes := []sandbox.Mode{sandbox.Stock, sandbox.Stock}
	if sandbox.Patches() != "" {
		modes = []sandbox.Mode{sandbox.Safe, sandbox.Guarded}
	}
	compare := []string{"compare"}
	for i, mode := range modes {
		file := filepath.Join(t.TempDir(), fmt.Sprint(i))
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := run(t.Context(), []string{"record", "-recorded=", "-hostile=../../sandbox/testdata/hostile", "-seconds=0.05", "-every=20", string(mode)}, f); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		compare = append(compare, file)
	}
	var out strings.Builder
	if err := run(t.Context(), compare, &out); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "\nhostile  ") {
		t.Errorf("nothing was compared:\n%s", out.String())
	}
	if other := map[bool]sandbox.Mode{true: sandbox.Stock, false: sandbox.Guarded}[sandbox.Patches() != ""]; run(t.Context(), []string{"record", string(other)}, &out) == nil {
		t.Errorf("a binary that has no %s engine recorded one", other)
	}
}
