package replay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sashabaranov/go-openai"

	"borel/problem"
	"borel/sampler"
	"borel/sampler/replay"
)

const prompt = "def add(a, b):\n    \"\"\"<sum> & more\"\"\"\n"

// start serves five samples for prompt and one for "other".
func start(t *testing.T) string {
	t.Helper()
	var samples []problem.Sample
	for i := range 5 {
		samples = append(samples, []problem.Sample{problem.Completion(fmt.Sprintf("    x = %d\n    return <x>", i)), problem.Text(fmt.Sprintf("    x = %d\n    return <x>", i))}[i%2])
	}
	h, err := replay.New([]replay.Record{
		{Problem: problem.Problem{ID: "add", Prompt: prompt}, Samples: replay.List(samples[:2])},
		{Problem: problem.Problem{ID: "other", Prompt: "other"}, Samples: replay.List{problem.Program("p")}},
		{Problem: problem.Problem{ID: "add", Prompt: prompt}, Samples: replay.List(samples[2:])},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL + "/v1"
}

func sample(i int) string { return fmt.Sprintf("    x = %d\n    return <x>", i) }

func samplesOf(is ...int) (out []string) {
	for _, i := range is {
		out = append(out, sample(i))
	}
	return out
}

func client(url string) *openai.Client {
	c := openai.DefaultConfig("any")
	c.BaseURL = url
	return openai.NewClientWithConfig(c)
}

func TestSeeds(t *testing.T) {
	c := client(start(t))
	seed := func(s int) *int { return &s }
	for _, tt := range []struct {
		name string
		seed *int
		n    int
		want []int
	}{
		{"seeded", seed(0), 3, []int{0, 1, 2}},
		{"not seeded: from the start", nil, 2, []int{0, 1}},
		{"seeded again", seed(0), 3, []int{0, 1, 2}},
		{"not seeded: the next", nil, 2, []int{2, 3}},
		{"not seeded: round", nil, 2, []int{4, 0}},
		{"wraps", seed(3), 7, []int{3, 4, 0, 1, 2, 3, 4}},
		{"large seed", seed(7<<20 + 2), 1, []int{(7<<20 + 2) % 5}},
		{"negative seed", seed(-1), 2, []int{4, 0}},
	} {
		completion, err := c.CreateCompletion(t.Context(), openai.CompletionRequest{Model: "any", Prompt: prompt, N: tt.n, Seed: tt.seed})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, ch := range completion.Choices {
			if ch.Index != i || ch.FinishReason != "stop" {
				t.Errorf("%s: choice %d has index %d, reason %q", tt.name, i, ch.Index, ch.FinishReason)
			}
			got = append(got, ch.Text)
		}
		if !slices.Equal(got, samplesOf(tt.want...)) {
			t.Errorf("%s: got %q, want samples %v", tt.name, got, tt.want)
		}
		if tt.seed == nil {
			continue // the cursor is shared by both APIs
		}
		chat, err := c.CreateChatCompletion(t.Context(), openai.ChatCompletionRequest{Model: "any", N: tt.n, Seed: tt.seed, Messages: []openai.ChatCompletionMessage{
			{Role: "system", Content: "be brief"}, {Role: "user", Content: "other"}, {Role: "user", Content: prompt}, {Role: "assistant", Content: "prefix"}}})
		if err != nil {
			t.Fatal(err)
		}
		got = nil
		for _, ch := range chat.Choices {
			got = append(got, ch.Message.Content)
		}
		if !slices.Equal(got, samplesOf(tt.want...)) || chat.Choices[0].Message.Role != "assistant" {
			t.Errorf("%s, chat: got %q", tt.name, got)
		}
		// the prompt is def add(a, b): """<sum> & more""", each sample x = 0 return <x>
		if want := (openai.Usage{PromptTokens: 6, CompletionTokens: 5 * tt.n, TotalTokens: 6 + 5*tt.n}); chat.Usage != want || *completion.Usage != want {
			t.Errorf("%s: usage %+v and %+v, want %+v", tt.name, chat.Usage, *completion.Usage, want)
		}
		if chat.Object != "chat.completion" || completion.Object != "text_completion" || chat.Model != "any" || chat.ID == "" || chat.Created == 0 {
			t.Errorf("%s: got %q %q %q %q", tt.name, chat.Object, completion.Object, chat.Model, chat.ID)
		}
	}
}

// Requests without a seed that come together share the samples out: none is served twice before all were.
func TestCursorTogether(t *testing.T) {
	c := client(start(t))
	var mu sync.Mutex
	got := map[string]int{}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			r, err := c.CreateCompletion(t.Context(), openai.CompletionRequest{Model: "m", Prompt: prompt})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			got[r.Choices[0].Text]++
			mu.Unlock()
		})
	}
	wg.Wait()
	for i := range 5 {
		if got[sample(i)] != 2 {
			t.Errorf("sample %d served %d times, want 2", i, got[sample(i)])
		}
	}
}

