package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	goopenai "github.com/sashabaranov/go-openai"

	"borel/server/openai"
)

// sums is an endpoint that adds: choice i of a request with seed s says 10 + (s + i) mod 5. It keeps what it was asked.
type sums struct {
	mu    sync.Mutex
	asked []map[string]json.RawMessage
	ids   []string // of the requests
	more  string   // further fields of each choice
}

func (u *sums) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fields := map[string]json.RawMessage{}
	if err := json.NewDecoder(r.Body).Decode(&fields); err != nil {
		says(400, "application/json", `{"error":{"message":"no JSON","type":"t"}}`)(w)
		return
	}
	u.mu.Lock()
	u.asked, u.ids = append(u.asked, fields), append(u.ids, r.Header.Get("X-Request-Id"))
	u.mu.Unlock()
	n, _ := strconv.Atoi(string(fields["n"]))
	seed, _ := strconv.Atoi(string(fields["seed"]))
	var choices []string
	for i := range max(1, n) {
		says := fmt.Sprintf(`"Answer: %d"`, 10+(seed+i)%5)
		part := `"message":{"role":"assistant","content":` + says + `}`
		if strings.HasSuffix(r.URL.Path, "/v1/completions") {
			part = `"text":` + says
		}
		choices = append(choices, fmt.Sprintf(`{"index":%d,%s,"finish_reason":"stop"%s}`, i, part, u.more))
	}
	says(200, "application/json", fmt.Sprintf(`{"id":"their-id","object":"chat.completion","created":5,"model":"their-model","system_fingerprint":"fp","odd":{"x":1.50},"choices":[%s],`+
		`"usage":{"prompt_tokens":7,"completion_tokens":%d,"total_tokens":%[3]d,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":1}}}`, strings.Join(choices, ","), 3*len(choices), 7+3*len(choices)))(w)
}

// number is the check that 13 is right.
const number = `"check":{"kind":"answer","answer":"13","equal":"number","marker":"Answer:"}`

