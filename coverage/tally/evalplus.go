package tally

import (
	"errors"
	"fmt"
)

// evalplus reads the results of EvalPlus: per task a list of samples,
//
//	[{"base_status":"pass","plus_status":"fail"}, …]
//
// or, as before version 0.2, a list of statuses with their details for each suite:
//
//	{"nfiles":2,"base":[["success",[true]], …],"plus":[["failed",[]], …]}
//
// A sample passes the plus suite only where it passes the base suite too, as EvalPlus counts. A status of null is unknown.
func (r *reader) evalplus(d *decoder) error {
	return d.members(func(task string) error {
		r.line = d.line()
		var base, plus []outcome
		var err error
		switch d.PeekKind() {
		case '[':
			err = d.elements(func() error {
				b, p, err := d.suites()
				base, plus = append(base, b), append(plus, p)
				return err
			})
		case '{':
			err = d.members(func(name string) (err error) {
				switch name {
				case "base":
					base, err = d.statuses()
				case "plus":
					plus, err = d.statuses()
				default:
					err = d.skip()
				}
				return err
			})
			if err == nil && r.Tests == Plus && len(plus) != len(base) {
				plus = nil
			}
		default:
			err = errors.New("wants a list of samples")
		}
		if err != nil {
			return fmt.Errorf("eval of %q: %w", task, err)
		}
		return r.suite(task, base, plus)
	})
}

// absent is the outcome of a suite that was not run.
const absent = outcome(-1)

// suite adds what passed the suite that was asked for.
func (r *reader) suite(task string, base, plus []outcome) error {
	var t [3]int
	for i, b := range base {
		o := b
		if r.Tests == Plus {
			switch {
			case i >= len(plus) || plus[i] == absent:
				return fmt.Errorf("eval of %q: the plus tests were not run; read the base tests (--tests %s)", task, Base)
			case b == wrong || plus[i] == wrong:
				o = wrong
			case b == unknown || plus[i] == unknown:
				o = unknown
			}
		}
		if o == absent {
			return fmt.Errorf("eval of %q: sample %d has no base_status", task, i)
		}
		t[o]++
	}
	return r.tallied(task, t, EvalPlus)
}

// suites reads one sample.
func (d *decoder) suites() (base, plus outcome, err error) {
	base, plus = absent, absent
	if d.PeekKind() != '{' {
		return base, plus, errors.New("wants samples that are objects")
	}
	err = d.members(func(name string) (err error) {
		switch name {
		case "base_status":
			base, err = d.status()
		case "plus_status":
			if d.PeekKind() == 'n' { // written where the suite was not run
				return d.skip()
			}
			plus, err = d.status()
		default:
			err = d.skip()
		}
		return err
	})
	return base, plus, err
}

// statuses reads a list of ["success", details].
func (d *decoder) statuses() (list []outcome, err error) {
	if d.PeekKind() != '[' {
		return nil, errors.New("wants a list of statuses")
	}
	err = d.elements(func() error {
		o := absent
		if d.PeekKind() != '[' {
			o, err = d.status()
		} else {
			err = d.elements(func() (err error) {
				if o != absent {
					return d.skip()
				}
				o, err = d.status()
				return err
			})
		}
		if o == absent && err == nil {
			err = errors.New("holds a sample without status")
		}
		list = append(list, o)
		return err
	})
	return list, err
}

func (d *decoder) status() (outcome, error) {
	t, err := d.token()
	if err != nil {
		return unknown, err
	}
	if t.Kind() == 'n' {
		return unknown, nil
	}
	if t.Kind() == '"' {
		switch t.String() {
		case "pass", "success":
			return right, nil
		case "fail", "failed", "timeout", "timed out":
			return wrong, nil
		}
	}
	return unknown, fmt.Errorf("status %.60q is not known", t.String())
}
