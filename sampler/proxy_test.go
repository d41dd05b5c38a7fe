package sampler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// sse is an answer whose body is a stream.
func sse(r io.Reader) *http.Response {
	resp := answers(200, "Content-Type", "text/event-stream; charset=utf-8")
	resp.Body = io.NopCloser(r)
	return resp
}

// failing reads what it has, and then fails.
type failing struct {
	*strings.Reader
	err error
}

func (f failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err == io.EOF {
		err = f.err
	}
	return n, err
}

// A request that fails goes to each other endpoint before it goes to one again, and then only after a pause.
func TestElsewhereFirstInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []string
		var at []time.Duration
		start := time.Now()
		s := pool(t, 3, Config{Attempts: 4, Pause: time.Second}, func(r *http.Request) (*http.Response, error) {
			asked, at = append(asked, r.URL.Host), append(at, time.Since(start))
			return answers(503), nil
		})
		if resp, err := post(t, s.pool, "{}"); err != nil || resp.StatusCode != 503 {
			t.Fatal(resp, err)
		}
		if first := slices.Sorted(slices.Values(asked[:3])); !slices.Equal(first, []string{"e0", "e1", "e2"}) || at[2] > 0 {
			t.Errorf("asked %v after %v, want each of the three at once", asked, at)
		}
		if len(asked) != 4 || at[3] < time.Second/2 {
			t.Errorf("asked %v after %v, want a fourth attempt after a pause", asked, at)
		}
	})
}

// Two attempts at one time of many requests do not come at one time: pauses have jitter.
func TestJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		calls, at := 0, map[time.Duration]int{}
		start := time.Now()
		s := pool(t, 1, Config{Attempts: 2, Pause: time.Second}, func(*http.Request) (*http.Response, error) {
			mu.Lock()
			calls++
			fails := calls <= 20 && calls%2 == 1 // half of the first ones, and later than the other half: it does not cool down
			if !fails {
				at[time.Since(start)]++
			}
			mu.Unlock()
			if fails {
				time.Sleep(time.Millisecond)
				return answers(500), nil
			}
			return answers(200), nil
		})
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := post(t, s.pool, "{}"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(at) < 8 {
			t.Errorf("10 first attempts that went well and 10 second ones at %v", at)
		}
	})
}

