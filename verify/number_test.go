package verify

import (
	"strings"
	"testing"
)

func TestNumber(t *testing.T) {
	for s, want := range map[string]string{
		"18": "18", "-3": "-3", "+7": "7", "007": "7", "18.00": "18", ".5": "0.5", "0.10": "0.1", "18.": "18",
		"1,234,567.50": "1234567.5", "10{,}000": "10000", `10,\!000`: "10000", `10\,000`: "10000",
		"$1,250": "1250", "-$5": "-5", "$-5": "-5", `\$5`: "5", "€5": "5", "US$5": "5", "\u22125": "-5",
		"50%": "50", `50\%`: "50", "0.5 %": "0.5", "90°": "90", `90^\circ`: "90", `90^{\circ}`: "90",
		"5cm": "5", "5 cm": "5", "5 m": "5", "5 km/h": "5", "5 m^2": "5", `5\text{ cm}^2`: "5", "5 m²": "5", "5 dollars a day": "5", "5 people's": "5",
		"x = 5": "5", "3 + 2 = 5": "5", "about 5": "5", "A: 5": "5", "(5)": "5", "He has 5 apples.": "5", "**5** apples": "5",
		"3/4": "0.75", "-3 / 4": "-0.75", "1/3": "1/3", "2/6": "1/3", "1 3/4": "1.75", "-1 3/4": "-1.75",
		`\frac{3}{4}`: "0.75", `-\dfrac{3}{4}`: "-0.75", `\tfrac34`: "0.75", `1\frac{3}{4}`: "1.75", `\frac{-3}{4}`: "-0.75",
		"1e3": "1000", "1.5E-3": "0.0015", "6.02 × 10^{23}": "602" + strings.Repeat("0", 21), `2 \times 10^3`: "2000", "2*10^-1": "0.2",
		"3 million": "3000000", "-1.8 billion": "-1800000000", "two dozen is 2 dozen": "", "2 dozen eggs": "24",
		"1e1000": "1" + strings.Repeat("0", 1000),

		"": "", "x": "", "5 or 6": "", "5 and 6": "", "10+John's age": "", "10 + x": "", "5x": "", "5 x": "", "2π": "", `2\pi`: "", "5i": "", "5!": "",
		`5\sqrt{2}`: "", `\sqrt{5}`: "", "√5": "", "5^2": "", "f(5)": "", "5 - x": "", "5/x": "", "5*x": "", "5 and a half": "", "half of 5": "",
		"not 5": "", "minus 5": "", "1,23": "", "1,2345": "", "12,34": "", "1.2.3": "", "5:30": "", "5-6": "", "5–6": "", "x2": "", "x-5": "", `x\frac{1}{2}`: "", "x > 5": "", "x >= 5": "", "x != 5": "",
		"0x10": "", "1_0": "", "1/0": "", `\frac{1}{0}`: "", `\frac{1}{x}`: "", "nan": "", "inf": "", "٣": "",
		"1e1001": "", "1e999999999": "", "1 × 10^99999": "", strings.Repeat("9", 1001): "", "1/" + strings.Repeat("9", 1001): "",
	} {
		got := ""
		if n, ok := number(s); ok {
			got = plain(n)
		}
		if got != want {
			t.Errorf("number(%.60q) = %.60q, want %.60q", s, got, want)
		}
	}
}

func TestLastNumber(t *testing.T) {
	for s, want := range map[string]string{
		"5 apples in 2 baskets": "2", "16-3": "3", "16 - 3 = 13.": "13", "is $1,250.\n\nBye.": "1250", "3/4 of them": "0.75", "x2 is 7, x3 is y4": "7",
		"1.2.3": "0.3", "1,2345": "2345", "a\n12\nb": "12", "none": "", "x2": "",
		"7" + strings.Repeat(" ", 10<<20): "7", strings.Repeat("é", 10<<20) + "7" + strings.Repeat("é", 10<<20): "",
		strings.Repeat("é ", 10<<20) + "7 " + strings.Repeat("é", 10<<20): "7",
	} {
		got := ""
		if n, _, ok := lastNumber(s); ok && n != nil {
			got = plain(n)
		}
		if got != want {
			t.Errorf("lastNumber(%.60q) = %q, want %q", s, got, want)
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"-$1,234.50 dollars", `1\frac{3}{4}`, "2 × 10^{3}", "1e999", "x = 5 m^2", "3 million"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		lastNumber(s)
		n, ok := number(s)
		if !ok {
			return
		}
		again, ok := number(plain(n))
		if len(plain(n)) < maxNumberBytes && (!ok || again.Cmp(n) != 0) {
			t.Errorf("number(%q) = %s, which reads as %v", s, plain(n), again)
		}
	})
}
