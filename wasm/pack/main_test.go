package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

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
	if err := os.CopyFS(dir, fstest.MapFS{
		"lock":          {Data: []byte("source a 1 " + strings.Repeat("12", 32) + " pool/a\n")},
		"module":        {Data: []byte("\x00asm")},
		"root/usr/a.py": {Data: []byte("1")},
	}); err != nil {
		t.Fatal(err)
	}
	m := wasm.Manifest{Name: "test", Recipe: wasm.Digest{1}, Toolchain: "clang"}
	if err := run(m, path("lock"), path("module"), path("root"), path("manifest.json"), path("image.zip")); err != nil {
		t.Fatal(err)
	}
	got := readManifest(t, path("manifest.json"))
	if got.Name != "test" || got.Recipe != (wasm.Digest{1}) || got.Toolchain != "clang" || len(got.Sources) != 1 {
		t.Errorf("manifest: %+v", got)
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
	if err != nil || !reflect.DeepEqual(img.Manifest, got) {
		t.Errorf("the image's own manifest: %+v, %v, want %+v", img, err, got)
	}
}

func readManifest(t *testing.T, path string) (m wasm.Manifest) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}
