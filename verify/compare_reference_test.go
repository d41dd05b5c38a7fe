package verify

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"borel/problem"
)

// Each row is what the harness itself says; differs stands for any message.
const differs = "differs"

func compareTable(t *testing.T, spec string, rows [][3]string) {
	t.Helper()
	compare, err := comparator(spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		ok, message := compare(r[0], r[1])
		if want := r[2] == ""; ok != want || ok != (message == "") || r[2] != differs && message != r[2] {
			t.Errorf("%s: compare(%.40q, %.40q) = %v, %s, want %s", spec, r[0], r[1], ok, message, r[2])
		}
	}
}

func TestCompareLines(t *testing.T) {
	compareTable(t, "codeforces", [][3]string{
		{"", "", ""},
		{"", "\n \n", ""},
		{" \n\n", "", ""},
		{"1 2\n3\n", "1 2\n3\n", ""},
		{"1 2\n3", "1 2\n3\n", ""},
		{"1 2\n3\n\n\n", "1 2\n3\n", ""},
		{"1 2\n3\n", "1 2\n3\n\n\n", ""},
		{"1 2 \n3\t\n", "1 2\n3\n", ""},
		{"  1   2\n3", "1 2\n3", ""}, // lcmp compares words
		{"1 2\r\n3\r\n", "1 2\n3\n", ""},
		{"1\v2\f3", "1 2 3", ""},
		{"1\n2\n", "1 2\n", `line 1: got "1", want "1 2"`},
		{"1 2\n", "1\n2\n", `line 1: got "1 2", want "1"`},
		{"1\n\n2\n", "1\n2\n", `line 2: got "", want "2"`},
		{"1\n2\n", "1\n\n2\n", `line 2: got "2", want ""`},
		{"\n1\n", "1\n", `line 1: got "", want "1"`},
		{"1\n", "\n1\n", `line 1: got "1", want ""`},
		{"1\n\n2\n", "1\n \n2\n", ""},
		{"1\n2\n3\n", "1\n2\n", `line 3: got "3", want ""`},
		{"1\n", "1\n2\n", `line 2: got "", want "2"`},
		{"", "1", `line 1: got "", want "1"`},
		{"YES\n", "yes\n", `line 1: got "YES", want "yes"`},
		{"1.0\n", "1\n", `line 1: got "1.0", want "1"`},
		{"01\n", "1\n", `line 1: got "01", want "1"`},
		{"a\u00a0b", "a b", `line 1: got "a\u00a0b", want "a b"`},
		{"a\x00", "a", `line 1: got "a\x00", want "a"`},
		{"\xff", "\xff\n", ""},
		{"1\r2", "1 2", ""},
	})
}

func TestCompareLLMonk(t *testing.T) {
	long := strings.Repeat("7", 4300)
	compareTable(t, "llmonk", [][3]string{
		{"", " \n\t\r\v", ""},
		{"abc  DEF\n", "ABC def", ""},
		{"abc deg", "abc def", `token 2: got "deg", want "def"`},
		{"abc", "abc 1", `token 2: got nothing, want "1"`},
		{"abc 1", "abc", `token 2: got "1", want nothing`},
		{"123", "123.000001", ""},
		{"123", "123.1", differs},
		{"007 +5 -0", "7 5 0", ""},
		{"1_000", "1000", ""},
		{"1__0", "10", differs},
		{"_1", "1", differs},
		{"1_", "1", differs},
		{"1_0.5_0", "10.5", ""},
		{"0x10", "16", differs},
		{"0x10", "0X10", ""},
		{"1e3", "1000", ""},
		{"1e3", "1E3", ""},
		{"٣", "3", ""},
		{"१२", "12", ""},
		{"½", "0.5", differs},
		{".5 5.", "0.5 5", ""},
		{".", "0", differs},
		{".", ".", ""},
		{"three", "3", differs},
		{"İ", "i̇", ""},
		{"ΑΣ", "ας", ""},
		{"ΑΣΑ", "ασα", ""},
		{"ß", "SS", differs},
		{"a\fb", "a b", differs}, // no white space
		{"\f5\f", "5", ""},       // but int() strips it
		{"\u00a05\x1c", "5", ""},
		{"a\u00a0b", "a b", differs},
		{"9007199254740993", "9007199254740992", differs},
		{"9007199254740993", "9007199254740992.0", ""}, // as 64-bit numbers they are equal
		{"0.000001", "0.000002", ""},
		{"1", "1.000009", ""},
		{"1", "1.00001", differs},
		{"1", "1.000011", differs},
		{"1000000.1", "1000000.2", differs}, // never relative
		{"1e300", "1.0000000001e300", differs},
		{"1e300", "1e300", ""},
		{"inf", "inf", differs},
		{"-Infinity", "-infinity", differs},
		{"nan", "nan", differs},
		{"1e999", "1e999", differs},
		{"infinit", "INFINIT", ""},
		{"nan()", "nan()", ""},
		{long, long, ""},
		{long, long + ".0", differs}, // an OverflowError there
		{"0" + long, "0" + long, differs},
		{strings.Repeat("0", 4299) + "5", "5", ""},
		{strings.Repeat("1", 5000), strings.Repeat("1", 5000), differs},
		{"\xff", "\xff", "the output is not UTF-8"},
	})
}