// What a stream brings before its first event decides; what comes later is passed on, errors of reading included.
func TestStreams(t *testing.T) {
	event := "data: {\"choices\":[{\"delta\":{\"content\":\"error\"}}]}\n\n"
	broken := errors.New("reset")
	for _, tt := range []struct {
		name   string
		first  func() (*http.Response, error)
		calls  int // 2: the first is asked again
		status int
		body   string
		err    error
	}{
		{"whole", func() (*http.Response, error) { return sse(strings.NewReader(event + "data: [DONE]\n\n")), nil }, 1, 200, event + "data: [DONE]\n\n", nil},
		{"comments first", func() (*http.Response, error) { return sse(strings.NewReader(": wait\n\n: wait\n\n" + event)), nil }, 1, 200, ": wait\n\n: wait\n\n" + event, nil},
		{"breaks before the header", func() (*http.Response, error) { return nil, broken }, 2, 200, "second", nil},
		{"breaks before the first event", func() (*http.Response, error) { return sse(failing{strings.NewReader(": wait\n\n"), broken}), nil }, 2, 200, "second", nil},
		{"ends before the first event", func() (*http.Response, error) { return sse(strings.NewReader(": wait\n\n")), nil }, 2, 200, "second", nil},
		{"breaks later", func() (*http.Response, error) { return sse(failing{strings.NewReader(event), broken}), nil }, 1, 200, event, broken},
		{"an error first", func() (*http.Response, error) {
			return sse(strings.NewReader("event: error\r\ndata: {\"error\":{\"message\":\"no\",\"code\":401}}\r\n\r\n")), nil
		}, 1, 401, `{"error":{"message":"no","code":401}}`, nil},
		{"an error that may pass first", func() (*http.Response, error) {
			return sse(strings.NewReader("data: {\"error\":{\"message\":\"no\",\"code\":\"503\"}}\n\n")), nil
		}, 2, 200, "second", nil},
		{"an error later", func() (*http.Response, error) {
			return sse(strings.NewReader(event + "data: {\"error\":{\"code\":503}}\n\n")), nil
		}, 1, 200, event + "data: {\"error\":{\"code\":503}}\n\n", nil},
		{"a refusal", func() (*http.Response, error) {
			resp := sse(strings.NewReader("data: {\"error\":{\"code\":400}}\n\n"))
			resp.StatusCode = 404
			return resp, nil
		}, 1, 404, "data: {\"error\":{\"code\":400}}\n\n", nil},
		{"an empty refusal", func() (*http.Response, error) {
			resp := sse(strings.NewReader(""))
			resp.StatusCode = 401
			return resp, nil
		}, 1, 401, "", nil},
		{"a refusal that may pass", func() (*http.Response, error) {
			resp := sse(strings.NewReader("busy"))
			resp.StatusCode = 503
			return resp, nil
		}, 2, 200, "second", nil},
	} {
		calls := 0
		s := pool(t, 1, Config{Pause: time.Nanosecond}, func(*http.Request) (*http.Response, error) {
			if calls++; calls == 1 {
				return tt.first()
			}
			resp := answers(200)
			resp.Body = io.NopCloser(strings.NewReader("second"))
			return resp, nil
		})
		resp, err := post(t, s.pool, `{"stream":true}`)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != tt.status || string(body) != tt.body || err != tt.err || calls != tt.calls {
			t.Errorf("%s: got %d %q, %v in %d calls; want %d %q, %v in %d", tt.name, resp.StatusCode, body, err, calls, tt.status, tt.body, tt.err, tt.calls)
		}
		if n := s.pool.endpoints[0].inFlight; n != 0 {
			t.Errorf("%s: %d under way at the end", tt.name, n)
		}
	}
}

// An error in a 200 is the status that it names, or 502, and no success.
func TestErrorInSuccess(t *testing.T) {
	for _, tt := range []struct {
		body   string
		status int
		calls  int
	}{
		{`{"error":{"message":"busy","code":429}}`, 429, 2},
		{`{"error":{"message":"busy","status":"503"}}`, 503, 2},
		{`{"error":{"message":"no","code":404}}`, 404, 1},
		{`{"error":{"message":"no","code":"model_not_found"}}`, 502, 1},
		{`{"error":"no"}`, 502, 1},
		{`{"error":{"code":7}}`, 502, 1},
		{`{"error":null,"choices":[{"text":"x"}]}`, 200, 1},
		{`{"error":{"code":503},"choices":null,"data":null}`, 503, 2},
		{`{"error":{"code":503},"data":[]}`, 503, 2},
		{`{"error":{"code":500},"choices":[{"text":"x"}]}`, 200, 1}, // an answer all the same
		{`{"choices":[{"text":"{\"error\":{\"code\":500}}"}]}`, 200, 1},
		{`{"x":"\"error\""}`, 200, 1},
		{`not JSON "error"`, 200, 1},
	} {
		calls := 0
		s := pool(t, 1, Config{Attempts: 2, Pause: time.Nanosecond}, func(*http.Request) (*http.Response, error) {
			calls++
			resp := answers(200)
			resp.Body = io.NopCloser(strings.NewReader(tt.body))
			return resp, nil
		})
		resp, err := post(t, s.pool, "{}")
		if err != nil {
			t.Errorf("%s: %v", tt.body, err)
			continue
		}
		if body, _ := io.ReadAll(resp.Body); resp.StatusCode != tt.status || string(body) != tt.body || calls != tt.calls {
			t.Errorf("%s: got %d %s in %d calls, want %d in %d", tt.body, resp.StatusCode, body, calls, tt.status, tt.calls)
		}
	}
}

// hang reads nothing until the request is over.
func hang(r *http.Request) io.Reader {
	return readFunc(func([]byte) (int, error) { <-r.Context().Done(); return 0, r.Context().Err() })
}

