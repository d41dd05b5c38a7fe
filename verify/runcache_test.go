package verify

import (
	"bytes"
	"context"
	"reflect"
	"testing"
	"time"

	"borel/problem"
	"borel/sandbox"
)

// A record answers only where a run would have given the very same.
func TestRecordDecides(t *testing.T) {
	under := sandbox.Limits{Fuel: 100, Virtual: 10 * time.Second, Output: 50}
	with := func(fuel int64, virtual time.Duration, output int64) sandbox.Limits {
		return sandbox.Limits{Fuel: fuel, Virtual: virtual * time.Second, Output: output}
	}
	result := func(r sandbox.Reason, fuel int64, virtual time.Duration, output int) sandbox.Result {
		return sandbox.Result{Reason: r, Fuel: fuel, Virtual: virtual * time.Second, Stdout: make([]byte, output), Stderr: make([]byte, output/2)}
	}
	for _, c := range []struct {
		name   string
		result sandbox.Result
		limits sandbox.Limits
		want   bool
	}{
		{"finished, same", result(sandbox.Finished, 60, 6, 30), under, true},
		{"finished, larger", result(sandbox.Finished, 60, 6, 30), with(1000, 100, 500), true},
		{"finished, smaller but enough", result(sandbox.Finished, 60, 6, 30), with(60, 7, 30), true},
		{"finished, just the time it took", result(sandbox.Finished, 60, 6, 30), with(60, 6, 30), false}, // rounded down
		{"finished at the limit, same", result(sandbox.Finished, 100, 10, 50), under, true},
		{"finished, less fuel", result(sandbox.Finished, 60, 6, 30), with(59, 10, 50), false},
		{"finished, less time", result(sandbox.Finished, 60, 6, 30), with(100, 5, 50), false},
		{"finished, less output", result(sandbox.Finished, 60, 6, 30), with(100, 10, 29), false},
		{"stderr counts too", sandbox.Result{Reason: sandbox.Finished, Stderr: make([]byte, 30)}, with(100, 10, 29), false},
		{"exited, larger", result(sandbox.Exited, 60, 6, 30), with(1000, 100, 500), true},
		{"exited, less fuel", result(sandbox.Exited, 60, 6, 30), with(59, 10, 50), false},
		{"memory, larger", result(sandbox.Memory, 60, 6, 30), with(1000, 100, 500), true}, // the limit of memory is in the key
		{"memory, less fuel", result(sandbox.Memory, 60, 6, 30), with(59, 10, 50), false},
		{"files, larger", result(sandbox.Files, 60, 6, 30), with(1000, 100, 500), true},
		{"trap, larger", result(sandbox.Trap, 60, 6, 30), with(1000, 100, 500), true},
		{"trap, less output", result(sandbox.Trap, 60, 6, 30), with(100, 10, 29), false},
		{"fuel, same", result(sandbox.Fuel, 100, 1, 30), under, true},
		{"fuel, more output", result(sandbox.Fuel, 100, 1, 30), with(100, 10, 500), true},
		{"fuel, less output, but enough", result(sandbox.Fuel, 100, 1, 30), with(100, 10, 30), true},
		{"fuel, less output", result(sandbox.Fuel, 100, 1, 30), with(100, 10, 29), false},
		{"fuel, more", result(sandbox.Fuel, 100, 1, 30), with(101, 10, 50), false},
		{"fuel, less", result(sandbox.Fuel, 100, 1, 30), with(99, 10, 50), false},
		{"fuel, another time", result(sandbox.Fuel, 100, 1, 30), with(100, 11, 50), false},
		{"sleep, same", result(sandbox.Sleep, 1, 10, 30), under, true},
		{"sleep, more time", result(sandbox.Sleep, 1, 10, 30), with(100, 11, 50), false},
		{"sleep, less time", result(sandbox.Sleep, 1, 10, 30), with(100, 9, 50), false},
		{"sleep, more fuel", result(sandbox.Sleep, 1, 10, 30), with(101, 10, 50), false},
		{"output, same", result(sandbox.Output, 60, 6, 50), under, true},
		{"output, more", result(sandbox.Output, 60, 6, 50), with(100, 10, 51), false},
		{"output, less", result(sandbox.Output, 60, 6, 50), with(100, 10, 49), false},
		{"output, more fuel", result(sandbox.Output, 60, 6, 50), with(1000, 10, 50), true},
		{"output, less fuel", result(sandbox.Output, 60, 6, 50), with(59, 10, 50), false},
	} {
		r := record{under.Fuel, under.Virtual, under.Output, c.result}
		if got := r.decides(c.limits); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// A changed check judges again without running again; the same check does not even judge.
func TestChangedCheckRunsNothing(t *testing.T) {
	v := fakeVerifier(&runner{do: func(context.Context, int64) (sandbox.Result, error) {
		return sandbox.Result{Reason: sandbox.Finished, Returned: []uint32{0}, Stdout: []byte("1.0000001  2\n")}, nil
	}})
	stdio := func(compare, want string, all bool) *problem.Problem {
		return &problem.Problem{Check: problem.Check{Kind: problem.KindStdio, Compare: compare, AllCases: all, Cases: []problem.Case{{Stdin: "a", Stdout: want}}}}
	}
	for i, c := range []struct {
		p        *problem.Problem
		want     problem.Status
		cached   bool
		verdicts int64 // hits so far
	}{
		{stdio("", "1.0000001 2", false), problem.Accepted, false, 0},
		{stdio("tokens", "1.0000001 2", false), problem.Accepted, true, 1}, // the default, written out
		{stdio("exact", "1.0000001 2", false), problem.WrongAnswer, true, 1},
		{stdio("float:1e-6", "1 2", false), problem.Accepted, true, 1},
		{stdio("float:1e-9", "1 2", false), problem.WrongAnswer, true, 1},
		{stdio("float:1e-9", "1 2", true), problem.WrongAnswer, true, 1},
		{stdio("tokens", "other", false), problem.WrongAnswer, true, 1},
		{stdio("tokens", "1.0000001 2", false), problem.Accepted, true, 2},
	} {
		d, err := v.Verify(t.Context(), c.p, problem.Program("x"), false)
		check(t, d, err, c.want)
		if got := v.Stats(); got.Executed != 1 || got.VerdictHits != c.verdicts || d.Cached != c.cached {
			t.Errorf("check %d: %+v, cached %v, want 1 run, %d hits, cached %v", i, got, d.Cached, c.verdicts, c.cached)
		}
	}
	d, err := v.Verify(t.Context(), stdio("tokens", "other", false), problem.Program("x"), true)
	check(t, d, err, problem.WrongAnswer)
	if got := v.Stats(); got.Executed != 2 || d.Cached {
		t.Errorf("fresh: %+v, cached %v, want a second run", got, d.Cached)
	}
}

// Limits that a record leaves open are answered from it; the others are part of the key.
func TestLimitsAndTheRunCache(t *testing.T) {
	v := fakeVerifier(&runner{do: passing})
	for _, c := range []struct {
		limits   problem.Limits
		executed int64
	}{
		{problem.Limits{}, 1},
		{problem.Limits{Seconds: 1}, 1},
		{problem.Limits{Seconds: 600, OutputKB: 1}, 1},
		{problem.Limits{MemoryMB: 100}, 2},
		{problem.Limits{Files: 10}, 3},
		{problem.Limits{FileKB: 10}, 4},
		{problem.DefaultLimits, 4},
	} {
		if _, err := v.Run(t.Context(), problem.RunRequest{Source: "x", Limits: c.limits}); err != nil {
			t.Fatal(err)
		}
		if got := v.Stats().Executed; got != c.executed {
			t.Errorf("after limits %+v %d runs, want %d", c.limits, got, c.executed)
		}
	}
}

// Unequal specs have unequal keys: the same bytes in another field, or cut elsewhere, are another spec.
func FuzzRunKey(f *testing.F) {
	f.Add([]byte("a"), []byte("b"), int64(1))
	f.Add([]byte(""), []byte("\x00\x00\x00\x00\x00\x00\x00\x00"), int64(0))
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00x"), []byte("x"), int64(8))
	f.Fuzz(func(t *testing.T, x, y []byte, n int64) {
		a, b := string(x), string(y)
		specs := []sandbox.Spec{
			{},
			{Steps: []sandbox.Step{step(a, y)}}, {Steps: []sandbox.Step{step(b, x)}}, {Steps: []sandbox.Step{step(a+b, nil)}}, {Steps: []sandbox.Step{step("", append(x[:len(x):len(x)], y...))}},
			{Steps: []sandbox.Step{step(a, nil), step(b, nil)}}, {Steps: []sandbox.Step{step("", x), step("", y)}},
			{Stdin: x}, {Stdin: y}, {Steps: []sandbox.Step{step(a, nil)}, Stdin: y},
			{Files: map[string][]byte{a: y}}, {Files: map[string][]byte{b: x}}, {Files: map[string][]byte{a: nil, b + "x": nil}}, {Files: map[string][]byte{a + b: nil}},
			{Fetch: []string{a}}, {Fetch: []string{a, b}}, {Fetch: []string{b, a}}, {Fetch: []string{a + b}},
			{Args: []string{a}}, {Args: []string{a, b}}, {Args: []string{b, a}}, {Args: []string{a + b}}, {Args: []string{a}, Fetch: []string{b}},
			{Seed: n}, {Start: time.Unix(0, n)}, {Limits: sandbox.Limits{Memory: n}}, {Limits: sandbox.Limits{Files: int(n)}}, {Limits: sandbox.Limits{FileBytes: n}},
		}
		keys := map[Key]int{}
		for i, s := range specs {
			k := runKey("id", &s)
			j, ok := keys[k]
			if ok && !same(specs[j], s) {
				t.Errorf("specs %d and %d have one key:\n%+v\n%+v", j, i, specs[j], s)
			}
			keys[k] = i
			if k == runKey("id2", &s) {
				t.Errorf("spec %d has one key on two images", i)
			}
		}
	})
}

func step(name string, source []byte) sandbox.Step { return sandbox.Step{Name: name, Source: source} }

// same tells whether two specs mean the same run; nil is empty, and the zero time is the default one.
func same(a, b sandbox.Spec) bool {
	norm := func(s sandbox.Spec) sandbox.Spec {
		if s.Start.IsZero() {
			s.Start = sandbox.DefaultStart
		}
		s.Start = time.Unix(0, s.Start.UnixNano())
		s.Stdin = bytes.Clone(append([]byte{}, s.Stdin...))
		steps := []sandbox.Step{}
		for _, st := range s.Steps {
			steps = append(steps, sandbox.Step{Name: st.Name, Source: append([]byte{}, st.Source...)})
		}
		s.Steps = steps
		files := map[string][]byte{}
		for k, v := range s.Files {
			files[k] = append([]byte{}, v...)
		}
		s.Files = files
		s.Args = append([]string{}, s.Args...)
		s.Fetch = append([]string{}, s.Fetch...)
		return s
	}
	return reflect.DeepEqual(norm(a), norm(b))
}
