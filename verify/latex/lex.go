package latex

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind byte

const (
	end      kind = iota
	num           // digits, with a decimal point or not
	sym           // one letter, or a Greek one by name
	constant      // pi e i oo …
	name          // of a function
	word          // words
	op            // anything else, by its own text
	begin         // \begin{…} of a matrix, text is its name
	finish        // \end{…}
)

type token struct {
	kind  kind
	text  string
	space bool // stood before it
}

// functions are the names of those that take their argument with or without brackets.
var functions = map[string]string{
	"sin": "sin", "cos": "cos", "tan": "tan", "cot": "cot", "sec": "sec", "csc": "csc",
	"arcsin": "asin", "arccos": "acos", "arctan": "atan", "asin": "asin", "acos": "acos", "atan": "atan", "arccot": "acot",
	"sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "ln": "ln", "log": "log", "exp": "exp",
	"gcd": "gcd", "lcm": "lcm", "max": "max", "min": "min", "abs": "abs", "floor": "floor", "ceil": "ceil", "det": "det",
	"Re": "re", "Im": "im",
}

// constants by the names of commands, words and characters.
var constants = map[string]string{
	"pi": "pi", "infty": "oo", "infinity": "oo", "infin": "oo", "inf": "oo", "e": "e", "i": "i",
	"emptyset": "empty", "varnothing": "empty",
}

// greek letters that are symbols.
var greek = strings.Fields("alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau upsilon phi varphi chi psi omega " +
	"Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar")

// operators by the names of commands.
var operators = map[string]string{
	"cdot": "*", "times": "*", "ast": "*", "div": "/", "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">=",
	"lt": "<", "gt": ">", "ne": "!=", "neq": "!=", "approx": "~", "in": "in", "cup": "cup", "cap": "cap", "setminus": "minus",
	"pm": "+-", "mp": "-+", "circ": "°", "degree": "°", "%": "%", "$": "$", "{": `\{`, "}": `\}`, "lbrace": `\{`, "rbrace": `\}`,
	"lvert": "|", "rvert": "|", "vert": "|", "mid": "|", "lfloor": "lfloor", "rfloor": "rfloor", "lceil": "lceil", "rceil": "rceil",
	"langle": "(", "rangle": ")", "lbrack": "[", "rbrack": "]", "lparen": "(", "rparen": ")",
	"frac": "frac", "dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "sqrt": "sqrt", "binom": "binom", "dbinom": "binom", "tbinom": "binom", "choose": "choose",
	"overline": "overline", "bar": "overline", "prime": "'", "lor": "or", "vee": "or", "land": "and", "equiv": "=", "colon": ":", "boxed": "boxed", "fbox": "boxed",
	"euro": "$", "pounds": "$", "angle": "angle", "triangle": "angle", "vec": "vec", "hat": "vec", "tilde": "vec",
}

// empty are commands that change nothing.
var empty = strings.Fields("left right big Big bigg Bigg bigl bigr Bigl Bigr displaystyle textstyle limits nolimits quad qquad mathstrut strut , ; : ! ( ) [ ] > rm bf it")

// wordy are commands whose argument is words; letters, those whose argument is letters in another face.
var (
	wordy   = strings.Fields("text mbox textbf textit textrm textsf texttt hbox textnormal emph")
	letters = strings.Fields("mathrm mathbf mathit mathsf mathcal mathbb boldsymbol operatorname mathfrak bm")
)

// characters outside ASCII, as what they are short for.
var characters = map[rune]string{
	'−': "-", '–': "-", '×': "*", '·': "*", '⋅': "*", '∗': "*", '÷': "/", '≤': "<=", '⩽': "<=", '≥': ">=", '⩾': ">=", '≠': "!=", '≈': "~", '∞': `\infty `, 'π': `\pi `,
	'√': "√", '°': "°", '∪': "cup", '∩': "cap", '∖': "minus", '∈': "in", '±': "+-", '∓': "-+", '⌊': "lfloor", '⌋': "rfloor", '⌈': "lceil", '⌉': "rceil", '′': "'", '’': "'",
	'€': "$", '£': "$", '⟨': "(", '⟩': ")", '∅': `\emptyset `, '∨': "or", '∧': "and",
}

