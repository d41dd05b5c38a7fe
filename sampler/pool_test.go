package sampler

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sashabaranov/go-openai"

	"borel/problem"
)

func openaiUsage(prompt, completion int) openai.Usage {
	return openai.Usage{PromptTokens: prompt, CompletionTokens: completion}
}

func post(t *testing.T, p *Pool, body string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", "http://pool/chat/completions", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return p.RoundTrip(req)
}

func TestRetriedStatuses(t *testing.T) {
	for code, want := range map[int]int64{408: 3, 429: 3, 500: 3, 502: 3, 503: 3, 504: 3, 200: 1, 400: 1, 401: 1, 404: 1, 413: 1, 422: 1, 501: 1} {
		var calls atomic.Int64
		var bodies sync.Map
		s := open(t, Config{Attempts: 3, Endpoints: []Endpoint{serve(t, "a", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			bodies.Store(calls.Add(1), string(b))
			w.WriteHeader(code)
			io.WriteString(w, "the last answer")
		}))}})
		resp, err := post(t, s.Pool(), "the whole body")
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != code || string(text) != "the last answer" {
			t.Errorf("%d: got %d %q", code, resp.StatusCode, text)
		}
		if calls.Load() != want {
			t.Errorf("%d: %d attempts, want %d", code, calls.Load(), want)
		}
		bodies.Range(func(k, v any) bool {
			if v != "the whole body" {
				t.Errorf("%d: attempt %v sent %q", code, k, v)
			}
			return true
		})
	}
}

// A connection that breaks before or within an answer is asked again.
func TestBrokenConnection(t *testing.T) {
	var calls atomic.Int64
	m := &model{}
	s := open(t, Config{Endpoints: []Endpoint{serve(t, "a", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch calls.Add(1) {
		case 1:
			panic(http.ErrAbortHandler)
		case 2:
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, `{"choices":[{"inde`)
		default:
			m.ServeHTTP(w, r)
		}
	}))}})
	d := problem.Draw{Model: "m", Prompt: "p", N: 3}
	drawn, err := collect(t.Context(), s, d)
	if err != nil {
		t.Fatal(err)
	}
	checkDrawn(t, d, drawn)
	if calls.Load() != 3 {
		t.Errorf("%d calls, want 3", calls.Load())
	}
}

func TestElsewhereFirst(t *testing.T) {
	var bad atomic.Int64
	e := serve(t, "bad", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bad.Add(1)
		w.Header().Set("Retry-After", "50")
		w.WriteHeader(503)
	}))
	s := open(t, Config{Endpoints: []Endpoint{e, serve(t, "good", &model{})}})
	for range 6 { // whichever is asked first; were it waited for, this would take 50 s
		if _, err := collect(t.Context(), s, problem.Draw{Model: "m", Prompt: "p", N: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if bad.Load() != 1 {
		t.Errorf("the resting endpoint is asked %d times, want once", bad.Load())
	}
}

func TestLeastInFlight(t *testing.T) {
	arrived, let := make(chan string, 20), make(chan struct{})
	at := func(name string) http.Handler {
		m := &model{}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			arrived <- name
			<-let
			m.ServeHTTP(w, r)
		})
	}
	a, b := serve(t, "a", at("a")), serve(t, "b", at("b"))
	a.MaxN, b.MaxN, a.MaxInFlight, b.MaxInFlight = 1, 1, 3, 3
	s := open(t, Config{Endpoints: []Endpoint{a, b}, Parallel: 10})
	done := make(chan error)
	go func() {
		_, err := collect(t.Context(), s, problem.Draw{Model: "m", Prompt: "p", N: 10})
		done <- err
	}()
	count := map[string]int{}
	for range 6 {
		count[<-arrived]++
	}
	if count["a"] != 3 || count["b"] != 3 {
		t.Errorf("got %v, want 3 each", count)
	}
	s.pool.mu.Lock()
	for _, e := range s.pool.endpoints {
		if e.inFlight != 3 {
			t.Errorf("%d under way at %s, want 3 and no more", e.inFlight, e.alias)
		}
	}
	s.pool.mu.Unlock()
	close(let)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, e := range s.pool.endpoints {
		if e.inFlight != 0 {
			t.Errorf("%d under way at %s at the end", e.inFlight, e.alias)
		}
	}
}

