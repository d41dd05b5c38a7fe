package pydantic

import (
	"strings"
)

// fault is where and why Python's json module does not read a text.
type fault struct {
	at  int // characters before it
	why string
}

// maxNesting is how deep Python's json module reads, about.
const maxNesting = 990

// pythonFault finds what Python (3.11) says is wrong with a text that is not JSON. Nil: it reads what is there, such as NaN.
// deep reports that it is nested too deeply.
func pythonFault(text []rune) (f *fault, deep bool) {
	s := scanner{text: text}
	s.space()
	s.value()
	if s.fault == nil && !s.deep {
		s.space()
		if s.at < len(text) {
			s.fail(s.at, "Extra data")
		}
	}
	return s.fault, s.deep
}

// scanner reads a text as Python does, up to its first fault.
type scanner struct {
	text  []rune
	at    int
	depth int
	fault *fault
	deep  bool
}

func (s *scanner) fail(at int, why string) bool {
	if s.fault == nil {
		s.fault = &fault{at, why}
	}
	return false
}

func (s *scanner) peek() rune {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return -1
}

func (s *scanner) space() {
	for s.at < len(s.text) && strings.ContainsRune(" \t\n\r", s.text[s.at]) {
		s.at++
	}
}

func (s *scanner) take(words ...string) bool {
	for _, w := range words {
		if end := s.at + len(w); end <= len(s.text) && string(s.text[s.at:end]) == w {
			s.at = end
			return true
		}
	}
	return false
}

func (s *scanner) value() bool {
	switch c := s.peek(); {
	case c == '"':
		return s.str()
	case c == '{', c == '[':
		if s.depth++; s.depth > maxNesting {
			s.deep = true
			return false
		}
		defer func() { s.depth-- }()
		s.at++
		if c == '{' {
			return s.members()
		}
		return s.items()
	case s.take("null", "true", "false", "NaN", "Infinity", "-Infinity"):
		return true
	}
	return s.number() || s.fail(s.at, "Expecting value")
}

func (s *scanner) digits() int {
	from := s.at
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		s.at++
	}
	return s.at - from
}

// number takes as much as is one.
func (s *scanner) number() bool {
	from := s.at
	s.take("-")
	if !s.take("0") && s.digits() == 0 {
		s.at = from
		return false
	}
	whole := s.at
	if s.take(".") && s.digits() == 0 {
		s.at = whole
	}
	fraction := s.at
	if s.take("e", "E") {
		s.take("+", "-")
		if s.digits() == 0 {
			s.at = fraction
		}
	}
	return true
}

func (s *scanner) members() bool {
	s.space()
	if s.take("}") {
		return true
	}
	for {
		if s.peek() != '"' {
			return s.fail(s.at, "Expecting property name enclosed in double quotes")
		}
		if !s.str() {
			return false
		}
		if s.space(); !s.take(":") {
			return s.fail(s.at, "Expecting ':' delimiter")
		}
		if s.space(); !s.value() {
			return false
		}
		s.space()
		if s.take("}") {
			return true
		}
		if !s.take(",") {
			return s.fail(s.at, "Expecting ',' delimiter")
		}
		s.space()
	}
}

func (s *scanner) items() bool {
	s.space()
	if s.take("]") {
		return true
	}
	for {
		if !s.value() {
			return false
		}
		s.space()
		if s.take("]") {
			return true
		}
		if !s.take(",") {
			return s.fail(s.at, "Expecting ',' delimiter")
		}
		s.space()
	}
}

func (s *scanner) str() bool {
	from := s.at
	for s.at++; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return true
		case c < ' ':
			return s.fail(s.at, "Invalid control character at")
		case c != '\\':
			continue
		}
		s.at++
		switch c := s.peek(); {
		case c < 0:
			return s.fail(from, "Unterminated string starting at")
		case c == 'u':
			for i := range 4 {
				if n := s.at + 1 + i; n >= len(s.text) || !strings.ContainsRune("0123456789abcdefABCDEF", s.text[n]) {
					return s.fail(s.at, `Invalid \uXXXX escape`)
				}
			}
		case !strings.ContainsRune(`"\/bfnrt`, c):
			return s.fail(s.at-1, `Invalid \escape`)
		}
	}
	return s.fail(from, "Unterminated string starting at")
}