// Until a first token, and between two, time is bounded apart from the deadline of the whole.
func TestTimeouts(t *testing.T) {
	const first, between = 30 * time.Second, 5 * time.Second
	event := "data: {}\n\n"
	for _, tt := range []struct {
		name string
		f    transport
		want string // the error of the request; where it begins with a |, of reading the answer
		at   time.Duration
	}{
		{"no header", func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() },
			"endpoint e0: no answer in 1 attempts: nothing came within 30s", first},
		{"a header, and no event", func(r *http.Request) (*http.Response, error) {
			return sse(io.MultiReader(strings.NewReader(": wait\n\n"), hang(r))), nil
		},
			"endpoint e0: no answer in 1 attempts: nothing came within 30s", first},
		{"a stalled body", func(r *http.Request) (*http.Response, error) {
			resp := answers(200)
			resp.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), hang(r)))
			return resp, nil
		}, "endpoint e0: no answer in 1 attempts: nothing more came within 5s", between},
		{"a stalled stream", func(r *http.Request) (*http.Response, error) {
			return sse(io.MultiReader(strings.NewReader(event), hang(r))), nil
		},
			"|nothing more came within 5s", between},
		{"a stream without end", func(r *http.Request) (*http.Response, error) {
			return sse(io.MultiReader(strings.NewReader(event), readFunc(func(p []byte) (int, error) {
				select {
				case <-r.Context().Done():
					return 0, r.Context().Err()
				case <-time.After(between - 1):
					return copy(p, event), nil
				}
			}))), nil
		}, "|the deadline of the request is over", 2 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := pool(t, 1, Config{Attempts: 1, FirstToken: first, InterToken: between, Deadline: 2 * time.Minute}, tt.f)
				start := time.Now()
				resp, err := post(t, s.pool, "{}")
				want, reading := strings.CutPrefix(tt.want, "|")
				if reading {
					if err != nil {
						t.Fatal(err)
					}
					_, err = io.ReadAll(resp.Body)
					resp.Body.Close()
				} else if e, ok := errors.AsType[*Error](err); !ok || e.Status != 504 {
					t.Errorf("got %+v, want status 504", err)
				}
				if err == nil || err.Error() != want || time.Since(start) != tt.at {
					t.Errorf("got %v after %v, want %q after %v", err, time.Since(start), want, tt.at)
				}
				if n := s.pool.endpoints[0].inFlight; n != 0 {
					t.Errorf("%d under way at the end", n)
				}
			})
		})
	}
}

// A client that reads slowly is not an endpoint that stalls.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := pool(t, 1, Config{FirstToken: time.Second, InterToken: time.Second}, func(r *http.Request) (*http.Response, error) {
			return sse(strings.NewReader(strings.Repeat("data: {}\n\n", 1000))), nil
		})
		resp, err := post(t, s.pool, "{}")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		for n := 0; n < 10000; {
			time.Sleep(5 * time.Second)
			k, err := resp.Body.Read(make([]byte, 1000))
			if n += k; err != nil && (err != io.EOF || n != 10000) {
				t.Fatalf("after %d bytes: %v", n, err)
			}
		}
	})
}

// A connection that does not come to stand is given up after its own time: the listener takes it and says nothing.
func TestConnectTimeout(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := open(t, Config{Endpoints: []Endpoint{{Alias: "mute", URL: "https://" + l.Addr().String() + "/v1"}}, Attempts: 1, Connect: 20 * time.Millisecond})
	if _, err = post(t, s.pool, "{}"); err == nil || err.Error() != "endpoint mute: no answer in 1 attempts: net/http: TLS handshake timeout" {
		t.Errorf("got %v", err)
	}
}