func TestLeastBusyOfThree(t *testing.T) {
	s := pool(t, 3, Config{}, nil)
	for i, e := range s.pool.endpoints {
		e.inFlight = []int{2, 1, 3}[i]
	}
	for range 6 { // wherever the search begins
		if e, _ := s.pool.choose(&call{may: s.pool.endpoints}); e.alias != "e1" {
			t.Errorf("chose %s with %d under way, want e1 with 1", e.alias, e.inFlight)
		}
	}
}

// One that the call has not tried comes before one that it has, however busy they are.
func TestUntriedFirst(t *testing.T) {
	s := pool(t, 3, Config{}, nil)
	for i, e := range s.pool.endpoints {
		e.inFlight = []int{0, 2, 1}[i]
	}
	c := &call{may: s.pool.endpoints, tried: map[*endpoint]time.Time{s.pool.endpoints[0]: time.Now()}}
	for range 6 {
		if e, _ := s.pool.choose(c); e.alias != "e2" {
			t.Errorf("chose %s, want e2", e.alias)
		}
	}
	for _, e := range s.pool.endpoints[1:] {
		e.inFlight = e.maxInFlight
	}
	if e, _ := s.pool.choose(c); e.alias != "e0" {
		t.Errorf("chose %s where the others are full, want e0 again", e.alias)
	}
}

func TestNoRedirect(t *testing.T) {
	thief := serve(t, "thief", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed, with %q", r.Header.Get("Authorization"))
	}))
	e := serve(t, "a", http.RedirectHandler(thief.URL, http.StatusTemporaryRedirect))
	e.Key = "k"
	_, err := collect(t.Context(), open(t, Config{Endpoints: []Endpoint{e}}), problem.Draw{Model: "m", Prompt: "p", N: 1})
	if err == nil || err.Error() != "endpoint a: answered 307; redirects are not followed" {
		t.Errorf("got %v", err)
	}
}

// 70 MB of zeros are 70 kB of gzip.
func TestAnswerTooLong(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(make([]byte, 70<<20))
	z.Close()
	s := open(t, Config{Endpoints: []Endpoint{serve(t, "a", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(b.Bytes())
	}))}})
	_, err := collect(t.Context(), s, problem.Draw{Model: "m", Prompt: "p", N: 1})
	if err == nil || err.Error() != "endpoint a: the answer is longer than 64 MB" {
		t.Errorf("got %v", err)
	}
}

// What is passed through arrives as it was, but for credentials, and a stream flows while it is being written.
func TestPassThrough(t *testing.T) {
	const body = `{"temperature":0, "n":3,"unknown":{"x":[1.50,null]}}`
	more := make(chan struct{})
	e := serve(t, "a", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, _ := io.ReadAll(r.Body)
		if string(got) != body || r.URL.Path != "/v1/chat/completions" || r.URL.RawQuery != "a=b" {
			t.Errorf("got %s %q", r.URL, got)
		}
		if h := r.Header; h.Get("Authorization") != "Bearer own" || h.Get("Cookie") != "" || h.Get("X-Api-Key") != "" || h.Get("X-Trace") != "1" {
			t.Errorf("got headers %v", h)
		}
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: 1\n\n")
		w.(http.Flusher).Flush()
		<-more
		io.WriteString(w, "data: [DONE]\n\n")
	}))
	e.Key = "own"
	p := open(t, Config{Endpoints: []Endpoint{e}}).Pool()
	req, _ := http.NewRequestWithContext(t.Context(), "POST", "http://pool/chat/completions?a=b", strings.NewReader(body))
	req.Header = http.Header{"Authorization": {"Bearer client"}, "Cookie": {"c=1"}, "X-Api-Key": {"k"}, "X-Trace": {"1"}}
	resp, err := p.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if p.endpoints[0].inFlight != 1 {
		t.Errorf("%d under way while the stream is open, want 1", p.endpoints[0].inFlight)
	}
	first := make([]byte, 9)
	if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "data: 1\n\n" {
		t.Errorf("got %q, %v", first, err)
	}
	close(more)
	rest, err := io.ReadAll(resp.Body)
	if err != nil || string(rest) != "data: [DONE]\n\n" {
		t.Errorf("got %q, %v", rest, err)
	}
	resp.Body.Close()
	resp.Body.Close()
	if p.endpoints[0].inFlight != 0 {
		t.Errorf("%d under way after the stream, want 0", p.endpoints[0].inFlight)
	}
	if req.Header.Get("Authorization") != "Bearer client" {
		t.Error("the request was changed")
	}
}

