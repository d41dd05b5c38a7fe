package verify

import (
	"strconv"
	"strings"
)

// compareLiveCodeBench decides as grade_stdio of LiveCodeBench does (lcb_runner/evaluation/testing_util.py). White space around both
// texts is taken off; then they have as many lines, and so is what stands around each line. Two lines are equal, or both are
// numbers alone, as many, which are equal as Python's Decimal reads them: 1.0 is 1, and 1e1 is 10.
//
// Its faults: blanks between words count where one of them is no number. Output that is not UTF-8 is wrong.
func compareLiveCodeBench(got, want string) (bool, string) {
	return compareStripped(got, want, func(g, w string) (string, string, bool) {
		g, w = strings.TrimFunc(g, pythonSpace), strings.TrimFunc(w, pythonSpace)
		return g, w, g == w || equalDecimals(g, w)
	})
}

// equalDecimals reports that both lines are the same numbers.
func equalDecimals(got, want string) bool {
	for got != "" && want != "" {
		var g, w string
		g, got = firstWord(got)
		w, want = firstWord(want)
		x, okX := pythonDecimal(g)
		y, okY := pythonDecimal(w)
		if !okX || !okY || x != y {
			return false
		}
	}
	return got == "" && want == ""
}

// firstWord cuts the first word off a line that begins with one.
func firstWord(line string) (word, rest string) {
	i := strings.IndexFunc(line, pythonSpace)
	if i < 0 {
		return line, ""
	}
	return line[:i], strings.TrimLeftFunc(line[i:], pythonSpace)
}

// decimal is a number, equal to another where the numbers are.
type decimal struct {
	negative bool
	digits   string // without zeros around them; empty: zero
	exponent int64  // of ten, that the digits are multiplied by
	infinite bool
}

// pythonDecimal is the number that Python's Decimal reads; a nan, which equals nothing, is none here.
func pythonDecimal(s string) (d decimal, ok bool) {
	s = strings.ReplaceAll(s, "_", "")
	if s != "" && (s[0] == '-' || s[0] == '+') {
		d.negative, s = s[0] == '-', s[1:]
	}
	if infinite(s) {
		d.infinite = true
		return d, true
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		exponent := s[i+1:]
		if len(strings.TrimLeft(strings.TrimLeft(exponent, "+-"), "0")) > 17 { // beyond what Decimal holds
			return d, false
		}
		var err error
		if d.exponent, err = strconv.ParseInt(exponent, 10, 64); err != nil {
			return d, false
		}
		s = s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	d.digits = whole + fraction
	if d.digits == "" || strings.Trim(d.digits, "0123456789") != "" {
		return d, false
	}
	d.exponent -= int64(len(fraction))
	all := strings.TrimLeft(d.digits, "0")
	d.digits = strings.TrimRight(all, "0")
	d.exponent += int64(len(all) - len(d.digits))
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}
