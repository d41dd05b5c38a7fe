package verify

import (
	"context"
	"errors"
	"testing"

	"borel/problem"
	"borel/sandbox"
)

// A fault of the sandbox is tried once more, then unknown; it is never remembered.
func TestFaultIsUnknown(t *testing.T) {
	for _, c := range []struct {
		name     string
		fails    int64 // of the first calls
		want     problem.Status
		executed int64
		faults   int64
	}{
		{"never", 0, problem.Accepted, 1, 0},
		{"once", 1, problem.Accepted, 2, 0},
		{"twice", 2, problem.Unknown, 2, 1},
	} {
		for _, fresh := range []bool{false, true} {
			t.Run(c.name, func(t *testing.T) {
				v := fakeVerifier(&runner{do: func(_ context.Context, call int64) (sandbox.Result, error) {
					if call <= c.fails {
						return sandbox.Result{}, errBroken
					}
					return passes, nil
				}})
				d, err := v.Verify(t.Context(), &unitProblem, problem.Program("x"), fresh)
				check(t, d, err, c.want)
				if got := v.Stats(); got.Executed != c.executed || got.Faults != c.faults {
					t.Errorf("got %+v, want %d runs and %d faults", got, c.executed, c.faults)
				}
				d, err = v.Verify(t.Context(), &unitProblem, problem.Program("x"), false)
				check(t, d, err, problem.Accepted)
				if wasKnown := c.want != problem.Unknown; d.Cached != wasKnown {
					t.Errorf("the second time cached is %v, want %v", d.Cached, wasKnown)
				}
			})
		}
	}
}

func TestUnknownInAList(t *testing.T) {
	v := fakeVerifier(&runner{do: func(context.Context, int64) (sandbox.Result, error) { return sandbox.Result{}, errBroken }})
	seen := map[int]bool{}
	_, err := v.VerifyAll(t.Context(), &unitProblem, make3("x"), false, func(d problem.Verdict) {
		seen[d.Index] = true
		check(t, d, nil, problem.Unknown)
	})
	if err != nil || len(seen) != 3 {
		t.Errorf("got %v and verdicts of %v, want all 3", err, seen)
	}
	// Nothing is told of the cases before the fault.
	second := fakeVerifier(&runner{do: func(_ context.Context, call int64) (sandbox.Result, error) {
		if call > 1 {
			return sandbox.Result{}, errBroken
		}
		return passes, nil
	}})
	stdio := problem.Problem{Check: problem.Check{Kind: problem.KindStdio, Cases: []problem.Case{{Stdin: "a"}, {Stdin: "b"}}}}
	d, err := second.Verify(t.Context(), &stdio, problem.Program("x"), false)
	check(t, d, err, problem.Unknown)
	if len(d.Cases) != 0 || d.Behaviour != "" || d.Fuel != 0 {
		t.Errorf("an unknown verdict tells %+v", d)
	}
	if _, err := v.Run(t.Context(), problem.RunRequest{Source: "x"}); !errors.Is(err, errBroken) {
		t.Errorf("Run: got %v, want the fault", err)
	}
}

// A cache that cannot be read, or gives what was never put, costs a run and nothing else.
func TestDamagedCacheIsAMiss(t *testing.T) {
	for _, b := range []string{"", "x", "null", "{}", "[]", "7", `{"status":"accepted"`, `{"status":"accepted","index":"x"}`, `{"status":"unknown"}`,
		`{"status":""}`, `{"Result":{"Reason":""}}`, `{"Result":{"Reason":"finished"`, `{"Result":null}`, "\x00\xff"} {
		get := func(Key) ([]byte, bool, error) { return []byte(b), true, nil }
		r := &runner{do: passing}
		v := New(Config{Runner: r, Runs: cache{Memory: NewMemory(0), get: get}, Verdicts: cache{Memory: NewMemory(0), get: get}})
		d, err := v.Verify(t.Context(), &unitProblem, problem.Program("x"), false)
		check(t, d, err, problem.Accepted)
		if r.calls.Load() != 1 || d.Cached || d.Index != 0 {
			t.Errorf("%q: %d runs, cached %v", b, r.calls.Load(), d.Cached)
		}
	}
	get := func(Key) ([]byte, bool, error) { return []byte(`{"status":"wrong_answer"}`), true, errBroken }
	r := &runner{do: passing}
	v := New(Config{Runner: r, Runs: cache{Memory: NewMemory(0), get: get}, Verdicts: cache{Memory: NewMemory(0), get: get}})
	d, err := v.Verify(t.Context(), &unitProblem, problem.Program("x"), false)
	check(t, d, err, problem.Accepted)
	if r.calls.Load() != 1 {
		t.Errorf("%d runs, want 1", r.calls.Load())
	}
}

// What cannot be kept as promised is not told: the caller could not get it again.
func TestUnkeptIsUnknown(t *testing.T) {
	full := cache{Memory: NewMemory(0), put: func(Key, []byte) error { return errBroken }}
	for _, c := range []struct {
		name           string
		runs, verdicts Cache
	}{
		{"runs", full, NewMemory(0)},
		{"verdicts", NewMemory(0), full},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, result := range map[string]sandbox.Result{"right": passes, "wrong": {Reason: sandbox.Fuel}} {
				v := New(Config{Runner: &runner{do: func(context.Context, int64) (sandbox.Result, error) { return result, nil }}, Runs: c.runs, Verdicts: c.verdicts})
				for range 2 {
					d, err := v.Verify(t.Context(), &unitProblem, problem.Program(name), false)
					check(t, d, err, problem.Unknown)
				}
			}
		})
	}
}

func TestCancellationIsNoVerdict(t *testing.T) {
	r := &runner{do: func(ctx context.Context, _ int64) (sandbox.Result, error) {
		<-ctx.Done()
		return sandbox.Result{}, ctx.Err()
	}}
	v := fakeVerifier(r)
	for _, fresh := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if d, err := v.Verify(ctx, &unitProblem, problem.Program("x"), fresh); err != context.Canceled {
			t.Errorf("Verify: got %s, %v", d.Status, err)
		}
		if _, err := v.Run(ctx, problem.RunRequest{Source: "x", Fresh: fresh}); err != context.Canceled {
			t.Errorf("Run: got %v", err)
		}
		_, err := v.VerifyAll(ctx, &unitProblem, make3("x"), fresh, func(d problem.Verdict) { t.Errorf("VerifyAll: got a verdict: %s", d.Status) })
		if err != context.Canceled {
			t.Errorf("VerifyAll: got %v", err)
		}
	}
	if got := v.Stats(); got.Faults != 0 {
		t.Errorf("%d cancelled runs count as faults of the service", got.Faults)
	}
}
