package sandbox

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// Starting a guest and warming it takes longer than everything else that Load does, and always comes to the same
// memory. A snapshot keeps that memory beside the compiled code:
//
//	magic, length of state u32, state (JSON), then for each stretch that is not zero: offset u64, length u64, bytes;
//	then offset 2⁶⁴-1 and the SHA-256 of all that stands before
//
// Numbers are little-endian. A snapshot that is missing, or is not whole, is made anew. Its name is a digest of all that
// it depends on, this program's own code included, so none is ever out of date.
const snapshotMagic = "borel snapshot 1\n"

// state is what a frozen guest is besides its memory.
type state struct {
	Size    uint64   `json:"size"`    // of memory, bytes
	Globals []uint64 `json:"globals"` // values of the mutable globals, as bits
	Digest  string   `json:"digest"`  // of memory and globals
}

// snapshotPath names the snapshot of image in dir; empty where there can be none.
func (c *Config) snapshotPath(image *Image) string {
	code := executable()
	if c.CacheDir == "" || code == "" {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %x %d %d %s %t %t %q", code, image.Digest, image.Rate, image.HashSeed, runtime.GOARCH, c.Interpreter, c.Unmetered, image.Harness)
	for i := range image.Warm {
		fmt.Fprintf(h, " %+q", fmt.Sprint(image.Warm[i]))
	}
	return filepath.Join(c.CacheDir, snapshotPrefix+hex.EncodeToString(h.Sum(nil)[:16]))
}

const (
	snapshotPrefix = "frozen-"
	snapshotsKept  = 6  // of earlier builds of this program, or of other hash seeds
	codeKept       = 16 // compiled modules: of other images, with and without fuel
)

var errSnapshot = errors.New("not a whole snapshot")

// readSnapshot loads a frozen memory from a file.
func readSnapshot(path string) (*frozen, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	h := sha256.New()
	r := io.TeeReader(bufio.NewReaderSize(file, 1<<20), h)
	number := func() uint64 {
		var b [8]byte
		if err == nil {
			_, err = io.ReadFull(r, b[:])
		}
		return binary.LittleEndian.Uint64(b[:])
	}
	head := make([]byte, len(snapshotMagic))
	if _, err = io.ReadFull(r, head); err != nil || string(head) != snapshotMagic {
		return nil, errSnapshot
	}
	var st state
	n := number()
	if err != nil || n > 1<<20 {
		return nil, errSnapshot
	}
	meta := make([]byte, n)
	if _, err = io.ReadFull(r, meta); err != nil || json.Unmarshal(meta, &st) != nil || st.Size == 0 || st.Size > maxMemory {
		return nil, errSnapshot
	}
	p, err := newPages(nil, 0, room{size: st.Size})
	if err != nil {
		return nil, err
	}
	defer p.release()
	memory, err := p.slice(st.Size)
	if err != nil {
		return nil, err
	}
	for {
		off := number()
		if off == 1<<64-1 || err != nil {
			break
		}
		n := number()
		if err != nil || off > st.Size || n > st.Size-off {
			return nil, errSnapshot
		}
		_, err = io.ReadFull(r, memory[off:off+n])
	}
	sum := h.Sum(nil)
	got := make([]byte, len(sum))
	if err == nil {
		_, err = io.ReadFull(r, got)
	}
	if err != nil || string(got) != string(sum) {
		return nil, errSnapshot
	}
	now := time.Now()
	os.Chtimes(path, now, now) // for prune; it matters little where it fails
	return freeze(memory, st)
}

// writeSnapshot keeps f in a file, and removes files that were not used for longest.
func writeSnapshot(path string, f *frozen) error {
	err := replaceFile(path, func(w io.Writer) error {
		h := sha256.New()
		return encodeSnapshot(io.MultiWriter(w, h), h, f)
	})
	if err != nil {
		return err
	}
	return prune(filepath.Dir(path))
}

// replaceFile has path hold what write writes, or what it held before. Readers see nothing between.
func replaceFile(path string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+snapshotPrefix)
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone already where all went well
	b := bufio.NewWriterSize(tmp, 1<<20)
	if err = errors.Join(write(b), b.Flush(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

func encodeSnapshot(w io.Writer, h hash.Hash, f *frozen) error {
	meta, err := json.Marshal(f.state)
	if err != nil {
		return err
	}
	number := func(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }
	if _, err := w.Write(slices.Concat([]byte(snapshotMagic), number(uint64(len(meta))), meta)); err != nil {
		return err
	}
	start, end := 0, 0 // the stretch that was not written yet
	flush := func() error {
		if start == end {
			return nil
		}
		if _, err := w.Write(slices.Concat(number(uint64(start)), number(uint64(end-start)))); err != nil {
			return err
		}
		_, err := w.Write(f.view[start:end])
		return err
	}
	err = eachNonzero(f.view, func(off int, page []byte) error {
		if off != end {
			if err := flush(); err != nil {
				return err
			}
			start = off
		}
		end = off + len(page)
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err == nil {
		_, err = w.Write(number(1<<64 - 1))
	}
	if err == nil {
		_, err = w.Write(h.Sum(nil))
	}
	return err
}

// prune removes all but the snapshots that were used last, and leftovers of writers that were killed; and of the compiled
// code, which wazero keeps for ever in folders of its own, all but the newest.
func prune(dir string) error {
	stale := time.Now().Add(-time.Hour)
	left, err := filepath.Glob(filepath.Join(dir, "."+snapshotPrefix+"*"))
	for _, path := range left {
		if info, e := os.Stat(path); e == nil && info.ModTime().Before(stale) {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return errors.Join(err, keepNewest(snapshotsKept, filepath.Join(dir, snapshotPrefix+"*")), keepNewest(codeKept, filepath.Join(dir, "wazero-*", "*")))
}

// keepNewest removes all but the n newest files that match.
func keepNewest(n int, pattern string) error {
	paths, err := filepath.Glob(pattern)
	changed := map[string]time.Time{}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			changed[path] = info.ModTime()
		}
	}
	slices.SortFunc(paths, func(a, b string) int { return changed[b].Compare(changed[a]) })
	for _, path := range paths[min(len(paths), n):] {
		if e := os.Remove(path); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// Freeze answers the frozen memory of image as a file for Image.Frozen, from the cache of compiled code or by loading
// the image once. It is nil where the system has no such files. The caller closes it.
func Freeze(ctx context.Context, cfg Config, image Image) (*os.File, error) {
	if path := cfg.snapshotPath(&image); path != "" {
		if f, err := readSnapshot(path); err == nil {
			defer f.release()
			return f.file()
		}
	}
	e, err := New(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer e.Close(ctx)
	t, err := e.Load(ctx, image)
	if err != nil {
		return nil, err
	}
	defer t.Close(ctx)
	return t.mem.file()
}
