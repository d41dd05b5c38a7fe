package verify

import (
	"testing"

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
