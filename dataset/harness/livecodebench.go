package harness

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"borel/dataset"
	"borel/problem"
)

// liveCodeBench is LiveCodeBench's custom evaluator: [{"question_id", "code_list"}], or a list of programs for each problem in the
// order of question_id. Its results are three files: the samples beside their problems; metrics, what each test gave and why; and
// the samples with what was decided of each.
var liveCodeBench = &Format{
	Name:  "livecodebench",
	Forms: []string{"code_list", "programs"},
	Output: func(samples string) string {
		return strings.TrimSuffix(samples, filepath.Ext(samples)) + "_codegeneration_output.json"
	},
	Options: dataset.Options{Keep: questionFields, Imports: true},
	Cases:   true,
	Write:   writeLiveCodeBench,
}

// questionFields are those of a problem that its results repeat, in their order.
var questionFields = []string{"question_title", "question_content", "platform", "question_id", "contest_id", "contest_date", "starter_code", "difficulty"}

// Codes of LiveCodeBench.
const (
	lcbWrong   = -2
	lcbTimeout = -3
	lcbRuntime = -4
)

func writeLiveCodeBench(to string, r *Results) error {
	problems := slices.SortedFunc(slices.Values(r.Recording.Problems), func(a, b *dataset.Recorded) int { return cmp.Compare(a.ID, b.ID) })
	kept := map[string]map[string]json.RawMessage{}
	for i := range r.Problems {
		kept[r.Problems[i].ID] = r.Problems[i].Kept
	}
	var output, results, metadata, evaluated []json.RawMessage
	var all []tally
	for _, p := range problems {
		q, err := question(p, r.Outcomes[p])
		if err != nil {
			return err
		}
		if len(q.codes) == 0 {
			continue
		}
		var members []member
		for _, name := range questionFields {
			v := kept[p.ID][name]
			if name == "question_id" {
				v = text(p.ID)
			}
			members = append(members, member{name, v})
		}
		members = append(members, member{"output_list", list(q.codes)}, member{"code_list", list(q.codes)})
		output = append(output, objectOf(members...))
		members = append(members, member{"graded_list", list(q.graded)}, member{"pass@1", number(float64(q.tally.c) / float64(q.tally.n))},
			member{"metadata", list(q.metadata)})
		evaluated = append(evaluated, objectOf(members...))
		results, metadata, all = append(results, list(q.results)), append(metadata, list(q.metadata)), append(all, q.tally)
	}
	metrics, err := lcbMetrics(all, r.ks(1, 5, 10, 20, 40, 50, 75, 100, 125, 150, 200, 500, 1000))
	if err != nil {
		return err
	}
	stem := strings.TrimSuffix(to, ".json")
	for _, f := range []struct {
		name  string
		value json.RawMessage
	}{{stem + ".json", list(output)}, {stem + "_eval.json", list([]json.RawMessage{metrics, byPlace(results), list(metadata)})}, {stem + "_eval_all.json", list(evaluated)}} {
		if err := r.save(f.name, func(w io.Writer) error {
			_, err := w.Write(indented(f.value, 4))
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// graded is what is said of one problem's samples, those that are decided.
type graded struct {
	codes, graded, results, metadata []json.RawMessage
	tally                            tally
}

func question(p *dataset.Recorded, outcomes []Outcome) (g graded, err error) {
	g.tally = tallyOf(outcomes)
	for i := range outcomes {
		o := &outcomes[i]
		if !o.Decided() {
			continue
		}
		code, err := programOf(p, i)
		if err != nil {
			return g, err
		}
		code = strings.TrimPrefix(code, dataset.Preamble)
		results, metadata := lcbResult(p.Check.Cases, o)
		g.codes, g.graded = append(g.codes, text(code)), append(g.graded, truth(o.Status == problem.Accepted))
		g.results, g.metadata = append(g.results, list(results)), append(g.metadata, text(string(metadata)))
	}
	return g, nil
}

// lcbMetrics are pass@k, and pass@k of each problem by its place.
func lcbMetrics(all []tally, ks []int) (json.RawMessage, error) {
	pass, err := passAtK(all, ks)
	if err != nil {
		return nil, err
	}
	var detail []member
	for _, m := range pass {
		k, err := strconv.Atoi(strings.TrimPrefix(m.name, "pass@"))
		if err != nil {
			return nil, err
		}
		var each []json.RawMessage
		for _, t := range all {
			one, err := passAtK([]tally{t}, []int{k})
			if err != nil {
				return nil, err
			}
			each = append(each, one[0].value)
		}
		detail = append(detail, member{m.name, byPlace(each)})
	}
	return objectOf(append(pass, member{"detail", objectOf(detail...)})...), nil
}

// byPlace is an object of values under their places.
func byPlace(values []json.RawMessage) json.RawMessage {
	members := make([]member, len(values))
	for i, v := range values {
		members[i] = member{strconv.Itoa(i), v}
	}
	return objectOf(members...)
}

// lcbResult is what the tests of a sample gave, up to the first that failed, and why.
func lcbResult(cases []problem.Case, o *Outcome) (results []json.RawMessage, metadata json.RawMessage) {
	if o.Status == problem.Accepted {
		for range max(len(cases), 1) {
			results = append(results, truth(true))
		}
		return results, objectOf(member{"execution time", number(o.Seconds)})
	}
	for _, c := range o.Cases {
		if c.Status != problem.Accepted {
			break
		}
		results = append(results, truth(true))
	}
	code, message := lcbCode(o)
	var in, want json.RawMessage
	if n := len(results); n < len(cases) && len(o.Cases) > 0 {
		c := cases[n]
		in, want = text(shortened(c.Stdin)), text(shortened(c.Stdout))
		if c.Args != nil {
			in, want = text(shortened(string(c.Args))), text(shortened(string(c.Want)))
		}
	}
	return append(results, whole(code)), objectOf(member{"error", text(o.why())}, member{"error_code", whole(code)}, member{"error_message", text(message)},
		member{"inputs", in}, member{"expected", want})
}

func lcbCode(o *Outcome) (code int, message string) {
	switch o.Status {
	case problem.WrongAnswer:
		return lcbWrong, "Wrong Answer"
	case problem.TimeLimitExceeded:
		return lcbTimeout, "Time Limit Exceeded"
	case problem.RuntimeError:
		return lcbRuntime, "Runtime Error"
	}
	return lcbRuntime, fmt.Sprintf("Error during testing: %s", o.why())
}

// shortened is s with its middle left out where it is long, as LiveCodeBench shortens it.
func shortened(s string) string {
	const most = 300
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most/2]) + "...(truncated) ..." + string(r[len(r)-most/2:])
}
