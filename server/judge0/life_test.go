package judge0_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"borel/problem"
	"borel/server"
)

// blocked lets no submission be run.
func blocked(s *setup) {
	s.judge0.Wait = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
}

// What was queued or running when a process ended is run by the next; what had ended is still told.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	in := func(s *setup) { s.dir = dir }
	f := open(t, in)
	_, body := f.post(t, "/submissions?wait=true", source("print('before')", ""))
	before := object(t, body)["token"].(string)
	f.stop()

	f = open(t, in, blocked)
	var tokens []string
	for i := range runtime.GOMAXPROCS(0) + 2 { // some run, some wait
		status, body := f.post(t, "/submissions", source(fmt.Sprintf("print(%d)", i), `,"expected_output":"1"`))
		if status != 201 {
			t.Fatalf("%d %s", status, body)
		}
		tokens = append(tokens, object(t, body)["token"].(string))
	}
	if status, body := f.ask(t, "GET", "/submissions/"+tokens[len(tokens)-1]+"?fields=status,time,finished_at,stdout,exit_code", ""); status != 200 ||
		body != `{"exit_code":null,"finished_at":null,"status":{"id":1,"description":"In Queue"},"stdout":null,"time":null}` {
		t.Errorf("while it waits: %d %s", status, body)
	}
	f.stop()

	f = open(t, in)
	has(t, "before", f.ended(t, before, ""), `{"stdout":"before\n","status":{"id":3,"description":"Accepted"}}`)
	for i, token := range tokens {
		want := map[bool]int{true: 3, false: 4}[i == 1]
		has(t, "queued", f.ended(t, token, "?fields=stdout,status_id"), fmt.Sprintf(`{"stdout":"%d\n","status_id":%d}`, i, want))
	}
}

// Beyond those that run, a hundred wait; any more are refused.
func TestQueueIsFull(t *testing.T) {
	f := open(t, blocked)
	n := 0
	for ; ; n++ {
		status, body := f.post(t, "/submissions", source("pass", ""))
		if status == 201 && n < 1000 {
			continue
		}
		if status != 503 || body != `{"error":"queue is full"}` {
			t.Errorf("submission %d: %d %s", n, status, body)
		}
		break
	}
	if procs := runtime.GOMAXPROCS(0); n < 100 || n > 100+procs {
		t.Errorf("%d were taken, want 100 to %d", n, 100+procs)
	}
	status, body := f.post(t, "/submissions/batch", `{"submissions":[`+source("pass", "")+`]}`)
	if status != 503 || body != `{"error":"queue is full"}` {
		t.Errorf("batch: %d %s", status, body)
	}
}

// broken is a service that runs nothing.
type broken struct{ server.Verifier }

func (broken) Run(_ context.Context, r problem.RunRequest) (problem.Run, error) {
	if r.Source == "panic" {
		panic("at the disco")
	}
	return problem.Run{}, fmt.Errorf("no sandbox is left")
}

// A fault of the service is an internal error, never a verdict on the program.
func TestFaultOfTheService(t *testing.T) {
	f := open(t, func(s *setup) { s.verifier = func(v server.Verifier) server.Verifier { return broken{v} } })
	status, body := f.post(t, "/submissions?wait=true&fields=status,message,stdout,time,exit_code", source("print(1)", `,"expected_output":"2"`))
	want := `{"exit_code":null,"message":"the program was not run: no sandbox is left","status":{"id":13,"description":"Internal Error"},"stdout":null,"time":null}`
	if status != 201 || body != want {
		t.Errorf("%d %s, want %s", status, body, want)
	}
	status, body = f.post(t, "/submissions?wait=true&fields=status_id,message", source("panic", ""))
	if want := `{"message":"the program was not run: panic: at the disco","status_id":13}`; status != 201 || body != want {
		t.Errorf("%d %s, want %s", status, body, want)
	}
}

// A client that goes away leaves its submission to run.
func TestAbandoned(t *testing.T) {
	got := make(chan string, 1)
	run := make(chan struct{})
	host := listen(t, func(_ *http.Request, body string) { got <- body })
	f := open(t, func(s *setup) {
		s.judge0.Wait = func(ctx context.Context) error {
			select {
			case <-run:
			case <-ctx.Done():
			}
			return ctx.Err()
		}
		s.judge0.Callbacks = []string{host}
	})
	ctx, leave := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "POST", f.URL+"/submissions?wait=true", strings.NewReader(source("print('left')", `,"callback_url":"http://`+host+`"`)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	done := make(chan struct{})
	go func() {
		defer close(done)
		if a, err := http.DefaultClient.Do(r); err == nil {
			a.Body.Close()
			t.Error("it was answered")
		}
	}()
	for working := ""; working != "1"; { // the submission is there
		_, body := f.ask(t, "GET", "/workers", "")
		_, working, _ = strings.Cut(body, `"working":`)
		working, _, _ = strings.Cut(working, ",")
	}
	leave()
	<-done
	close(run)
	has(t, "callback", <-got, `{"stdout":"bGVmdAo=\n","status":{"id":3,"description":"Accepted"}}`)
}
