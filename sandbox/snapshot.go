package sandbox

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Starting a guest and warming it takes longer than everything else that Load does, and always comes to the same
// memory. A snapshot keeps that memory beside the compiled code:
//
//	magic, length u64 and checksum u64 of all that follows, length of the head u64, the head (JSON), then the bytes of each
//	stretch that the head names: those that are not zero
//
// Numbers are little-endian. A snapshot that is missing, or is not whole, is made anew. Its name is a digest of all that
// it depends on, this program's own code included, so none is ever out of date. The checksum is xxHash64, which tells damage:
// who can write here can write compiled code as well.
const snapshotMagic = "borel snapshot 2\n"

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

	compiledCode = "[0-9a-f]*" // wazero's names for them, not those of outlines, which are many and have a number of their own
)

var errSnapshot = errors.New("not a whole snapshot")

// snapshotHead is a snapshot but for the bytes.
type snapshotHead struct {
	state
	Stretches [][2]uint64 `json:"stretches"` // offset and length, ascending
}

// chunk is how much of a snapshot is read at a time: little enough to stay in the processor's cache on the way from one file
// to the other.
const chunk = 256 << 10

// readSnapshot loads a frozen memory from a file.
func readSnapshot(path string) (*frozen, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	const fixed = len(snapshotMagic) + 8 + 8
	var start [fixed]byte
	if _, err := io.ReadFull(file, start[:]); err != nil || string(start[:len(snapshotMagic)]) != snapshotMagic {
		return nil, errSnapshot
	}
	length, sum := binary.LittleEndian.Uint64(start[len(snapshotMagic):]), binary.LittleEndian.Uint64(start[len(snapshotMagic)+8:])
	if int64(length) != info.Size()-int64(fixed) {
		return nil, errSnapshot
	}
	h := xxhash.New()
	r := io.TeeReader(file, h)
	var n [8]byte
	if _, err := io.ReadFull(r, n[:]); err != nil || binary.LittleEndian.Uint64(n[:]) > min(length, 1<<20) {
		return nil, errSnapshot
	}
	meta := make([]byte, binary.LittleEndian.Uint64(n[:]))
	var head snapshotHead
	if _, err := io.ReadFull(r, meta); err != nil || json.Unmarshal(meta, &head) != nil || head.Size == 0 || head.Size > maxMemory {
		return nil, errSnapshot
	}
	z, err := newFreezer(head.Size)
	if err != nil {
		return nil, err
	}
	if err := thaw(r, z, &head); err != nil || h.Sum64() != sum {
		z.discard()
		return nil, cmp.Or(err, errSnapshot)
	}
	now := time.Now()
	os.Chtimes(path, now, now) // for prune; it matters little where it fails
	return z.freeze(head.state)
}

// thaw writes the stretches that follow the head in r.
func thaw(r io.Reader, z freezer, head *snapshotHead) error {
	buf := make([]byte, chunk)
	for _, s := range head.Stretches {
		off, n := s[0], s[1]
		if off > head.Size || n > head.Size-off {
			return errSnapshot
		}
		for n > 0 {
			b := buf[:min(n, chunk)]
			if _, err := io.ReadFull(r, b); err != nil {
				return errSnapshot
			}
			if _, err := z.WriteAt(b, int64(off)); err != nil {
				return err
			}
			off += uint64(len(b))
			n -= uint64(len(b))
		}
	}
	return nil
}

// writeSnapshot keeps f in a file, and removes files that were not used for longest.
func writeSnapshot(path string, f *frozen) error {
	err := replaceFile(path, func(w io.Writer) error { return encodeSnapshot(w, f) })
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

func encodeSnapshot(w io.Writer, f *frozen) error {
	head := snapshotHead{state: f.state}
	length := uint64(8)
	eachNonzero(f.view, func(off int, page []byte) error {
		if k := len(head.Stretches) - 1; k >= 0 && head.Stretches[k][0]+head.Stretches[k][1] == uint64(off) {
			head.Stretches[k][1] += uint64(len(page))
		} else {
			head.Stretches = append(head.Stretches, [2]uint64{uint64(off), uint64(len(page))})
		}
		length += uint64(len(page))
		return nil
	})
	meta, err := json.Marshal(head)
	if err != nil {
		return err
	}
	length += uint64(len(meta))
	meta = append(binary.LittleEndian.AppendUint64(nil, uint64(len(meta))), meta...)
	parts := [][]byte{meta}
	for _, s := range head.Stretches {
		parts = append(parts, f.view[s[0]:s[0]+s[1]])
	}
	h := xxhash.New()
	for _, p := range parts {
		h.Write(p)
	}
	start := binary.LittleEndian.AppendUint64([]byte(snapshotMagic), length)
	for _, p := range append([][]byte{binary.LittleEndian.AppendUint64(start, h.Sum64())}, parts...) {
		if _, err := w.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// prune removes all but the snapshots that were used last, and leftovers of writers that were killed; and of the compiled
// code, which wazero keeps for ever in folders of its own, all but the newest of all compilers.
func prune(dir string) error {
	stale := time.Now().Add(-time.Hour)
	left, err := filepath.Glob(filepath.Join(dir, "."+snapshotPrefix+"*"))
	for _, path := range left {
		if info, e := os.Stat(path); e == nil && info.ModTime().Before(stale) {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return errors.Join(err, keepNewest(snapshotsKept, filepath.Join(dir, snapshotPrefix+"*")), keepNewest(codeKept, filepath.Join(dir, "wazero-*", compiledCode), filepath.Join(dir, "wazero-*", "wazero-*", compiledCode)))
}

// keepNewest removes all but the n newest files that match one of the patterns.
func keepNewest(n int, patterns ...string) (err error) {
	var paths []string
	changed := map[string]time.Time{}
	for _, pattern := range patterns {
		found, e := filepath.Glob(pattern)
		err = errors.Join(err, e)
		for _, path := range found {
			if info, e := os.Lstat(path); e == nil && info.Mode().IsRegular() {
				paths = append(paths, path)
				changed[path] = info.ModTime()
			}
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

// Frozen answers the frozen memory of image as a file for Image.Frozen, from the cache of compiled code, where a Load has
// left it; the error is that none has. It is nil where the system has no such files. The caller closes it.
func Frozen(cfg Config, image Image) (*os.File, error) {
	path := cfg.snapshotPath(&image)
	if path == "" {
		return nil, os.ErrNotExist
	}
	f, err := readSnapshot(path)
	if err != nil {
		return nil, err
	}
	defer f.release()
	return f.file()
}
