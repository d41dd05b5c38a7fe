package verify

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
	"testing/quick"
	"unicode/utf8"

	"borel/problem"
)

func TestComparator(t *testing.T) {
	long := strings.Repeat("7", 300)
	tests := []struct {
		spec, got, want string
		message         string // "" where they are equal
	}{
		{"", "1 2\n3\n", "1\t2\r\n\v\f3", ""},
		{"tokens", "", " \n", ""},
		{"tokens", "Yes", "yes", `token 1: got "Yes", want "yes"`},
		{"tokens", "1 2.0", "1 2", `token 2: got "2.0", want "2"`},
		{"tokens", "1 2", "1 2 3", `token 3: got nothing, want "3"`},
		{"tokens", "1 2 3", "1 2", `token 3: got "3", want nothing`},
		{"tokens", "a\u00a0b", "a b", "token 1: got \"a\\u00a0b\", want \"a\""},
		{"tokens", "a\x00", "a", `token 1: got "a\x00", want "a"`},
		{"tokens", "\xff", "\xfe", `token 1: got "\xff", want "\xfe"`},
		{"tokens", long, "8", `token 1: got "` + long[:100] + `"…, want "8"`},
		{"tokens", strings.Repeat("é", 51), "8", `token 1: got "` + strings.Repeat("é", 50) + `"…, want "8"`},
		{"tokens", "a" + strings.Repeat("é", 51), "8", `token 1: got "a` + strings.Repeat("é", 49) + `"…, want "8"`},

		{"exact", "a b\n", "a b\n", ""},
		{"exact", "a b", "a b\n", `line 1, byte 4: got the end, want "\n"`},
		{"exact", "x\nab\r\n", "x\nab\n", `line 2, byte 3: got "\r\n", want "\n"`},
		{"exact", "x\nab\nc", "x\nab\n", `line 3, byte 1: got "c", want the end`},

		{"float", "0.333333", "0.3333333333", ""},
		{"float", "2000000", "2000001", ""}, // relative
		{"float", "1.000001", "1", ""},      // on the limit, which no float64 can hold
		{"float", "1.0000010000000000001", "1", `token 1: got "1.0000010000000000001", want "1", tolerance 1e-6`},
		{"float", "0.0000005", "0", ""}, // absolute below 1
		{"float", "0.000002", "0", `token 1: got "0.000002", want "0", tolerance 1e-6`},
		{"float", "x 1", "x 1.0", ""},
		{"float", "x", "y", `token 1: got "x", want "y", tolerance 1e-6`},
		{"float", "1", "x", `token 1: got "1", want "x", tolerance 1e-6`},
		{"float", "1 1", "1", `token 2: got "1", want nothing, tolerance 1e-6`},
		{"float", "+5 .5 5. 1e5 1E+05 -0", "5 0.5 5 100000 100000 0", ""},
		{"float", "0x10", "16", `token 1: got "0x10", want "16", tolerance 1e-6`},
		{"float", "1_0", "10", `token 1: got "1_0", want "10", tolerance 1e-6`},
		{"float", "1e", "1", `token 1: got "1e", want "1", tolerance 1e-6`},
		{"float", "1e5_0", "1e50", `token 1: got "1e5_0", want "1e50", tolerance 1e-6`},
		{"float", ".", "0", `token 1: got ".", want "0", tolerance 1e-6`},
		{"float", "1/2", "0.5", `token 1: got "1/2", want "0.5", tolerance 1e-6`},
		{"float", "٣", "3", `token 1: got "٣", want "3", tolerance 1e-6`},

		{"float", "nan NaN -nan", "NAN nan nan", ""},
		{"float", "inf +Inf -infinity", "Infinity inf -INF", ""},
		{"float", "inf", "-inf", `token 1: got "inf", want "-inf", tolerance 1e-6`},
		{"float", "nan", "1", `token 1: got "nan", want "1", tolerance 1e-6`},
		{"float", "1", "nan", `token 1: got "1", want "nan", tolerance 1e-6`},
		{"float", "1e999", "inf", `token 1: got "1e999", want "inf", tolerance 1e-6`},
		{"float", "1e999", "2e999", `token 1: got "1e999", want "2e999", tolerance 1e-6`},
		{"float", "1e999", "1.0000001e999", ""}, // past float64, still numbers
		{"float", "1e999999999", "1.0e999999999", `token 1: got "1e999999999", want "1.0e999999999", tolerance 1e-6`},
		{"float", "-1", "1", `token 1: got "-1", want "1", tolerance 1e-6`},

		{"float:0", "9007199254740993", "9007199254740992", `token 1: got "9007199254740993", want "9007199254740992", tolerance 0`},
		{"float:0", "9007199254740993.0 007", "9007199254740993 7", ""},
		{"float:0", "0.1", "0.10", ""},
		{"float:0.5", "3.5", "3", ""},
		{"float:.1", "3.4", "3", `token 1: got "3.4", want "3", tolerance .1`},
		{"float:1e-9", "1.00000001", "1", `token 1: got "1.00000001", want "1", tolerance 1e-9`},
	}
	for _, tt := range tests {
		compare, err := comparator(tt.spec)
		if err != nil {
			t.Fatalf("comparator(%q): %v", tt.spec, err)
		}
		ok, message := compare(tt.got, tt.want)
		if ok != (tt.message == "") || message != tt.message {
			t.Errorf("%q: compare(%.40q, %.40q) = %v, %s, want %s", tt.spec, tt.got, tt.want, ok, message, tt.message)
		}
	}
}

