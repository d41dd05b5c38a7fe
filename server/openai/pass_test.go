package openai_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"borel/internal/servertest"
)

// Bodies and what matters of headers cross untouched, both ways; credentials do not.
func TestPassedOnAsItIs(t *testing.T) {
	const body = `{ "model":"m", "temperature":0.0, "messages":[{"role":"user","content":[{"type":"text","text":"é \ud83d"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}],` +
		"\n" + `"tools":[{"type":"function","function":{"name":"f","parameters":{"a":1,"a":2}}}],"response_format":{"type":"json_object"},"logprobs":true,"top_logprobs":2,"unknown":{"x":1.50},"n":2}`
	const answer = `{"id":"x", "choices":[{"index":1,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},"logprobs":{"content":[]},"finish_reason":"tool_calls","odd":1},` +
		`{"index":0,"message":{"content":"b"}}],"usage":{"prompt_tokens":3,"completion_tokens":4},"more":[1.50]}`
	var got *http.Request
	var text []byte
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		text, _ = io.ReadAll(r.Body)
		for k, v := range map[string]string{
			"Content-Type": "application/json", "Set-Cookie": "a=b", "X-Ratelimit-Remaining": "7", "Openai-Processing-Ms": "12", "Access-Control-Allow-Origin": "*",
			"Strict-Transport-Security": "max-age=1", "X-Request-Id": "theirs",
		} {
			w.Header().Set(k, v)
		}
		fmt.Fprint(w, answer)
	}))
	for _, path := range []string{"/v1/chat/completions", "/v1/completions"} {
		a := f.Post(t, path+"?api-version=1", body, "Authorization", "Bearer client-key", "Cookie", "a=b", "X-Api-Key", "k", "X-Goog-Api-Key", "k", "X-Auth-Token", "k", "X-Request-Id", "mine", "X-Odd", "kept",
			"User-Agent", "test", "Connection", "X-Hop", "X-Hop", "1", "X-Forwarded-For", "1.2.3.4")
		if a.Status != 200 || a.Body != answer || a.Header.Get("Content-Type") != "application/json" {
			t.Errorf("got %d %s %s", a.Status, a.Header, a.Body)
		}
		if string(text) != body || got.URL.String() != path+"?api-version=1" || got.Method != "POST" {
			t.Errorf("the endpoint got %s %s %s", got.Method, got.URL, text)
		}
		for k, want := range map[string]string{
			"Authorization": "Bearer endpoint-key", "Cookie": "", "X-Api-Key": "", "X-Goog-Api-Key": "", "X-Auth-Token": "", "X-Request-Id": "mine", "X-Odd": "kept", "User-Agent": "test", "X-Hop": "", "X-Forwarded-For": "",
			"Content-Type": "application/json",
		} {
			if v := got.Header.Get(k); v != want {
				t.Errorf("the endpoint got %s: %q, want %q", k, v, want)
			}
		}
		for k, want := range map[string]string{
			"Set-Cookie": "", "Access-Control-Allow-Origin": "", "Strict-Transport-Security": "", "X-Ratelimit-Remaining": "7", "Openai-Processing-Ms": "12", "X-Request-Id": "mine",
		} {
			if v := a.Header.Get(k); v != want || len(a.Header.Values(k)) > 1 {
				t.Errorf("the client got %s: %q, want %q", k, a.Header.Values(k), want)
			}
		}
	}
	metrics := f.Get(t, "/metrics").Body
	for _, want := range []string{`borel_openai_tokens_total{asked="pass",kind="prompt"} 6`, `borel_openai_tokens_total{asked="pass",kind="completion"} 8`} {
		if !strings.Contains(metrics, "\n"+want+"\n") {
			t.Errorf("no %s in the metrics", want)
		}
	}
}

