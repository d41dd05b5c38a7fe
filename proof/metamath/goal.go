package metamath

import (
	"context"
	"errors"
	"slices"
	"strings"

	"borel/problem"
)

// Goal is a statement to be proved, and what is active where it stands.
type Goal struct {
	db    *Database
	limit int32 // the statements of db below it may be used
	statement
	own []statement // of the statement's text, where db has it not; numbered from limit on

	floating, essential []int32
	apart               []pair
	vars                []symbol
}

// Theorem is the goal to prove a $p of the database. The error is an *[problem.Invalid] for field.
func (db *Database) Theorem(label, field string) (*Goal, error) {
	i, ok := db.labels[label]
	if !ok {
		return nil, problem.Invalidf(field, "the database has no %q", clip(label))
	}
	s := db.statements[i]
	if s.kind != 'p' {
		return nil, problem.Invalidf(field, "%s is a $%c of the database, not a theorem", label, s.kind)
	}
	g := &Goal{db: db, limit: i, statement: s}
	activeAt(db.hyps, i, func(h int32) {
		if db.statements[h].kind == 'f' {
			g.floating = append(g.floating, h)
		} else {
			g.essential = append(g.essential, h)
		}
	})
	activeAt(db.vars, i, func(v symbol) { g.vars = append(g.vars, v) })
	activeAt(db.apart, i, func(p pair) { g.apart = append(g.apart, p) })
	return g, nil
}

// Prove decides a sample: one of
//
//	( ax-mp a1i ) ABCD          a proof, compressed or not; $= before it and $. behind it may stand
//	LABEL $p … $= … $.          the theorem with its proof, as the database words it
//	lemma $p … $= … $. …        theorems of the sample's own, then the theorem
//
// In the latter two, blocks, $e, $f and $d may stand. The theorem's proof has the hypotheses and the disjointness of the
// database, whether or not they are said again, and besides them the sample's $d of variables that the theorem does not
// mention. Lemmas have only what the sample says before them. Refused are $a, $c, $v, $[, labels that the database has
// anywhere (but for the theorem's own hypotheses, said again), and anything behind the theorem.
//
// The status is accepted, wrong_answer, compile_error (the text is not Metamath) or time_limit_exceeded (a limit was
// met). The error is ctx's own.
func (g *Goal) Prove(ctx context.Context, text string) (problem.Status, string, error) {
	err := g.prove(ctx, text)
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.status, r.message, nil
	}
	if err != nil {
		return "", "", err
	}
	return problem.Accepted, "", nil
}

func (g *Goal) prove(ctx context.Context, text string) error {
	if len(text) > maxSample {
		return exceeded("bytes", maxSample)
	}
	s, err := newScanner(text)
	if err != nil {
		return err
	}
	r := &reader{ctx: ctx, scanner: s, check: true, base: g.db, limit: g.limit, goal: g, limits: sampleLimits}
	g.activate(r)
	bare, err := bareProof(text)
	if err != nil {
		return err
	}
	if bare != nil {
		r.scanner, r.bare = bare, true
		return r.proof(&g.statement, g.essential, g.apart)
	}
	if err := r.read(); err != nil {
		return err
	}
	if !r.proved {
		return wrong("%s is not proved: it does not occur", g.label)
	}
	return nil
}

// activate gives r what is active at the goal, except for $e and $d.
func (g *Goal) activate(r *reader) {
	r.own = &Database{statements: slices.Clip(g.own), labels: map[string]int32{}}
	for i, s := range g.own {
		r.own.labels[s.label] = g.limit + int32(i)
	}
	r.floating, r.vars = slices.Clip(g.floating), slices.Clip(g.vars)
	r.float = make(map[symbol]int32, len(g.floating))
	for _, f := range g.floating {
		r.float[r.at(f).expr[1]] = f
	}
	r.active = make(map[symbol]bool, len(g.vars))
	for _, v := range g.vars {
		r.active[v] = true
	}
	r.grow(len(g.db.names))
}

