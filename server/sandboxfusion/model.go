package sandboxfusion

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"borel/server"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The original takes bodies as pydantic does: what is not known is passed over, what can be converted is ("5" is a
// number, 1.0 is whole, true is 1), every field that is wrong is told, and not only the first.

// detail is one thing that is wrong with a body.
type detail struct {
	Type  string         `json:"type" doc:"the kind of error, for programs"`
	Loc   []any          `json:"loc" doc:"where: body, then names and indexes"`
	Msg   string         `json:"msg" doc:"for people"`
	Input jsontext.Value `json:"input" doc:"what stood there"`
	Ctx   map[string]any `json:"ctx,omitempty" doc:"what the message is made of"`
}

// invalidBody is what is answered where a body is wrong, with status 422.
type invalidBody struct {
	Detail []detail `json:"detail"`
}

// invalid is a body that is wrong.
type invalid struct{ details []detail }

func (e *invalid) Error() string { return e.details[0].Msg }

// Bounds on what an answer repeats of a body.
const (
	maxDetails = 100
	maxInput   = 4 << 10 // bytes
)

// model reads the fields of an object. What is wrong with them is kept until they are all read: then err tells it.
type model struct {
	loc     []any
	self    jsontext.Value
	fields  map[string]jsontext.Value
	details *[]detail // of the whole body
}

var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true))

// parse reads a body. The error is an *invalid, or a *server.Failure.
func parse(body []byte) (*model, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if len(body) == 0 {
		return nil, &invalid{[]detail{{Type: "missing", Loc: []any{"body"}, Msg: "Field required"}}}
	}
	var value jsontext.Value
	if err := json.Unmarshal(body, &value, lenient); err != nil {
		return nil, syntax(body, err)
	}
	m := &model{loc: []any{"body"}, details: new([]detail)}
	if !m.open(value) {
		return nil, &invalid{[]detail{notAnObject(value)}}
	}
	return m, nil
}

// syntax tells a body that is not JSON.
func syntax(body []byte, err error) error {
	unreadable := &server.Failure{Status: 400, Detail: "There was an error parsing the body"}
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
	return &invalid{[]detail{{Type: "json_invalid", Loc: []any{"body", f.at}, Msg: "JSON decode error", Input: jsontext.Value("{}"), Ctx: map[string]any{"error": f.why}}}}
}

func notAnObject(v jsontext.Value) detail {
	return detail{Type: "model_attributes_type", Loc: []any{"body"}, Msg: "Input should be a valid dictionary or object to extract fields from", Input: shown(v)}
}

// open takes v as the object whose fields are read; it reports whether it is one.
func (m *model) open(v jsontext.Value) bool {
	m.self = v
	return v.Kind() == '{' && json.Unmarshal(v, &m.fields, lenient) == nil
}

// err is what was wrong, if anything was.
func (m *model) err() error {
	if len(*m.details) == 0 {
		return nil
	}
	return &invalid{*m.details}
}

// wrong notes that the value v of a field is wrong; at are the names and indexes that lead to it.
func (m *model) wrong(kind, msg string, v jsontext.Value, at ...any) {
	m.wrongCtx(kind, msg, v, nil, at...)
}

func (m *model) wrongCtx(kind, msg string, v jsontext.Value, ctx map[string]any, at ...any) {
	if len(*m.details) < maxDetails {
		loc := append(append([]any{}, m.loc...), at...)
		*m.details = append(*m.details, detail{kind, loc, msg, shown(v), ctx})
	}
}

// shown is what an error repeats of a value: all of it, or that it is long.
func shown(v jsontext.Value) jsontext.Value {
	switch {
	case v == nil:
		return jsontext.Value("null")
	case len(v) > maxInput:
		return jsontext.Value(strconv.Quote(fmt.Sprintf("(%d bytes)", len(v))))
	}
	return v
}

// given is the value of a field, nil where it is not there.
func (m *model) given(name string) jsontext.Value { return m.fields[name] }

// needed is the value of a field that must be there; that it is not is noted.
func (m *model) needed(name string) jsontext.Value {
	v := m.fields[name]
	if v == nil {
		m.wrong("missing", "Field required", m.self, name)
	}
	return v
}

// text is the string that v must be.
func (m *model) text(v jsontext.Value, at ...any) string {
	if v == nil {
		return ""
	}
	if v.Kind() != '"' {
		m.wrong("string_type", "Input should be a valid string", v, at...)
		return ""
	}
	return unquoted(v)
}

// short is text of at most limit bytes.
func (m *model) short(v jsontext.Value, limit int, at ...any) string {
	s := m.text(v, at...)
	if len(s) > limit {
		m.wrongCtx("string_too_long", fmt.Sprintf("String should have at most %d characters", limit), v, map[string]any{"max_length": limit}, at...)
		return ""
	}
	return s
}

func unquoted(v jsontext.Value) string {
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		panic(err) // v was read as a string
	}
	return string(b)
}

