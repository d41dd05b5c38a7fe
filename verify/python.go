package verify

import (
	"iter"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What extraction has to know of Python is here: where strings and logical lines end, and what a top-level statement
// defines. It reads line by line in linear time, and any text: what is no Python gives statements that define nothing.

// lexer follows Python over physical lines, as far as needed to know whether a line begins a statement.
type lexer struct {
	quote  string // of the string that is open: ', ", ''' or """; "" outside strings
	depth  int    // of open brackets
	joined bool   // the last line ended in a backslash
}

// between reports whether the next line begins a statement.
func (l *lexer) between() bool { return l.quote == "" && l.depth == 0 && !l.joined }

// line reads one physical line, without or with its end.
func (l *lexer) line(s string) {
	s = strings.TrimRight(s, "\r\n")
	l.joined = false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\':
			if i++; i == len(s) {
				l.joined = true
			}
		case l.quote != "":
			if strings.HasPrefix(s[i:], l.quote) {
				i += len(l.quote) - 1
				l.quote = ""
			}
		case c == '#':
			i = len(s)
		case c == '"' || c == '\'':
			l.quote = s[i : i+1]
			if triple := strings.Repeat(l.quote, 3); strings.HasPrefix(s[i:], triple) {
				l.quote = triple
				i += 2
			}
		case c == '(' || c == '[' || c == '{':
			l.depth++
		case c == ')' || c == ']' || c == '}':
			l.depth = max(0, l.depth-1)
		}
	}
	if len(l.quote) == 1 && !l.joined {
		l.quote = "" // an error in Python; the next line is read afresh
	}
}

// span is a piece of source, from start up to end.
type span struct{ start, end int }

// statements are the logical lines of src, with their indentation and line ends. Blank lines and comments are left out.
func statements(src string) iter.Seq[span] {
	return func(yield func(span) bool) {
		var l lexer
		start, end := 0, 0
		for line := range strings.Lines(src) {
			if l.between() {
				start = end
			}
			end += len(line)
			if l.between() {
				if text := strings.TrimSpace(line); text == "" || text[0] == '#' {
					continue
				}
			}
			l.line(line)
			if l.between() && !yield(span{start, end}) {
				return
			}
		}
		if !l.between() {
			yield(span{start, end})
		}
	}
}

// topLevel reports whether the statement is not indented.
func topLevel(statement string) bool {
	return statement != "" && statement[0] != ' ' && statement[0] != '\t'
}

// definedName is the name that a top-level statement defines by def, async def, class or assignment; "" for others.
func definedName(statement string) string {
	if !topLevel(statement) {
		return ""
	}
	if rest, ok := cutKeyword(statement, "async"); ok {
		statement = rest
	}
	for _, keyword := range []string{"def", "class"} {
		if rest, ok := cutKeyword(statement, keyword); ok {
			return identifier(rest)
		}
	}
	name := identifier(statement)
	after := strings.TrimLeft(statement[len(name):], " \t")
	if strings.HasPrefix(after, ":") { // an annotation
		_, value, ok := strings.Cut(after, "=")
		if !ok {
			return ""
		}
		after = "=" + value
	}
	if !strings.HasPrefix(after, "=") || strings.HasPrefix(after, "==") {
		return ""
	}
	return name
}

// defines reports whether a top-level statement of src defines name.
func defines(src, name string) bool {
	if !strings.Contains(src, name) {
		return false
	}
	for s := range statements(src) {
		if definedName(src[s.start:s.end]) == name {
			return true
		}
	}
	return false
}

// cutKeyword returns what follows the keyword that statement begins with, and the white space behind it.
func cutKeyword(statement, keyword string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(statement, keyword)
	trimmed := strings.TrimLeft(rest, " \t")
	return trimmed, ok && len(trimmed) < len(rest)
}

// identifier is the Python name that s begins with, or "".
func identifier(s string) string {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return s[:i]
		}
	}
	return s
}

// imports is an import statement: import a.b as c, d; from a import (b as c, d); from a import *.
var imports = regexp.MustCompile(`^(?:import\s+` + importNames + `|from\s+[\w.]+\s+import\s+(?:\*|\(\s*` + importNames + `,?\s*\)|` + importNames + `))\s*(?:#.*)?$`)