// What is wrong keeps its status, and has OpenAI's shape whatever the endpoint's.
func TestErrorsOfEndpoints(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(w http.ResponseWriter)
		status int
		body   string // the whole of it, or a part of the message
	}{
		{"in shape", says(400, "application/json", `{"error":{"message":"bad","type":"t","param":"p","code":"c","extra":1},"id":"x"}`), 400, `{"error":{"message":"bad","type":"t","param":"p","code":"c","extra":1}}`},
		{"401", says(401, "application/json", `{"error":{"message":"who?","type":"t","param":null,"code":null}}`), 401, `{"error":{"message":"who?","type":"t","param":null,"code":null}}`},
		{"404", says(404, "application/json", `{"error":{"message":"no model","type":"t","code":"model_not_found"}}`), 404, `{"error":{"message":"no model","type":"t","code":"model_not_found"}}`},
		{"older vllm's", says(400, "application/json", `{"object":"error","message":"too long","type":"BadRequestError","code":400}`), 400, "too long"},
		{"a text as the error", says(404, "application/json", `{"error":"model \"x\" not found"}`), 404, `model "x" not found`},
		{"fastapi's", says(422, "application/json", `{"detail":[{"loc":["body","n"],"msg":"odd"}]}`), 422, `[{"loc":["body","n"],"msg":"odd"}]`},
		{"a page", says(502, "text/html", `<h1>Bad Gateway</h1>`), 502, "<h1>Bad Gateway</h1>"},
		{"nothing", says(500, "text/plain", ``), 500, "the endpoint answered 500 and nothing else"},
		{"not UTF-8", says(500, "text/plain", "a\xffb"), 500, "a�b"},
		{"much", says(500, "text/plain", strings.Repeat("x", 1<<20)), 500, strings.Repeat("x", 2000) + "…"},
		{"an error of 200", says(200, "application/json", `{"error":{"message":"overloaded","type":"t"}}`), 502, `{"error":{"message":"overloaded","type":"t"}}`},
		{"an error of 200 that has a status", says(200, "application/json", `{"error":{"message":"slow down","type":"t","code":429}}`), 429, `{"error":{"message":"slow down","type":"t","code":429}}`},
		{"an error of 200, as a text", says(200, "application/json", `{"error":"odd"}`), 502, "odd"},
		{"no JSON", says(200, "application/json", `I am not`), 502, "not a JSON object"},
		{"half JSON", says(200, "application/json", `{"choices":[`), 502, "not a JSON object"},
		{"a page of 200", says(200, "text/html", `<script>`), 502, "not a JSON object"},
		{"a list", says(200, "application/json", `[]`), 502, "not a JSON object"},
		{"an empty answer", says(200, "application/json", ``), 502, "not a JSON object"},
		{"a redirect", says(307, "text/plain", `elsewhere`), 502, "redirects are not followed"},
		{"a stream's first event", says(200, "text/event-stream", data(`{"error":{"message":"no","type":"t","code":503}}`)), 503, `{"error":{"message":"no","type":"t","code":503}}`},
		{"a stream's first event, named", says(200, "text/event-stream", "event: error\ndata: {\"message\":\"no\"}\n\n"), 502, "no"},
		{"a stream without a chunk", says(200, "text/event-stream", ": hello\n\n"), 502, "the stream ended early"},
		{"a stream of nothing", says(200, "text/event-stream", ""), 502, "the stream ended early"},
		{"a stream that is done at once", says(200, "text/event-stream", data("[DONE]")), 502, "the stream has no chunk"},
		{"a stream of half JSON", says(200, "text/event-stream", data(`{"choices":[`)), 502, "not a JSON object"},
		{"a stream of other JSON", says(200, "text/event-stream", data(`{"choices":7}`)), 502, "not a chunk"},
		{"an event that is too long", says(200, "text/event-stream", data(`{"choices":[],"x":"`+strings.Repeat("x", 9<<20)+`"}`)), 502, "an event has more than 8388608 bytes, the limit"},
		{"a connection that breaks", func(w http.ResponseWriter) { panic(http.ErrAbortHandler) }, 502, "no answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.answer(w) }))
			for _, body := range []string{`{"model":"m","messages":[]}`, `{"model":"m","messages":[],"stream":true}`} {
				got := f.Post(t, "/v1/chat/completions", body)
				message, _, _, _ := failure(t, got.Body)
				if got.Status != c.status || got.Body != c.body && !strings.Contains(message, c.body) || got.Header.Get("X-Request-Id") == "" {
					t.Errorf("got %d %.300s", got.Status, got.Body)
				}
			}
		})
	}
}

