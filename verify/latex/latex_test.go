package latex

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for s, want := range map[string]string{
		`\frac12`:                         `["div","",["num","1"],["num","2"]]`,
		`\frac{270}7\text{ cm}^2`:         `["unit","cm",["div","",["num","270"],["num","7"]]]`,
		`1\frac{3}{4}`:                    `["num","7/4"]`,
		`1 3/4`:                           `["num","7/4"]`,
		`-1 3/4`:                          `["neg","",["num","7/4"]]`,
		`2\frac{x}{3}`:                    `["mul","",["num","2"],["div","",["sym","x"],["num","3"]]]`,
		`3\frac{7}{2}`:                    `["mul","",["num","3"],["div","",["num","7"],["num","2"]]]`,
		`10,\!080`:                        `["num","10080"]`,
		`11,\! 111,\! 111`:                `["num","11111111"]`,
		`1,234`:                           `["num","1234"]`,
		`1,23`:                            `["list","",["num","1"],["num","23"]]`,
		`1, 234`:                          `["list",",",["num","1"],["num","234"]]`,
		`(2,100)`:                         `["group","()",["num","2"],["num","100"]]`,
		`(10,000)`:                        `["add","",["num","10000"]]`,
		`0.1\overline{6}`:                 `["num","1/6"]`,
		`1e3`:                             `["num","1e3"]`,
		`2e-1`:                            `["add","",["mul","",["num","2"],["const","e"]],["neg","",["num","1"]]]`,
		`2516_8`:                          `["base","2516",["num","8"]]`,
		`x_{12}`:                          `["sym","x_12"]`,
		`x^10`:                            `["pow","",["sym","x"],["num","10"]]`,
		`2^{-1}`:                          `["pow","",["num","2"],["neg","",["num","1"]]]`,
		`a^b^c`:                           `["pow","",["sym","a"],["pow","",["sym","b"],["sym","c"]]]`,
		`90^{\circ}`:                      `["deg","",["num","90"]]`,
		`\sin^2 2x`:                       `["pow","",["func","sin",["mul","",["num","2"],["sym","x"]]],["num","2"]]`,
		`\sin x \cos x`:                   `["mul","",["func","sin",["sym","x"]],["func","cos",["sym","x"]]]`,
		`\log_28`:                         `["log","",["num","8"],["num","2"]]`,
		`\sqrt[3]2`:                       `["root","",["num","2"],["num","3"]]`,
		`1/2x`:                            `["mul","",["div","",["num","1"],["num","2"]],["sym","x"]]`,
		`|x|+|y|`:                         `["add","",["abs","",["sym","x"]],["abs","",["sym","y"]]]`,
		`0<x\le1`:                         `["rel","\u003c \u003c=",["num","0"],["sym","x"],["num","1"]]`,
		`f(x)=2`:                          `["rel","=",["call","f",["sym","x"]],["num","2"]]`,
		`1\pm\sqrt2`:                      `["pm","+",["num","1"],["root","",["num","2"],["num","2"]]]`,
		`(3,4]\cup\{5\}`:                  `["cup","",["group","(]",["num","3"],["num","4"]],["set","",["num","5"]]]`,
		`\text{(C)}`:                      `["text","(C)"]`,
		`three apples`:                    `["text","three apples"]`,
		`abc`:                             `["mul","",["sym","a"],["sym","b"],["sym","c"]]`,
		`{5 \choose 2}`:                   `["binom","",["num","5"],["num","2"]]`,
		`\begin{pmatrix}1&2\end{pmatrix}`: `["matrix","p",["list","",["num","1"],["num","2"]]]`,
		`\mathbb{R}`:                      `["const","R"]`,
		`\mathbf{R}`:                      `["sym","R"]`,
		`x²`:                              `["pow","",["sym","x"],["num","2"]]`,
		`2√19`:                            `["mul","",["num","2"],["root","",["num","19"],["num","2"]]]`,
	} {
		n, err := Parse(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if got := string(n.AppendJSON(nil)); got != want && got != strings.Replace(want, `"list",""`, `"list",","`, 1) {
			t.Errorf("%s:\ngot  %s\nwant %s", s, got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for s, want := range map[string]error{
		"": ErrSyntax, "1 2": ErrSyntax, "x 2": ErrSyntax, `\frac`: ErrSyntax, `\frac1`: ErrSyntax, "(": ErrSyntax, ")": ErrSyntax, "(1,2": ErrSyntax, "{1": ErrSyntax, "1}": ErrSyntax,
		"(1]": ErrSyntax, `\foo`: ErrSyntax, `\ldots`: ErrSyntax, "1+": ErrSyntax, "=5": ErrSyntax, "x^": ErrSyntax, "|x": ErrSyntax, `\begin{pmatrix}1`: ErrSyntax, `\begin{cases}1\end{cases}`: ErrSyntax,
		"a?b": ErrSyntax, "\xff": ErrSyntax, "\x00": ErrSyntax, `\`: ErrSyntax, "__import__('os')": ErrSyntax, "1..2": ErrSyntax, "5;": ErrSyntax,
		strings.Repeat("x", 20000): ErrTooLarge, strings.Repeat("x+", 3000) + "x": ErrTooLarge, strings.Repeat("(", 4000) + strings.Repeat(")", 4000): ErrTooLarge,
		strings.Repeat(`\frac`, 1000): ErrTooLarge, strings.Repeat("{", 1000): ErrTooLarge, strings.Repeat("-", 5000) + "1x": nil, strings.Repeat("x^", 500) + "x": ErrTooLarge,
		strings.Repeat("1/", 500) + "1": ErrTooLarge, strings.Repeat(`\sqrt`, 500) + "1": ErrTooLarge, strings.Repeat("|", 500): ErrTooLarge, strings.Repeat(`\sin `, 500) + "x": ErrTooLarge,
		"5" + strings.Repeat("!", 500): ErrTooLarge, strings.Repeat(`\text{`, 1000): ErrTooLarge, strings.Repeat(`\{`, 500): ErrTooLarge,
	} {
		if _, err := Parse(s); !errors.Is(err, want) {
			t.Errorf("Parse(%.30q…%d): error %v, want %v", s, len(s), err, want)
		}
	}
}

// FuzzParse: no text panics, trees keep their limits and are valid JSON.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`\frac{1}{2}`, `\left(3,\frac{\pi}{2}\right]`, `\begin{pmatrix}1&2\\3&4\end{pmatrix}`, `x=1\pm\sqrt[3]{2}`, `0.1\overline{6}`, `10,\!000\text{ cm}^2`, `f(x)=|x|`, `2516_{8}`, `\log_2 8!`, `{5\choose2}`, `x²√19`, `1 3/4`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := Parse(s)
		if err != nil {
			if !errors.Is(err, ErrSyntax) && !errors.Is(err, ErrTooLarge) {
				t.Errorf("Parse(%q): error %v", s, err)
			}
			return
		}
		nodes := 0
		n.Each(func(*Node) { nodes++ })
		if nodes > MaxNodes || n.height > MaxDepth {
			t.Errorf("Parse(%q) has %d nodes and %d levels", s, nodes, n.height)
		}
		if b := n.AppendJSON(nil); !json.Valid(b) {
			t.Errorf("Parse(%q): not JSON: %s", s, b)
		}
	})
}
