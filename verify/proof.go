package verify

import (
	"context"
	"fmt"
	"strings"

	"borel/problem"
)

// Prover decides proofs of one proof system. It is safe for concurrent use.
type Prover interface {
	// Version names the checker and all else that decisions depend on besides the check and the proof: the database, or
	// the environment that proofs are checked in.
	Version() string
	// Prove decides a proof of what c states. The status is accepted, wrong_answer (it is no proof of that),
	// compile_error (it cannot be read) or a limit that was met. The error is an *[problem.Invalid] of c, whose field
	// begins with check, ctx's own, or a fault of the service.
	Prove(ctx context.Context, c *problem.Check, proof string) (status problem.Status, message string, err error)
}

// proof has a sample decided by a prover. No program is run.
type proof struct {
	c      *problem.Check
	prover Prover // nil: this service has none
	under  string // the version that stands in the key
}

func newProof(c *problem.Check, prover Prover) *proof {
	p := &proof{c: c, prover: prover, under: "proof/1"}
	if prover != nil {
		p.under += " " + prover.Version()
	}
	return p
}

func (*proof) runsNothing() bool { return true }

func (p *proof) version() string { return p.under }

func (p *proof) key(w *keyWriter) {
	w.text(p.c.System)
	w.text(p.c.Theorem)
	w.text(p.c.Statement)
}

func (p *proof) decide(ctx context.Context, text string, d *decision) error {
	if p.prover == nil {
		return fmt.Errorf("no prover of %s is set up here", p.c.System)
	}
	status, message, err := p.prover.Prove(ctx, p.c, text)
	if err != nil {
		return err
	}
	if now := newProof(p.c, p.prover).under; now != p.under {
		return fmt.Errorf("what proofs are checked with has changed from %s to %s meanwhile", p.under, now)
	}
	d.Status, d.Message = status, message
	w := newKey("proof")
	w.text(string(status))
	w.text(message)
	d.Behaviour = shortDigest(w)
	return nil
}

// extractProof takes the proof out of a sample, and names the rule that did. A proof continues no prompt: completions
// are taken as they are.
//
//	sample      rule             the proof is
//	completion  completion       the completion, literally
//	program     program          the program, literally
//	text        fenced:last      the last complete block with content, those tagged as the system before others
//	text        fenced:unclosed  the last block, which was not closed
//	text        text:whole       all of it
//
// Of a text only what is [visible] is looked at; "+think" is as at [extract].
func extractProof(system string, s problem.Sample) (proof, rule string, ok bool) {
	switch {
	case s.Completion != nil:
		return *s.Completion, "completion", true
	case s.Program != nil:
		return *s.Program, "program", true
	}
	text := s.Raw()
	start, end, thought := visible(text)
	text = text[start:end]
	proof, rule = text, "text:whole"
	tagged := false
	for b := range blocks(text) {
		ours := strings.HasPrefix(b.tag, system) || system == "metamath" && b.tag == "mm"
		if code := b.code(); strings.TrimSpace(code) == "" || tagged && !ours {
			continue
		} else if b.closed {
			proof, rule, tagged = code, "fenced:last", ours
		} else if rule == "text:whole" || ours && !tagged {
			proof, rule = code, "fenced:unclosed"
		}
	}
	if strings.TrimSpace(proof) == "" {
		return "", "", false
	}
	if thought {
		rule += "+think"
	}
	return proof, rule, true
}
