package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"borel/wasm"
)

func TestParseLock(t *testing.T) {
	sum := strings.Repeat("0a", 32)
	sources, err := parseLock("# comment\n\nsource zlib 1.3 " + sum + " pool/z.tar.gz\ntool clang 22\n")
	if err != nil || len(sources) != 1 || sources[0].Name != "zlib" || sources[0].Version != "1.3" || sources[0].SHA256.String() != sum {
		t.Errorf("%+v, %v", sources, err)
	}
	for _, bad := range []string{
		"source zlib 1.3 " + sum[1:] + " pool/z.tar.gz",
		"source zlib 1.3 " + sum,
		"tool clang",
		"zlib 1.3",
	} {
		if _, err := parseLock(bad); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The committed lock: every source pinned, once, and the same as in the committed manifest.
func TestCommittedLock(t *testing.T) {
	text, err := os.ReadFile("../python/sources.lock")
	if err != nil {
		t.Fatal(err)
	}
	sources, err := parseLock(string(text))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]wasm.Source{}
	for _, s := range sources {
		if _, ok := seen[s.Name]; ok {
			t.Errorf("%s is listed twice", s.Name)
		}
		if s.SHA256 == (wasm.Digest{}) {
			t.Errorf("%s has no digest", s.Name)
		}
		seen[s.Name] = s
	}
	for _, name := range []string{"python3.13", "wasi-libc", "zlib", "bzip2", "xz-utils", "sqlite3"} {
		if _, ok := seen[name]; !ok {
			t.Errorf("%s is not listed", name)
		}
	}
	m := readManifest(t, "../manifest.json")
	if len(m.Sources) != len(sources) {
		t.Errorf("../manifest.json has %d sources, the lock %d: run make image and commit it", len(m.Sources), len(sources))
	}
	for _, s := range m.Sources {
		if seen[s.Name] != s {
			t.Errorf("%+v stands in ../manifest.json, %+v in the lock: run make image and commit it", s, seen[s.Name])
		}
	}
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	pack := func(recipe byte) {
		t.Helper()
		m := wasm.Manifest{Name: "test", Recipe: wasm.Digest{recipe}, Toolchain: "clang"}
		if err := run(m, path("lock"), path("module"), path("root"), path("pinned.json"), path("image.zip")); err != nil {
			t.Fatal(err)
		}
	}
	write("lock", "source a 1 "+strings.Repeat("12", 32)+" pool/a\n")
	write("module", "\x00asm")
	write("root/usr/a.py", "1")

	pack(1) // nothing pinned yet: this is
	first := readManifest(t, path("pinned.json"))
	if first.Recipe != (wasm.Digest{1}) || len(first.Sources) != 1 {
		t.Errorf("pinned: %+v", first)
	}
	f, err := os.Open(path("image.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	img, err := wasm.Open(f, info.Size())
	if err != nil || img.Digest != first.Digest {
		t.Fatalf("image: %+v, %v", img, err)
	}

	write("module", "\x00asm, other compiler")
	pack(1) // same recipe, another image: the pin stays
	if got := readManifest(t, path("pinned.json")); got.Digest != first.Digest {
		t.Error("an image of another toolchain has replaced the pinned one")
	}
	pack(2) // another recipe: pinned anew
	if got := readManifest(t, path("pinned.json")); got.Recipe != (wasm.Digest{2}) || got.Digest == first.Digest {
		t.Errorf("after a change of the recipe: %+v", got)
	}
}

func readManifest(t *testing.T, path string) wasm.Manifest {
	t.Helper()
	m, err := readPinned(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
