// Package wasm holds the guest images: interpreters compiled to WebAssembly, with the files that they need.
//
// An image is one zip file, built from sources by the scripts beside this file (make image) and embedded into the
// program:
//
//	img, err := wasm.Python()        // wasm.ErrMissing where the program was built without it
//	module, err := img.Module()      // what to compile
//	for path, size := range img.Files() { … }
//	data, err := img.Read("usr/lib/python3.13/os.py")
//
// Opening reads the table of contents only, which takes about a millisecond; files are decompressed one at a time, when
// they are asked for. The package knows nothing about running an image.
//
// # What is in an image
//
//	manifest.json   what it is made of: see [Manifest]
//	module.wasm     the WebAssembly module
//	usr/…           the guest's file system, below its root
//
// The folder python holds the recipe of the Python image: CPython for WASI, without threads, sockets that connect,
// subprocesses, foreign functions, terminals or a time zone database, and the packages of packages.lock. Which modules
// are left out or do not import, and why, is told in docs/python.md.
//
// # Identity
//
// The digest of an image is that of its content, not of the compressed file; whatever depends on the behaviour of an
// interpreter should hold it. manifest.json beside this file is the manifest of the image that this version of the
// program is meant to carry: [Image.Pinned] tells whether it does. Another compiler makes another image.
package wasm

import (
	"archive/zip"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"iter"

	"github.com/klauspost/compress/zstd"
)

const (
	manifestName = "manifest.json"
	moduleName   = "module.wasm"

	maxFile = 256 << 20 // bytes of one file, decompressed; a size beyond it is damage
)

//go:embed image
var embedded embed.FS

//go:embed manifest.json
var pinned []byte

// ErrMissing is what [Python] returns where the program was built without the image.
var ErrMissing = errors.New("the Python image is not built into this binary: run make image, then make build")

// Manifest says what an image is made of.
type Manifest struct {
	Name      string   `json:"name"`
	Version   string   `json:"version"`   // of the interpreter
	ABI       int      `json:"abi"`       // of the module's exports; changes when they change
	Digest    Digest   `json:"digest"`    // of the content: the module and every file
	Recipe    Digest   `json:"recipe"`    // of the scripts that built it
	Toolchain string   `json:"toolchain"` // the compiler, in its own words
	Sources   []Source `json:"sources"`
	Packages  []Source `json:"packages,omitempty"` // of the language, beside its standard library
}

// Source is one file that an image was built from. The version of a package is that of its metadata.
type Source struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  Digest `json:"sha256"`
}

// Digest is a SHA-256 digest, written in hexadecimal.
type Digest [sha256.Size]byte

func (d Digest) String() string               { return hex.EncodeToString(d[:]) }
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText accepts exactly 64 hexadecimal digits.
func (d *Digest) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(d)) {
		return fmt.Errorf("digest %q has %d characters instead of %d", text, len(text), hex.EncodedLen(len(d)))
	}
	_, err := hex.Decode(d[:], text)
	return err
}

// Image is an opened image. It may be used by several goroutines at once.
type Image struct {
	Manifest
	Pinned bool  // whether it is the image that this version of the program is meant to carry
	Size   int64 // of the image itself, bytes

	entries []*zip.File // the guest's files, ordered by path
	byPath  map[string]*zip.File
	decoder *zstd.Decoder
}

// Python returns the embedded Python image. Where there is none the error wraps [ErrMissing].
func Python() (*Image, error) {
	return python(embedded)
}

func python(files fs.FS) (*Image, error) {
	f, err := files.Open("image/python.zip")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	img, err := Open(f.(io.ReaderAt), info.Size())
	if err != nil {
		return nil, fmt.Errorf("the embedded Python image: %w", err)
	}
	return img, nil
}

