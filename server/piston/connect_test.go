package piston_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"borel/internal/servertest"
	"borel/server"
	"borel/server/piston"

	"github.com/coder/websocket"
)

// wire is a client of the WebSocket.
type wire struct {
	t    *testing.T
	conn *websocket.Conn
}

func connect(t *testing.T, f *servertest.Server) *wire {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), f.URL+"/api/v2/connect", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return &wire{t, conn}
}

func (w *wire) send(message string) {
	w.t.Helper()
	if err := w.conn.Write(w.t.Context(), websocket.MessageText, []byte(message)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) input(data string) {
	w.t.Helper()
	w.send(servertest.Object("type", "data", "stream", "stdin", "data", data))
}

func (w *wire) start(source string, pairs ...any) {
	w.t.Helper()
	w.send(strings.Replace(program(source, pairs...), "{", `{"type":"init",`, 1))
}

// expect wants these messages next.
func (w *wire) expect(want ...string) {
	w.t.Helper()
	for _, want := range want {
		if got := w.next(); got != want {
			w.t.Fatalf("got  %.300s\nwant %s", got, want)
		}
	}
}

// next is the next message, or the status and reason with which the other side closed.
func (w *wire) next() string {
	_, b, err := w.conn.Read(w.t.Context())
	var closed websocket.CloseError
	switch {
	case errors.As(err, &closed):
		return fmt.Sprintf("%d %s", closed.Code, closed.Reason)
	case err != nil:
		return err.Error()
	}
	return string(b)
}

// all is what is written until the program ends well.
func (w *wire) all() (data string) {
	w.t.Helper()
	for {
		got := w.next()
		if got == exitZero {
			return data
		}
		var m struct{ Data string }
		if err := json.Unmarshal([]byte(got), &m); err != nil {
			w.t.Fatal(got)
		}
		data += m.Data
	}
}

func out(data string) string { return fmt.Sprintf(`{"type":"data","stream":"stdout","data":%q}`, data) }

const (
	runtimeIs = `{"type":"runtime","language":"python","version":"3.13.5"}`
	stageRun  = `{"type":"stage","stage":"run"}`
	exitZero  = `{"type":"exit","stage":"run","code":0,"signal":null}`
	completed = "4999 Job Completed"
)

const echo = "while True:\n    line = input('> ')\n    if line == 'end':\n        break\n    print('you said', line)\nprint('bye')"

func TestConnect(t *testing.T) {
	f := open(t, servertest.Verifier(t), func(_ *server.Config, c *piston.Config) { c.InitTime = time.Hour })
	t.Run("echo", func(t *testing.T) {
		w := connect(t, f)
		w.start(echo, "stdin", "this is not read\n")
		w.expect(runtimeIs, stageRun, out("> "))
		w.input("a\n")
		w.expect(out("you said a\n> "))
		w.input("b")
		w.input("c\nd\n")
		if got := w.next(); got == out("you said bc\n> you said d\n> ") {
		} else if got != out("you said bc\n> ") || w.next() != out("you said d\n> ") {
			t.Errorf("got %s", got)
		}
		w.input("end\nmore\n")
		w.expect(out("bye\n"), exitZero, completed)
	})
	t.Run("input comes early", func(t *testing.T) {
		w := connect(t, f)
		w.start("print(int(input()) + int(input()))")
		w.input("1\n2\n")
		w.expect(runtimeIs, stageRun, out("3\n"), exitZero, completed)
	})
	t.Run("randomness and clock", func(t *testing.T) { // what was told stays true
		w := connect(t, f)
		w.start("import random, time\nx = random.random(), time.time(), id(object())\nprint(x)\ninput()\nprint(x)")
		w.expect(runtimeIs, stageRun)
		first := w.next()
		w.input("\n")
		w.expect(first, exitZero, completed)
	})
	t.Run("streams in turn", func(t *testing.T) {
		w := connect(t, f)
		w.start("import sys\nprint('a', flush=True)\nprint('b', file=sys.stderr)\nprint('c', flush=True)\nsys.exit(int(input()))")
		w.expect(runtimeIs, stageRun, out("a\n"), strings.Replace(out("b\n"), "stdout", "stderr", 1), out("c\n"))
		w.input("3\n")
		w.expect(`{"type":"exit","stage":"run","code":3,"signal":null}`, completed)
	})
	t.Run("characters in pieces", func(t *testing.T) {
		w := connect(t, f)
		w.start("import sys\nb = 'é€😀'.encode()\nfor i in range(len(b)):\n    sys.stdout.buffer.write(b[i:i+1])\n    sys.stdout.flush()\n    input()\nsys.stdout.buffer.write(b[:1])")
		w.expect(runtimeIs, stageRun)
		for i := range 9 {
			if i == 1 {
				w.expect(out("é"))
			}
			w.input("\n")
		}
		if got := w.all(); got != "€😀\uFFFD" {
			t.Errorf("got %q", got)
		}
		w.expect(completed)
	})
	t.Run("much output", func(t *testing.T) {
		w := connect(t, f)
		w.start("print('€' * 100_000)")
		w.conn.SetReadLimit(1 << 20)
		w.expect(runtimeIs, stageRun)
		if got := w.all(); got != strings.Repeat("€", 100_000)+"\n" {
			t.Errorf("%d bytes", len(got))
		}
		w.expect(completed)
	})
	t.Run("end of input", func(t *testing.T) {
		w := connect(t, f)
		w.start("import sys\nprint(sorted(sys.stdin.read().split()))")
		w.expect(runtimeIs, stageRun)
		w.input("b\na\n")
		w.send(`{"type":"eof"}`)
		w.expect(out("['a', 'b']\n"), exitZero, completed)
	})
	t.Run("out of time", func(t *testing.T) {
		w := connect(t, f)
		w.start("input('?')\nwhile True: pass", "run_timeout", 100)
		w.expect(runtimeIs, stageRun, out("?"))
		w.input("\n")
		w.expect(`{"type":"exit","stage":"run","code":null,"signal":"SIGKILL"}`, completed)
	})
	t.Run("signal while it waits", func(t *testing.T) {
		w := connect(t, f)
		w.start("input('?')")
		w.expect(runtimeIs, stageRun, out("?"))
		w.send(`{"type":"signal","signal":"SIGWINCH"}`)
		w.send(`{"type":"signal","signal":"SIGTERM"}`)
		w.expect(`{"type":"exit","stage":"run","code":null,"signal":"SIGTERM"}`, completed)
	})
	t.Run("signal while it runs", func(t *testing.T) {
		w := connect(t, f)
		w.start("while True: pass", "run_timeout", 600_000)
		w.expect(runtimeIs, stageRun)
		w.send(`{"type":"signal","signal":"SIGKILL"}`)
		w.expect(`{"type":"exit","stage":"run","code":null,"signal":"SIGKILL"}`, completed)
	})
	t.Run("Codeforces", func(t *testing.T) {
		w := connect(t, f)
		w.send(strings.Replace(judged("print(input())", "", map[string]string{"input.txt": "7", "correct_output.txt": "7"}), "{", `{"type":"init",`, 1))
		w.expect(`{"type":"runtime","language":"cf_python3","version":"1.0.0"}`, `{"type":"stage","stage":"compile"}`, out("Skipping compile - python3\n"),
			`{"type":"exit","stage":"compile","code":0,"signal":null}`, stageRun, out("1\n"), strings.Replace(out("Output is correct (diff)\n"), "stdout", "stderr", 1), exitZero, completed)
	})
	for name, test := range map[string]struct {
		send []string
		want []string
	}{
		"garbage":            {[]string{"garbage"}, []string{`{"type":"error","message":"Unexpected token g in JSON at position 0"}`, "4002 Notified Error"}},
		"nothing":            {[]string{""}, []string{`{"type":"error","message":"Unexpected end of JSON input"}`, "4002 Notified Error"}},
		"null":               {[]string{"null"}, []string{`{"type":"error","message":"Cannot read property 'type' of null"}`, "4002 Notified Error"}},
		"data first":         {[]string{`5`, `[]`, `{}`, `{"type":7}`, `{"type":"other"}`, `{"type":"data","stream":"stdin","data":""}`}, []string{"4003 Not yet initialized"}},
		"signal first":       {[]string{`{"type":"signal","signal":"SIGKILL"}`}, []string{"4003 Not yet initialized"}},
		"no job":             {[]string{`{"type":"init"}`}, []string{`{"type":"error","message":"language is required as a string"}`, "4002 Notified Error"}},
		"a file is null":     {[]string{`{"type":"init","language":"py","version":"*","files":[null]}`}, []string{`{"type":"error","message":"Cannot read property 'content' of null"}`, "4002 Notified Error"}},
		"unknown runtime":    {[]string{`{"type":"init","language":"c++","version":"*","files":[]}`}, []string{`{"type":"error","message":"c++-* runtime is unknown"}`, "4002 Notified Error"}},
		"out of the folder":  {[]string{`{"type":"init","language":"py","version":"*","files":[{"name":"../a","content":""}]}`}, []string{`{"type":"error","message":"File path \"../a\" tries to escape parent directory: ../a"}`, "4002 Notified Error"}},
		"twice":              {[]string{"init", "init"}, []string{runtimeIs, stageRun, "4000 Already Initialized"}},
		"to stdout":          {[]string{"init", `{"type":"data","stream":"stdout","data":""}`}, []string{runtimeIs, stageRun, "4004 Can only write to stdin"}},
		"unknown signal":     {[]string{"init", `{"type":"signal","signal":"SIGFOO"}`}, []string{runtimeIs, stageRun, "4005 Invalid signal"}},
		"data is a number":   {[]string{"init", `{"type":"data","stream":"stdin","data":5}`}, []string{runtimeIs, stageRun, `{"type":"error","message":"The \"chunk\" argument must be of type string or an instance of Buffer or Uint8Array"}`, "4002 Notified Error"}},
		"garbage, under way": {[]string{"init", `{"type":`}, []string{runtimeIs, stageRun, `{"type":"error","message":"Unexpected end of JSON input"}`, "4002 Notified Error"}},
		"a name too long": {[]string{`{"type":"init","language":"py","version":"*","files":[{"content":"` + strings.Repeat("#", 15<<20) + `"},{"name":"` + strings.Repeat("a", 300) + `","content":""}]}`}, []string{runtimeIs, stageRun,
			`{"type":"error","message":"files: path \"` + strings.Repeat("a", 300) + `\" has an element of 300 bytes, the limit is 255"}`, "4002 Notified Error"}},
		"too much input": {[]string{"init", strings.Replace(`{"type":"data","stream":"stdin","data":"x"}`, "x", strings.Repeat("x", 5<<20), 1)}, []string{runtimeIs, stageRun,
			`{"type":"error","message":"stdin has more than 4194304 bytes, the limit"}`, "4002 Notified Error"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := connect(t, f)
			for i, m := range test.send {
				if m != "init" {
					w.send(m)
					continue
				}
				w.start("input()")
				if i == 0 {
					w.expect(test.want[:2]...)
					test.want = test.want[2:]
				}
			}
			w.expect(test.want...)
		})
	}
	t.Run("too large", func(t *testing.T) {
		w := connect(t, f)
		go w.conn.Write(t.Context(), websocket.MessageText, make([]byte, 17<<20))
		if got := w.next(); !strings.HasPrefix(got, "1009 ") {
			t.Errorf("got %s", got)
		}
	})
	t.Run("no WebSocket", func(t *testing.T) {
		for _, method := range []string{"GET", "POST"} {
			if got := f.Do(t, method, "/api/v2/connect", "{}"); got.Status != 404 || got.Body != `{"message":"Not Found"}`+"\n" {
				t.Errorf("%s: %d %s", method, got.Status, got.Body)
			}
		}
	})
	t.Run("another site", func(t *testing.T) {
		_, r, err := websocket.Dial(t.Context(), f.URL+"/api/v2/connect", &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://example.org"}}})
		if err == nil || r.StatusCode != 403 {
			t.Errorf("got %v", r)
		}
	})
}

// TestConnectEnds: a session ends where nobody asks for anything, where the client vanishes and where the server stops.
func TestConnectEnds(t *testing.T) {
	v := servertest.Verifier(t)
	sessions := func(f *servertest.Server) string {
		for line := range strings.SplitSeq(f.Do(t, "GET", "/metrics", "").Body, "\n") {
			if n, ok := strings.CutPrefix(line, "borel_piston_sessions "); ok {
				return n
			}
		}
		return "?"
	}
	none := func(t *testing.T, f *servertest.Server) {
		for sessions(f) != "0" {
			if t.Context().Err() != nil {
				return
			}
		}
	}
	t.Run("nothing said", func(t *testing.T) {
		f := open(t, v, func(_ *server.Config, c *piston.Config) { c.InitTime = time.Nanosecond })
		connect(t, f).expect("4001 Initialization Timeout")
		none(t, f)
	})
	t.Run("no input", func(t *testing.T) {
		f := open(t, v, func(_ *server.Config, c *piston.Config) { c.Wait = time.Nanosecond })
		w := connect(t, f)
		w.start("input('?')")
		w.expect(runtimeIs, stageRun, out("?"), `{"type":"exit","stage":"run","code":null,"signal":"SIGKILL"}`, completed)
		none(t, f)
	})
	t.Run("the client is gone", func(t *testing.T) {
		f := open(t, v, func(c *server.Config, _ *piston.Config) { c.Concurrency = 1 })
		waits, runs, silent := connect(t, f), connect(t, f), connect(t, f)
		waits.start("input('?')")
		waits.expect(runtimeIs, stageRun, out("?"))
		runs.start("while True: pass", "run_timeout", 600_000)
		runs.expect(runtimeIs, stageRun)
		if got := f.Do(t, "POST", "/api/v2/execute", program("print(1)")); got.Status != 200 { // sessions hold no slot
			t.Errorf("%d %s", got.Status, got.Body)
		}
		if n := sessions(f); n != "3" {
			t.Errorf("%s sessions", n)
		}
		for _, w := range []*wire{waits, runs, silent} {
			w.conn.CloseNow()
		}
		none(t, f)
	})
	t.Run("a client that vanishes in its handshake", func(t *testing.T) {
		f := open(t, v, nil)
		conn, err := net.Dial("tcp", strings.TrimPrefix(f.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET /api/v2/connect HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
		if _, err := io.ReadAtLeast(conn, make([]byte, 100), 12); err != nil {
			t.Error(err)
		}
		conn.Close()
		none(t, f)
	})
	t.Run("too many", func(t *testing.T) {
		f := open(t, v, func(_ *server.Config, c *piston.Config) { c.Sessions = 1 })
		w := connect(t, f)
		_, r, err := websocket.Dial(t.Context(), f.URL+"/api/v2/connect", nil)
		if err == nil || r.StatusCode != 503 {
			t.Errorf("got %v", r)
		}
		w.conn.CloseNow()
		none(t, f)
		connect(t, f).start("print(1)")
	})
	t.Run("the server stops", func(t *testing.T) {
		f := open(t, v, nil)
		waits, runs, silent := connect(t, f), connect(t, f), connect(t, f)
		waits.start("input('?')")
		waits.expect(runtimeIs, stageRun, out("?"))
		runs.start("while True: pass", "run_timeout", 600_000)
		runs.expect(runtimeIs, stageRun)
		stopped := make(chan struct{})
		go func() { defer close(stopped); f.Stop() }()
		for _, w := range []*wire{waits, runs, silent} {
			w.expect("1001 the server is shutting down")
		}
		<-stopped
	})
}

// TestConnectFault: a fault of the server is told as one, not as the program's end.
func TestConnectFault(t *testing.T) {
	f := open(t, broken{}, nil)
	w := connect(t, f)
	w.start("print(1)")
	w.expect(runtimeIs, stageRun, `{"type":"error","message":"the job could not be carried out"}`, "4002 Notified Error")
	if got := f.Do(t, "POST", "/api/v2/execute", program("print(1)")); got.Status != 500 || got.Body != "" {
		t.Errorf("got %d %q", got.Status, got.Body)
	}
}
