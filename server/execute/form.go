package execute

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"borel/server"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"
)

// form reads a body as a model of pydantic does: unknown fields pass, numbers may be strings, and every fault is told
// with its place, 422.
type form struct {
	body   jsontext.Value
	fields map[string]jsontext.Value
	faults []executeFault
}

// executeFault is one of a 422, as FastAPI writes it.
type executeFault struct {
	Type  string         `json:"type"`
	Loc   []any          `json:"loc" doc:"body, then fields and places in lists"`
	Msg   string         `json:"msg"`
	Input any            `json:"input" doc:"what stood there"`
	Ctx   map[string]any `json:"ctx,omitempty"`
}

// executeError is the body of an error: a text, or the faults of a 422.
type executeError struct {
	Detail any `json:"detail" doc:"a text, or the list of what is wrong with the body"`
}

// maxEcho is how many bytes of a wrong value are shown.
const maxEcho = 4096

var (
	errBytes = &server.Failure{Status: http.StatusBadRequest, Detail: "There was an error parsing the body"} // not UTF-8

	loose = json.JoinOptions(jsontext.AllowDuplicateNames(true), json.RejectUnknownMembers(false))
)

// read takes a body apart, no deeper than its own fields. What is wrong with it is among the form's faults.
func read(body []byte) (*form, error) {
	f := &form{body: body}
	switch {
	case len(body) == 0:
		f.fault("missing", "Field required", jsontext.Value("null"), nil)
		return f, nil
	case !utf8.Valid(body):
		return nil, errBytes
	}
	var syntax *jsontext.SyntacticError
	var all jsontext.Value
	err := decode(body, &all)
	switch {
	case errors.As(err, &syntax):
		f.faults = append(f.faults, executeFault{Type: "json_invalid", Loc: []any{"body", syntax.ByteOffset}, Msg: "JSON decode error",
			Input: struct{}{}, Ctx: map[string]any{"error": syntax.Err.Error()}})
		return f, nil
	case err != nil:
		return nil, err
	case all.Kind() != '{':
		f.fault("model_attributes_type", "Input should be a valid dictionary or object to extract fields from", body, nil)
		return f, nil
	}
	return f, decode(body, &f.fields)
}

func decode(v jsontext.Value, into any) error { return json.Unmarshal(v, into, loose) }

// fault notes what is wrong with the value at a place below the body.
func (f *form) fault(kind, msg string, input jsontext.Value, ctx map[string]any, at ...any) {
	var shown any
	if len(input) <= maxEcho {
		shown = input
	}
	f.faults = append(f.faults, executeFault{kind, append([]any{"body"}, at...), msg, shown, ctx})
}

// given is the value of a field, nil where it is not there, or is null and need not be there.
func (f *form) given(name string, required bool) jsontext.Value {
	v := f.fields[name]
	switch {
	case v == nil && required && f.fields != nil:
		f.fault("missing", "Field required", f.body, nil, name)
	case v.Kind() == 'n' && !required:
		return nil
	}
	return v
}

// text reads a field that is a string; one that is not required may be null.
func (f *form) text(name string, required bool) string {
	if v := f.given(name, required); v != nil {
		return f.string(v, name)
	}
	return ""
}

func (f *form) string(v jsontext.Value, at ...any) (s string) {
	if v.Kind() != '"' {
		f.fault("string_type", "Input should be a valid string", v, nil, at...)
		return ""
	}
	if err := json.Unmarshal(v, &s); err != nil {
		f.fault("string_type", "Input should be a valid string", v, nil, at...)
	}
	return s
}

// number reads a required field that is a number.
func (f *form) number(name string) float64 {
	v := f.given(name, true)
	if v == nil {
		return 0
	}
	n, ok := lax(v)
	switch {
	case !ok && v.Kind() == '"':
		f.fault("float_parsing", "Input should be a valid number, unable to parse string as a number", v, nil, name)
	case !ok:
		f.fault("float_type", "Input should be a valid number", v, nil, name)
	}
	return n
}

// whole reads a required field that is a whole number.
func (f *form) whole(name string) float64 {
	v := f.given(name, true)
	if v == nil {
		return 0
	}
	n, ok := lax(v)
	switch {
	case !ok && v.Kind() == '"':
		f.fault("int_parsing", "Input should be a valid integer, unable to parse string as an integer", v, nil, name)
	case !ok:
		f.fault("int_type", "Input should be a valid integer", v, nil, name)
	case n != math.Trunc(n) && v.Kind() == '"':
		f.fault("int_parsing", "Input should be a valid integer, unable to parse string as an integer", v, nil, name)
	case n != math.Trunc(n):
		f.fault("int_from_float", "Input should be a valid integer, got a number with a fractional part", v, nil, name)
	}
	return n
}

// lax is a number as pydantic takes one: also out of a string, and out of true and false.
func lax(v jsontext.Value) (n float64, ok bool) {
	text := string(v)
	switch v.Kind() {
	case 't':
		return 1, true
	case 'f':
		return 0, true
	case '"':
		if err := json.Unmarshal(v, &text); err != nil {
			return 0, false
		}
		text = strings.TrimSpace(text)
	case '0':
	default:
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return n, !math.IsNaN(n)
}

// list reads a field that is a list of at most limit entries, and hands each to entry.
func (f *form) list(name string, required bool, limit int, entry func(v jsontext.Value, at ...any)) {
	v := f.given(name, required)
	if v == nil {
		return
	}
	f.entries("list_type", "Input should be a valid list", v, limit, entry, name)
}

// entries reads the entries of a list at a place. The error's kind and text are of a value that is none.
func (f *form) entries(kind, msg string, v jsontext.Value, limit int, entry func(v jsontext.Value, at ...any), at ...any) {
	var all []jsontext.Value
	if v.Kind() != '[' || decode(v, &all) != nil {
		f.fault(kind, msg, v, nil, at...)
		return
	}
	if len(all) > limit {
		what := "List"
		if kind == "tuple_type" {
			what = "Tuple"
		}
		f.fault("too_long", fmt.Sprintf("%s should have at most %d items after validation, not %d", what, limit, len(all)), v,
			map[string]any{"field_type": what, "max_length": limit, "actual_length": len(all)}, at...)
		return
	}
	for i, e := range all {
		if len(f.faults) > maxFaults {
			return
		}
		entry(e, append(append([]any(nil), at...), i)...)
	}
}

// maxFaults is how many are told, about.
const maxFaults = 20

// refused reports whether something was wrong, and answers it.
func (f *form) refused(c echo.Context) (bool, error) {
	if len(f.faults) == 0 {
		return false, nil
	}
	return true, server.Answer(c, http.StatusUnprocessableEntity, executeError{f.faults})
}