func TestStream(t *testing.T) {
	c := client(start(t))
	seed := 1
	for _, includeUsage := range []bool{true, false} {
		var options *openai.StreamOptions
		if includeUsage {
			options = &openai.StreamOptions{IncludeUsage: true}
		}
		chat, err := c.CreateChatCompletionStream(t.Context(), openai.ChatCompletionRequest{Model: "any", N: 2, Seed: &seed, StreamOptions: options, Messages: []openai.ChatCompletionMessage{{Role: "user", Content: prompt}}})
		if err != nil {
			t.Fatal(err)
		}
		texts, ends, usages := map[int]string{}, map[int]string{}, []openai.Usage{}
		for {
			chunk, err := chat.Recv()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if chunk.Usage != nil {
				usages = append(usages, *chunk.Usage)
			}
			for _, ch := range chunk.Choices {
				if texts[ch.Index] == "" && ch.Delta.Role != "assistant" {
					t.Errorf("choice %d begins without a role", ch.Index)
				}
				texts[ch.Index] += ch.Delta.Content
				ends[ch.Index] += string(ch.FinishReason)
			}
		}
		chat.Close()
		if want := map[int]string{0: sample(1), 1: sample(2)}; !reflect.DeepEqual(texts, want) {
			t.Errorf("got %v, want %v", texts, want)
		}
		if want := map[int]string{0: "stop", 1: "stop"}; !reflect.DeepEqual(ends, want) {
			t.Errorf("got ends %v", ends)
		}
		want := []openai.Usage{}
		if includeUsage {
			want = append(want, openai.Usage{PromptTokens: 6, CompletionTokens: 10, TotalTokens: 16})
		}
		if !slices.Equal(usages, want) {
			t.Errorf("got usages %v, want %v", usages, want)
		}
	}
	resp, err := http.Post(start(t)+"/completions", "application/json", strings.NewReader(`{"model":"m","prompt":"other","stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	plain, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if strings.Contains(string(plain), "usage") || !strings.HasSuffix(string(plain), "data: [DONE]\n\n") {
		t.Errorf("usage was not asked for: %s", plain)
	}
	// The completions stream, as bytes.
	resp, err = http.Post(start(t)+"/completions", "application/json", strings.NewReader(`{"model":"m","prompt":"other","stream":true,"stream_options":{"include_usage":true}}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if kind := resp.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("content type %q", kind)
	}
	events := strings.Split(strings.TrimSuffix(string(body), "\n\n"), "\n\n")
	if len(events) != 4 || events[3] != "data: [DONE]" {
		t.Fatalf("got %q", body)
	}
	for i, want := range []string{
		`{"choices":[{"finish_reason":null,"index":0,"logprobs":null,"text":"p"}],"usage":null}`,
		`{"choices":[{"finish_reason":"stop","index":0,"logprobs":null,"text":""}],"usage":null}`,
		`{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`,
	} {
		var got, wanted map[string]any
		if err := json.Unmarshal([]byte(strings.TrimPrefix(events[i], "data: ")), &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(want), &wanted); err != nil {
			t.Fatal(err)
		}
		for _, k := range []string{"id", "object", "created", "model"} {
			if got[k] == nil {
				t.Errorf("event %d has no %s", i, k)
			}
			delete(got, k)
		}
		if !reflect.DeepEqual(got, wanted) {
			t.Errorf("event %d: got %v, want %v", i, got, wanted)
		}
	}
}

func TestBadRequests(t *testing.T) {
	url := start(t)
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		param                    any
		message                  string
	}{
		{"unknown prompt", "POST", "/completions", `{"prompt":"no"}`, 404, nil, "no recorded problem has this prompt; it must be the recorded one, verbatim (borel eval --template {prompt} asks it so)"},
		{"prompt with a blank more", "POST", "/chat/completions", `{"messages":[{"role":"user","content":"other "}]}`, 404, nil, "no recorded problem has this prompt; it must be the recorded one, verbatim (borel eval --template {prompt} asks it so)"},
		{"no prompt", "POST", "/completions", `{}`, 400, "prompt", "prompt must be one string"},
		{"two prompts", "POST", "/completions", `{"prompt":["other","other"]}`, 400, "prompt", "prompt must be one string"},
		{"no user", "POST", "/chat/completions", `{"messages":[{"role":"system","content":"other"}]}`, 400, "messages", "messages must hold one of the user"},
		{"no messages", "POST", "/chat/completions", `{}`, 400, "messages", "messages must hold one of the user"},
		{"an image", "POST", "/chat/completions", `{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}`, 400, nil, "the body is not the JSON of a request: must be text"},
		{"n = 0", "POST", "/completions", `{"prompt":"other","n":0}`, 400, "n", "n must be between 1 and 1024"},
		{"n too large", "POST", "/completions", `{"prompt":"other","n":1025}`, 400, "n", "n must be between 1 and 1024"},
		{"n is text", "POST", "/completions", `{"prompt":"other","n":"2"}`, 400, "n", "n must not be a string"},
		{"seed is half", "POST", "/completions", `{"prompt":"other","seed":0.5}`, 400, "seed", "seed must not be a number 0.5"},
		{"half JSON", "POST", "/completions", `{"prompt":`, 400, nil, "the body is not the JSON of a request: unexpected end of JSON input"},
		{"nothing", "POST", "/completions", ``, 400, nil, "the body is not the JSON of a request: unexpected end of JSON input"},
		{"too long", "POST", "/completions", `{"prompt":"` + strings.Repeat("a", replay.MaxBody) + `"}`, 413, nil, "the body is longer than 67108864 bytes"},
		{"no route", "POST", "/embeddings", `{}`, 404, nil, "there is no POST /v1/embeddings"},
		{"wrong method", "GET", "/completions", ``, 404, nil, "there is no GET /v1/completions"},
	} {
		req, _ := http.NewRequestWithContext(t.Context(), tt.method, url+tt.path, strings.NewReader(tt.body))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Error struct {
				Message, Type string
				Param         any
			}
		}
		if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		resp.Body.Close()
		if e := got.Error; resp.StatusCode != tt.status || e.Message != tt.message || e.Param != tt.param || e.Type != "invalid_request_error" {
			t.Errorf("%s: got %d %+v", tt.name, resp.StatusCode, e)
		}
	}
}