// transport answers instead of the network where a test needs time to be synctest's.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answers(code int, header ...string) *http.Response {
	r := &http.Response{StatusCode: code, Header: http.Header{}, Body: http.NoBody}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// pool is a Pool of endpoints e0, e1, … that f answers for.
func pool(t *testing.T, n int, c Config, f transport) *Sampler {
	t.Helper()
	for i := range n {
		c.Endpoints = append(c.Endpoints, Endpoint{Alias: "e" + string(rune('0'+i)), URL: "http://e" + string(rune('0'+i)) + "/v1"})
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	s.pool.transport = f
	known(s)
	return s
}

// Who waits for a full endpoint obeys the Retry-After of the request whose place it takes.
func TestRetryAfterForTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var asked []time.Duration // in turn: there is one place
		s := pool(t, 1, Config{Attempts: 2, Pause: time.Second}, func(*http.Request) (*http.Response, error) {
			asked = append(asked, time.Since(start))
			time.Sleep(time.Second)
			if len(asked) == 1 {
				return answers(429, "Retry-After", "30"), nil
			}
			return answers(200), nil
		})
		s.pool.endpoints[0].maxInFlight = 1
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if resp, err := post(t, s.pool, "{}"); err != nil || resp.StatusCode != 200 {
					t.Error(resp, err)
				}
			})
		}
		wg.Wait()
		if len(asked) != 4 || asked[1] < 31*time.Second {
			t.Errorf("asked at %v, want the second after 31 s", asked)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	for _, tt := range []struct {
		name   string
		header func() string
		want   time.Duration // until the second attempt; 0: there is none
	}{
		{"seconds", func() string { return "17" }, 17 * time.Second},
		{"a minute", func() string { return "60" }, time.Minute},
		{"more than a minute", func() string { return "61" }, 0},
		{"date", func() string { return time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat) }, 20 * time.Second},
		{"far date", func() string { return time.Now().Add(time.Hour).UTC().Format(http.TimeFormat) }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				s := pool(t, 1, Config{}, func(*http.Request) (*http.Response, error) {
					if calls++; calls == 1 {
						return answers(429, "Retry-After", tt.header()), nil
					}
					return answers(200), nil
				})
				start := time.Now()
				resp, err := post(t, s.pool, "")
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if got := time.Since(start); got != tt.want || (resp.StatusCode == 200) != (tt.want > 0) {
					t.Errorf("%d after %v, want it after %v", resp.StatusCode, got, tt.want)
				}
			})
		})
	}
}

func TestPausesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		s := pool(t, 1, Config{Attempts: 8, Pause: 100 * time.Millisecond}, func(*http.Request) (*http.Response, error) {
			at = append(at, time.Now())
			return nil, errors.New("broken")
		})
		_, err := post(t, s.pool, "")
		if err == nil || err.Error() != "endpoint e0: no answer in 8 attempts: broken" {
			t.Errorf("got %v", err)
		}
		for i := 1; i < len(at); i++ {
			full := min(100*time.Millisecond<<(i-1), maxCooldown)
			if got := at[i].Sub(at[i-1]); got < full/2 || got > full {
				t.Errorf("pause %d is %v, want between %v and %v", i, got, full/2, full)
			}
		}
		if len(at) != 8 {
			t.Errorf("%d attempts, want 8", len(at))
		}
	})
}

