package figure

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// letters is what a terminal can show.
type letters struct{ ascii, colour bool }

// signs of series where there are several.
var (
	signs      = [MaxSeries]rune{'●', '■', '▲', '○', '□', '△', '×', '+'}
	asciiSigns = [MaxSeries]rune{'o', '#', '^', '*', '%', '@', 'x', '+'}
)

// paints are escape sequences of series that can be read on dark and on light ground.
var paints = [MaxSeries]string{"\x1b[34m", "\x1b[31m", "\x1b[32m", "\x1b[36m", "\x1b[35m", "\x1b[33m", "\x1b[1m", "\x1b[90m"}

func (l letters) sign(series int) rune {
	if l.ascii {
		return asciiSigns[series]
	}
	return signs[series]
}

// pick is a letter, or what stands for it in ASCII.
func (l letters) pick(r, ascii rune) rune {
	if l.ascii {
		return ascii
	}
	return r
}

// painted is s in the colour of a series.
func (l letters) painted(s string, series int) string {
	if !l.colour || series < 0 {
		return s
	}
	return paints[series] + s + "\x1b[0m"
}

var plainLetters = strings.NewReplacer("−", "-", "–", "-", "±", "+/-", "…", "...", "≤", "<=")

// show is text as the terminal can show it: what would command it, and what it has no letters for, is escaped.
func (l letters) show(s string) string {
	if l.ascii {
		s = plainLetters.Replace(s)
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case !unicode.IsPrint(r) || l.ascii && r >= utf8.RuneSelf:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		s = s[size:]
	}
	return b.String()
}

// columns that text takes, which has been through show.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += wide(r)
	}
	return n
}

func wide(r rune) int {
	switch k := width.LookupRune(r).Kind(); {
	case unicode.Is(unicode.Mn, r):
		return 0
	case k == width.EastAsianWide || k == width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cut is show of text, without the end of what is longer than so many columns.
func (l letters) cut(s string, most int) string { return l.leave(s, most, 0) }

// shorten is show of a name, without the middle of what is longer than so many columns.
func (l letters) shorten(s string, most int) string { return l.leave(s, most, 0.45) }

func (l letters) leave(s string, most int, end float64) string {
	s = l.show(s)
	if columns(s) <= most {
		return s
	}
	dots := "…"
	if l.ascii {
		dots = "..."
	}
	all := []rune(s)
	short := func(n int) string {
		tail := int(end * float64(n))
		return string(all[:n-tail]) + dots + string(all[len(all)-tail:])
	}
	n := sort.Search(len(all), func(n int) bool { return columns(short(n)) > most })
	return short(max(n-1, 0))
}

// lines breaks text between words into lines of so many columns.
func (l letters) lines(s string, most int) []string {
	var all []string
	line := ""
	for _, word := range strings.Fields(l.show(s)) {
		if line != "" && columns(line)+1+columns(word) <= most {
			line += " " + word
			continue
		}
		if line != "" {
			all = append(all, line)
		}
		line = word
	}
	all = append(all, line)
	for i := range all {
		all[i] = l.cut(all[i], most)
	}
	return all
}
