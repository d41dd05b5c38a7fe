package verify

import (
	"context"
	"math/big"
	"regexp"
	"strings"
	"unicode"

	"borel/verify/latex"
)

// expression is an answer of mathematics, read.
type expression struct {
	text   string      // see mathText
	tree   *latex.Node // nil where it is not understood
	number *big.Rat    // its value, where the host can compute it; otherwise nil
}

func readMath(s string) expression {
	e := expression{text: mathText(s)}
	if tree, err := latex.Parse(s); err == nil && unitsOnly(tree) {
		e.tree = tree
		e.number, _ = rational(tree)
		if tree.Op == "text" {
			e.text = plainWords(e.text)
		}
	}
	return e
}

// unitsOnly reports whether the words behind numbers may be left out: not so those of 3 million and 5 squared.
func unitsOnly(tree *latex.Node) bool {
	ok := true
	tree.Each(func(n *latex.Node) {
		if n.Op == "unit" {
			for word := range words(strings.ToLower(n.Text)) {
				ok = ok && !arithmetic[word] && !bounds[word]
			}
		}
	})
	return ok
}

// bounds are words that make of a number something else than that number.
var bounds = map[string]bool{
	"least": true, "most": true, "less": true, "more": true, "than": true, "greater": true, "fewer": true, "above": true, "below": true, "under": true, "between": true,
	"except": true, "without": true, "unless": true, "if": true, "neither": true, "cannot": true, "nor": true, "wrong": true, "false": true, "incorrect": true,
}

// braced are words in braces, as of \text{million}.
var braced = regexp.MustCompile(`\{([A-Za-z ]+)\}`)

// bounded reports whether one of those words is in s.
func bounded(s string) bool {
	for word := range words(strings.ToLower(s)) {
		if bounds[word] {
			return true
		}
	}
	return false
}

// normal is what equal answers of numbers share, and otherwise the text.
func (e *expression) normal() string {
	if e.number != nil {
		return plain(e.number)
	}
	return e.text
}

// isWords reports whether the answer is words.
func (e *expression) isWords() bool { return e.tree != nil && e.tree.Op == "text" }

// equality is the outcome of a comparison.
type equality int

const (
	different equality = iota
	equal
	unshown // it is not known to be equal, and never will be: too large, or beyond what SymPy simplifies
)

// same decides whether the answer is the expected one, gold: as texts, then as rational numbers, then by SymPy. ran is
// nil where nothing had to be run.
func (gold *expression) same(ctx context.Context, answer *expression, by *sympy) (is equality, ran *outcome, err error) {
	if answer.text != "" && answer.text == gold.text {
		return equal, nil, nil
	}
	if gold.tree == nil || answer.tree == nil {
		if strings.ContainsFunc(gold.text[:max(0, strings.IndexAny(gold.text, "0123456789"))], unicode.IsLetter) {
			if g := textOnly(gold.text); g != "" && g == textOnly(answer.text) {
				return equal, nil, nil
			}
			return different, nil, nil // June 5 is no 5
		}
		g, w := braced.ReplaceAllString(gold.text, " $1 "), braced.ReplaceAllString(answer.text, " $1 ")
		a, ok := number(g)
		b, too := number(w)
		if ok && too && a.Cmp(b) == 0 && bounded(g) == bounded(w) && sameUnit(unitIn(g), unitIn(w)) {
			return equal, nil, nil
		}
		return different, nil, nil
	}
	if gold.tree.Op == "text" || answer.tree.Op == "text" {
		if g := wordsOf(gold); g != "" && g == wordsOf(answer) {
			return equal, nil, nil
		}
		return different, nil, nil
	}
	if !sameUnit(unitOf(gold.tree), unitOf(answer.tree)) {
		return different, nil, nil
	}
	if gold.number != nil && answer.number != nil {
		if gold.number.Cmp(answer.number) == 0 {
			return equal, nil, nil
		}
		return different, nil, nil
	}
	return by.compare(ctx, gold.tree, answer.tree)
}

// looks are ways of writing the same in LaTeX. Arrows come first, lest \left be taken off them.
var looks = strings.NewReplacer(`\lefta`, `\lefta`, `\lefth`, `\lefth`, `\leftr`, `\leftr`, `\righta`, `\righta`, `\righth`, `\righth`, `\rightl`, `\rightl`, `\left`, "", `\right`, "", `\dfrac`, `\frac`, `\tfrac`, `\frac`, `\cfrac`, `\frac`, `\!`, "", `\,`, " ", `\;`, " ", `\:`, " ", `\ `, " ", "~", " ",
	`\quad`, " ", `\displaystyle`, "", "\u2212", "-", "$", "", `\(`, "", `\)`, "", `\leq`, `\le`, `\geq`, `\ge`, `\neq`, `\ne`, `^{\circ}`, `^\circ`, `\lbrace`, `\{`, `\rbrace`, `\}`)

