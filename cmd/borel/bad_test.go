package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"borel/problem"
	"borel/server"
	"borel/store"
	"borel/verify"
	"borel/wasm"
)

// serving is the real server on a port of its own, ready, until the test ends. It returns its URL.
func serving(t *testing.T, args ...string) string {
	t.Helper()
	if _, err := wasm.Python(); err != nil {
		t.Skip(err)
	}
	args = append([]string{"serve", "--addr", "127.0.0.1:0", "--grace", "1ns", "--data", t.TempDir()}, args...)
	ctx, cancel := context.WithCancel(context.Background())
	listens := make(chan string, 1)
	ended := make(chan int, 1)
	var stderr output
	m := &Main{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &stderr, Listening: func(addr string) { listens <- addr }}
	go func() { ended <- m.Run(ctx, args) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections() // one that carried no request yet holds up a shutdown for seconds
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("serve ended with %d: %s", code, &stderr)
		}
	})
	url := "http://" + <-listens
	for {
		if status, _ := ask(t, url+"/readyz", ""); status == 200 {
			return url
		}
	}
}

// ask posts body, or gets where there is none.
func ask(t *testing.T, url, body string) (status int, answer string) {
	t.Helper()
	method := "GET"
	if body != "" {
		method = "POST"
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(b)
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Sizes and paths that only the whole can be asked; what single programs do is in package languages and verify, and
// what single fields may hold in package server.
func TestBadRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("asks of one program after the other")
	}
	url := serving(t)
	const mega = 1 << 20
	for _, c := range []struct {
		name   string
		r      problem.RunRequest
		status int
		want   string // part of the answer
		stdout int    // its length
	}{
		{"10 MB program", problem.RunRequest{Source: "s = '" + strings.Repeat("x", 10*mega) + "'\nprint(len(s))"}, 200, `"stdout":"10485760\n"`, 9},
		{"10 MB of statements", problem.RunRequest{Source: strings.Repeat("x = 1\n", 10*mega/6), Limits: problem.Limits{MemoryMB: 64}}, 200, `"reason":"memory"`, 0},
		{"10 MB of brackets", problem.RunRequest{Source: strings.Repeat("(", 10*mega)}, 200, "Parser stack overflowed", 0},
		{"17 MB program", problem.RunRequest{Source: strings.Repeat("#", 17*mega)}, 422, "body.source: has 17825792 bytes, the limit is 16777216", 0},
		{"17 MB of input", problem.RunRequest{Stdin: strings.Repeat("x", 17*mega)}, 422, "body.stdin: has 17825792 bytes, the limit is 16777216", 0},
		{"65 MB body", problem.RunRequest{Source: strings.Repeat("#", 65*mega)}, 413, "67108864 bytes, the limit", 0},
		{"100 MB output", problem.RunRequest{Source: "print('x' * 10**8)"}, 200, `"reason":"output"`, mega},
		{"100 MB output, the greatest limit", problem.RunRequest{Source: "print('x' * 10**8)", Limits: problem.Limits{OutputKB: 65536, MemoryMB: 512}}, 200, `"reason":"output"`, 64 * mega},
		{"more than the greatest limit", problem.RunRequest{Limits: problem.Limits{OutputKB: 65537}}, 422, "body.limits.output_kb: must be between 0 (the default, 1024) and 65536", 0},
		{"empty program", problem.RunRequest{}, 200, `"reason":"finished"`, 0},
		{"a file above the working folder", problem.RunRequest{Files: map[string][]byte{"a/../../b": nil}}, 422, "body.files: path", 0},
		{"a file in the image", problem.RunRequest{Files: map[string][]byte{"/usr/lib/passwd": nil}}, 422, "body.files: path", 0},
		{"fetched from above", problem.RunRequest{Fetch: []string{"../../etc/passwd"}}, 422, "body.fetch: path", 0},
		{"fetched from the image", problem.RunRequest{Fetch: []string{"/usr/lib/passwd"}}, 422, "body.fetch: path", 0},
		{"fetched through a link", problem.RunRequest{
			Source: "import os\nos.symlink('../../../../etc', 'l')\ntry: os.symlink('/etc/passwd', 'm')\nexcept OSError: pass\nprint(os.path.exists('l/passwd'))",
			Fetch:  []string{"l/passwd", "l", "m", "none"},
		}, 200, `"stdout":"False\n","stderr":"","files":{}`, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, answer := ask(t, url+"/v1/runs", toJSON(t, c.r))
			short := answer[:min(len(answer), 1000)]
			if status != c.status || !strings.Contains(answer, c.want) {
				t.Errorf("got %d %s\nwant %d %s", status, short, c.status, c.want)
			}
			var run problem.Run
			if err := json.Unmarshal([]byte(answer), &run); err != nil || len(run.Stdout) != c.stdout {
				t.Errorf("%v, %d bytes of output, want %d", err, len(run.Stdout), c.stdout)
			}
		})
	}
	if _, metrics := ask(t, url+"/metrics", ""); strings.Contains(metrics, `borel_runs_total{reason="error"}`) || strings.Contains(metrics, `status="500"`) {
		t.Error("a bad request counts as a fault of the service")
	}
}

