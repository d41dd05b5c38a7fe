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
// # Samples that come twice
//
// A sample that is drawn twice must not be counted twice: pass@k of repeated samples is no estimate of anything. Every answer says
// in the header [problem.RecordedSamples] how many samples there are, and an evaluation of borel's takes no more than these of a
// problem. For other clients there is [Handler.Once].
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
	Samples Samples
}

// Samples are recorded samples, wherever they are kept. It is safe for concurrent use.
type Samples interface {
	Len() int
	At(i int) (problem.Sample, error) // 0 ≤ i < Len
}

// List is samples in memory.
type List []problem.Sample

// Len is how many there are.
func (l List) Len() int { return len(l) }

// At is sample i.
func (l List) At(i int) (problem.Sample, error) { return l[i], nil }

// Handler serves the API below /v1. It is safe for concurrent use.
type Handler struct {
	// Once refuses what would be a sample a second time, with a 400 of the code samples_exhausted: of requests without a seed, those
	// that go past the last sample; of requests with seed s, taken as borel's seeds are, those with s mod 2²⁰ + n > N. Set it
	// before the first request.
	Once bool

	mux     *http.ServeMux
	prompts map[string]*tape
	served  atomic.Int64 // requests, for their ids
}

// tape is the samples of one prompt.
type tape struct {
	parts []Samples
	size  int
	next  atomic.Uint64 // the cursor of requests without a seed
}

// at is sample i of the tape.
func (t *tape) at(i int) (string, error) {
	for _, p := range t.parts {
		if i < p.Len() {
			s, err := p.At(i)
			return s.Raw(), err
		}
		i -= p.Len()
	}
	panic("a sample behind the last")
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
		if r.Samples == nil || r.Samples.Len() == 0 {
			return nil, problem.Invalidf(at+"samples", "is empty (problem %q)", r.Problem.ID)
		}
		t := h.prompts[r.Problem.Prompt]
		if t == nil {
			t = &tape{}
			h.prompts[r.Problem.Prompt] = t
		}
		if l, ok := r.Samples.(List); ok {
			for j, s := range l {
				if err := s.Validate(fmt.Sprintf("%ssamples[%d]", at, j)); err != nil {
					return nil, err
				}
			}
		}
		t.parts = append(t.parts, r.Samples)
		t.size += r.Samples.Len()
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

// seeds is how many seeds of borel's belong to one seed of a job: sample i is drawn with seed × seeds + i.
const seeds = 1 << 20

// take returns the samples that answer q.
func (t *tape) take(q request, once bool) ([]string, *fault) {
	n := 1
	if q.N != nil {
		n = *q.N
	}
	var at int
	exhausted := func(from uint64) *fault {
		return &fault{http.StatusBadRequest, "n", "samples_exhausted", fmt.Sprintf("samples %d to %d are asked for, and %d are recorded of this prompt; none is answered twice", from, from+uint64(n)-1, t.size)}
	}
	if q.Seed != nil {
		size := int64(t.size)
		if first := uint64(*q.Seed) % seeds; once && first+uint64(n) > uint64(size) {
			return nil, exhausted(first)
		}
		at = int((*q.Seed%size + size) % size)
	} else {
		next := t.next.Load()
		for {
			if once && next+uint64(n) > uint64(t.size) {
				return nil, exhausted(next)
			}
			if t.next.CompareAndSwap(next, next+uint64(n)) {
				break
			}
			next = t.next.Load()
		}
		at = int(next % uint64(t.size))
	}
	out := make([]string, n)
	for i := range out {
		var err error
		if out[i], err = t.at((at + i) % t.size); err != nil {
			return nil, &fault{http.StatusInternalServerError, "", "", err.Error()}
		}
	}
	return out, nil
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
