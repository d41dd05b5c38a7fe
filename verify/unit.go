package verify

import (
	"context"
	"fmt"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
)

// errTests is the problem's own fault, which no sample can be blamed for.
type errTests struct{ message string }

func (e errTests) Error() string { return "the problem's tests do not compile: " + e.message }

// unit runs the program, then the tests. Accepted means that the host saw the tests' step run to its end.
type unit struct{ *judge }

func (*unit) version() string { return "unit/1" }

func (j *unit) key(w *keyWriter) { w.text(j.p.Check.Tests) }

func (j *unit) decide(ctx context.Context, program string, d *decision) error {
	steps := []string{program}
	if j.p.Check.Tests != "" {
		steps = append(steps, j.p.Check.Tests)
	}
	o, err := j.v.run(ctx, j.guest, j.program(steps, ""), j.fresh)
	if err != nil {
		return err
	}
	end := j.lang.End(len(steps), o.result)
	d.Cached = o.cached
	d.measure(&o.result)
	d.Status, d.Message = status(end, o.result.Reason), end.Message
	switch {
	case end.Step == len(steps) && end.Kind != languages.Stopped:
		d.Status, d.Message = problem.Accepted, ""
	case end.Kind == languages.Exit:
		d.Status, d.Message = problem.RuntimeError, fmt.Sprintf("left with exit code %d before the tests were done", end.ExitCode)
	case end.Kind == languages.Syntax && end.Step == 1:
		if err := j.compiles(ctx, d); err != nil {
			return err
		}
		d.Status = problem.RuntimeError // the program made them so: warnings can be errors
	}
	w := newKey("behaviour")
	w.text(string(d.Status))
	w.text(d.Message)
	w.bytes(o.result.Stdout)
	d.Behaviour = shortDigest(w)
	return nil
}

// compiles returns errTests where the tests do not compile after an empty program either.
func (j *unit) compiles(ctx context.Context, d *decision) error {
	steps := []string{"", j.p.Check.Tests}
	o, err := j.v.run(ctx, j.guest, j.program(steps, ""), j.fresh)
	if err != nil {
		return err
	}
	d.runs = append(d.runs, traceOf(&o.result))
	if end := j.lang.End(len(steps), o.result); end.Kind == languages.Syntax && end.Step == 1 {
		return errTests{end.Message}
	}
	return nil
}

// status is what a run that did not do what it should shows as.
func status(e languages.End, r sandbox.Reason) problem.Status {
	switch e.Kind {
	case languages.Assertion:
		return problem.WrongAnswer
	case languages.Syntax:
		return problem.CompileError
	case languages.Stopped:
		switch r {
		case sandbox.Fuel, sandbox.Sleep:
			return problem.TimeLimitExceeded
		case sandbox.Memory:
			return problem.MemoryLimitExceeded
		case sandbox.Output:
			return problem.OutputLimitExceeded
		}
	}
	return problem.RuntimeError
}