// Best of N, in each way of asking: the whole request goes on but for what is borel's, and the winner comes as its endpoint gave it.
func TestBest(t *testing.T) {
	const rest = `"messages":[{"role":"user","content":[{"type":"text","text":"6 + 7?"},{"type":"image_url","image_url":{"url":"data:"}}]}],"temperature":0,"tools":[{"type":"function"}],"response_format":{"type":"text"},"odd":{"x":1.50}`
	up := &sums{more: `,"odd":[1.50]`}
	f := open(t, up, real(t))
	for _, c := range []struct {
		name, body string
		headers    []string
	}{
		{"in the body", `{"model":"m",` + rest + `,"seed":100,"borel":{"n":5,"until":"all",` + number + `},"n":1,"stream":false,"stream_options":null}`, nil},
		{"in a header", `{"model":"m",` + rest + `,"seed":100}`, []string{"X-Borel", `{"n":5,"until":"all",` + number + `}`}},
		{"the model's name, and a header", `{"model":"best-of-5/m",` + rest + `,"seed":100}`, []string{"X-Borel", `{"until":"all",` + number + `}`}},
		{"the number in a header, over the model's name", `{"model":"best-of-3/m",` + rest + `,"seed":100,"borel":{"until":"all",` + number + `}}`, []string{"X-Borel-N", "5"}},
		{"the body over all", `{"model":"best-of-3/m",` + rest + `,"seed":100,"borel":{"n":5,` + number + `}}`, []string{"X-Borel-N", "4", "X-Borel", `{"n":7,"until":"all"}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			up.asked, up.ids = nil, nil
			got := f.Post(t, "/v1/chat/completions", c.body, append(c.headers, "X-Request-Id", "mine")...)
			var a struct {
				ID, Model, Object string
				Fingerprint       string `json:"system_fingerprint"`
				Created           int
				Odd               json.RawMessage
				Choices           []json.RawMessage
				Usage             json.RawMessage
				Borel             struct {
					By       string `json:"selected_by"`
					Status   string
					Strength float64
					Index, N int
					Stopped  string
					Counts   map[string]int
					Usage    map[string]int
					Evidence struct{ Kind string }
				}
			}
			if err := json.Unmarshal([]byte(got.Body), &a); err != nil || got.Status != 200 {
				t.Fatalf("got %d %s", got.Status, got.Body)
			}
			if a.ID != "their-id" || a.Model != "their-model" || a.Object != "chat.completion" || a.Created != 5 || a.Fingerprint != "fp" || string(a.Odd) != `{"x":1.50}` {
				t.Errorf("got %s", got.Body)
			}
			if len(a.Choices) != 1 || string(a.Choices[0]) != `{"index":0,"message":{"role":"assistant","content":"Answer: 13"},"finish_reason":"stop","odd":[1.50]}` {
				t.Errorf("got %s", a.Choices)
			}
			if want := `{"prompt_tokens":7,"completion_tokens":15,"total_tokens":22,"prompt_tokens_details":{"cached_tokens":2}}`; string(a.Usage) != want {
				t.Errorf("got usage %s", a.Usage)
			}
			b := a.Borel
			if b.By != "first_accepted" || b.Status != "accepted" || b.Strength != 1 || b.Index != 3 || b.N != 5 || b.Stopped != "all" || b.Counts["samples"] != 5 || b.Counts["accepted"] != 1 ||
				b.Usage["completion_tokens"] != 15 || b.Usage["requests"] != 1 || b.Evidence.Kind != "check" {
				t.Errorf("got %+v", b)
			}
			if len(up.asked) != 1 || up.ids[0] != "mine" || got.Header.Get("X-Request-Id") != "mine" {
				t.Fatalf("asked %d times, as %q", len(up.asked), up.ids)
			}
			var want map[string]json.RawMessage
			if err := json.Unmarshal([]byte(`{"model":"m","n":5,"seed":100,"stream":false,`+rest+`}`), &want); err != nil {
				t.Fatal(err)
			}
			for k, v := range up.asked[0] {
				if string(v) != string(want[k]) {
					t.Errorf("the endpoint got %s: %s, want %s", k, v, want[k])
				}
			}
			if len(up.asked[0]) != len(want) {
				t.Errorf("the endpoint got %s", up.asked[0])
			}
		})
	}
}

// The text before a completion is part of what is judged.
func TestBestCompletion(t *testing.T) {
	f := open(t, &sums{}, real(t))
	for _, prompt := range []string{`"6 + 7? "`, `["6 + 7? "]`} {
		got := f.Post(t, "/v1/completions", `{"model":"m","prompt":`+prompt+`,"seed":0,"borel":{"n":5,`+number+`}}`)
		if got.Status != 200 || !strings.Contains(got.Body, `"choices":[{"index":0,"text":"Answer: 13","finish_reason":"stop"}]`) {
			t.Errorf("%s: got %d %s", prompt, got.Status, got.Body)
		}
	}
}

// What is wrong is refused before an endpoint is asked, by the name that the client gave it.
func TestBestRefused(t *testing.T) {
	up := &sums{}
	f := open(t, up, real(t))
	for _, c := range []struct {
		path, body    string
		headers       []string
		param, detail string
	}{
		{"chat/", `{"model":"m",MSG,"borel":{"n":0}}`, nil, "borel.n", "between 1 and 1024"},
		{"chat/", `{"model":"m",MSG,"borel":{"n":1025}}`, nil, "borel.n", "between 1 and 1024"},
		{"chat/", `{"model":"m",MSG,"borel":{"n":"16"}}`, nil, "borel.n", "wants a whole number"},
		{"chat/", `{"model":"m",MSG,"borel":{"n":1e99}}`, nil, "borel.n", "whole number"},
		{"chat/", `{"model":"m",MSG,"borel":16}`, nil, "borel", "wants an object"},
		{"chat/", `{"model":"m",MSG,"borel":{"N":16}}`, nil, "borel.N", "is not a field"},
		{"chat/", `{"model":"m",MSG,"borel":{"select":"best"}}`, nil, "borel.select", "is not known"},
		{"chat/", `{"model":"m",MSG,"borel":{"until":"later"}}`, nil, "borel.until", "is not known"},
		{"chat/", `{"model":"m",MSG,"borel":{"generate_tests":-1}}`, nil, "borel.generate_tests", "between 0"},
		{"chat/", `{"model":"m",MSG,"borel":{"budget":{"deadline_ms":-1}}}`, nil, "borel.budget.deadline_ms", "0 (no bound) or more"},
		{"chat/", `{"model":"m",MSG,"borel":{"budget":{"usd":1}}}`, nil, "borel.budget.usd", "needs price"},
		{"chat/", `{"model":"m",MSG,"borel":{"check":{"kind":"guess"}}}`, nil, "borel.check.kind", "guess"},
		{"chat/", `{"model":"m",MSG,"borel":{"problem":{"check":{"kind":"guess"}}}}`, nil, "borel.problem.check.kind", "guess"},
		{"chat/", `{"model":"m",MSG,"borel":{"problem":{"check":{"kind":"unit"}},"language":"python"}}`, nil, "borel.problem", "whole problem"},
		{"chat/", `{"model":"m",MSG,"n":3,"borel":{"n":16}}`, nil, "n", "borel.n"},
		{"chat/", `{"model":"m",MSG,"seed":"x","borel":{}}`, nil, "seed", "whole number"},
		{"chat/", `{"model":"m",MSG,"seed":9223372036854775807,"borel":{}}`, nil, "seed", "at most"},
		{"chat/", `{MSG,"borel":{"n":2}}`, nil, "model", "is missing"},
		{"chat/", `{"model":"m","borel":{"n":2}}`, nil, "messages", "must be a list"},
		{"chat/", `{"model":"m","messages":[],"borel":{"n":2}}`, nil, "messages", "not empty"},
		{"chat/", `{"model":"best-of-0/m",MSG}`, nil, "model", "between 1 and 1024"},
		{"chat/", `{"model":"best-of--1/m",MSG}`, nil, "model", "between 1 and 1024"},
		{"chat/", `{"model":"best-of-5000/m",MSG}`, nil, "model", "between 1 and 1024"},
		{"chat/", `{"model":"best-of-5/",MSG}`, nil, "model", "no name"},
		{"chat/", `{"model":"m",MSG}`, []string{"X-Borel-N", "many"}, "X-Borel-N", "whole number"},
		{"chat/", `{"model":"m",MSG}`, []string{"X-Borel-N", "0"}, "borel.n", "between 1 and 1024"},
		{"chat/", `{"model":"m",MSG}`, []string{"X-Borel", `{"n":`}, "X-Borel", "not JSON"},
		{"chat/", `{"model":"m",MSG}`, []string{"X-Borel", `{"m":1}`}, "X-Borel.m", "is not a field"},
		{"", `{"model":"m","prompt":["a","b"],"borel":{"n":2}}`, nil, "prompt", "one text"},
		{"", `{"model":"m","prompt":[1,2],"borel":{"n":2}}`, nil, "prompt", "one text"},
		{"", `{"model":"m","prompt":"","borel":{"n":2}}`, nil, "prompt", "one text"},
		{"", `{"model":"m","prompt":"a","echo":true,"borel":{"n":2}}`, nil, "echo", "must not be set"},
	} {
		body := strings.ReplaceAll(c.body, "MSG", `"messages":[{"role":"user","content":"6 + 7?"}]`)
		got := f.Post(t, "/v1/"+c.path+"completions", body, c.headers...)
		message, kind, param, _ := failure(t, got.Body)
		if got.Status != 400 || kind != "invalid_request_error" || param != c.param || !strings.Contains(message, c.detail) {
			t.Errorf("%s %q: got %d %s", body, c.headers, got.Status, got.Body)
		}
	}
	if len(up.asked) > 0 {
		t.Errorf("the endpoint was asked %s", up.asked)
	}
}

// A language that nobody here runs is known for one when the first sample is judged.
func TestBestOfAnotherLanguage(t *testing.T) {
	f := open(t, &sums{}, real(t))
	got := f.Post(t, "/v1/chat/completions", `{"model":"m","messages":[{"role":"user","content":"6 + 7?"}],"borel":{"n":2,"language":"cobol","check":{"kind":"unit","tests":"x"}}}`)
	if message, _, param, _ := failure(t, got.Body); got.Status != 400 || param != "borel.language" || !strings.Contains(message, "cobol") {
		t.Errorf("got %d %s", got.Status, got.Body)
	}
}

// Without evidence one sample is drawn, with a seed of its own each time; a field borel of null asks for nothing.
func TestBestWithoutEvidence(t *testing.T) {
	up := &sums{}
	f := open(t, up, real(t))
	for range 2 {
		got := f.Post(t, "/v1/chat/completions", `{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:"}}]}],"borel":{"n":16}}`)
		if got.Status != 200 || !strings.Contains(got.Body, `"kind":"none"`) || !strings.Contains(got.Body, `"stopped":"no_evidence"`) {
			t.Errorf("got %d %s", got.Status, got.Body)
		}
	}
	if len(up.asked) != 2 || up.asked[0]["n"] != nil || string(up.asked[0]["seed"]) == string(up.asked[1]["seed"]) {
		t.Errorf("asked %s", up.asked)
	}
	metrics := f.Get(t, "/metrics").Body
	for _, want := range []string{`borel_openai_best_total{evidence="none"} 2`, `borel_openai_tokens_total{asked="best",kind="completion"} 6`} {
		if !strings.Contains(metrics, "\n"+want+"\n") {
			t.Errorf("no %s in the metrics", want)
		}
	}
	got := f.Post(t, "/v1/chat/completions", `{"model":"m","messages":[],"borel":null}`)
	if _, there := up.asked[len(up.asked)-1]["borel"]; got.Status != 200 || strings.Contains(got.Body, "selected_by") || there {
		t.Errorf("got %d %s of %s", got.Status, got.Body, up.asked)
	}
}

// Log probabilities that only the selector needs are asked for and not shown.
func TestLogProbs(t *testing.T) {
	for asked, shown := range map[string]bool{"": false, `"logprobs":false,`: false, `"logprobs":null,`: false, `"logprobs":true,"top_logprobs":2,`: true} {
		up := &sums{more: `,"logprobs":{"content":[{"token":"x","logprob":-0.5}]}`}
		f := open(t, up, real(t))
		got := f.Post(t, "/v1/chat/completions", `{"model":"m",`+asked+`"messages":[{"role":"user","content":"6 + 7?"}],"seed":0,"borel":{"n":2,"select":"logprob"}}`)
		if got.Status != 200 || strings.Contains(got.Body, `"logprobs"`) != shown || !strings.Contains(got.Body, `"selected_by":"logprob"`) || string(up.asked[0]["logprobs"]) != "true" {
			t.Errorf("%s: got %d %s of %s", asked, got.Status, got.Body, up.asked)
		}
	}
}

// An error of the endpoint keeps its status and its words.
func TestBestOfNothing(t *testing.T) {
	const body = `{"model":"m","messages":[{"role":"user","content":"6 + 7?"}],"borel":{"n":2,` + number + `}`
	for _, c := range []struct {
		answer func(http.ResponseWriter)
		status int
		detail string
	}{
		{says(404, "application/json", `{"error":{"message":"no such model","type":"t","code":"model_not_found"}}`), 404, "no such model"},
		{says(503, "application/json", `{"error":{"message":"loading","type":"t"}}`), 503, "loading"},
		{says(200, "application/json", `{"choices":[]}`), 502, "without any choice"},
		{func(w http.ResponseWriter) { panic(http.ErrAbortHandler) }, 502, "endpoint"},
	} {
		f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.answer(w) }), real(t))
		for _, stream := range []string{`}`, `,"stream":true}`} {
			got := f.Post(t, "/v1/chat/completions", body+stream)
			if message, _, _, _ := failure(t, got.Body); got.Status != c.status || !strings.Contains(message, c.detail) {
				t.Errorf("got %d %s", got.Status, got.Body)
			}
		}
	}
	f := open(t, &sums{}, real(t), func(s *setup) {
		s.openai = func(c *openai.Config) { c.Ready = func() error { return errors.New("Python loads") } }
	})
	got := f.Post(t, "/v1/chat/completions", body+`}`)
	if message, _, _, _ := failure(t, got.Body); got.Status != 503 || got.Header.Get("Retry-After") == "" || !strings.Contains(message, "Python loads") {
		t.Errorf("got %d %s", got.Status, got.Body)
	}
}

// one answers the first request with one choice and lets the others wait.
func one(here chan<- bool, ended chan<- bool) http.Handler {
	var first sync.Once
	up := &sums{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mine := false
		first.Do(func() { mine = true })
		if mine {
			r.Body = io.NopCloser(strings.NewReader(`{"seed":1}`))
			up.ServeHTTP(w, r)
			return
		}
		io.Copy(io.Discard, r.Body)
		here <- true
		<-r.Context().Done()
		ended <- true
	})
}

