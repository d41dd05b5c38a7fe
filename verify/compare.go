package verify

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"borel/problem"
)

// compareVersion is part of every verdict key of a stdio check: change it when the behaviour of a comparator changes.
const compareVersion = "compare/1"

// defaultTolerance is that of the comparator "float".
const defaultTolerance = "1e-6"

// comparator returns the function that decides whether what a program wrote, got, is what was expected, want. Where it
// is not, message says what differs first. An unknown spec is an *[problem.Invalid].
//
//	spec         got is right where
//	"", tokens   its tokens are want's, byte for byte and in order
//	exact        it is want, byte for byte: a missing last newline is a difference
//	float        as tokens, but two numbers may differ by 1e-6 × max(1, |want|)
//	float:TOL    as float, with TOL instead of 1e-6; TOL is a finite decimal, 0 or more
//	codeforces   its lines have the tokens of want's, in the same lines; see [compareLines]
//	llmonk       Large Language Monkeys takes it as right, faults included; see [compareLLMonk]
//	deepmind     CodeContests takes it as right, faults included; see [compareDeepMind]
//	sandboxfusion  SandboxFusion takes it as right, faults included; see [compareSandboxFusion]
//	livecodebench  LiveCodeBench takes it as right, faults included; see [compareLiveCodeBench]
//
// Tokens are what stands between ASCII white space (space, \t, \n, \v, \f, \r): a no-break space belongs to its token.
//
// A number is what [parseDecimal] reads: hexadecimal, underscores and thousands separators are not numbers, and compare
// as text. The difference of two numbers is taken exactly, as rationals: with float:0, 9007199254740993 and
// 9007199254740992 differ, and 0.1 and 0.10 do not. nan equals nan, and inf equals inf of the same sign, in any case.
func comparator(spec string) (compare func(got, want string) (ok bool, message string), err error) {
	switch {
	case spec == "", spec == "tokens":
		return func(got, want string) (bool, string) {
			return compareTokens(got, want, func(g, w string) bool { return g == w })
		}, nil
	case spec == "exact":
		return compareExact, nil
	case spec == "codeforces":
		return compareLines, nil
	case spec == "llmonk":
		return compareLLMonk, nil
	case spec == "deepmind":
		return compareDeepMind, nil
	case spec == "sandboxfusion":
		return compareSandboxFusion, nil
	case spec == "livecodebench":
		return compareLiveCodeBench, nil
	case spec == "float":
		spec = "float:" + defaultTolerance
	}
	text, ok := strings.CutPrefix(spec, "float:")
	if !ok {
		return nil, problem.Invalidf("check.compare", "%s is not known; tokens, exact, float, float:1e-6, codeforces, llmonk, deepmind, sandboxfusion and livecodebench are", quote(spec))
	}
	tol, err := parseTolerance(text)
	if err != nil {
		return nil, err
	}
	return func(got, want string) (bool, string) {
		ok, message := compareTokens(got, want, tol.equal)
		if !ok {
			message += ", tolerance " + text
		}
		return ok, message
	}, nil
}

// compareTokens walks both texts side by side; neither is split beforehand, since either may have millions of tokens.
func compareTokens(got, want string, equal func(got, want string) bool) (bool, string) {
	return compareEach(got, want, whiteSpace, equal)
}

// compareEach is compareTokens for other white space.
func compareEach(got, want string, white space, equal func(got, want string) bool) (bool, string) {
	for n := 1; ; n++ {
		var g, w string
		g, got = nextToken(got, white)
		w, want = nextToken(want, white)
		switch {
		case g == "" && w == "":
			return true, ""
		case g == "":
			return false, fmt.Sprintf("token %d: got nothing, want %s", n, quote(w))
		case w == "":
			return false, fmt.Sprintf("token %d: got %s, want nothing", n, quote(g))
		case !equal(g, w):
			return false, fmt.Sprintf("token %d: got %s, want %s", n, quote(g), quote(w))
		}
	}
}

// nextToken returns the first token of s, empty where there is none, and what follows it.
func nextToken(s string, white space) (token, rest string) {
	i := 0
	for i < len(s) && white.has(s[i]) {
		i++
	}
	j := i
	for j < len(s) && !white.has(s[j]) {
		j++
	}
	return s[i:j], s[j:]
}

// space is a set of characters: bit c is set where it has c.
type space uint64

const whiteSpace space = 1<<' ' | 1<<'\t' | 1<<'\n' | 1<<'\v' | 1<<'\f' | 1<<'\r'

func (w space) has(c byte) bool { return c < 64 && w>>c&1 != 0 }

// compareLines compares line by line, as the checker lcmp of testlib does (MikeMirzayanov/testlib, checkers/lcmp.cpp): each
// line of got has the tokens of the same line of want, byte for byte, whatever white space is between them. A line that is not
// there is a blank one, so blank lines at the end do not count; others do. Lines end with \n; \r is white space.
//
// Nothing else is lenient: "YES" and "yes" differ, as in a problem whose statement does not allow any case.
func compareLines(got, want string) (bool, string) {
	for n := 1; got != "" || want != ""; n++ {
		var g, w string
		g, got, _ = strings.Cut(got, "\n")
		w, want, _ = strings.Cut(want, "\n")
		if ok, _ := compareTokens(g, w, func(g, w string) bool { return g == w }); !ok {
			return false, fmt.Sprintf("line %d: got %s, want %s", n, quote(g), quote(w))
		}
	}
	return true, ""
}

