package verify

import (
	"cmp"
	"context"
	"fmt"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
)

// stdio runs the program once for each case and judges what it printed: a comparator does, or a checker, or an interactor
// that talks to the program while it runs. Output that is right does not excuse a program that then fails, but for the
// comparator llmonk, which says so.
type stdio struct {
	*judge
	compare func(got, want string) (ok bool, message string)
	code    *code // the checker or interactor, if any
}

func newStdio(j *judge) (checker, error) {
	c := &j.p.Check
	s := &stdio{judge: j}
	var err error
	if s.compare, err = comparator(c.Compare); err != nil {
		return nil, err
	}
	if s.code, err = newCode(c); err != nil {
		return nil, err
	}
	if s.code != nil && s.code.role == interactor && s.code.lang != j.lang {
		return nil, problem.Invalidf("check.interactor.language", "must be the problem's, %s", j.lang.Name) // they share an image
	}
	return s, s.consistent()
}

// consistent reports cases that no program can pass: the same input, and expected outputs of which only one can be met.
// Comparators with a tolerance are not looked at: an output may be near enough to both.
func (j *stdio) consistent() error {
	c := &j.p.Check
	switch compare := cmp.Or(c.Compare, "tokens"); {
	case j.code != nil, compare != "tokens" && compare != "exact" && compare != "codeforces":
		return nil
	}
	first := make(map[string]int, len(c.Cases))
	for i, k := range c.Cases {
		was, seen := first[k.Stdin]
		if !seen {
			first[k.Stdin] = i
		} else if ok, _ := j.compare(c.Cases[was].Stdout, k.Stdout); !ok {
			return problem.Invalidf("check.cases", "cases[%d] and cases[%d] have the same stdin, but no output can be right for both", was, i)
		}
	}
	return nil
}

func (*stdio) version() string { return "stdio/2 " + compareVersion + " " + codeVersion }

func (j *stdio) key(w *keyWriter) {
	c := &j.p.Check
	if j.code == nil {
		w.text("compare")
		w.text(cmp.Or(c.Compare, "tokens"))
	} else {
		w.text(j.code.role)
		w.text(j.code.lang.Name)
		w.text(j.code.source)
	}
	w.text(fmt.Sprint(c.AllCases))
	w.number(int64(len(c.Cases)))
	for _, k := range c.Cases {
		w.text(k.Stdin)
		w.text(k.Stdout)
		w.text(fmt.Sprint(k.Weight()))
	}
}

func (j *stdio) decide(ctx context.Context, program string, d *decision) error {
	c := &j.p.Check
	d.Status, d.Cached = problem.Accepted, true
	w := newKey("behaviour")
	var earned, total float64
	for i := range c.Cases {
		total += c.Cases[i].Weight()
	}
	judge := j.one
	if j.code != nil && j.code.role == interactor {
		judge = j.interact
	}
	for i := range c.Cases {
		k := &c.Cases[i]
		r, err := judge(ctx, program, k, d, w)
		if err != nil {
			return fmt.Errorf("case %d: %w", i, err)
		}
		if r.Status == problem.Accepted {
			r.Points = 1
		}
		earned += r.Points * k.Weight()
		d.Cases = append(d.Cases, r)
		if r.Status != problem.Accepted && d.Status == problem.Accepted {
			d.Status, d.Message = r.Status, fmt.Sprintf("case %d: %s", i, r.Message)
		}
		if d.Status != problem.Accepted && !c.AllCases {
			break
		}
	}
	points := earned / total
	d.Points = &points
	d.Behaviour = shortDigest(w)
	return nil
}

// one decides a case by what the program printed. It writes to w what the program did.
func (j *stdio) one(ctx context.Context, program string, k *problem.Case, d *decision, w *keyWriter) (problem.CaseResult, error) {
	o, err := j.do(ctx, j.guest, j.program([]string{program}, k.Stdin), d)
	if err != nil {
		return problem.CaseResult{}, err
	}
	end := j.lang.End(1, o.result)
	r := j.did(&o.result, end, w)
	if !ended(end) {
		r.Status, r.Message = failure(end, o.result.Reason)
		if j.p.Check.Compare == "llmonk" && j.code == nil && whole(o.result.Reason) {
			if ok, _ := j.compare(string(o.result.Stdout), k.Stdout); ok {
				r.Status, r.Message = problem.Accepted, ""
			}
		}
		return r, nil
	}
	if j.code != nil {
		of, err := j.checked(ctx, k, o.result.Stdout, d)
		r.Status, r.Points, r.Message = of.status, of.points, of.message
		return r, err
	}
	r.Status = problem.Accepted
	if ok, message := j.compare(string(o.result.Stdout), k.Stdout); !ok {
		r.Status, r.Message = problem.WrongAnswer, message
	}
	return r, nil
}

// did is the result of a case as far as the program's run tells it, which it writes to w.
func (j *stdio) did(res *sandbox.Result, end languages.End, w *keyWriter) problem.CaseResult {
	w.text(string(res.Reason))
	w.number(int64(end.ExitCode))
	w.bytes(res.Stdout)
	return problem.CaseResult{Fuel: res.Fuel, VirtualSeconds: res.Virtual.Seconds(), MemoryBytes: res.Memory}
}

// do runs spec, and adds the run to the decision.
func (j *stdio) do(ctx context.Context, g languages.Guest, spec sandbox.Spec, d *decision) (outcome, error) {
	o, err := j.v.run(ctx, g, spec, j.fresh)
	if err == nil {
		d.Cached = d.Cached && o.cached
		d.measure(&o.result)
	}
	return o, err
}

// ended reports whether a program left as one does that has done its work.
func ended(e languages.End) bool {
	return (e.Kind == languages.Done || e.Kind == languages.Exit) && e.ExitCode == 0
}

// whole reports whether a run's output is all that the program would have printed: nothing cut it short but the program
// itself, or what another machine may have done without.
func whole(r sandbox.Reason) bool {
	return r != sandbox.Fuel && r != sandbox.Sleep && r != sandbox.Output
}

// failure is what a program that did not end well shows as.
func failure(e languages.End, r sandbox.Reason) (problem.Status, string) {
	switch {
	case e.Kind == languages.Assertion:
		return problem.RuntimeError, e.Message // here the program's own asserts decide nothing
	case e.Kind == languages.Done:
		return problem.RuntimeError, fmt.Sprintf("exited with code %d", e.ExitCode)
	}
	return status(e, r), e.Message
}
