package verify

import (
	"strings"
	"testing"
	"time"

	"borel/problem"
)

func TestFind(t *testing.T) {
	for _, tt := range []struct{ equal, gold, text, answer, rule string }{
		{"math", "5", `a \boxed{4} then $\boxed{5}$.`, "5", "boxed"},
		{"math", "5", `so \fbox{5}`, "5", "boxed"},
		{"math", "5", `so $\boxed 5$`, "5", "boxed"},
		{"math", "5", `so $\boxed5$`, "5", "boxed"},
		{"math", "5", "2+3\n#### 5\n", "5", "hashes"},
		{"math", "5", "The answer is 4. No, the final answer is 5. I hope it is correct.", "5", "phrase"},
		{"math", "5", "Final Answer: The final answer is $5$. I hope it is correct.", "5", "phrase"},
		{"math", "5", "**Final Answer:** $x = 5$ because 2 + 3", "x = 5", "phrase"},
		{"math", "5", "**Answer:** 5", "5", "phrase"},
		{"math", "5", "Answer: **5**", "5", "phrase"},
		{"math", "5", "the answer is therefore 5, because 2 + 3 = 5.", "5", "phrase"},
		{"math", "5", "the answer to the question is: 5.", "5", "phrase"},
		{"math", "3.5", "The answer is 3.5.", "3.5", "phrase"},
		{"math", "5", "The answers are $1$ and $5$", "1$ and $5", "phrase"},
		{"math", "5", "hence $x = 4$ or rather $x = 5$.", "x = 5", "last_math"},
		{"math", "5", "either $4$ or $5$", "4$ or $5", "last_math"},
		{"math", "5", "The answer is $5$ and so on.", "5", "phrase"},
		{"math", "5", `hence \(x\) is \[ 5 \]`, "5", "last_math"},
		{"math", "5", "it costs $5 or $6", "$6", "last_number"},
		{"math", "5", "so 2 and 5 apples", "5", "last_number"},
		{"math", `\text{east}`, "in 5 hours\nEast.", "East", "last_line"},
		{"math", `\text{east}`, "the answer is east.", "east", "phrase"},
		{"math", "5", "<think>\\boxed{4}</think> it is 5", "5", "last_number"},
		{"math", "5", "<think>\\boxed{4}", "4", "boxed+think"},
		{"math", "5", "no idea", "", ""},
		{"math", "5", "", "", ""},
		{"choice", "B", `\boxed{B}`, "B", "boxed"},
		{"choice", "(B)", `\boxed{\text{(B)}}`, "B", "boxed"},
		{"choice", "b", `\boxed{\textbf{(B) } 12}`, "B", "boxed"},
		{"choice", "B", `\boxed{B. 12}`, "B", "boxed"},
		{"choice", "B", "The answer is (B).", "B", "phrase"},
		{"choice", "B", "The answer is B, as A is wrong.", "B", "phrase"},
		{"choice", "B", "Answer: B", "B", "phrase"},
		{"choice", "B", "**Answer: B) 12**", "B", "phrase"},
		{"choice", "B", "The correct answer is option B.", "B", "phrase"},
		{"choice", "B", "It cannot be (A).\n\n(B)", "B", "last_letter"},
		{"choice", "B", "**B.**", "B", "last_letter"},
		{"choice", "B", "B. because of this", "B", "last_letter"},
		{"choice", "B", "It cannot be (A), so (B) it is", "B", "last_letter"},
		{"choice", "B", "A car is a thing", "", ""},
		{"choice", "B", `\boxed{A \text{ or } B}`, "", "boxed"},
		{"choice", "B", `\boxed{A, B}`, "", "boxed"},
		{"choice", "B", `\boxed{12}`, "", "boxed"},
		{"choice", "B", "The answer is not B", "", "phrase"},
		{"choice", "B", "The answer is A or B", "", "phrase"},
	} {
		a, err := newAnswer(&problem.Check{Answer: tt.gold, Equal: tt.equal})
		if err != nil {
			t.Errorf("%s: %v", tt.gold, err)
			continue
		}
		answer, rule, _, _ := a.extract(tt.text)
		if tt.equal == "choice" && rule != "" {
			var status problem.Status
			status, _, _, _ = a.judge(tt.text)
			answer = choice(answer)
			if (status == problem.Accepted) != (answer == "B") {
				t.Errorf("%s: %s", tt.text, status)
			}
		}
		if rule == "" {
			answer = ""
		}
		if answer != tt.answer || rule != tt.rule {
			t.Errorf("%s: %s: got %q by %q, want %q by %q", tt.equal, tt.text, answer, rule, tt.answer, tt.rule)
		}
	}
}

func TestFindHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	size := 1 << 20
	if race {
		size >>= 3
	}
	for _, equal := range []string{"math", "choice"} {
		a, err := newAnswer(&problem.Check{Answer: "B", Equal: equal})
		if err != nil {
			t.Fatal(err)
		}
		for _, unit := range []string{`\boxed`, `\boxed{`, `\fbox{`, "####", "####\n", "answer", "answer is ", "answer: ", "answer to ", "$", "$$", `\(`, `\[`, `\]`, "(B)", "B", "B. ", "*", " ", "\n", "<think>", "the answer is (A) or "} {
			start := time.Now()
			a.extract(strings.Repeat(unit, size/len(unit)))
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("%s: %d bytes of %q took %v", equal, size, unit, took)
			}
		}
	}
}
