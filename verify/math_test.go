package verify

import (
	"borel/languages"
	"borel/sandbox"
	"context"
	"slices"
	"testing"
	"time"

	"borel/problem"
)

func mathVerdict(t *testing.T, v *Verifier, gold, text string) problem.Verdict {
	t.Helper()
	d, err := v.Verify(t.Context(), &problem.Problem{Check: problem.Check{Kind: problem.KindAnswer, Equal: "math", Answer: gold}}, problem.Text(text), false)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestMathPairs(t *testing.T) {
	v := realVerifier(t)
	for _, tt := range []struct {
		gold, answer string
		want         bool
	}{
		{`\frac{1}{2}`, "0.5", true}, {`\sqrt{8}`, `2\sqrt{2}`, true}, {"x^2-1", "(x-1)(x+1)", true}, {"(1,2)", "(2,1)", false}, {`\{1,2\}`, `\{2,1\}`, true}, {"10,000", "10000", true},
		{"[0,1)", "(0,1]", false}, {`\pi`, "3.14", false}, {"5", "5.0", true}, {"2^{10}", "1024", true}, {`90^\circ`, "90", true}, {`\begin{pmatrix}1\\2\end{pmatrix}`, `\begin{pmatrix}1\\2\end{pmatrix}`, true}, {"y=2x+1", "y=1+2x", true}, {"7", "8", false},
	} {
		d := mathVerdict(t, v, tt.gold, `\boxed{`+tt.answer+`}`)
		want := problem.WrongAnswer
		if tt.want {
			want = problem.Accepted
		}
		if d.Status != want {
			t.Errorf("%s against %s: %s (%s %s), want %s", tt.gold, tt.answer, d.Status, d.Message, d.Error, want)
		}
	}
}

func TestTmpMath500(t *testing.T) {
	v := realVerifier(t)
	by := &sympy{run: func(ctx context.Context, spec sandbox.Spec, asked bool) (outcome, error) {
		l, _ := languages.Find("python")
		return v.run(ctx, l.Guest(), spec, asked)
	}}
	var took []time.Duration
	var fuel []int64
	for _, r := range rows[struct{ Answer, Solution string }](t, "math500.jsonl.gz") {
		e := readMath(r.Answer)
		if e.tree == nil {
			t.Errorf("%s: no tree", r.Answer)
			continue
		}
		start := time.Now()
		var f int64
		is, ran, err := by.compare(t.Context(), e.tree, e.tree)
		took = append(took, time.Since(start))
		if ran != nil {
			f = ran.result.Fuel
		}
		fuel = append(fuel, f)
		if err != nil || is != equal {
			t.Errorf("%s: %v %v", r.Answer, is, err)
		}
	}
	slices.Sort(took)
	slices.Sort(fuel)
	t.Log(took[len(took)/2], took[len(took)*9/10], took[len(took)-1], fuel[len(fuel)/2], fuel[len(fuel)*9/10], fuel[len(fuel)-1])
}
