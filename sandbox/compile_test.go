package sandbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestOutline: what is kept of a module gives the results that the module gives, and what is damaged is not used.
func TestOutline(t *testing.T) {
	dir := t.TempDir()
	want, identity, log := loadIn(t, dir, testImage)
	if !strings.Contains(log, "outline=false") {
		t.Errorf("a first load says %s", log)
	}
	paths, _ := filepath.Glob(filepath.Join(dir, "wazero-*", outlinePrefix+"*"))
	if Patches() == "" {
		if len(paths) > 0 {
			t.Errorf("wazero as it was released has outlines %q", paths)
		}
		t.Skip("wazero as it was released keeps no outlines")
	}
	if len(paths) != 1 {
		t.Fatalf("the cache holds outlines %q, want one", paths)
	}
	whole, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	damaged := func(at int) []byte {
		b := bytes.Clone(whole)
		b[(at+len(b))%len(b)] ^= 1
		return b
	}
	for _, c := range []struct {
		name    string
		content []byte
		log     string
	}{
		{"whole", whole, "outline=true"},
		{"empty", nil, "made anew"},
		{"short", whole[:len(whole)-1], "made anew"},
		{"shorter", whole[:sha256.Size-1], "made anew"},
		{"a bit of the digest", damaged(0), "made anew"},
		{"a bit of the names", damaged(sha256.Size), "made anew"},
		{"a bit of the module", damaged(-1), "made anew"},
	} {
		keptFile{dir, paths[0], whole, want, identity}.damage(t, c.name, c.content, c.log)
	}

	code, _ := filepath.Glob(filepath.Join(dir, "wazero-*", "*", "*"))
	if len(code) != 1 {
		t.Fatalf("the cache holds code %q, want one file", code)
	}
	if err := os.Remove(code[0]); err != nil {
		t.Fatal(err)
	}
	if got, id, log := loadIn(t, dir, testImage); got != want || id != identity || !strings.Contains(log, "made anew") {
		t.Errorf("without the code: results %s, identity %s, log %s", got, id, log)
	}

	// Nor is code used that is not whole.
	compiled, err := os.ReadFile(code[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, 8, 20, 30, len(compiled) / 2, len(compiled) - 1} {
		b := bytes.Clone(compiled)
		b[at] ^= 0x40
		for _, content := range [][]byte{b, compiled[:at]} {
			if err := os.WriteFile(code[0], content, 0o600); err != nil {
				t.Fatal(err)
			}
			if got, id, log := loadIn(t, dir, testImage); got != want || id != identity || !strings.Contains(log, "made anew") {
				t.Errorf("code of %d bytes, damaged at %d: results %s, identity %s, log %s", len(content), at, got, id, log)
			}
			if b, err := os.ReadFile(code[0]); err != nil || !bytes.Equal(b, compiled) {
				t.Errorf("code damaged at %d: afterwards it is not whole: %v", at, err)
			}
		}
	}

	// A start that must freeze, for another hash seed, needs the whole module, and another image has another outline.
	other := testImage
	other.HashSeed = 1
	if got, _, log := loadIn(t, dir, other); got != want || !strings.Contains(log, "cached=false outline=true") {
		t.Errorf("another hash seed: results %s, log %s", got, log)
	}
	other.Digest[0] = 1
	if _, _, log := loadIn(t, dir, other); !strings.Contains(log, "outline=false") {
		t.Errorf("another image: log %s", log)
	}
	other.Module = func() ([]byte, error) { return nil, errors.New("the image is damaged") }
	if got, _, log := loadIn(t, dir, other); got != want || !strings.Contains(log, "outline=true") {
		t.Errorf("an image whose module is not needed: results %s, log %s", got, log)
	}
}

// TestOutlineOfAnotherMode: what was compiled for guarded memory is of no use to another, in whatever folder it lies.
func TestOutlineOfAnotherMode(t *testing.T) {
	dir := t.TempDir()
	e, err := New(t.Context(), Config{CacheDir: dir, Guarded: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(context.Background())
	if e.Mode() != Guarded {
		t.Skip("this system has no guarded memory")
	}
	tpl, err := e.Load(t.Context(), testImage)
	if err != nil {
		t.Fatal(err)
	}
	defer tpl.Close(context.Background())
	safe := e.cfg.codeDir(Safe)
	if err := os.CopyFS(safe, os.DirFS(e.cfg.codeDir(Guarded))); err != nil {
		t.Fatal(err)
	}
	before, _ := filepath.Glob(filepath.Join(safe, "wazero-*", "*"))
	if _, _, log := loadIn(t, dir, testImage); !strings.Contains(log, "made anew") || !strings.Contains(log, "outline=false") {
		t.Errorf("log %s", log)
	}
	if after, _ := filepath.Glob(filepath.Join(safe, "wazero-*", "*")); len(before) != 1 || len(after) != 2 {
		t.Errorf("code for both is kept in %q", after)
	}
}

// TestExecutable: the name of this program's code is the linker's, which go test leaves whole.
func TestExecutable(t *testing.T) {
	if id := executable(); runtime.GOOS == "linux" && len(id) != 4*20+3 || id == "" {
		t.Errorf("the code is called %q", id)
	}
	for _, c := range []struct{ content, want string }{
		{"", ""},
		{"#!/bin/sh\n", ""},
	} {
		if got := buildID(strings.NewReader(c.content)); got != c.want {
			t.Errorf("%q has the build ID %q", c.content, got)
		}
	}
}
