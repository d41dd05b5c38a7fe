package openai_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"borel/languages"
	"borel/sampler"
	"borel/server"
	"borel/server/openai"
	"borel/solver"
	"borel/verify"
)

// front is a server with the OpenAI API in front of an endpoint.
type front struct{ url string }

// setup changes what a front is made of.
type setup struct {
	server server.Config
	pool   sampler.Config
	real   *verify.Verifier // not nil: a solver is there
	openai func(*openai.Config)
}

// open serves until the test ends.
func open(t *testing.T, upstream http.Handler, change ...func(*setup)) *front {
	t.Helper()
	f, stop := openStop(t, upstream, change...)
	t.Cleanup(stop)
	return f
}

// openStop also returns what shuts the server down and waits for it.
func openStop(t *testing.T, upstream http.Handler, change ...func(*setup)) (*front, func()) {
	t.Helper()
	up := httptest.NewServer(upstream)
	t.Cleanup(up.Close)
	s := setup{
		server: server.Config{Verifier: struct{ server.Verifier }{}, Grace: time.Nanosecond},
		pool:   sampler.Config{Endpoints: []sampler.Endpoint{{Alias: "up", URL: up.URL + "/v1", Key: "endpoint-key"}}, Attempts: 1},
		openai: func(*openai.Config) {},
	}
	for _, c := range change {
		c(&s)
	}
	draws, err := sampler.New(s.pool)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(draws.Close)
	cfg := openai.Config{
		Upstream: draws.Pool(),
		Models: func(ctx context.Context) (list []openai.Model, err error) {
			models, err := draws.Models(ctx)
			for _, m := range models {
				list = append(list, openai.Model{ID: m.ID, Created: m.Created, OwnedBy: m.OwnedBy})
			}
			return list, err
		},
	}
	if s.real != nil {
		s.server.Verifier, cfg.Solver = s.real, solver.New(draws, s.real, 2)
	}
	s.openai(&cfg)
	s.server.APIs = func(server.Verifier) []server.API { return []server.API{openai.New(cfg)} }
	srv, err := server.New(s.server)
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
	return &front{"http://" + ln.Addr().String()}, func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	}
}

// real makes a front solve: programs run in the sandbox.
func real(t *testing.T) func(*setup) {
	t.Helper()
	rt, err := runtimeOnce()
	if err != nil {
		t.Fatal(err)
	}
	v := verify.New(verify.Config{Runner: rt, Runs: verify.NewMemory(64 << 20), Verdicts: verify.NewMemory(0)})
	return func(s *setup) { s.real = v }
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

type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends a request; headers are pairs of name and value. The error is that of the connection or of reading the answer.
func (f *front) ask(ctx context.Context, method, path, body string, headers ...string) (reply, error) {
	r, err := http.NewRequestWithContext(ctx, method, f.url+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	return reply{a.StatusCode, a.Header, string(b)}, err
}

func (f *front) post(t *testing.T, path, body string, headers ...string) reply {
	t.Helper()
	got, err := f.ask(t.Context(), "POST", path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (f *front) get(t *testing.T, path string) reply {
	t.Helper()
	got, err := f.ask(t.Context(), "GET", path, "")
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// failure is the error of a body in OpenAI's shape; the test fails where it is in another.
func failure(t *testing.T, body string) (message, kind, param, code string) {
	t.Helper()
	var e struct {
		Error struct {
			Message, Type string
			Param, Code   any
		}
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil || e.Error.Message == "" || e.Error.Type == "" {
		t.Fatalf("no error of OpenAI's: %s", body)
	}
	text := func(v any) string {
		if v == nil {
			return ""
		}
		return fmt.Sprint(v)
	}
	return e.Error.Message, e.Error.Type, text(e.Error.Param), text(e.Error.Code)
}

// events answers a stream of these events, each sent at once.
func stream(w http.ResponseWriter, events ...string) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, e := range events {
		fmt.Fprint(w, e)
		w.(http.Flusher).Flush()
	}
}

// data is an event.
func data(json string) string { return "data: " + json + "\n\n" }
