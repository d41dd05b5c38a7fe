package verify

import (
	"errors"
	"strings"
	"testing"

	"borel/problem"
)

// The comparator llmonk takes a right output as a pass however the program ends, unless it was stopped.
func TestLLMonkEnd(t *testing.T) {
	v := realVerifier(t)
	for _, c := range []struct {
		name, program, compare string
		want                   problem.Status
		message                string // part of it
	}{
		{"right", "print(1.000001)", "llmonk", problem.Accepted, ""},
		{"right, then raises", "print(1)\n1/0", "llmonk", problem.Accepted, ""},
		{"right, then leaves", "print(1)\nimport sys; sys.exit(3)", "llmonk", problem.Accepted, ""},
		{"right, then takes memory", "print(1, flush=True)\nbytes(10**9)", "llmonk", problem.Accepted, ""},
		{"right, then breaks", "import os\nprint(1, flush=True)\nos.abort()", "llmonk", problem.Accepted, ""},
		{"right, then loops", "print(1, flush=True)\nwhile True: pass", "llmonk", problem.TimeLimitExceeded, "time limit"},
		{"right, then sleeps", "print(1, flush=True)\nimport time; time.sleep(100)", "llmonk", problem.TimeLimitExceeded, "time limit"},
		{"right, then floods", "print(1)\nwhile True: print(' ' * 1000)", "llmonk", problem.OutputLimitExceeded, "output limit"},
		{"wrong, then raises", "print(2)\n1/0", "llmonk", problem.RuntimeError, "ZeroDivisionError"},
		{"wrong", "print(2)", "llmonk", problem.WrongAnswer, "want \"1\""},
		{"does not compile", "print(1", "llmonk", problem.CompileError, "SyntaxError"},
		{"right, then raises", "print(1)\n1/0", "deepmind", problem.RuntimeError, "ZeroDivisionError"},
		{"right, then leaves", "print(1)\nimport sys; sys.exit(3)", "codeforces", problem.RuntimeError, "exited with code 3"},
		{"right, then leaves late", "print(1)\nimport os, atexit; atexit.register(os._exit, 3)", "tokens", problem.RuntimeError, "exited with code 3"},
	} {
		p := problem.Problem{
			Check:  problem.Check{Kind: problem.KindStdio, Compare: c.compare, Cases: []problem.Case{{Stdout: "1\n"}}},
			Limits: problem.Limits{Seconds: 1, OutputKB: 64},
		}
		d := verifyReal(t, v, &p, c.program)
		check(t, d, nil, c.want)
		if !strings.Contains(d.Message, c.message) || (c.want == problem.Accepted) != (d.Message == "") {
			t.Errorf("%s, %s: got message %q, want %q in it", c.compare, c.name, d.Message, c.message)
		}
	}
}

func TestPoints(t *testing.T) {
	v := realVerifier(t)
	cases := []problem.Case{{Stdin: "1", Stdout: "1", Points: 1}, {Stdin: "2", Stdout: "2", Points: 2}, {Stdin: "3", Stdout: "3"}, {Stdin: "4", Stdout: "4", Points: 4}}
	const half = "import sys\no = float(open(sys.argv[2]).read())\nif o % 1: print('points', o % 1); sys.exit(7)\n"
	for _, c := range []struct {
		name, program, checker string
		all                    bool
		points                 float64
		each                   []float64
	}{
		{"all right", "print(input())", "", false, 1, []float64{1, 1, 1, 1}},
		{"all wrong", "print(0)", "", true, 0, []float64{0, 0, 0, 0}},
		{"ends at the first", "n = input(); print(n if n != '2' else 0)", "", false, 1. / 8, []float64{1, 0}},
		{"all asked for", "n = input(); print(n if n != '2' else 0)", "", true, 6. / 8, []float64{1, 0, 1, 1}},
		{"failing", "n = input(); print(n); 1/(n != '4')", "", true, 4. / 8, []float64{1, 1, 1, 0}},
		{"partial, ends there", "n = input(); print(n + ('.25' if n == '2' else ''))", half, false, 1.5 / 8, []float64{1, 0.25}},
		{"partial, all asked for", "n = input(); print(n + ('.25' if n == '2' else ''))", half, true, 6.5 / 8, []float64{1, 0.25, 1, 1}},
	} {
		p := problem.Problem{Check: problem.Check{Kind: problem.KindStdio, Cases: cases, AllCases: c.all}}
		if c.checker != "" {
			p.Check.Checker = &problem.Code{Source: c.checker}
		}
		d := verifyReal(t, v, &p, c.program)
		if d.Points == nil || *d.Points != c.points {
			t.Errorf("%s: got points %v (%s%s), want %v", c.name, d.Points, d.Message, d.Error, c.points)
		}
		for i, k := range d.Cases {
			if i >= len(c.each) || k.Points != c.each[i] || (k.Status == problem.Accepted) != (k.Points == 1) {
				t.Errorf("%s: case %d is %s with points %v, want %v", c.name, i, k.Status, k.Points, c.each)
			}
		}
	}
}

