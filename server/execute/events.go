package execute

import (
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
)

const ndjson = "application/x-ndjson"

// The lines of an answer, as E2B writes them: what there is nothing for is left out.
type (
	e2bPlain struct {
		Type string `json:"type" enum:"keepalive,end_of_execution"`
	}
	e2bCount struct {
		Type  string `json:"type" enum:"number_of_executions"`
		Count int    `json:"execution_count" doc:"of this cell in its context"`
	}
	e2bOutput struct {
		Type      string `json:"type" enum:"stdout,stderr"`
		Text      string `json:"text" doc:"what was written"`
		Timestamp string `json:"timestamp" doc:"when it was told"`
	}
	e2bResult struct {
		Type string `json:"type" enum:"result"`
		told
	}
	e2bError struct {
		Type string `json:"type" enum:"error"`
		e2bRaised
	}
)

// told is e2bShown without its nulls.
type told struct {
	Text       *string        `json:"text,omitempty"`
	HTML       *string        `json:"html,omitempty"`
	Markdown   *string        `json:"markdown,omitempty"`
	SVG        *string        `json:"svg,omitempty"`
	PNG        *string        `json:"png,omitempty" doc:"base64"`
	JPEG       *string        `json:"jpeg,omitempty" doc:"base64"`
	PDF        *string        `json:"pdf,omitempty" doc:"base64"`
	LaTeX      *string        `json:"latex,omitempty"`
	JSON       any            `json:"json,omitempty"`
	JavaScript *string        `json:"javascript,omitempty"`
	Data       any            `json:"data,omitempty"`
	Chart      any            `json:"chart,omitempty"`
	Extra      map[string]any `json:"extra" doc:"what has another media type, under it"`
	Main       bool           `json:"is_main_result" doc:"the value of the last expression"`

	bytes int64
}

// e2bLine is any of them, for the description.
type e2bLine struct{}

// Schema is huma's.
func (e2bLine) Schema(r huma.Registry) *huma.Schema {
	return oneOf(r, e2bPlain{}, e2bCount{}, e2bOutput{}, e2bResult{}, e2bError{})
}

// e2bNull is an answer that says nothing.
type e2bNull struct{}

// Schema is huma's.
func (e2bNull) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: "null"} }

// executeBody is a request to the path that two APIs share, for the description.
type executeBody struct{}

// Schema is huma's.
func (executeBody) Schema(r huma.Registry) *huma.Schema { return oneOf(r, e2bBody{}, llmonkBody{}) }

func oneOf(r huma.Registry, all ...any) *huma.Schema {
	s := &huma.Schema{}
	for _, v := range all {
		s.OneOf = append(s.OneOf, r.Schema(reflect.TypeOf(v), true, ""))
	}
	return s
}

// stream writes lines, each at once. It is not safe for concurrent use.
type stream struct {
	c   echo.Context
	enc *json.Encoder
	err error // of the first write that failed: the client is gone, and the request's context with it
}

func newStream(c echo.Context) *stream {
	enc := json.NewEncoder(c.Response())
	enc.SetEscapeHTML(false)
	return &stream{c: c, enc: enc}
}

// begun reports whether there was a line.
func (s *stream) begun() bool { return s.c.Response().Committed }

func (s *stream) line(v any) {
	if s.err != nil {
		return
	}
	if !s.begun() {
		s.c.Response().Header().Set("Content-Type", ndjson)
		s.c.Response().WriteHeader(http.StatusOK)
	}
	if s.err = s.enc.Encode(v); s.err == nil {
		s.err = http.NewResponseController(s.c.Response().Writer).Flush()
	}
}

// tell writes what the n-th cell did. What it printed and showed has no order but this.
func (s *stream) tell(n int, o *outcome) {
	s.line(e2bCount{"number_of_executions", n})
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")
	if o.stdout != "" {
		s.line(e2bOutput{"stdout", o.stdout, now})
	}
	if o.stderr != "" {
		s.line(e2bOutput{"stderr", o.stderr, now})
	}
	for _, r := range o.results {
		s.line(e2bResult{"result", told(r)})
	}
	if o.err != nil {
		s.line(e2bError{"error", *o.err})
	}
	s.line(e2bPlain{"end_of_execution"})
}