// A client that goes away takes its work along: more endless programs than there are slots leave room for the next.
func TestClientGoesAway(t *testing.T) {
	url := serving(t)
	ctx, cancel := context.WithCancel(t.Context())
	n := runtime.GOMAXPROCS(0) + 1
	gone := make(chan error, n)
	for i := range n {
		go func() {
			body := fmt.Sprintf(`{"source":"while True: pass # %d","limits":{"seconds":600}}`, i)
			r, err := http.NewRequestWithContext(ctx, "POST", url+"/v1/runs", strings.NewReader(body))
			if err == nil {
				r.Header.Set("Content-Type", "application/json")
				_, err = http.DefaultClient.Do(r)
			}
			gone <- err
		}()
	}
	until := func(line string) {
		for {
			if _, metrics := ask(t, url+"/metrics", ""); strings.Contains(metrics, "\n"+line+"\n") {
				return
			}
		}
	}
	until(fmt.Sprintf("borel_requests_running %d", n))
	cancel()
	for range n {
		if err := <-gone; err == nil {
			t.Error("an endless program was answered")
		}
	}
	until("borel_requests_running 0")
	until(fmt.Sprintf(`borel_http_requests_total{route="/v1/runs",status="499"} %d`, n))
	if status, answer := ask(t, url+"/v1/runs", `{"source":"print(1)"}`); status != 200 || !strings.Contains(answer, `"stdout":"1\n"`) {
		t.Errorf("got %d %s", status, answer)
	}
	if _, metrics := ask(t, url+"/metrics", ""); strings.Contains(metrics, `reason="error"`) {
		t.Error("a client's leaving counts as a fault of the service")
	}
}

