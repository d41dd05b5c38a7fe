package verify

import (
	"cmp"
	"context"
	"fmt"

	"borel/languages"
	"borel/problem"
)

// stdio runs the program once for each case and compares what it printed. Output that is right does not excuse a
// program that then fails.
type stdio struct {
	*judge
	compare func(got, want string) (ok bool, message string)
}

func newStdio(j *judge) (checker, error) {
	compare, err := comparator(j.p.Check.Compare)
	return &stdio{j, compare}, err
}

func (*stdio) version() string { return "stdio/1 " + compareVersion }

func (j *stdio) key(w *keyWriter) {
	c := &j.p.Check
	w.text(cmp.Or(c.Compare, "tokens"))
	w.text(fmt.Sprint(c.AllCases))
	w.number(int64(len(c.Cases)))
	for _, k := range c.Cases {
		w.text(k.Stdin)
		w.text(k.Stdout)
	}
}

func (j *stdio) decide(ctx context.Context, program string, d *decision) error {
	c := &j.p.Check
	d.Status, d.Cached = problem.Accepted, true
	w := newKey("behaviour")
	for i, k := range c.Cases {
		o, err := j.v.run(ctx, j.guest, j.program([]string{program}, k.Stdin), j.fresh)
		if err != nil {
			return err
		}
		end := j.lang.End(1, o.result)
		d.Cached = d.Cached && o.cached
		d.measure(&o.result)
		r := problem.CaseResult{Status: problem.Accepted, Fuel: o.result.Fuel, VirtualSeconds: o.result.Virtual.Seconds(), MemoryBytes: o.result.Memory}
		if end.Kind == languages.Done || end.Kind == languages.Exit && end.ExitCode == 0 {
			if ok, message := j.compare(string(o.result.Stdout), k.Stdout); !ok {
				r.Status, r.Message = problem.WrongAnswer, message
			}
		} else {
			r.Message = end.Message
			if r.Status = status(end, o.result.Reason); end.Kind == languages.Assertion {
				r.Status = problem.RuntimeError // here the program's own asserts decide nothing
			}
		}
		d.Cases = append(d.Cases, r)
		w.text(string(o.result.Reason))
		w.number(int64(end.ExitCode))
		w.bytes(o.result.Stdout)
		if r.Status != problem.Accepted && d.Status == problem.Accepted {
			d.Status, d.Message = r.Status, fmt.Sprintf("case %d: %s", i, r.Message)
		}
		if d.Status != problem.Accepted && !c.AllCases {
			break
		}
	}
	d.Behaviour = shortDigest(w)
	return nil
}
