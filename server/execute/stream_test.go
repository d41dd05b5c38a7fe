package execute

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"borel/problem"
	"borel/server"
	"borel/server/pydantic"
)

// slow answers once it is let go.
type slow struct {
	server.Verifier
	begun, let chan struct{}
	run        problem.Run
	err        error
}

func (s *slow) Run(ctx context.Context, _ problem.RunRequest) (problem.Run, error) {
	s.begun <- struct{}{}
	select {
	case <-s.let:
	case <-ctx.Done():
		return problem.Run{}, ctx.Err()
	}
	return s.run, s.err
}

func serve(t *testing.T, cfg server.Config) string {
	t.Helper()
	srv, err := server.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(srv.Handler())
	t.Cleanup(s.Close)
	return s.URL
}

// While nothing is to be told the connection is kept, and a fault after that is told in the stream.
func TestKeepalive(t *testing.T) {
	const (
		alive = `{"type":"keepalive"}` + "\n"
		end   = `{"type":"end_of_execution"}` + "\n"
	)
	for _, c := range []struct {
		name string
		run  problem.Run
		err  error
		want string
	}{
		{"a run", problem.Run{Reason: "finished", Cells: []problem.Cell{{Result: map[string]string{"text/plain": "1"}}}}, nil,
			`{"type":"number_of_executions","execution_count":1}` + "\n" + `{"type":"result","text":"1","extra":{},"is_main_result":true}` + "\n" + end},
		{"a fault", problem.Run{}, errors.New("a worker crashed"),
			`{"type":"error","name":"UnexpectedEndOfExecution","value":"Connection to the execution was closed before the execution was finished","traceback":""}` + "\n" + end},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := &slow{begun: make(chan struct{}, 1), let: make(chan struct{}), run: c.run, err: c.err}
			i := &interpreter{v: v, contexts: *newContexts(), keepalive: time.Millisecond}
			url := serve(t, server.Config{Verifier: v, APIs: func(server.Verifier) []server.API { return []server.API{i.api()} }})
			a, err := http.Post(url+"/execute", "application/json", strings.NewReader(`{"code":"1"}`))
			if err != nil {
				t.Fatal(err)
			}
			defer a.Body.Close()
			lines := bufio.NewReader(a.Body)
			for range 2 {
				if line, err := lines.ReadString('\n'); line != alive {
					t.Fatalf("got %q, %v", line, err)
				}
			}
			close(v.let)
			rest, err := io.ReadAll(lines)
			if got := strings.ReplaceAll(string(rest), alive, ""); got != c.want || err != nil || a.Header.Get("Content-Type") != ndjson {
				t.Errorf("got %q, %v, %v", got, err, a.Header)
			}
		})
	}
}

// Where every slot stays taken the answer is 504, in the shape of the originals.
func TestOverload(t *testing.T) {
	v := &slow{begun: make(chan struct{}, 1), let: make(chan struct{})}
	url := serve(t, server.Config{Verifier: v, Concurrency: 1, Held: -1, APIs: func(v server.Verifier) []server.API {
		return []server.API{LLMonk(v, true), E2B(v, true), OpenR1(v)}
	}})
	go func() {
		a, err := http.Post(url+"/execute", "application/json", strings.NewReader(`{"code":"1"}`))
		if err == nil {
			a.Body.Close()
		}
	}()
	<-v.begun
	for _, path := range []string{"/execute", "/execute_batch"} {
		a, err := http.Post(url+path, "application/json", strings.NewReader(`{"code":"1"}`))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(a.Body)
		a.Body.Close()
		if got, want := string(body), `{"detail":"every slot was taken for as long as a request may wait; try again"}`+"\n"; a.StatusCode != 504 || got != want || err != nil {
			t.Errorf("%s: got %d %s", path, a.StatusCode, got)
		}
	}
	close(v.let)
}

// What the scripts of a batch print together is bounded; the others stand.
func TestBatchPrinted(t *testing.T) {
	v := &slow{begun: make(chan struct{}, 3), let: make(chan struct{}), run: problem.Run{Reason: "finished", Cells: []problem.Cell{{Stdout: "12345", Result: map[string]string{"text/plain": "678"}}}}}
	close(v.let)
	url := serve(t, server.Config{Verifier: v, APIs: func(v server.Verifier) []server.API {
		api := OpenR1(v)
		api.Routes[0].Handle = pydantic.Handler(batches{v, 45}.execute)
		return []server.API{api}
	}})
	a, err := http.Post(url+"/execute_batch", "application/json", strings.NewReader(`{"scripts":["","",""],"language":"python","timeout":1,"request_timeout":1}`))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	var entries []batchEntry
	if err := json.NewDecoder(a.Body).Decode(&entries); err != nil || len(entries) != 3 {
		t.Fatalf("%v, %v", entries, err)
	}
	told, over := 0, 0
	for _, e := range entries {
		switch {
		case e.Execution != nil && e.Exception == nil && e.Text == "678":
			told++
		case e.Execution == nil && *e.Exception == "the scripts of this batch printed more than 45 bytes as JSON, the limit: send fewer of them at once":
			over++
		}
	}
	if told != 2 || over != 1 {
		t.Errorf("%d told and %d over the limit, want 2 and 1", told, over)
	}
}
