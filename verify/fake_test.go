package verify

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
)

// runner is a Runner that does what do says; calls are numbered from 1.
type runner struct {
	do    func(ctx context.Context, call int64) (sandbox.Result, error)
	calls atomic.Int64
}

func (r *runner) Identity(context.Context, languages.Guest) (string, error) { return "fake", nil }

func (r *runner) Run(ctx context.Context, _ languages.Guest, _ sandbox.Spec) (sandbox.Result, error) {
	return r.do(ctx, r.calls.Add(1))
}

// passes is the result of a program and tests that ran to their ends.
var passes = sandbox.Result{Reason: sandbox.Finished, Returned: []uint32{0, 0}, Fuel: 7}

func passing(context.Context, int64) (sandbox.Result, error) { return passes, nil }

var errBroken = errors.New("the sandbox broke")

// cache is a Cache whose methods can be replaced.
type cache struct {
	*Memory
	get func(Key) ([]byte, bool, error)
	put func(Key, []byte) error
}

func (c cache) Get(k Key) ([]byte, bool, error) {
	if c.get != nil {
		return c.get(k)
	}
	return c.Memory.Get(k)
}

func (c cache) Put(k Key, value []byte) error {
	if c.put != nil {
		return c.put(k, value)
	}
	return c.Memory.Put(k, value)
}

func fakeVerifier(r *runner) *Verifier {
	return New(Config{Runner: r, Runs: NewMemory(0), Verdicts: NewMemory(0)})
}

var unitProblem = problem.Problem{ID: "p", Check: problem.Check{Kind: problem.KindUnit, Tests: "assert f() == 5"}}

// check fails the test unless d is of that status, with the reward that belongs to it.
func check(t *testing.T, d problem.Verdict, err error, want problem.Status) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if d.Status != want {
		t.Errorf("got %s (%s%s), want %s", d.Status, d.Message, d.Error, want)
	}
	switch {
	case want == problem.Unknown && (d.Reward != nil || d.Error == "" || d.Cached):
		t.Errorf("unknown with reward %v, error %q, cached %v", d.Reward, d.Error, d.Cached)
	case want != problem.Unknown && (d.Reward == nil || (*d.Reward == 1) != (want == problem.Accepted) || d.Error != ""):
		t.Errorf("%s with reward %v and error %q", want, d.Reward, d.Error)
	}
}
