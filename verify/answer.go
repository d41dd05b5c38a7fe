package verify

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"

	"borel/problem"
)

// answerVersion is part of every verdict key of an answer check: change it when extraction, normalisation or equality
// of answers changes.
const answerVersion = "answer/1"

// answerCheck decides texts by the answer that they end in. No program is run.
type answerCheck struct {
	check  *problem.Check
	marker string
	lines  int      // how many lines the expected answer has, and so many are taken
	want   string   // normalised
	number *big.Rat // the expected number; nil for equality as strings
}

// newAnswer prepares the answer check c. The error is an *[problem.Invalid].
//
// The expected answer is normalised as answers are. Where it holds the marker itself, as a whole worked solution of a
// data set does, what follows the last one is the expected answer.
func newAnswer(c *problem.Check) (*answerCheck, error) {
	gold := c.Answer
	if c.Marker != "" {
		if end := lastMarker(gold, c.Marker); end >= 0 {
			gold = gold[end:]
		}
	}
	a := &answerCheck{check: c, marker: c.Marker, lines: countLines(gold), want: answerText(gold)}
	if a.want == "" {
		return nil, problem.Invalidf("check.answer", "%s holds no answer", quote(c.Answer))
	}
	switch c.Equal {
	case "", "string":
	case "number":
		n, ok := number(answerText(gold))
		if !ok {
			return nil, problem.Invalidf("check.answer", "%s is not a number (of at most %d digits), which equal: number asks for", quote(gold), maxNumberBytes)
		}
		a.number, a.want = n, plain(n)
	default:
		return nil, problem.Invalidf("check.equal", "%s is not known; string and number are", quote(c.Equal))
	}
	return a, nil
}

func (*answerCheck) version() string { return answerVersion }

func (*answerCheck) runsNothing() bool { return true }

func (a *answerCheck) key(w *keyWriter) {
	w.text(a.check.Answer)
	w.text(cmp.Or(a.check.Equal, "string"))
	w.text(a.check.Marker)
}

// decide decides a text; no program is run.
func (a *answerCheck) decide(_ context.Context, text string, d *decision) error {
	d.Status, d.Program, d.Extraction, d.Message = a.judge(text)
	if d.Status != problem.NoProgram {
		w := newKey("answer")
		w.text(answerVersion)
		w.text(d.Program)
		d.Behaviour = shortDigest(w)
	}
	return nil
}

// judge decides text. The status is accepted, wrong_answer or no_program; extracted is the answer in its normal form,
// the same for equal answers; rule is the row of this table that found it.
//
//	rule         the answer is
//	marker       what follows the last marker: as many lines as the expected answer has, blank ones left out
//	boxed        the content of the last balanced \boxed{…}
//	last_number  equal number, no marker: the last number
//	last_line    equal string, no marker: the last lines, as many as the expected answer has
//
// The first row that applies is used. Where the check has a marker, only the first two are: a solution that broke off
// before its marker states no answer, and the last of its intermediate numbers must not be taken for one. A marker with
// nothing behind it has no answer either.
//
// What a reasoning model thought (see [visible]) does not count where it went on to answer; otherwise the rule ends in
// "+think". Numbers are read by [number] and compared as exact rationals; last_number takes digits wherever they stand.
// As strings answers are compared after [answerText]; case counts.
func (a *answerCheck) judge(text string) (status problem.Status, extracted, rule, message string) {
	start, end, thought := visible(text)
	answer, rule, n := a.find(text[:end], start)
	if rule == "" {
		return problem.NoProgram, "", "", "no answer: " + answer
	}
	if thought {
		rule += "+think"
	}
	if answer == "" {
		return problem.NoProgram, "", rule, "no answer: nothing stands where it should (" + rule + ")"
	}
	if a.number == nil {
		if answer == a.want {
			return problem.Accepted, answer, rule, ""
		}
		return problem.WrongAnswer, answer, rule, fmt.Sprintf("got %s, want %s", quote(answer), quote(a.want))
	}
	if n == nil {
		return problem.WrongAnswer, answer, rule, fmt.Sprintf("got %s, which is not one number, want %s", quote(answer), quote(a.want))
	}
	answer = plain(n)
	if n.Cmp(a.number) == 0 {
		return problem.Accepted, answer, rule, ""
	}
	return problem.WrongAnswer, answer, rule, fmt.Sprintf("got %s, want %s", quote(answer), quote(a.want))
}

