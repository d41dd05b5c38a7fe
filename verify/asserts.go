package verify

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What agreement checks have to know of generated tests is here: where the asserts of a model's output are, and which
// call each of them is about. Whether an assert compiles is for Python to say.

// asserts are the statements of output that begin with assert and name the function, in order, at most so many. The
// output continues a prompt that ends in assert; it may be a chat answer too, since only what begins a line counts.
//
// A line that begins with assert begins a statement whatever stands open before it, so that one broken assert does not
// take the next ones along. function "" stands for any.
func asserts(output, function string, most int) (found []string) {
	for part := range assertParts(assertWord + " " + output) {
		if len(found) == most {
			break
		}
		for s := range statements(part) {
			statement := strings.TrimSpace(part[s.start:s.end])
			if function == "" || names(statement, function) {
				found = append(found, statement)
			}
			break // what follows the assert is no test
		}
	}
	return found
}

const assertWord = "assert"

// assertParts cuts text before each line that begins with assert, and drops what stands before the first, indentation,
// and the word where it stands twice: a model may repeat the end of its prompt.
func assertParts(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start, at := -1, 0
		for line := range strings.Lines(text) {
			if body := strings.TrimLeft(line, " \t"); isAssert(body) {
				if start >= 0 && !yield(text[start:at]) {
					return
				}
				start = at + len(line) - len(body)
				for rest := strings.TrimLeft(body[len(assertWord):], " \t"); isAssert(rest); rest = strings.TrimLeft(rest[len(assertWord):], " \t") {
					start = at + len(line) - len(rest)
				}
			}
			at += len(line)
		}
		if start >= 0 {
			yield(text[start:])
		}
	}
}

func isAssert(s string) bool { return identifier(s) == assertWord }

// names reports whether name is among the words of s.
func names(s, name string) bool {
	if !strings.Contains(s, name) {
		return false
	}
	for word := range words(s) {
		if word == name {
			return true
		}
	}
	return false
}

// callOf is the first call of function in a statement, f(…) with its brackets closed, or "".
func callOf(statement, function string) string {
	for at := 0; function != ""; {
		i := strings.Index(statement[at:], function)
		if i < 0 {
			break
		}
		start := at + i
		at = start + len(function)
		if r, _ := utf8.DecodeLastRuneInString(statement[:start]); r == '.' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			continue // the end of another name, or an attribute
		}
		rest := strings.TrimLeft(statement[at:], " \t")
		if strings.HasPrefix(rest, "(") {
			if end := closing(rest); end > 0 {
				return statement[start:at] + rest[:end]
			}
		}
	}
	return ""
}

// closing is where the bracket that s begins with is closed, behind it; 0 where it is not.
func closing(s string) int {
	depth, quote := 0, ""
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case quote != "":
			if strings.HasPrefix(s[i:], quote) {
				i += len(quote) - 1
				quote = ""
			}
		case c == '"' || c == '\'':
			quote = s[i : i+1]
			if triple := strings.Repeat(quote, 3); strings.HasPrefix(s[i:], triple) {
				quote = triple
				i += 2
			}
		case c == '#':
			return 0 // a comment in the middle of a call: rare, and not worth following
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