const slow = `{"model":"m","messages":[{"role":"user","content":"6 + 7?"}],"seed":1,"borel":{"n":3,"until":"all",` + number

// At the deadline the best so far is answered; where there is none, that is said.
func TestDeadline(t *testing.T) {
	f := open(t, one(make(chan bool, 9), make(chan bool, 9)), real(t))
	for i, stream := range []string{`}`, `,"stream":true}`} {
		got := f.Post(t, "/v1/chat/completions", slow+fmt.Sprintf(`,"budget":{"deadline_ms":%d}}`, []int{2000, 50}[i])+stream)
		if stream == `}` {
			if got.Status != 200 || !strings.Contains(got.Body, `"Answer: 11"`) || !strings.Contains(got.Body, `"stopped":"deadline"`) {
				t.Errorf("got %d %s", got.Status, got.Body)
			}
			continue
		}
		// The endpoint answers nobody any more.
		if _, _, _, code := failure(t, got.Body); got.Status != 504 || code != "deadline" {
			t.Errorf("got %d %s", got.Status, got.Body)
		}
	}
}

// A client that leaves ends all requests to the endpoint.
func TestBestClientGone(t *testing.T) {
	for _, stream := range []string{`}`, `,"stream":true}`} {
		here, ended := make(chan bool, 9), make(chan bool, 9)
		f := open(t, one(here, ended), real(t), func(s *setup) { s.pool.Endpoints[0].MaxN = 1 })
		ctx, leave := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() {
			_, err := f.Ask(ctx, "POST", "/v1/chat/completions", slow+`}`+stream)
			gone <- err
		}()
		<-here
		<-here
		leave()
		<-ended // or the test never ends
		<-ended
		if err := <-gone; err == nil {
			t.Error("the client was answered")
		}
	}
}

