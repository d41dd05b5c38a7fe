package dataset

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"borel/problem"
)

// Programming contests: programs that read standard input, or functions that are called. Where a function is wanted and the code
// to start from has class Solution, the function is a method of it.

const contestChat = "Solve this programming problem in Python 3. Answer with one ```python block that holds the whole program.\n\n" + Prompt

var contestStops = []string{"\n\"\"\"", "\n```"}

// task is a problem of a contest, in any of the forms.
type task struct {
	id, statement, starter string
	function               string // "": the program reads standard input
	unwrap                 bool   // what a function must return may stand in a list of one
	cases                  []problem.Case
	solution               string
}

// apps is the form of APPS, and of TACO and others after it.
var apps = form{
	name: "apps",
	fits: func(r *record) bool { return r.has("question", "input_output") },
	read: func(r *record, o Options, n int) (p problem.Problem, stop []string, err error) {
		var l struct {
			ID        scalar   `json:"problem_id"`
			OtherID   scalar   `json:"id"`
			Question  string   `json:"question"`
			Starter   string   `json:"starter_code"`
			Tests     embedded `json:"input_output"`
			Solutions embedded `json:"solutions"`
		}
		if err := r.decode(&l); err != nil {
			return p, nil, err
		}
		t := task{statement: l.Question, starter: l.Starter, unwrap: true}
		if l.ID == "" {
			l.ID = l.OtherID
		}
		if t.id = numbered("", "apps", n); l.ID != "" {
			t.id = "apps/" + string(l.ID)
		}
		var solutions []string
		if err := l.Solutions.decode(&solutions); err != nil {
			return p, nil, fmt.Errorf("solutions: %w", err)
		}
		if len(solutions) > 0 {
			t.solution = solutions[0]
		}
		var tests struct {
			Inputs   []json.RawMessage `json:"inputs"`
			Outputs  []json.RawMessage `json:"outputs"`
			Function string            `json:"fn_name"`
		}
		if err := l.Tests.decode(&tests); err != nil {
			return p, nil, fmt.Errorf("input_output: %w", err)
		}
		if len(tests.Inputs) != len(tests.Outputs) {
			return p, nil, fmt.Errorf("input_output: has %d inputs and %d outputs", len(tests.Inputs), len(tests.Outputs))
		}
		t.function = tests.Function
		for i, in := range tests.Inputs {
			c := problem.Case{Args: in, Want: tests.Outputs[i]}
			if t.function == "" {
				if c, err = stdio(in, tests.Outputs[i]); err != nil {
					return p, nil, fmt.Errorf("input_output, test %d: %w", i, err)
				}
			}
			t.cases = append(t.cases, c)
		}
		p, err = t.problem(o)
		return p, nil, err
	},
	chat:       Template{Text: contestChat},
	completion: Template{Text: Prompt, Stop: contestStops},
}

// embedded is JSON that stands in a text, as APPS has it, or by itself. An empty text is none.
type embedded json.RawMessage

func (e *embedded) UnmarshalJSON(b []byte) error { *e = append((*e)[:0], b...); return nil }

func (e embedded) decode(v any) error {
	b := []byte(e)
	if len(b) > 0 && b[0] == '"' {
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		b = []byte(strings.TrimSpace(s))
	}
	if len(b) == 0 {
		return nil
	}
	return JSONError(json.Unmarshal(b, v))
}

// stdio is a case whose input and output are texts, or lists of lines.
func stdio(in, out json.RawMessage) (c problem.Case, err error) {
	for _, f := range []struct {
		from json.RawMessage
		to   *string
	}{{in, &c.Stdin}, {out, &c.Stdout}} {
		if len(f.from) > 0 && f.from[0] == '[' {
			var lines []string
			if err := json.Unmarshal(f.from, &lines); err != nil {
				return c, errors.New("is neither a text nor a list of lines")
			}
			*f.to = strings.Join(lines, "\n")
			continue
		}
		if err := json.Unmarshal(f.from, f.to); err != nil {
			return c, errors.New("is neither a text nor a list of lines")
		}
	}
	return c, nil
}