// bareProof is the proof of a sample that consists of one, nil of others. $= before it and $. behind it are taken off.
func bareProof(text string) (*scanner, error) {
	s := &scanner{text: text}
	from, to := 0, len(text)
	for first := true; ; first = false {
		t, err := s.next()
		switch {
		case err != nil:
			return nil, err
		case t == "":
			return &scanner{text: text[:to], at: from}, nil
		case to < len(text): // something behind $.
			return nil, nil
		case t == "$=" && first:
			from = s.at
		case t == "$.":
			to = s.at - len(t)
		case t[0] == '$':
			return nil, nil
		}
	}
}

// restates reports whether a hypothesis is one that is active at g, said again.
func (g *Goal) restates(r *reader, label string, kind byte, expr []symbol) bool {
	for _, list := range [][]int32{g.floating, g.essential} {
		for _, h := range list {
			if s := r.at(h); s.label == label && s.kind == kind && slices.Equal(s.expr, expr) {
				return true
			}
		}
	}
	return false
}

// prove checks the proof of the goal, which is about to be read. Of what the sample has made active, its $e count for
// nothing here, and its $d where they would strengthen the theorem's own.
func (r *reader) prove(expr []symbol) error {
	g := r.goal
	if !slices.Equal(expr, g.expr) {
		return wrong("line %d: %s states %s, not %s", r.line(), g.label, r.show(expr), r.show(g.expr))
	}
	mandatory := map[symbol]bool{}
	for _, h := range g.hyps {
		if s := r.at(h); s.kind == 'f' {
			mandatory[s.expr[1]] = true
		}
	}
	apart := slices.Clone(g.apart)
	for _, p := range r.apart {
		if !mandatory[p[0]] || !mandatory[p[1]] {
			apart = append(apart, p)
		}
	}
	for _, h := range g.essential { // lemmas may have meant their own
		r.own.labels[r.at(h).label] = h
	}
	r.proved = true
	return r.proof(&g.statement, g.essential, apart)
}

// Statement is the goal to prove what text states, over the whole database: hypotheses, $d and one $p, whose proof is ?,
// as in
//
//	${ new.1 $e |- ph $. new $p |- ( ps -> ph ) $= ? $. $}
//
// The error is an *[problem.Invalid] for field, or ctx's own.
func (db *Database) Statement(ctx context.Context, text, field string) (*Goal, error) {
	g := &Goal{db: db, limit: int32(len(db.statements))}
	activeAt(db.hyps, g.limit, func(h int32) { // outside of all blocks there are no $e
		g.floating = append(g.floating, h)
	})
	activeAt(db.vars, g.limit, func(v symbol) { g.vars = append(g.vars, v) })
	activeAt(db.apart, g.limit, func(p pair) { g.apart = append(g.apart, p) })
	if len(text) > maxSample {
		return nil, problem.Invalidf(field, "has %d bytes, the limit is %d", len(text), maxSample)
	}
	s, err := newScanner(text)
	if err == nil {
		r := &reader{ctx: ctx, scanner: s, base: db, limit: g.limit, stated: g, limits: sampleLimits}
		g.activate(r)
		r.apart = slices.Clip(g.apart)
		if err = r.read(); err == nil && !r.proved {
			err = wrong("has no $p")
		}
	}
	if bad, ok := errors.AsType[*refusal](err); ok {
		return nil, problem.Invalidf(field, "%s", bad.message)
	}
	return g, err
}

// state makes a $p that was read the goal, with what is active there.
func (r *reader) state(s statement) error {
	for _, want := range []string{"?", "$."} {
		if t, err := r.next(); err != nil {
			return err
		} else if t != want {
			return wrong("line %d: the proof of the $p must be ?", r.line())
		}
	}
	g := r.stated
	g.statement, g.own = s, slices.Clone(r.own.statements)
	g.label = strings.Clone(s.label)
	g.floating, g.essential, g.apart, g.vars = slices.Clone(r.floating), slices.Clone(r.essential), slices.Clone(r.apart), slices.Clone(r.vars)
	r.proved = true
	return nil
}
