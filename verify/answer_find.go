package verify

import (
	"math/big"
	"regexp"
	"strings"
)

// extract finds the answer of text, the rule that found it, and its number where the check asks for one. Otherwise none
// says why there is no answer.
//
// What a reasoning model thought (see [visible]) does not count where it went on to answer; otherwise the rule ends in
// "+think".
func (a *answerCheck) extract(text string) (answer, rule string, n *big.Rat, none string) {
	start, end, thought := visible(text)
	answer, rule, n = a.find(text[:end], start)
	if rule == "" {
		return "", "", nil, answer
	}
	if thought {
		rule += "+think"
	}
	if answer == "" {
		return "", rule, nil, "nothing stands where it should (" + rule + ")"
	}
	return answer, rule, n, ""
}

// find looks in text[start:], and for a marker that ends there. It returns the answer, the rule that found it, and its
// number where one is asked for and there is one. Without a rule, answer says why there is none.
//
//	rule         equal            the answer is
//	marker       all              what follows the last marker: as many lines as the expected answer has, blank ones left out
//	boxed        all              the content of the last balanced \boxed{…}; math and choice: also \fbox{…} and \boxed 5
//	hashes       math, choice     the line behind the last ####
//	phrase       math, choice     what follows the last "answer is", "answer:" or the like, up to the end of the sentence
//	last_math    math             the last $…$, \(…\) or \[…\], unless words are expected
//	last_number  number, math     the last number, unless words are expected
//	last_letter  choice           the last line, where it begins as B. or is B alone, else the last (B)
//	last_line    string, math     the last lines, as many as the expected answer has
//
// The first row that applies is used. Where the check has a marker, only the first two are: a solution that broke off
// before its marker states no answer, and the last of its intermediate numbers must not be taken for one. A marker with
// nothing behind it has no answer either.
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
	free := a.check.Equal == "math" || a.check.Equal == "choice"
	if free {
		text = strings.ReplaceAll(text, `\fbox{`, `\boxed{`)
	}
	if box, ok := lastBoxed(text); ok {
		return read(box, "boxed")
	}
	if free {
		if m := last(bareBox, text); m != nil {
			return read(text[m[2]:m[3]], "boxed")
		}
	}
	if a.marker != "" {
		return "neither " + quote(a.marker) + ` nor \boxed{…} occurs`, "", nil
	}
	if free {
		if end := lastMarker(text, "####"); end >= 0 {
			return read(firstLines(text[end:], 1), "hashes")
		}
		if m := last(phrase, text); m != nil {
			if s := sentence(text[m[1]:]); s != "" {
				return read(s, "phrase")
			}
		}
	}
	switch {
	case a.check.Equal == "choice":
		if s := choice(lastLines(text, 1)); s != "" {
			return s, "last_letter", nil
		}
		if m := last(bracketed, text); m != nil {
			return text[m[2]:m[3]], "last_letter", nil
		}
		return "no letter stands by itself", "", nil
	case a.check.Equal == "math" && !a.gold.isWords():
		if s, ok := lastMath(text); ok {
			return read(s, "last_math")
		}
	case a.number == nil:
		return read(lastLines(text, a.lines), "last_line")
	}
	n, literal, ok := lastNumber(text)
	if !ok {
		return "no number occurs", "", nil
	}
	return literal, "last_number", n
}

var (
	bareBox   = regexp.MustCompile(`\\boxed\s*([^\s{}$]+)`)
	phrase    = regexp.MustCompile(`(?i)\banswers?(?: to [^.:\n]{0,80}?)?(?:\s+(?:is|are|equals|will be|would be)\b(?:\s+(?:therefore|thus|then|simply|just|option|choice|equal to))*\s*:?|\s*(?:\*\*)?\s*[:=])\s*`)
	bracketed = regexp.MustCompile(`\(([A-J])\)`)
	aside     = regexp.MustCompile(`(?i)[.;]\s|\.$|,?\s+(?:because|since|as|which|so that|but)\b|\n`)
	letter    = regexp.MustCompile(`^[\s({\[*$\\]*(?:(?i:option|choice)\s*)?[\s({\[*$]*([A-Za-z])[)}\]*$]*(?:[.:)]+\s|[\s)}\]*$.:]*$|[\s)}\]*$]+[-–—(=]\s*)`)
	listed    = regexp.MustCompile(`^[\s{\[*$\\]*\(([A-Za-z])\)`)
	goesOn    = regexp.MustCompile(`^\s*(?:,|;|(?i:and|or)\b)\s*(?:(?i:and|or)\b\s*)?[$\\\d]`) // $1$ and $2$
	before    = regexp.MustCompile(`\$[^$\n]{1,200}\$\s*(?:,|;|(?i:,?\s*\b(?:and|or)))\s*$`)   // the same, backwards
	second    = regexp.MustCompile(`^[)}\]*$]*\s*(?:,|/|&|(?i:and|or)\b)`)
)

