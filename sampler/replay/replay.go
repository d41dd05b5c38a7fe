// Package replay is an endpoint of the OpenAI API that answers with recorded samples in place of a model: for tests,
// for demonstrations without a GPU, and for running an evaluation again on the very same samples.
//
//	h, err := replay.New([]replay.Record{{Problem: p, Samples: samples}})
//	http.ListenAndServe("127.0.0.1:8000", h)
//
// It lists one model, [Model], and answers for any name. A request is matched to a problem by its prompt, or its last user
// message, which must equal the problem's prompt verbatim; anything else is a 404. Choice i of a request with seed s is
// recorded sample (s + i) mod N of the problem. Choices of a request without a seed are the next in line: each problem has a
// cursor that only such requests move, and that wraps round.
//
// It understands prompt, messages, n, seed, stream and stream_options.include_usage. A recorded sample is answered as it
// is: max_tokens, stop and temperature did their work when it was drawn.
//
// # Usage
//
// The model's tokenizer is not known here. Usage counts words: the pieces of text that white space separates, of
// the prompt and of all choices.
package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"borel/problem"
)

// Model is the model that the endpoint lists.
const Model = "replay"

// Limits of a request.
const (
	MaxBody    = 64 << 20 // bytes: a prompt of problem.MaxSource with every byte escaped, and the rest
	MaxChoices = 1024     // n
)

// Record is a problem with the samples that were once drawn for it.
type Record struct {
	Problem problem.Problem
	Samples []problem.Sample
}

// Handler serves the API below /v1. It is safe for concurrent use.
type Handler struct {
	mux     *http.ServeMux
	prompts map[string]*tape
	served  atomic.Int64 // requests, for their ids
}

// tape is the samples of one prompt.
type tape struct {
	samples []string
	next    atomic.Uint64 // the cursor of requests without a seed
}

// New returns a Handler. Records with equal prompts are joined in their order. The error is an *[problem.Invalid]: a
// problem without a prompt cannot be found, and one without samples has nothing to answer.
func New(records []Record) (*Handler, error) {
	h := &Handler{mux: http.NewServeMux(), prompts: map[string]*tape{}}
	for i, r := range records {
		at := fmt.Sprintf("records[%d].", i)
		if r.Problem.Prompt == "" {
			return nil, problem.Invalidf(at+"problem.prompt", "is empty (problem %q); requests are matched by it", r.Problem.ID)
		}
		if len(r.Samples) == 0 {
			return nil, problem.Invalidf(at+"samples", "is empty (problem %q)", r.Problem.ID)
		}
		t := h.prompts[r.Problem.Prompt]
		if t == nil {
			t = &tape{}
			h.prompts[r.Problem.Prompt] = t
		}
		for j, s := range r.Samples {
			if err := s.Validate(fmt.Sprintf("%ssamples[%d]", at, j)); err != nil {
				return nil, err
			}
			t.samples = append(t.samples, s.Raw())
		}
	}
	h.mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": []any{modelObject(Model)}})
	})
	h.mux.HandleFunc("GET /v1/models/{id...}", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, modelObject(r.PathValue("id")))
	})
	h.mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) { h.complete(w, r, chat) })
	h.mux.HandleFunc("POST /v1/completions", func(w http.ResponseWriter, r *http.Request) { h.complete(w, r, completion) })
	h.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, &fault{http.StatusNotFound, "", "unknown_url", fmt.Sprintf("there is no %s %s", r.Method, r.URL.Path)})
	})
	return h, nil
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

func modelObject(id string) map[string]any {
	return map[string]any{"id": id, "object": "model", "created": 0, "owned_by": "borel"}
}

// fault is an error of a request, in OpenAI's shape once written.
type fault struct {
	status               int
	param, code, message string
}

func writeError(w http.ResponseWriter, f *fault) {
	e := map[string]any{"message": f.message, "type": "invalid_request_error", "param": nil, "code": nil}
	if f.param != "" {
		e["param"] = f.param
	}
	if f.code != "" {
		e["code"] = f.code
	}
	writeJSON(w, f.status, map[string]any{"error": e})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.Encode(v) //nolint:errcheck // the client is gone: nobody to tell
}

// request is the fields of both APIs that matter here.
type request struct {
	Model         string    `json:"model"`
	Prompt        text      `json:"prompt"`
	Messages      []message `json:"messages"`
	N             *int      `json:"n"`
	Seed          *int64    `json:"seed"`
	Stream        bool      `json:"stream"`
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
}

type message struct {
	Role    string `json:"role"`
	Content text   `json:"content"`
}

// text is a string, or a list of which the strings, or the text parts, are joined.
type text struct {
	string
	pieces int
}

func (t *text) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &t.string); err == nil {
		t.pieces = 1
		return nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(b, &list); err != nil {
		return errors.New("must be a string or a list")
	}
	for _, raw := range list {
		var part struct{ Type, Text string }
		if json.Unmarshal(raw, &part.Text) != nil {
			if err := json.Unmarshal(raw, &part); err != nil || part.Type != "text" {
				return errors.New("must be text")
			}
		}
		t.string += part.Text
	}
	t.pieces = len(list)
	return nil
}

// decode reads and checks a request; prompt is what the problem is found by.
func decode(w http.ResponseWriter, r *http.Request, mode *mode) (q request, prompt string, f *fault) {
	bad := func(param, format string, a ...any) (request, string, *fault) {
		return q, "", &fault{http.StatusBadRequest, param, "", fmt.Sprintf(format, a...)}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return q, "", &fault{http.StatusRequestEntityTooLarge, "", "", fmt.Sprintf("the body is longer than %d bytes", MaxBody)}
	}
	if err != nil {
		return bad("", "the body cannot be read: %v", err)
	}
	if err := json.Unmarshal(body, &q); err != nil {
		if u, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return bad(u.Field, "%s must not be a %s", u.Field, u.Value)
		}
		return bad("", "the body is not the JSON of a request: %v", err)
	}
	if q.N != nil && (*q.N < 1 || *q.N > MaxChoices) {
		return bad("n", "n must be between 1 and %d", MaxChoices)
	}
	if mode == completion {
		if q.Prompt.pieces != 1 {
			return bad("prompt", "prompt must be one string")
		}
		return q, q.Prompt.string, nil
	}
	for i := len(q.Messages) - 1; i >= 0; i-- {
		if q.Messages[i].Role == "user" {
			return q, q.Messages[i].Content.string, nil
		}
	}
	return bad("messages", "messages must hold one of the user")
}

// take returns the samples that answer q.
func (t *tape) take(q request) []string {
	n := 1
	if q.N != nil {
		n = *q.N
	}
	size := len(t.samples)
	var at int
	if q.Seed != nil {
		at = int((*q.Seed%int64(size) + int64(size)) % int64(size))
	} else {
		at = int((t.next.Add(uint64(n)) - uint64(n)) % uint64(size))
	}
	out := make([]string, n)
	for i := range out {
		out[i] = t.samples[(at+i)%size]
	}
	return out
}

type usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
}

// words counts prompt and samples as the package comment says.
func words(prompt string, samples []string) usage {
	u := usage{Prompt: len(strings.Fields(prompt))}
	for _, s := range samples {
		u.Completion += len(strings.Fields(s))
	}
	u.Total = u.Prompt + u.Completion
	return u
}
