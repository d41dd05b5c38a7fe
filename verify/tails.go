package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"borel/languages"
	"borel/sandbox"
)

// tail is what a program did with one step that was run after it. It is kept without its output: a thousand steps may
// follow one program, and each repeats what that printed.
type tail struct {
	End     languages.End
	Trace   trace
	Channel []byte `json:",omitempty"`
}

// passed reports whether the step ran to its end.
func (t *tail) passed() bool { return t.End.Step == 2 && t.End.Kind != languages.Stopped }

// tailRecord is what the run cache holds of a tail: with the limits that are not in its key.
type tailRecord struct {
	Fuel    int64
	Virtual time.Duration
	Tail    tail
}

func (r *tailRecord) decides(l sandbox.Limits) bool {
	t := &r.Tail.Trace
	alike := record{r.Fuel, r.Virtual, l.Output, sandbox.Result{Reason: t.Reason, Fuel: t.Fuel, Virtual: t.Virtual}}
	return alike.decides(l)
}

// tailKey names the run of spec's steps, of which there is one, with step as the last.
func tailKey(identity string, spec *sandbox.Spec, step sandbox.Step) Key {
	one := *spec
	one.Steps, one.Tails = []sandbox.Step{spec.Steps[0], step}, nil
	run := runKey(identity, &one)
	w := newKey("tail")
	w.bytes(run[:])
	w.number(spec.Limits.Output) // what was printed is not kept to compare with
	return w.sum()
}

// What the tails of one program may take together, in seconds of work: by themselves, and as the runs that each of them
// stands for, with the program before it; and how much more for each tail that there is. So a program that loops in every
// test costs no more than one that loops once, and a program that takes long to begin is not begun a thousand times.
const (
	tailSeconds = 2.0
	runSeconds  = 10.0
	eachSeconds = 0.001
)

// tails are what spec's one step and each of its Tails do, up to the one that exceeds what they may take together. Each is
// as if it had a run of its own; those that are known are not run. The step takes that much fuel by itself, and must end
// well. The error is ctx's own or a fault of the service.
func (v *Verifier) tails(ctx context.Context, g languages.Guest, lang *languages.Language, spec sandbox.Spec, fuel int64, fresh bool) (done []tail, cached bool, err error) {
	identity, err := v.cfg.Runner.Identity(ctx, g)
	if err != nil {
		return nil, false, err
	}
	x := tailed{v: v, g: g, lang: lang, spec: &spec, fuel: fuel, identity: identity, known: make([]*tail, len(spec.Tails))}
	if fresh {
		done, err = x.run(ctx)
		return done, false, err
	}
	hit := false
	done, err = v.tailFlights.do(ctx, flightID{runKey(identity, &spec), spec.Limits}, func(ctx context.Context) ([]tail, error) {
		for i := range x.known {
			x.known[i] = x.lookUp(i)
		}
		defer func() { hit = !x.executed }()
		return x.run(ctx)
	})
	return done, err == nil && hit, err
}

// tailed is one call of tails.
type tailed struct {
	v        *Verifier
	g        languages.Guest
	lang     *languages.Language
	spec     *sandbox.Spec
	fuel     int64
	identity string
	known    []*tail
	executed bool // something was run
}

func (x *tailed) key(i int) Key { return tailKey(x.identity, x.spec, x.spec.Tails[i]) }

// lookUp is what the run cache knows of a tail, or nil.
func (x *tailed) lookUp(i int) *tail {
	b, ok, err := x.v.cfg.Runs.Get(x.key(i))
	var r tailRecord
	if err != nil || !ok || json.Unmarshal(b, &r) != nil || r.Tail.Trace.Reason == "" || !r.decides(x.spec.Limits) {
		return nil
	}
	x.v.stats.runHits.Add(1)
	return &r.Tail
}

// run is what tails answers.
func (x *tailed) run(ctx context.Context) (done []tail, err error) {
	var work, runs float64
	more := eachSeconds * float64(len(x.known))
	for i := range x.known {
		if x.known[i] == nil {
			if err := x.next(ctx, i); err != nil {
				return nil, err
			}
		}
		t := x.known[i]
		done = append(done, *t)
		work += x.lang.Seconds(max(0, t.Trace.Fuel-x.fuel))
		runs += x.lang.Seconds(t.Trace.Fuel)
		if work > tailSeconds+more || runs > runSeconds+more {
			break
		}
	}
	return done, nil
}

// next runs the tail at first, and as many of those behind it as the sandbox does at once.
func (x *tailed) next(ctx context.Context, first int) error {
	spec := *x.spec
	spec.Tails = nil
	var at []int
	for i := first; i < len(x.known) && len(at) < sandbox.MaxTails; i++ {
		if x.known[i] == nil {
			at, spec.Tails = append(at, i), append(spec.Tails, x.spec.Tails[i])
		}
	}
	x.executed = true
	res, err := x.v.attempt(ctx, x.g, spec)
	if err != nil {
		return err
	}
	if len(res.Tails) == 0 || len(res.Tails) > len(at) {
		return fmt.Errorf("%d of %d tails: %s where the program had come to its end", len(res.Tails), len(at), res.Reason)
	}
	x.v.stats.executed.Add(int64(len(res.Tails) - 1))
	for k := range res.Tails {
		r := &res.Tails[k]
		t := &tail{x.lang.End(2, *r), traceOf(r), r.Channel}
		x.known[at[k]] = t
		b, err := json.Marshal(tailRecord{spec.Limits.Fuel, spec.Limits.Virtual, *t})
		if err == nil {
			err = x.v.cfg.Runs.Put(x.key(at[k]), b)
		}
		if err != nil {
			return errors.Join(errStore, err)
		}
	}
	return nil
}
