package openai_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Chunks of streams.
const (
	first  = `{"id":"x","choices":[{"index":0,"delta":{"role":"assistant","content":"a"},"finish_reason":null}]}`
	second = `{"id":"x","choices":[{"index":0,"delta":{"content":"b"},"finish_reason":null}]}`
	last   = `{"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
	used   = `{"id":"x","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}`
	ask    = `{"model":"m","messages":[],"stream":true}`
)

func withUsage(chunk, usage string) string {
	return strings.TrimSuffix(chunk, "}") + `,"usage":` + usage + `}`
}

// A stream crosses event by event; its usage is asked for, and taken out where the client did not ask.
func TestStreams(t *testing.T) {
	cut := func(message string) string {
		return data(`{"error":{"message":"` + message + `","type":"server_error","param":null,"code":"upstream_error"}}`)
	}
	plain := ": hi\n\n" + "event: message\r\nid: 1\r\ndata: " + first + "\r\n\r\n" + ": ping\n\n" + data(second) + data(last)
	for _, c := range []struct {
		name      string
		events    []string
		want      string // without the usage
		wantAsked string // with it; "" is want
	}{
		{"as it comes, but for comments before the first chunk", []string{plain, data(used), data("[DONE]")},
			strings.TrimPrefix(plain, ": hi\n\n") + data("[DONE]"), strings.TrimPrefix(plain, ": hi\n\n") + data(used) + data("[DONE]")},
		{"usage of null", []string{data(withUsage(first, "null")), data(withUsage(last, "null")), data(used), data("[DONE]")},
			data(first) + data(last) + data("[DONE]"), data(withUsage(first, "null")) + data(withUsage(last, "null")) + data(used) + data("[DONE]")},
		{"usage with the last chunk", []string{data(first), data(withUsage(last, `{"prompt_tokens":5}`)), data("[DONE]")},
			data(first) + data(last) + data("[DONE]"), data(first) + data(withUsage(last, `{"prompt_tokens":5}`)) + data("[DONE]")},
		{"no empty line at the end", []string{data(first), data(last), "data: [DONE]"}, data(first) + data(last) + data("[DONE]"), ""},
		{"the end without [DONE]", []string{data(first), data(last)}, data(first) + data(last) + data("[DONE]"), ""},
		{"data in two lines", []string{"data: {\"choices\":\ndata: []}\n\n", data(last), data("[DONE]")}, "data: {\"choices\":\ndata: []}\n\n" + data(last) + data("[DONE]"), ""},
		{"no blank after the colon", []string{"data:" + last + "\n\n", "data:[DONE]\n\n"}, "data:" + last + "\n\ndata:[DONE]\n\n", ""},
		{"it ends in the middle", []string{data(first), data(second)}, data(first) + data(second) + cut("the endpoint failed: the stream ended early"), ""},
		{"one of two choices never ends", []string{data(first), data(strings.ReplaceAll(second, `"index":0`, `"index":1`)), data(last)},
			data(first) + data(strings.ReplaceAll(second, `"index":0`, `"index":1`)) + data(last) + cut("the endpoint failed: the stream ended early"), ""},
		{"half an event", []string{data(first), `data: {"id":"x","cho`}, data(first) + cut("the endpoint failed: an event of the stream is not a JSON object: unexpected EOF at byte 14"), ""},
		{"an error", []string{data(first), data(`{"error":{"message":"out of memory","type":"t","code":500},"more":1}`), data(second), data("[DONE]")},
			data(first) + data(`{"error":{"message":"out of memory","type":"t","code":500}}`), ""},
		{"an error that is a text", []string{data(first), data(`{"error":"out of memory"}`)}, data(first) + cut("out of memory"), ""},
		{"an error by its name", []string{data(first), "event: error\ndata: {\"message\":\"oom\"}\n\n"}, data(first) + cut("oom"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var sent []byte
			f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sent, _ = io.ReadAll(r.Body)
				stream(w, c.events...)
			}))
			got := f.Post(t, "/v1/chat/completions", ask)
			if got.Status != 200 || got.Body != c.want || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/event-stream") {
				t.Errorf("got %d %s\n%s\nwant\n%s", got.Status, got.Header, got.Body, c.want)
			}
			if want := `{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}}`; string(sent) != want {
				t.Errorf("the endpoint got %s", sent)
			}
			if c.wantAsked == "" {
				c.wantAsked = c.want
			}
			body := `{"model":"m", "stream" : true,"stream_options": {"include_usage":true , "x":1}}`
			if got := f.Post(t, "/v1/chat/completions", body); got.Body != c.wantAsked || string(sent) != body {
				t.Errorf("asked for: the endpoint got %s, the client\n%s\nwant\n%s", sent, got.Body, c.wantAsked)
			}
		})
	}
}

