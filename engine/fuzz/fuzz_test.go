package main

import (
	"os"
	"testing"

	"borel/engine/fuzz/module"
	"borel/sandbox"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-run" { // a child of TestAgree
		main()
		return
	}
	os.Exit(m.Run())
}

// TestAgree compares the modes of this binary, each module in processes of their own.
func TestAgree(t *testing.T) {
	if sandbox.Patches() == "" {
		t.Skip("wazero has no patches here: there is nothing to compare")
	}
	c := comparison{seed: 3, modules: 150, jobs: 2}
	if err := c.all(t.Context()); err != nil {
		t.Error(err)
	}
	if c.done != 150 || c.faults == 0 || c.traps["ok"] < 100 {
		t.Errorf("compared %d modules, with %d faults, of which %d ended well", c.done, c.faults, c.traps["ok"])
	}
}

// TestSame: what counts as the same.
func TestSame(t *testing.T) {
	const ok, other, oob = "ok 1 2", "ok 1 3", "out-of-bounds-memory-access 1 2"
	for _, c := range []struct {
		interpreted, stock, safe, guarded string
		patched, released                 bool
	}{
		{ok, ok, ok, ok, true, true},
		{ok, ok, ok, other, false, true},
		{ok, ok, other, ok, false, true},
		{ok, other, ok, ok, true, false},
		{ok, other, ok, other, false, false},
		{ok, other, other, other, true, false},
		{oob, oob, oob, oob, true, true},
		{oob, oob, oob, fault, true, true},
		{oob, oob, fault, fault, false, true},
		{ok, ok, ok, fault, false, true},
		{"failed x", "failed x", "failed x", "failed x", false, true},
	} {
		patched, released := same(map[sandbox.Mode]string{sandbox.Interpreted: c.interpreted, sandbox.Stock: c.stock, sandbox.Safe: c.safe, sandbox.Guarded: c.guarded})
		if patched != c.patched || released != c.released {
			t.Errorf("%q: got %t, %t; want %t, %t", []string{c.interpreted, c.stock, c.safe, c.guarded}, patched, released, c.patched, c.released)
		}
	}
}

// TestWithout: statements left out leave valid modules.
func TestWithout(t *testing.T) {
	r, err := newRunner(t.Context(), sandbox.Interpreted)
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(40) {
		n := module.New(1, i).Statements
		for k := range n {
			if k%7 != int(i%7) {
				continue
			}
			if _, err := r.run(1, i, func(s int) bool { return s == k || s%5 == 2 }); err != nil {
				t.Errorf("module %d without statement %d: %v", i, k, err)
			}
		}
	}
}
