package harness

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// What Python's json module writes.

// member is one of an object.
type member struct {
	name  string
	value json.RawMessage
}

func truth(is bool) json.RawMessage { return fmt.Append(nil, is) }

// with is an object on one line, with these members in the place of those of their names, or behind the others; those without a value
// are left out.
func with(object []byte, more ...member) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("is no object")
	}
	var all []member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		m := member{name: name.(string)}
		if err := d.Decode(&m.value); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	for _, m := range more {
		at := slices.IndexFunc(all, func(a member) bool { return a.name == m.name })
		if at < 0 {
			all = append(all, m)
			continue
		}
		all[at].value = m.value
		for i := at + 1; i < len(all); i++ { // a name that is there twice: who reads it takes the last
			if all[i].name == m.name {
				all[i].value = nil
			}
		}
	}
	return objectOf(all...), nil
}

// objectOf is an object on one line, as Python's json module writes it; nil values are left out.
func objectOf(members ...member) []byte {
	b := bytes.NewBufferString("{")
	for _, m := range members {
		if m.value == nil {
			continue
		}
		if b.Len() > 1 {
			b.WriteString(", ")
		}
		b.Write(text(m.name))
		b.WriteString(": ")
		if bytes.IndexByte(m.value, '\n') < 0 || json.Compact(b, m.value) != nil {
			b.Write(m.value)
		}
	}
	b.WriteByte('}')
	return b.Bytes()
}

// list is a list on one line.
func list[T ~[]byte](items []T) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, v := range items {
		if i > 0 {
			b.WriteString(", ")
		}
		b.Write(v)
	}
	b.WriteByte(']')
	return b.Bytes()
}

// number is a float as Python writes it.
func number(v float64) json.RawMessage {
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return json.RawMessage(s)
}

// whole is an integer.
func whole(n int) json.RawMessage { return strconv.AppendInt(nil, int64(n), 10) }

// null stands for what is not known.
var null = json.RawMessage("null")

// indented is a value with so many blanks before each level.
func indented(v []byte, blanks int) []byte {
	var b bytes.Buffer
	if json.Indent(&b, v, "", strings.Repeat(" ", blanks)) != nil {
		return v
	}
	return b.Bytes()
}

// text is s in JSON, all of it ASCII.
func text(s string) json.RawMessage {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= 0x10000:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		case r < ' ' || r > '~':
			if short, ok := shorts[r]; ok {
				b.WriteString(short)
			} else {
				fmt.Fprintf(&b, `\u%04x`, r)
			}
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return json.RawMessage(b.String())
}

var shorts = map[rune]string{'\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`}
