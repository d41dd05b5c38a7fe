package verify

import (
	"errors"
	"strings"
	"testing"
	"time"

	"borel/problem"
)

func TestAnswer(t *testing.T) {
	const (
		ok    = problem.Accepted
		wrong = problem.WrongAnswer
		none  = problem.NoProgram
	)
	number := func(answer, marker string) problem.Check {
		return problem.Check{Answer: answer, Equal: "number", Marker: marker}
	}
	text := func(answer, marker string) problem.Check { return problem.Check{Answer: answer, Marker: marker} }
	tests := []struct {
		check     problem.Check
		text      string
		status    problem.Status
		extracted string
		rule      string
	}{
		// The marker: the last one counts, and the line behind it.
		{number("18", "A:"), "2 * 9 = 18\nA: 18", ok, "18", "marker"},
		{number("18", "A:"), "A: 17\nNo:\nA: 18\nDone 3", ok, "18", "marker"},
		{number("18", "A:"), "A: 18\nNo:\nA: 17", wrong, "17", "marker"},
		{number("18", "A:"), "A:\n\n  18 ", ok, "18", "marker"},
		{number("18", "#### "), "#### $18.00", ok, "18", "marker"},
		{number("steps\n#### 18", "####"), "#### 18", ok, "18", "marker"},
		{number("18", "Answer:"), "**Final Answer:** 18 dollars.", ok, "18", "marker"},
		{number("18", "A:"), `A: so it is $\boxed{18}$, not 19`, ok, "18", "marker"},
		{number("18", "A:"), "A: 18 or 19", wrong, "18 or 19", "marker"},
		{number("10", "A:"), "A: 10+John's age", wrong, "10+John's age", "marker"},
		{number("18", "A:"), "A: ", none, "", "marker"},
		{number("18", "A:"), "she has 18", none, "", ""}, // broke off: 18 may be anything
		{number("18", "A:"), `she has \boxed{18}`, ok, "18", "boxed"},
		{number("12", "aa"), "aaa12", wrong, "a12", "marker"},
		{text("ab", "aa"), "aaab", ok, "ab", "marker"}, // markers do not overlap

		// No marker in the check.
		{number("18", ""), `\boxed{17} rather \boxed{18} of 20`, ok, "18", "boxed"},
		{number("18", ""), `\boxed{18} rather \boxed{19`, ok, "18", "boxed"},
		{number("3/4", ""), `\boxed{\frac{3}{4}}`, ok, "0.75", "boxed"},
		{text("b", ""), `\boxed{a \boxed{b} c}`, ok, "b", "boxed"},
		{number("5", ""), `\} } \{ \boxed{5}`, ok, "5", "boxed"},
		{number("18", ""), "from 16-3 to $1,018, hence 18.", ok, "18", "last_number"},
		{number("3", ""), "thus 16-3", ok, "3", "last_number"},
		{number("-3", ""), "thus -$3.0 (x2)", ok, "-3", "last_number"},
		{number("-3", ""), "thus \u22123", ok, "-3", "last_number"},
		{number("1000000", ""), "it is 1e6!\n\n", ok, "1000000", "last_number"},
		{number("18", ""), "eighteen", none, "", ""},
		{number("18", ""), "", none, "", ""},
		{text("Paris", ""), "I think:\n\n **Paris.** \n\n", ok, "Paris", "last_line"},
		{text("a b\nc", ""), "so\na  b\n\n c\n", ok, "a b c", "last_line"},
		{text("a b\nc", "is"), "the answer is: a b\n\nc\nindeed", ok, "a b c", "marker"},
		{text("Paris", ""), " \n ", none, "", "last_line"},
		{text(`\frac12`, ""), `\boxed{ \frac12 }`, ok, `\frac12`, "boxed"},
		{text("Paris", ""), "paris", wrong, "paris", "last_line"}, // case counts
		{text("18", ""), "18.0", wrong, "18.0", "last_line"},      // text is text
		{text("so..", ""), "so.", wrong, "so", "last_line"},       // an ellipsis is no full stop
		{text("$$", ""), "$$", ok, "$$", "last_line"},             // nothing but decoration is kept

		// Thinking does not count where an answer follows it.
		{number("18", ""), "<think>17 or 18</think> I give up", none, "", ""},
		{number("18", ""), "<think>17</think>\n18", ok, "18", "last_number"},
		{number("18", "A:"), "A: 18</think>\nA: 17", wrong, "17", "marker"},
		{number("18", "A:"), "A: 18\n</think>\nnothing", none, "", ""},
		{number("18", "A:"), "<think>A: 18</think>", ok, "18", "marker+think"},
		{number("18", "</think>"), "<think>17</think> 18", ok, "18", "marker"},
		{number("18", ""), "<think>I have 18", ok, "18", "last_number+think"},
		{text("it", ""), `print "</think> it`, wrong, `print "</think> it`, "last_line"},
		{text("it", ""), `print </think>' it`, wrong, `print </think>' it`, "last_line"},
	}
	for _, tt := range tests {
		a, err := newAnswer(&tt.check)
		if err != nil {
			t.Errorf("%q: %v", tt.check.Answer, err)
			continue
		}
		status, extracted, rule, message := a.judge(tt.text)
		if status != tt.status || extracted != tt.extracted || rule != tt.rule {
			t.Errorf("want %q after %q: judge(%q) = %s, %q, %q (%s), want %s, %q, %q", tt.check.Answer, tt.check.Marker, tt.text,
				status, extracted, rule, message, tt.status, tt.extracted, tt.rule)
		}
		if (message == "") != (status == ok) {
			t.Errorf("judge(%q): message %q with status %s", tt.text, message, status)
		}
	}
}

