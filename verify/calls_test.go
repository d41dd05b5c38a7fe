package verify

import (
	"encoding/json"
	"testing"

	"borel/problem"
)

func callsProblem(compare string, cases ...problem.Case) *problem.Problem {
	return &problem.Problem{ID: "p", Check: problem.Check{Kind: problem.KindCalls, EntryPoint: "f", Compare: compare, Cases: cases}}
}

// calling is a case in literals.
func calling(args, want string) problem.Case {
	return problem.Case{ArgsLiteral: args, WantLiteral: want}
}

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// TestCalls: a program against the cases, and what comes out.
func TestCalls(t *testing.T) {
	v := realVerifier(t)
	sorting := []problem.Case{{Args: raw("[[3, 1, 2]]"), Want: raw("[1, 2, 3]")}, {Args: raw("[[]]"), Want: raw("[]")}}
	for _, c := range []struct {
		name    string
		program string
		compare string
		cases   []problem.Case
		want    problem.Status
		message string
	}{
		{"right", "def f(x): return sorted(x)", "", sorting, problem.Accepted, ""},
		{"a tuple is no list", "def f(x): return tuple(sorted(x))", "", sorting, problem.WrongAnswer, "case 0: got (1, 2, 3), want [1, 2, 3]"},
		{"none", "def f(x): print([1, 2, 3])", "", sorting, problem.WrongAnswer, "case 0: got None, want [1, 2, 3]"},
		{"raises", "def f(x): return sorted(x)[0]", "", sorting, problem.WrongAnswer, "case 0: got 1, want [1, 2, 3]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := v.Verify(t.Context(), callsProblem(c.compare, c.cases...), problem.Program(c.program), false)
			check(t, d, err, c.want)
			if d.Message != c.message {
				t.Errorf("got message %q, want %q", d.Message, c.message)
			}
		})
	}
}