// What fails after the first sample is an error event.
func TestBestFailsLater(t *testing.T) {
	here := make(chan bool, 9)
	f := open(t, one(here, make(chan bool, 9)), real(t))
	resp, err := http.Post(f.URL+"/v1/chat/completions", "application/json", strings.NewReader(slow+`},"stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	<-here
	f.Stop()
	b, err := io.ReadAll(resp.Body)
	rest, ok := strings.CutPrefix(string(b), ": 1 of 3 drawn, 0 accepted\n\ndata: ")
	if message, _, _, _ := failure(t, rest); err != nil || !ok || resp.StatusCode != 200 || !strings.Contains(message, "shutting down") || strings.Contains(rest, "[DONE]") {
		t.Errorf("got %d %s, %v", resp.StatusCode, b, err)
	}
}

// The winner as a stream, as bytes.
func TestBestStream(t *testing.T) {
	message := `{"role":"assistant","content":"one <b>\ntwo\n\nAnswer: 13","reasoning_content":"hm","refusal":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"d","type":"function"}]}`
	for _, c := range []struct {
		name, path, choice, options string
		want                        []string // choices of the chunks
	}{
		{"chat", "chat/", `"message":` + message + `,"finish_reason":"tool_calls","stop_reason":7`, ``, []string{
			`{"index":0,"delta":{"role":"assistant"},"logprobs":null,"finish_reason":null}`,
			`{"index":0,"delta":{"reasoning_content":"hm"},"logprobs":null,"finish_reason":null}`,
			`{"index":0,"delta":{"content":"one <b>\n"},"logprobs":null,"finish_reason":null}`,
			`{"index":0,"delta":{"content":"two\n"},"logprobs":null,"finish_reason":null}`,
			`{"index":0,"delta":{"content":"\n"},"logprobs":null,"finish_reason":null}`,
			`{"index":0,"delta":{"content":"Answer: 13"},"logprobs":null,"finish_reason":null}`,
			`{"index":0,"delta":{"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"},"index":0}]},"logprobs":null,"finish_reason":null}`,
			`{"index":0,"delta":{"tool_calls":[{"id":"d","type":"function","index":1}]},"logprobs":null,"finish_reason":null}`,
			`{"index":0,"delta":{},"stop_reason":7,"finish_reason":"tool_calls","logprobs":null}`,
		}},
		{"chat with usage and logprobs", "chat/", `"message":{"role":"assistant","content":"a\nAnswer: 13"},"logprobs":{"content":[]},"finish_reason":"stop"`, `,"stream_options":{"include_usage":true}`, []string{
			`{"index":0,"delta":{"role":"assistant"},"logprobs":null,"finish_reason":null}`,
			`{"index":0,"delta":{"content":"a\nAnswer: 13"},"logprobs":{"content":[]},"finish_reason":null}`,
			`{"index":0,"delta":{},"finish_reason":"stop","logprobs":null}`,
			``,
		}},
		{"chat without text", "chat/", `"message":{"content":null,"tool_calls":[{"id":"c"}]},"finish_reason":null`, ``, []string{
			`{"index":0,"delta":{"role":"assistant"},"logprobs":null,"finish_reason":null}`,
			`{"index":0,"delta":{"tool_calls":[{"id":"c","index":0}]},"logprobs":null,"finish_reason":null}`,
			`{"index":0,"delta":{},"finish_reason":"stop","logprobs":null}`,
		}},
		{"completion", "", `"text":"a\nAnswer: 13","finish_reason":"length"`, ``, []string{
			`{"index":0,"text":"a\n","logprobs":null,"finish_reason":null}`,
			`{"index":0,"text":"Answer: 13","logprobs":null,"finish_reason":null}`,
			`{"index":0,"text":"","finish_reason":"length","logprobs":null}`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				says(200, "application/json", `{"id":"x","object":"o","created":5,"model":"m","choices":[{"index":0,`+c.choice+`}],"usage":{"prompt_tokens":7,"completion_tokens":3}}`)(w)
			}), real(t))
			got := f.Post(t, "/v1/"+c.path+"completions", `{"model":"m","prompt":"6 + 7?","messages":[{"role":"user","content":"6 + 7?"}],"stream":true`+c.options+`,"borel":{"n":1,`+number+`}}`)
			events := strings.Split(strings.TrimSuffix(got.Body, "\n\n"), "\n\n")
			if got.Status != 200 || !strings.HasPrefix(events[0], ": 1 of 1 drawn") || events[len(events)-1] != "data: [DONE]" || len(events) != len(c.want)+2 {
				t.Fatalf("got %d %s", got.Status, got.Body)
			}
			object := map[string]string{"chat/": "chat.completion.chunk", "": "text_completion"}[c.path]
			for i, want := range c.want {
				text := strings.TrimPrefix(events[i+1], "data: ")
				usage := ""
				switch {
				case want == "":
					usage = `,"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}`
				case c.options != "":
					usage = `,"usage":null`
				}
				begin := `{"created":5,"id":"x","model":"m","object":"` + object + `","choices":[` + want + `]` + usage
				if !strings.HasPrefix(text, begin) {
					t.Errorf("chunk %d: got\n%s\nwant\n%s", i, text, begin)
				}
				if last := strings.Contains(want, `"finish_reason":"`); strings.Contains(text, `"borel":{"selected_by"`) != last {
					t.Errorf("chunk %d: got %s", i, text)
				}
			}
		})
	}
}

