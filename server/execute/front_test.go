package execute_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"borel/languages"
	"borel/server"
	"borel/server/execute"
	"borel/verify"
)

// front is a server with these APIs in front of the real sandbox.
type front struct{ url string }

// open serves until the test ends.
func open(t *testing.T, apis func(server.Verifier) []server.API) *front {
	t.Helper()
	rt, err := runtimeOnce()
	if err != nil {
		t.Fatal(err)
	}
	return openWith(t, server.Config{
		Verifier: verify.New(verify.Config{Runner: rt, Runs: verify.NewMemory(64 << 20), Verdicts: verify.NewMemory(1 << 20)}),
		APIs:     apis,
	})
}

func openWith(t *testing.T, cfg server.Config) *front {
	t.Helper()
	srv, err := server.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return &front{"http://" + ln.Addr().String()}
}

var runtimeOnce = sync.OnceValues(func() (*languages.Runtime, error) {
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

func llmonk(v server.Verifier) []server.API { return []server.API{execute.LLMonk(v, false)} }

// ask sends a request; headers are pairs of name and value.
func (f *front) ask(t *testing.T, method, path, body string, headers ...string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, f.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Error(err)
	}
	return a.StatusCode, strings.TrimSuffix(string(b), "\n")
}

// exchange is a request with what is to be answered.
type exchange struct {
	name, method, path, body string
	status                   int
	answer                   string
}

func (f *front) table(t *testing.T, all []exchange) {
	t.Helper()
	for _, x := range all {
		t.Run(x.name, func(t *testing.T) {
			status, got := f.ask(t, x.method, x.path, x.body)
			if status != x.status || got != x.answer {
				t.Errorf("%s %s %.200s\ngot  %d %s\nwant %d %s", x.method, x.path, x.body, status, got, x.status, x.answer)
			}
		})
	}
}