// mathText is s without what is only look: spaces except between letters and digits, sizes of brackets and fractions.
func mathText(s string) string {
	s = collapse(looks.Replace(s))
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		if s[i] == ' ' && (!alphanumeric(s[i-1]) || !alphanumeric(s[i+1])) && s[i-1] != '\\' {
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80
}

// face are the commands around words.
var face = strings.NewReplacer(`\textbf`, "", `\textit`, "", `\textrm`, "", `\text`, "", `\mbox`, "", `\mathrm`, "", `\mathbf`, "", `\rm`, "")

// plainWords are the letters and digits of s, in lower case.
func plainWords(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, face.Replace(s))
}

// wordsOf is an answer read as words: "" where it holds anything else, as 2x does.
func wordsOf(e *expression) string {
	if e.tree.Op == "text" {
		return plainWords(e.tree.Text)
	}
	if strings.ContainsAny(e.text, "0123456789") {
		return ""
	}
	return textOnly(e.text)
}

// textOnly is s as words and digits, "" where it holds anything that is mathematics.
func textOnly(s string) string {
	if s = face.Replace(s); strings.ContainsAny(s, `+-=<>^_/*|!,;\`) {
		return ""
	}
	return plainWords(s)
}

// units, and what else of the kind, that differ make answers differ; other words behind a number do not count. An area's cm^2 is its cm: which of
// them is meant, the question says.
var units = func() map[string]string {
	m := map[string]string{}
	for _, same := range []string{"$ dollar dollars usd", "cent cents", "mm millimeter millimeters millimetre millimetres", "cm centimeter centimeters centimetre centimetres",
		"m meter meters metre metres", "km kilometer kilometers kilometre kilometres", "inch inches", "ft foot feet", "yard yards yd", "mile miles mi",
		"mg milligram milligrams", "g gram grams", "kg kilogram kilograms", "sec second seconds", "min minute minutes", "hr hour hours", "day days", "week weeks", "month months", "year years",
		"am a.m", "pm p.m", "north", "south", "east", "west", "left", "right", "up", "down", "clockwise", "counterclockwise anticlockwise", "celsius", "fahrenheit", "kelvin", "profit", "loss"} {
		names := strings.Fields(same)
		for _, name := range names {
			m[name] = names[0]
		}
	}
	return m
}()

// unitOf is the first unit in a tree that has a known name; "" without one.
func unitOf(n *latex.Node) (found string) {
	n.Each(func(n *latex.Node) {
		if n.Op != "unit" || found != "" {
			return
		}
		found = unitIn(n.Text)
	})
	return found
}

// unitIn is the first unit in a text that has a known name; "" without one.
func unitIn(s string) string {
	for word := range strings.FieldsSeq(strings.ToLower(s)) {
		if u := units[strings.Trim(word, ".")]; u != "" {
			return u
		}
	}
	return ""
}

// sameUnit reports whether two units do not contradict each other: either may be left out.
func sameUnit(a, b string) bool { return a == "" || b == "" || a == b }

// maxRationalBits bounds the numbers that the host computes.
const maxRationalBits = 4096

// rational is the value of a tree of rational numbers. Degrees and units are left out, as they are around any value.
func rational(n *latex.Node) (*big.Rat, bool) {
	switch n.Op {
	case "num":
		return rationalText(n.Text)
	case "unit", "deg":
		return rational(n.Args[0])
	case "add", "mul", "neg", "div", "pow":
	default:
		return nil, false
	}
	var total *big.Rat
	for i, arg := range n.Args {
		r, ok := rational(arg)
		if !ok || r.Num().BitLen() > maxRationalBits || r.Denom().BitLen() > maxRationalBits {
			return nil, false
		}
		if i == 0 {
			total = new(big.Rat).Set(r)
			if n.Op == "neg" {
				total.Neg(total)
			}
			continue
		}
		switch n.Op {
		case "add":
			total.Add(total, r)
		case "mul":
			total.Mul(total, r)
		case "div":
			if r.Sign() == 0 {
				return nil, false
			}
			total.Quo(total, r)
		case "pow":
			if total, ok = powerOf(total, r); !ok {
				return nil, false
			}
		}
		if total.Num().BitLen() > maxRationalBits || total.Denom().BitLen() > maxRationalBits {
			return nil, false
		}
	}
	return total, true
}

// powerOf is a^b for a small integer b.
func powerOf(a, b *big.Rat) (*big.Rat, bool) {
	if !b.IsInt() || !b.Num().IsInt64() || a.Sign() == 0 && b.Sign() <= 0 {
		return nil, false
	}
	e := b.Num().Int64()
	if max(e, -e) > maxRationalBits || int64(max(a.Num().BitLen(), a.Denom().BitLen()))*max(e, -e) > maxRationalBits {
		return nil, false
	}
	exp := big.NewInt(max(e, -e))
	r := new(big.Rat).SetFrac(new(big.Int).Exp(a.Num(), exp, nil), new(big.Int).Exp(a.Denom(), exp, nil))
	if e < 0 {
		r.Inv(r)
	}
	return r, true
}

// rationalText is the value of a num of package latex.
func rationalText(s string) (*big.Rat, bool) {
	if a, b, ok := strings.Cut(s, "/"); ok {
		r := ratio(a, b)
		return r, r != nil
	}
	return parseDecimal(s)
}
