package value

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// JSON reads a value of a problem: an object is a dict, a number with a point or an exponent a float.
func JSON(text []byte) (Value, error) {
	if !utf8.Valid(text) {
		return Value{}, errors.New("is not UTF-8")
	}
	return parse(string(text), false)
}

// Decode reads what a sandbox sent: JSON with NaN and Infinity and tags.
func Decode(text []byte) (Value, error) { return parse(string(text), true) }

// parser reads JSON by recursive descent.
type parser struct {
	s     string
	i     int
	tags  bool
	depth int
	nodes int
	refs  []Value
	sizes []int // nodes of each of refs
}

func parse(s string, tags bool) (Value, error) {
	p := parser{s: s, tags: tags}
	v, err := p.value()
	if err != nil {
		return Value{}, err
	}
	if p.space(); p.i < len(s) {
		return Value{}, p.errorf("more than one value")
	}
	return v, nil
}

func (p *parser) errorf(format string, a ...any) error {
	return fmt.Errorf("byte %d: %s", p.i+1, fmt.Sprintf(format, a...))
}

func (p *parser) space() {
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.i]) >= 0 {
		p.i++
	}
}

func (p *parser) take(text string) bool {
	ok := strings.HasPrefix(p.s[p.i:], text)
	if ok {
		p.i += len(text)
	}
	return ok
}

// add counts n more values.
func (p *parser) add(n int) error {
	if p.nodes += n; p.nodes > MaxNodes {
		return p.errorf("more than %d values", MaxNodes)
	}
	return nil
}

func (p *parser) value() (Value, error) {
	if p.depth++; p.depth > 4*MaxDepth { // a tag takes up to four levels
		return Value{}, p.errorf("nested too deeply")
	}
	defer func() { p.depth-- }()
	if err := p.add(1); err != nil {
		return Value{}, err
	}
	p.space()
	switch {
	case p.take("null"):
		return Value{Type: None}, nil
	case p.take("true"):
		return boolean(true), nil
	case p.take("false"):
		return boolean(false), nil
	case p.tags && p.take("NaN"):
		return float(math.NaN()), nil
	case p.tags && p.take("Infinity"):
		return float(math.Inf(1)), nil
	case p.tags && p.take("-Infinity"):
		return float(math.Inf(-1)), nil
	case p.take(`"`):
		s, err := p.text()
		return NewStr(s), err
	case p.take("["):
		items, err := p.list("]")
		return Value{Type: List, Items: items}, err
	case p.take("{"):
		return p.object()
	}
	return p.number()
}

// list reads values up to end.
func (p *parser) list(end string) (items []Value, err error) {
	if p.space(); p.take(end) {
		return nil, nil
	}
	for {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		items = append(items, v)
		switch p.space(); {
		case p.take(end):
			return items, nil
		case !p.take(","):
			return nil, p.errorf("a comma or %s is missing", end)
		}
	}
}

func (p *parser) object() (Value, error) {
	v := Value{Type: Dict}
	if p.space(); p.take("}") {
		return v, nil
	}
	seen := map[string]bool{}
	for {
		if p.space(); !p.take(`"`) {
			return v, p.errorf("a key is missing")
		}
		key, err := p.text()
		if err != nil {
			return v, err
		}
		if p.space(); !p.take(":") {
			return v, p.errorf("a colon is missing")
		}
		if p.tags && key == "$" {
			if len(v.Items) > 0 {
				return v, p.errorf("a tag among other things")
			}
			return p.tag()
		}
		if seen[key] {
			return v, p.errorf("the key %q occurs twice", key)
		}
		seen[key] = true
		item, err := p.value()
		if err != nil {
			return v, err
		}
		v.Items = append(v.Items, NewStr(key), item)
		switch p.space(); {
		case p.take("}"):
			return v, nil
		case !p.take(","):
			return v, p.errorf("a comma or } is missing")
		}
	}
}

func (p *parser) number() (Value, error) {
	start := p.i
	digits := func() bool {
		from := p.i
		for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
			p.i++
		}
		return p.i > from && p.i-from <= MaxDigits
	}
	p.take("-")
	first := p.i
	ok := digits() && (p.s[first] != '0' || p.i == first+1)
	isFloat := false
	if ok && p.take(".") {
		isFloat = true
		ok = digits()
	}
	if ok && (p.take("e") || p.take("E")) {
		isFloat = true
		if !p.take("+") {
			p.take("-")
		}
		ok = digits()
	}
	text := p.s[start:p.i]
	if !ok {
		return Value{}, p.errorf("no value")
	}
	if isFloat {
		f, _ := strconv.ParseFloat(text, 64) // too great is infinite, as in Python
		return float(f), nil
	}
	if text == "-0" {
		text = "0"
	}
	return Value{Type: Int, Text: text}, nil
}

// text reads a string behind its quotation mark. A surrogate that has no other half stays, as three bytes.
func (p *parser) text() (string, error) {
	from := p.i
	for p.i < len(p.s) && p.s[p.i] != '"' && p.s[p.i] != '\\' && p.s[p.i] >= ' ' {
		p.i++
	}
	if p.i < len(p.s) && p.s[p.i] == '"' {
		p.i++
		s := p.s[from : p.i-1]
		return s, p.valid(s)
	}
	b := []byte(p.s[from:p.i])
	for p.i < len(p.s) {
		c := p.s[p.i]
		p.i++
		switch {
		case c == '"':
			return string(b), p.valid(string(b))
		case c < ' ':
			return "", p.errorf("a control character in a string")
		case c != '\\':
			b = append(b, c)
			continue
		case p.i == len(p.s):
			return "", p.errorf("a string has no end")
		}
		c = p.s[p.i]
		p.i++
		if at := strings.IndexByte(`"\/bfnrt`, c); at >= 0 {
			b = append(b, "\"\\/\b\f\n\r\t"[at])
			continue
		}
		r, ok := p.hex4()
		if c != 'u' || !ok {
			return "", p.errorf("an escape that is none")
		}
		if r >= 0xd800 && r < 0xdc00 && strings.HasPrefix(p.s[p.i:], `\u`) {
			back := p.i
			p.i += 2
			if low, ok := p.hex4(); ok && low >= 0xdc00 && low < 0xe000 {
				r = 0x10000 + (r-0xd800)<<10 + low - 0xdc00
			} else {
				p.i = back
			}
		}
		b = appendRune(b, r)
	}
	return "", p.errorf("a string has no end")
}

func (p *parser) hex4() (rune, bool) {
	if len(p.s)-p.i < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(p.s[p.i:p.i+4], 16, 16)
	p.i += 4
	return rune(n), err == nil
}

// appendRune is UTF-8 that knows surrogates.
func appendRune(b []byte, r rune) []byte {
	if r >= 0xd800 && r < 0xe000 {
		return append(b, 0xed, byte(0x80|r>>6&0x3f), byte(0x80|r&0x3f))
	}
	return utf8.AppendRune(b, r)
}

// valid reports bytes that are neither UTF-8 nor lone surrogates.
func (p *parser) valid(s string) error {
	if utf8.ValidString(s) {
		return nil
	}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			if len(s)-i < 3 || s[i] != 0xed || s[i+1] < 0xa0 || s[i+1] > 0xbf || s[i+2] < 0x80 || s[i+2] > 0xbf {
				return p.errorf("a string is not UTF-8")
			}
			n = 3
		}
		i += n
	}
	return nil
}
