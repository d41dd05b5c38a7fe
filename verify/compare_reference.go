package verify

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	und "golang.org/x/text/language"
)

// The comparators of published harnesses, so that their numbers can be reproduced. They have faults, which are kept:
// prefer tokens or float where nothing has to be reproduced.

// referencePrecision is how far two numbers may differ: less than this, whatever their size; to sandboxfusion, less than this
// times the expected one.
const referencePrecision = 1e-5

// referenceSpace is white space to llmonk and deepmind. A form feed is not.
const referenceSpace = whiteSpace &^ (1 << '\f')

// compareLLMonk decides as outputs_match of Large Language Monkeys does (ScalingIntelligence/large_language_monkeys,
// llmonk/evaluate/code_contests_utils/compare_results.py) on CPython 3.13. Tokens are lower-cased; two that int() reads
// must be equal, two that int() or float() reads must differ by less than 1e-5, others must be equal.
//
// Its faults: inf and nan differ from themselves; so does an integer of more than 4300 digits, which int() refuses and
// float() reads as inf; small numbers are equal (0.000001 and 0.000002). An integer too large for a float beside a float
// is an error there, and a difference here. Output that is not UTF-8 is wrong.
//
// The harness does not look at how a program ends either, unless by the time limit: see stdio.
func compareLLMonk(got, want string) (bool, string) {
	if !utf8.ValidString(got) {
		return false, "the output is not UTF-8"
	}
	return compareEach(got, want, referenceSpace, equalLLMonk)
}

func equalLLMonk(got, want string) bool {
	got, want = lower(got), lower(want)
	g, gok := pythonNumber(got)
	w, wok := pythonNumber(want)
	switch {
	case !gok || !wok:
		return got == want
	case g.whole != "" && w.whole != "":
		return g.whole == w.whole
	case g.whole != "" && math.IsInf(g.float, 0), w.whole != "" && math.IsInf(w.float, 0):
		return false
	}
	return math.Abs(g.float-w.float) < referencePrecision
}

// lower is str.lower of Python.
func lower(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	return cases.Lower(und.Und).String(s)
}

// pyNumber is what int() or float() makes of a text.
type pyNumber struct {
	whole string // of int(): an optional minus sign and digits, without leading zeros; "" where only float() reads it
	float float64
}

// maxIntDigits is how many digits int() reads, leading zeros counted in.
const maxIntDigits = 4300

// pythonNumber reads s as int(s) does, else as float(s), of CPython 3.13: white space around it and the decimal digits
// are those of Unicode, unless all of s is ASCII, and an underscore may stand between two digits.
func pythonNumber(s string) (n pyNumber, ok bool) {
	if ascii(s) {
		s = strings.Trim(s, " \t\n\v\f\r")
	} else {
		s = strings.TrimFunc(s, pythonSpace)
	}
	if s, ok = plainDigits(s); !ok {
		return n, false
	}
	i := signs(s)
	if d := digits(s[i:]); d > 0 && i+d == len(s) && d <= maxIntDigits {
		n.whole = strings.TrimLeft(s[i:], "0")
		if n.whole == "" {
			n.whole = "0"
		} else if s[0] == '-' {
			n.whole = "-" + n.whole
		}
	} else if strings.EqualFold(s[i:], "nan") {
		n.float = math.NaN()
		return n, true
	} else if _, ok := scanDecimal(s); !ok && !infinite(s[i:]) {
		return n, false
	}
	n.float, _ = strconv.ParseFloat(s, 64) // infinite where it is too large, as in Python
	return n, true
}

// plainDigits writes decimal digits as ASCII and leaves out underscores between digits. ok is false where one stands
// elsewhere, or where s holds anything else that is not ASCII.
func plainDigits(s string) (plain string, ok bool) {
	if ascii(s) && strings.IndexByte(s, '_') < 0 {
		return s, true
	}
	var b strings.Builder
	before, underscore := false, false // the last rune was a digit, an underscore
	for _, r := range s {
		d, digit := decimalDigit(r)
		switch {
		case r == '_' && !before, underscore && !digit, r >= utf8.RuneSelf && !digit:
			return "", false
		case digit:
			b.WriteByte('0' + d)
		case r != '_':
			b.WriteRune(r)
		}
		before, underscore = digit, r == '_'
	}
	return b.String(), !underscore
}

// decimalDigit is the value of a digit of any script. Unicode has those of one script side by side, from 0 to 9.
func decimalDigit(r rune) (byte, bool) {
	if r < utf8.RuneSelf {
		return byte(r - '0'), '0' <= r && r <= '9'
	}
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10), true
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10), true
		}
	}
	return 0, false
}

// pythonSpace is str.isspace of Python: Unicode's white space, and four control characters that separate.
func pythonSpace(r rune) bool { return unicode.IsSpace(r) || '\x1c' <= r && r <= '\x1f' }

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func infinite(s string) bool { return strings.EqualFold(s, "inf") || strings.EqualFold(s, "infinity") }

// compareDeepMind decides as OutputsMatch of CodeContests does (google-deepmind/code_contests,
// execution/tester_sandboxer.cc, with absl::SimpleAtod). Tokens are lower-cased in ASCII. All tokens are equal, or each
// two are: as numbers that differ by less than 1e-5 in 64 bits where both are numbers, otherwise as text.
//
// Its faults: 9007199254740993 and 9007199254740992 are equal; so are small numbers (0.000001 and 0.000002); inf and nan
// equal themselves only where all tokens of the output are written as expected.
func compareDeepMind(got, want string) (bool, string) {
	if ok, _ := compareEach(got, want, referenceSpace, equalLetters); ok {
		return true, ""
	}
	return compareEach(got, want, referenceSpace, func(g, w string) bool {
		a, aok := simpleAtod(g)
		b, bok := simpleAtod(w)
		if !aok || !bok {
			return equalLetters(g, w)
		}
		return math.Abs(a-b) < referencePrecision
	})
}

// equalLetters compares bytes, ASCII letters in any case.
func equalLetters(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lowerByte(a[i]) != lowerByte(b[i]) {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// simpleAtod reads s as absl::SimpleAtod does: as [parseDecimal], of any size, besides infinities and nan, which may have
// letters, digits and underscores in parentheses behind it.
func simpleAtod(s string) (float64, bool) {
	s = strings.Trim(s, " \t\n\v\f\r")
	i := signs(s)
	rest := s[i:]
	if len(rest) >= 3 && strings.EqualFold(rest[:3], "nan") {
		inner, open := strings.CutPrefix(rest[3:], "(")
		inner, closed := strings.CutSuffix(inner, ")")
		named := open && closed && strings.IndexFunc(inner, func(r rune) bool {
			return r != '_' && (r < '0' || '9' < r) && (r < 'a' || 'z' < r) && (r < 'A' || 'Z' < r)
		}) < 0
		return math.NaN(), len(rest) == 3 || named
	}
	if _, ok := scanDecimal(s); !ok && !infinite(rest) {
		return 0, false
	}
	f, _ := strconv.ParseFloat(s, 64) // infinite where it is too large
	return f, true
}
