package metamath

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestRules reads a database for each rule of the book.
func TestRules(t *testing.T) {
	archive, err := txtar.ParseFile(filepath.Join("testdata", "rules.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	begin := string(archive.Files[0].Data)
	for _, f := range archive.Files[1:] {
		t.Run(f.Name, func(t *testing.T) {
			want, text, _ := strings.Cut(string(f.Data), "\n")
			_, err := Read(t.Context(), begin+text, true)
			if want == "right" {
				if err != nil {
					t.Errorf("got %v, want it to be right", err)
				}
			} else if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
}
