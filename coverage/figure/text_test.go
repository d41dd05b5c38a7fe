package figure

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"borel/coverage"
)

// Whatever is drawn: no line is longer than the terminal is wide, no character commands it, and ASCII is ASCII.
func TestTerminal(t *testing.T) {
	for name, draw := range gallery(t) {
		for _, p := range []Picture{
			{Format: Text}, {Format: ASCII}, {Format: Text, Width: 40, Height: 8}, {Format: ASCII, Width: 41, Height: 12}, {Format: Text, Width: 200, Height: 60},
		} {
			p.Title = "a\x1b[2Jb\nc\x00日本\xff"
			var b bytes.Buffer
			if err := draw(&b, p); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for line := range strings.Lines(b.String()) {
				line = strings.TrimSuffix(line, "\n")
				if w := columns(line); p.Width > 0 && w > int(p.Width) || w > 200 {
					t.Errorf("%s, %g columns: a line has %d: %s", name, p.Width, w, line)
				}
				for _, r := range line {
					if r < ' ' || r == 0x7f || r == utf8.RuneError || p.Format == ASCII && r >= utf8.RuneSelf {
						t.Errorf("%s, %s: %q is in %q", name, p.Format, r, line)
					}
				}
				if line != strings.TrimRight(line, " ") {
					t.Errorf("%s: %q ends in spaces", name, line)
				}
			}
			if rows := strings.Count(b.String(), "\n"); name == "one" && p.Height > 0 && rows != int(p.Height) && p.Height > 12 {
				t.Errorf("%s: %d rows, want %g", name, rows, p.Height)
			}
		}
	}
}

func TestTextExact(t *testing.T) {
	rise := Series{Name: "a\tb", Points: []coverage.Point{{K: 1, Pass: 0, Low: 0, High: .25}, {K: 10, Pass: .5, Low: .25, High: .75}, {K: 100, Pass: 1, Low: .75, High: 1}}}
	line := law("law", -2, -.4, 1000, 40)
	for name, test := range map[string]struct {
		draw func(b *bytes.Buffer, p Picture) error
		p    Picture
		want string
	}{
		"points": {func(b *bytes.Buffer, p Picture) error { return Coverage(b, p) }, Picture{Format: Text, Width: 44, Height: 14, Series: []Series{rise}}, `
coverage, pass@k
100 % ┤                                ⢀⡠⠔⠒●
      │                        ▒▒▒⢀⣀⠤⠒⠉⠁▒▒▒
      │                 ▒▒▒▒▒▒⣀⡠⠔⠊⠁▒▒▒▒▒▒
      │            ▒▒▒▒▒▒⢀⡠⠤⠒⠉▒▒▒▒▒▒▒
 50 % ┤       ▒▒▒▒▒▒▒⣀⠤⠒⠊●▒▒▒▒▒▒
      │   ▒▒▒▒▒▒⢀⡠⠔⠊⠉▒▒▒▒▒▒
      │ ▒▒▒⢀⣀⠤⠒⠉⠁▒▒▒
  0 % ┤●⠤⠔⠊⠁
      └┬─────────────────┬─────────────────┬
       1                10               100
              k, samples per problem
band: 95 % interval, other samples of the
same problems
`},
		"points in ASCII": {func(b *bytes.Buffer, p Picture) error { return Coverage(b, p) }, Picture{Format: ASCII, Width: 44, Height: 14, Series: []Series{rise, flat(.25, 0, 1, 100)}}, `
coverage, pass@k
100 % +                                ooooo
      |                      ::::oooooo::::
      |               ::::::ooooo:::::::
 50 % +          ::::::ooooo::::::
      |    :::::::ooooo::::::
      |#####################################
  0 % +ooooo
      ++-----------------+-----------------+
       1                10               100
              k, samples per problem
ooo a\u0009b   ### 0.25
band: 95 % interval, other samples of the
same problems
`},
		"log-log": {func(b *bytes.Buffer, p Picture) error { return LogLog(b, p) }, Picture{Format: Text, Width: 44, Height: 20, Series: []Series{line}}, `
−log coverage
      │⠐⠲⠤⣄⡀
    1 ┤    ⠈⠉⠒⠢⠤⣀⡀
      │          ⠈⠉⠒⠤⢄⣀
      │                ⠉⠑⠒⠤⢄⡀
  0.3 ┤                     ⠈⠉⠒⠢⠤⣀⡀▒▒
      │                           ⠈⠉⠒⠢⠤⣀▒▒▒
      │                                 ⠉⠑⠒⠄
      └┬───────────┬───────────┬───────────┬
residual
 10 % ┤ ▒▒▒▒▒
      │⠠⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠄
−10 % ┤                        ▒▒▒▒▒▒▒▒▒▒▒▒
      └┬───────────┬───────────┬───────────┬
       1          10          100      1,000
              k, samples per problem
⠤⠤⠤ law
⠤⠤  exp(-2 k^-0.4), off by 0.000 ± 0.000
band: 95 % interval, other samples of the
same problems
`},
		"difficulty": {func(b *bytes.Buffer, p Picture) error { return Difficulty(b, p, difficulty) }, Picture{Format: Text, Width: 48, Title: "bars"}, `
bars
      rate                       seen (believed)
         0 │████████◆███▌                5 (3.5)
   0–0.001 │   ◆                         0 (1.2)
0.001–0.01 │█████◆                       2 (2.0)
  0.01–0.1 │██████████████████◆█         8 (7.5)
     0.1–1 │██████████ ◆                 4 (4.8)
█ by the rate seen   ◆ by the rate believed
never solved: 5; share believed to have a rate
of 0: 0.125, at most 0.250
`},
		"difficulty in ASCII": {func(b *bytes.Buffer, p Picture) error { return Difficulty(b, p, difficulty) }, Picture{Format: ASCII, Width: 48}, `
      rate                       seen (believed)
         0 |########|####                5 (3.5)
   0-0.001 |   |                         0 (1.2)
0.001-0.01 |#####|                       2 (2.0)
  0.01-0.1 |##################|#         8 (7.5)
     0.1-1 |########## |                 4 (4.8)
# by the rate seen   | by the rate believed
never solved: 5; share believed to have a rate
of 0: 0.125, at most 0.250
`},
	} {
		var b bytes.Buffer
		if err := test.draw(&b, test.p); err != nil {
			t.Fatal(err)
		}
		if got, want := "\n"+b.String(), test.want; got != want {
			t.Errorf("%s: got%s\nwant%s", name, got, want)
		}
	}
}

