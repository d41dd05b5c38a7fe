package sandboxfusion

import (
	"context"
	"regexp"
	"strings"

	"borel/problem"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// liveCodeBench are programs that read standard input, or functions that are called: id, content, labels, test.input_output.
// The tests never enter the sandbox of the program, where the original has them beside it.
type liveCodeBench struct{}

func (liveCodeBench) prompt(r row, _ *testConfig) (Prompt, error) {
	text, err := r.text("content")
	if err != nil {
		return Prompt{}, err
	}
	return r.asked(text)
}

const liveSeconds = 6 // of one test

var (
	isFraction    = regexp.MustCompile(`\d\.\d`)
	isLetter      = regexp.MustCompile(`\pL`)
	classSolution = regexp.MustCompile(`(?m)^class Solution\b`)
)

// sameValue decides what a function returned: sequences are equal whether tuples or lists, and what is expected may stand in
// a list of one. (The original takes the first of a longer list too: a right answer is none of those.)
const sameValue = `def _lists(v):
    if isinstance(v, (list, tuple)):
        return [_lists(x) for x in v]
    return v


def check(args, kwargs, want, got):
    got = _lists(got)
    return got == want or isinstance(want, list) and len(want) == 1 and got == want[0]
`

func (l liveCodeBench) submit(ctx context.Context, r row, s *submission) (*EvalResult, error) {
	test := row{}
	if err := r.decode("test", &test); err != nil {
		return nil, err
	}
	var tests struct {
		Inputs   []jsontext.Value `json:"inputs"`
		Outputs  []jsontext.Value `json:"outputs"`
		Function *string          `json:"fn_name"`
	}
	if err := test.decode("input_output", &tests); err != nil {
		return nil, err
	}
	if len(tests.Inputs) != len(tests.Outputs) || len(tests.Inputs) == 0 {
		return nil, bad("the row has %d inputs and %d outputs", len(tests.Inputs), len(tests.Outputs))
	}
	code, how, err := s.extracted(ctx)
	if err != nil {
		return nil, err
	}
	check := problem.Check{Kind: problem.KindStdio, Compare: "livecodebench"}
	fractions, letters := false, false
	for i := range tests.Inputs {
		in, out := tests.Inputs[i], tests.Outputs[i]
		var c problem.Case
		if tests.Function == nil {
			c, err = stdioCase(in, out)
		} else {
			c, err = callCase(in, out)
		}
		if err != nil {
			return nil, bad("test %d: %v", i, err)
		}
		fractions, letters = fractions || isFraction.MatchString(c.Stdout), letters || isLetter.MatchString(c.Stdout)
		check.Cases = append(check.Cases, c)
	}
	if fractions && !letters {
		check.Compare = "sandboxfusion" // the original's copy of LiveCodeBench has a tolerance for lines that are numbers
	}
	if tests.Function != nil {
		check.Kind, check.Compare, check.EntryPoint = problem.KindCalls, "", *tests.Function
		if classSolution.MatchString(code) {
			check.EntryPoint = "Solution." + *tests.Function
		}
		check.Checker = &problem.Code{Language: "python", Source: sameValue}
	}
	v, err := s.judge(ctx, &problem.Problem{ID: "submit", Language: "python", Check: check, Limits: s.limits(liveSeconds)}, problem.Program(code))
	if err != nil {
		return nil, err
	}
	result := s.result(code, how)
	result.FullCode = &code
	result.Accepted = v.Status == problem.Accepted
	result.Tests = append(result.Tests, EvalTestCase{Passed: result.Accepted, ExecInfo: asRun(v.Status, v.Message, v.VirtualSeconds)})
	return result, nil
}

// joined is a text, or the lines of a list.
func joined(v jsontext.Value) (string, error) {
	if v.Kind() == '[' {
		var lines []string
		if err := json.Unmarshal(v, &lines, jsontext.AllowDuplicateNames(true)); err != nil {
			return "", err
		}
		return strings.Join(lines, "\n"), nil
	}
	var text string
	err := json.Unmarshal(v, &text)
	return text, err
}

func stdioCase(in, out jsontext.Value) (c problem.Case, err error) {
	if c.Stdin, err = joined(in); err == nil {
		c.Stdout, err = joined(out)
	}
	return c, err
}

// callCase is a call whose arguments are lines of JSON.
func callCase(in, out jsontext.Value) (c problem.Case, err error) {
	text, err := joined(in)
	if err != nil {
		return c, err
	}
	var args []jsontext.Value
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		v := jsontext.Value(line)
		if err := v.Compact(); err != nil {
			return c, err
		}
		args = append(args, v)
	}
	want, err := joined(out)
	if err != nil {
		return c, err
	}
	all, err := json.Marshal(args)
	if err != nil {
		return c, err
	}
	v := jsontext.Value(want)
	err = v.Compact()
	c.Args, c.Want = []byte(all), []byte(v)
	return c, err
}
