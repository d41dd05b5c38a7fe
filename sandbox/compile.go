package sandbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
)

// A module of nine megabytes takes a quarter of a second to be unpacked, instrumented, decoded and validated, though all
// that comes of it is the name of compiled code in wazero's cache. An outline stands for it: the instrumented module without
// the bodies of its functions, and that name. It is kept beside the code that the patched wazero compiled:
//
//	SHA-256 of all that follows
//	names of the exported globals, separated by spaces, and a newline
//	the outline as wazero makes it
//
// One that is missing or not whole, or whose code is gone, is made anew. Its name is a digest of all that it depends on, and
// the folder tells compilers and modes apart.
type outliner interface {
	Outline(compiled wazero.CompiledModule, binary []byte) ([]byte, error)
	CompileOutline(ctx context.Context, outline []byte) (wazero.CompiledModule, error)
}

const (
	outlinePrefix = "outline-"
	outlinesKept  = 6 // of earlier builds of this program
)

// module is an image's module, ready to be instantiated.
type module struct {
	compiled wazero.CompiledModule
	globals  []string  // export names of all mutable globals but fuel
	segments []segment // see program; nil where an outline was enough
	cached   bool
}

// compile readies the module of image. Where data is needed, to start a guest, an outline is not enough.
func (e *Engine) compile(ctx context.Context, image *Image, data bool) (m module, err error) {
	e.compiling.Lock() // two at once would write to the same preambles (wazero 1.12)
	defer e.compiling.Unlock()
	path := e.outlinePath(image)
	if path != "" && !data {
		if m, err = e.readOutline(ctx, path); err == nil {
			return m, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			e.cfg.Logger.Info("the compiled code is of no use and is made anew", "error", err)
		}
	}
	whole, err := image.Module()
	if err != nil {
		return m, err
	}
	p, err := instrument(whole, !e.cfg.Unmetered)
	if err != nil {
		return m, err
	}
	m.globals, m.segments = p.globals, p.segments
	m.compiled, err = e.rt.CompileModule(experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0)), p.code)
	if err != nil || path == "" {
		return m, err
	}
	if err := e.writeOutline(path, &m, p.code); err != nil {
		e.cfg.Logger.Warn("the outline of the module cannot be kept: the next start will be slower", "error", err)
	}
	return m, nil
}

// outlinePath names the outline of image; empty where there can be none.
func (e *Engine) outlinePath(image *Image) string {
	code := executable()
	_, ok := e.rt.(outliner)
	if !ok || e.cfg.CacheDir == "" || code == "" || e.mode == Interpreted {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %x %t %s", code, image.Digest, e.cfg.Unmetered, runtime.GOARCH)
	return filepath.Join(e.cfg.codeDir(e.mode), outlinePrefix+hex.EncodeToString(h.Sum(nil)[:16]))
}

func (e *Engine) readOutline(ctx context.Context, path string) (m module, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return m, err
	}
	bad := fmt.Errorf("%s is not a whole outline", filepath.Base(path))
	if len(b) < sha256.Size {
		return m, bad
	}
	digest, b := b[:sha256.Size], b[sha256.Size:]
	names, outline, ok := bytes.Cut(b, []byte("\n"))
	if sum := sha256.Sum256(b); !ok || !bytes.Equal(sum[:], digest) {
		return m, bad
	}
	compiled, err := e.rt.(outliner).CompileOutline(ctx, outline)
	if err != nil {
		return m, err
	}
	now := time.Now()
	os.Chtimes(path, now, now) // for keepNewest; it matters little where it fails
	return module{compiled: compiled, globals: strings.Fields(string(names)), cached: true}, nil
}

func (e *Engine) writeOutline(path string, m *module, code []byte) error {
	outline, err := e.rt.(outliner).Outline(m.compiled, code)
	if err != nil {
		return err
	}
	b := append([]byte(strings.Join(m.globals, " ")+"\n"), outline...)
	digest := sha256.Sum256(b)
	err = replaceFile(path, func(w io.Writer) error {
		_, err := w.Write(append(digest[:], b...))
		return err
	})
	return errors.Join(err, keepNewest(outlinesKept, filepath.Join(filepath.Dir(path), outlinePrefix+"*")))
}
