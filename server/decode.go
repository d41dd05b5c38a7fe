package server

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"borel/coverage"
	"borel/eval"
	"borel/problem"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// fieldError is a field of a body that has the wrong type, is unknown, or is missing.
type fieldError struct{ field, message string }

func (e *fieldError) Error() string { return e.field + ": " + e.message }

// strict decodes once, straight into the types: a validator that first decodes into any costs several times the time
// and lets a small body become a large heap. So lists are bounded while they are being read, and what must be there is
// checked by the types' own functions.
var strict = json.JoinOptions(
	json.RejectUnknownMembers(true),
	json.WithUnmarshalers(json.JoinUnmarshalers(
		bounded[problem.Sample](MaxSamples),
		bounded[problem.Problem](eval.MaxProblems),
		bounded[item](MaxSamples),
		bounded[runItem](MaxRuns),
		bounded[coverage.Count](MaxCounts),
		bounded[problem.Case](problem.MaxCases),
		bounded[int](MaxK),
		bounded[string](max(problem.MaxArgs, problem.MaxLimits.Files)),
		json.UnmarshalFromFunc(unmarshalFiles),
		json.UnmarshalFromFunc(unmarshalCase),
		json.UnmarshalFromFunc(unmarshalCount),
	)),
)

// decode reads one JSON object into v. The error is a *jsontext.SyntacticError, a *fieldError or a *problem.Invalid.
func decode(body []byte, v any) error { return decodeWith(strict, body, v) }

func decodeWith(options json.Options, body []byte, v any) error {
	if len(body) == 0 {
		return errEmptyBody
	}
	if string(bytes.TrimSpace(body)) == "null" {
		return &fieldError{"", "wants an object, has null"}
	}
	err := json.Unmarshal(body, v, options)
	var e *json.SemanticError
	if !errors.As(err, &e) {
		return err
	}
	at := dotted(e.JSONPointer)
	var missing *fieldError
	switch {
	case errors.As(e.Err, &missing):
		return &fieldError{at + missing.field, missing.message}
	case errors.Is(e.Err, json.ErrUnknownName):
		return &fieldError{at, "is not a field of this request"}
	case errors.Is(e.Err, strconv.ErrRange), errors.Is(e.Err, strconv.ErrSyntax):
		return &fieldError{at, fmt.Sprintf("wants %s, has %s", wanted(e.GoType), found(e))}
	case e.Err != nil:
		return &fieldError{at, e.Err.Error()}
	}
	return &fieldError{at, fmt.Sprintf("wants %s, has %s", wanted(e.GoType), found(e))}
}

// bounded decodes a list of at most limit entries, and stops reading at the first one beyond.
func bounded[T any](limit int) *json.Unmarshalers {
	return json.UnmarshalFromFunc(func(dec *jsontext.Decoder, list *[]T) error {
		if dec.PeekKind() != '[' {
			return errors.ErrUnsupported // null, or an error that the default words better
		}
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
		*list = []T{}
		for dec.PeekKind() != ']' {
			if dec.PeekKind() == 0 {
				break // ReadToken below tells the error
			}
			if dec.PeekKind() == 'n' {
				return &fieldError{fmt.Sprintf("[%d]", len(*list)), "wants " + wanted(reflect.TypeFor[T]()) + ", has null"}
			}
			if len(*list) == limit {
				return &fieldError{"", fmt.Sprintf("has more than %d entries, the limit", limit)}
			}
			*list = append(*list, *new(T))
			if err := json.UnmarshalDecode(dec, &(*list)[len(*list)-1]); err != nil {
				return err
			}
		}
		_, err := dec.ReadToken()
		return err
	})
}

func unmarshalFiles(dec *jsontext.Decoder, files *map[string][]byte) error {
	if dec.PeekKind() != '{' {
		return errors.ErrUnsupported
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	*files = map[string][]byte{}
	for dec.PeekKind() == '"' {
		if len(*files) == problem.MaxLimits.Files {
			return &fieldError{"", fmt.Sprintf("has more than %d entries, the limit", problem.MaxLimits.Files)}
		}
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		path := name.String()
		var data []byte
		if err := json.UnmarshalDecode(dec, &data); err != nil {
			return err
		}
		(*files)[path] = data
	}
	_, err := dec.ReadToken()
	return err
}

func unmarshalCase(dec *jsontext.Decoder, c *problem.Case) error {
	type plain problem.Case
	var w struct {
		plain
		Stdin  *string `json:"stdin"` // these two are not the plain ones
		Stdout *string `json:"stdout"`
	}
	if err := json.UnmarshalDecode(dec, &w); err != nil {
		return err
	}
	*c = problem.Case(w.plain)
	if w.Stdin == nil && w.Stdout == nil && c.Call() {
		return nil
	}
	if w.Stdin == nil || w.Stdout == nil {
		return &fieldError{"", "needs stdin and stdout, or the args and want of a call"}
	}
	c.Stdin, c.Stdout = *w.Stdin, *w.Stdout
	return nil
}

func unmarshalCount(dec *jsontext.Decoder, c *coverage.Count) error {
	type plain coverage.Count
	w := plain{N: -1, C: -1}
	if err := json.UnmarshalDecode(dec, &w); err != nil {
		return err
	}
	*c = coverage.Count(w)
	if c.N < 0 || c.C < 0 {
		return &fieldError{"", "needs n and c, both at least 0"}
	}
	return nil
}

// dotted writes a JSON pointer the way problem.Invalid names fields: samples[3].program.
func dotted(p jsontext.Pointer) string {
	var b strings.Builder
	for token := range p.Tokens() {
		if _, err := strconv.ParseUint(token, 10, 64); err == nil {
			b.WriteString("[" + token + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(token)
	}
	return b.String()
}

// wanted names a Go type in JSON's words.
func wanted(t reflect.Type) string {
	if t == nil {
		return "another value"
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch k := t.Kind(); {
	case k == reflect.String:
		return "a string"
	case k == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return "a string in base64"
	case k == reflect.Slice:
		return "a list"
	case k == reflect.Struct, k == reflect.Map:
		return "an object"
	case k == reflect.Uint32:
		return fmt.Sprintf("a whole number from 0 to %d", uint32(math.MaxUint32))
	case k >= reflect.Int && k <= reflect.Uintptr:
		return "a whole number"
	}
	return "a number"
}

// found names what stood in the body instead.
func found(e *json.SemanticError) string {
	switch e.JSONKind {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '[':
		return "a list"
	case '{':
		return "an object"
	}
	if len(e.JSONValue) > 0 && len(e.JSONValue) < 40 {
		return string(e.JSONValue)
	}
	return "a number"
}
