package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strconv"
	"strings"
	"testing"

	"borel/coverage"
)

func report(t *testing.T, counts []coverage.Count, a coverage.Ask) *coverage.Report {
	t.Helper()
	r, err := coverage.Analyze(t.Context(), counts, a)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func written(t *testing.T, tables Tables, form string) string {
	t.Helper()
	var b strings.Builder
	if err := tables.Write(&b, form); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	hard = []coverage.Count{{Problem: "p", N: 1000, C: 2}, {Problem: "q", N: 1000, Unknown: 3}}
	easy = []coverage.Count{{Problem: "p", N: 1000, C: 500}, {Problem: "q", N: 1000, C: 20}}
)

func TestText(t *testing.T) {
	got := written(t, Tables{{"hard", report(t, hard, coverage.Ask{K: []int{1, 1000}})}}, Text)
	want := []string{
		"2 problems, 3 unknown samples left out", "95 % interval, other samples of the same problems",
		"    k   pass@k      95 % interval  had the unknown been wrong – right",
		"    1  0.00100  ", "1,000  0.50000  ",
	}
	lines := strings.Split(got, "\n")
	for i, w := range want {
		if i >= len(lines) || !strings.HasPrefix(lines[i], w) {
			t.Fatalf("line %d does not begin with %q:\n%s", i+1, w, got)
		}
	}
	both := written(t, Tables{{"hard\x1b[31m", report(t, hard, coverage.Ask{K: []int{1}})}, {"easy", report(t, easy, coverage.Ask{K: []int{1, 10}})}}, Text)
	if strings.Contains(both, "\x1b") || !strings.Contains(both, "easy              2  0.26000 [") || !strings.Contains(both, " –\n") {
		t.Errorf("%s", both)
	}
}

func TestMarkdown(t *testing.T) {
	got := written(t, Tables{{"a|b_c", report(t, hard, coverage.Ask{K: []int{1}})}, {"easy", report(t, easy, coverage.Ask{K: []int{1}})}}, Markdown)
	for _, want := range []string{"| system | problems | pass@1 |\n| :-- | --: | --: |\n", `| a\|b\_c | 2 | 0.0010 \[`, "| easy | 2 | **0.2600** \\[", "Bold: the highest of a column.", "3 unknown samples left out; pass@1 is 0.0010 had all been wrong, 0.0025 had all been right"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestLaTeX(t *testing.T) {
	name := `50% $x_1^{2}$ & \input{/etc/passwd} #~<|>` + "\n"
	got := written(t, Tables{{name, report(t, hard, coverage.Ask{K: []int{1}, Fit: true})}, {"easy", report(t, easy, coverage.Ask{K: []int{1}, Fit: true})}}, LaTeX)
	for _, want := range []string{
		`50\% \$x\_1\textasciicircum{}\{2\}\$ \& \textbackslash{}input\{/etc/passwd\} \#\textasciitilde{}\textless{}\textbar{}\textgreater{} `,
		`\begin{tabular}{lrr}`, `\toprule`, `system & problems & pass@1 \\`, `\midrule`, `easy & 2 & \textbf{0.2600} {\scriptsize [0.`, `\bottomrule`, `$\pm$`, `95 \% interval`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Count(got, `\begin{`) != strings.Count(got, `\end{`) {
		t.Errorf("unbalanced:\n%s", got)
	}
}

// A line that begins with a bracket would be an option of the \\ before it, or a star.
func TestLaTeXFirst(t *testing.T) {
	got := written(t, Tables{{"[a]", report(t, hard, coverage.Ask{K: []int{1}})}, {"*b", report(t, easy, coverage.Ask{K: []int{1}})}}, LaTeX)
	for _, want := range []string{"\n{}[a] & 2 ", "\n{}*b & 2 "} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// A forecast never stands without its model, what its interval means and its doubt; where there is none, the reason stands alone.
func TestForecast(t *testing.T) {
	few := []coverage.Count{{Problem: "a", N: 30, C: 3}, {Problem: "b", N: 30, C: 1}, {Problem: "c", N: 30, C: 20}, {Problem: "d", N: 30, C: 7}, {Problem: "e", N: 30}}
	for form, wants := range map[string][]string{
		Text:     {"in brackets: 95 % interval, other samples of the same problems, of all models; careful: few problems (5)", "believed"},
		Markdown: {"in brackets: 95 % interval, other samples of the same problems, of all models; careful: few problems (5)", "| believed |"},
		LaTeX:    {`in brackets: 95 \% interval, other samples of the same problems, of all models; careful: few problems (5)`, "& believed &"},
	} {
		got := written(t, Tables{{"few", report(t, few, coverage.Ask{K: []int{1}, Forecast: []int{300}})}}, form)
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", form, want, got)
			}
		}
		got = written(t, Tables{{"hard", report(t, hard, coverage.Ask{K: []int{1}, Forecast: []int{3000}})}}, form)
		if _, rest, ok := strings.Cut(got, "no forecast: 1 problems solved, and at least 3 are needed"); !ok || strings.Contains(rest, "system") {
			t.Errorf("%s:\n%s", form, got)
		}
	}
}

// Every number reads back as it was.
func TestCSV(t *testing.T) {
	r := report(t, hard, coverage.Ask{PassHat: true, Fit: true, Forecast: []int{10_000}, Difficulty: true, Advice: &coverage.Want{Reach: 0.4, Budget: 100}})
	rows, err := csv.NewReader(strings.NewReader(written(t, Tables{{`a "b", c`, r}}, CSV))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]string{}
	for _, row := range rows[1:] {
		if row[0] != `a "b", c` || row[6] != "2" || row[7] != "3" {
			t.Errorf("%q", row)
		}
		values[row[1]+" "+row[2]] = row[3:6]
	}
	for _, p := range r.Coverage {
		got := values["pass@k "+strconv.Itoa(p.K)]
		for i, want := range []float64{p.Pass, p.Low, p.High} {
			if x, err := strconv.ParseFloat(got[i], 64); err != nil || x != want {
				t.Errorf("pass@%d: %v, want %v", p.K, got, p)
			}
		}
	}
	for _, quantity := range []string{"bounds 1", "pass^k 1", "fit_a ", "samples_to_reach_0.4 ", "never_solved_share ", "forecast_doubt ", "problems_with_rate_up_to_0 "} {
		if values[quantity] == nil {
			t.Errorf("no %s in %v", quantity, values)
		}
	}
}

func TestRefused(t *testing.T) {
	one := Tables{{"a", report(t, easy, coverage.Ask{})}}
	for field, write := range map[string]func(b *bytes.Buffer) error{
		"format":  func(b *bytes.Buffer) error { return one.Write(b, "word") },
		"systems": func(b *bytes.Buffer) error { return Tables{}.Write(b, Text) },
	} {
		var b bytes.Buffer
		err := write(&b)
		if e, ok := errors.AsType[*coverage.Invalid](err); !ok || e.Field != field || b.Len() > 0 {
			t.Errorf("%v, want a fault of %s", err, field)
		}
	}
}

// A spreadsheet would carry out a name that looks like a formula.
func TestCSVNamesAreNoFormulas(t *testing.T) {
	var b strings.Builder
	err := Tables{{Name: `=HYPERLINK("x")`, Report: &coverage.Report{Coverage: []coverage.Point{{K: 1, Pass: .5, High: 1}}}}}.Write(&b, CSV)
	if err != nil || !strings.Contains(b.String(), "\n\"'=HYPERLINK(\"\"x\"\")\",pass@k,1,") {
		t.Errorf("%v:\n%s", err, b.String())
	}
}
