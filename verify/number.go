package verify

import (
	"math/big"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxAnswerBytes bounds the text that is searched for a number.
const maxAnswerBytes = 8 << 10

// unlatex turns the ways in which models write numbers into plain ones, so that the grammar below stays small.
var unlatex = strings.NewReplacer(
	"\u2212", "-", // minus sign
	"\u00a0", " ", "\u202f", " ", "\u2009", " ", // no-break and thin spaces
	`\!`, "", `\,`, "", `\;`, " ", `\:`, " ", `\ `, " ", "~", " ",
	"{,}", ",", `\$`, "$", `\%`, "%", `\left`, "", `\right`, "",
	`\dfrac`, `\frac`, `\tfrac`, `\frac`, `\cfrac`, `\frac`,
	`^{\circ}`, "°", `^\circ`, "°", `\circ`, "°", `\degree`, "°",
	`\textbf`, " ", `\text`, " ", `\mathrm`, " ", `\mathbf`, " ", `\mbox`, " ",
	`\(`, " ", `\)`, " ", `\[`, " ", `\]`, " ", "**", " ",
)

// number reads the one number that s, an answer, states. Words and units may stand around it, as in "about $1,250.50
// per month"; see [unitText]. What follows the last = counts. A second number, an operator or a word of arithmetic makes
// the answer ambiguous, and it is not a number: "10 + x", "5 or 6", "2π" and "5 and a half" are none.
//
//	18   -3   +7   007   18.00   .5   $1,250.50   -$5   50%   \frac{3}{4}   3/4   1 3/4   1\frac{3}{4}
//	1.5e3   6.02 × 10^{23}   3 million
//
// A percentage is its number (50% is 50, not 0.5). Commas separate groups of three digits. Numbers of more than 1000
// digits, or with an exponent beyond ±1000, are not numbers: they would take long to compare.
func number(s string) (*big.Rat, bool) {
	if len(s) > maxAnswerBytes {
		return nil, false
	}
	s = unlatex.Replace(s)
	if i := strings.LastIndexByte(s, '='); i >= 0 {
		if i > 0 && strings.IndexByte("<>!~:", s[i-1]) >= 0 {
			return nil, false
		}
		s = s[i+1:]
	}
	n, ok := nextNumeral(s, 0)
	if !ok || n.value == nil {
		return nil, false
	}
	if _, second := nextNumeral(s, n.end); second {
		return nil, false
	}
	before, after := s[:n.start], s[n.end:]
	word := strings.TrimLeft(after, " ")
	word = word[:len(word)-len(strings.TrimLeftFunc(word, unicode.IsLetter))]
	if scale, ok := scales[strings.ToLower(word)]; ok {
		n.value.Mul(n.value, big.NewRat(scale, 1))
		after = strings.Replace(after, word, "", 1)
	}
	// x-5 and x\frac{1}{2} are terms, where US$5 is a number.
	touching, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(s[n.start:])
	if strings.ContainsRune("-/^", touching) || unicode.IsLetter(touching) && !unicode.Is(unicode.Sc, first) {
		return nil, false
	}
	if !unitText(before, false) || !unitText(after, true) {
		return nil, false
	}
	return n.value, true
}

// scales are the words after a number that multiply it.
var scales = map[string]int64{"dozen": 12, "hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}

// arithmetic words around a number change its value.
var arithmetic = map[string]bool{
	"plus": true, "minus": true, "negative": true, "times": true, "divided": true, "over": true, "not": true, "or": true,
	"half": true, "halves": true, "third": true, "thirds": true, "quarter": true, "quarters": true, "twice": true,
	"squared": true, "cubed": true, "factorial": true, "pi": true, "sqrt": true, "log": true,
	"fourths": true, "fifths": true, "sixths": true, "sevenths": true, "eighths": true, "ninths": true, "tenths": true, "twelfths": true, "sixteenths": true,
	"hundredths": true, "thousandths": true, "millionths": true, "billionths": true, "gross": true, "lakh": true, "crore": true, "dozen": true, "hundred": true,
	"thousand": true, "million": true, "billion": true, "trillion": true,
}

// unitText reports whether s, what stands before or after a number, may be left out: words, punctuation, currency and
// units, which it is not this checker's part to convert. Letters that touch the number, and single ones after it, must
// be a unit: 5cm and 5 m are 5, while 5x and 5 x are no number.
func unitText(s string, after bool) bool {
	const units = "mgshlLa" // a as in "5 dollars a day"
	last := rune(' ')       // before the character at hand
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case unicode.IsLetter(r):
			word := s[i : len(s)-len(strings.TrimLeftFunc(s[i:], unicode.IsLetter))]
			if arithmetic[strings.ToLower(word)] || after && len(word) == size && !strings.ContainsRune(units, r) && last != '\'' && last != '’' {
				return false
			}
			i += len(word)
			last = 'a'
			continue
		case r == '^', r == '-', r == '/', r == '(', unicode.IsDigit(r), r == '²', r == '³':
			// Part of a unit (m^2, km/h, dollars-a-day), or an operator. A parenthesis after a letter is a call.
			if (last == 'a' || last == '^' && unicode.IsDigit(r)) == (r == '(') {
				return false
			}
		case r == '{', r == '}':
			i++
			continue
		case unicode.IsSpace(r), unicode.Is(unicode.Sc, r), strings.ContainsRune(".,:;'’\")%°≈_`", r):
		default:
			return false
		}
		last = r
		i += size
	}
	return true
}