// As many connections are kept as there were requests at once.
func TestIdleConnections(t *testing.T) {
	const many = 80
	var opened atomic.Int64
	var here sync.WaitGroup
	up := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		here.Done()
		here.Wait() // all are here at once
	}))
	up.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	up.Start()
	t.Cleanup(up.Close)
	s := open(t, Config{Endpoints: []Endpoint{{Alias: "a", URL: up.URL, MaxInFlight: many}}})
	tr := s.pool.transport.(*http.Transport)
	if tr.MaxIdleConnsPerHost < many || tr.MaxIdleConns != 0 {
		t.Fatalf("keeps %d of a host and %d in all", tr.MaxIdleConnsPerHost, tr.MaxIdleConns)
	}
	for range 3 {
		here.Add(many)
		var wg sync.WaitGroup
		for range many {
			wg.Go(func() {
				resp, err := post(t, s.pool, "{}")
				if err != nil {
					t.Error(err)
					return
				}
				resp.Body.Close()
			})
		}
		wg.Wait()
	}
	// The transport returns a connection a moment after its body has been read, so a few may be opened anew.
	if n := opened.Load(); n > many+many/2 {
		t.Errorf("%d connections for 3 × %d requests", n, many)
	}
}

func TestRequestIDs(t *testing.T) {
	for _, tt := range []struct {
		given string
		keeps bool
	}{{"mine-1", true}, {"a/b+c=", true}, {"", false}, {"two words", false}, {strings.Repeat("x", 129), false}, {"line\r\nbreak", false}} {
		var got []string
		s := pool(t, 1, Config{Attempts: 2, Pause: time.Nanosecond}, func(r *http.Request) (*http.Response, error) {
			got = append(got, r.Header.Get("X-Request-Id"))
			if len(got) == 1 {
				return answers(503), nil
			}
			return answers(200, "X-Request-Id", "the endpoint's own"), nil
		})
		req, _ := http.NewRequestWithContext(t.Context(), "POST", "http://pool/chat/completions", strings.NewReader("{}"))
		if tt.given != "" {
			req.Header["X-Request-Id"] = []string{tt.given}
		}
		resp, err := s.pool.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		back := resp.Header.Get("X-Request-Id")
		if len(got) != 2 || got[0] != back || got[1] != back || back == "" || (back == tt.given) != tt.keeps {
			t.Errorf("%q: the endpoint got %q, %q came back", tt.given, got, back)
		}
	}
}

// So many requests wait, in turn; more are refused at once, as 429 with Retry-After. Samples are not: who draws them bounds them.
func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var order []string
		let := make(chan struct{})
		s := pool(t, 1, Config{Queue: 3, Parallel: 1}, func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			order = append(order, string(body))
			mu.Unlock()
			select {
			case <-let:
				return answers(200), nil
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		})
		s.pool.endpoints[0].maxInFlight = 1
		errs := make(chan error, 10)
		ctx, cancel := context.WithCancel(t.Context())
		for i := range 4 {
			go func() {
				req, _ := http.NewRequestWithContext(ctx, "POST", "http://pool/x", strings.NewReader(fmt.Sprint(i)))
				_, err := s.pool.RoundTrip(req)
				errs <- err
			}()
			synctest.Wait()
		}
		_, err := post(t, s.pool, "too many")
		e, ok := errors.AsType[*Error](err)
		if !ok || !errors.Is(err, ErrBusy) || err.Error() != "endpoints: every endpoint is busy and the queue is full" {
			t.Fatalf("got %v, want ErrBusy", err)
		}
		if status, after, body := e.HTTP(); status != 429 || after != time.Second || !strings.Contains(string(body), `"type":"rate_limit_error"`) {
			t.Errorf("told as %d, %v, %s", status, after, body)
		}
		for range 4 {
			let <- struct{}{}
			if err := <-errs; err != nil {
				t.Error(err)
			}
			synctest.Wait()
		}
		if !slices.Equal(order, []string{"0", "1", "2", "3"}) {
			t.Errorf("served in the order %v", order)
		}
		// Who leaves the queue makes room.
		for range 4 {
			go func() {
				req, _ := http.NewRequestWithContext(ctx, "POST", "http://pool/x", nil)
				_, err := s.pool.RoundTrip(req)
				errs <- err
			}()
			synctest.Wait()
		}
		cancel()
		for range 4 {
			if err := <-errs; err != context.Canceled {
				t.Errorf("got %v, want context.Canceled", err)
			}
		}
		go func() {
			_, err := post(t, s.pool, "last")
			errs <- err
		}()
		let <- struct{}{}
		if err := <-errs; err != nil {
			t.Error(err)
		}
	})
}

