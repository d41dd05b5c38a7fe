package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"borel/languages"
	"borel/sandbox"
	"borel/wasm"
)

// TestMain makes the test binary a worker where a pool started it as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "worker":
			if err := Serve(os.Args[2:]); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		case "parent":
			parent(os.Args[2])
		case "poor":
			servePoor()
		case "fake":
			c, err := parse(os.Args[3:])
			if err != nil {
				panic(err)
			}
			fake(os.Args[2], c)
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// cacheDir is where compiled code is kept between tests, as cmd/borel keeps it.
func cacheDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.UserCacheDir()
	if err != nil {
		tb.Fatal(err)
	}
	return filepath.Join(dir, "borel", "code")
}

// open starts a pool of real workers, or of what cfg says.
func open(tb testing.TB, cfg Config) *Pool {
	tb.Helper()
	if _, err := wasm.Python(); errors.Is(err, wasm.ErrMissing) {
		tb.Skip(err)
	}
	if cfg.CacheDir == "" {
		cfg.CacheDir = cacheDir(tb)
	}
	p, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { p.Close() })
	return p
}

// ready is open, and waits until a worker is up.
func ready(tb testing.TB, cfg Config) *Pool {
	tb.Helper()
	p := open(tb, cfg)
	if err := p.Wait(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return p
}

func BenchmarkPrint(b *testing.B) {
	rt, err := languages.New(context.Background(), languages.Config{CacheDir: cacheDir(b), Parallel: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer rt.Close()
	pool := ready(b, Config{Workers: 1})
	for _, c := range []struct {
		name string
		run  func(context.Context, languages.Guest, sandbox.Spec) (sandbox.Result, error)
	}{{"process", pool.Run}, {"inside", rt.Run}} {
		b.Run(c.name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				i++
				res, err := c.run(b.Context(), python.Guest(), program(fmt.Sprint("print(", i, ")")))
				if err != nil || string(res.Stdout) != fmt.Sprintln(i) {
					b.Fatal(res, err)
				}
			}
		})
	}
}