func null(v jsontext.Value) bool { return v == nil || v.Kind() == 'n' }

// number is the number that a field must be, def where it is not there.
func (m *model) number(name string, def float64) float64 {
	v := m.given(name)
	if v == nil {
		return def
	}
	return m.float(v, name)
}

func (m *model) float(v jsontext.Value, at ...any) float64 {
	switch v.Kind() {
	case 't':
		return 1
	case 'f':
		return 0
	case '0':
		f, _ := strconv.ParseFloat(string(v), 64) // what is too great is infinite
		return f
	case '"':
		text := digits(v)
		f, err := strconv.ParseFloat(text, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) || strings.ContainsAny(text, "xXpP") {
			m.wrong("float_parsing", "Input should be a valid number, unable to parse string as a number", v, at...)
		}
		if math.IsNaN(f) {
			m.wrong("finite_number", "Input should be a finite number", v, at...)
		}
		return f
	}
	m.wrong("float_type", "Input should be a valid number", v, at...)
	return 0
}

// digits is a number written as a string, without what may stand around and between its digits.
func digits(v jsontext.Value) string {
	return strings.ReplaceAll(strings.TrimSpace(unquoted(v)), "_", "")
}

// whole is the whole number that a field must be, def where it is not there.
func (m *model) whole(name string, def float64) float64 {
	v := m.given(name)
	if v == nil {
		return def
	}
	return m.int(v, name)
}

// int is a whole number; as a float, since they may have any size.
func (m *model) int(v jsontext.Value, at ...any) float64 {
	kind, text := v.Kind(), ""
	switch kind {
	case 't':
		return 1
	case 'f':
		return 0
	case '0':
		text = string(v)
	case '"':
		text = digits(v)
	default:
		m.wrong("int_type", "Input should be a valid integer", v, at...)
		return 0
	}
	f, err := strconv.ParseFloat(text, 64)
	written := !strings.ContainsAny(text, ".eEnN") // as a whole number
	switch {
	case kind == '"' && (err != nil && !errors.Is(err, strconv.ErrRange) || !written && f != math.Trunc(f) || strings.ContainsAny(text, "eExXpPnN")):
		m.wrong("int_parsing", "Input should be a valid integer, unable to parse string as an integer", v, at...)
	case f != math.Trunc(f):
		m.wrong("int_from_float", "Input should be a valid integer, got a number with a fractional part", v, at...)
	case !written && math.Abs(f) > math.MaxInt64:
		m.wrong("int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size", v, at...)
	}
	return f
}

// literal is the string that a field must be, one of these.
func (m *model) literal(v jsontext.Value, these []string, at ...any) string {
	if v == nil {
		return ""
	}
	if v.Kind() == '"' {
		s := unquoted(v)
		for _, one := range these {
			if s == one {
				return s
			}
		}
	}
	expected := "'" + strings.Join(these, "', '") + "'"
	if n := len(these); n > 1 {
		expected = "'" + strings.Join(these[:n-1], "', '") + "' or '" + these[n-1] + "'"
	}
	m.wrongCtx("literal_error", "Input should be "+expected, v, map[string]any{"expected": expected}, at...)
	return ""
}

// texts is the list of strings that a field must be; at most limit of them.
func (m *model) texts(name string, v jsontext.Value, limit int) []string {
	if v == nil {
		return nil
	}
	values, ok := elements(v)
	if !ok {
		m.wrong("list_type", "Input should be a valid list", v, name)
		return nil
	}
	if len(values) > limit {
		m.tooMany(name, "List", v, len(values), limit)
		return nil
	}
	list := make([]string, len(values))
	for i, e := range values {
		list[i] = m.text(e, name, i)
	}
	return list
}

func elements(v jsontext.Value) (list []jsontext.Value, ok bool) {
	return list, v.Kind() == '[' && json.Unmarshal(v, &list, lenient) == nil
}

func (m *model) tooMany(name, kind string, v jsontext.Value, n, limit int) {
	m.wrongCtx("too_long", fmt.Sprintf("%s should have at most %d items after validation, not %d", kind, limit, n), v,
		map[string]any{"field_type": kind, "max_length": limit, "actual_length": n}, name)
}

// textMap is the object of strings that a field must be, in which some may be null; those are left out.
func (m *model) textMap(name string, limit int, nulls bool) map[string]string {
	v := m.given(name)
	if v == nil {
		return nil
	}
	var values map[string]jsontext.Value
	if v.Kind() != '{' || json.Unmarshal(v, &values, lenient) != nil {
		m.wrong("dict_type", "Input should be a valid dictionary", v, name)
		return nil
	}
	if len(values) > limit {
		m.tooMany(name, "Dictionary", v, len(values), limit)
		return nil
	}
	out := make(map[string]string, len(values))
	for key, e := range values {
		if nulls && null(e) {
			continue
		}
		out[key] = m.text(e, name, key)
	}
	return out
}