// Colour is only where it was asked for, and changes nothing else.
func TestColour(t *testing.T) {
	text := func(format string, colour bool) string {
		var b bytes.Buffer
		if err := Coverage(&b, Picture{Format: format, Colour: colour, Series: []Series{flat(.5, .1, 1, 100), flat(.7, .1, 1, 100)}}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	coloured, plain := text(Text, true), text(Text, false)
	if !strings.Contains(coloured, "\x1b[34m●⠉") || !strings.Contains(coloured, "\x1b[31m■⠤") {
		t.Errorf("the series are not blue and red:\n%q", coloured)
	}
	for _, escape := range []string{"\x1b[34m", "\x1b[31m", "\x1b[0m"} {
		coloured = strings.ReplaceAll(coloured, escape, "")
	}
	if coloured != plain || strings.Contains(plain, "\x1b") {
		t.Errorf("without colour:\n%q\nwant\n%q", coloured, plain)
	}
	if text(ASCII, true) != text(ASCII, false) {
		t.Error("there is colour in ASCII")
	}
}

func TestShow(t *testing.T) {
	unicode, ascii := letters{}, letters{ascii: true}
	for _, test := range []struct{ in, unicode, ascii string }{
		{"plain", "plain", "plain"},
		{"é−±日", "é−±日", `\u00e9-+/-\u65e5`},
		{"\x1b[2J\x00\x7f\xff", `\u001b[2J\u0000\u007f\xff`, `\u001b[2J\u0000\u007f\xff`},
		{"a\u202eb", `a\u202eb`, `a\u202eb`}, // would turn what follows around
	} {
		if got := unicode.show(test.in); got != test.unicode {
			t.Errorf("%q is shown as %q, want %q", test.in, got, test.unicode)
		}
		if got := ascii.show(test.in); got != test.ascii {
			t.Errorf("%q is shown in ASCII as %q, want %q", test.in, got, test.ascii)
		}
	}
	for _, test := range []struct {
		got, want string
	}{
		{unicode.cut("abcdefghij", 10), "abcdefghij"},
		{unicode.cut("abcdefghijk", 10), "abcdefghi…"},
		{ascii.cut("abcdefghijk", 10), "abcdefg..."},
		{unicode.shorten("abcdefghijklmnop", 10), "abcde…mnop"},
		{unicode.cut("日本語日本語", 6), "日本…"},
		{fmt.Sprint(unicode.lines("one two three four", 9)), "[one two three four]"},
		{fmt.Sprintf("%q", unicode.lines("one two three four", 9)), `["one two" "three" "four"]`},
		{shorten(face(8), "organisation/model-name-8B", 60), "organis…me-8B"},
		{fit(face(8), "short", 60), "short"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestTicks(t *testing.T) {
	letter := func(s string) float64 { return float64(len([]rune(s)) + 2) }
	for _, test := range []struct {
		a      axis
		length float64
		want   []string
	}{
		{axis{lo: 0, hi: 1, write: percent}, 100, []string{"0 %", "10 %", "20 %", "30 %", "40 %", "50 %", "60 %", "70 %", "80 %", "90 %", "100 %"}},
		{axis{lo: 0, hi: 1, write: percent}, 20, []string{"0 %", "50 %", "100 %"}},
		{axis{lo: .99, hi: 1, write: percent}, 40, []string{"99.0 %", "99.5 %", "100.0 %"}},
		{axis{lo: -.001, hi: .001, write: percent}, 60, []string{"−0.10 %", "−0.05 %", "0 %", "0.05 %", "0.10 %"}},
		{axis{lo: 0, hi: 3, write: whole}, 100, []string{"0", "1", "2", "3"}},
		{axis{lo: 1, hi: 2, log: true, write: whole}, 100, []string{"1", "2"}},
		{axis{lo: 1, hi: 20, log: true, write: whole}, 100, []string{"1", "2", "5", "10", "20"}},
		{axis{lo: 1, hi: 10_000, log: true, write: whole}, 100, []string{"1", "10", "100", "1,000", "10,000"}},
		{axis{lo: 1, hi: 1e6, log: true, write: whole}, 40, []string{"1", "100", "10,000", "1,000,000"}},
		{axis{lo: 1e12, hi: 1e18, log: true}, 30, []string{"1e12", "1e14", "1e16", "1e18"}},
		{axis{lo: 3e-6, hi: 2e-2, log: true}, 100, []string{"1e−5", "0.0001", "0.001", "0.01"}},
		{axis{lo: .3, hi: .4, log: true}, 100, []string{"0.30", "0.31", "0.32", "0.33", "0.34", "0.35", "0.36", "0.37", "0.38", "0.39", "0.40"}},
	} {
		var got []string
		for _, tick := range test.a.ticks(test.length, letter) {
			if tick.label != "" {
				got = append(got, tick.label)
			}
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%g to %g on %g: %q, want %q", test.a.lo, test.a.hi, test.length, got, test.want)
		}
	}
}

func TestShares(t *testing.T) {
	for _, test := range []struct{ lo, hi, from, to float64 }{
		{0, 1, 0, 1}, {0, 0, 0, 1}, {1, 1, 0, 1}, {.2, .9, 0, 1}, {.4, .6, 0, 1},
		{0, .07, 0, .08}, {.01, .0231, 0, .03}, {.993, .999, .992, 1}, {.6, 1, .6, 1},
	} {
		if from, to := shares(test.lo, test.hi); from-test.from > 1e-12 || test.from-from > 1e-12 || to-test.to > 1e-12 || test.to-to > 1e-12 {
			t.Errorf("%g to %g is shown on %g to %g, want %g to %g", test.lo, test.hi, from, to, test.from, test.to)
		}
	}
}
