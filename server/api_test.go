package server

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

	"borel/problem"

	"github.com/labstack/echo/v4"
)

// odd is an API whose errors are lines of text, with the statuses that it likes.
func odd(f fake) API {
	said := func(err error) func(echo.Context, []byte) error {
		return func(echo.Context, []byte) error { return err }
	}
	return API{
		Name: "odd",
		Fail: func(c echo.Context, f Failure) error {
			if c.Response().Committed {
				_, err := fmt.Fprintf(c.Response(), "and then: %s\n", f.Detail)
				return err
			}
			return c.String(f.Status+20, fmt.Sprintf("%s|%s|%s|%s|%d", f.Detail, f.Field, f.Code, f.RequestID, f.RetryAfter))
		},
		Routes: []Route{
			{Method: "POST", Path: "/odd/echo", Handle: func(c echo.Context, body []byte) error { return c.Blob(200, "text/plain", body) }},
			{Method: "POST", Path: "/odd/own", Handle: said(fmt.Errorf("wrapped: %w", &Failure{Status: 404, Detail: "model: no such", Field: "model", Code: "model_not_found", RetryAfter: 3}))},
			{Method: "POST", Path: "/odd/invalid", Handle: said(problem.Invalidf("a.b", "is bad"))},
			{Method: "POST", Path: "/odd/inside", Handle: said(errors.New("secret"))},
			{Method: "POST", Path: "/odd/panic", Handle: func(echo.Context, []byte) error { panic("at the disco") }},
			{Method: "POST", Path: "/odd/runs", Runs: true, Handle: said(nil)},
			{Method: "POST", Path: "/odd/half", Handle: func(c echo.Context, _ []byte) error {
				if err := c.String(200, "half\n"); err != nil {
					return err
				}
				return problem.Invalidf("a", "is bad")
			}},
			{Path: "/odd/any", Handle: said(&Failure{Status: 404, Detail: "not here"})},
			{Method: "POST", Path: "/odd/wait", Proxy: true, Handle: func(c echo.Context, _ []byte) error {
				f.waiting <- struct{}{}
				<-c.Request().Context().Done()
				return c.Request().Context().Err()
			}},
			{Method: "GET", Path: "/odd/things/:name/*", Summary: "Things", Handle: said(nil)},
		},
		Error: "",
	}
}

// What the server refuses, it refuses in the shape of the API whose route it is.
func TestAPI(t *testing.T) {
	f := fake{make(chan struct{}, 1)}
	addr := start(t, Config{Verifier: f, APIs: func(Verifier) []API { return []API{odd(f)} }, Tokens: []string{"secret"}, MaxBody: 100, Ready: func() error { return errors.New("not yet") }})
	for _, c := range []struct {
		name, method, path, body, header, value string
		status                                  int
		want                                    string
	}{
		{"an answer", "POST", "/odd/echo", "hi", "", "", 200, "hi"},
		{"an error of its own", "POST", "/odd/own", "", "", "", 424, "model: no such|model|model_not_found|mine|3"},
		{"a field", "POST", "/odd/invalid", "", "", "", 442, "a.b: is bad|a.b||mine|0"},
		{"a fault inside", "POST", "/odd/inside", "", "", "", 520, errInside.detail + "|||mine|0"},
		{"a panic", "POST", "/odd/panic", "", "", "", 520, errInside.detail + "|||mine|0"},
		{"not ready", "POST", "/odd/runs", "", "", "", 523, "not ready: not yet|||mine|1"},
		{"an error in the middle", "POST", "/odd/half", "", "", "", 200, "half\nand then: a: is bad\n"},
		{"every method", "DELETE", "/odd/any", "", "", "", 424, "not here|||mine|0"},
		{"no such method", "GET", "/odd/echo", "", "", "", 425, "Method Not Allowed|||mine|0"},
		{"no token", "POST", "/odd/echo", "hi", "Authorization", "Bearer x", 421, errUnauthorised.detail + "|||mine|0"},
		{"a strange host", "POST", "/odd/echo", "hi", "Host", "evil.example", 423, `host "evil.example" is not a name of this server; allow it with --allow-host|||mine|0`},
		{"another site", "POST", "/odd/echo", "hi", "Origin", "http://evil.example", 423, errOrigin.detail + "|||mine|0"},
		{"too long", "POST", "/odd/echo", strings.Repeat("x", 101), "", "", 433, "the body has more than 100 bytes, the limit|||mine|0"},
		{"not JSON", "POST", "/odd/echo", "hi", "Content-Type", "text/html", 435, errMediaType.detail + "|||mine|0"},
		{"the server's own shape elsewhere", "GET", "/odd/nothing", "", "", "", 404, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			headers := []string{"Authorization", "Bearer secret", "X-Request-Id", "mine"}
			if c.header != "" {
				headers = append(headers, c.header, c.value)
			}
			got := call1(t, c.method, addr, c.path, c.body, headers...)
			if got.status != c.status || c.want != "" && got.body != c.want {
				t.Errorf("got %d %s", got.status, got.body)
			}
			if got.header.Get(requestIDHeader) != "mine" {
				t.Errorf("request id %q", got.header.Get(requestIDHeader))
			}
		})
	}
	got := call1(t, "GET", addr, "/metrics", "", "Authorization", "Bearer secret").body
	for _, want := range []string{`borel_http_requests_total{route="/odd/own",status="424"} 1`, `borel_http_requests_total{route="/odd/any",status="424"} 1`} {
		if !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	var doc struct {
		Paths map[string]map[string]struct{ Parameters []struct{ Name string } }
	}
	if err := json.Unmarshal([]byte(call1(t, "GET", addr, "/openapi.json", "").body), &doc); err != nil {
		t.Fatal(err)
	}
	if p := doc.Paths["/odd/things/{name}/{id}"]["get"].Parameters; len(p) != 2 || p[0].Name != "name" || p[1].Name != "id" {
		t.Errorf("got %v", p)
	}
	if _, ok := doc.Paths["/odd/echo"]; ok {
		t.Error("a route without a summary is described")
	}
}

