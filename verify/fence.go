package verify

import (
	"iter"
	"strings"
)

// block is a fenced block of a Markdown text.
type block struct {
	tag    string // the language of the opening fence, in lower case
	indent int    // columns before the opening fence, which are taken off every line
	body   string // the lines between the fences, as they stand
	closed bool
}

// code is the content of b without the indentation of its fence.
func (b block) code() string {
	if b.indent == 0 {
		return b.body
	}
	var out strings.Builder
	out.Grow(len(b.body))
	for line := range strings.Lines(b.body) {
		out.WriteString(dedent(line, b.indent))
	}
	return out.String()
}

// fence is a line that may open or close a block.
type fence struct {
	mark   byte // ` or ~
	length int
	indent int    // columns before it
	info   string // what follows it, trimmed; a closing fence has none
	listed bool   // a list mark stands before it: it can only open
}

// parseFence reads a fence: white space, at most one list mark, three or more ` or ~, and an info string,
// which has no ` where the fence is made of them.
func parseFence(line string) (fence, bool) {
	rest := strings.TrimLeft(line, " \t")
	f := fence{indent: columns(line[:len(line)-len(rest)])}
	if item := listMark(rest); item > 0 {
		f.listed = true
		after := strings.TrimLeft(rest[item:], " \t")
		f.indent += len(rest) - len(after)
		rest = after
	}
	if !strings.HasPrefix(rest, "```") && !strings.HasPrefix(rest, "~~~") {
		return fence{}, false
	}
	f.mark = rest[0]
	for f.length < len(rest) && rest[f.length] == f.mark {
		f.length++
	}
	f.info = strings.TrimSpace(rest[f.length:])
	return f, f.mark == '~' || strings.IndexByte(f.info, '`') < 0
}

// listMark is the length of the "-", "*", "+", "1." or "2)" that s begins with where white space follows, else 0.
func listMark(s string) int {
	n := digits(s)
	switch {
	case n > 9 || n == len(s):
		return 0
	case n > 0 && s[n] != '.' && s[n] != ')', n == 0 && strings.IndexByte("-*+", s[0]) < 0:
		return 0
	}
	if n+1 < len(s) && (s[n+1] == ' ' || s[n+1] == '\t') {
		return n + 1
	}
	return 0
}

// columns is the width of leading white space, with tab stops every 4.
func columns(space string) int {
	n := 0
	for i := range len(space) {
		if space[i] == '\t' {
			n += 4 - n%4
		} else {
			n++
		}
	}
	return n
}

// dedent takes up to n columns of white space off line.
func dedent(line string, n int) string {
	i := 0
	for at := 0; i < len(line) && at < n && (line[i] == ' ' || line[i] == '\t'); i++ {
		if line[i] == '\t' {
			at += 4 - at%4
		} else {
			at++
		}
	}
	return line[i:]
}

// tag is the language of an info string: python of "Python title=x", "{.python}", "python:main.py" and "python3".
func (f fence) tag() string {
	s := strings.TrimLeft(f.info, "{. \t")
	end := strings.IndexAny(s, " \t{}:,;=")
	if end >= 0 {
		s = s[:end]
	}
	return strings.ToLower(s)
}

// opens reports whether f, met inside a block, begins another one. Several words behind a fence are prose.
func (f fence) opens() bool {
	return f.info != "" && (isPython(f.tag()) || f.info[0] == '{' || !strings.ContainsAny(f.info, " \t"))
}

// closes reports whether f closes the block that open opened.
func (f fence) closes(open fence) bool {
	return f.mark == open.mark && f.length >= open.length && !f.listed && !f.opens()
}

// blocks are the fenced blocks of text, in order, in linear time. As in CommonMark, a fence is closed by one of the
// same character that is at least as long. Beyond it:
//
//   - A list mark may stand before an opening fence, any white space before both, and prose behind a closing one.
//   - A fence inside a Python string is content where that string ends later: programs have Markdown in their
//     documentation.
//   - A fence with a language, outside strings, ends a block that was not closed and opens the next: no program has
//     such a line, and a Markdown block around other blocks looks like this.
func blocks(text string) iter.Seq[block] {
	return func(yield func(block) bool) {
		trust := true // that strings end; once one did not, fences count also inside them, and nothing is read a third time
		for at := 0; at < len(text); {
			line := lineAt(text, at)
			at += len(line)
			open, ok := parseFence(line)
			if !ok {
				continue
			}
			b, next := readBlock(text, at, open, &trust)
			if !yield(b) {
				return
			}
			at = next
		}
	}
}

// readBlock reads the block whose content begins at text[from]; next is where the search for more goes on.
func readBlock(text string, from int, open fence, trust *bool) (b block, next int) {
	b = block{tag: open.tag(), indent: open.indent}
	inString := *trust && (b.tag == "" || isPython(b.tag))
	var l lexer
	var doubtful block // the block, had its first fence inside a string closed it
	resume := -1
	for at := from; at < len(text); {
		line := lineAt(text, at)
		f, ok := parseFence(line)
		switch {
		case ok && inString && len(l.quote) == 3:
			if resume < 0 && f.closes(open) {
				doubtful, resume = block{b.tag, b.indent, text[from:at], true}, at+len(line)
			}
		case ok && f.closes(open):
			b.body, b.closed = text[from:at], true
			return b, at + len(line)
		case ok && f.opens():
			b.body = text[from:at]
			return b, at
		}
		if inString {
			l.line(line)
		}
		at += len(line)
	}
	if resume >= 0 {
		*trust = false
		return doubtful, resume
	}
	b.body = text[from:]
	return b, len(text)
}

// lineAt is the line of text that begins at i, with its end.
func lineAt(text string, i int) string {
	if n := strings.IndexByte(text[i:], '\n'); n >= 0 {
		return text[i : i+n+1]
	}
	return text[i:]
}

// isPython reports whether tag names Python: python, python3, python3.13, py, py3, ipython.
func isPython(tag string) bool {
	return strings.HasPrefix(tag, "python") || strings.HasPrefix(tag, "ipython") || tag == "py" || tag == "py3"
}