func TestContentParts(t *testing.T) {
	resp, err := http.Post(start(t)+"/chat/completions", "application/json", strings.NewReader(`{"messages":[{"role":"user","content":[{"type":"text","text":"oth"},{"type":"text","text":"er"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || !strings.Contains(string(body), `"content":"p"`) {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
}

func TestInvalidRecords(t *testing.T) {
	two := "x"
	for field, r := range map[string]replay.Record{
		"records[0].problem.prompt": {Samples: replay.List{problem.Text("a")}},
		"records[0].samples":        {Problem: problem.Problem{Prompt: "p"}},
		"records[0].samples[1]":     {Problem: problem.Problem{Prompt: "p"}, Samples: replay.List{problem.Text("a"), {Text: &two, Program: &two}}},
	} {
		_, err := replay.New([]replay.Record{r})
		if e, ok := errors.AsType[*problem.Invalid](err); !ok || e.Field != field {
			t.Errorf("got %v, want a fault of %s", err, field)
		}
	}
}

// The sampler and the replay agree on what a seed means: sample i comes back as recorded sample i.
func TestThroughSampler(t *testing.T) {
	s, err := sampler.New(sampler.Config{Endpoints: []sampler.Endpoint{{Alias: "replay", URL: start(t), MaxN: 2}}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	models, err := s.Models(t.Context())
	if want := []sampler.Model{{ID: replay.Model, OwnedBy: "borel", Endpoints: []string{"replay"}}}; err != nil || !reflect.DeepEqual(models, want) {
		t.Errorf("models %+v, %v", models, err)
	}
	for _, mode := range []string{"chat", "completion"} {
		n := 0
		for d, err := range s.Samples(context.Background(), problem.Draw{Model: replay.Model, Mode: mode, Prompt: prompt, N: 12}) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; d.Sample.Raw() != sample(d.Index%5) {
				t.Errorf("%s: sample %d is %q", mode, d.Index, d.Sample.Raw())
			}
		}
		if n != 12 {
			t.Errorf("%s: %d samples, want 12", mode, n)
		}
	}
}
