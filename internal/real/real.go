// Package real gives tests the real thing: the runtime that a server has, loaded once for all tests of a package. What it
// compiles is kept in the folder of the user's caches, the same for every package.
package real

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"borel/languages"
	"borel/worker"
)

// Python is the runtime. It is never closed.
func Python(t testing.TB) *languages.Runtime {
	t.Helper()
	rt, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return rt
}

var once = sync.OnceValues(func() (*languages.Runtime, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	rt, err := languages.New(context.Background(), languages.Config{CacheDir: filepath.Join(cache, "borel", "code")})
	if err != nil {
		return nil, err
	}
	return rt, rt.Wait(context.Background())
})

// Main runs the tests of a package that has workers: it makes the test binary one where a pool started it as such.
func Main(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		if err := worker.Serve(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
