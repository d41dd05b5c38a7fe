package verify

import "strings"

// visible finds the answer of a reasoning model, text[start:end]: what follows the last </think>. One beside a
// quotation mark is part of a program, and does not count. Where nothing follows it, or a <think> at the start is never
// closed, all that the model wrote is thought; then that is the answer, and thought says so.
func visible(text string) (start, end int, thought bool) {
	const opening, closing, quotes = "<think>", "</think>", "\"'`"
	for end = len(text); ; {
		end = strings.LastIndex(text[:end], closing)
		if end < 0 {
			return 0, len(text), strings.HasPrefix(strings.TrimSpace(text), opening)
		}
		start = end + len(closing)
		if end > 0 && strings.IndexByte(quotes, text[end-1]) >= 0 || start < len(text) && strings.IndexByte(quotes, text[start]) >= 0 {
			continue
		}
		if strings.TrimSpace(text[start:]) == "" {
			return 0, end, true
		}
		return start, len(text), false
	}
}
