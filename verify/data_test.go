package verify

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// rows reads a gzipped JSONL file of the shared data set, skipping the test where it is absent.
func rows[T any](t testing.TB, name string) []T {
	t.Helper()
	f, err := os.Open(filepath.Join(dataFolder(t), name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no data: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	var all []T
	for d := json.NewDecoder(z); ; {
		var row T
		if err := d.Decode(&row); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatalf("%s, row %d: %v", name, len(all)+1, err)
		}
		all = append(all, row)
	}
}

// dataFolder is $BOREL_TESTDATA, else shared/data beside the repository.
func dataFolder(t testing.TB) string {
	if dir := os.Getenv("BOREL_TESTDATA"); dir != "" {
		return dir
	}
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return filepath.Join(root, "..", "shared", "data")
		}
		if root == filepath.Dir(root) {
			t.Fatal("no go.mod above the test")
		}
		root = filepath.Dir(root)
	}
}