// The deadline holds across attempts and waits, and for an endpoint that never answers.
func TestDeadline(t *testing.T) {
	for _, tt := range []struct {
		name string
		f    transport
		want string
	}{
		{"hangs", func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() },
			"endpoint e0: no answer within 1m30s"},
		{"always busy", func(*http.Request) (*http.Response, error) { return answers(503, "Retry-After", "40"), nil },
			"endpoint e0: answered 503, in 3 attempts"},
		{"slow body", func(r *http.Request) (*http.Response, error) {
			resp := answers(200)
			resp.Body = io.NopCloser(readFunc(func([]byte) (int, error) { <-r.Context().Done(); return 0, r.Context().Err() }))
			return resp, nil
		}, "endpoint e0: no answer within 1m30s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := pool(t, 1, Config{Deadline: 90 * time.Second}, tt.f)
				start := time.Now()
				_, err := collect(t.Context(), s, problem.Draw{Model: "m", Prompt: "p", N: 1})
				if err == nil || err.Error() != tt.want {
					t.Errorf("got %v, want %s", err, tt.want)
				}
				if got := time.Since(start); got != 90*time.Second {
					t.Errorf("after %v, want 90 s", got)
				}
			})
		})
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// Requests that fail together are one failure: the endpoint does not rest for the product of them.
func TestFailingTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := pool(t, 1, Config{Pause: time.Second, Parallel: 8, Attempts: 2}, func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return answers(500), nil
		})
		start := time.Now()
		_, err := collect(t.Context(), s, problem.Draw{Model: "m", Prompt: "p", N: 128})
		if e, ok := errors.AsType[*Error](err); !ok || e.Status != 500 {
			t.Errorf("got %v", err)
		}
		if got := time.Since(start); got > 4*time.Second {
			t.Errorf("two attempts of a second with a cooldown of at most two took %v", got)
		}
	})
}

// Samples that are under way when another request fails are not lost, and no more are asked for.
func TestErrorKeepsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		s := pool(t, 1, Config{Parallel: 2}, func(r *http.Request) (*http.Response, error) {
			if calls.Add(1) == 1 {
				return answers(404), nil
			}
			time.Sleep(time.Second)
			resp := answers(200)
			resp.Body = io.NopCloser(strings.NewReader(`{"choices":[{"message":{"content":"x"},"finish_reason":"stop"},{"message":{"content":"y"},"finish_reason":"stop","index":1}]}`))
			return resp, nil
		})
		drawn, err := collect(t.Context(), s, problem.Draw{Model: "m", Prompt: "p", N: 160})
		if e, ok := errors.AsType[*Error](err); !ok || e.Status != 404 {
			t.Errorf("got %v, want the 404", err)
		}
		if len(drawn) != 2 || calls.Load() != 2 {
			t.Errorf("got %d samples in %d requests, want the 2 under way in 2", len(drawn), calls.Load())
		}
	})
}

// synctest fails a test that leaves a goroutine behind: nothing may outlive the loop.
func TestNoGoroutineIsLeft(t *testing.T) {
	for _, how := range []string{"left", "cancelled"} {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			var mu sync.Mutex
			s := pool(t, 2, Config{Logger: slog.New(slog.DiscardHandler)}, func(r *http.Request) (*http.Response, error) {
				mu.Lock()
				calls++
				first := calls == 1
				mu.Unlock()
				if first {
					resp := answers(200)
					resp.Body = io.NopCloser(strings.NewReader(`{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}`))
					return resp, nil
				}
				<-r.Context().Done()
				return nil, r.Context().Err()
			})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			for _, err := range s.Samples(ctx, problem.Draw{Model: "m", Prompt: "p", N: 1000}) {
				if how == "left" {
					break
				}
				if err != nil && err != context.Canceled {
					t.Error(err)
				}
				cancel()
			}
			for _, e := range s.pool.endpoints {
				if e.inFlight != 0 {
					t.Errorf("%s: %d under way after the loop", how, e.inFlight)
				}
			}
		})
	}
}
