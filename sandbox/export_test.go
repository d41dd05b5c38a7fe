package sandbox

import (
	"os"
	"reflect"
	"runtime"
	"testing"
)

// Forgetful is t without its memory of programs: each run compiles its own.
func (t *Template) Forgetful() *Template {
	x := *t
	x.again = nil
	return &x
}

// Checkpoints counts the programs of which t keeps a checkpoint.
func (t *Template) Checkpoints() (n int) {
	t.again.mu.Lock()
	defer t.again.mu.Unlock()
	for _, p := range t.again.programs {
		if p.compiled.Load() != nil {
			n++
		}
	}
	return n
}

// StackSize is the size of the call stack of exec in an instance of t, in bytes.
func (t *Template) StackSize(tb testing.TB) int {
	in, err := t.take(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	defer t.put(in, nil)
	return in.stacks()[3]
}

// Idle is how many instances t keeps.
func (t *Template) Idle() int {
	t.shelf.mu.Lock()
	defer t.shelf.mu.Unlock()
	return len(t.shelf.idle)
}

// frozenBy loads an image, which leaves its frozen memory in cfg.CacheDir, and answers that.
func frozenBy(tb testing.TB, cfg Config, image Image) (*os.File, error) {
	e, err := New(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	defer e.Close(tb.Context())
	tpl, err := e.Load(tb.Context(), image)
	if err != nil {
		tb.Fatal(err)
	}
	defer tpl.Close(tb.Context())
	return Frozen(cfg, image)
}

// RunAndStack runs spec on an instance of its own, and answers how many bytes of its call stacks were used, and how many
// there are of the largest.
func (t *Template) RunAndStack(tb testing.TB, spec Spec) (res Result, used, size int) {
	tb.Helper()
	in, err := t.take(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	defer in.close(tb.Context())
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r, err := t.begin(stage{ctx: tb.Context()}, in, &spec)
	if err == nil {
		res, err = r.whole(&spec)
	}
	if err != nil {
		tb.Fatal(err)
	}
	for _, g := range []guestFunction{in.compile, in.exec, in.finish} {
		stack := reflect.ValueOf(g.f).Elem().FieldByName("stack").Bytes() // which grows down
		clean := 0
		for clean < len(stack) && stack[clean] == 0 {
			clean++
		}
		used, size = max(used, len(stack)-clean), max(size, len(stack))
	}
	return res, used, size
}
