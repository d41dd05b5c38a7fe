package wasm

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// The content of the image that the tests pack. The long file is compressed, the short one stored.
var (
	testModule = []byte("\x00asm\x01\x00\x00\x00")
	testRoot   = fstest.MapFS{
		"usr/lib/a/b.py": {Data: []byte(strings.Repeat("print('hello')\n", 1000))},
		"usr/lib/a.py":   {Data: []byte("x")},
		"usr/empty":      {},
	}
)

func packed(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	m := Manifest{Name: "test", Version: "1.2", ABI: 3, Sources: []Source{{Name: "s", Version: "4", SHA256: Digest{5}}}}
	if err := Pack(&b, &m, testModule, testRoot); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t *testing.T, image []byte) *Image {
	t.Helper()
	img, err := Open(bytes.NewReader(image), int64(len(image)))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestPackOpen(t *testing.T) {
	img := open(t, packed(t))
	if img.Name != "test" || img.Version != "1.2" || img.ABI != 3 || len(img.Sources) != 1 || img.Sources[0].SHA256 != (Digest{5}) {
		t.Errorf("manifest: %+v", img.Manifest)
	}
	module, err := img.Module()
	if err != nil || !bytes.Equal(module, testModule) {
		t.Errorf("module: %q, %v", module, err)
	}
	var paths []string
	for path, size := range img.Files() {
		paths = append(paths, path)
		data, err := img.Read(path)
		if err != nil || !bytes.Equal(data, testRoot[path].Data) || size != int64(len(data)) {
			t.Errorf("%s: %d bytes of %d, %v", path, len(data), size, err)
		}
	}
	if got, want := strings.Join(paths, " "), "usr/empty usr/lib/a.py usr/lib/a/b.py"; got != want {
		t.Errorf("files: %s, want %s", got, want)
	}
	if _, err := img.Read("usr/lib/c.py"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := img.Verify(); err != nil {
		t.Error(err)
	}
	if img.Pinned {
		t.Error("a test image passes for the pinned one")
	}
}

func TestPackIsDeterministic(t *testing.T) {
	if !bytes.Equal(packed(t), packed(t)) {
		t.Error("two packs of the same content differ")
	}
}

func TestDigestCoversContent(t *testing.T) {
	digests := map[Digest]string{}
	pack := func(what string, module []byte, root fstest.MapFS) {
		var m Manifest
		if err := Pack(new(bytes.Buffer), &m, module, root); err != nil {
			t.Fatal(err)
		}
		if other, ok := digests[m.Digest]; ok {
			t.Errorf("%s and %s have the same digest", what, other)
		}
		digests[m.Digest] = what
	}
	pack("the image", testModule, testRoot)
	pack("another module", []byte("\x00asm\x02\x00\x00\x00"), testRoot)
	changed := maps.Clone(testRoot)
	changed["usr/lib/a.py"] = &fstest.MapFile{Data: []byte("y")}
	pack("a changed file", testModule, changed)
	moved := maps.Clone(testRoot)
	moved["usr/lib/a.pyc"] = moved["usr/lib/a.py"]
	delete(moved, "usr/lib/a.py")
	pack("a renamed file", testModule, moved)
	fewer := maps.Clone(testRoot)
	delete(fewer, "usr/empty")
	pack("a missing empty file", testModule, fewer)
}

// Whatever byte of its content is damaged, opening or verifying an image says so, or reads the same all the same: the
// decompressor ignores a bit.
func TestDamage(t *testing.T) {
	image := packed(t)
	whole := open(t, image)
	verify := func(image []byte) (*Image, error) {
		img, err := Open(bytes.NewReader(image), int64(len(image)))
		if err != nil {
			return nil, err
		}
		return img, img.Verify()
	}
	for _, n := range []int{0, len(image) / 2, len(image) - 1} {
		if _, err := verify(image[:n]); err == nil {
			t.Errorf("the first %d bytes of %d: no error", n, len(image))
		}
	}
	for path, f := range whole.byPath {
		offset, err := f.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		for i := range int64(f.CompressedSize64) {
			damaged := bytes.Clone(image)
			damaged[offset+i] ^= 0x10
			if img, err := verify(damaged); err == nil && !reflect.DeepEqual(img.Manifest, whole.Manifest) {
				t.Errorf("byte %d of %s: no error", i, path)
			}
		}
	}
}

func TestDamagedFileIsNamed(t *testing.T) {
	image := packed(t)
	offset, err := open(t, image).byPath["usr/lib/a.py"].DataOffset()
	if err != nil {
		t.Fatal(err)
	}
	image[offset] ^= 1
	_, err = open(t, image).Read("usr/lib/a.py")
	if !errors.Is(err, zip.ErrChecksum) || !strings.HasPrefix(err.Error(), "usr/lib/a.py: ") {
		t.Errorf("Read: %v", err)
	}
}

func TestOpenUnordered(t *testing.T) {
	for _, names := range [][]string{{"b", "a"}, {"a", "a"}, {"../a"}, {"/a"}} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range names {
			if _, err := z.Create(name); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(bytes.NewReader(b.Bytes()), int64(b.Len())); err == nil || !strings.Contains(err.Error(), "out of order") {
			t.Errorf("%q: %v", names, err)
		}
	}
}

// An image whose parts fit one another but not its manifest.
func TestVerifyForgedManifest(t *testing.T) {
	img := open(t, packed(t))
	img.Digest[0] ^= 1
	if err := img.Verify(); err == nil || !strings.Contains(err.Error(), "its manifest says") {
		t.Errorf("Verify: %v", err)
	}
}

func TestPythonMissing(t *testing.T) {
	_, err := python(fstest.MapFS{"image/README": {}})
	if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "make image") {
		t.Errorf("without an image: %v", err)
	}
}

func TestPythonDamaged(t *testing.T) {
	_, err := python(fstest.MapFS{"image/python.zip": {Data: []byte("not a zip file")}})
	if err == nil || errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "embedded Python image") {
		t.Errorf("with a damaged image: %v", err)
	}
}

