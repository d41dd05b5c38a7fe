package store_test

import (
	"context"
	"testing"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
	"borel/store"
	"borel/verify"
)

// steady is a Runner that does the same for every program.
type steady struct{}

func (steady) Identity(context.Context, languages.Guest) (string, error) { return "steady", nil }

func (steady) Run(_ context.Context, g languages.Guest, s sandbox.Spec) (sandbox.Result, error) {
	return sandbox.Result{Reason: sandbox.Finished, Returned: []uint32{0, 0}, Stdout: []byte(g.Language), Fuel: int64(g.HashSeed)}, nil
}

// A verdict can be looked up and made again by whoever opens the folder later.
func TestVerdictsOutliveTheProcess(t *testing.T) {
	dir := t.TempDir()
	verifier := func(s *store.Store) *verify.Verifier {
		return verify.New(verify.Config{Runner: steady{}, Runs: s.Runs(), Verdicts: s.Verdicts()})
	}
	s := open(t, store.Config{Dir: dir})
	p := problem.Problem{Check: problem.Check{Kind: problem.KindUnit, Tests: "assert f() == 5"}, Variant: problem.Variant{HashSeed: 42}}
	d, err := verifier(s).Verify(t.Context(), &p, problem.Program("def f(): return 5"), false)
	if err != nil || d.Status != problem.Accepted || d.Fuel != 42 {
		t.Fatalf("got %+v, %v", d, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	v := verifier(open(t, store.Config{Dir: dir}))
	got, err := v.Lookup(t.Context(), d.Key)
	if err != nil || got.Status != d.Status || got.Fuel != 42 || got.Program != "def f(): return 5" {
		t.Errorf("looked up %+v, %v", got, err)
	}
	r, err := v.Replay(t.Context(), d.Key)
	if err != nil || !r.Same || r.Fuel != 42 || r.Key != d.Key {
		t.Errorf("replayed %+v, %v", r, err)
	}
	if n := v.Stats().Executed; n != 1 {
		t.Errorf("%d runs, want 1", n)
	}
}
