package pydantic

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Value is a value of a body, and where it stands. The readers take a value that is not there for their default, or for
// nothing, and say nothing about it.
type Value struct {
	JSON jsontext.Value // nil: it is not there

	parent  *Value // nil: it is the body
	key     any    // a name or an index in the parent
	details *[]Detail
}

const (
	missing, missingMsg         = "missing", "Field required"
	notAnObject, notAnObjectMsg = "model_attributes_type", "Input should be a valid dictionary or object to extract fields from"
)

// There reports whether there is a value.
func (v Value) There() bool { return v.JSON != nil }

// Wrong tells that the value is wrong; kind and msg are pydantic's, ctx is what the message is made of.
func (v Value) Wrong(kind, msg string, ctx map[string]any) { v.tell(kind, msg, v.JSON, ctx) }

func (v Value) tell(kind, msg string, input jsontext.Value, ctx map[string]any) {
	if len(*v.details) < maxDetails {
		*v.details = append(*v.details, Detail{kind, v.loc(), msg, shown(input), ctx})
	}
}

func (v Value) loc() []any {
	loc := []any{v.key}
	for p := v.parent; p != nil; p = p.parent {
		loc = append(loc, p.key)
	}
	slices.Reverse(loc)
	return loc
}

// In is the same value as a member of a union, whose name errors have behind the place of the value.
func (v Value) In(member string) Value { return Value{v.JSON, &v, member, v.details} }

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

// Text is the string that the value must be.
func (v Value) Text() string {
	switch {
	case !v.There():
		return ""
	case v.JSON.Kind() != '"':
		v.Wrong("string_type", "Input should be a valid string", nil)
		return ""
	}
	return Unquoted(v.JSON)
}

// Short is [Value.Text] of at most limit bytes.
func (v Value) Short(limit int) string {
	s := v.Text()
	if len(s) > limit {
		v.Wrong("string_too_long", fmt.Sprintf("String should have at most %d characters", limit), map[string]any{"max_length": limit})
		return ""
	}
	return s
}

// Unquoted is the text of a JSON string that was read.
func Unquoted(v jsontext.Value) string {
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// Literal is the string that the value must be, one of these.
func (v Value) Literal(these []string) string {
	if !v.There() {
		return ""
	}
	if v.JSON.Kind() == '"' {
		if s := Unquoted(v.JSON); slices.Contains(these, s) {
			return s
		}
	}
	expected := "'" + strings.Join(these, "', '") + "'"
	if n := len(these); n > 1 {
		expected = "'" + strings.Join(these[:n-1], "', '") + "' or '" + these[n-1] + "'"
	}
	v.Wrong("literal_error", "Input should be "+expected, map[string]any{"expected": expected})
	return ""
}

// Truth is the truth value that the value must be.
func (v Value) Truth() bool {
	text := ""
	switch v.JSON.Kind() {
	case 0:
		return false
	case 't':
		return true
	case 'f':
		return false
	case '0':
		switch f, _ := strconv.ParseFloat(string(v.JSON), 64); f {
		case 0:
			return false
		case 1:
			return true
		}
	case '"':
		text = strings.ToLower(Unquoted(v.JSON))
	default:
		v.Wrong("bool_type", "Input should be a valid boolean", nil)
		return false
	}
	switch text {
	case "1", "t", "true", "y", "yes", "on":
		return true
	case "0", "f", "false", "n", "no", "off":
		return false
	}
	v.Wrong("bool_parsing", "Input should be a valid boolean, unable to interpret input", nil)
	return false
}

// Float is the number that the value must be, def where it is not there.
func (v Value) Float(def float64) float64 {
	switch v.JSON.Kind() {
	case 0:
		return def
	case 't':
		return 1
	case 'f':
		return 0
	case '0':
		f, _ := strconv.ParseFloat(string(v.JSON), 64) // what is too great is infinite
		return f
	case '"':
		text := digits(v.JSON)
		f, err := strconv.ParseFloat(text, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) || strings.ContainsAny(text, "xXpP") {
			v.Wrong("float_parsing", "Input should be a valid number, unable to parse string as a number", nil)
		}
		if math.IsNaN(f) {
			v.Wrong("finite_number", "Input should be a finite number", nil)
		}
		return f
	}
	v.Wrong("float_type", "Input should be a valid number", nil)
	return 0
}

// digits is a number written as a string, without what may stand around and between its digits.
func digits(v jsontext.Value) string {
	return strings.ReplaceAll(strings.TrimSpace(Unquoted(v)), "_", "")
}

// Int is the whole number that the value must be, def where it is not there; as a float, since it may have any size.
func (v Value) Int(def float64) float64 {
	kind, text := v.JSON.Kind(), ""
	switch kind {
	case 0:
		return def
	case 't':
		return 1
	case 'f':
		return 0
	case '0':
		text = string(v.JSON)
	case '"':
		text = digits(v.JSON)
	default:
		v.Wrong("int_type", "Input should be a valid integer", nil)
		return 0
	}
	f, err := strconv.ParseFloat(text, 64)
	written := !strings.ContainsAny(text, ".eEnN") // as a whole number
	switch {
	case kind == '"' && (err != nil && !errors.Is(err, strconv.ErrRange) || !written && f != math.Trunc(f) || strings.ContainsAny(text, "eExXpPnN")):
		v.Wrong("int_parsing", "Input should be a valid integer, unable to parse string as an integer", nil)
	case f != math.Trunc(f):
		v.Wrong("int_from_float", "Input should be a valid integer, got a number with a fractional part", nil)
	case !written && math.Abs(f) > math.MaxInt64:
		v.Wrong("int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size", nil)
	}
	return f
}

// IntOrText is the whole number or the string that the value must be: a string stands as it is, a number as an integer.
func (v Value) IntOrText() jsontext.Value {
	if !v.There() || v.JSON.Kind() == '"' {
		return v.JSON
	}
	before := len(*v.details)
	n := v.In("int").Int(0)
	if len(*v.details) > before {
		v.In("str").Text()
	}
	if v.JSON.Kind() == '0' && !strings.ContainsAny(string(v.JSON), ".eE") {
		return v.JSON
	}
	return jsontext.Value(strconv.FormatFloat(n, 'f', 0, 64))
}