func says(status int, kind, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// Choices that an endpoint leaves out are asked for, each with a seed of its own; the prompt counts once. What cannot be
// had is left out, and a client that did not ask for several gets what there is.
func TestMissingChoices(t *testing.T) {
	for _, c := range []struct {
		name, body string
		gives      []int // choices of each answer; 0: an error
		asked      []string
		indices    int
		usage      string
	}{
		{"one at a time", `{"seed":7,"n":3,"x":1.50}`, []int{1, 1, 1}, []string{`{"seed":7,"n":3,"x":1.50}`, `{"seed":8,"n":2,"x":1.50}`, `{"seed":9,"n":1,"x":1.50}`}, 3, `{"prompt_tokens":7,"completion_tokens":9,"total_tokens":16}`},
		{"with seeds that end", `{"seed":9223372036854775807,"n":3}`, []int{2}, []string{`{"seed":9223372036854775807,"n":3}`}, 2, `{"prompt_tokens":7,"completion_tokens":6,"total_tokens":13}`},
		{"two, then more than wanted, without a seed", `{"n":3}`, []int{2, 5}, []string{`{"n":3}`, `{"n":1}`}, 3, `{"prompt_tokens":7,"completion_tokens":21,"total_tokens":28}`},
		{"then an error", `{"n":3}`, []int{2, 0}, []string{`{"n":3}`, `{"n":1}`}, 2, `{"prompt_tokens":7,"completion_tokens":6,"total_tokens":13}`},
		{"all", `{"n":2}`, []int{2}, []string{`{"n":2}`}, 2, `{"prompt_tokens":7,"completion_tokens":6,"total_tokens":13}`},
		{"more", `{"n":2}`, []int{3}, []string{`{"n":2}`}, 3, `{"prompt_tokens":7,"completion_tokens":9,"total_tokens":16}`},
		{"one is wanted", `{"n":1}`, []int{1}, []string{`{"n":1}`}, 1, `{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}`},
		{"n that is none", `{"n":"3"}`, []int{1}, []string{`{"n":"3"}`}, 1, `{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var asked []string
			f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				if asked = append(asked, string(b)); len(asked) > len(c.gives) || c.gives[len(asked)-1] == 0 {
					says(400, "application/json", `{"error":{"message":"no","type":"t"}}`)(w)
					return
				}
				n := c.gives[len(asked)-1]
				var choices []string
				for i := range n {
					choices = append(choices, fmt.Sprintf(`{"index":%d,"text":"%d.%[1]d"}`, i, len(asked)))
				}
				says(200, "application/json", fmt.Sprintf(`{"id":"%d","choices":[%s],"usage":{"prompt_tokens":7,"completion_tokens":%d,"total_tokens":%d}}`, len(asked), strings.Join(choices, ","), 3*n, 7+3*n))(w)
			}))
			got := f.Post(t, "/v1/completions", c.body)
			if !slices.Equal(asked, c.asked) {
				t.Errorf("asked %q", asked)
			}
			if got.Status != 200 || !strings.HasPrefix(got.Body, `{"id":"1","choices":[{"index":0,"text":"1.0"}`) || !strings.HasSuffix(got.Body, `"usage":`+c.usage+`}`) {
				t.Errorf("got %d %s", got.Status, got.Body)
			}
			for i := range c.indices {
				if strings.Count(got.Body, fmt.Sprintf(`{"index":%d,`, i)) != 1 {
					t.Errorf("choice %d of %s", i, got.Body)
				}
			}
			if strings.Count(got.Body, `"index"`) != c.indices {
				t.Errorf("got %s", got.Body)
			}
		})
	}
}

// When to come back is passed on.
func TestRetryAfter(t *testing.T) {
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "17")
		says(429, "application/json", `{"error":{"message":"slow down","type":"requests"}}`)(w)
	}))
	got := f.Post(t, "/v1/chat/completions", `{"model":"m"}`)
	if got.Status != 429 || got.Header.Get("Retry-After") != "17" {
		t.Errorf("got %d %s %s", got.Status, got.Header, got.Body)
	}
}

// What this server refuses is in OpenAI's shape too, and names the field.
func TestRefusals(t *testing.T) {
	asked := false
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked = true }), func(s *setup) {
		s.server.Tokens, s.server.MaxBody = []string{"secret"}, 50_000
	})
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		kind, param, message     string
	}{
		{"no JSON", "POST", "/v1/chat/completions", `model=1`, 400, "invalid_request_error", "", "not a JSON object"},
		{"a list", "POST", "/v1/chat/completions", `[]`, 400, "invalid_request_error", "", "not an object"},
		{"half", "POST", "/v1/completions", `{"model":`, 400, "invalid_request_error", "", "unexpected EOF"},
		{"nothing", "POST", "/v1/completions", ``, 400, "invalid_request_error", "", "not a JSON object"},
		{"two", "POST", "/v1/completions", `{} {}`, 400, "invalid_request_error", "", "something follows"},
		{"a field twice", "POST", "/v1/completions", `{"model":"a","model":"b"}`, 400, "invalid_request_error", "", `"model" is there twice`},
		{"a field twice, escaped", "POST", "/v1/completions", `{"model":"a","mod\u0065l":"b"}`, 400, "invalid_request_error", "", `"model" is there twice`},
		{"many fields", "POST", "/v1/completions", manyFields(), 400, "invalid_request_error", "", "more than 1000 fields"},
		{"too long", "POST", "/v1/chat/completions", `{"x":"` + strings.Repeat("x", 50_000) + `"}`, 413, "invalid_request_error", "", "50000 bytes"},
		{"embeddings", "POST", "/v1/embeddings", `{}`, 404, "invalid_request_error", "", "/v1/embeddings"},
		{"responses", "POST", "/v1/responses", `{}`, 404, "invalid_request_error", "", "/v1/responses"},
		{"a picture", "POST", "/v1/images/generations", `{}`, 404, "invalid_request_error", "", "/v1/images/generations"},
		{"files", "GET", "/v1/files", ``, 404, "invalid_request_error", "", "/v1/files"},
		{"kept chats", "GET", "/v1/chat/completions/x", ``, 404, "invalid_request_error", "", "/v1/chat/completions/x"},
		{"another method", "GET", "/v1/chat/completions", ``, 405, "invalid_request_error", "", "Method"},
		{"n", "POST", "/v1/chat/completions", `{"model":"m","messages":[{"role":"user","content":"x"}],"borel":{"n":-1}}`, 400, "invalid_request_error", "borel.n", "between 1 and 1024"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := f.Ask(t.Context(), c.method, c.path, c.body, "Authorization", "Bearer secret")
			if err != nil {
				t.Fatal(err)
			}
			message, kind, param, _ := failure(t, got.Body)
			if got.Status != c.status || kind != c.kind || param != c.param || !strings.Contains(message, c.message) {
				t.Errorf("got %d %s", got.Status, got.Body)
			}
		})
	}
	for _, h := range [][2]string{{"Authorization", "Bearer other"}, {"Origin", "http://evil.example"}} {
		got := f.Post(t, "/v1/chat/completions", `{}`, h[0], h[1])
		if _, kind, _, _ := failure(t, got.Body); got.Status/100 != 4 || kind == "invalid_request_error" {
			t.Errorf("%s: got %d %s", h[0], got.Status, got.Body)
		}
	}
	if asked {
		t.Error("the endpoint was asked")
	}
}

func manyFields() string {
	var b strings.Builder
	for i := range 1001 {
		fmt.Fprintf(&b, `,"%d":0`, i)
	}
	return "{" + b.String()[1:] + "}"
}

// Beyond the bound the answer is 429 at once, in OpenAI's shape.
func TestFull(t *testing.T) {
	here, leave := make(chan bool), make(chan bool)
	f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		here <- true
		<-leave
		says(200, "application/json", `{"choices":[]}`)(w)
	}), func(s *setup) { s.server.Proxied, s.server.ProxyQueue = 1, -1 })
	first := make(chan servertest.Reply, 1)
	go func() {
		got, _ := f.Ask(t.Context(), "POST", "/v1/chat/completions", `{"model":"m"}`)
		first <- got
	}()
	<-here
	got := f.Post(t, "/v1/chat/completions", `{"model":"m"}`)
	if _, kind, _, _ := failure(t, got.Body); got.Status != 429 || kind != "rate_limit_error" || got.Header.Get("Retry-After") == "" {
		t.Errorf("got %d %s %s", got.Status, got.Header, got.Body)
	}
	close(leave)
	if got := <-first; got.Status != 200 || got.Body != `{"choices":[]}` {
		t.Errorf("the first got %d %s", got.Status, got.Body)
	}
}