// Progress is told, and no more often than clients bear that count lines without data.
func TestProgress(t *testing.T) {
	f := open(t, &sums{}, real(t))
	for n, most := range map[int]int{5: 5, 700: 101} {
		body := fmt.Sprintf(`{"model":"m","messages":[{"role":"user","content":"6 + 7?"}],"seed":0,"stream":true,"borel":{"n":%d,"until":"all",%s}}`, n, number)
		var comments []string
		for line := range strings.SplitSeq(f.Post(t, "/v1/chat/completions", body).Body, "\n") {
			if strings.HasPrefix(line, ":") {
				comments = append(comments, line)
			}
		}
		if len(comments) < 5 || len(comments) > most || !strings.HasPrefix(comments[0], fmt.Sprintf(": 1 of %d drawn, ", n)) ||
			comments[len(comments)-1] != fmt.Sprintf(": %d of %[1]d drawn, %d accepted", n, n/5) {
			t.Errorf("got %q", comments)
		}
	}
	c := client(f)
	q := goopenai.ChatCompletionRequest{Model: "best-of-640/m", Messages: []goopenai.ChatCompletionMessage{{Role: "user", Content: "End with: Answer: N. What is 6 + 7?"}}, StreamOptions: &goopenai.StreamOptions{IncludeUsage: true}}
	got, used, err := recv(t, c, q)
	if err != io.EOF || !slices.Contains([]string{"Answer: 10", "Answer: 11", "Answer: 12", "Answer: 13", "Answer: 14"}, got) || used == nil || used.PromptTokens != 7 {
		t.Errorf("got %q %v %v", got, used, err)
	}
}
