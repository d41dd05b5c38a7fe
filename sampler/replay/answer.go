package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"borel/problem"
)

// mode is one of the two APIs: what their objects are called, and what a choice, or a piece of one in a stream, looks like.
type mode struct {
	id, object, chunk string
	choice            func(text string) map[string]any
	piece             func(text string, first bool) map[string]any
	last              map[string]any
}

var (
	chat = &mode{"chatcmpl", "chat.completion", "chat.completion.chunk",
		func(text string) map[string]any {
			return map[string]any{"message": map[string]any{"role": "assistant", "content": text}}
		},
		func(text string, first bool) map[string]any {
			delta := map[string]any{"content": text}
			if first {
				delta["role"] = "assistant"
			}
			return map[string]any{"delta": delta}
		},
		map[string]any{"delta": map[string]any{}}}
	completion = &mode{"cmpl", "text_completion", "text_completion",
		func(text string) map[string]any { return map[string]any{"text": text} },
		func(text string, _ bool) map[string]any { return map[string]any{"text": text} },
		map[string]any{"text": ""}}
)

// complete answers a request of either API.
func (h *Handler) complete(w http.ResponseWriter, r *http.Request, m *mode) {
	q, prompt, f := decode(w, r, m)
	if f != nil {
		writeError(w, f)
		return
	}
	t := h.prompts[prompt]
	if t == nil {
		writeError(w, &fault{http.StatusNotFound, "", "prompt_not_found", "no recorded problem has this prompt; it must be the recorded one, verbatim (borel eval --template {prompt} asks it so)"})
		return
	}
	samples, f := t.take(q, h.Once)
	if f != nil {
		writeError(w, f)
		return
	}
	w.Header().Set(problem.RecordedSamples, strconv.Itoa(t.size))
	head := map[string]any{"id": fmt.Sprintf("%s-replay-%d", m.id, h.served.Add(1)), "object": m.object, "created": time.Now().Unix(), "model": q.Model}
	u := words(prompt, samples)
	if q.Stream {
		head["object"] = m.chunk
		stream(w, m, samples, head, u, q.StreamOptions.IncludeUsage)
		return
	}
	choices := make([]map[string]any, len(samples))
	for i, s := range samples {
		choices[i] = finished(m.choice(s), i, "stop")
	}
	head["choices"], head["usage"] = choices, u
	writeJSON(w, http.StatusOK, head)
}

// finished adds to a choice what both APIs have in it.
func finished(choice map[string]any, index int, reason any) map[string]any {
	choice["index"], choice["finish_reason"], choice["logprobs"] = index, reason, nil
	return choice
}

// stream writes server-sent events: each sample a line at a time, the choices one after another, then the usage where it was
// asked for, then [DONE]. Each event is head with its choices.
func stream(w http.ResponseWriter, m *mode, samples []string, head map[string]any, u usage, includeUsage bool) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	flush := http.NewResponseController(w).Flush
	var err error
	send := func(choices []map[string]any, u any) {
		if err != nil {
			return // the client is gone
		}
		head["choices"] = choices
		if includeUsage {
			head["usage"] = u
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err = e.Encode(head); err == nil {
			_, err = fmt.Fprintf(w, "data: %s\n", b.Bytes()) // b ends its line, the other newline the event
		}
		if err == nil {
			err = flush()
		}
	}
	for i, s := range samples {
		for j, line := range strings.SplitAfter(s, "\n") {
			send([]map[string]any{finished(m.piece(line, j == 0), i, nil)}, nil)
		}
		send([]map[string]any{finished(maps.Clone(m.last), i, "stop")}, nil)
	}
	if includeUsage {
		send([]map[string]any{}, u)
	}
	if err == nil {
		fmt.Fprint(w, "data: [DONE]\n\n") //nolint:errcheck // nothing follows
	}
}