// numeral is a number at s[start:end]. Its value is nil where it is one that is too long to compute with, or a fraction
// over zero.
type numeral struct {
	value      *big.Rat
	start, end int
}

var (
	tenTo    = regexp.MustCompile(`^\s*(?:\\times|\\cdot|[×*x·])\s*10\s*\^\s*(?:\{\s*)?([+-]?\d{1,5})(?:\s*\})?`)
	overInt  = regexp.MustCompile(`^ ?/ ?(\d+)`)
	mixed    = regexp.MustCompile(`^ +(\d+)/(\d+)`)
	fraction = regexp.MustCompile(`^ *\\frac *(?:\{ *([+-]?\d+) *\}|(\d)) *(?:\{ *([+-]?\d+) *\}|(\d))`)
)

// nextNumeral finds the first numeral of s that starts at or after from. Digits that belong to a word or stand in a
// power (x2, m^2) are none.
func nextNumeral(s string, from int) (numeral, bool) {
	for i := from; i < len(s); i++ {
		n := numeral{start: i, end: i}
		if s[i] == '\\' {
			value, size := parseFraction(s[i:])
			if size == 0 {
				continue
			}
			n.value, n.end = value, i+size
		} else {
			size := digits(s[i:])
			if size == 0 && (s[i] != '.' || digits(s[i+1:]) == 0) {
				continue
			}
			if r, _ := utf8.DecodeLastRuneInString(s[:i]); unicode.IsLetter(r) || r == '^' || r == '_' {
				i += size
				continue
			}
			n.value, size = parseNumeral(s[i:])
			n.end = i + size
		}
		var negative bool
		n.start, negative = sign(s[:i])
		if negative && n.value != nil {
			n.value.Neg(n.value)
		}
		return n, true
	}
	return numeral{}, false
}

// sign finds the sign and the currency that end s, which stands before a number: "-", "-$", "$-", "$", "+" or none.
// What follows a letter, a digit or a closing parenthesis is an operator, not a sign.
func sign(s string) (start int, negative bool) {
	currency := func(s string) string {
		r, size := utf8.DecodeLastRuneInString(s)
		if unicode.Is(unicode.Sc, r) {
			return s[:len(s)-size]
		}
		return s
	}
	rest := currency(s)
	if rest == "" {
		return 0, false
	}
	c := rest[len(rest)-1]
	if c != '-' && c != '+' {
		return len(rest), false
	}
	rest = rest[:len(rest)-1]
	r, _ := utf8.DecodeLastRuneInString(rest)
	if unicode.IsLetter(r) || unicode.IsDigit(r) || r == ')' || r == '}' {
		return len(s), false
	}
	return len(currency(rest)), c == '-'
}