func TestLastBoxed(t *testing.T) {
	for text, want := range map[string]string{
		`\boxed{a \boxed{b} c}`: "b", `\boxed{a} \boxed{b`: "a", `\boxed{\{a}`: `\{a`, `\boxed{{a}}`: "{a}", `\\boxed{a}`: "", `\boxed a`: "", `\boxed{}`: "",
	} {
		if got, _ := lastBoxed(text); got != want {
			t.Errorf("lastBoxed(%s) = %q, want %q", text, got, want)
		}
	}
}

func TestAnswerMessage(t *testing.T) {
	a, err := newAnswer(&problem.Check{Answer: "1,000", Equal: "number", Marker: "A:"})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"A: 999.50": `got "999.5", want "1000"`,
		"A: 3 or 4": `got "3 or 4", which is not one number, want "1000"`,
		"1000":      `no answer: neither "A:" nor \boxed{…} occurs`,
		"A:\n":      `no answer: nothing stands where it should (marker)`,
	} {
		if _, _, _, message := a.judge(text); message != want {
			t.Errorf("judge(%q): message %s, want %s", text, message, want)
		}
	}
}

func TestAnswerInvalid(t *testing.T) {
	for _, tt := range []struct {
		check problem.Check
		field string
	}{
		{problem.Check{Answer: "x", Equal: "number"}, "check.answer"},
		{problem.Check{Answer: "3 or 4", Equal: "number"}, "check.answer"},
		{problem.Check{Answer: "1e999999999", Equal: "number"}, "check.answer"},
		{problem.Check{Answer: strings.Repeat("9", 1001), Equal: "number"}, "check.answer"},
		{problem.Check{Answer: "1/0", Equal: "number"}, "check.answer"},
		{problem.Check{Answer: " \n"}, "check.answer"},
		{problem.Check{Answer: "18 A:", Marker: "A:"}, "check.answer"},
		{problem.Check{Answer: "18", Equal: "perhaps"}, "check.equal"},
		{problem.Check{Answer: "18", Equal: "choice"}, "check.answer"},
	} {
		_, err := newAnswer(&tt.check)
		if invalid, ok := errors.AsType[*problem.Invalid](err); !ok || invalid.Field != tt.field {
			t.Errorf("newAnswer(%.40q, %q): error %v, want an Invalid of %s", tt.check.Answer, tt.check.Equal, err, tt.field)
		}
	}
}