func compareExact(got, want string) (bool, string) {
	if got == want {
		return true, ""
	}
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	line := 1 + strings.Count(want[:i], "\n")
	at := strings.LastIndexByte(want[:i], '\n') + 1
	tail := func(s string) string {
		if i == len(s) {
			return "the end"
		}
		return quote(s[i:])
	}
	return false, fmt.Sprintf("line %d, byte %d: got %s, want %s", line, i-at+1, tail(got), tail(want))
}

// quote quotes what fits into about 100 bytes of s.
func quote(s string) string {
	const most = 100
	if len(s) <= most {
		return strconv.Quote(s)
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return strconv.Quote(s[:end]) + "…"
}

// Bounds on the numbers that are compared as numbers: exact arithmetic on longer ones would be slow.
const (
	maxNumberBytes = 1000
	maxExponent    = 1000
)

// parseDecimal reads a decimal number:
//
//	[+-] ( digits [. [digits]] | . digits ) [ (e|E) [+-] digits ]
//
// and nothing else. Text of more than 1000 bytes, or with an exponent beyond ±1000, is not a number.
func parseDecimal(s string) (*big.Rat, bool) {
	if !isDecimal(s) {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// isDecimal reports whether [parseDecimal] reads s.
func isDecimal(s string) bool {
	if len(s) > maxNumberBytes {
		return false
	}
	exponent, ok := scanDecimal(s)
	if !ok || exponent == "" {
		return ok
	}
	e, err := strconv.Atoi(exponent)
	return err == nil && -maxExponent <= e && e <= maxExponent
}

// scanDecimal reports whether s, of any size, is as the grammar of [parseDecimal] has it, and returns what stands behind
// the letter e.
func scanDecimal(s string) (exponent string, ok bool) {
	i := signs(s)
	whole := digits(s[i:])
	i += whole
	fraction := 0
	if i < len(s) && s[i] == '.' {
		fraction = digits(s[i+1:])
		i += 1 + fraction
	}
	if whole+fraction == 0 || i == len(s) {
		return "", whole+fraction > 0
	}
	if s[i] != 'e' && s[i] != 'E' {
		return "", false
	}
	exponent = s[i+1:]
	n := signs(exponent)
	return exponent, n < len(exponent) && n+digits(exponent[n:]) == len(exponent)
}

// signs is 1 where s begins with a sign, otherwise 0.
func signs(s string) int {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return 1
	}
	return 0
}

// digits counts the ASCII digits that s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

// special returns nan, inf or -inf where s is one of the ways to write it, otherwise nothing.
func special(s string) string {
	if len(s) > len("+infinity") {
		return ""
	}
	s = strings.TrimPrefix(strings.ToLower(s), "+")
	switch s {
	case "nan", "-nan":
		return "nan"
	case "inf", "infinity":
		return "inf"
	case "-inf", "-infinity":
		return "-inf"
	}
	return ""
}

// tolerance is how far two numbers may differ: exactly, and as the nearest float64.
type tolerance struct {
	exact *big.Rat
	near  float64
}

func parseTolerance(s string) (tolerance, error) {
	exact, ok := parseDecimal(s)
	if !ok || s[0] == '-' {
		return tolerance{}, problem.Invalidf("check.compare", "tolerance %s is not a decimal number, 0 or more", quote(s))
	}
	near, _ := exact.Float64()
	if math.IsInf(near, 0) {
		return tolerance{}, problem.Invalidf("check.compare", "tolerance %s is not finite in 64 bits", quote(s))
	}
	return tolerance{exact, near}, nil
}

// equal reports whether |got − want| ≤ tolerance × max(1, |want|) where both are numbers, and got == want otherwise.
func (t tolerance) equal(got, want string) bool {
	if got == want {
		return true
	}
	if s := special(want); s != "" {
		return special(got) == s
	}
	if !isDecimal(got) || !isDecimal(want) {
		return false
	}
	// Nearly every pair is decided in float64. What lies within its rounding error of the limit is decided exactly;
	// overflow makes both comparisons false.
	g, _ := strconv.ParseFloat(got, 64)
	w, _ := strconv.ParseFloat(want, 64)
	difference, limit := math.Abs(g-w), t.near*max(1, math.Abs(w))
	doubt := 1e-15 * (math.Abs(g) + math.Abs(w) + limit)
	if difference < limit-doubt {
		return true
	}
	if difference > limit+doubt {
		return false
	}
	return t.equalExactly(got, want)
}

func (t tolerance) equalExactly(got, want string) bool {
	g, _ := parseDecimal(got)
	w, _ := parseDecimal(want)
	difference := new(big.Rat).Sub(g, w)
	difference.Abs(difference)
	limit := w.Abs(w)
	if one := big.NewRat(1, 1); limit.Cmp(one) < 0 {
		limit = one
	}
	return difference.Cmp(limit.Mul(limit, t.exact)) <= 0
}