// superscripts that are digits.
const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹"

// shortWords of two and three letters are words, where other such letters are a product.
var shortWords = strings.Fields("of the for is are to has and or yes no odd red one two six ten all any not nor per day man men cm mm km dm nm kg mg mL ml ft oz lb lbs mph hr hrs min mins sec secs")

type lexer struct {
	s      string
	i      int
	out    []token
	match  []int // of each {, where its } is; 0 without
	digits []int // how many digits stand before
	open   int   // brackets that are open, braces not counted
	space  bool  // before what comes next
}

// lex splits s. It looks at each byte a bounded number of times.
func lex(s string) ([]token, error) {
	l := &lexer{s: s, match: make([]int, len(s)), digits: make([]int, len(s)+1)}
	var open []int
	for i := range len(s) {
		l.digits[i+1] = l.digits[i]
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			l.digits[i+1]++
		case i > 0 && s[i-1] == '\\':
		case c == '{':
			open = append(open, i)
		case c == '}' && len(open) > 0:
			l.match[open[len(open)-1]] = i
			open = open[:len(open)-1]
		}
	}
	for l.i < len(s) {
		if len(l.out) > 4*MaxNodes {
			return nil, fmt.Errorf("%w: more than %d tokens", ErrTooLarge, 4*MaxNodes)
		}
		if err := l.next(); err != nil {
			return nil, err
		}
	}
	return append(l.out, token{kind: end}), nil
}

func (l *lexer) put(k kind, text string) {
	l.out = append(l.out, token{kind: k, text: text, space: l.space})
	l.space = false
	switch text {
	case "(", "[", `\{`:
		l.open++
	case ")", "]", `\}`:
		l.open = max(0, l.open-1)
	}
}

