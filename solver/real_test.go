package solver_test

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

	"borel/internal/real"
	"borel/verify"
)

// realVerifier runs programs in the real sandbox.
func realVerifier(t testing.TB) *verify.Verifier {
	t.Helper()
	return verify.New(verify.Config{Runner: real.Python(t), Runs: verify.NewMemory(1 << 30), Verdicts: verify.NewMemory(1 << 28)})
}

// rowsIfThere is rows, and nothing where the file is absent.
func rowsIfThere[T any](t testing.TB, name string) []T {
	if _, err := os.Stat(filepath.Join(dataFolder(), name)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return rows[T](t, name)
}

// rows reads a gzipped JSONL file of the shared data set, skipping the test where it is absent.
func rows[T any](t testing.TB, name string) (all []T) {
	t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(dataFolder(), name)
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no data: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = bufio.NewReader(f)
	if filepath.Ext(name) == ".gz" {
		if r, err = gzip.NewReader(r); err != nil {
			t.Fatal(err)
		}
	}
	for d := json.NewDecoder(r); ; {
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
func dataFolder() string {
	if dir := os.Getenv("BOREL_TESTDATA"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..", "shared", "data")
}
