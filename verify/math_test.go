package verify

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
)

// mathCheck is a check whose comparisons run in v's sandbox.
func mathCheck(t *testing.T, v *Verifier, gold string) *judge {
	t.Helper()
	j, err := v.judge(&problem.Problem{Check: problem.Check{Kind: problem.KindAnswer, Equal: "math", Answer: gold}}, false)
	if err != nil {
		t.Fatalf("%s: %v", gold, err)
	}
	return j
}

// mathPairs are answers that are equal to the first of their line, and behind !, those that are not.
const mathPairs = `
1/2             ; 0.5 ; \frac{1}{2} ; \frac12 ; \dfrac{1}{2} ; .5 ; 0.50 ; \frac{2}{4} ; 2^{-1} ; 1/2. ; \frac{1}{\sqrt{4}} ; 50\% ; (1/2) ! 2 ; 0.51 ; -1/2 ; 0.4999999999999999
5               ; 5.0 ; +5 ; x=5 ; x = 5 ; 5 = x ; 5\text{ cm} ; 5 cm ; \$5 ; \$5.00 ; \text{Area} = 5 ; AB = 5 ; f(2)=5 ; 2+3 ; 2+3=5 ; \sqrt{25} ; 5 \text{ square feet} ; 5\% ; 5^\circ ; |{-5}| ; \boxed{5} ; 10/2 ; \{5\} ! x^5 ; 5x ; -5 ; 7 = 5 ; x + 2 = 5 ; 5 or 7 ; 5, 5 ; (5,5) ; 5.0000001 ; \text{five} ; x > 5 ; x \ge 5 ; 5! ; 5i ; \{5,6\}
-3              ; -3.0 ; (-3) ; −3 ; -\frac{6}{2} ; - 3 ; \frac{3}{-1} ; --- 3 ! 3 ; --3
10,000          ; 10000 ; 10{,}000 ; 10,\!000 ; 10\,000 ; 10^4 ; 10^{4} ; 1e4 ; 1 \times 10^4 ; \$10,000 ; 10, 000 ! 10,001 ; 10 ; 10.000
1.5\times10^{-3}; 0.0015 ; 1.5e-3 ; \frac{3}{2000} ; 1.5 \cdot 10^{-3} ! 1.5 ; 0.015
1\frac{3}{4}    ; 1.75 ; \frac74 ; 7/4 ; 1 3/4 ; 1\dfrac34 ; 1 \frac{3}{4} ! \frac{3}{4} ; 13/4 ; 1.34
2\frac{x}{3}    ; \frac{2x}{3} ; 2x/3 ! 2+\frac{x}{3}
0.\overline{3}  ; 1/3 ; \frac13 ; 0.3\overline{3} ! 0.3 ; 0.333333
\sqrt{8}        ; 2\sqrt{2} ; 2\sqrt2 ; 8^{1/2} ; 2*sqrt(2) ; 2√2 ; \frac{4}{\sqrt 2} ; \sqrt[4]{64} ; 2^{3/2} ! 2.828427 ; 2.82842712474619 ; -2\sqrt{2} ; \sqrt{2} ; \sqrt[3]{8}
\sqrt{3+2\sqrt2}; 1+\sqrt2 ! 1-\sqrt2 ; \sqrt3+2\sqrt2
\sqrt{2}+\sqrt{3}; \sqrt{5+2\sqrt6} ; \sqrt3+\sqrt2 ! \sqrt5
\sqrt[3]{2+\sqrt5}; \frac{1+\sqrt5}{2} ! \frac{1-\sqrt5}{2} ; 1.618033988749895
\frac{1}{\sqrt{2}}; \frac{\sqrt{2}}{2} ; \sqrt{\frac12} ; \sin 45^\circ ; \cos\frac{\pi}{4} ; \sin(\pi/4) ! 0.7071067811865476
\sqrt{x^2}      ; |x| ; \sqrt{x\cdot x} ! x ; -x
\sqrt{x}\sqrt{y}; \sqrt{y}\sqrt{x} ! \sqrt{xy}
z\bar{z} ;      ! z^2
\pi             ; pi ; π ; \frac{2\pi}{2} ; \pi^1 ! 3.14 ; 3.14159265358979 ; 22/7 ; 180^\circ
2\pi            ; 2*pi ; 2π ; \pi\cdot 2 ; \pi+\pi ! 2 ; \pi^2 ; 6.283185307179586
e^{i\pi}        ; -1 ! 1
e^2             ; \exp(2) ; e\cdot e ; exp(2) ! 7.389056 ; 2e
\ln 8           ; 3\ln 2 ; \ln(8) ; 3 \ln(2) ; \log 8 ! \ln 3 ; 2.0794415
\log_2 8        ; 3 ; \log_{2}(8) ; \frac{\ln 8}{\ln 2} ! 2 ; \ln 8
\log_{10} 2     ; \log 2 ! \ln 2
\frac{\log 8}{\log 2}; 3 ! 4
x^2-1           ; (x-1)(x+1) ; (x+1)(x-1) ; -1+x^2 ; x\cdot x-1 ; x**2 - 1 ; x^2 - 1^2 ! x^2+1 ; (x-1)^2 ; x-1 ; x^2 ; y^2-1
\frac{x^2-1}{x-1}; x+1 ! x-1
(x+y)^3         ; x^3+3x^2y+3xy^2+y^3 ! x^3+y^3
(x+y)^2         ; x^2+2xy+y^2 ; (y+x)(x+y) ! x^2+y^2
\sin^2 x        ; 1-\cos^2 x ; (\sin x)^2 ; \sin(x)^2 ; \frac{1-\cos 2x}{2} ! \sin x^2 ; \cos^2 x ; 2\sin x
\sin 2x         ; 2\sin x\cos x ; \sin(2x) ! 2 \sin x
\tan x          ; \frac{\sin x}{\cos x} ; 1/\cot x ! \cot x
\cot x          ; \frac{\cos x}{\sin x} ; \frac{1}{\tan x} ; \cot(x) ! \tan x
\arctan 1       ; \frac{\pi}{4} ; \tan^{-1} 1 ; \tan^{-1}(1) ! 45
\sin^{-1} x     ; \arcsin x ! \frac{1}{\sin x}
90^\circ        ; 90 ; 90^{\circ} ; 90° ; 90 \text{ degrees} ; 90 degrees ; 90\degree ! \frac{\pi}{2} ; 9 ; 900
\sin 30^\circ   ; \frac12 ; \cos 60^\circ ! \sin 30
50\%            ; 50 ; 0.5 ; \frac12 ; 50 \% ; 50 percent ! 5 ; 500 ; 0.05
\$18.90         ; 18.90 ; 18.9 ; 18.9 \text{ dollars} ; \$18.9 ! 18.09 ; 18.90 \text{ cents}
5.4 \text{ cents}; 5.4 ; 5.4 cents ; 5.40¢ ! \$5.40 ; 54
15\mbox{ cm}^2  ; 15 ; 15 \text{ cm}^2 ; 15cm^2 ; 15 \text{ square centimeters} ; 15 ! 15 \text{ m}^2 ; 225
6 - 5i          ; -5i+6 ; \frac{12-10i}{2} ! 6+5i ; 5-6i ; 6 ; -5i
\frac{1}{i}     ; -i ! i
i^2             ; -1 ! 1
(1,2)           ; ( 1, 2 ) ; \left(1,2\right) ; (1.0, \frac42) ! (2,1) ; [1,2] ; (1,2] ; 1,2 ; (1,2,3) ; \{1,2\} ; 12
(2,1)           ; 2, 1 ; x=2, y=1 ; y=1, x=2 ! (1,2) ; 1,2 ; y=2, x=1 ; x=1, y=2
(2,3)           ; x=2, y=3 ; y=3, x=2 ! x=3, y=2 ; y=2, x=3
2,1             ; x=2, y=1 ; y=1, x=2 ! y=2, x=1
(1,-16,-4,43)   ; ( 1 , -16 , -4 , 43 ) ; 1,-16,-4,43 ! (1,-16,43,-4) ; (1,-16,-4)
\left( 3, \frac{\pi}{2} \right); (3, \pi/2) ; (3,0.5\pi) ! (3, 90^\circ) ; (\frac{\pi}{2},3)
[0,1)           ; [0, 1) ; \left[0,1\right) ; 0 \le x < 1 ; x \in [0,1) ; [0,\frac{2}{2}) ! (0,1] ; [0,1] ; (0,1) ; 0 < x < 1
(5,\infty)      ; (5, \infty) ; (5,+\infty) ; x>5 ; 5<x ; x \in (5,\infty) ; (5, infinity) ; (5,∞) ! [5,\infty) ; (-\infty,5) ; x \ge 5 ; 5
(-\infty, 2) \cup (3, \infty); (3,\infty)\cup(-\infty,2) ; x<2 \text{ or } x>3 ; (-∞,2)∪(3,∞) ; (-\infty,2) U (3,\infty) ! (-\infty,2] \cup (3,\infty) ; (-\infty,3)\cup(2,\infty) ; (-\infty,2) ; 2<x<3 ; (-\infty, 2) \cap (3, \infty)
(-\infty,\infty); \mathbb{R} ; \mathbb R ! (0,\infty)
[1,3]           ; [1,2]\cup[2,3] ; [1,2)\cup[2,3] ! [1,2)\cup(2,3]
(-\infty,0)\cup(0,\infty); x \ne 0 ; x\neq0 ; \mathbb{R}\setminus\{0\} ! \mathbb{R}
\{1,2\}         ; \{2,1\} ; 1,2 ; 2, 1 ; \left\{1,2\right\} ; \{1,2,2\} ; 1 and 2 ; x=1, x=2 ; x=1 \text{ or } x=2 ! \{1\} ; \{1,3\} ; (1,2) ; \{1,2,3\} ; 1
\emptyset       ; \{\} ; \varnothing ; ∅ ! 0 ; \{0\}
x=1, y=2        ; x = 1, y = 2 ; y=2, x=1 ; 1,2 ! 2,1 ; x=2, y=1 ; x=1
9\pi            ; A = \pi r^2 = 9\pi ; A = 9\pi \approx 28.27 ! A = 8\pi = 9\pi ; x \approx 28.27
3,000,000       ; 3 \text{ million} ; 3 million ! 3
12              ; about 12 ; \text{about }12 ; 12 apples ! \text{at least } 12 ; less than 12 ; more than 12 ; not 12 ; 12 \text{ or more} ; 12 \text{ thousand} ; 12 or 13 ; 12 \pm 1 ; 12, 13 ; [12,12] ; 12 \ne 13 ; 12 fifths ; 12 \text{ sevenths} ; 12 gross ; 12 millionths
June 5          ; \text{June 5} ; june 5 ! May 5 ; 5 ; June 6
5\text{ p.m.}   ; 5 ; 5 \text{ pm} ! 5 \text{ a.m.} ; 6\text{ p.m.}
x-y             ; -y+x ! \text{xy} ; xy
xy=1            ; yx=1 ; 1-xy=0 ! y=1/x
100\text{ cm}   ; 100 ! 1 \text{ m}
0.5             ; 50\% ; .5 ! 0.5\% ; 5\%
1,-2            ; -2,1 ; -2 , 1 ; x=1, x=-2 ; x = 1 \text{ or } x = -2 ; 1 and -2 ; \{1,-2\} ; (1,-2) ! 1,2 ; 1 ; (-2,1) ; 1,-2,3
\sqrt[3]{-8}    ; -2 ; -\sqrt[3]{8} ! 2 ; 1+i\sqrt3
-\sqrt[5]{2}    ; \sqrt[5]{-2} ! \sqrt[5]{2}
3 \text{ hours} ; 3 ; 3 hours ; 3 hr ! 3 min ; 3 days ; 180 min
A \leftarrow B  ; A\leftarrow B ! A \rightarrow B ; A \leftrightarrow B
3, 5, 7         ; 7,5,3 ; 3,5,7 ; 3, 5, and 7 ! 3,5 ; 3,5,8 ; 3,5,7,7 ; 357
1 \pm \sqrt{19} ; 1+\sqrt{19}, 1-\sqrt{19} ; 1-\sqrt{19},1+\sqrt{19} ; 1\mp\sqrt{19} ; x = 1 \pm \sqrt{19} ; 1 ± √19 ! 1+\sqrt{19} ; 1\pm\sqrt{18} ; -1\pm\sqrt{19}
\{1\pm\sqrt{5},-2\}; \{-2,1+\sqrt5,1-\sqrt5\} ; -2,1\pm\sqrt5 ! \{1\pm\sqrt5\} ; \{1\pm\sqrt5,2\}
\pm 3           ; 3,-3 ; -3, 3 ; x=\pm3 ! 3 ; -3
y=2x+1          ; y=1+2x ; 2x+1=y ; y-2x=1 ; 2y=4x+2 ; 2x-y+1=0 ; 2x+1 ; f(x)=2x+1 ! y=2x-1 ; x=2y+1 ; y=2x ; 2x ; y<2x+1
x=5             ; 5 ; 5=x ; x=\frac{10}{2}=5 ; x = 2+3 ! x=6 ; y=5 ; 6 ; x>5 ; 2x=10 ; 3x+2=17 ; x-5=0 ; x=4=5 ; x^2=25
f(x)=x^2        ; x^2 ; f(x)=x\cdot x ; y=x^2 ! f(x)=x^3 ; x
5x - 7y + 11z + 4 = 0; -5x+7y-11z-4=0 ; 10x-14y+22z=-8 ! 5x-7y+11z-4=0 ; 5x-7y+11z+4
x^2+y^2=1       ; 1=x^2+y^2 ; y^2+x^2-1=0 ! x^2+y^2=2 ; x+y=1 ; x^2+y^2
x<3             ; 3>x ; (-\infty,3) ; x<\frac62 ; x \in (-\infty,3) ! x-3<0 ; 2x \in (-\infty,3) ; 2x<6 ; x>3 ; x\le 3 ; -x<-3 ; y<3
x \le y         ; y \ge x ; x-y\le 0 ! x<y ; y\le x
\begin{pmatrix}1\\2\end{pmatrix}; \begin{bmatrix}1\\2\end{bmatrix} ; \begin{pmatrix} 1.0 \\ \frac{4}{2} \end{pmatrix} ; (1,2) ; \langle 1,2\rangle ! \begin{pmatrix}2\\1\end{pmatrix} ; \begin{pmatrix}1&2\end{pmatrix} ; \begin{vmatrix}1\\2\end{vmatrix} ; 1,2
\begin{pmatrix} -1 & 0 \\ 0 & -1 \end{pmatrix}; -\begin{pmatrix}1&0\\0&1\end{pmatrix} ; \begin{bmatrix}-1&0\\0&-1\end{bmatrix} ! \begin{pmatrix}1&0\\0&1\end{pmatrix} ; \begin{pmatrix}-1&0&0&-1\end{pmatrix} ; -1
\begin{pmatrix} 1/5 \\ -18/5 \end{pmatrix}; \frac15\begin{pmatrix}1\\-18\end{pmatrix} ; \begin{pmatrix}0.2\\-3.6\end{pmatrix} ! \begin{pmatrix}1\\-18\end{pmatrix}
\begin{vmatrix}1&2\\3&4\end{vmatrix}; -2 ! 2 ; \begin{pmatrix}1&2\\3&4\end{pmatrix}
2516_8          ; 2516_{8} ; 2516 ; 2516_{\text{eight}} ; 02516_8 ! 1358 ; 2516_9 ; 2517_8 ; 2516_{10}
1358            ; 1358.0 ! 1358_8
\binom{5}{2}    ; 10 ; {5 \choose 2} ; \frac{5!}{2!3!} ; \dbinom52 ! 20 ; \frac52
5!              ; 120 ; 5\cdot4! ! 60
n!              ; n(n-1)! ! (n-1)!
\lfloor 3.7 \rfloor; 3 ; ⌊3.7⌋ ! 4
\lceil 3.2 \rceil; 4 ! 3
|x-3|           ; |3-x| ; \left|x-3\right| ; \lvert x-3\rvert ! x-3 ; 3-x
\gcd(12,18)     ; 6 ! 12
\text{Evelyn}   ; Evelyn ; evelyn ; \textbf{Evelyn} ; \text{ Evelyn } ; Evelyn. ! \text{Eve} ; lynEve ; 5
\text{east}     ; east ; East ; \mathrm{east} ! seat ; eats ; west
\text{(C)}      ; C ; (C) ; \text{C} ; \textbf{(C)} ! D ; (D) ; \text{(B)}
\text{no}       ; no ; No ! on ; yes
ellipse         ; \text{ellipse} ; Ellipse ! parabola
2^{10}          ; 1024 ; 2^10 ; 32^2 ! 20 ; 2^9
x^10            ; x^{10} ! x\cdot 10
1/2x            ; \frac{x}{2} ; \frac12 x ! \frac{1}{2x}
3/4\pi          ; \frac{3\pi}{4} ! \frac{3}{4\pi}
a_1+a_2         ; a_2+a_1 ; a_{1}+a_{2} ! a_1+a_1 ; a1
\theta+\alpha   ; \alpha+\theta ; α+θ ! \theta-\alpha
\frac{11+9a}{20}; (11+9a)/20 ; 0.55+0.45a ! 11+9a/20
p - q           ; -q+p ; p+(-q) ! q-p
k(k+1)/2        ; \frac{k^2+k}{2} ! k(k+1)
\frac{x}{0}     ; ! 0 ; 1
x^0             ; 1 ! 0
\infty          ; +\infty ; infinity ! -\infty ; 10^{100}
-\infty         ; -\infty ! \infty
2^{100}         ; 1267650600228229401496703205376 ! 1267650600228229401496703205377 ; 1.2676506002282294e30
\frac{10^{30}+1}{10^{30}}; 1+10^{-30} ! 1
\sqrt{10^{40}+1}; ! 10^{20}
\frac{1}{3}+10^{-70}; ! \frac13
\sqrt2+10^{-80} ; ! \sqrt2
\cos 20^\circ\cos 40^\circ\cos 80^\circ; \frac18 ! \frac17
x \in [-2,7]    ; [-2,7] ; -2\le x\le 7 ; 7 \ge x \ge -2 ! (-2,7) ; [-2,7) ; -2,7
`

