package piston_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"borel/languages"
	"borel/server"
	"borel/server/piston"
	"borel/verify"
)

// front is a server that speaks Piston's API, with the real sandbox behind it.
type front struct {
	url  string
	stop func() // shuts it down and waits
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

func real(t testing.TB) *verify.Verifier {
	t.Helper()
	rt, err := runtimeOnce()
	if err != nil {
		t.Fatal(err)
	}
	return verify.New(verify.Config{Runner: rt, Runs: verify.NewMemory(256 << 20), Verdicts: verify.NewMemory(0)})
}

func work(fuel int64) time.Duration {
	python, _ := languages.Find("")
	return time.Duration(python.Seconds(fuel) * float64(time.Second))
}

// open serves until the test ends; change, where it is not nil, changes what the server is made of.
func open(t testing.TB, v server.Verifier, change func(*server.Config, *piston.Config)) *front {
	t.Helper()
	own := piston.Config{Python: "3.13.5", Work: work}
	cfg := server.Config{Verifier: v}
	if change != nil {
		change(&cfg, &own)
	}
	cfg.APIs = func(v server.Verifier) []server.API {
		own.Verifier = v
		return []server.API{piston.New(own)}
	}
	srv, err := server.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx, ln) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return &front{"http://" + ln.Addr().String(), stop}
}

type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends a request; headers are pairs of name and value, and an empty value takes the header away.
func (f *front) ask(ctx context.Context, method, path, body string, headers ...string) (reply, error) {
	r, err := http.NewRequestWithContext(ctx, method, f.url+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if method != "GET" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Del(headers[i])
		if headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	return reply{a.StatusCode, a.Header, string(b)}, err
}

func (f *front) do(t testing.TB, method, path, body string, headers ...string) reply {
	t.Helper()
	got, err := f.ask(t.Context(), method, path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// object is JSON of these fields: names and values in turn.
func object(pairs ...any) string {
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(b)
}
