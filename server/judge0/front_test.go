package judge0_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"borel/languages"
	"borel/server"
	"borel/server/judge0"
	"borel/store"
	"borel/verify"
)

// front is a server with this API: the real sandbox, and a real store in a folder.
type front struct {
	url  string
	stop func() // ends the server and closes the store
}

type setup struct {
	dir    string
	server server.Config
	judge0 judge0.Config

	verifier func(server.Verifier) server.Verifier // nil: the real one
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

func open(t *testing.T, change ...func(*setup)) *front {
	t.Helper()
	rt, err := runtimeOnce()
	if err != nil {
		t.Fatal(err)
	}
	s := setup{server: server.Config{Grace: time.Nanosecond}}
	for _, c := range change {
		c(&s)
	}
	if s.dir == "" {
		s.dir = t.TempDir()
	}
	kept, err := store.Open(store.Config{Dir: s.dir})
	if err != nil {
		t.Fatal(err)
	}
	s.server.Verifier = verify.New(verify.Config{Runner: rt, Runs: kept.Runs(), Verdicts: kept.Verdicts()})
	s.judge0.Store, s.judge0.Python = kept.Submissions(), "3.13.5"
	s.server.APIs = func(v server.Verifier) []server.API {
		s.judge0.Verifier = v
		if s.verifier != nil {
			s.judge0.Verifier = s.verifier(v)
		}
		return []server.API{judge0.New(s.judge0)}
	}
	srv, err := server.New(s.server)
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
	f := &front{url: "http://" + ln.Addr().String()}
	f.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(f.stop)
	return f
}

// ask sends a request and reads the answer; headers are pairs of name and value.
func (f *front) ask(t *testing.T, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, f.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, strings.TrimSpace(string(b))
}

func (f *front) post(t *testing.T, path, body string) (int, string) {
	t.Helper()
	return f.ask(t, "POST", path, body)
}

// object reads a JSON object.
func object(t *testing.T, body string) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return o
}

// has checks that an answer has these fields with these values, in JSON.
func has(t *testing.T, name, body, want string) {
	t.Helper()
	got := object(t, body)
	for field, w := range object(t, want) {
		g, ok := got[field]
		if !ok || !reflect.DeepEqual(g, w) {
			t.Errorf("%s: %s is %v, want %v", name, field, g, w)
		}
	}
}

// ended waits for the end of a submission.
func (f *front) ended(t *testing.T, token, query string) string {
	t.Helper()
	for {
		status, body := f.ask(t, "GET", "/submissions/"+token+"?fields=status_id", "")
		if status != 200 {
			t.Fatalf("%s: %d %s", token, status, body)
		}
		if object(t, body)["status_id"].(float64) > 2 {
			break
		}
	}
	status, body := f.ask(t, "GET", "/submissions/"+token+query, "")
	if status != 200 {
		t.Fatalf("%s: %d %s", token, status, body)
	}
	return body
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// source is a submission of a program.
func source(program, more string) string {
	b, err := json.Marshal(program)
	if err != nil {
		panic(err)
	}
	return `{"source_code":` + string(b) + `,"language_id":71` + more + `}`
}