func TestCompareSandboxFusion(t *testing.T) {
	compareTable(t, "sandboxfusion", [][3]string{
		{"", " \n\t\r\v", ""},
		{"\n\nabc DEF\n\n", "ABC def", ""},
		{"abc  def", "abc def", `line 1: got "abc  def", want "abc def"`},
		{" a \r\n\tb\n", "a\nb", ""},
		{"a\n\nb", "a\nb", "got lines: 3, want: 2"},
		{"a b", "a\nb", "got lines: 1, want: 2"},
		{"", "a", `line 1: got "", want "a"`},
		{"YES", "yes", ""},
		{"1.00001", "1", differs},
		{"1.000009", "1", ""},
		{"100000.9", "100000", ""}, // relative to what is expected
		{"1 2.000001", "1 2", differs},
		{"0.000001", "0.000002", differs},
		{"1e-16", "0", ""}, // less than 1e-5 of 1e-10
		{"1e-14", "0", differs},
		{"1_000", "1000", ""},
		{"inf", "Infinity", differs},
		{"nan", "nan", ""},
		{"nan", "-nan", differs},
		{"0x10", "16", differs},
		{"\u00a05", "5", ""},
		{"\xff", "\xff", "the output is not UTF-8"},
	})
}

func TestCompareDeepMind(t *testing.T) {
	long := strings.Repeat("1", 5000)
	compareTable(t, "deepmind", [][3]string{
		{"", " \n\t\r\v", ""},
		{"abc  DEF\n", "ABC def", ""},
		{"abc deg", "abc def", `token 2: got "deg", want "def"`},
		{"abc", "abc 1", `token 2: got nothing, want "1"`},
		{"abc 1", "abc", `token 2: got "1", want nothing`},
		{"123", "123.000001", ""},
		{"123", "123.1", differs},
		{"007 +5 -0", "7 5 0", ""},
		{"+-5", "-5", differs},
		{"--5", "-5", differs},
		{"+", "+", ""},
		{"1_000", "1000", differs},
		{"0x10", "16", differs},
		{"1e3", "1000", ""},
		{"1e", "1", differs},
		{"1e+", "1E+", ""},
		{".5 5.", "0.5 5", ""},
		{".", "0", differs},
		{"٣", "3", differs},
		{"É", "é", differs}, // ASCII letters only
		{"a\fb", "a b", differs},
		{"\f5\f", "5", ""},
		{"9007199254740993", "9007199254740992", ""}, // a fault
		{"2147483648", "2147483648.0", ""},
		{"0.000001", "0.000002", ""},
		{"1", "1.000011", differs},
		{"1000000.1", "1000000.2", differs},
		{"inf nan", "INF NaN", ""},
		{"inf 1", "inf 1.0", differs}, // a fault: inf differs from itself unless all tokens are written alike
		{"nan 1", "nan 1.0", differs},
		{"nan(x) 1", "nan(x) 1.0", differs},
		{"nan(é) 1", "nan(é) 1.0", ""}, // no number, so text
		{"nanx 1", "NANX 1.0", ""},
		{"inf", "infinity", differs},
		{"-inf", "5", differs},
		{"1e999", "1e999", ""},
		{"1e999", "2e999", differs},
		{"1e-999", "0", ""},
		{"1e99999999999", "5", differs},
		{long, long, ""},
		{long + " 1", long + " 1.0", differs},
		{"\xff 1", "\xff 1.0", ""},
		{"three", "3", differs},
	})
}

