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
const answerVersion = "answer/2"

// Versions of equality as mathematics and as letters, with the extraction that goes with them.
const (
	mathVersion   = "answer-math/2"
	choiceVersion = "answer-choice/1"
)

// answerCheck decides texts by the answer that they end in. Equality as mathematics may run a program of our own, see
// [expression.same]; nothing else runs any.
type answerCheck struct {
	check  *problem.Check
	marker string
	lines  int        // how many lines the expected answer has, and so many are taken
	want   string     // normalised
	number *big.Rat   // equal number: the expected one
	gold   expression // equal math: the expected answer, read
	sympy  sympy      // equal math
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
	case "math":
		a.gold = readMath(a.want)
	case "choice":
		if a.want = choice(a.want); a.want == "" {
			return nil, problem.Invalidf("check.answer", "%s is not one letter, which equal: choice asks for", quote(gold))
		}
	default:
		return nil, problem.Invalidf("check.equal", "%s is not known; string, number, math and choice are", quote(c.Equal))
	}
	return a, nil
}

func (a *answerCheck) version() string {
	switch a.check.Equal {
	case "math":
		return mathVersion
	case "choice":
		return choiceVersion
	}
	return answerVersion
}

func (a *answerCheck) runsNothing() bool { return a.check.Equal != "math" }

func (a *answerCheck) key(w *keyWriter) {
	w.text(a.check.Answer)
	w.text(cmp.Or(a.check.Equal, "string"))
	w.text(a.check.Marker)
}

// decide decides a text.
func (a *answerCheck) decide(ctx context.Context, text string, d *decision) (err error) {
	if a.check.Equal == "math" {
		err = a.judgeMath(ctx, text, d)
	} else {
		d.Status, d.Program, d.Extraction, d.Message = a.judge(text)
	}
	if err == nil && d.Status != problem.NoProgram {
		w := newKey("answer")
		w.text(a.version())
		w.text(d.Program)
		d.Behaviour = shortDigest(w)
	}
	return err
}

// judgeMath decides a text by mathematical equality.
func (a *answerCheck) judgeMath(ctx context.Context, text string, d *decision) error {
	answer, rule, _, none := a.extract(text)
	d.Extraction = rule
	if none != "" {
		d.Status, d.Message = problem.NoProgram, "no answer: "+none
		return nil
	}
	got := readMath(answer)
	is, ran, err := a.gold.same(ctx, &got, &a.sympy)
	if err != nil {
		return err
	}
	if ran != nil {
		d.measure(&ran.result)
		d.Cached = ran.cached
	}
	d.Status, d.Program = problem.WrongAnswer, got.normal()
	switch is {
	case equal:
		d.Status = problem.Accepted
	case different:
		d.Message = fmt.Sprintf("got %s, want %s", quote(answer), quote(a.want))
	case unshown:
		d.Message = fmt.Sprintf("got %s, which could not be shown within the limits to equal %s", quote(answer), quote(a.want))
	}
	return nil
}

// judge decides text for every equality but math. The status is accepted, wrong_answer or no_program; extracted is the
// answer in its normal form, the same for equal answers; rule is the row of [answerCheck.find] that found it.
//
// Numbers are read by [number] and compared as exact rationals; last_number takes digits wherever they stand. As strings
// answers are compared after [answerText]; case counts. Choices are letters, read by [choice].
func (a *answerCheck) judge(text string) (status problem.Status, extracted, rule, message string) {
	answer, rule, n, none := a.extract(text)
	if none != "" {
		return problem.NoProgram, "", rule, "no answer: " + none
	}
	switch {
	case a.check.Equal == "choice":
		letter := choice(answer)
		if letter == "" {
			return problem.WrongAnswer, answer, rule, fmt.Sprintf("got %s, which is not one letter, want %s", quote(answer), quote(a.want))
		}
		answer = letter
	case a.number != nil && n == nil:
		return problem.WrongAnswer, answer, rule, fmt.Sprintf("got %s, which is not one number, want %s", quote(answer), quote(a.want))
	case a.number != nil:
		answer = plain(n)
	}
	if answer == a.want {
		return problem.Accepted, answer, rule, ""
	}
	return problem.WrongAnswer, answer, rule, fmt.Sprintf("got %s, want %s", quote(answer), quote(a.want))
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