// The labels of the GSM8K solutions were made by comparing the number behind "A:".
func TestAnswerGSM8K(t *testing.T) {
	type solution struct {
		IsCorrect bool `json:"is_correct"`
		Solution  string
	}
	type row struct {
		GroundTruth string   `json:"ground_truth"`
		A           solution `json:"6b_finetuning"`
		B           solution `json:"6b_verification"`
		C           solution `json:"175b_finetuning"`
		D           solution `json:"175b_verification"`
	}
	judged := 0
	for i, r := range rows[row](t, "gsm8k_test_with_model_solutions.jsonl.gz") {
		gold := strings.TrimSpace(r.GroundTruth[strings.LastIndex(r.GroundTruth, "A:")+2:])
		for _, answer := range []string{gold, r.GroundTruth} {
			a, err := newAnswer(&problem.Check{Answer: answer, Equal: "number", Marker: "A:"})
			if err != nil {
				t.Errorf("row %d: %v", i, err)
				continue
			}
			for _, s := range []solution{r.A, r.B, r.C, r.D, {true, r.GroundTruth}} {
				status, extracted, rule, message := a.judge(s.Solution)
				if (status == problem.Accepted) != s.IsCorrect {
					t.Errorf("row %d: %s (%q by %q: %s), label %v", i, status, extracted, rule, message, s.IsCorrect)
				}
				judged++
			}
		}
	}
	if judged != 2*5*1319 {
		t.Errorf("judged %d solutions, want %d: four models' and the reference, against both forms of the answer", judged, 2*5*1319)
	}
}

// Every reference solution of MATH-500 ends in \boxed{answer}; equality as text suffices for all of them.
func TestAnswerMATH(t *testing.T) {
	agree, n := 0, 0
	for i, r := range rows[struct{ Answer, Solution string }](t, "math500.jsonl.gz") {
		n++
		a, err := newAnswer(&problem.Check{Answer: r.Answer})
		if err != nil {
			t.Errorf("row %d: %v", i, err)
			continue
		}
		status, extracted, rule, message := a.judge(r.Solution)
		if status == problem.Accepted && rule == "boxed" {
			agree++
		} else {
			t.Errorf("row %d: %s, %q by %q: %s", i, status, extracted, rule, message)
		}
	}
	t.Logf("%d of %d reference solutions agree with their answer as text", agree, n)
}

func TestAnswerHostile(t *testing.T) {
	const size = 256 << 10
	num, err := newAnswer(&problem.Check{Answer: "1", Equal: "number"})
	if err != nil {
		t.Fatal(err)
	}
	str, err := newAnswer(&problem.Check{Answer: "1\n2"})
	if err != nil {
		t.Fatal(err)
	}
	mark, err := newAnswer(&problem.Check{Answer: "1", Equal: "number", Marker: "A:"})
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range []string{`\boxed{`, `\boxed{}`, "{", "}", "9", "9 ", "9,", "1\n", "\n", " ", "*", "**", "$", `\(`, "A:", "A:\n", ".", ": ", "-",
		"</think>", "</think> ", "</think>x", `\frac`, `\frac{1}`, "1e9", "1 × 10^", "\\", "\xff", "é", "=", "a1"} {
		text := strings.Repeat(unit, size/len(unit))
		for _, a := range []*answerCheck{num, str, mark} {
			start := time.Now()
			a.judge(text)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("judge took %v on 256 KB of %q", took, unit)
			}
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add("18", "A:", "so A: 18.")
	f.Add(`\boxed{\frac{3}{4}}`, "", `\boxed{0.75}`)
	f.Add("a\n\nb", "is", "<think>it is a\n</think>b")
	f.Add("-$1,234.5e3 dollars", "x", "1\\frac{1}{2}")
	f.Fuzz(func(t *testing.T, gold, marker, text string) {
		for _, equal := range []string{"string", "number"} {
			a, err := newAnswer(&problem.Check{Answer: gold, Marker: marker, Equal: equal})
			if err != nil {
				if _, ok := errors.AsType[*problem.Invalid](err); !ok {
					t.Errorf("newAnswer(%q, %q): %v is not an Invalid", gold, marker, err)
				}
				continue
			}
			a.judge(text)
			if strings.Contains(marker+gold, "</think>") {
				continue // ends a thought wherever it stands
			}
			if marker == "" {
				continue
			}
			status, extracted, rule, message := a.judge(marker + gold)
			if status != problem.Accepted {
				t.Errorf("equal %s: gold %q after %q: %s, %q by %q: %s", equal, gold, marker, status, extracted, rule, message)
			}
		}
	})
}
