package lean

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// token is a word, a number or a single other character of a Lean text.
type token struct {
	text    string
	at, end int // bytes of the text
	word    bool
}

// lex splits a text and blanks its comments: plain has a space for each of their characters, and their line ends, so
// that all else stays where it was. Comments nest as Lean's do. Strings and characters are tokens where literals says
// so, and refused elsewhere: a string can hold code.
func lex(text string, literals bool) (tokens []token, plain string, err error) {
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		if c == utf8.RuneError && size == 1 {
			return nil, "", fmt.Errorf("line %d: it is not UTF-8", line(text, i))
		}
		n := size
		switch {
		case strings.HasPrefix(text[i:], "--"):
			if n = strings.IndexByte(text[i:], '\n'); n < 0 {
				n = len(text) - i
			}
			blank(&b, text[i:i+n])
			i += n
			continue
		case strings.HasPrefix(text[i:], "/-"):
			if n = comment(text[i:]); n < 0 {
				return nil, "", fmt.Errorf("line %d: a comment does not end", line(text, i))
			}
			blank(&b, text[i:i+n])
			i += n
			continue
		case strings.HasPrefix(text[i:], "-/"):
			return nil, "", fmt.Errorf("line %d: -/ without /-", line(text, i))
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
		case c < ' ' || c == 0x7f:
			return nil, "", fmt.Errorf("line %d: a control character", line(text, i))
		case begins(c):
			for i+n < len(text) {
				c, size := utf8.DecodeRuneInString(text[i+n:])
				if !continues(c) && !(c == '.' && i+n+1 < len(text) && beginsAt(text[i+n+1:])) {
					break
				}
				n += size
			}
			tokens = append(tokens, token{text[i : i+n], i, i + n, true})
		case c >= '0' && c <= '9':
			if n = len(number.FindString(text[i:])); beginsAt(text[i+n:]) { // to Lean, a word of its own
				return nil, "", fmt.Errorf("line %d: %s with letters behind it", line(text, i), text[i:i+n])
			}
			tokens = append(tokens, token{text[i : i+n], i, i + n, false})
		case c == '"', c == '\'' || c == '⁻':
			if n, err = quoted(text[i:], literals); err != nil {
				return nil, "", fmt.Errorf("line %d: %w", line(text, i), err)
			}
			tokens = append(tokens, token{text[i : i+n], i, i + n, false})
		default:
			tokens = append(tokens, token{text[i : i+n], i, i + n, false})
		}
		b.WriteString(text[i : i+n])
		i += n
	}
	return tokens, b.String(), nil
}

// number is one as Lean reads it.
var number = regexp.MustCompile(`^(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9_]+(?:[eE][+-]?[0-9_]+)?)`)

// quoted is the length of what begins with a quotation mark, or with ⁻, and is not a word: the tokens ⁻¹, ⁻¹' and ”
// (two of ') of Mathlib, and literals.
func quoted(text string, literals bool) (int, error) {
	const inverse = "⁻¹"
	at := 0
	switch {
	case strings.HasPrefix(text, inverse):
		if at = len(inverse); !strings.HasPrefix(text[at:], "'") {
			return at, nil
		}
		// Where Mathlib is not loaded a character literal would begin here.
		after := text[at+1:]
		_, size := utf8.DecodeRuneInString(after)
		if strings.HasPrefix(after, `\`) || strings.HasPrefix(after[size:], "'") {
			return 0, fmt.Errorf("a character literal")
		}
		return at + 1, nil
	case strings.HasPrefix(text, "⁻"):
		return len("⁻"), nil
	case strings.HasPrefix(text, "''"):
		return 2, nil
	case !literals:
		return 0, fmt.Errorf("a string or character literal, which proofs may not have")
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[0]:
			return i + 1, nil
		}
	}
	return 0, fmt.Errorf("a literal does not end")
}

// comment is the length of the comment that text begins with, -1 where it does not end.
func comment(text string) int {
	depth := 1
	for i := 2; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "-/":
			i++
			if depth--; depth == 0 {
				return i + 1
			}
		case "/-":
			i++
			depth++
		}
	}
	return -1
}

func blank(b *strings.Builder, text string) {
	for _, c := range text {
		if c != '\n' {
			c = ' '
		}
		b.WriteRune(c)
	}
}

func line(text string, at int) int { return 1 + strings.Count(text[:at], "\n") }

// begins and continues tell the characters of names (Lean's Init/Meta: isIdFirst, isIdRest). What is missing here is
// taken for a symbol, which may refuse a proof and cannot let one pass.
func begins(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || letterLike(c)
}

func continues(c rune) bool {
	return begins(c) || c >= '0' && c <= '9' || c == '\'' || c == '!' || c == '?' ||
		c >= 0x2080 && c <= 0x2089 || c >= 0x2090 && c <= 0x209c || c >= 0x1d62 && c <= 0x1d6a
}

func letterLike(c rune) bool {
	return c >= 0x3b1 && c <= 0x3c9 && c != 'λ' || c >= 0x391 && c <= 0x3a9 && c != 'Π' && c != 'Σ' ||
		c >= 0x2100 && c <= 0x214f || c >= 0x1d49c && c <= 0x1d59f
}

func beginsAt(text string) bool {
	c, _ := utf8.DecodeRuneInString(text)
	return begins(c)
}

// unbalanced is the first bracket without its partner, "" where there is none.
func unbalanced(tokens []token) string {
	partner := map[string]string{")": "(", "]": "[", "}": "{", "⟩": "⟨"}
	var stack []string
	for _, t := range tokens {
		switch t.text {
		case "(", "[", "{", "⟨":
			stack = append(stack, t.text)
		case ")", "]", "}", "⟩":
			if len(stack) == 0 || stack[len(stack)-1] != partner[t.text] {
				return t.text
			}
			stack = stack[:len(stack)-1]
		}
	}
	if len(stack) > 0 {
		return stack[len(stack)-1]
	}
	return ""
}
