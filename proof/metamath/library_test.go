package metamath

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"borel/problem"
)

func TestLibrary(t *testing.T) {
	b, err := os.ReadFile("testdata/small.mm")
	if err != nil {
		t.Fatal(err)
	}
	small := string(b)
	dir := filepath.Join(t.TempDir(), "library")
	l := NewLibrary(dir)
	id := &problem.Check{Theorem: "id"}
	prove := func(proof string) (problem.Status, error) {
		status, _, err := l.Prove(t.Context(), id, proof)
		return status, err
	}
	const proof = "( wi ax1 ax2 mp ) AAABZBZFAACAFABBGFBAFCAFADEE"

	if _, err := l.Manifest(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
	if _, err := prove(proof); err == nil || !strings.Contains(err.Error(), "borel images add metamath") {
		t.Errorf("got %v, want it to say how to add a database", err)
	}
	without := l.Version()

	if _, err := l.Add(t.Context(), "bad.mm", "1", small+"bad $p |- p $= wp $."); err == nil || !strings.Contains(err.Error(), "bad.mm: the proof of bad proves wff p") {
		t.Errorf("got %v, want a fault of bad.mm", err)
	}
	if v := l.Version(); v != without {
		t.Errorf("a database that was refused changed the version from %s to %s", without, v)
	}
	m, err := l.Add(t.Context(), "small.mm", "1", small)
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "small.mm" || m.Version != "1" || m.Bytes != int64(len(small)) || m.Axioms != 10 || m.Theorems != 7 || len(m.Digest) != 64 {
		t.Errorf("got %+v", m)
	}
	if got, err := l.Manifest(); err != nil || got != m {
		t.Errorf("got %+v %v, want %+v", got, err, m)
	}
	first := l.Version()
	if first == without || !strings.Contains(first, m.Digest) {
		t.Errorf("got version %s", first)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if status, err := prove(proof); err != nil || status != problem.Accepted {
				t.Errorf("got %s %v, want accepted", status, err)
			}
		})
	}
	wg.Wait()

	// Another database takes its place, also while it is in memory.
	if _, err := l.Add(t.Context(), "other.mm", "2", strings.ReplaceAll(small, "ax1", "axK")); err != nil {
		t.Fatal(err)
	}
	if status, err := prove(proof); err != nil || status != problem.WrongAnswer || l.Version() == first {
		t.Errorf("got %s %v of version %s, want wrong_answer of another", status, err, l.Version())
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(files) != 2 {
		t.Errorf("got files %v %v, want the manifest and one database", files, err)
	}

	// What lies there is not believed.
	m, err = l.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(l.file(m.Digest), []byte(small+"cheat $a |- p $."), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := NewLibrary(dir).Prove(t.Context(), id, proof); err == nil || !strings.Contains(err.Error(), "has changed since it was added") {
		t.Errorf("got %v, want it refused", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := NewLibrary(dir).Prove(t.Context(), id, proof); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want a fault of the manifest", err)
	}
}

func TestLibraryChecks(t *testing.T) {
	b, err := os.ReadFile("testdata/small.mm")
	if err != nil {
		t.Fatal(err)
	}
	l := NewLibrary(t.TempDir())
	if _, err := l.Add(t.Context(), "small.mm", "1", string(b)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, field string
		check       problem.Check
	}{
		{"unknown theorem", "check.theorem", problem.Check{Theorem: "x"}},
		{"bad statement", "check.statement", problem.Check{Statement: "x"}},
		{"both", "check.statement", problem.Check{Theorem: "id", Statement: "new $p |- ( p -> p ) $= ? $."}},
	} {
		_, _, err := l.Prove(t.Context(), &c.check, "wp")
		if e, ok := errors.AsType[*problem.Invalid](err); !ok || e.Field != c.field {
			t.Errorf("%s: got %v, want a fault of %s", c.name, err, c.field)
		}
	}
	if status, _, err := l.Prove(t.Context(), &problem.Check{Statement: "new $p |- ( q -> q ) $= ? $."}, "wq id"); err != nil || status != problem.Accepted {
		t.Errorf("a statement: got %s %v, want accepted", status, err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := l.Prove(cancelled, &problem.Check{Theorem: "id"}, strings.Repeat("wp wp wi ", 1000)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}
