package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"borel/wasm"
)

func TestParseLock(t *testing.T) {
	sum := strings.Repeat("0a", 32)
	sources, err := parseLock("# comment\n\nsource zlib 1.3 "+sum+" pool/z.tar.gz\ntool clang 22\n", "source")
	if err != nil || len(sources) != 1 || sources[0].Name != "zlib" || sources[0].Version != "1.3" || sources[0].SHA256.String() != sum {
		t.Errorf("%+v, %v", sources, err)
	}
	for _, bad := range []string{
		"source zlib 1.3 " + sum[1:] + " pool/z.tar.gz",
		"source zlib 1.3 " + sum,
		"tool clang",
		"zlib 1.3",
		"package zlib 1.3 " + sum + " pool/z.deb",
		"package zlib",
	} {
		if _, err := parseLock(bad, "source"); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The committed locks: everything pinned, once, and the same as in the committed manifest.
func TestCommittedLocks(t *testing.T) {
	m := readManifest(t, "../manifest.json")
	for _, lock := range []struct {
		file, kind string
		names      []string
		manifest   []wasm.Source
	}{
		{"../python/sources.lock", "source", []string{"python3.13", "wasi-libc", "zlib", "bzip2", "xz-utils", "sqlite3"}, m.Sources},
		{"../python/packages.lock", "package", []string{"sympy", "mpmath", "networkx", "sortedcontainers", "more-itertools"}, m.Packages},
	} {
		list, err := readLock(lock.file, lock.kind)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, s := range list {
			if seen[s.Name] {
				t.Errorf("%s: %s is listed twice", lock.file, s.Name)
			}
			if s.SHA256 == (wasm.Digest{}) {
				t.Errorf("%s: %s has no digest", lock.file, s.Name)
			}
			seen[s.Name] = true
		}
		for _, name := range lock.names {
			if !seen[name] {
				t.Errorf("%s: %s is not listed", lock.file, name)
			}
		}
		if !slices.Equal(lock.manifest, list) {
			t.Errorf("../manifest.json has %+v, %s %+v: run make image and commit it", lock.manifest, lock.file, list)
		}
	}
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := os.CopyFS(dir, fstest.MapFS{
		"sources":       {Data: []byte("source a 1 " + strings.Repeat("12", 32) + " pool/a\n")},
		"packages":      {Data: []byte("package b 2 " + strings.Repeat("34", 32) + " pool/b\n")},
		"module":        {Data: []byte("\x00asm")},
		"root/usr/a.py": {Data: []byte("1")},
	}); err != nil {
		t.Fatal(err)
	}
	m := wasm.Manifest{Name: "test", Recipe: wasm.Digest{1}, Toolchain: "clang"}
	if err := run(m, path("sources"), path("packages"), path("module"), path("root"), path("manifest.json"), path("image.zip")); err != nil {
		t.Fatal(err)
	}
	got := readManifest(t, path("manifest.json"))
	if got.Name != "test" || got.Recipe != (wasm.Digest{1}) || got.Toolchain != "clang" || len(got.Sources) != 1 || len(got.Packages) != 1 || got.Packages[0].Name != "b" {
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