// codeContests is the form of CodeContests.
var codeContests = form{
	name: "codecontests",
	fits: func(r *record) bool {
		return r.has("description") && (r.object("public_tests") || r.object("private_tests"))
	},
	read: func(r *record, o Options, n int) (p problem.Problem, stop []string, err error) {
		type tests struct{ Input, Output []string }
		var l struct {
			Name        string
			Description string
			Public      tests `json:"public_tests"`
			Private     tests `json:"private_tests"`
			Generated   tests `json:"generated_tests"`
			Solutions   struct {
				Language []int
				Solution []string
			}
			InputFile string `json:"input_file"`
		}
		if err := r.decode(&l); err != nil {
			return p, nil, err
		}
		t := task{id: numbered(l.Name, "codecontests", n), statement: l.Description}
		if l.InputFile != "" {
			return problem.Problem{ID: t.id}, nil, &leftOut{"its programs read a file, not standard input"}
		}
		const python3 = 3
		for i, lang := range l.Solutions.Language {
			if lang == python3 && i < len(l.Solutions.Solution) {
				t.solution = l.Solutions.Solution[i]
				break
			}
		}
		for _, part := range []tests{l.Public, l.Private, l.Generated} {
			if len(part.Input) != len(part.Output) {
				return p, nil, fmt.Errorf("a list of tests has %d inputs and %d outputs", len(part.Input), len(part.Output))
			}
			for i := range part.Input {
				t.cases = append(t.cases, problem.Case{Stdin: part.Input[i], Stdout: part.Output[i]})
			}
		}
		p, err = t.problem(o)
		return p, nil, err
	},
	chat:       Template{Text: contestChat},
	completion: Template{Text: Prompt, Stop: contestStops},
}

// liveCodeBench is the form of LiveCodeBench's code generation.
var liveCodeBench = form{
	name: "livecodebench",
	fits: func(r *record) bool {
		return r.has("question_content") && (r.has("public_test_cases") || r.has("private_test_cases"))
	},
	read: func(r *record, o Options, n int) (p problem.Problem, stop []string, err error) {
		var l struct {
			ID       scalar   `json:"question_id"`
			Content  string   `json:"question_content"`
			Starter  string   `json:"starter_code"`
			Public   embedded `json:"public_test_cases"`
			Private  embedded `json:"private_test_cases"`
			Metadata embedded `json:"metadata"`
		}
		if err := r.decode(&l); err != nil {
			return p, nil, err
		}
		t := task{id: numbered(string(l.ID), "livecodebench", n), statement: l.Content, starter: l.Starter}
		var about struct {
			Function string `json:"func_name"`
		}
		if err := l.Metadata.decode(&about); err != nil {
			return p, nil, fmt.Errorf("metadata: %w", err)
		}
		for _, part := range []struct {
			name  string
			tests embedded
		}{{"public_test_cases", l.Public}, {"private_test_cases", l.Private}} {
			if err := t.add(part.tests, about.Function); err != nil {
				return p, nil, fmt.Errorf("%s: %w", part.name, err)
			}
		}
		if p, err = t.problem(o); p.Check.Kind == problem.KindStdio {
			p.Check.Compare = "livecodebench"
		}
		return p, nil, err
	},
	chat:       Template{Text: contestChat},
	completion: Template{Text: Prompt, Stop: contestStops},
}

// Preamble is what LiveCodeBench has before every program: its model may use any of these names without an import.
var Preamble = func() string {
	var all, names strings.Builder
	for _, m := range []string{"string", "re", "datetime", "collections", "heapq", "bisect", "copy", "math", "random", "statistics", "itertools",
		"functools", "operator", "io", "sys", "json", "builtins", "typing"} {
		fmt.Fprintf(&all, "from %s import *\n", m)
		if m != "builtins" && m != "typing" {
			fmt.Fprintf(&names, "import %s\n", m)
		}
	}
	return all.String() + names.String() + "sys.setrecursionlimit(50000)\n\n"
}()

