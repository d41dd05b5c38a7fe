package dataset

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"borel/problem"
)

// evalplusTests is what decides: it runs the reference on each input and compares.
//
//go:embed evalplus.py
var evalplusTests string

// EvalPlusSeconds is the limit of one run over all inputs of an EvalPlus problem: a thousand calls are not rare.
const EvalPlusSeconds = 60

// evalplus is the form in which EvalPlus releases HumanEval+ and MBPP+: inputs, and a reference that says what is expected of them.
// The tests run the reference themselves, in a sandbox of their own, so that what is expected never is where the program is.
var evalplus = form{
	name: "evalplus",
	fits: func(r *record) bool { return r.has("entry_point", "canonical_solution", "base_input") },
	read: func(r *record, o Options, n int) (p problem.Problem, stop []string, err error) {
		var l struct {
			TaskID     string  `json:"task_id"`
			Prompt     string  `json:"prompt"`
			EntryPoint string  `json:"entry_point"`
			Solution   string  `json:"canonical_solution"`
			Atol       float64 `json:"atol"`
			Base       inputs  `json:"base_input"`
			Plus       inputs  `json:"plus_input"`
		}
		if err := r.decode(&l); err != nil {
			return p, nil, err
		}
		all := slices.Concat(l.Base, l.Plus)
		switch {
		case !identifier.MatchString(l.EntryPoint):
			return p, nil, fmt.Errorf("entry_point: %q is no name of a function", l.EntryPoint)
		case len(all) == 0:
			return problem.Problem{ID: l.TaskID}, nil, &leftOut{"it has no inputs"}
		}
		p = problem.Problem{ID: numbered(l.TaskID, "evalplus", n), Language: "python", Prompt: l.Prompt,
			Check: problem.Check{Kind: problem.KindUnit, EntryPoint: l.EntryPoint, Isolation: problem.Split, Fallback: problem.Shared},
			// The whole of the inputs is one run, the reference's calls with it.
			Limits: problem.Limits{Seconds: EvalPlusSeconds},
		}
		switch {
		case o.Suites && o.plus:
			all = l.Plus
		case o.Suites:
			all = l.Base
		}
		if p.Check.Tests, err = all.tests(l.TaskID, l.EntryPoint, l.Prompt+l.Solution, l.Atol, o.Suites); err != nil {
			return p, nil, err
		}
		s := problem.Completion(l.Solution)
		p.Reference = &s
		return p, nil, nil
	},
	chat:       Template{Text: "Complete this Python code: a function, or a task in a docstring. Answer with one ```python block that holds the whole function, the imports and helpers that it needs, and nothing that calls it.\n\n```python\n" + Prompt + "\n```"},
	completion: Template{Text: Prompt, Stop: []string{"\nclass", "\nassert", "\n\"\"\"", "\nprint"}},
}

var identifier = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// inputs are lists of arguments, as they stand in the file.
type inputs []json.RawMessage

// tests is the code that decides the program of a task. Where numbered, what fails names its input, exceptions too.
func (in inputs) tests(task, entry, source string, atol float64, numbered bool) (string, error) {
	for i, args := range in {
		if len(args) == 0 || args[0] != '[' {
			return "", fmt.Errorf("input %d is no list of arguments", i)
		}
	}
	if in == nil {
		in = inputs{}
	}
	list, err := json.Marshal(in)
	if err != nil {
		return "", err
	}
	shape, rule := "", ""
	if number, ok := strings.CutPrefix(task, "Mbpp/"); ok {
		n, _ := strconv.Atoi(number) // what is no number has no shape of its own
		shape, rule = shapes[n], rules[entry]
	} else if entry == "find_zero" {
		rule = "root"
	}
	var b strings.Builder
	b.WriteString("import copy as _copy, json as _json, math as _math\n")
	for _, v := range []struct{ name, text string }{
		{"_INPUTS", "_json.loads(" + pythonText(string(list)) + ")"}, {"_SOURCE", pythonText(source)}, {"_NAME", pythonText(entry)},
		{"_ATOL", strconv.FormatFloat(atol, 'g', -1, 64)}, {"_SHAPE", pythonText(shape)}, {"_RULE", pythonText(rule)}, {"_ENTRY", entry},
	} {
		fmt.Fprintf(&b, "%s = %s\n", v.name, v.text)
	}
	tests := evalplusTests
	if numbered {
		const call = "    _got = _ENTRY(*_args)\n"
		tests = strings.Replace(tests, call, `    try:
        _got = _ENTRY(*_args)
    except Exception as _e:
        raise AssertionError(f"input {_n}: {type(_e).__name__}: {_e}")
`, 1)
	}
	b.WriteString(tests)
	return b.String(), nil
}

// pythonText is s as a literal of Python, which JSON's is where it escapes no surrogates; Go's does not.
func pythonText(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // of a string there is none
	}
	return string(b)
}

// shapes say of tasks of MBPP+ what the lists in their inputs stand for: see evalplus.py.
var shapes = func() map[int]string {
	all := map[int]string{}
	for shape, tasks := range map[string][]int{
		"tuples":        {2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596, 616, 630, 726, 740, 744, 809},
		"rows":          {63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780},
		"first rows":    {75, 413, 444, 753},
		"first":         {250, 307, 405, 446, 617, 720, 763, 808},
		"second":        {106, 750},
		"nested":        {259, 401, 445},
		"mixed":         {278},
		"values":        {722},
		"sets":          {115},
		"complex":       {252},
		"float complex": {124},
		"deep":          {580, 615, 791},
	} {
		for _, t := range tasks {
			all[t] = shape
		}
	}
	return all
}()

// rules say of functions of MBPP+ that more than what the reference returns is right: any order, anything but None, another
// reading of the task.
var rules = map[string]string{
	"similar_elements": "set", "find_char_long": "set", "common_in_nested_lists": "set", "extract_singly": "set",
	"larg_nnum": "set", "intersection_array": "set", "find_dissimilar": "set", "Diff": "set",
	"check_str": "found", "text_match_three": "found", "text_starta_endb": "found",
	"surface_Area": "area", "digit_distance_nums": "digits",
}
