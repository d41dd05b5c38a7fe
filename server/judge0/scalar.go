package judge0

import (
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// scalar is an attribute as it was sent, before it is taken for what it is to be: Judge0 takes "71" for 71 and 5 for "5".
// Null, lists and objects count as nothing sent.
type scalar struct {
	kind jsontext.Kind // 0: nothing
	text string
}

// UnmarshalJSON takes any JSON.
func (s *scalar) UnmarshalJSON(b []byte) error {
	*s = scalar{}
	switch k := jsontext.Value(b).Kind(); k {
	case '"':
		text, err := jsontext.AppendUnquote(nil, b)
		if err != nil {
			return err
		}
		*s = scalar{k, string(text)}
	case '0', 't', 'f':
		*s = scalar{k, string(b)}
	}
	return nil
}

// blank reports whether there is nothing but white space.
func (s scalar) blank() bool { return strings.TrimSpace(s.text) == "" }

// bytes is the text, decoded where it was sent in base64; nil where nothing was sent.
func (s scalar) bytes(base64 bool) []byte {
	switch {
	case s.kind == 0:
		return nil
	case base64:
		return decode64(s.text)
	}
	return []byte(s.text)
}

// number is the value as a number; ok is false where it is none.
func (s scalar) number() (v float64, ok bool) {
	text := strings.TrimSpace(s.text)
	if s.kind != '0' && s.kind != '"' || strings.ContainsAny(text, "xXpPnN_") { // no hexadecimal, no infinity
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && !math.IsInf(v, 0)
}

// whole is the value as a database takes it for an integer: its digits at the front, 0 without any.
func (s scalar) whole() int64 {
	if s.kind == 't' {
		return 1
	}
	if v, ok := s.number(); ok {
		return int64(max(min(v, 1<<53), -1<<53))
	}
	text := strings.TrimSpace(s.text)
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || end == 0 && text[0] == '-') {
		end++
	}
	n, err := strconv.ParseInt(text[:end], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// truth is the value as a boolean; def where nothing was sent.
func (s scalar) truth(def bool) bool {
	switch s.text {
	case "":
		return def
	case "false", "FALSE", "f", "F", "0", "off", "OFF":
		return false
	}
	return true
}