func (l *lexer) next() error {
	r, size := utf8.DecodeRuneInString(l.s[l.i:])
	switch {
	case r == '\\':
		return l.command()
	case unicode.IsSpace(r) || r == '~' || r == '$' || r == '\u200b':
		l.i += size
		l.space = true
	case isDigit(l.s, l.i) || r == '.' && isDigit(l.s, l.i+1):
		l.number()
	case isLetter(l.s, l.i):
		l.letters()
	case strings.ContainsRune(superscripts, r):
		l.put(op, "^")
		l.put(op, "{")
		for strings.ContainsRune(superscripts, r) && l.i < len(l.s) {
			l.put(num, string(rune('0'+slices.Index([]rune(superscripts), r))))
			l.i += size
			r, size = utf8.DecodeRuneInString(l.s[l.i:])
		}
		l.put(op, "}")
	default:
		for _, o := range []string{"**", "<=", ">=", "!=", "==", "&"} {
			if strings.HasPrefix(l.s[l.i:], o) {
				l.i += len(o)
				switch o {
				case "**":
					o = "^"
				case "==":
					o = "="
				}
				l.put(op, o)
				return nil
			}
		}
		if strings.ContainsRune("+-*/^_=<>()[]{},;|!%'°:", r) {
			l.i += size
			l.put(op, string(r))
			return nil
		}
		if short, ok := characters[r]; ok {
			l.i += size
			if name, ok := strings.CutPrefix(short, `\`); ok {
				l.named(strings.TrimSpace(name))
			} else {
				l.put(op, short)
			}
			return nil
		}
		if i := slices.Index([]rune("αβγδεεζηθθικλμνξρστυφφχψω"), r); i >= 0 {
			l.i += size
			l.put(sym, greek[i])
			return nil
		}
		return fmt.Errorf("%w: %q", ErrSyntax, r)
	}
	return nil
}

func isDigit(s string, i int) bool  { return i < len(s) && '0' <= s[i] && s[i] <= '9' }
func isLetter(s string, i int) bool { return i < len(s) && ('a' <= s[i]|0x20 && s[i]|0x20 <= 'z') }

// number reads digits with their groups, decimals and exponent.
func (l *lexer) number() {
	start := l.i
	run := func() {
		for isDigit(l.s, l.i) {
			l.i++
		}
	}
	run()
	text := l.s[start:l.i]
	for groups := 0; ; groups++ {
		after, explicit := l.comma()
		if after < 0 || len(text) > 3 && groups == 0 || text == "" || text == "0" || !isDigit(l.s, after+2) || isDigit(l.s, after+3) || !isDigit(l.s, after) || !isDigit(l.s, after+1) {
			break
		}
		if !explicit && l.open > 0 && l.s[after] != '0' {
			break
		}
		text += l.s[after : after+3]
		l.i = after + 3
	}
	if l.i < len(l.s) && l.s[l.i] == '.' && (isDigit(l.s, l.i+1) || text != "") {
		from := l.i
		l.i++
		run()
		text += l.s[from:l.i]
	}
	mantissa := text
	if l.i < len(l.s) && (l.s[l.i] == 'e' || l.s[l.i] == 'E') {
		j := l.i + 1
		signed := j < len(l.s) && (l.s[j] == '-' || l.s[j] == '+')
		if signed {
			j++
		}
		k := j
		for isDigit(l.s, k) {
			k++
		}
		// 2e-1 is an expression in e, 1.5e-3 and 1e-05 are numbers.
		if k > j && (!signed || l.s[l.i] == 'E' || strings.Contains(mantissa, ".") || mantissa == "1" || k > j+1) {
			text += "e" + l.s[l.i+1:k]
			l.i = k
		}
	}
	l.put(num, strings.TrimSuffix(text, "."))
}

// comma is the place after a comma between groups of digits, -1 where there is none; explicit ones separate nothing else.
func (l *lexer) comma() (after int, explicit bool) {
	s := l.s[l.i:]
	trimmed := strings.TrimLeft(s, " ")
	for _, c := range []string{"{,}", `,\!`, `{,}\!`} {
		if rest, ok := strings.CutPrefix(trimmed, c); ok {
			return len(l.s) - len(strings.TrimLeft(rest, " ")), true
		}
	}
	for _, c := range []string{`\,`, `\ `} { // 10\,000
		if rest, ok := strings.CutPrefix(s, c); ok {
			return len(l.s) - len(rest), true
		}
	}
	if strings.HasPrefix(s, ",") {
		return l.i + 1, false
	}
	return -1, false
}

// letters reads a run of letters.
func (l *lexer) letters() {
	start := l.i
	for isLetter(l.s, l.i) {
		l.i++
	}
	l.run(l.s[start:l.i])
}

// run emits a run of letters: a name, words, or a product of symbols.
func (l *lexer) run(s string) {
	if len(s) > 1 && (l.known(s) || s == "sqrt" || s == "frac") {
		l.named(s)
		return
	}
	if s == "and" || s == "or" {
		l.put(op, s)
		return
	}
	if s == "in" || s == "pm" || s == "U" && l.betweenSets() {
		l.named(map[string]string{"in": "in", "pm": "pm", "U": "cup"}[s])
		return
	}
	for _, f := range []string{"sin", "cos", "tan", "ln", "log"} { // sinx
		if rest, ok := strings.CutPrefix(s, f); ok && len(rest) == 1 {
			l.named(f)
			l.letter(rest)
			return
		}
	}
	if len(s) > 3 || slices.Contains(shortWords, s) || len(s) > 1 && slices.Contains(shortWords, strings.ToLower(s)) {
		l.put(word, s)
		return
	}
	for len(s) > 0 {
		if strings.HasPrefix(s, "pi") {
			l.put(constant, "pi")
			s = s[2:]
			continue
		}
		l.letter(s[:1])
		s = s[1:]
	}
}

// betweenSets reports whether a bracket has just been closed and another follows: (0,1) U (2,3).
func (l *lexer) betweenSets() bool {
	rest := strings.TrimLeft(l.s[l.i:], " ")
	if len(l.out) == 0 || rest == "" {
		return false
	}
	last := l.out[len(l.out)-1].text
	return (last == ")" || last == "]") && (rest[0] == '(' || rest[0] == '[')
}

func (l *lexer) letter(s string) {
	if c, ok := constants[s]; ok {
		l.put(constant, c)
	} else {
		l.put(sym, s)
	}
}

func (l *lexer) known(s string) bool {
	return functions[s] != "" || constants[s] != "" || slices.Contains(greek, s)
}

// named emits what a command or a word of that name stands for.
func (l *lexer) named(s string) {
	switch {
	case functions[s] != "":
		l.put(name, functions[s])
	case constants[s] != "" && len(s) > 1:
		l.put(constant, constants[s])
	case slices.Contains(greek, s):
		l.put(sym, s)
	default:
		l.put(op, operators[s])
	}
}

// command reads what begins with a backslash.
func (l *lexer) command() error {
	start := l.i + 1
	l.i = start
	for isLetter(l.s, l.i) {
		l.i++
	}
	if l.i == start { // a character
		if start == len(l.s) {
			return nil
		}
		_, size := utf8.DecodeRuneInString(l.s[start:])
		l.i += size
	}
	s := l.s[start:l.i]
	switch {
	case slices.Contains(empty, s) || s == " " || s == "\n":
		l.space = true
		if s == "right" || s == "left" {
			l.null()
		}
	case s == `\`:
		l.put(op, `\\`)
	case slices.Contains(wordy, s):
		l.words(false)
	case slices.Contains(letters, s):
		if m := numberSet.FindString(l.s[l.i:]); s == "mathbb" && m != "" {
			l.i += len(m)
			l.put(constant, strings.Trim(m, " {}"))
			return nil
		}
		l.words(true)
	case s == "begin" || s == "end":
		return l.environment(s)
	case s == "mathbin" || s == "mathop":
	case l.known(s) || operators[s] != "":
		l.named(s)
	default:
		return fmt.Errorf(`%w: \%s`, ErrSyntax, s)
	}
	return nil
}

// null skips the dot of \left. and \right., which stands for no bracket.
func (l *lexer) null() {
	if strings.HasPrefix(l.s[l.i:], ".") {
		l.i++
	}
}

// argument is the text in braces that comes next, without them.
func (l *lexer) argument() (from, to int, ok bool) {
	i := l.i
	for i < len(l.s) && l.s[i] == ' ' {
		i++
	}
	if i >= len(l.s) || l.s[i] != '{' || l.match[i] == 0 {
		return 0, 0, false
	}
	return i + 1, l.match[i], true
}

// words reads the argument of \text or, for face, of \mathrm and the like. One that holds digits, or a letter in
// brackets, is read as mathematics.
func (l *lexer) words(face bool) {
	from, to, ok := l.argument()
	if !ok {
		return // what follows is read as it is
	}
	content := strings.TrimSpace(l.s[from:to])
	if face {
		if len(content) > 1 && !l.known(content) && isLetters(content) {
			l.put(word, content)
			l.i = to + 1
		}
		return
	}
	if l.digits[to] > l.digits[from] || strings.ContainsAny(content, `\$`) {
		return // the braces and what they hold come next
	}
	l.i = to + 1
	switch content {
	case "and", "or", ",", "":
		if content == "," {
			content = "and"
		}
		if content != "" {
			l.put(op, content)
		}
	default:
		if l.known(content) && len(content) > 2 {
			l.named(content)
			return
		}
		if rest, ok := strings.CutPrefix(content, "and "); ok {
			l.put(op, "and")
			content = rest
		}
		l.put(word, content)
	}
}

// numberSet is what follows \mathbb where it names a set of numbers.
var numberSet = regexp.MustCompile(`^ *(?:[RNZQ]|\{ *[RNZQ] *\})`)

func isLetters(s string) bool {
	for i := range len(s) {
		if !isLetter(s, i) {
			return false
		}
	}
	return true
}

// environment reads \begin{pmatrix} or its end.
func (l *lexer) environment(s string) error {
	from, to, ok := l.argument()
	if !ok {
		return fmt.Errorf(`%w: \%s`, ErrSyntax, s)
	}
	which, ok := map[string]string{"pmatrix": "p", "bmatrix": "b", "matrix": "p", "smallmatrix": "p", "array": "p", "vmatrix": "v", "Bmatrix": "b"}[strings.TrimSuffix(l.s[from:to], "*")]
	if !ok {
		return fmt.Errorf(`%w: \%s{%s}`, ErrSyntax, s, l.s[from:min(to, from+20)])
	}
	l.i = to + 1
	if s == "end" {
		l.put(finish, which)
		return nil
	}
	if l.s[from:to] == "array" {
		if _, columns, ok := l.argument(); ok {
			l.i = columns + 1
		}
	}
	l.put(begin, which)
	return nil
}
