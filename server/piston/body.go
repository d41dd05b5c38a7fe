package piston

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"unicode/utf8"

	"borel/server"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"
)

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

// unread is a body that cannot be read.
type unread string

func (u unread) Error() string { return string(u) }

// read checks how a request announces its body, and reads that into f, a pointer to a struct of values. The errors are worded as
// the original's.
func read(c echo.Context, body []byte, f any) error {
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	if len(body) > 0 {
		first := bytes.TrimLeft(body, " \t\r\n")
		switch {
		case len(first) > 0 && first[0] != '{' && first[0] != '[':
			return unexpected(body, len(body)-len(first))
		case len(first) > 0 && first[0] == '[':
			f = new(value) // it has none of the fields
		}
		if err := syntax(body, json.Unmarshal(body, f, lax)); err != nil {
			return err
		}
	}
	if !strings.HasPrefix(c.Request().Header.Get("Content-Type"), "application/json") {
		return &server.Failure{Status: http.StatusUnsupportedMediaType, Detail: errMediaType}
	}
	return nil
}

func unexpected(body []byte, at int) error {
	r, _ := utf8.DecodeRune(body[at:])
	return unread(fmt.Sprintf("SyntaxError: Unexpected token %c in JSON at position %d", r, at))
}

// syntax words an error as JSON.parse does.
func syntax(body []byte, err error) error {
	var e *jsontext.SyntacticError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return unread("SyntaxError: Unexpected end of JSON input")
	case errors.As(err, &e) && e.ByteOffset < int64(len(body)):
		return unexpected(body, int(e.ByteOffset))
	}
	return unread("SyntaxError: " + err.Error())
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
		f = math.Inf(1)
		if v[0] == '-' {
			f = math.Inf(-1)
		}
	}
	return f
}