const importNames = `[\w.]+(?:\s+as\s+\w+)?(?:\s*,\s*[\w.]+(?:\s+as\s+\w+)?)*`

// isImport reports whether the statement is an import at top level.
func isImport(statement string) bool {
	return topLevel(statement) && imports.MatchString(strings.TrimSpace(unjoined.Replace(statement)))
}

// unjoined makes one line of those that backslashes join.
var unjoined = strings.NewReplacer("\\\n", " ", "\\\r\n", " ")

// boundNames are the names that an import statement binds, "*" for all.
func boundNames(statement string) []string {
	statement = unjoined.Replace(statement)
	names, imported := cutKeyword(statement, "import")
	if !imported {
		_, names, _ = strings.Cut(statement, "import")
	}
	names, _, _ = strings.Cut(names, "#")
	var bound []string
	for name := range strings.SplitSeq(names, ",") {
		words := strings.Fields(strings.Trim(strings.TrimSpace(name), "()"))
		if len(words) == 0 {
			continue
		}
		last := words[len(words)-1]
		if imported {
			last, _, _ = strings.Cut(last, ".") // import a.b binds a
		}
		bound = append(bound, last)
	}
	return bound
}

// programLine is a line that prose hardly has: a definition, a decorator, an import, a loop, print or an assignment.
var programLine = regexp.MustCompile(`^(?:(?:async\s+)?def\s+\w+\s*\(|class\s+\w+\s*[(:]|@\w|for\s.*\sin\s.*:\s*(?:#.*)?$|while\s.*:\s*(?:#.*)?$|if\s+__name__\b|print\s*\(|[A-Za-z_][\w.]*(?:\s*,\s*[A-Za-z_][\w.]*|\[[^\]]*\])*\s*(?:[-+*/%&|^]|//|<<|>>|\*\*)?=(?:[^=]|$)|[A-Za-z_]\w*\s*:\s*[\w.]+(?:\[.*\])?\s*=[^=])`)

// looksLikeProgram reports whether src has a top-level line as only programs have.
func looksLikeProgram(src string) bool {
	for line := range strings.Lines(src) {
		if isProgramLine(line) {
			return true
		}
	}
	return false
}

// isProgramLine looks at no more of a line than decides it.
func isProgramLine(line string) bool {
	if !topLevel(line) {
		return false
	}
	line = strings.TrimRight(line, "\r\n")
	if len(line) > 1000 {
		line = line[:1000]
	}
	return programLine.MatchString(line) || imports.MatchString(line) || strings.HasPrefix(line, "from ") && strings.HasSuffix(line, "(")
}

// beginsAsProgram reports whether the first statement of src is one of a program, or its documentation.
func beginsAsProgram(src string) bool {
	for s := range statements(src) {
		first := src[s.start:s.end]
		return isProgramLine(first) || strings.HasPrefix(first, `"""`) || strings.HasPrefix(first, "'''")
	}
	return false
}

// words calls yield with every identifier-like word of s.
func words(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for len(s) > 0 {
			if word := identifier(s); word != "" {
				if !yield(word) {
					return
				}
				s = s[len(word):]
				continue
			}
			_, size := utf8.DecodeRuneInString(s)
			s = s[size:]
		}
	}
}

// definesBlock reports whether a top-level statement begins a function or class.
func definesBlock(statement string) bool {
	if rest, ok := cutKeyword(statement, "async"); ok {
		statement = rest
	}
	_, function := cutKeyword(statement, "def")
	_, class := cutKeyword(statement, "class")
	return function || class
}

// isBody reports whether the first statement of src is indented.
func isBody(src string) bool {
	for s := range statements(src) {
		return !topLevel(src[s.start:s.end])
	}
	return false
}

// futureEnd is the end of the last "from __future__ import" of src, 0 without one.
func futureEnd(src string) int {
	if !strings.Contains(src, "__future__") {
		return 0
	}
	end := 0
	for s := range statements(src) {
		if strings.HasPrefix(src[s.start:s.end], "from __future__ ") {
			end = s.end
		}
	}
	return end
}