// A disk without room: by default nothing is remembered and all verdicts stand; durable, what cannot be kept is not
// told as a verdict.
func TestDiskFull(t *testing.T) {
	if _, err := wasm.Python(); err != nil {
		t.Skip(err)
	}
	for _, durable := range []bool{false, true} {
		e, err := openEngine(t.Context(), store.Config{Dir: t.TempDir(), Durable: durable, MinFreeBytes: 1 << 60}, isolationFlags{}, verify.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		srv, err := server.New(server.Config{Verifier: e})
		if err != nil {
			t.Fatal(err)
		}
		h := httptest.NewServer(srv.Handler())
		defer h.Close()
		for range 2 {
			status, answer := ask(t, h.URL+"/v1/verify", `{"problem":{"check":{"kind":"unit","tests":"assert f() == 5"}},"samples":[{"program":"def f(): return 5"},{"program":"def f(): return 4"}]}`)
			var a struct {
				Verdicts []problem.Verdict
				Counts   problem.Counts
			}
			if err := json.Unmarshal([]byte(answer), &a); err != nil || status != 200 || len(a.Verdicts) != 2 {
				t.Fatalf("got %d %s", status, answer)
			}
			want := problem.Counts{Samples: 2, Accepted: 1}
			if durable {
				want = problem.Counts{Samples: 2, Unknown: 2}
			}
			if a.Counts != want {
				t.Errorf("durable %v: got %+v, want %+v", durable, a.Counts, want)
			}
			for _, v := range a.Verdicts {
				if v.Cached || durable && (v.Reward != nil || !strings.Contains(v.Error, "bytes are free on the disk")) {
					t.Errorf("durable %v: got %+v", durable, v)
				}
			}
		}
		status, answer := ask(t, h.URL+"/v1/runs", `{"source":"print(1)"}`)
		if want := map[bool]int{false: 200, true: 507}[durable]; status != want {
			t.Errorf("durable %v: got %d %s, want %d", durable, status, answer, want)
		}
		if s, err := e.store.Stats(); err != nil || s.Runs.Records != 0 || s.Verdicts.Records != 0 {
			t.Errorf("durable %v: got %+v, %v", durable, s, err)
		}
	}
}

// An endpoint that answers rubbish, nothing, or not at all gives an error that names it, never a verdict.
func TestBadEndpoint(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"HTML", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, "the answer is not JSON of the OpenAI API"},
		{"nothing", func(http.ResponseWriter, *http.Request) {}, "the answer is empty"},
		{"no choice", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"choices":[]}`) }, "answered without any choice"},
		{"a refusal", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no such model", 404) }, "answered 404: no such model"},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "endpoint "},
	} {
		t.Run(c.name, func(t *testing.T) {
			endpoint := httptest.NewServer(c.answer)
			defer endpoint.Close()
			url := serving(t, "--endpoint", "bad="+endpoint.URL+"/v1")
			body := `{"problem":{"id":"x","prompt":"6 * 7?","check":{"kind":"answer","answer":"42"}},"model":"m","n":2}`
			status, answer := ask(t, url+"/v1/solve", body)
			if status != 502 || !strings.Contains(answer, "the endpoint gave no sample: endpoint bad: ") || !strings.Contains(answer, c.want) {
				t.Errorf("got %d %s, want 502 with %q", status, answer, c.want)
			}
			if _, metrics := ask(t, url+"/metrics", ""); strings.Contains(metrics, "borel_verdicts_total{") {
				t.Error("there was a verdict")
			}
		})
	}
}

// Bytes that are not text cannot go through JSON unchanged; they were replaced, and another program was judged.
func TestUndecodable(t *testing.T) {
	const latin = "print('\xe9')\n"
	line := `{"problem":{"id":"c","check":{"kind":"unit"}},"samples":[{"program":"# ` + "\xe9" + `"}]}` + "\n"
	code, _, stderr := run(t.Context(), oneRecord+line, "verify", "--samples", "-", "--data", t.TempDir())
	if code != 1 || !strings.Contains(stderr, "stdin, line 2: is not UTF-8 at byte 71") {
		t.Errorf("got %d %s", code, stderr)
	}
	url := serving(t)
	code, stdout, stderr := run(t.Context(), latin, "run", "-", "--data", t.TempDir())
	if code != 1 || stdout != "" || !strings.Contains(stderr, "SyntaxError") {
		t.Errorf("in this process: got %d %s%s", code, stdout, stderr)
	}
	code, stdout, stderr = run(t.Context(), latin, "run", "-", "--server", url)
	if code != 2 || stdout != "" || !strings.Contains(stderr, "source: is not UTF-8 at byte 7") {
		t.Errorf("through a server: got %d %s%s", code, stdout, stderr)
	}
	file := filepath.Join(t.TempDir(), "stdin")
	if err := os.WriteFile(file, []byte("\xff"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr = run(t.Context(), "print(1)", "run", "-", "--stdin", file, "--server", url)
	if code != 2 || stdout != "" || !strings.Contains(stderr, "stdin: is not UTF-8 at byte 0") {
		t.Errorf("input through a server: got %d %s%s", code, stdout, stderr)
	}
}
