package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"borel/problem"
)

// Errors of Lookup and Replay besides a malformed key.
var (
	// ErrNoVerdict is a key under which nothing is kept.
	ErrNoVerdict = errors.New("no verdict is kept under this key: it was never stored (unknown ones are not), was forgotten, or is of an earlier version of borel")
	// ErrNoOrigin is a verdict that cannot be run again, because what it takes was forgotten.
	ErrNoOrigin = errors.New("the verdict is kept, but its program or its problem was forgotten: verify the sample again")
)

// Lookup returns the verdict whose key is the hexadecimal key, with the program that it is about. The error is an
// *[problem.Invalid] of a malformed key, ErrNoVerdict, or a fault of the service.
func (v *Verifier) Lookup(ctx context.Context, key string) (problem.Verdict, error) {
	_, d, rest, err := v.lookup(key)
	if err != nil {
		return problem.Verdict{}, err
	}
	if o, ok := decodeOrigin(rest); ok && d.Program == "" && d.Status != problem.NoProgram {
		d.Program = o.program
	}
	return d, ctx.Err()
}

// lookup also returns what decodeOrigin reads.
func (v *Verifier) lookup(key string) (k Key, d problem.Verdict, rest []byte, err error) {
	if err := k.UnmarshalText([]byte(key)); err != nil {
		return k, d, nil, problem.Invalidf("key", "%s", err)
	}
	b, ok, err := v.cfg.Verdicts.Get(k)
	if err != nil {
		return k, d, nil, err
	}
	if ok {
		d, rest, ok = decodeVerdict(b) // a problem lies under its key as well
	}
	if !ok {
		return k, d, nil, ErrNoVerdict
	}
	d.Key, d.Cached = k.String(), true
	d.SetReward()
	return k, d, rest, nil
}

// Replay runs again what the verdict of that key was made of, whatever is cached, and compares. It stores nothing: the
// verdict and its runs stay as they are. Where the image, the processor architecture or a checker is another today,
// the key differs, and the rest may.
//
// The error is as Lookup's, or ErrNoOrigin; a replay that failed by the service's fault is an error too.
func (v *Verifier) Replay(ctx context.Context, key string) (problem.Replay, error) {
	k, was, rest, err := v.lookup(key)
	if err != nil {
		return problem.Replay{}, err
	}
	o, ok := decodeOrigin(rest)
	if !ok {
		return problem.Replay{}, ErrNoOrigin
	}
	var p problem.Problem
	b, ok, err := v.cfg.Verdicts.Get(o.Problem)
	switch {
	case err != nil:
		return problem.Replay{}, err
	case !ok || json.Unmarshal(b, &p) != nil:
		return problem.Replay{}, ErrNoOrigin
	}
	// They have verdicts of their own, and scores none.
	p.Check.HeldOut, p.Check.Selector, p.Check.Score = nil, nil, nil
	apart := New(Config{Runner: v.cfg.Runner, Provers: v.cfg.Provers, Runs: NewMemory(1), Verdicts: NewMemory(1)}) // they forget at once
	j, err := apart.judge(&p, true)
	if err != nil {
		return problem.Replay{}, fmt.Errorf("what is stored of verdict %s: %w", k, err)
	}
	s := problem.Program(o.program)
	if j.text {
		s = problem.Text(o.program)
	}
	is, err := j.decide(ctx, s)
	v.stats.executed.Add(apart.stats.executed.Load())
	v.stats.faults.Add(apart.stats.faults.Load())
	if err != nil {
		if ctx.Err() != nil {
			return problem.Replay{}, ctx.Err()
		}
		return problem.Replay{}, fmt.Errorf("replay of verdict %s: %w", k, err)
	}
	is.SetReward()
	if !j.text {
		is.Program, is.Extraction = o.program, was.Extraction
	}
	r := problem.Replay{Verdict: is.Verdict, Differs: differences(&was, &is.Verdict, o.Runs, is.runs)}
	r.Same = len(r.Differs) == 0
	return r, nil
}

// maxDifferences is how many differences are told; a check can have ten thousand runs.
const maxDifferences = 100

// differences compares two verdicts with what their runs did.
func differences(was, is *problem.Verdict, before, after []trace) (all []problem.Difference) {
	note := func(what string, was, is any) {
		if was != is && len(all) < maxDifferences {
			all = append(all, problem.Difference{What: what, Was: fmt.Sprint(was), Is: fmt.Sprint(is)})
		}
	}
	note("key", was.Key, is.Key)
	note("status", was.Status, is.Status)
	note("message", was.Message, is.Message)
	note("behaviour", was.Behaviour, is.Behaviour)
	note("extraction", was.Extraction, is.Extraction)
	note("runs", len(before), len(after))
	for i := range min(len(before), len(after)) {
		a, b := &before[i], &after[i]
		at := indexed("runs", i) + "."
		note(at+"reason", a.Reason, b.Reason)
		note(at+"exit_code", a.ExitCode, b.ExitCode)
		note(at+"stdout", a.Stdout, b.Stdout)
		note(at+"stderr", a.Stderr, b.Stderr)
		note(at+"fuel", a.Fuel, b.Fuel)
		note(at+"virtual_seconds", a.Virtual.Seconds(), b.Virtual.Seconds())
		note(at+"memory_bytes", a.Memory, b.Memory)
	}
	return all
}