// Open opens an image of the given size in bytes, which stays in use as long as the Image does. It reads the table of
// contents and the manifest; damage to anything else is found when it is read.
func Open(r io.ReaderAt, size int64) (*Image, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, err
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxFile))
	if err != nil {
		return nil, err
	}
	img := &Image{Size: size, byPath: make(map[string]*zip.File, len(z.File)), decoder: decoder}
	last := ""
	for _, f := range z.File {
		if !fs.ValidPath(f.Name) || f.Name <= last {
			return nil, fmt.Errorf("entry %q: not a clean path, or out of order", f.Name)
		}
		last = f.Name
		img.byPath[f.Name] = f
		if f.Name != manifestName && f.Name != moduleName {
			img.entries = append(img.entries, f)
		}
	}
	manifest, err := img.Read(manifestName)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(manifest, &img.Manifest); err != nil {
		return nil, fmt.Errorf("%s: %w", manifestName, err)
	}
	if img.byPath[moduleName] == nil {
		return nil, fmt.Errorf("%s: %w", moduleName, fs.ErrNotExist)
	}
	var want Manifest
	if err := json.Unmarshal(pinned, &want); err != nil {
		return nil, fmt.Errorf("the pinned %s: %w", manifestName, err)
	}
	img.Pinned = img.Digest == want.Digest
	return img, nil
}

// Module returns the WebAssembly module.
func (img *Image) Module() ([]byte, error) {
	return img.Read(moduleName)
}

// Files yields the path, relative to the guest's root, and the size in bytes of every file in the guest's file system,
// ordered by path. Folders are implied.
func (img *Image) Files() iter.Seq2[string, int64] {
	return func(yield func(string, int64) bool) {
		for _, f := range img.entries {
			if !yield(f.Name, int64(f.UncompressedSize64)) {
				return
			}
		}
	}
}

// Read returns the content of one file. The error wraps [fs.ErrNotExist] for a path that [Image.Files] does not
// yield, and names the path where the file is damaged.
func (img *Image) Read(path string) ([]byte, error) {
	f := img.byPath[path]
	if f == nil {
		return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	data, err := img.decompress(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}

// decompress reads the whole entry at once: no window to keep, and no state that outlives the call.
func (img *Image) decompress(f *zip.File) ([]byte, error) {
	if f.UncompressedSize64 > maxFile || f.CompressedSize64 > maxFile {
		return nil, fmt.Errorf("%w: larger than %d bytes", zip.ErrFormat, maxFile)
	}
	r, err := f.OpenRaw()
	if err != nil {
		return nil, err
	}
	data := make([]byte, f.CompressedSize64)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, err
	}
	switch f.Method {
	case zip.Store:
	case zstd.ZipMethodWinZip:
		data, err = img.decoder.DecodeAll(data, make([]byte, 0, f.UncompressedSize64))
		if err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("%w %d", zip.ErrAlgorithm, f.Method)
	}
	if uint64(len(data)) != f.UncompressedSize64 || crc32.ChecksumIEEE(data) != f.CRC32 {
		return nil, zip.ErrChecksum
	}
	return data, nil
}

// Verify reads everything and compares it with the digest of the manifest. It takes some tenths of a second.
func (img *Image) Verify() error {
	d := newDigester()
	module, err := img.Module()
	if err != nil {
		return err
	}
	d.add(moduleName, module)
	for path := range img.Files() {
		data, err := img.Read(path)
		if err != nil {
			return err
		}
		d.add(path, data)
	}
	if got := d.sum(); got != img.Digest {
		return fmt.Errorf("the content of the image %s has the digest %s, its manifest says %s", img.Name, got, img.Digest)
	}
	return nil
}

// digester hashes content: for the module and then each file in order of path, the path, a zero byte, the length as 8
// bytes and the data.
type digester struct{ hash hash.Hash }

func newDigester() digester { return digester{sha256.New()} }

func (d digester) add(path string, data []byte) {
	d.hash.Write(binary.BigEndian.AppendUint64(append([]byte(path), 0), uint64(len(data))))
	d.hash.Write(data)
}

func (d digester) sum() Digest { return Digest(d.hash.Sum(nil)) }
