package problem

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// TestInvalid: what is refused, and the field that the error names.
func TestInvalid(t *testing.T) {
	unit := Check{Kind: KindUnit}
	call := Case{Args: []byte("[1]"), Want: []byte("2")}
	calls := func(cases ...Case) error {
		return (&Problem{Check: Check{Kind: KindCalls, EntryPoint: "f", Cases: cases}}).Validate("")
	}
	long := strings.Repeat("x", MaxSource+1)
	for _, c := range []struct {
		name  string
		err   error
		field string
	}{
		{"unit", (&Problem{Check: unit}).Validate("problem."), ""},
		{"no kind", (&Problem{}).Validate("problem."), "problem.check.kind"},
		{"unknown kind", (&Problem{Check: Check{Kind: "magic"}}).Validate(""), "check.kind"},
		{"long id", (&Problem{ID: long, Check: unit}).Validate(""), "id"},
		{"long prompt", (&Problem{Prompt: long, Check: unit}).Validate(""), "prompt"},
		{"long tests", (&Problem{Check: Check{Kind: KindUnit, Tests: long}}).Validate(""), "check.tests"},
		{"isolation", (&Problem{Check: Check{Kind: KindUnit, Isolation: "alone"}}).Validate(""), "check.isolation"},
		{"no cases", (&Problem{Check: Check{Kind: KindStdio}}).Validate(""), "check.cases"},
		{"many cases", (&Problem{Check: Check{Kind: KindStdio, Cases: make([]Case, MaxCases+1)}}).Validate(""), "check.cases"},
		{"long stdin", (&Problem{Check: Check{Kind: KindStdio, Cases: []Case{{}, {Stdin: long}}}}).Validate(""), "check.cases[1].stdin"},
		{"split", (&Problem{Check: Check{Kind: KindUnit, Isolation: Split, Fallback: Shared}}).Validate(""), ""},
		{"fall-back", (&Problem{Check: Check{Kind: KindUnit, Isolation: Split, Fallback: "any"}}).Validate(""), "check.fallback"},
		{"no entry point", (&Problem{Check: Check{Kind: KindCalls, Cases: []Case{call}}}).Validate(""), "check.entry_point"},
		{"no calls", (&Problem{Check: Check{Kind: KindCalls, EntryPoint: "f"}}).Validate(""), "check.cases"},
		{"a call", calls(call), ""},
		{"nothing wanted", calls(call, Case{Args: call.Args}), "check.cases[1].want"},
		{"two things wanted", calls(Case{Want: call.Want, Raises: "ValueError"}), "check.cases[0].want"},
		{"want twice", calls(Case{Want: call.Want, WantLiteral: "1"}), "check.cases[0].want"},
		{"arguments twice", calls(Case{Args: call.Args, ArgsLiteral: "[]", Want: call.Want}), "check.cases[0].args"},
		{"a call with input", calls(Case{Stdin: "1", Want: call.Want}), "check.cases[0].stdin"},
		{"a long literal", calls(Case{WantLiteral: long}), "check.cases[0].want"},
		{"points", calls(Case{Want: call.Want, Points: -1}), "check.cases[0].points"},
		{"no number of points", calls(Case{Want: call.Want, Points: math.NaN()}), "check.cases[0].points"},
		{"comparator", (&Problem{Check: Check{Kind: KindCalls, EntryPoint: "f", Compare: "tokens", Cases: []Case{call}}}).Validate(""), "check.compare"},
		{"arguments on stdin", (&Problem{Check: Check{Kind: KindStdio, Cases: []Case{call}}}).Validate(""), "check.cases[0].args"},
		{"an empty checker", (&Problem{Check: Check{Kind: KindStdio, Cases: []Case{{}}, Checker: &Code{}}}).Validate(""), "check.checker.source"},
		{"a checker and an interactor", (&Problem{Check: Check{Kind: KindStdio, Cases: []Case{{}}, Checker: &Code{Source: "x"}, Interactor: &Code{Source: "x"}}}).Validate(""), "check.interactor"},
		{"no generated tests", (&Problem{Check: Check{Kind: KindAgreement}}).Validate(""), "check.generated_tests"},
		{"many generated tests", (&Problem{Check: Check{Kind: KindAgreement, GeneratedTests: make([]string, MaxGeneratedTests+1)}}).Validate(""), "check.generated_tests"},
		{"no system", (&Problem{Check: Check{Kind: KindProof, Theorem: "id"}}).Validate(""), "check.system"},
		{"nothing to prove", (&Problem{Check: Check{Kind: KindProof, System: "lean"}}).Validate(""), "check.statement"},
		{"held out", (&Problem{Check: Check{Kind: KindUnit, HeldOut: &Check{Kind: KindUnit, Tests: long}}}).Validate(""), "check.held_out.tests"},
		{"held out of held out", (&Problem{Check: Check{Kind: KindUnit, HeldOut: &Check{Kind: KindUnit, HeldOut: &unit}}}).Validate(""), "check.held_out"},
		{"an unknown selection", (&Problem{Check: Check{Kind: KindAgreement, GeneratedTests: []string{""}, Select: "vote"}}).Validate(""), "check.select"},
		{"outputs of no function", (&Problem{Check: Check{Kind: KindAgreement, GeneratedTests: []string{""}, Select: SelectMBR}}).Validate(""), "check.entry_point"},
		{"agreement as selector", (&Problem{Check: Check{Kind: KindUnit, Selector: &Check{Kind: KindAgreement, GeneratedTests: []string{"f() == 1"}}}}).Validate(""), "check.selector.kind"},
		{"agreement held out", (&Problem{Check: Check{Kind: KindUnit, HeldOut: &Check{Kind: KindAgreement, GeneratedTests: []string{"f() == 1"}}}}).Validate(""), "check.held_out.kind"},
		{"long label", (&Problem{Check: Check{Kind: KindProof, System: "metamath", Theorem: strings.Repeat("x", MaxIDBytes+1)}}).Validate(""), "check.theorem"},
		{"long marker", (&Problem{Check: Check{Kind: KindAnswer, Answer: "1", Marker: strings.Repeat("x", MaxSource+1)}}).Validate(""), "check.marker"},
		{"long name of a reward model", (&Problem{Check: Check{Kind: KindUnit, Score: &Scoring{Model: strings.Repeat("x", MaxIDBytes+1)}}}).Validate(""), "check.score.model"},
		{"no reward model", (&Problem{Check: Check{Kind: KindUnit, Score: &Scoring{}}}).Validate(""), "check.score.model"},
		{"reference", (&Problem{Check: unit, Reference: &Sample{}}).Validate("problem."), "problem.reference"},
		{"no answer", (&Problem{Check: Check{Kind: KindAnswer, Answer: " "}}).Validate(""), "check.answer"},
		{"unknown equality", (&Problem{Check: Check{Kind: KindAnswer, Answer: "1", Equal: "perhaps"}}).Validate(""), "check.equal"},
		{"negative seconds", Limits{Seconds: -1}.Validate("limits."), "limits.seconds"},
		{"not a number of seconds", Limits{Seconds: math.NaN()}.Validate(""), "seconds"},
		{"endless seconds", Limits{Seconds: math.Inf(1)}.Validate(""), "seconds"},
		{"little memory", Limits{MemoryMB: 1}.Validate(""), "memory_mb"},
		{"huge memory", Limits{MemoryMB: 1 << 40}.Validate(""), "memory_mb"},
		{"negative output", Limits{OutputKB: -1}.Validate(""), "output_kb"},
		{"huge files", Limits{FileKB: 1 << 40}.Validate(""), "file_kb"},
		{"defaults", DefaultLimits.Validate(""), ""},
		{"greatest", MaxLimits.Validate(""), ""},
		{"no sample", Sample{}.Validate("samples[0]"), "samples[0]"},
		{"two samples", Sample{Text: new(string), Program: new(string)}.Validate("s"), "s"},
		{"empty completion", Completion("").Validate("s"), ""},
		{"long program", Program(long).Validate("s"), "s.program"},
		{"run", (&RunRequest{Files: map[string][]byte{"a/b": nil, "a/c": nil}, Fetch: []string{"x"}}).Validate(""), ""},
		{"long source", (&RunRequest{Source: long}).Validate(""), "source"},
		{"cells", (&RunRequest{Cells: []string{"1", ""}, CellSeconds: 1, CellsGoOn: true}).Validate(""), ""},
		{"cells and a source", (&RunRequest{Cells: []string{"1"}, Source: "1"}).Validate(""), "cells"},
		{"many cells", (&RunRequest{Cells: make([]string, MaxCells+1)}).Validate("at."), "at.cells"},
		{"long cells", (&RunRequest{Cells: []string{long[1:], "1"}}).Validate(""), "cells"},
		{"a limit of no cells", (&RunRequest{CellSeconds: 1}).Validate(""), "cells"},
		{"a negative limit of cells", (&RunRequest{Cells: []string{"1"}, CellSeconds: -1}).Validate(""), "cell_seconds"},
		{"no limit of cells", (&RunRequest{Cells: []string{"1"}, CellSeconds: math.NaN()}).Validate(""), "cell_seconds"},
		{"NUL in an argument", (&RunRequest{Args: []string{"", "a\x00"}}).Validate(""), "args[1]"},
		{"many arguments", (&RunRequest{Args: make([]string, MaxArgs+1)}).Validate(""), "args"},
		{"long arguments", (&RunRequest{Args: []string{long[:MaxArgBytes+1]}}).Validate(""), "args"},
		{"a path of the image", (&RunRequest{Files: map[string][]byte{"/usr/lib/a": nil}}).Validate(""), "files"},
		{"a device", (&RunRequest{Files: map[string][]byte{"/dev/null": nil}}).Validate(""), "files"},
		{"an absolute path in the working folder", (&RunRequest{Files: map[string][]byte{"/sandbox/a": nil}}).Validate(""), "files"},
		{"a folder of the system", (&RunRequest{Fetch: []string{"/tmp"}}).Validate(""), "fetch"},
		{"the root", (&RunRequest{Fetch: []string{"/"}}).Validate(""), "fetch"},
		{"an absolute file and folder", (&RunRequest{Files: map[string][]byte{"/a": nil}, Fetch: []string{"/a/b"}}).Validate(""), "files"},
		{"path upwards", (&RunRequest{Files: map[string][]byte{"a/../../b": nil}}).Validate(""), "files"},
		{"empty path", (&RunRequest{Fetch: []string{""}}).Validate(""), "fetch"},
		{"NUL in a path", (&RunRequest{Fetch: []string{"a\x00"}}).Validate(""), "fetch"},
		{"long element", (&RunRequest{Fetch: []string{long[:256]}}).Validate(""), "fetch"},
		{"file and folder", (&RunRequest{Files: map[string][]byte{"a": nil, "a/b": nil}}).Validate(""), "files"},
		{"folders count", (&RunRequest{Files: map[string][]byte{"a/b/c": nil}, Limits: Limits{Files: 2}}).Validate(""), "files"},
		{"much content", (&RunRequest{Files: map[string][]byte{"a": make([]byte, 1025)}, Limits: Limits{FileKB: 1}}).Validate(""), "files"},
	} {
		field := ""
		if e, ok := errors.AsType[*Invalid](c.err); ok {
			field = e.Field
		}
		if field != c.field || (c.err == nil) != (c.field == "") {
			t.Errorf("%s: got field %q (%v), want %q", c.name, field, c.err, c.field)
		}
	}
}

func TestReward(t *testing.T) {
	for status, want := range map[Status]float64{Accepted: 1, WrongAnswer: 0, TimeLimitExceeded: 0, NoProgram: 0, Unknown: -1} {
		v := Verdict{Status: status, Reward: new(float64)}
		v.SetReward()
		got := -1.0
		if v.Reward != nil {
			got = *v.Reward
		}
		if got != want {
			t.Errorf("%s: got %g, want %g (-1: null)", status, got, want)
		}
	}
}

func TestLimitsWithDefaults(t *testing.T) {
	if got := (Limits{}).WithDefaults(); got != DefaultLimits {
		t.Errorf("got %+v, want %+v", got, DefaultLimits)
	}
	full := Limits{1, 64, 2, 3, 4}
	if got := full.WithDefaults(); got != full {
		t.Errorf("got %+v, want %+v", got, full)
	}
}
