package verify

import (
	"context"
	"fmt"
	"strconv"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
	"borel/verify/value"
)

// errChecker is the fault of a problem's checker, which no sample can be blamed for.
type errChecker struct{ message string }

func (e errChecker) Error() string { return "the problem's checker failed: " + e.message }

// consult has the problem's checker decide the cases that are open, up to the first that failed unless all count. It runs in
// a sandbox of its own, and gets values.
func (j *calls) consult(ctx context.Context, cases []judgedCase, d *decision) error {
	var open []int
	for i, c := range cases {
		if !c.open && c.Status != problem.Accepted && !j.p.Check.AllCases {
			break
		}
		if c.open {
			open = append(open, i)
		}
	}
	if len(open) == 0 {
		return nil
	}
	var channel []byte
	for _, i := range open {
		channel = languages.Frame(channel, j.question(i, cases[i].got))
	}
	replies, message, err := j.ask(ctx, channel, len(open), d)
	if err != nil {
		return err
	}
	if message != "" {
		return errChecker{message}
	}
	for n, i := range open {
		c := &cases[i]
		c.open = false
		share, raised, err := checked(replies[n])
		if err != nil {
			return err
		}
		if raised != "" {
			// Either the checker is broken, or it cannot do with what it was given. What must be accepted tells.
			control, message, err := j.ask(ctx, languages.Frame(nil, j.question(i, j.cases[i].want)), 1, d)
			if err != nil {
				return err
			}
			if message == "" {
				if share, again, err := checked(control[0]); err != nil || again != "" || share < 1 {
					message = raised
				}
			}
			if message != "" {
				return errChecker{fmt.Sprintf("case %d: %s", i, message)}
			}
			c.Status, c.Message = problem.WrongAnswer, fmt.Sprintf("got %s, on which the checker raised %s", c.got, raised)
			continue
		}
		if c.share = share; share == 1 {
			c.Status = problem.Accepted
			continue
		}
		c.Status, c.Message = problem.WrongAnswer, fmt.Sprintf("got %s, which the checker does not accept", c.got)
	}
	return nil
}

// question is the call check(args, kwargs, want, got) of case i.
func (j *calls) question(i int, got value.Value) []byte {
	k := &j.cases[i]
	want := k.want
	if want.Type == "" {
		want.Type = value.None
	}
	return callFrame("check", value.NewList(k.args, k.kwargs, want, got), value.Value{Type: value.Dict})
}

// ask runs the checker on n questions. message says what is wrong with the checker.
func (j *calls) ask(ctx context.Context, channel []byte, n int, d *decision) (replies [][]byte, message string, err error) {
	code := j.p.Check.Checker
	lang, err := language(code.Language, "check.checker.language")
	if err != nil {
		return nil, "", err
	}
	spec := lang.Spec(languages.Program{Steps: []string{code.Source, lang.Serve()}, Seed: j.p.Seed, Start: j.p.Start.Time, Limits: limits(j.p.Limits)})
	spec.Steps[0].Name, spec.Steps[1].Name = "checker.py", "calls.py"
	spec.Channel = channel
	guest := lang.Guest()
	guest.HashSeed = j.p.HashSeed
	o, err := j.v.run(ctx, guest, spec, j.fresh)
	if err != nil {
		return nil, "", err
	}
	d.Cached = d.Cached && o.cached
	d.measure(&o.result)
	end := lang.End(2, o.result)
	replies, whole := languages.Frames(o.result.Channel, n+1)
	switch {
	case end.Kind != languages.Done && (end.Kind == languages.Stopped || end.Step < 2) || o.result.Reason != sandbox.Finished:
		return nil, fmt.Sprintf("it ended before it had answered: %s", end.Message), nil
	case len(replies) != n || !whole:
		return nil, fmt.Sprintf("it did not give %d answers to as many questions", n), nil
	}
	return replies, "", nil
}

// checked reads an answer of the checker: the share of the points, from 0 to 1, or what it raised.
func checked(reply []byte) (share float64, raised string, err error) {
	v, err := value.Decode(reply)
	if err != nil || v.Type != value.List || len(v.Items) < 2 {
		return 0, "", errChecker{"it sent what is no answer"}
	}
	switch got := v.Items[1]; {
	case v.Items[0].Text == "1" && len(v.Items) == 4 && got.Type == value.List && len(got.Items) > 0:
		return 0, cutText(got.Items[0].Text + ": " + v.Items[2].Text), nil
	case v.Items[0].Text != "0":
		return 0, "", errChecker{cutText(got.Text)}
	case got.Type == value.Bool:
		if got.Text == "True" {
			share = 1
		}
		return share, "", nil
	case got.Type == value.Int || got.Type == value.Float:
		if share, err := strconv.ParseFloat(got.Text, 64); err == nil && share >= 0 && share <= 1 {
			return share, "", nil
		}
		fallthrough
	default:
		return 0, "", errChecker{fmt.Sprintf("it returned %s; True, False or a share from 0 to 1 decides", got)}
	}
}