// The client's leaving reaches the endpoint: without streaming, before the first token and in the middle of a stream.
func TestLeavingReachesTheEndpoint(t *testing.T) {
	for _, where := range []string{"without streaming", "before the first token", "in the stream"} {
		t.Run(where, func(t *testing.T) {
			here, ended := make(chan struct{}), make(chan struct{})
			e := serve(t, "a", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body) // net/http notices a gone client only after the body
				if where != "without streaming" {
					w.Header().Set("Content-Type", "text/event-stream")
					w.WriteHeader(200)
				}
				if where == "in the stream" {
					io.WriteString(w, "data: {}\n\n")
				}
				http.NewResponseController(w).Flush() //nolint:errcheck // it is seen below
				close(here)
				<-r.Context().Done()
				close(ended)
			}))
			s := open(t, Config{Endpoints: []Endpoint{e}})
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			req, _ := http.NewRequestWithContext(ctx, "POST", "http://pool/chat/completions", strings.NewReader("{}"))
			got := make(chan error)
			go func() {
				resp, err := s.pool.RoundTrip(req)
				if err == nil {
					_, err = io.ReadAll(resp.Body)
					resp.Body.Close()
				}
				got <- err
			}()
			<-here
			leave()
			<-ended // or the test never ends
			if err := <-got; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context.Canceled", err)
			}
			s.pool.mu.Lock()
			defer s.pool.mu.Unlock()
			if e := s.pool.endpoints[0]; e.inFlight != 0 || len(e.health.outcomes) > 0 && !e.health.outcomes[0].ok {
				t.Errorf("%d under way, outcomes %v: its client's leaving is not the endpoint's failure", e.inFlight, e.health.outcomes)
			}
		})
	}
}

// An error's status and shape can be given on.
func TestErrorHTTP(t *testing.T) {
	for _, tt := range []struct {
		err    Error
		status int
		body   string
	}{
		{Error{Alias: "a", Status: 404, Body: []byte(`{"error":{"message":"no model"}}`), Err: io.EOF}, 404, `{"error":{"message":"no model"}}`},
		{Error{Alias: "a", Status: 404, Body: []byte(`<html>`), Err: errors.New("answered 404")}, 404, `{"error":{"code":null,"message":"endpoint a: answered 404","param":null,"type":"invalid_request_error"}}`},
		{Error{Alias: "a", Status: 200, Err: errors.New("answered without any choice")}, 502, `{"error":{"code":null,"message":"endpoint a: answered without any choice","param":null,"type":"server_error"}}`},
		{Error{Alias: "a", Err: errors.New("dial")}, 502, `{"error":{"code":null,"message":"endpoint a: dial","param":null,"type":"server_error"}}`},
		{Error{Status: 504, Err: errors.New("late")}, 504, `{"error":{"code":null,"message":"endpoints: late","param":null,"type":"server_error"}}`},
	} {
		if status, _, body := tt.err.HTTP(); status != tt.status || string(body) != tt.body {
			t.Errorf("%v: got %d %s", &tt.err, status, body)
		}
	}
}

// The head of a stream that comes byte by byte is read once: 64 kB of empty lines take no time worth speaking of.
func BenchmarkHeadByBytes(b *testing.B) {
	text := strings.Repeat("\n", maxHead-20) + "data: x\n\n"
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		g := (&Pool{first: time.Minute, between: time.Minute}).guard(b.Context())
		resp := answers(200)
		resp.Body = io.NopCloser(iotest.OneByteReader(strings.NewReader(text)))
		if fault, err := g.open(resp); fault != nil || err != nil {
			b.Fatal(fault, err)
		}
		g.stop()
	}
}
