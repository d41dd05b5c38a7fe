package wasm

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// Pack writes an image of the module and of the regular files below root, which stands for the guest's root folder.
// It sets m.Digest. The same arguments give the same bytes.
func Pack(w io.Writer, m *Manifest, module []byte, root fs.FS) error {
	// Without checksums of its own: zip has one for each file.
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderCRC(false))
	if err != nil {
		return err
	}
	var paths []string // fs.WalkDir's order is by folder, the image's by path
	err = fs.WalkDir(root, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if !e.Type().IsRegular() {
			return fmt.Errorf("%s is not a regular file", path)
		}
		paths = append(paths, path)
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(paths)

	d := newDigester()
	d.add(moduleName, module)
	content := make([][]byte, len(paths))
	for i, path := range paths {
		if content[i], err = fs.ReadFile(root, path); err != nil {
			return err
		}
		d.add(path, content[i])
	}
	m.Digest = d.sum()
	manifest, err := m.Encode()
	if err != nil {
		return err
	}

	z := zip.NewWriter(w)
	add := func(path string, data []byte) error {
		h := &zip.FileHeader{Name: path, Method: zstd.ZipMethodWinZip, CRC32: crc32.ChecksumIEEE(data), UncompressedSize64: uint64(len(data))}
		packed := encoder.EncodeAll(data, nil)
		if len(packed) >= len(data) {
			h.Method, packed = zip.Store, data
		}
		h.CompressedSize64 = uint64(len(packed))
		body, err := z.CreateRaw(h)
		if err != nil {
			return err
		}
		_, err = body.Write(packed)
		return err
	}
	if err := add(manifestName, manifest); err != nil {
		return err
	}
	if err := add(moduleName, module); err != nil {
		return err
	}
	for i, path := range paths {
		if err := add(path, content[i]); err != nil {
			return err
		}
	}
	return z.Close()
}

// Encode returns the manifest as it stands in files: indented JSON and a newline.
func (m *Manifest) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", "\t")
	return append(b, '\n'), err
}
