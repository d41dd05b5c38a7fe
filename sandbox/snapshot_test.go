package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var testImage = Image{Name: "test", Module: bytesOf(testGuest), Rate: 1_000_000}

// loadIn loads image with a cache in dir and tells what a program does there, and what was logged.
func loadIn(t *testing.T, dir string, image Image) (result, identity, logged string) {
	t.Helper()
	var log bytes.Buffer
	e, err := New(t.Context(), Config{CacheDir: dir, Parallel: 1, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(context.Background())
	tpl, err := e.Load(t.Context(), image)
	if err != nil {
		t.Fatal(err)
	}
	defer tpl.Close(context.Background())
	for range 2 {
		res, err := tpl.Run(t.Context(), testSpec("s", "m\x01", "s", "a"))
		if err != nil {
			t.Fatal(err)
		}
		result += fmt.Sprintln(res)
	}
	return result, tpl.Identity(), log.String()
}

// keptFile is a file that a Load has left in dir.
type keptFile struct {
	dir, path        string
	whole            []byte
	result, identity string // of what was loaded
}

// damage puts content in the file's place and loads again: the results are the same, the log has logged, and the file is whole
// afterwards.
func (k keptFile) damage(t *testing.T, name string, content []byte, logged string) {
	t.Helper()
	if err := os.WriteFile(k.path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	result, identity, log := loadIn(t, k.dir, testImage)
	if result != k.result || identity != k.identity || !strings.Contains(log, logged) {
		t.Errorf("%s: results %s, identity %s, log %s", name, result, identity, log)
	}
	if b, err := os.ReadFile(k.path); err != nil || !bytes.Equal(b, k.whole) {
		t.Errorf("%s: afterwards the file is not whole: %v", name, err)
	}
}

// TestSnapshot: a frozen memory that was kept is the one that starting the guest gives, and one that is damaged is not used.
func TestSnapshot(t *testing.T) {
	dir := t.TempDir()
	want, identity, log := loadIn(t, dir, testImage)
	if !strings.Contains(log, "cached=false") {
		t.Errorf("a first load says %s", log)
	}
	paths, _ := filepath.Glob(filepath.Join(dir, snapshotPrefix+"*"))
	if len(paths) != 1 {
		t.Fatalf("the cache holds snapshots %q, want one", paths)
	}
	whole, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	damaged := func(change func(b []byte) []byte) []byte { return change(bytes.Clone(whole)) }
	for _, c := range []struct {
		name    string
		content []byte
		log     string
	}{
		{"whole", whole, "cached=true"},
		{"empty", nil, "made anew"},
		{"short", whole[:len(whole)-1], "made anew"},
		{"shorter", whole[:40], "made anew"},
		{"another magic", damaged(func(b []byte) []byte { b[0] ^= 1; return b }), "made anew"},
		{"a bit of the memory", damaged(func(b []byte) []byte { b[len(b)-100] ^= 1; return b }), "made anew"},
		{"a bit of the last byte", damaged(func(b []byte) []byte { b[len(b)-1] ^= 1; return b }), "made anew"},
		{"a bit of the length", damaged(func(b []byte) []byte { b[len(snapshotMagic)] ^= 1; return b }), "made anew"},
		{"a bit of the checksum", damaged(func(b []byte) []byte { b[len(snapshotMagic)+8] ^= 1; return b }), "made anew"},
		{"a bit of a stretch", damaged(func(b []byte) []byte { b[bytes.Index(b, []byte(`"stretches":[[`))+14] ^= 1; return b }), "made anew"},
		{"longer", append(bytes.Clone(whole), 0), "made anew"},
		{"a bit of the state", damaged(func(b []byte) []byte { b[bytes.Index(b, []byte(`"digest"`))+12] ^= 1; return b }), "made anew"},
		{"a huge state", damaged(func(b []byte) []byte { b[len(snapshotMagic)+22] = 1; return b }), "made anew"},
		{"a huge memory", damaged(func(b []byte) []byte { return bytes.Replace(b, []byte(`"size":`), []byte(`"size":9`), 1) }), "made anew"},
	} {
		keptFile{dir, paths[0], whole, want, identity}.damage(t, c.name, c.content, c.log)
	}
	other := testImage
	other.HashSeed = 1
	if _, _, log := loadIn(t, dir, other); !strings.Contains(log, "cached=false") {
		t.Errorf("another hash seed found a snapshot: %s", log)
	}
}

// TestPrune: the snapshots that were used last stay.
func TestPrune(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	touch := func(name string, age time.Duration) {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, now.Add(-age), now.Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	for i := range snapshotsKept + 3 {
		touch(fmt.Sprint(snapshotPrefix, i), time.Duration(i)*time.Minute)
	}
	touch("."+snapshotPrefix+"1", 2*time.Hour)
	touch("."+snapshotPrefix+"2", time.Minute)
	touch("other", 1000*time.Hour)
	if err := os.Mkdir(filepath.Join(dir, "wazero-1"), 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range codeKept + 2 {
		touch(fmt.Sprint("wazero-1/", i), time.Duration(i)*time.Minute)
	}
	if err := os.MkdirAll(filepath.Join(dir, "wazero-2-safe", "wazero-dev"), 0o700); err != nil {
		t.Fatal(err)
	}
	touch("wazero-2-safe/wazero-dev/01d", time.Hour)
	touch("wazero-2-safe/wazero-dev/fe", 0)
	for i := range codeKept {
		touch(fmt.Sprint("wazero-2-safe/", outlinePrefix, i), 0) // these do not drive out the code that they stand for
	}
	if err := prune(dir); err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(dir)
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if code, _ := filepath.Glob(filepath.Join(dir, "wazero-1", "*")); len(code) != codeKept-1 || slices.Contains(code, filepath.Join(dir, "wazero-1", fmt.Sprint(codeKept-1))) {
		t.Errorf("of the code there is left %q", code)
	}
	if code, _ := filepath.Glob(filepath.Join(dir, "wazero-2-safe", "wazero-dev", "*")); len(code) != 1 || filepath.Base(code[0]) != "fe" {
		t.Errorf("of a patched compiler's code there is left %q", code)
	}
	if got, want := fmt.Sprint(left), "[.frozen-2 frozen-0 frozen-1 frozen-2 frozen-3 frozen-4 frozen-5 other wazero-1 wazero-2-safe]"; got != want {
		t.Errorf("left are %s, want %s", got, want)
	}
}

// TestFrozen: what one engine froze, another runs on, if nobody can change it.
func TestFrozen(t *testing.T) {
	dir := t.TempDir()
	want, identity, _ := loadIn(t, t.TempDir(), testImage)
	for _, found := range []bool{false, true} {
		if file, err := Frozen(Config{CacheDir: dir}, testImage); (err == nil) != found {
			t.Errorf("before it is loaded, found in the cache %t: got %v, %v", found, file, err)
		} else if file != nil {
			file.Close()
		}
		file, err := frozenBy(t, Config{CacheDir: dir}, testImage)
		if err != nil {
			t.Fatal(err)
		}
		if file == nil {
			t.Skip("this system has no such files")
		}
		image := testImage
		image.Frozen = file
		got, id, log := loadIn(t, "", image)
		if got != want || id != identity || !strings.Contains(log, "cached=true") {
			t.Errorf("found in the cache %t: results %s, identity %s, log %s", found, got, id, log)
		}
		if _, err := file.WriteAt([]byte("x"), 0); err == nil {
			t.Error("the frozen memory can be written")
		}
		if err := file.Truncate(0); err == nil {
			t.Error("the frozen memory can be cut")
		}
		file.Close()
	}
	open, err := os.Create(filepath.Join(dir, "open"))
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	image := testImage
	image.Frozen = open
	if got, id, log := loadIn(t, "", image); got != want || id != identity || !strings.Contains(log, "not sealed") {
		t.Errorf("a file that is not sealed: results %s, identity %s, log %s", got, id, log)
	}
}
