//go:build unix

package harness

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"borel/dataset"
)

// A pipe is not waited for.
func TestPipe(t *testing.T) {
	dir := laid(t, map[string]string{"T_0/1.py": "x"})
	if err := syscall.Mkfifo(filepath.Join(dir, "T_0/0.py"), 0o600); err != nil {
		t.Skip(err)
	}
	if _, _, err := Open(dir, known, dataset.Options{}); err == nil || !strings.HasSuffix(err.Error(), "/T_0/0.py: is no regular file") {
		t.Errorf("got %v", err)
	}
}
