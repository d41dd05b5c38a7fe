package judge0

import (
	"errors"
	"strings"
)

var errQuote = errors.New("has a quote that is not closed")

// words are the arguments that a shell makes of text: split at white space that is neither quoted nor escaped. Judge0 runs a
// shell on it, without the characters that make more of it than words.
func words(text string) (list []string, err error) {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune("$&;<>|`", r) {
			return -1
		}
		return r
	}, strings.TrimSpace(text))
	var word strings.Builder
	inside := false // of a word, which may be empty
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if inside {
				list = append(list, word.String())
				word.Reset()
				inside = false
			}
			continue
		case c == '\'':
			end := strings.IndexByte(text[i+1:], '\'')
			if end < 0 {
				return nil, errQuote
			}
			word.WriteString(text[i+1 : i+1+end])
			i += 1 + end
		case c == '"':
			for i++; ; i++ {
				if i >= len(text) {
					return nil, errQuote
				}
				if text[i] == '"' {
					break
				}
				if text[i] == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\') {
					i++
				}
				word.WriteByte(text[i])
			}
		case c == '\\' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
		default:
			word.WriteByte(c)
		}
		inside = true
	}
	if inside {
		list = append(list, word.String())
	}
	return list, nil
}