// add adds cases of LiveCodeBench, which may be packed.
func (t *task) add(tests embedded, function string) error {
	var text string
	if len(tests) > 0 && tests[0] == '"' {
		if err := json.Unmarshal(tests, &text); err != nil {
			return err
		}
		if text = strings.TrimSpace(text); text != "" && text[0] != '[' {
			b, err := packed(text)
			if err != nil {
				return err
			}
			tests = b
		}
	}
	var list []struct {
		Input  string `json:"input"`
		Output string `json:"output"`
		Type   string `json:"testtype"`
	}
	if err := tests.decode(&list); err != nil {
		return err
	}
	for i, c := range list {
		if c.Type != "functional" {
			t.cases = append(t.cases, problem.Case{Stdin: c.Input, Stdout: c.Output})
			continue
		}
		if function == "" {
			return fmt.Errorf("test %d calls a function, and metadata.func_name does not say which", i)
		}
		t.function = function
		var args []json.RawMessage // one on each line
		for line := range strings.Lines(c.Input) {
			if line = strings.TrimSpace(line); line != "" {
				args = append(args, json.RawMessage(line))
			}
		}
		all, err := json.Marshal(args)
		if err != nil {
			return fmt.Errorf("test %d: an argument is not JSON", i)
		}
		if !json.Valid([]byte(c.Output)) {
			return fmt.Errorf("test %d: the output is not JSON", i)
		}
		t.cases = append(t.cases, problem.Case{Args: all, Want: json.RawMessage(c.Output)})
	}
	return nil
}

// returned decides what a function returned as the benchmarks do: a tuple is the list of its items, and numbers are equal
// where Python calls them so.
const returned = `def _lists(v):
    if isinstance(v, (list, tuple)):
        return [_lists(x) for x in v]
    if isinstance(v, dict):
        return {k: _lists(x) for k, x in v.items()}
    return v


def check(args, kwargs, want, got):
    got = _lists(got)
    return got == want`

// wrapped is what stands in a list of one in most files of APPS' form.
const wrapped = ` or isinstance(want, list) and len(want) == 1 and got == want[0]`

var (
	fraction = regexp.MustCompile(`\d\.\d`)
	solution = regexp.MustCompile(`(?m)^class Solution\b`)
)

// problem is the problem of t; one without tests is left out.
func (t *task) problem(o Options) (problem.Problem, error) {
	p := problem.Problem{ID: t.id, Language: "python", Prompt: t.prompt(o.Mode), Check: problem.Check{Kind: problem.KindStdio, Cases: t.cases}}
	if len(t.cases) == 0 {
		return p, &leftOut{"it has no tests"}
	}
	if t.solution != "" {
		s := problem.Program(t.solution)
		p.Reference = &s
	}
	if t.function == "" {
		for _, c := range t.cases {
			if fraction.MatchString(c.Stdout) {
				p.Check.Compare = "float"
				break
			}
		}
		return p, nil
	}
	p.Check.Kind, p.Check.EntryPoint = problem.KindCalls, t.function
	p.Check.Checker = &problem.Code{Language: "python", Source: returned + "\n"}
	if t.unwrap {
		p.Check.Checker.Source = returned + wrapped + "\n"
	}
	for _, code := range []string{t.starter, t.solution} {
		if solution.MatchString(code) {
			p.Check.EntryPoint = "Solution." + t.function
		}
	}
	return p, nil
}

// prompt is the task for a mode: in words, or as the beginning of a program.
func (t *task) prompt(mode string) string {
	statement := strings.TrimSpace(t.statement)
	if mode == "completion" {
		how := "Read from standard input and write to standard output."
		if t.function != "" {
			how = "Write the function " + t.function + "."
		}
		return docstring(statement+"\n\n"+how) + strings.TrimSpace(t.starter)
	}
	switch {
	case strings.TrimSpace(t.starter) != "":
		return statement + "\n\nComplete this code:\n```python\n" + strings.TrimSpace(t.starter) + "\n```"
	case t.function != "":
		return statement + "\n\nWrite a function called " + t.function + "."
	}
	return statement + "\n\nRead from standard input and write to standard output."
}
