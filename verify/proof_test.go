package verify

import (
	"context"
	"errors"
	"strings"
	"testing"

	"borel/problem"
)

// prover accepts the proof "right".
type prover struct {
	version string
	calls   int
	err     error
}

func (p *prover) Version() string { return p.version }

func (p *prover) Prove(_ context.Context, _ *problem.Check, proof string) (problem.Status, string, error) {
	p.calls++
	if p.err != nil {
		return "", "", p.err
	}
	if proof == "right" {
		return problem.Accepted, "", nil
	}
	return problem.WrongAnswer, "got " + proof, nil
}

func proofProblem() problem.Problem {
	return problem.Problem{Check: problem.Check{Kind: problem.KindProof, System: "metamath", Theorem: "id"}}
}

func TestProofs(t *testing.T) {
	m := &prover{version: "1"}
	v := New(Config{Runner: &runner{do: passing}, Runs: NewMemory(0), Verdicts: NewMemory(0), Provers: map[string]Prover{"metamath": m}})
	p := proofProblem()
	ask := func(p problem.Problem, sample string, fresh bool) problem.Verdict {
		t.Helper()
		d, err := v.Verify(t.Context(), &p, problem.Program(sample), fresh)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first := ask(p, "right", false)
	if first.Status != problem.Accepted || first.Reward == nil || *first.Reward != 1 || first.Cached {
		t.Errorf("got %+v, want a fresh accepted", first)
	}
	if d := ask(p, "right", false); !d.Cached || d.Key != first.Key || m.calls != 1 {
		t.Errorf("got %+v after %d calls, want it from the cache", d, m.calls)
	}
	if d := ask(p, "right", true); d.Cached || d.Key != first.Key || m.calls != 2 {
		t.Errorf("got %+v after %d calls, want it fresh", d, m.calls)
	}
	if d := ask(p, "left", false); d.Status != problem.WrongAnswer || d.Message != "got left" || d.Key == first.Key {
		t.Errorf("got %+v, want wrong_answer", d)
	}
	if r, err := v.Replay(t.Context(), first.Key); err != nil || !r.Same {
		t.Errorf("replay: got %+v %v, want the same", r, err)
	}
	m.version = "2"
	if d := ask(p, "right", false); d.Cached || d.Key == first.Key {
		t.Errorf("got %+v, want another key for another version", d)
	}
	for name, change := range map[string]func(*problem.Check){
		"system":    func(c *problem.Check) { c.System = "lean" },
		"theorem":   func(c *problem.Check) { c.Theorem = "id2" },
		"statement": func(c *problem.Check) { c.Statement = "x" },
	} {
		q := p
		change(&q.Check)
		if d := ask(q, "right", false); d.Cached || d.Key == first.Key {
			t.Errorf("%s: got %+v, want another key", name, d)
		}
	}
}

// TestUnknownProofs: what is not the proof's fault is no verdict on it, and is not kept.
func TestUnknownProofs(t *testing.T) {
	m := &prover{version: "1", err: errors.New("the database is on fire")}
	v := New(Config{Runner: &runner{do: passing}, Runs: NewMemory(0), Verdicts: NewMemory(0), Provers: map[string]Prover{"metamath": m}})
	p := proofProblem()
	d, err := v.Verify(t.Context(), &p, problem.Program("right"), false)
	if err != nil || d.Status != problem.Unknown || d.Reward != nil || d.Error != "the database is on fire" {
		t.Errorf("got %+v %v, want unknown", d, err)
	}
	m.err = nil
	if d, err := v.Verify(t.Context(), &p, problem.Program("right"), false); err != nil || d.Status != problem.Accepted {
		t.Errorf("got %+v %v, want accepted now", d, err)
	}
	p.Check.System = "lean"
	if d, err := v.Verify(t.Context(), &p, problem.Program("right"), false); err != nil || d.Status != problem.Unknown || !strings.Contains(d.Error, "no prover of lean") {
		t.Errorf("got %+v %v, want unknown: there is no such prover", d, err)
	}

	// A problem that only the prover can see to be wrong is the caller's fault, not the service's.
	p = proofProblem()
	m.err = problem.Invalidf("check.theorem", "is not known")
	_, err = v.Verify(t.Context(), &p, problem.Program("new"), false)
	if e, ok := errors.AsType[*problem.Invalid](err); !ok || e.Field != "problem.check.theorem" {
		t.Errorf("got %v, want a fault of problem.check.theorem", err)
	}
	held := problem.Problem{Check: problem.Check{Kind: problem.KindAnswer, Answer: "right", HeldOut: &p.Check}}
	_, err = v.Verify(t.Context(), &held, problem.Text("new"), false)
	if e, ok := errors.AsType[*problem.Invalid](err); !ok || e.Field != "problem.check.held_out.theorem" {
		t.Errorf("held out: got %v, want a fault of problem.check.held_out.theorem", err)
	}
}

// changing is a prover whose version is another after each proof.
type changing struct{ prover }

func (c *changing) Prove(ctx context.Context, check *problem.Check, proof string) (problem.Status, string, error) {
	c.version += "+"
	return c.prover.Prove(ctx, check, proof)
}

// TestProverChanges: a verdict of one database must not be kept under the name of another.
func TestProverChanges(t *testing.T) {
	v := New(Config{Runner: &runner{do: passing}, Runs: NewMemory(0), Verdicts: NewMemory(0), Provers: map[string]Prover{"metamath": &changing{prover{version: "1"}}}})
	p := proofProblem()
	d, err := v.Verify(t.Context(), &p, problem.Program("right"), false)
	if err != nil || d.Status != problem.Unknown || !strings.Contains(d.Error, "from proof/1 1 to proof/1 1+") {
		t.Errorf("got %+v %v, want unknown", d, err)
	}
}

func TestExtractProof(t *testing.T) {
	const fence = "```"
	text := problem.Text
	for _, c := range []struct {
		name, system string
		sample       problem.Sample
		proof, rule  string
	}{
		{"program", "lean", problem.Program("a " + fence), "a " + fence, "program"},
		{"completion", "lean", problem.Completion("  simp"), "  simp", "completion"},
		{"whole text", "metamath", text("wp id"), "wp id", "text:whole"},
		{"block", "lean", text("So:\n" + fence + "lean4\nsimp\n" + fence + "\nDone."), "simp\n", "fenced:last"},
		{"last block", "lean", text(fence + "lean\na\n" + fence + "\n" + fence + "lean\nb\n" + fence), "b\n", "fenced:last"},
		{"tagged before others", "lean", text(fence + "lean\na\n" + fence + "\n" + fence + "\nb\n" + fence), "a\n", "fenced:last"},
		{"untagged", "metamath", text(fence + "\na\n" + fence), "a\n", "fenced:last"},
		{"mm", "metamath", text(fence + "mm\na\n" + fence + "\n" + fence + "text\nb\n" + fence), "a\n", "fenced:last"},
		{"unclosed", "lean", text("So:\n" + fence + "lean\nsimp"), "simp", "fenced:unclosed"},
		{"unclosed behind another", "lean", text(fence + "text\na\n" + fence + "\n" + fence + "lean\nsimp"), "simp", "fenced:unclosed"},
		{"thought", "lean", text("<think>\n" + fence + "lean\na\n" + fence + "\n</think>\nsimp"), "\nsimp", "text:whole"},
		{"only thought", "lean", text("<think>\n" + fence + "lean\na\n" + fence + "\n"), "a\n", "fenced:last+think"},
		{"nothing", "lean", text(" \n"), "", ""},
		{"empty blocks", "lean", text("x\n" + fence + "\n" + fence), "x\n" + fence + "\n" + fence, "text:whole"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := problem.Problem{Prompt: "prompt", Check: problem.Check{Kind: problem.KindProof, System: c.system}}
			proof, rule, ok := extract(&p, c.sample)
			if proof != c.proof || rule != c.rule || ok != (c.rule != "") {
				t.Errorf("got %q by %q, want %q by %q", proof, rule, c.proof, c.rule)
			}
		})
	}
}