// A client's other stream options stay; what cannot be read is the endpoint's to refuse.
func TestStreamOptions(t *testing.T) {
	var sent []byte
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, _ = io.ReadAll(r.Body)
		stream(w, data(last), data(used), data("[DONE]"))
	}))
	for options, want := range map[string]string{
		`null`:                            `{"include_usage":true}`,
		`{}`:                              `{"include_usage":true}`,
		`{"include_usage":false,"x":[1]}`: `{"include_usage":true,"x":[1]}`,
		`{"x":null}`:                      `{"x":null,"include_usage":true}`,
		`7`:                               `7`,
	} {
		got := f.Post(t, "/v1/completions", `{"stream":true,"stream_options":`+options+`,"z":1}`)
		if string(sent) != `{"stream":true,"stream_options":`+want+`,"z":1}` || strings.Contains(got.Body, "usage") {
			t.Errorf("%s: the endpoint got %s, the client %s", options, sent, got.Body)
		}
	}
	metrics := f.Get(t, "/metrics").Body
	if want := `borel_openai_tokens_total{asked="pass",kind="completion"} 10`; !strings.Contains(metrics, "\n"+want+"\n") {
		t.Errorf("no %s in the metrics", want)
	}
}

// A server that knows no stream_options is asked as the client asked; another refusal is the client's.
func TestStreamOptionsRefused(t *testing.T) {
	var bodies []string
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(b))
		switch {
		case strings.Contains(string(b), "odd"):
			says(400, "application/json", `{"error":{"message":"odd is odd","type":"t"}}`)(w)
		case strings.Contains(string(b), "stream_options"):
			says(422, "application/json", `{"detail":[{"loc":["body","stream_options"],"msg":"extra fields not permitted"}]}`)(w)
		default:
			stream(w, data(last), data("[DONE]"))
		}
	}))
	if got := f.Post(t, "/v1/chat/completions", ask); got.Body != data(last)+data("[DONE]") || len(bodies) != 2 || bodies[1] != ask {
		t.Errorf("got %s of %q", got.Body, bodies)
	}
	bodies = nil
	if got := f.Post(t, "/v1/chat/completions", `{"odd":1,"stream":true}`); got.Status != 400 || len(bodies) != 1 {
		t.Errorf("got %d %s of %q", got.Status, got.Body, bodies)
	}
}

// The answer to the second way of asking may fail as the first may.
func TestStreamOptionsRefusedThenBroken(t *testing.T) {
	var log bytes.Buffer
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b, _ := io.ReadAll(r.Body); strings.Contains(string(b), "stream_options") {
			says(400, "application/json", `{"error":{"message":"stream_options?","type":"t"}}`)(w)
			return
		}
		panic(http.ErrAbortHandler)
	}), func(s *setup) { s.server.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	got := f.Post(t, "/v1/chat/completions", ask)
	f.Stop()
	if message, _, _, _ := failure(t, got.Body); got.Status != 502 || !strings.Contains(message, "no answer") || strings.Contains(log.String(), "panic") {
		t.Errorf("got %d %s\n%s", got.Status, got.Body, &log)
	}
}

// Servers that tell what was used so far with each chunk, as vLLM with continuous_usage_stats, are counted by the last.
func TestUsageOfEachChunk(t *testing.T) {
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i, chunk := range []string{first, second, last} {
			stream(w, data(withUsage(chunk, fmt.Sprintf(`{"prompt_tokens":5,"completion_tokens":%d}`, i+1))))
		}
		stream(w, data("[DONE]"))
	}))
	f.Post(t, "/v1/chat/completions", ask)
	metrics := f.Get(t, "/metrics").Body
	for _, want := range []string{`borel_openai_tokens_total{asked="pass",kind="prompt"} 5`, `borel_openai_tokens_total{asked="pass",kind="completion"} 3`} {
		if !strings.Contains(metrics, "\n"+want+"\n") {
			t.Errorf("no %s in the metrics", want)
		}
	}
}

// A stream that is asked for and answered whole is passed on whole.
func TestStreamAnsweredWhole(t *testing.T) {
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { says(200, "application/json", `{"choices":[]}`)(w) }))
	if got := f.Post(t, "/v1/chat/completions", ask); got.Body != `{"choices":[]}` || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("got %s %s", got.Header, got.Body)
	}
}

// Headers wait for the first chunk: though the endpoint has begun its own stream, its error is one of HTTP.
func TestHeadersWithTheFirstChunk(t *testing.T) {
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stream(w, ": working\n\n", ": still\n\n", data(`{"error":{"message":"out of memory","type":"t","code":507}}`))
	}))
	if got := f.Post(t, "/v1/chat/completions", ask); got.Status != 507 {
		t.Errorf("got %d %s", got.Status, got.Body)
	}
}

// Each event leaves at once: the endpoint sends the second when the client has read the first.
func TestFlushed(t *testing.T) {
	read := make(chan bool)
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, e := range []string{data(first), data(second), data(last), data("[DONE]")} {
			stream(w, e)
			<-read
		}
	}))
	resp, err := http.Post(f.URL+"/v1/chat/completions", "application/json", strings.NewReader(ask))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	events := 0
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data: ") {
			events++
			read <- true
		}
	}
	if lines.Err() != nil || events != 4 {
		t.Errorf("got %d events, %v", events, lines.Err())
	}
}

