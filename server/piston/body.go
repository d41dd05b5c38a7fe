package piston

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// stack is what a body that is not JSON is answered.
type stack struct {
	Stack string `json:"stack"`
}

// value is a JSON value that has not been looked at; nil is one that is not there.
type value = jsontext.Value

// fields are the values of a request.
type fields struct {
	Language           value `json:"language"`
	Version            value `json:"version"`
	Files              value `json:"files"`
	Stdin              value `json:"stdin"`
	Args               value `json:"args"`
	CompileTimeout     value `json:"compile_timeout"`
	RunTimeout         value `json:"run_timeout"`
	CompileCPUTime     value `json:"compile_cpu_time"`
	RunCPUTime         value `json:"run_cpu_time"`
	CompileMemoryLimit value `json:"compile_memory_limit"`
	RunMemoryLimit     value `json:"run_memory_limit"`
}

// lax reads what JSON.parse reads: bytes and escapes that are no characters become U+FFFD, the last of two fields counts.
var lax = json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

// parse reads a body. The error is worded as the original's, for a body that is neither an object nor a list.
func parse(body []byte) (*fields, error) {
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	f := &fields{}
	if len(body) == 0 {
		return f, nil
	}
	if first := bytes.TrimLeft(body, " \t\r\n"); len(first) > 0 && first[0] != '{' && first[0] != '[' {
		r, _ := utf8.DecodeRune(first)
		return nil, fmt.Errorf("SyntaxError: Unexpected token %c in JSON at position %d", r, len(body)-len(first))
	} else if len(first) > 0 && first[0] == '[' {
		var list value // has none of the fields
		return f, syntax(body, json.Unmarshal(body, &list, lax))
	}
	return f, syntax(body, json.Unmarshal(body, f, lax))
}

// syntax words an error as JSON.parse does.
func syntax(body []byte, err error) error {
	var e *jsontext.SyntacticError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("SyntaxError: Unexpected end of JSON input")
	case errors.As(err, &e) && e.ByteOffset < int64(len(body)):
		r, _ := utf8.DecodeRune(body[e.ByteOffset:])
		return fmt.Errorf("SyntaxError: Unexpected token %c in JSON at position %d", r, e.ByteOffset)
	}
	return fmt.Errorf("SyntaxError: %w", err)
}

// falsy is what JavaScript takes for false.
func falsy(v value) bool {
	switch kind(v) {
	case 0, 'n', 'f':
		return true
	case '"':
		return text(v) == ""
	case '0':
		return number(v) == 0
	}
	return false
}

// missing is what ?? replaces.
func missing(v value) bool { return kind(v) == 0 || kind(v) == 'n' }

func kind(v value) jsontext.Kind {
	if len(v) == 0 {
		return 0
	}
	return v.Kind()
}

// text is the value of a string.
func text(v value) string {
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil && len(b) == 0 {
		return ""
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// number is the value of a number; what is too great for one is infinite, as in JavaScript.
func number(v value) float64 {
	var f float64
	if err := json.Unmarshal(v, &f); err != nil {
		return jsonInfinity(v)
	}
	return f
}
