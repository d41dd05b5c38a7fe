package verify

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"unicode/utf8"

	"borel/problem"
	"borel/sandbox"
)

// group is a set of samples whose rows are equal.
type group struct {
	problem.Group
	row   []uint64
	order int64 // scores as whole numbers: equal ones are equal
}

// compare orders groups by score; equal ones stay in the order of their first samples.
func (g *group) compare(h *group) int { return cmp.Compare(g.order, h.order) }

// score fills in what the groups are ranked by.
//
//	codet    √samples × tests passed, both with repeats (Chen et al. 2022)
//	mbr      the share of (other sample, input) whose output is the sample's, 0 to 1 (after Shi et al. 2022, arXiv 2204.11454)
//	cluster  samples
func (a *agreement) score(groups []*group, s *suite) {
	samples := 0
	agree := make([]map[uint64]int, len(s.steps)) // per input, how many samples have each output
	for _, g := range groups {
		samples += len(g.Samples)
		for i, v := range g.row {
			if v == 0 {
				continue
			}
			g.Tests += s.weight[i]
			if agree[i] == nil {
				agree[i] = map[uint64]int{}
			}
			agree[i][v] += len(g.Samples)
		}
	}
	for _, g := range groups {
		n, tests := int64(len(g.Samples)), int64(g.Tests)
		switch {
		case tests == 0:
		case a.by() == problem.SelectCodeT:
			g.order = n * tests * tests
			g.Score = math.Sqrt(float64(n)) * float64(tests)
		case a.by() == problem.SelectMBR:
			for i, v := range g.row {
				if v != 0 {
					g.order += int64(agree[i][v] - 1)
				}
			}
			if samples > 1 {
				g.Score = float64(g.order) / float64((samples-1)*len(g.row))
			}
		default:
			g.order, g.Score = n, float64(n)
		}
	}
}

// Bounds on what a selection shows.
const (
	shownInputs = 3
	shownOutput = 200 // characters
)

// differs are inputs on which the two groups do not give the same output.
func (a *agreement) differs(ctx context.Context, all []decision, g, h *group, s *suite) (found []problem.Differing, err error) {
	var inputs []string
	seen := map[string]bool{"": true}
	for i, call := range s.calls {
		if g.row[i] != h.row[i] && !seen[call] && len(inputs) < 4*shownInputs {
			seen[call] = true
			inputs = append(inputs, call)
		}
	}
	if len(inputs) == 0 {
		return nil, nil
	}
	var outputs [2][]string
	for k, of := range []*group{g, h} {
		program := all[of.Samples[0]].program
		did, err := a.did(ctx, program, inputSteps(inputs), true, &decision{})
		if err != nil {
			return nil, ctx.Err() // what a selection shows beside itself does not fail it
		}
		outputs[k] = make([]string, len(inputs))
		for i := range inputs {
			outputs[k][i] = "not run"
			if i < len(did) {
				_, outputs[k][i], _ = output(&did[i])
			}
		}
	}
	for i, input := range inputs {
		if x, y := outputs[0][i], outputs[1][i]; x != y && len(found) < shownInputs {
			found = append(found, problem.Differing{Input: input, Outputs: []string{x, y}})
		}
	}
	return found, nil
}

// callSource asks for the value of an expression, in the program's own interpreter: a program can say what it likes, but
// only about itself. The value goes out in a form in which equal values are equal texts, then NUL, then as Python shows it.
//
// The names it needs are not the program's, which may have others of the same name, and it defines one.
const callSource = `def _borel_value(value):
    from builtins import (bool, bytes, complex, dict, float, frozenset, int, isinstance, len, list, map, repr, set, sorted, str,
                          tuple, type)
    import hashlib, os
    def form(v):
        if isinstance(v, float) and v.is_integer() or isinstance(v, bool): v = int(v)
        if v is None or isinstance(v, (int, float, complex, str, bytes)): return repr(v)
        if isinstance(v, tuple): return "(" + ",".join(map(form, v)) + ")"
        if isinstance(v, list): return "[" + ",".join(map(form, v)) + "]"
        if isinstance(v, (set, frozenset)): return "{" + ",".join(sorted(map(form, v))) + "}"
        if isinstance(v, dict): return "{" + ",".join(sorted(form(k) + ":" + form(w) for k, w in v.items())) + ",}"
        return type(v).__name__ + " " + repr(v)
    text = form(value)
    if len(text) > 4000: text = text[:100] + hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()
    os.write(4, (text + "\0" + repr(value)[:200]).encode(errors="backslashreplace"))
_borel_value(`

// inputSteps are the guest's form of inputs.
func inputSteps(inputs []string) []sandbox.Step {
	all := make([]sandbox.Step, len(inputs))
	for i, input := range inputs {
		all[i] = sandbox.Step{Name: "tests.py", Source: []byte(callSource + input + ")\n")}
	}
	return all
}

// output reads what a step of inputSteps gave: its value, and what to show of it. Without a value ok is false.
func output(t *tail) (value, shown string, ok bool) {
	if !t.passed() {
		return "", cut(t.End.Message), false
	}
	v, text, ok := bytes.Cut(t.Channel, []byte{0})
	if !ok || len(v) > 5000 {
		return "", "no value", false
	}
	return string(v), cut(validText(text)), true
}

// cut makes a text short enough to show.
func cut(s string) string {
	if utf8.RuneCountInString(s) > shownOutput {
		s = string([]rune(s)[:shownOutput]) + "…"
	}
	return s
}
