// Package servertest starts real servers for tests, and asks them: programs run in the real sandbox ([Verifier]), requests
// come over a port of loopback ([Start]).
package servertest

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"borel/internal/real"
	"borel/server"
	"borel/verify"
)

// Verifier judges in the real sandbox. It remembers nothing of other tests.
func Verifier(t testing.TB) *verify.Verifier {
	t.Helper()
	return verify.New(verify.Config{Runner: real.Python(t), Runs: verify.NewMemory(256 << 20), Verdicts: verify.NewMemory(0)})
}

// Server is one that serves.
type Server struct {
	URL  string
	Stop func() // shuts it down and waits; the end of the test does too
}

// Start serves until the test ends.
func Start(t testing.TB, cfg server.Config) *Server {
	t.Helper()
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
	s := &Server{"http://" + ln.Addr().String(), sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})}
	t.Cleanup(s.Stop)
	return s
}

// Reply is an answer.
type Reply struct {
	Status int
	Header http.Header
	Body   string
}

// Ask sends a request with a body of JSON. headers are pairs of name and value; an empty value takes the header away. The
// error is that of the connection, or of reading the answer.
func (s *Server) Ask(ctx context.Context, method, path, body string, headers ...string) (Reply, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.URL+path, strings.NewReader(body))
	if err != nil {
		return Reply{}, err
	}
	if body != "" || method == http.MethodPost {
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
		return Reply{}, err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	return Reply{a.StatusCode, a.Header, string(b)}, err
}

// Do is Ask where nothing is to go wrong on the way.
func (s *Server) Do(t testing.TB, method, path, body string, headers ...string) Reply {
	t.Helper()
	got, err := s.Ask(t.Context(), method, path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Post is Do with that method.
func (s *Server) Post(t testing.TB, path, body string, headers ...string) Reply {
	t.Helper()
	return s.Do(t, http.MethodPost, path, body, headers...)
}

// Get is Do with that method, and without a body.
func (s *Server) Get(t testing.TB, path string) Reply {
	t.Helper()
	return s.Do(t, http.MethodGet, path, "")
}

// Object is JSON of these fields: names and values in turn.
func Object(pairs ...any) string {
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
