package openai_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	goopenai "github.com/sashabaranov/go-openai"

	"borel/internal/servertest"
	"borel/server/openai"
)

func client(f *servertest.Server) *goopenai.Client {
	c := goopenai.DefaultConfig("any")
	c.BaseURL = f.URL + "/v1"
	return goopenai.NewClientWithConfig(c)
}

// The Go client, unmodified.
func TestGoClient(t *testing.T) {
	f := open(t, asked(make(chan bool, 1)))
	c := client(f)
	say := []goopenai.ChatCompletionMessage{{Role: "user", Content: "say"}}
	chat, err := c.CreateChatCompletion(t.Context(), goopenai.ChatCompletionRequest{Model: "m", Messages: say, N: 2})
	if err != nil || len(chat.Choices) != 2 || chat.Choices[1].Index != 1 || chat.Choices[1].Message.Content != "choice 1" || chat.Usage.TotalTokens != 9 {
		t.Errorf("got %+v, %v", chat, err)
	}
	text, err := c.CreateCompletion(t.Context(), goopenai.CompletionRequest{Model: "m", Prompt: "p"})
	if err != nil || text.Choices[0].Text != "text" {
		t.Errorf("got %+v, %v", text, err)
	}
	for _, asks := range []bool{false, true} {
		q := goopenai.ChatCompletionRequest{Model: "m", Messages: say}
		if asks {
			q.StreamOptions = &goopenai.StreamOptions{IncludeUsage: true}
		}
		got, used, err := recv(t, c, q)
		if err != io.EOF || got != "abc" || (used != nil) != asks {
			t.Errorf("got %q, %v, %v", got, used, err)
		}
	}
	if _, _, err := recv(t, c, goopenai.ChatCompletionRequest{Model: "breaks", Messages: say}); err == nil || !strings.Contains(err.Error(), "ended early") {
		t.Errorf("got %v of a broken stream", err)
	}
	_, err = c.CreateChatCompletion(t.Context(), goopenai.ChatCompletionRequest{Model: "bad", Messages: say})
	if e, ok := errors.AsType[*goopenai.APIError](err); !ok || e.HTTPStatusCode != 400 || e.Message != "bad" || e.Code != "c" || *e.Param != "p" {
		t.Errorf("got %+v", err)
	}
	models, err := c.ListModels(t.Context())
	if err != nil || len(models.Models) != 2 || models.Models[1].ID != "org/n" {
		t.Errorf("got %+v, %v", models, err)
	}
	if m, err := c.GetModel(t.Context(), "org/n"); err != nil || m.ID != "org/n" {
		t.Errorf("got %+v, %v", m, err)
	}
}

// recv reads a stream to its end.
func recv(t *testing.T, c *goopenai.Client, q goopenai.ChatCompletionRequest) (text string, u *goopenai.Usage, err error) {
	t.Helper()
	s, err := c.CreateChatCompletionStream(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for {
		chunk, err := s.Recv()
		if err != nil {
			return text, u, err
		}
		if chunk.Usage != nil {
			u = chunk.Usage
		}
		for _, ch := range chunk.Choices {
			text += ch.Delta.Content
		}
	}
}

// Models are listed once, whether or not the best of N of them is asked for.
func TestModels(t *testing.T) {
	f := open(t, asked(make(chan bool, 1)))
	var list struct {
		Object string
		Data   []struct {
			ID, Object string
			Created    int64
			OwnedBy    string `json:"owned_by"`
		}
		Borel struct {
			BestOf string `json:"best_of"`
		}
	}
	got := f.Get(t, "/v1/models")
	if err := json.Unmarshal([]byte(got.Body), &list); err != nil || list.Object != "list" || len(list.Data) != 2 || list.Data[0].ID != "m" || list.Data[0].Object != "model" ||
		list.Data[0].Created != 1 || list.Data[0].OwnedBy != "a" || list.Borel.BestOf != "best-of-N/MODEL" {
		t.Errorf("got %s", got.Body)
	}
	for name, status := range map[string]int{"m": 200, "org/n": 200, "best-of-3/org/n": 200, "none": 404, "best-of-3/none": 404, "best-of-0/m": 400, "best-of-2/": 400} {
		got := f.Get(t, "/v1/models/"+name)
		if got.Status != status {
			t.Errorf("%s: got %d %s", name, got.Status, got.Body)
		}
		if status == 200 && !strings.Contains(got.Body, `"id":"`+name+`"`) {
			t.Errorf("%s: got %s", name, got.Body)
		}
		if status == 404 && !strings.Contains(got.Body, `"code":"model_not_found"`) {
			t.Errorf("%s: got %s", name, got.Body)
		}
	}
}

// Without an endpoint every call says so.
func TestNoEndpoint(t *testing.T) {
	f := open(t, asked(nil), func(s *setup) { s.openai = func(c *openai.Config) { *c = openai.Config{} } })
	for _, got := range []servertest.Reply{f.Get(t, "/v1/models"), f.Get(t, "/v1/models/m"), f.Post(t, "/v1/chat/completions", `{}`), f.Post(t, "/v1/completions", `{"borel":{}}`)} {
		if message, _, _, _ := failure(t, got.Body); got.Status != 503 || !strings.Contains(message, "--endpoint") {
			t.Errorf("got %d %s", got.Status, got.Body)
		}
	}
}

// The calls are described, and the description has no loose ends.
func TestDescription(t *testing.T) {
	f := open(t, asked(nil))
	body := f.Get(t, "/openapi.json").Body
	var doc struct {
		Paths      map[string]map[string]struct{ Tags []string }
		Components struct {
			Schemas map[string]struct {
				Properties           map[string]json.RawMessage
				AdditionalProperties any
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Fatal(err)
	}
	for path, method := range map[string]string{"/v1/chat/completions": "post", "/v1/completions": "post", "/v1/models": "get", "/v1/models/{id}": "get"} {
		if o, ok := doc.Paths[path][method]; !ok || o.Tags[0] != "OpenAI" {
			t.Errorf("%s is not described: %v", path, doc.Paths[path])
		}
	}
	if _, ok := doc.Paths["/v1/embeddings"]; ok {
		t.Error("what is not here is described")
	}
	chat := doc.Components.Schemas["OpenaiChatBody"]
	if chat.AdditionalProperties != true || chat.Properties["borel"] == nil || doc.Components.Schemas["OpenaiOptions"].Properties["deadline_ms"] != nil || doc.Components.Schemas["OpenaiOptions"].Properties["budget"] == nil {
		t.Errorf("got %v", chat)
	}
	for ref := range strings.SplitSeq(body, `"$ref":"#/components/schemas/`) {
		if name, _, ok := strings.Cut(ref, `"`); ok && ref != body && !strings.HasPrefix(ref, "{") {
			if _, ok := doc.Components.Schemas[name]; !ok {
				t.Errorf("nothing at %s", name)
			}
		}
	}
}