// A stream leaves its connection to the endpoint for the next one: the end of the answer is awaited, though [DONE] comes before it.
func TestConnectionsOfStreams(t *testing.T) {
	var addresses []string
	read := make(chan bool)
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		addresses = append(addresses, r.RemoteAddr)
		stream(w, data(last), data("[DONE]"))
		<-read
	}))
	for range 3 {
		resp, err := http.Post(f.URL+"/v1/chat/completions", "application/json", strings.NewReader(ask))
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			if lines.Text() == "data: [DONE]" {
				read <- true
			}
		}
		resp.Body.Close()
	}
	if len(addresses) != 3 || addresses[1] != addresses[0] || addresses[2] != addresses[0] {
		t.Errorf("3 streams came from %v, want one connection", addresses)
	}
}

// An endpoint that never ends its answer after [DONE] is left, and the client's stream ends.
func TestNoEndAfterDone(t *testing.T) {
	left := make(chan bool, 1)
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		stream(w, data(last), data("[DONE]"))
		<-r.Context().Done()
		left <- true
	}))
	if got := f.Post(t, "/v1/chat/completions", ask); got.Body != data(last)+data("[DONE]") {
		t.Errorf("got %s", got.Body)
	}
	<-left // or the test never ends
}

// A client that leaves ends the request to the endpoint: before the first token, in the middle, and without a stream.
func TestClientGone(t *testing.T) {
	for _, c := range []struct{ name, body, begins string }{
		{"before the first token", ask, ""},
		{"before the first chunk", ask, ": working\n\n"},
		{"in the middle", ask, data(first)},
		{"without a stream", `{"model":"m"}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			here, ended := make(chan bool, 1), make(chan bool, 1)
			f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				if c.begins != "" {
					stream(w, c.begins)
				}
				here <- true
				<-r.Context().Done()
				ended <- true
			}))
			ctx, leave := context.WithCancel(t.Context())
			gone := make(chan error, 1)
			go func() {
				_, err := f.Ask(ctx, "POST", "/v1/chat/completions", c.body)
				gone <- err
			}()
			<-here
			leave()
			<-ended // or the test never ends
			if err := <-gone; err == nil {
				t.Error("the client was answered")
			}
		})
	}
}

// An endpoint that falls silent is left: before the first chunk with an error of HTTP, later with an error event.
func TestSilence(t *testing.T) {
	for _, begins := range []string{": working\n\n", data(first)} {
		ended := make(chan bool, 1)
		f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			stream(w, begins)
			<-r.Context().Done()
			ended <- true
		}), func(s *setup) {
			if begins == data(first) {
				s.pool.InterToken = 20 * time.Millisecond
			} else {
				s.pool.FirstToken = 20 * time.Millisecond
			}
		})
		got := f.Post(t, "/v1/chat/completions", ask)
		<-ended
		status, rest := 504, got.Body
		if begins == data(first) {
			status, rest = 200, strings.TrimPrefix(got.Body, data(first)+"data: ")
		}
		if message, _, _, _ := failure(t, rest); got.Status != status || !strings.Contains(message, "came within") || strings.Contains(got.Body, "[DONE]") {
			t.Errorf("got %d %s", got.Status, got.Body)
		}
	}
}

// A connection that breaks in the middle of a stream is an error event.
func TestBrokenConnection(t *testing.T) {
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stream(w, data(first))
		panic(http.ErrAbortHandler)
	}))
	got := f.Post(t, "/v1/chat/completions", ask)
	rest, ok := strings.CutPrefix(got.Body, data(first)+"data: ")
	if _, kind, _, _ := failure(t, rest); !ok || kind != "server_error" || strings.Contains(rest, "[DONE]") {
		t.Errorf("got %s", got.Body)
	}
	if metrics := f.Get(t, "/metrics").Body; !strings.Contains(metrics, "\nborel_openai_broken_streams_total 1\n") {
		t.Error("it is not counted")
	}
}

// At shutdown a stream that outlasts the grace is told so.
func TestShutdownInAStream(t *testing.T) {
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		stream(w, data(first))
		<-r.Context().Done()
	}))
	resp, err := http.Post(f.URL+"/v1/chat/completions", "application/json", strings.NewReader(ask))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	f.Stop()
	b, err := io.ReadAll(resp.Body)
	rest, _ := strings.CutPrefix(string(b), data(first)+"data: ")
	if message, _, _, _ := failure(t, rest); err != nil || !strings.Contains(message, "shutting down") {
		t.Errorf("got %s, %v", b, err)
	}
}

// Choices keep their indices.
func TestIndices(t *testing.T) {
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct{ N int }
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			t.Error(err)
		}
		for i := q.N - 1; i >= 0; i-- {
			stream(w, data(fmt.Sprintf(`{"choices":[{"index":%d,"delta":{"content":"%d"},"finish_reason":"stop"}]}`, i, i)))
		}
		stream(w, data("[DONE]"))
	}))
	got := f.Post(t, "/v1/chat/completions", `{"model":"m","n":3,"stream":true}`).Body
	for i := range 3 {
		if want := fmt.Sprintf(`{"index":%d,"delta":{"content":"%d"}`, i, i); !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}
