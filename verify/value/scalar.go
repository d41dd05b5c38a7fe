package value

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// number reads an int, a float or an imaginary number.
func (p *literal) number() (Value, error) {
	start := p.i
	for p.i < len(p.s) {
		c := p.s[p.i]
		exponent := (c == '+' || c == '-') && strings.IndexByte("eE", p.s[p.i-1]) >= 0 && p.i > start && !strings.HasPrefix(strings.ToLower(p.s[start:p.i]), "0x")
		if !exponent && c != '.' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			break
		}
		p.i++
	}
	text := p.s[start:p.i]
	bad := func() (Value, error) {
		p.i = start
		return Value{}, p.errorf("%.40q is no number", text)
	}
	if len(text) > MaxDigits {
		return bad()
	}
	p.space()
	digits, ok := ungrouped(strings.ToLower(text))
	if !ok {
		return bad()
	}
	if len(digits) > 2 && digits[0] == '0' && strings.IndexByte("xob", digits[1]) >= 0 {
		n, ok := new(big.Int).SetString(digits, 0)
		if !ok {
			return bad()
		}
		return Value{Type: Int, Text: n.String()}, nil
	}
	digits, imaginary := strings.CutSuffix(digits, "j")
	if digits == "" || strings.ContainsAny(digits, "abcdfghijklmnopqrstuvwxyz") || digits[0] == 'e' {
		return bad()
	}
	if !imaginary && strings.Trim(digits, "0123456789") == "" {
		if digits[0] == '0' {
			if digits = strings.TrimLeft(digits, "0"); digits != "" {
				return bad() // a leading zero
			}
			digits = "0"
		}
		return Value{Type: Int, Text: digits}, nil
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil && !strings.Contains(err.Error(), "range") {
		return bad()
	}
	if imaginary {
		return complexOf(0, f), nil
	}
	return float(f), nil
}

// ungrouped takes the underscores out of a number: each stands between two digits, or behind a prefix.
func ungrouped(s string) (string, bool) {
	if !strings.Contains(s, "_") {
		return s, true
	}
	digit := func(i int) bool {
		return i >= 0 && i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] >= 'a' && s[i] <= 'f')
	}
	for i := range len(s) {
		if s[i] == '_' && (!digit(i+1) || !digit(i-1) && !(i == 2 && strings.IndexByte("xob", s[1]) >= 0)) {
			return "", false
		}
	}
	return strings.ReplaceAll(s, "_", ""), true
}

// strings reads strings, or bytes, that stand one behind the other.
func (p *literal) strings() (Value, error) {
	var v Value
	for n := 0; ; n++ {
		at := p.i
		prefix := strings.ToLower(p.s[p.i:min(p.i+2, len(p.s))])
		raw, isBytes := false, false
	prefixes:
		for _, c := range []byte(prefix) {
			switch {
			case c == 'r' && !raw:
				raw = true
			case c == 'b' && !isBytes:
				isBytes = true
			case c == 'u' && p.i == at && !raw && !isBytes && len(prefix) > 1 && strings.IndexByte(`"'`, prefix[1]) >= 0:
			default:
				break prefixes
			}
			p.i++
		}
		if p.i >= len(p.s) || p.s[p.i] != '"' && p.s[p.i] != '\'' {
			p.i = at
			if n > 0 {
				return v, nil
			}
			return v, p.errorf("a value is missing")
		}
		typ := Str
		if isBytes {
			typ = Bytes
		}
		if n > 0 && v.Type != typ {
			return v, p.errorf("bytes and str stand side by side")
		}
		text, err := p.quoted(raw, isBytes)
		if err != nil {
			return v, err
		}
		v.Type, v.Text = typ, v.Text+text
		p.space()
	}
}

// quoted reads a string from its quotation mark on.
func (p *literal) quoted(raw, isBytes bool) (string, error) {
	start := p.i
	quote := p.s[p.i : p.i+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(p.s[p.i:], triple) {
		quote = triple
	}
	p.i += len(quote)
	var b []byte
	for p.i < len(p.s) {
		if strings.HasPrefix(p.s[p.i:], quote) {
			p.i += len(quote)
			return string(b), nil
		}
		c := p.s[p.i]
		switch {
		case c == '\n' && len(quote) == 1:
			return "", p.errorf("a string ends at the end of its line")
		case c >= 0x80 && isBytes:
			return "", p.errorf("bytes can hold characters of ASCII alone")
		case c != '\\':
			b = append(b, c)
			p.i++
			continue
		case p.i+1 == len(p.s):
			return "", p.errorf("a string has no end")
		}
		if raw {
			_, n := utf8.DecodeRuneInString(p.s[p.i+1:])
			b = append(b, p.s[p.i:p.i+1+n]...)
			p.i += 1 + n
			continue
		}
		var err error
		if b, err = p.escape(b, isBytes); err != nil {
			return "", err
		}
	}
	p.i = start
	return "", p.errorf("a string has no end")
}

// escape reads what a backslash begins.
func (p *literal) escape(b []byte, isBytes bool) ([]byte, error) {
	c := p.s[p.i+1]
	if at := strings.IndexByte("\\'\"abfnrtv\n", c); at >= 0 {
		p.i += 2
		if c == '\n' {
			return b, nil
		}
		return append(b, "\\'\"\a\b\f\n\r\t\v"[at]), nil
	}
	digits, base, from := 0, 16, p.i+2
	switch {
	case c == 'x':
		digits = 2
	case c == 'u' && !isBytes:
		digits = 4
	case c == 'U' && !isBytes:
		digits = 8
	case c >= '0' && c <= '7':
		base, from = 8, p.i+1
		for digits < 3 && from+digits < len(p.s) && p.s[from+digits] >= '0' && p.s[from+digits] <= '7' {
			digits++
		}
	case c == 'N' && !isBytes:
		return nil, p.errorf("characters by name are not read; write \\u and the number")
	default: // not an escape: both characters stay
		b = append(b, '\\')
		p.i++
		return b, nil
	}
	if from+digits > len(p.s) {
		return nil, p.errorf("an escape that has too few digits")
	}
	n, err := strconv.ParseUint(p.s[from:from+digits], base, 32)
	if err != nil || n > utf8.MaxRune || isBytes && n > 0xff {
		return nil, p.errorf("%q is no escape", p.s[p.i:from+digits])
	}
	p.i = from + digits
	if isBytes {
		return append(b, byte(n)), nil
	}
	return appendRune(b, rune(n)), nil
}