// last is the last match of r in s, as regexp's FindStringSubmatchIndex; nil without one. Only the end of a long text is
// searched.
func last(r *regexp.Regexp, s string) []int {
	from := max(0, len(s)-maxSearched)
	all := r.FindAllStringSubmatchIndex(s[from:], -1)
	if len(all) == 0 {
		return nil
	}
	m := all[len(all)-1]
	for i := range m {
		if m[i] >= 0 {
			m[i] += from
		}
	}
	return m
}

// maxSearched is how much of the end of a text is searched for a phrase.
const maxSearched = 256 << 10

// sentence is the beginning of s up to its end of a sentence or line, or the mathematics that it begins with.
func sentence(s string) string {
	s = strings.TrimSpace(strings.TrimPrefix(s, "** "))
	if len(s) > maxAnswerBytes {
		s = s[:maxAnswerBytes]
	}
	for _, d := range [][2]string{{"$$", "$$"}, {"$", "$"}, {`\(`, `\)`}, {`\[`, `\]`}} {
		if rest, ok := strings.CutPrefix(s, d[0]); ok {
			if inside, after, ok := strings.Cut(rest, d[1]); ok && !digitOrSlash(after) && !strings.Contains(inside, "\n\n") && !goesOn.MatchString(after) {
				return inside
			}
		}
	}
	if i := aside.FindStringIndex(s); i != nil {
		s = s[:i[0]]
	}
	return s
}

// digitOrSlash reports whether s goes on as an amount in dollars does between two dollar signs: $5 or $6.
func digitOrSlash(s string) bool { return s != "" && (digits(s) > 0 || s[0] == '/') }

// lastMath is the content of the last mathematics in text.
func lastMath(text string) (string, bool) {
	if len(text) > maxSearched {
		text = text[len(text)-maxSearched:]
	}
	best, at := "", -1
	for _, d := range [][2]string{{`\(`, `\)`}, {`\[`, `\]`}, {"$$", "$$"}} {
		end := strings.LastIndex(text, d[1])
		if end < 0 {
			continue
		}
		if start := strings.LastIndex(text[:end], d[0]); start >= 0 && end > at {
			best, at = text[start+len(d[0]):end], end
		}
	}
	// Single dollars: those that are escaped or begin an amount, as in $5, pair with none.
	end := strings.LastIndexByte(text, '$')
	if end > at+1 && !(end > 0 && text[end-1] == '\\') && !digitOrSlash(text[end+1:]) {
		if start := strings.LastIndexByte(text[:end], '$'); start >= 0 && !(start > 0 && text[start-1] == '\\') && !strings.Contains(text[start:end], "\n\n") {
			for range 20 { // $1$ and $2$ is one answer
				m := before.FindStringIndex(text[max(0, start-250):start])
				if m == nil {
					break
				}
				start = max(0, start-250) + m[0]
			}
			best, at = text[start+1:end], end
		}
	}
	return best, at >= 0 && strings.TrimSpace(best) != ""
}

// choice is the letter, in upper case, that s states: B, (B), b), **B.**, \text{(B)}, "B. 12" or "option B". It is "" for
// anything else, and for two letters.
func choice(s string) string {
	s = face.Replace(s)
	m := letter.FindStringSubmatchIndex(s)
	if m == nil {
		m = listed.FindStringSubmatchIndex(s)
	}
	if m == nil || second.MatchString(s[m[3]:]) {
		return ""
	}
	return strings.ToUpper(s[m[2]:m[3]])
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
