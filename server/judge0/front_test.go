package judge0_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"borel/internal/real"
	"borel/internal/servertest"
	"borel/server"
	"borel/server/judge0"
	"borel/store"
	"borel/verify"
)

// front is a server with this API: the real sandbox, and a real store in a folder.
type front struct {
	*servertest.Server
	stop func() // ends the server and closes the store
}

type setup struct {
	dir    string
	server server.Config
	judge0 judge0.Config

	verifier func(server.Verifier) server.Verifier // nil: the real one
}

func open(t *testing.T, change ...func(*setup)) *front {
	t.Helper()
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
	s.server.Verifier = verify.New(verify.Config{Runner: real.Python(t), Runs: kept.Runs(), Verdicts: kept.Verdicts()})
	s.judge0.Store, s.judge0.Python = kept.Submissions(), "3.13.5"
	s.server.APIs = func(v server.Verifier) []server.API {
		s.judge0.Verifier = v
		if s.verifier != nil {
			s.judge0.Verifier = s.verifier(v)
		}
		return []server.API{judge0.New(s.judge0)}
	}
	f := &front{Server: servertest.Start(t, s.server)}
	f.stop = sync.OnceFunc(func() {
		f.Stop()
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
	got := f.Do(t, method, path, body, headers...)
	return got.Status, strings.TrimSpace(got.Body)
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
