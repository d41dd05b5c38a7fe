// Package pydantic reads the bodies of requests as FastAPI does with models of pydantic, for APIs whose originals are made
// of these: what is not known is passed over, what can be converted is ("5" is a number, 1.0 is whole, true is 1), and
// everything that is wrong is told, not only the first, as status 422 with a list of details.
//
// [Handler] makes a handler of a function that takes the body as a [Model]. It reads all fields first, then asks whether
// something was wrong:
//
//	Handle: pydantic.Handler(func(c echo.Context, m *pydantic.Model) error {
//		code := m.Needed("code").Short(problem.MaxSource)
//		seconds := m.Given("timeout").Float(10) // 10 where it is not there
//		args := m.Optional("args").Texts(100)   // null is as if it were not there
//		if err := m.Err(); err != nil {
//			return err
//		}
//		...
//	})
//
// A [Value] that is not there, or that was wrong, reads as nothing and is told once. What Python says of a text that is no
// JSON, and where, is in syntax.go. [Fail] answers every other failure in FastAPI's shape.
//
// # Bounds
//
// Lists and dictionaries have a limit that whoever reads them names, told in pydantic's words. An answer tells at most 100
// details, and repeats no value of more than 4 KiB.
package pydantic

import (
	"bytes"
	"errors"
	"net/http"
	"unicode/utf8"

	"borel/server"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"
)

// Detail is one thing that is wrong with a body.
type Detail struct {
	Type  string         `json:"type" doc:"the kind of error, for programs"`
	Loc   []any          `json:"loc" doc:"where: body, then names and indexes"`
	Msg   string         `json:"msg" doc:"for people"`
	Input jsontext.Value `json:"input" doc:"what stood there"`
	Ctx   map[string]any `json:"ctx,omitempty" doc:"what the message is made of"`
}

// Error is the body of every error.
type Error struct {
	Detail any `json:"detail" doc:"a text, or the list of what is wrong with the body"`
}

// Invalid is a body that is wrong.
type Invalid struct{ Details []Detail }

func (e *Invalid) Error() string { return e.Details[0].Msg }

func (e *Invalid) answer(c echo.Context) error {
	return server.Answer(c, http.StatusUnprocessableEntity, Error{e.Details})
}

// Bounds on what an answer repeats of a body.
const (
	maxDetails = 100
	maxInput   = 4 << 10 // bytes
)

// Handler is the handler of a route whose body is an object. An *[Invalid] that handle returns is answered, every other
// error is left to the server.
func Handler(handle func(c echo.Context, m *Model) error) func(c echo.Context, body []byte) error {
	return func(c echo.Context, body []byte) error {
		m, err := Read(body)
		if err == nil {
			err = handle(c, m)
		}
		if wrong, ok := errors.AsType[*Invalid](err); ok {
			return wrong.answer(c)
		}
		return err
	}
}

// Fail answers f. A body that is not announced as JSON is a string to FastAPI, and no object.
func Fail(c echo.Context, f server.Failure) error {
	if f.Status == http.StatusUnsupportedMediaType {
		return (&Invalid{[]Detail{{notAnObject, []any{"body"}, notAnObjectMsg, shown(nil), nil}}}).answer(c)
	}
	return server.Answer(c, f.Status, Error{f.Detail})
}

// Model is an object whose fields are read. What is wrong with them is kept until they are all read: then Err tells it.
type Model struct {
	self    *Value
	fields  map[string]jsontext.Value
	details *[]Detail // of the whole body
}

var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true))

// Read reads a body. The error is an *[Invalid], or a *[server.Failure] where FastAPI tells nothing of what is wrong.
func Read(body []byte) (*Model, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if len(body) == 0 {
		return nil, &Invalid{[]Detail{{missing, []any{"body"}, missingMsg, shown(nil), nil}}}
	}
	root := Value{key: "body", details: new([]Detail)}
	if err := json.Unmarshal(body, &root.JSON, lenient); err != nil {
		return nil, syntax(body, err)
	}
	m := root.Object()
	if len(*root.details) > 0 {
		return nil, &Invalid{*root.details}
	}
	return m, nil
}

// syntax tells a body that is not JSON.
func syntax(body []byte, err error) error {
	unreadable := &server.Failure{Status: http.StatusBadRequest, Detail: "There was an error parsing the body"}
	wrong, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok || !utf8.Valid(body) {
		return unreadable
	}
	f, deep := pythonFault([]rune(string(body)))
	if deep {
		return unreadable
	}
	if f == nil {
		f = &fault{utf8.RuneCount(body[:min(int(wrong.ByteOffset), len(body))]), wrong.Err.Error()}
	}
	return &Invalid{[]Detail{{"json_invalid", []any{"body", f.at}, "JSON decode error", jsontext.Value("{}"), map[string]any{"error": f.why}}}}
}

// Err is what was wrong, an *[Invalid], if anything was.
func (m *Model) Err() error {
	if len(*m.details) == 0 {
		return nil
	}
	return &Invalid{*m.details}
}

// Given is a field that may be left out.
func (m *Model) Given(name string) Value {
	return Value{m.fields[name], m.self, name, m.details}
}

// Optional is a field that may be left out or be null, which is the same.
func (m *Model) Optional(name string) Value {
	v := m.Given(name)
	if v.JSON.Kind() == 'n' {
		v.JSON = nil
	}
	return v
}

// Needed is a field that must be there; that it is not is told.
func (m *Model) Needed(name string) Value {
	v := m.Given(name)
	if !v.There() {
		v.tell(missing, missingMsg, m.self.JSON, nil)
	}
	return v
}