// parseNumeral reads the unsigned number that s begins with.
func parseNumeral(s string) (value *big.Rat, size int) {
	text := s[:digits(s)]
	size = len(text)
	if 1 <= size && size <= 3 {
		for size+4 <= len(s) && s[size] == ',' && digits(s[size+1:]) == 3 {
			text += s[size+1 : size+4]
			size += 4
		}
	}
	whole := true
	if size < len(s) && s[size] == '.' {
		if n := digits(s[size+1:]); n > 0 {
			text += s[size : size+1+n]
			size += 1 + n
			whole = false
		}
	}
	if n := exponent(s[size:]); n > 0 {
		text += s[size : size+n]
		size += n
		whole = false
	} else if m := tenTo.FindStringSubmatch(s[size:]); m != nil {
		text += "e" + m[1]
		size += len(m[0])
		whole = false
	}
	value, ok := parseDecimal(text)
	if !ok {
		return nil, size
	}
	if !whole {
		return value, size
	}
	if m := mixed.FindStringSubmatch(s[size:]); m != nil {
		return add(value, ratio(m[1], m[2])), size + len(m[0])
	}
	if m := overInt.FindStringSubmatch(s[size:]); m != nil {
		return ratio(text, m[1]), size + len(m[0])
	}
	if part, n := parseFraction(s[size:]); n > 0 {
		return add(value, part), size + n
	}
	return value, size
}

// parseFraction reads the \frac{a}{b} that s begins with; size is 0 where there is none.
func parseFraction(s string) (value *big.Rat, size int) {
	m := fraction.FindStringSubmatch(s)
	if m == nil {
		return nil, 0
	}
	return ratio(m[1]+m[2], m[3]+m[4]), len(m[0])
}

// exponent is the length of the e-notation that s begins with: 1e5, 1E-3, but not 2em.
func exponent(s string) int {
	if s == "" || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	n := 1
	if n < len(s) && (s[n] == '+' || s[n] == '-') {
		n++
	}
	d := digits(s[n:])
	if d == 0 {
		return 0
	}
	return n + d
}

// ratio is a/b, nil where that is no number that we compute with.
func ratio(a, b string) *big.Rat {
	p, ok1 := parseDecimal(a)
	q, ok2 := parseDecimal(b)
	if !ok1 || !ok2 || q.Sign() == 0 {
		return nil
	}
	return p.Quo(p, q)
}

func add(a, b *big.Rat) *big.Rat {
	if b == nil {
		return nil
	}
	return a.Add(a, b)
}

// lastNumber is the last number of s, and what of s it stands on.
func lastNumber(s string) (value *big.Rat, text string, ok bool) {
	end := strings.LastIndexAny(s, "0123456789")
	if end < 0 {
		return nil, "", false
	}
	// A number does not span lines, and what stands further off than a number is long is no part of it.
	s = s[strings.LastIndexByte(s[:end], '\n')+1:]
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		s = s[:i]
	}
	if end = strings.LastIndexAny(s, "0123456789"); end > maxAnswerBytes {
		s = strings.ToValidUTF8(s[end-maxAnswerBytes:], "")
	}
	if len(s) > 2*maxAnswerBytes {
		s = s[:2*maxAnswerBytes]
	}
	s = unlatex.Replace(s)
	var last numeral
	for n, more := nextNumeral(s, 0); more; n, more = nextNumeral(s, n.end) {
		last, ok = n, true
	}
	return last.value, s[last.start:last.end], ok
}

// plain writes a number in the one way that equal numbers share: 18, 0.5, or 1/3 where the decimals have no end.
func plain(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	if decimals, exact := r.FloatPrec(); exact {
		return r.FloatString(decimals)
	}
	return r.RatString()
}
