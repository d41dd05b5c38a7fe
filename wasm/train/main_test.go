package main

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

func TestTrain(t *testing.T) {
	dir := t.TempDir()
	module := filepath.Join(dir, "module.wasm")
	// (module (func (export "_start") unreachable)): trained, it traps; without its function it does nothing.
	start := []byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00\x07\x0a\x01\x06_start\x00\x00\x0a\x05\x01\x03\x00\x00\x0b")
	for _, c := range []struct {
		name    string
		module  []byte
		library string
		fails   bool
	}{
		{"a module that traps", start, dir, true},
		{"a module that ends", start[:8], dir, false},
		{"no library", start[:8], filepath.Join(dir, "missing"), true},
	} {
		if err := os.WriteFile(module, c.module, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := train(t.Context(), module, c.library, dir, dir); (err != nil) != c.fails {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// What differs between machines must not reach the profile: dates, owners, what was compiled there.
func TestAdd(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, fstest.MapFS{"b/x.py": {Data: []byte("1")}, "a.py": {Data: []byte("2"), Mode: 0o755}, "b/__pycache__/x.pyc": {}}); err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	if err := add(files, "lib", os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 || string(files["lib/b/x.py"].Data) != "1" || files["lib/a.py"].Mode != 0o644 || !files["lib/a.py"].ModTime.IsZero() {
		t.Errorf("got %v", files)
	}
}
