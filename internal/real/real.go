// Package real gives tests the real thing: the runtime that a server has, loaded once for all tests of a package. What it
// compiles is kept in the folder of the user's caches, the same for every package.
package real

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"borel/languages"
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