func TestAPIThatCollides(t *testing.T) {
	f := fake{}
	for name, apis := range map[string][]API{
		"with the server's own":   {{Routes: []Route{{Method: "GET", Path: "/v1/runs"}}}},
		"with another":            {odd(f), odd(f)},
		"with itself":             {{Routes: []Route{{Method: "GET", Path: "/a"}, {Method: "GET", Path: "/a"}}}},
		"on a path of another's":  {odd(f), {Routes: []Route{{Method: "PATCH", Path: "/odd/echo"}}}},
		"with an operational one": {{Routes: []Route{{Method: "POST", Path: "/healthz"}}}},
	} {
		if _, err := New(Config{Verifier: f, APIs: func(Verifier) []API { return apis }}); err == nil || !strings.Contains(err.Error(), "has a handler already") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Requests that wait for an endpoint hold no slot of those that work, and are refused beyond their own bounds.
func TestProxyQueue(t *testing.T) {
	f := fake{make(chan struct{}, 10)}
	addr := start(t, Config{Verifier: f, Solver: f, APIs: func(Verifier) []API { return []API{odd(f)} }, Concurrency: 1, Proxied: 2, ProxyQueue: -1, Grace: time.Nanosecond})
	for range 2 {
		go func() {
			r, _ := http.NewRequestWithContext(t.Context(), "POST", "http://"+addr+"/odd/wait", strings.NewReader(""))
			if a, err := http.DefaultClient.Do(r); err == nil {
				a.Body.Close()
			}
		}()
		<-f.waiting
	}
	if got := post(t, addr, "/v1/runs", `{"source":"a"}`); got.status != 200 {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if got := post(t, addr, "/odd/wait", ""); got.status != 449 || got.header.Get("Retry-After") != "1" {
		t.Errorf("got %d %s %s", got.status, got.header, got.body)
	}
	if got := post(t, addr, "/v1/solve", `{"problem":`+unit+`,"model":"m"}`); got.status != 429 {
		t.Errorf("solve: got %d %s", got.status, got.body)
	}
	metrics := call1(t, "GET", addr, "/metrics", "").body
	for _, want := range []string{"borel_proxy_requests_running 2", "borel_proxy_queue_refusals_total 2", "borel_proxy_queue_depth 0", "borel_requests_running 0"} {
		if !strings.Contains(metrics, "\n"+want+"\n") {
			t.Errorf("no %s in\n%s", want, metrics)
		}
	}
}

// A route that holds its callers answers 504 where the others answer 429.
func TestHold(t *testing.T) {
	f := fake{make(chan struct{}, 10)}
	wait := func(c echo.Context, _ []byte) error {
		f.waiting <- struct{}{}
		<-c.Request().Context().Done()
		return c.Request().Context().Err()
	}
	api := odd(f)
	api.Routes = append(api.Routes,
		Route{Method: "POST", Path: "/odd/work", Handle: wait},
		Route{Method: "POST", Path: "/odd/held", Hold: time.Millisecond, Handle: wait})
	addr := start(t, Config{Verifier: f, APIs: func(Verifier) []API { return []API{api} }, Concurrency: 1, Queue: -1, Grace: time.Nanosecond})
	go func() {
		r, _ := http.NewRequestWithContext(t.Context(), "POST", "http://"+addr+"/odd/work", strings.NewReader(""))
		if a, err := http.DefaultClient.Do(r); err == nil {
			a.Body.Close()
		}
	}()
	<-f.waiting
	if got := post(t, addr, "/odd/held", ""); got.status != 524 || got.header.Get("Retry-After") != "1" {
		t.Errorf("got %d %s %s", got.status, got.header, got.body)
	}
	if got := post(t, addr, "/odd/work", ""); got.status != 449 {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

// Who does not read its answer keeps nobody from working.
func TestSlowReader(t *testing.T) {
	f := fake{make(chan struct{}, 10)}
	began := make(chan struct{})
	api := odd(f)
	api.Routes = append(api.Routes, Route{Method: "POST", Path: "/odd/long", Handle: func(c echo.Context, _ []byte) error {
		close(began)
		return Answer(c, 200, strings.Repeat("x", 32<<20))
	}})
	addr := start(t, Config{Verifier: f, APIs: func(Verifier) []API { return []API{api} }, Concurrency: 1, Grace: time.Nanosecond})
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "POST /odd/long HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n", addr); err != nil {
		t.Fatal(err)
	}
	<-began
	if got := post(t, addr, "/v1/runs", `{"source":"a"}`); got.status != 200 { // it waits for the only slot
		t.Errorf("got %d %s", got.status, got.body)
	}
	if _, err := io.CopyN(io.Discard, conn, 32<<20); err != nil {
		t.Errorf("the answer: %v", err)
	}
}

// A client's own name of its request is kept where it can stand in a header and a log.
func TestRequestID(t *testing.T) {
	addr := start(t, Config{})
	for id, kept := range map[string]bool{"req-1_2.3:4": true, strings.Repeat("a", 128): true, strings.Repeat("a", 129): false, "a b": false, "": false, "-x": false, "a\"b": false, "é": false} {
		got := call1(t, "GET", addr, "/healthz", "", "X-Request-Id", id).header.Values(requestIDHeader)
		if len(got) != 1 || got[0] == "" || (got[0] == id) != kept {
			t.Errorf("%q: got %q", id, got)
		}
	}
}
