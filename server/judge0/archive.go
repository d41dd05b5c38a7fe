package judge0

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"borel/problem"
	"borel/server"
)

// Bounds on an archive.
const (
	maxExtractKB = 10240    // of each file, as Judge0's max_extract_size
	maxUnpacked  = 64 << 20 // bytes of all files
)

var errArchive = errors.New("is not a zip archive in base64")

// unpack is the content of a zip archive: path in the working folder to content. What it announces of itself is not believed.
// Judge0 unpacks what it can and says nothing of the rest; what cannot be unpacked whole is an error here.
func unpack(archive []byte) (map[string][]byte, error) {
	// Each entry costs some hundred bytes before any is read.
	if most := problem.MaxLimits.Files; bytes.Count(archive, []byte("PK\x01\x02")) > most {
		return nil, fmt.Errorf("has more than %d entries, the limit", most)
	}
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, errArchive
	}
	files, total := map[string][]byte{}, 0
	for _, f := range z.File {
		name := strings.ReplaceAll(f.Name, "\\", "/")
		if strings.HasSuffix(name, "/") || f.Mode().IsDir() {
			continue
		}
		if f.Mode()&fs.ModeType != 0 {
			return nil, fmt.Errorf("path %q is a link or a device; files are allowed", f.Name)
		}
		if f.Flags&1 != 0 {
			return nil, fmt.Errorf("path %q is encrypted", f.Name)
		}
		path, err := server.ForeignPath(name)
		if err != nil || strings.HasPrefix(name, "/") {
			return nil, fmt.Errorf("path %q leads out of the working folder", f.Name)
		}
		if _, ok := files[path]; ok {
			continue // the first stays, as with unzip -n
		}
		data, err := read(f)
		if err != nil {
			return nil, fmt.Errorf("path %q: %w", f.Name, err)
		}
		if total += len(data); total > maxUnpacked {
			return nil, fmt.Errorf("has more than %d megabytes of content, the limit", maxUnpacked>>20)
		}
		files[path] = data
	}
	return files, nil
}

func read(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, errors.New("cannot be unpacked: " + strings.TrimPrefix(err.Error(), "zip: "))
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxExtractKB<<10+1))
	if err != nil {
		return nil, errors.New("cannot be unpacked: " + strings.TrimPrefix(err.Error(), "zip: "))
	}
	if len(data) > maxExtractKB<<10 {
		return nil, fmt.Errorf("has more than %d kilobytes, the limit", maxExtractKB)
	}
	return data, nil
}