func TestComparatorInvalid(t *testing.T) {
	for _, spec := range []string{
		"token", "Exact", "float:", "float:x", "float:-1", "float:-0", "float:nan", "float:inf", "float:1e400", "float:1e99999",
		"float:0x1p-3", "float:1_0", "float: 1", "float:1/2", "exact:1", " ",
	} {
		_, err := comparator(spec)
		if invalid, ok := errors.AsType[*problem.Invalid](err); !ok || invalid.Field != "check.compare" {
			t.Errorf("comparator(%q): error %v, want an Invalid of check.compare", spec, err)
		}
	}
}

// The float64 short cut must never decide otherwise than exact arithmetic does.
func TestToleranceShortCut(t *testing.T) {
	tol, err := parseTolerance("1e-6")
	if err != nil {
		t.Fatal(err)
	}
	agree := func(mantissa int64, exponent int8, parts int16, last int8) bool {
		want := new(big.Rat).SetInt64(mantissa)
		scale, _ := parseDecimal("1e" + big.NewInt(int64(exponent%30)).String())
		want.Mul(want, scale)
		// got differs from want by parts/16384 of the limit, and a little: often just on it.
		limit := new(big.Rat).Abs(want)
		if limit.Cmp(big.NewRat(1, 1)) < 0 {
			limit.SetInt64(1)
		}
		limit.Mul(limit, tol.exact)
		got := new(big.Rat).Mul(limit, big.NewRat(int64(parts/16384), 1))
		got.Add(got, want).Add(got, new(big.Rat).Mul(big.NewRat(int64(last), 1), big.NewRat(1, 1e17)))
		g, w := got.FloatString(60), want.FloatString(60)
		return tol.equal(g, w) == tol.equalExactly(g, w)
	}
	if err := quick.Check(agree, &quick.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
}

func TestComparatorLargeOutput(t *testing.T) {
	for _, spec := range []string{"tokens", "exact", "float", "codeforces", "llmonk", "deepmind", "sandboxfusion", "livecodebench"} {
		compare, err := comparator(spec)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Repeat("1.5 ", 1<<20)
		if allocs := testing.AllocsPerRun(1, func() { compare(text, text) }); allocs > 10 {
			t.Errorf("%s: %v allocations on a million tokens, want a few", spec, allocs)
		}
	}
}

func FuzzCompare(f *testing.F) {
	f.Add("1 2.5 x", "1 2.50001 y")
	f.Add("nan -inf 1e400", "+nan inf .")
	f.Add("1_0 \u0663 \f5\f _1 1__0 1e1_0 nan(x)", "ΑΣ İ\n\n \r\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, spec := range []string{"tokens", "exact", "float", "float:0", "codeforces", "deepmind"} {
			compare, err := comparator(spec)
			if err != nil {
				t.Fatal(err)
			}
			if ok, message := compare(a, a); !ok || message != "" {
				t.Errorf("%s: %q differs from itself: %s", spec, a, message)
			}
			ok, message := compare(a, b)
			if ok != (message == "") {
				t.Errorf("%s: %q and %q: ok %v with message %q", spec, a, b, ok, message)
			}
			if same := strings.Join(strings.FieldsFunc(a, asciiSpace), " ") == strings.Join(strings.FieldsFunc(b, asciiSpace), " "); spec == "tokens" && ok != same {
				t.Errorf("tokens: %q and %q: ok %v, want %v", a, b, ok, same)
			}
		}
		// All of llmonk's faults with equal outputs.
		odd := !utf8.ValidString(a)
		for _, token := range strings.FieldsFunc(a, func(r rune) bool { return strings.ContainsRune(" \t\n\v\r", r) }) {
			n, ok := pythonNumber(token)
			odd = odd || ok && n.whole == "" && (math.IsInf(n.float, 0) || math.IsNaN(n.float))
		}
		if ok, message := compareLLMonk(a, a); ok == odd || ok != (message == "") {
			t.Errorf("llmonk: %q and itself: ok %v, message %q, want ok %v", a, ok, message, !odd)
		}
		compareLLMonk(a, b)
	})
}

func asciiSpace(r rune) bool { return strings.ContainsRune(" \t\n\v\f\r", r) }
