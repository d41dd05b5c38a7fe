package metamath

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"borel/problem"
)

// checkerVersion is part of every verdict's key: change it when other proofs are accepted, or other reasons given.
const checkerVersion = "metamath/1"

// Manifest says what database a folder holds.
type Manifest struct {
	Name    string `json:"name"`    // the file's, such as set.mm
	Version string `json:"version"` // where it comes from
	Digest  string `json:"digest"`  // SHA-256 of the file
	Bytes   int64  `json:"bytes"`
	Size
}

// Library is a folder that holds one database, which is loaded when it is asked for and forgotten when it has not been
// for a while. It is safe for concurrent use.
//
//	manifest.json  what is there
//	DIGEST.mm      the database
type Library struct {
	dir string

	mu     sync.Mutex
	db     *Database // nil: not loaded
	digest string    // of db
	forget *time.Timer
}

// keep is how long a database stays in memory after it was last asked for.
const keep = 10 * time.Minute

// NewLibrary returns the library of a folder, which need not exist yet.
func NewLibrary(dir string) *Library { return &Library{dir: dir} }

// Manifest says what database there is. The error is [fs.ErrNotExist] where there is none.
func (l *Library) Manifest() (Manifest, error) {
	var m Manifest
	b, err := os.ReadFile(filepath.Join(l.dir, "manifest.json"))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("%s: %w", filepath.Join(l.dir, "manifest.json"), err)
	}
	return m, nil
}

// Version names the checker and the database.
func (l *Library) Version() string {
	m, err := l.Manifest()
	if err != nil {
		return checkerVersion + " without a database"
	}
	return checkerVersion + " " + m.Digest
}

// Add puts a database into the library in the place of what is there. All its proofs are checked first. The error says
// what is wrong with the database, or is ctx's own or the system's.
func (l *Library) Add(ctx context.Context, name, version, text string) (Manifest, error) {
	db, err := Read(ctx, text, true)
	if err != nil {
		return Manifest{}, fmt.Errorf("%s: %w", name, err)
	}
	sum := sha256.New()
	io.WriteString(sum, text)
	m := Manifest{Name: name, Version: version, Digest: hex.EncodeToString(sum.Sum(nil)), Bytes: int64(len(text)), Size: db.Size()}
	if err := os.MkdirAll(l.dir, 0o755); err != nil {
		return m, err
	}
	if err := replace(l.file(m.Digest), func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}); err != nil {
		return m, err
	}
	if err := replace(filepath.Join(l.dir, "manifest.json"), func(w io.Writer) error {
		return json.NewEncoder(w).Encode(m)
	}); err != nil {
		return m, err
	}
	old, err := filepath.Glob(filepath.Join(l.dir, "*.mm"))
	for _, name := range old {
		if name != l.file(m.Digest) {
			err = errors.Join(err, os.Remove(name))
		}
	}
	return m, err
}

func (l *Library) file(digest string) string { return filepath.Join(l.dir, digest+".mm") }

// replace writes a file whole, or leaves the one that is there.
func replace(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// Prove decides a proof of the theorem, or of the statement, that c names. See [Goal.Prove]; the error can also be an
// *[problem.Invalid] of c, or say that there is no database.
func (l *Library) Prove(ctx context.Context, c *problem.Check, proof string) (problem.Status, string, error) {
	db, err := l.load(ctx)
	if err != nil {
		return "", "", err
	}
	var g *Goal
	switch {
	case c.Theorem != "" && c.Statement != "":
		err = problem.Invalidf("check.statement", "stands beside theorem; one of the two says what is to be proved")
	case c.Theorem != "":
		g, err = db.Theorem(c.Theorem, "check.theorem")
	default:
		g, err = db.Statement(ctx, c.Statement, "check.statement")
	}
	if err != nil {
		return "", "", err
	}
	return g.Prove(ctx, proof)
}

// load returns the database, which is read if it is not in memory.
func (l *Library) load(ctx context.Context) (*Database, error) {
	m, err := l.Manifest()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("there is no Metamath database here: add one with borel images add metamath")
	}
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.db != nil && l.digest == m.Digest {
		l.forget.Reset(keep)
		return l.db, nil
	}
	text, digest, err := readFile(l.file(m.Digest))
	if err != nil {
		return nil, err
	}
	if digest != m.Digest {
		return nil, fmt.Errorf("%s has changed since it was added: add it again with borel images add metamath", l.file(m.Digest))
	}
	db, err := Read(ctx, text, false)
	if err != nil {
		return nil, err
	}
	if l.forget != nil {
		l.forget.Stop()
	}
	l.db, l.digest = db, digest
	l.forget = time.AfterFunc(keep, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.db = nil
	})
	return db, nil
}

// maxDatabase is the limit of a database's size: it is read whole.
const maxDatabase = 1 << 30

// readFile returns a file and its digest. A Builder's text is not copied.
func readFile(name string) (text, digest string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", "", err
	}
	if info.Size() > maxDatabase {
		return "", "", fmt.Errorf("%s has more than %d bytes", name, maxDatabase)
	}
	var b strings.Builder
	b.Grow(int(info.Size()))
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(&b, sum), io.LimitReader(f, maxDatabase)); err != nil {
		return "", "", err
	}
	return b.String(), hex.EncodeToString(sum.Sum(nil)), nil
}
