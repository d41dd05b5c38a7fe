package metamath

import (
	"fmt"
	"strings"

	"borel/problem"
)

// refusal is why a text is not what it should be: a database that breaks the language's rules, a sample that proves
// nothing.
type refusal struct {
	status  problem.Status // as a verdict on a sample
	message string
}

func (r *refusal) Error() string { return r.message }

// malformed: the text is not Metamath.
func malformed(format string, a ...any) error {
	return &refusal{problem.CompileError, fmt.Sprintf(format, a...)}
}

// wrong: it is, but is no proof of what was to be proved.
func wrong(format string, a ...any) error {
	return &refusal{problem.WrongAnswer, fmt.Sprintf(format, a...)}
}

// exceeded: a limit was met before that was known.
func exceeded(what string, limit int) error {
	return &refusal{problem.TimeLimitExceeded, fmt.Sprintf("more than %d %s", limit, what)}
}

// clip is a token as it is shown in a message.
func clip(token string) string {
	if len(token) > 60 {
		token = token[:60] + "…"
	}
	return token
}

// scanner splits a text into tokens, which white space separates, and leaves comments out.
type scanner struct {
	text string
	at   int
}

// newScanner refuses characters other than printable ASCII, space, tab, line feed, form feed and carriage return.
func newScanner(text string) (*scanner, error) {
	for i := range len(text) {
		if c := text[i]; c > '~' || c < ' ' && !blank(c) {
			return nil, malformed("line %d: byte %#x; only printable ASCII and white space are allowed", 1+strings.Count(text[:i], "\n"), c)
		}
	}
	return &scanner{text: text}, nil
}

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

// word is the next token, comments included, or "" at the end.
func (s *scanner) word() string {
	t, i := s.text, s.at
	for i < len(t) && blank(t[i]) {
		i++
	}
	start := i
	for i < len(t) && !blank(t[i]) {
		i++
	}
	s.at = i
	return t[start:i]
}

// next is the next token that is in no comment, or "" at the end.
func (s *scanner) next() (string, error) {
	for {
		w := s.word()
		switch w {
		case "$(":
			if err := s.comment(); err != nil {
				return "", err
			}
			continue
		case "$[", "$]":
			return "", wrong("line %d: other files cannot be included", s.line())
		case "$)":
			return "", malformed("line %d: $) without $(", s.line())
		}
		return w, nil
	}
}

// comment skips the rest of one. Inside it neither $( nor $) may stand, nor be part of a token.
func (s *scanner) comment() error {
	line := s.line
	rest := s.text[s.at:]
	end := strings.Index(rest, "$)")
	if end < 0 {
		return malformed("line %d: a comment does not end", line())
	}
	after := end + 2
	if !blank(rest[max(end-1, 0)]) || after < len(rest) && !blank(rest[after]) || strings.Contains(rest[:end], "$(") {
		return malformed("line %d: $( or $) inside a comment", line())
	}
	s.at += after
	return nil
}

// line is the number of the current line, for messages.
func (s *scanner) line() int { return 1 + strings.Count(s.text[:s.at], "\n") }

// isLabel reports whether a token can be one: letters, digits, "-", "_" and ".".
func isLabel(token string) bool {
	for i := range len(token) {
		switch c := token[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return token != ""
}