// find looks in text[start:], and for a marker that ends there. It returns the answer, the rule that found it, and its
// number where one is asked for and there is one. Without a rule, answer says why there is none.
func (a *answerCheck) find(text string, start int) (answer, rule string, n *big.Rat) {
	read := func(s, rule string) (string, string, *big.Rat) {
		s = answerText(s)
		if a.number != nil {
			n, _ = number(s)
		}
		return s, rule, n
	}
	if a.marker != "" {
		if end := lastMarker(text, a.marker); end >= start {
			return read(firstLines(text[end:], a.lines), "marker")
		}
	}
	text = text[start:]
	if box, ok := lastBoxed(text); ok {
		return read(box, "boxed")
	}
	switch {
	case a.marker != "":
		return "neither " + quote(a.marker) + ` nor \boxed{…} occurs`, "", nil
	case a.number == nil:
		return read(lastLines(text, a.lines), "last_line")
	}
	n, literal, ok := lastNumber(text)
	if !ok {
		return "no number occurs", "", nil
	}
	return literal, "last_number", n
}

// lastMarker is the end of the last marker in text, -1 without one. Markers are counted from the left and do not
// overlap, so that an answer that begins like the end of the marker is not cut.
func lastMarker(text, marker string) int {
	end := -1
	for from := 0; ; from = end {
		i := strings.Index(text[from:], marker)
		if i < 0 {
			return end
		}
		end = from + i + len(marker)
	}
}

// lastBoxed is the content of the \boxed{…} that begins last among those whose braces balance. Escaped braces do not
// count.
func lastBoxed(text string) (string, bool) {
	const command = `\boxed`
	type opening struct{ at, depth int }
	var open []opening
	depth, start, end := 0, -1, -1
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			if !strings.HasPrefix(text[i:], command) {
				i++
				continue
			}
			if j := i + len(command); j < len(text) && text[j] == '{' {
				open = append(open, opening{j + 1, depth})
				depth++
				i = j
			}
		case '{':
			depth++
		case '}':
			depth-- // below 0 after a stray one, which harms no pair
			if last := len(open) - 1; last >= 0 && open[last].depth == depth {
				if open[last].at > start {
					start, end = open[last].at, i
				}
				open = open[:last]
			}
		}
	}
	if start < 0 {
		return "", false
	}
	return text[start:end], true
}

// answerText is the normal form of an answer as text: \boxed{…} is opened; runs of white space become one space;
// Markdown emphasis and code marks, TeX's mathematics delimiters, a leading colon or bullet and one full stop at the
// end are taken off, unless nothing would be left. Case stays as it is.
func answerText(s string) string {
	if box, ok := lastBoxed(s); ok {
		s = box
	}
	s = collapse(s)
	for {
		inner := strings.TrimSpace(undecorated(s))
		if inner == "" || inner == s {
			return s
		}
		s = inner
	}
}

// undecorated takes one layer of decoration off s.
func undecorated(s string) string {
	for _, d := range [][2]string{{"**", "**"}, {"*", "*"}, {"__", "__"}, {"`", "`"}, {"$$", "$$"}, {"$", "$"}, {`\(`, `\)`}, {`\[`, `\]`}} {
		if inner, ok := strings.CutPrefix(s, d[0]); ok {
			if inner, ok = strings.CutSuffix(inner, d[1]); ok {
				return inner
			}
		}
	}
	for _, lead := range []string{":", "** ", "* ", "__ "} {
		if inner, ok := strings.CutPrefix(s, lead); ok {
			return inner
		}
	}
	if strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "..") {
		return s[:len(s)-1]
	}
	return s
}

// collapse trims s and makes one space of each run of white space.
func collapse(s string) string {
	s = strings.TrimSpace(s)
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if unicode.IsSpace(r) {
			space = true
		} else {
			if space {
				b.WriteByte(' ')
				space = false
			}
			b.WriteString(s[:size]) // not r: bytes that are not UTF-8 stay
		}
		s = s[size:]
	}
	return b.String()
}

func countLines(s string) int {
	n := 0
	for line := range strings.Lines(s) {
		if strings.TrimSpace(line) != "" {
			n++
		}
	}
	return n
}

// firstLines is the beginning of s up to its n-th line that is not blank.
func firstLines(s string, n int) string {
	end := 0
	for line := range strings.Lines(s) {
		end += len(line)
		if strings.TrimSpace(line) == "" {
			continue
		}
		if n--; n == 0 {
			return s[:end]
		}
	}
	return s
}

// lastLines is the end of s from its n-th last line that is not blank.
func lastLines(s string, n int) string {
	for start := len(s); start > 0; {
		end := start
		start = strings.LastIndexByte(s[:end-1], '\n') + 1
		if strings.TrimSpace(s[start:end]) == "" {
			continue
		}
		if n--; n == 0 {
			return s[start:]
		}
	}
	return s
}