func TestMathPairs(t *testing.T) {
	v := realVerifier(t)
	n := 0
	for _, line := range some(strings.Split(mathPairs, "\n"), 5) {
		gold, rest, ok := strings.Cut(strings.TrimSpace(line), ";")
		if !ok {
			continue
		}
		gold = strings.TrimSpace(gold)
		j := mathCheck(t, v, gold)
		right, wrong, _ := cutLast(rest, " ! ")
		for answers, want := range map[string]problem.Status{gold + ";" + right: problem.Accepted, wrong: problem.WrongAnswer} {
			for answer := range strings.SplitSeq(answers, ";") {
				if answer = strings.TrimSpace(answer); answer == "" {
					continue
				}
				n++
				d, err := j.verdict(t.Context(), problem.Text(`\boxed{`+answer+`}`))
				if err != nil {
					t.Fatal(err)
				}
				if d.Status != want {
					t.Errorf("%s against %s: %s (%s%s), want %s", gold, answer, d.Status, d.Message, d.Error, want)
				}
			}
		}
	}
	t.Logf("%d pairs", n)
}

// cutLast cuts s around the last sep, which may also begin it.
func cutLast(s, sep string) (before, after string, ok bool) {
	s = " " + s + " "
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// TestMath500: every answer of MATH-500 equals itself by SymPy alone, without the shortcuts, and is what its solution
// ends in.
func TestMath500(t *testing.T) {
	v := realVerifier(t)
	by := &sympy{run: func(ctx context.Context, spec sandbox.Spec) (outcome, error) {
		l, _ := languages.Find("python")
		return v.run(ctx, l.Guest(), spec, true)
	}}
	var took []time.Duration
	var fuel []int64
	for _, r := range some(rows[struct{ Answer, Solution string }](t, "math500.jsonl.gz"), 10) {
		d, err := mathCheck(t, v, r.Answer).verdict(t.Context(), problem.Text(r.Solution))
		if err != nil || d.Status != problem.Accepted || d.Extraction != "boxed" {
			t.Errorf("%s: its solution is %s by %s: %s%s, %v", r.Answer, d.Status, d.Extraction, d.Message, d.Error, err)
		}
		e := readMath(r.Answer)
		if e.tree == nil {
			t.Errorf("%s is not understood", r.Answer)
			continue
		}
		start := time.Now()
		is, ran, err := by.compare(t.Context(), e.tree, e.tree)
		took = append(took, time.Since(start))
		if err != nil || is != equal {
			t.Errorf("%s is not shown equal to itself: %v, %v", r.Answer, is, err)
			continue
		}
		fuel = append(fuel, ran.result.Fuel)
	}
	slices.Sort(took)
	slices.Sort(fuel)
	if n := len(took); n > 0 && len(fuel) == n {
		t.Logf("%d comparisons, median %v, 99 %% %v, most %v; fuel %d, %d, %d of %d", n, took[n/2], took[n*99/100], took[n-1], fuel[n/2], fuel[n*99/100], fuel[n-1],
			int64(mathLimits.Seconds*320e6))
	}
}

// TestMathHostile: whatever is claimed to be equal to 1 gets a verdict, is not accepted and is nobody else's fault.
func TestMathHostile(t *testing.T) {
	v := realVerifier(t)
	many := strings.Repeat
	one, x := mathCheck(t, v, "1"), mathCheck(t, v, "x")
	for _, answer := range []string{
		"10^{10^{10}}", "10**10**10", "9^{9^{9^9}}", "1000000000!", "(10^9)!", "5!!!!!!!", `\binom{10^9}{5\cdot 10^8}`, "(1+10^{-9})^{10^9}", "1.0000001^{1000000000}",
		"2^{0.5^{10^9}}", `\sqrt[10^9]{2^{10^9}}`, "1e999999999", "1e-999999999", "9" + many("9", 5000), "x^{10^9}-x^{10^9-1}", "(x+1)^{5000}-1", "(x+y+z+w)^{300}",
		many("(x+1)", 500), many("(a+b)(c+d)", 200), many("x", 20000), many("(", 5000) + many(")", 5000), many(`\frac`, 3000), many(`\frac{1}{`, 50) + "x" + many("}", 50),
		many(`\sqrt{2+`, 50) + "1" + many("}", 50), many("x^{", 50) + "2" + many("}", 50), many("2^{", 50) + "2" + many("}", 50), many(`\sin(`, 25) + "1" + many(")", 25), many("1±", 100) + "1",
		many(`\pm 1,`, 200) + "1", many("1,", 900) + "1", `\begin{pmatrix}` + many("1&", 900) + `1\end{pmatrix}`, `\begin{vmatrix}` + many(many("x&", 29)+`y\\`, 30) + `\end{vmatrix}`,
		`\frac{1}{0}`, `\frac{0}{0}`, `\infty-\infty`, `0\cdot\infty`, `1^\infty`, `0^0-1`, `\tan 90^\circ`, `\ln 0`, `\sqrt{-1}`, `\gcd(0,0)`, `\lfloor x \rfloor`, `\lfloor 10^{10^{10}}\rfloor`,
		`\log_{1} 5`, `\log_0 0`, "_", "^", "=", "==", "1=2=1=3", "x=y=z", "1<2", "1<x<1", "x>1", "∞", "nan", "zoo", "I", "E", "S", "1\x00", "\xff1", "1;2", "1 or 2",
		"__import__('os').system('true')", `\text{__import__('os')}`, "().__class__", "{1: 2}", "lambda: x+1", `"];say("equal");["`, `\text{"],["num","1"]]}`, "\u202e1", "1\u0661",
		"1+10^{-200}", "1+e^{-500}", "1+2^{-1000}", `\cos(10^{-50})`, `\sin(10^{-300})+1`, `(\sqrt2)^{1000}-2^{500}`, `e^{\pi\sqrt{163}}-640320^3-743`, `\sum_{n=1}^{10^9} n`, `\int_0^1 x dx`,
	} {
		for _, j := range []*judge{one, x} {
			start := time.Now()
			d, err := j.verdict(t.Context(), problem.Text(`\boxed{`+answer+`}`))
			if err != nil {
				t.Fatal(err)
			}
			if d.Status != problem.WrongAnswer && d.Status != problem.NoProgram {
				t.Errorf("%.60q against %s: %s: %s%s", answer, j.p.Check.Answer, d.Status, d.Message, d.Error)
			}
			if d.Status == problem.WrongAnswer && d.Message == "" {
				t.Errorf("%.60q: no message", answer)
			}
			if took := time.Since(start); took > time.Minute {
				t.Errorf("%.60q took %v", answer, took)
			}
			if s := j.lang.Seconds(d.Fuel); s > 0.5 {
				t.Logf("%.60q: %.2f s of fuel", answer, s)
			}
		}
	}
}

// TestMathGold: what is too large to compute is the problem's fault where it is expected, and still equals itself as text.
func TestMathGold(t *testing.T) {
	v := realVerifier(t)
	for _, tt := range []struct {
		gold, text string
		want       problem.Status
	}{
		{"10^{10^{10}}", `\boxed{10^{10^{10}}}`, problem.Accepted},
		{"10^{10^{10}}", `\boxed{x}`, problem.Unknown},
		{"10^{10^{10}}", "I do not know", problem.Unknown},
		{"1000000000!", `\boxed{\pi}`, problem.Unknown},
		{`\text{the set of primes}`, `\boxed{\text{the set of primes}}`, problem.Accepted},
		{`\sum_{n=1}^\infty n^{-2}`, `\boxed{\sum_{n=1}^\infty n^{-2}}`, problem.Accepted},
		{`\sum_{n=1}^\infty n^{-2}`, `\boxed{\frac{\pi^2}{6}}`, problem.WrongAnswer},
		{"12 of the apples", `\boxed{12}`, problem.Accepted},
		{"12 of the apples", `\boxed{13}`, problem.WrongAnswer},
		{`\frac{1}{0}`, `\boxed{x}`, problem.WrongAnswer},
	} {
		d, err := mathCheck(t, v, tt.gold).verdict(t.Context(), problem.Text(tt.text))
		if err != nil {
			t.Fatal(err)
		}
		if tt.text == "I do not know" {
			tt.want = problem.NoProgram
		}
		if d.Status != tt.want {
			t.Errorf("%s after %s: %s (%s%s), want %s", tt.gold, tt.text, d.Status, d.Message, d.Error, tt.want)
		}
	}
}

// TestMathNormal: the same answer has the same behaviour, however it is written, and is run once.
func TestMathNormal(t *testing.T) {
	v := realVerifier(t)
	j := mathCheck(t, v, `\pi`)
	seen := map[string]string{}
	for text, want := range map[string]string{
		`\boxed{\frac12}`: "0.5", `so \fbox{0.50}`: "0.5", "#### 1/2": "0.5", `The answer is $\dfrac{1}{2}$.`: "0.5", `\boxed{ 2 \pi }`: `2\pi`, `\boxed{2\pi}`: `2\pi`, `\boxed{\left(1,2\right)}`: "(1,2)",
		`\boxed{\text{East}}`: "east", `\boxed{East}`: "east", `\boxed{5\text{ cm}}`: "5", `\boxed{x = 5}`: "x=5",
	} {
		d, err := j.verdict(t.Context(), problem.Text(text))
		if err != nil || d.Program != want {
			t.Errorf("%s: %q (%s), %v, want %q", text, d.Program, d.Error, err, want)
		}
		if was, ok := seen[d.Program]; ok && was != d.Behaviour || d.Behaviour == "" {
			t.Errorf("%s: behaviour %s, was %s", text, d.Behaviour, was)
		}
		seen[d.Program] = d.Behaviour
	}
	before := v.Stats().Executed
	if d, err := mathCheck(t, v, `\pi`).verdict(t.Context(), problem.Text(`Thus it is \boxed{2\pi}`)); err != nil || !d.Cached || v.Stats().Executed != before {
		t.Errorf("the same pair in another text: cached %t, %d more runs, %v", d.Cached, v.Stats().Executed-before, err)
	}
}