func TestStdioInvalid(t *testing.T) {
	v := realVerifier(t)
	two := func(stdin, a, b string) []problem.Case {
		return []problem.Case{{Stdin: "0", Stdout: "x"}, {Stdin: stdin, Stdout: a}, {Stdin: "1", Stdout: b}}
	}
	for _, c := range []struct {
		name    string
		check   problem.Check
		field   string // "" where it is valid
		message string // part of it
	}{
		{"no cases", problem.Check{}, "problem.check.cases", "at least one case"},
		{"contradictory", problem.Check{Cases: two("1", "a", "b")}, "problem.check.cases", "cases[1] and cases[2] have the same stdin"},
		{"contradictory lines", problem.Check{Compare: "codeforces", Cases: two("1", "a b", "a\nb")}, "problem.check.cases", "cases[1] and cases[2]"},
		{"contradictory bytes", problem.Check{Compare: "exact", Cases: two("1", "a", "a\n")}, "problem.check.cases", "cases[1] and cases[2]"},
		{"another input", problem.Check{Cases: two("1\n", "a", "b")}, "", ""},
		{"the same tokens", problem.Check{Cases: two("1", "a b", "a\nb")}, "", ""},
		{"a tolerance", problem.Check{Compare: "float:1", Cases: two("1", "1", "2")}, "", ""},
		{"a checker takes both", problem.Check{Checker: &problem.Code{Source: "x"}, Cases: two("1", "a", "b")}, "", ""},
		{"a checker's language", problem.Check{Checker: &problem.Code{Language: "cobol", Source: "x"}, Cases: two("", "", "")}, "problem.check.checker.language", "cobol"},
		{"an interactor's language", problem.Check{Interactor: &problem.Code{Language: "cobol", Source: "x"}, Cases: two("", "", "")}, "problem.check.interactor.language", "cobol"},
		{"an empty checker", problem.Check{Checker: &problem.Code{Source: " "}, Cases: two("", "", "")}, "problem.check.checker.source", "empty"},
		{"both", problem.Check{Checker: &problem.Code{Source: "x"}, Interactor: &problem.Code{Source: "x"}, Cases: two("", "", "")}, "problem.check.interactor", "one of the two"},
		{"a comparator", problem.Check{Compare: "fuzzy", Cases: two("", "", "")}, "problem.check.compare", "fuzzy"},
		{"negative points", problem.Check{Cases: []problem.Case{{Points: -1}}}, "problem.check.cases[0].points", "between"},
	} {
		c.check.Kind = problem.KindStdio
		_, err := v.judge(&problem.Problem{Check: c.check}, false)
		if c.field == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		invalid, ok := errors.AsType[*problem.Invalid](err)
		if !ok || invalid.Field != c.field || !strings.Contains(invalid.Message, c.message) {
			t.Errorf("%s: got %v, want an Invalid of %s with %q in it", c.name, err, c.field, c.message)
		}
	}
}