// What int() and float() read is asked of CPython itself.
func TestPythonNumber(t *testing.T) {
	texts := []string{
		"", "+", "-", "5", "+5", "-5", "--5", "+-5", "- 5", "007", "-000", "1_000", "1__0", "_1", "1_", "1_.5", "1._5", "1.5_0", "1e1_0", "1e_1", "1_e1", "-_1",
		"0x10", "0b1", "0o7", "1e5", "1E+5", "1e-5", "1e", "1e+", "e5", ".", ".5", "5.", "-.5", "1.2.3", "1e5.0", "inf", "-INF", "+Infinity", "infinit", "nan", "-NaN",
		"nan(1)", "1e400", "-1e400", "1e-400", "1e99999999999999999999", "0e99999999999999999999", "٣", "१२", "1٣.٣e٣", "½", "²", "Ⅷ", "𝟘𝟙", "１２", "1\u00a02", "\u00a05\u2003", "\x1c5\x1d\x1e\x1f",
		"\f5\v", "5\x00", "\x005", "5\u200b", "٣_٣", "_٣", "١_", "i̇nf", "ınf", "ⅰnf", "1,000", "1e308", "1.7976931348623157e308", "1.7976931348623159e308",
		strings.Repeat("1", 4300), strings.Repeat("1", 4301), "-" + strings.Repeat("0", 4300), strings.Repeat("0", 4301), strings.Repeat("1_", 4299) + "1",
	}
	pieces := []string{"0", "1", "9", "12", "_", "+", "-", ".", "e", "E", "inf", "nan", "٣", "०", " ", "\f", "\u00a0", "x", "𝟙"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		var b strings.Builder
		for range 1 + random.IntN(6) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		texts = append(texts, b.String())
	}
	list, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	r, err := realVerifier(t).Run(t.Context(), problem.RunRequest{Stdin: string(list), Limits: problem.Limits{OutputKB: 8192}, Source: `
import json, sys
sys.set_int_max_str_digits(4300)
for s in json.load(sys.stdin):
    lowered = s.lower().encode().hex()
    try:
        print(lowered, "int", int(s))
    except ValueError:
        try:
            print(lowered, "float", float(s).hex())
        except ValueError:
            print(lowered, "no")
`})
	if err != nil || r.ExitCode != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	lines := strings.Split(strings.TrimSuffix(r.Stdout, "\n"), "\n")
	if len(lines) != len(texts) {
		t.Fatalf("got %d lines, want %d", len(lines), len(texts))
	}
	kinds := map[string]int{}
	for i, s := range texts {
		var want string
		got := fmt.Sprintf("%x", lower(s))
		switch n, ok := pythonNumber(s); {
		case !ok:
			got += " no"
		case n.whole != "":
			got += " int " + n.whole
		default:
			got += " float " + pythonHex(n.float)
		}
		if want = lines[i]; got != want {
			t.Errorf("%.60q: got …%s, want …%s", s, got[max(0, len(got)-60):], want[max(0, len(want)-60):])
		}
		kinds[strings.Fields(want + " -")[min(1, len(strings.Fields(want))-1)]]++
	}
	if kinds["int"] < 100 || kinds["float"] < 100 {
		t.Errorf("few numbers among them: %v", kinds)
	}
}

// pythonHex is float.hex of Python, of zero, infinities, nan and normal numbers.
func pythonHex(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 0):
		return strings.ToLower(strings.TrimPrefix(fmt.Sprint(f), "+"))
	case f == 0:
		if math.Signbit(f) {
			return "-0x0.0p+0"
		}
		return "0x0.0p+0"
	}
	bits := math.Float64bits(f)
	sign := ""
	if f < 0 {
		sign = "-"
	}
	return fmt.Sprintf("%s0x1.%013xp%+d", sign, bits&(1<<52-1), int(bits>>52&0x7ff)-1023)
}
