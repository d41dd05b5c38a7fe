package metamath

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"borel/problem"
)

// FuzzRead: no text is too odd to be read or refused.
func FuzzRead(f *testing.F) {
	archive, err := txtar.ParseFile(filepath.Join("testdata", "rules.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	begin := string(archive.Files[0].Data)
	for _, a := range archive.Files[1:] {
		_, text, _ := strings.Cut(string(a.Data), "\n")
		f.Add(begin + text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		db, err := Read(t.Context(), text, true)
		if err != nil {
			return
		}
		// Whatever was read right is right again, theorem by theorem.
		for _, s := range db.statements {
			if s.kind != 'p' {
				continue
			}
			g, err := db.Theorem(s.label, "")
			if err != nil {
				t.Fatal(err)
			}
			if status, _, err := g.Prove(t.Context(), text); status == problem.Accepted || err != nil {
				t.Errorf("%s: the database itself as a sample: got %s %v", s.label, status, err)
			}
		}
	})
}

// FuzzProve: no sample is too odd to be decided, and a proof that is accepted is one to a second checker too.
func FuzzProve(f *testing.F) {
	b, err := os.ReadFile("testdata/small.mm")
	if err != nil {
		f.Fatal(err)
	}
	db, err := Read(f.Context(), string(b), true)
	if err != nil {
		f.Fatal(err)
	}
	second := readNaive(string(b), func(string) bool { return true })
	names := []string{"id", "id2", "a1d", "sp", "ax5t", "ax5f", "dum"}
	for i, name := range names {
		f.Add(byte(i), strings.Join(second.proofs[name], " "))
	}
	f.Add(byte(0), "lem $p |- ( q -> q ) $= ( wi ax1 ax2 mp ) AAABZBZFAACAFABBGFBAFCAFADEE $. id $p |- ( p -> p ) $= wp lem $.")
	f.Add(byte(2), "${ a1d.1 $e |- p $. $d p x $. a1d $p |- ( q -> p ) $= wp wq wp wi a1d.1 wp wq ax1 mp $. $}")
	f.Fuzz(func(t *testing.T, which byte, sample string) {
		name := names[int(which)%len(names)]
		g, err := db.Theorem(name, "")
		if err != nil {
			t.Fatal(err)
		}
		status, message, err := g.Prove(t.Context(), sample)
		if err != nil || status == "" || (message == "") != (status == problem.Accepted) {
			t.Fatalf("got %q %q %v", status, message, err)
		}
		if _, err := newScanner(sample); err != nil {
			return // the second checker does not look at bytes
		}
		if bare, err := bareProof(sample); err == nil && bare != nil && len(sample) < 1000 {
			text := stripComments(bare.text[bare.at:])
			if other := second.check(name, strings.Fields(text)); (status == problem.Accepted) != (other == nil) {
				t.Errorf("got %s %q, the second checker says %v", status, message, other)
			}
		}
	})
}
