package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"borel/problem"
)

// monkeyBusiness is the form in which "Large Language Monkeys" (Brown et al. 2024) releases its samples, and of the files that
// its scripts write. Prompts hold the worked examples that the models were shown, so that a prompt is asked as it is. What the
// paper drew are texts, whatever API: a program in a fence, an answer in a solution.
//
//	GSM8K          gt_answer ends in #### N: the number after ####
//	MATH           gt_answer is a solution with \boxed{…}, or an answer: compared as mathematics
//	CodeContests   test_cases {input, output} and timeout, where the file has them: standard output by the paper's comparator,
//	               with the 10 seconds that the paper adds to each timeout
//	MiniF2F        no check here: proofs in Lean
var monkeyBusiness = form{
	name: "monkey_business",
	fits: func(r *record) bool { return r.list("samples") && (r.text("prompt") || r.text("question")) },
	read: func(r *record, o Options, n int) (p problem.Problem, stop []string, err error) {
		var l struct {
			TaskID   scalar  `json:"task_id"`
			Index    scalar  `json:"orig_dset_idx"`
			Prompt   string  `json:"prompt"`
			Question string  `json:"question"`
			Answer   scalar  `json:"gt_answer"`
			Theorem  scalar  `json:"theorem_name"`
			Timeout  float64 `json:"timeout"`
			Tests    struct {
				Input, Output []string
			} `json:"test_cases"`
		}
		if err := r.decode(&l); err != nil {
			return p, nil, err
		}
		if id := string(l.Theorem + l.Index); id != "" {
			p.ID = "monkey_business/" + id
		}
		p.ID = numbered(cmp.Or(string(l.TaskID), p.ID), "monkey_business", n)
		p.Prompt = cmp.Or(l.Prompt, l.Question)
		switch answer := string(l.Answer); {
		case answer != "":
			p.Check, err = monkeyAnswer(answer)
			s := problem.Text(answer)
			p.Reference = &s
		case len(l.Tests.Input) != len(l.Tests.Output):
			err = fmt.Errorf("test_cases: has %d inputs and %d outputs", len(l.Tests.Input), len(l.Tests.Output))
		case len(l.Tests.Input) > 0:
			p.Language, p.Check = "python", problem.Check{Kind: problem.KindStdio, Compare: "llmonk"}
			for i, in := range l.Tests.Input {
				p.Check.Cases = append(p.Check.Cases, problem.Case{Stdin: in, Stdout: l.Tests.Output[i]})
			}
			const buffer = 10 // seconds
			if l.Timeout < 0 {
				err = errors.New("timeout: is negative")
			}
			p.Limits.Seconds = min(l.Timeout+buffer, problem.MaxLimits.Seconds)
		case !o.Unchecked:
			err = &leftOut{"it has neither gt_answer nor test_cases, which CodeContests and MiniF2F are released without"}
		}
		return p, nil, err
	},
	chat:       Template{Text: Prompt},
	completion: Template{Text: Prompt},
}

// monkeyAnswer is the check of an answer, or of a solution that ends in it.
func monkeyAnswer(truth string) (problem.Check, error) {
	if i := strings.LastIndex(truth, hashes); i >= 0 {
		return problem.Check{Kind: problem.KindAnswer, Answer: strings.TrimSpace(truth[i+len(hashes):]), Equal: "number", Marker: hashes}, nil
	}
	if box, ok := lastBox(truth); ok {
		truth = box
	}
	return problem.Check{Kind: problem.KindAnswer, Answer: truth, Equal: "math"}, nil
}