// The real image, where this program was built with it.
func TestPython(t *testing.T) {
	img, err := Python()
	if errors.Is(err, ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if img.Name != "python" || img.ABI == 0 || img.Toolchain == "" || img.Digest == (Digest{}) {
		t.Errorf("manifest: %+v", img.Manifest)
	}
	module, err := img.Module()
	if err != nil || !bytes.HasPrefix(module, []byte("\x00asm")) {
		t.Errorf("module: %d bytes, %v", len(module), err)
	}
	if err := img.Verify(); err != nil {
		t.Error(err)
	}
	for _, path := range []string{"usr/lib/python3.13/os.py", "usr/lib/python3.13/__pycache__/os.cpython-313.pyc", "usr/lib/python3.13/LICENSE.txt"} {
		if _, err := img.Read(path); err != nil {
			t.Error(err)
		}
	}
	// PEP 552: flags 1 is a hash-based file that is not checked against its source.
	for path := range img.Files() {
		if strings.HasSuffix(path, ".pyc") {
			pyc, err := img.Read(path)
			if err != nil || len(pyc) < 16 || pyc[4] != 1 {
				t.Errorf("%s is not an unchecked hash-based compiled file: %v", path, err)
			}
		}
	}
}

func TestConcurrentReads(t *testing.T) {
	img := open(t, packed(t))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if err := img.Verify(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestDigestText(t *testing.T) {
	d := Digest{1, 2, 3}
	text, _ := d.MarshalText()
	var got Digest
	if err := got.UnmarshalText(text); err != nil || got != d {
		t.Errorf("%s: %v, %v", text, got, err)
	}
	for _, bad := range []string{"", "12", strings.Repeat("0", 63), strings.Repeat("0", 65), strings.Repeat("g", 64)} {
		if err := got.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q passes for a digest", bad)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	if _, err := Python(); err != nil {
		b.Skip(err)
	}
	for b.Loop() {
		if _, err := Python(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkModule(b *testing.B) {
	img, err := Python()
	if err != nil {
		b.Skip(err)
	}
	for b.Loop() {
		if _, err := img.Module(); err != nil {
			b.Fatal(err)
		}
	}
}
