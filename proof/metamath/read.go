package metamath

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Read reads a database: one file, without includes, that keeps every rule of the book. With proofs, those are checked
// too, and an incomplete one (?) is a fault. The error says what is wrong and where, or is ctx's own.
func Read(ctx context.Context, text string, proofs bool) (*Database, error) {
	s, err := newScanner(text)
	if err != nil {
		return nil, err
	}
	db := &Database{symbols: map[string]symbol{}, labels: map[string]int32{}}
	r := &reader{
		ctx: ctx, scanner: s, database: true, check: proofs, base: db, own: db, limits: unlimited,
		float: map[symbol]int32{}, active: map[symbol]bool{},
	}
	if err := r.read(); err != nil {
		return nil, err
	}
	db.statements, db.hyps, db.apart = slices.Clip(db.statements), slices.Clip(db.hyps), slices.Clip(db.apart)
	return db, nil
}

// reader reads statements, of a database or of a sample, and keeps what is active.
type reader struct {
	ctx context.Context
	*scanner
	database bool // not a sample: $c, $v and $a are allowed
	check    bool // proofs
	bare     bool // the text is a proof alone, which its end ends

	base  *Database // has the symbols, and the statements below limit
	limit int32     // 0 for a database, which is base and own
	own   *Database // what is read now: its statements are numbered from limit on

	// What is active now. Hypotheses and pairs are stacks, of which blocks knows how many to keep.
	float     map[symbol]int32 // the $f of a variable
	active    map[symbol]bool  // variables
	floating  []int32          // $f, in order
	essential []int32          // $e, in order
	apart     []pair
	vars      []symbol
	blocks    []block

	goal   *Goal // what a sample is to prove; nil otherwise
	stated *Goal // what the text of a problem states is to go here; nil otherwise
	proved bool  // goal is, or stated is known

	limits limits
	used   limits
	scratch
}

// block is what was active when one was opened, and how much own had recorded.
type block struct {
	floating, essential, apart, vars int
	ownHyps, ownVars, ownApart       int
}

func (r *reader) at(i int32) *statement {
	if i < r.limit {
		return &r.base.statements[i]
	}
	return &r.own.statements[i-r.limit]
}

// count is how many statements there are now.
func (r *reader) count() int32 { return r.limit + int32(len(r.own.statements)) }

// find is the statement that has a label and may be used.
func (r *reader) find(label string) (int32, bool) {
	if i, ok := r.own.labels[label]; ok {
		return i, true
	}
	i, ok := r.base.labels[label]
	return i, ok && i < r.limit
}

// symbol is the number of a symbol that is active.
func (r *reader) symbol(token string) (symbol, error) {
	s, ok := r.base.symbols[token]
	if ok {
		if r.base.variable[s] {
			ok = r.active[s]
		} else {
			ok = r.database || r.base.since[s] <= r.limit
		}
	}
	if !ok {
		return 0, malformed("line %d: %s is not an active math symbol", r.line(), clip(token))
	}
	return s, nil
}

// read reads statements up to the end of the text.
func (r *reader) read() error {
	for {
		t, err := r.next()
		if err != nil {
			return err
		}
		switch t {
		case "":
			if len(r.blocks) > 0 {
				return malformed("%d blocks are not closed by $}", len(r.blocks))
			}
			return nil
		case "${":
			if r.proved {
				return r.trailing(t)
			}
			if len(r.blocks) == maxBlocks {
				return exceeded("blocks inside one another", maxBlocks)
			}
			r.blocks = append(r.blocks, block{len(r.floating), len(r.essential), len(r.apart), len(r.vars), len(r.own.hyps), len(r.own.vars), len(r.own.apart)})
		case "$}":
			if len(r.blocks) == 0 {
				return malformed("line %d: $} without ${", r.line())
			}
			last := len(r.blocks) - 1
			r.closeBlock(r.blocks[last])
			r.blocks = r.blocks[:last]
		default:
			if r.proved {
				return r.trailing(t)
			}
			if err := r.statement(t); err != nil {
				return err
			}
		}
	}
}

func (r *reader) trailing(token string) error {
	return wrong("line %d: %s: nothing may follow the theorem", r.line(), clip(token))
}

// statement reads the one that token begins.
func (r *reader) statement(token string) error {
	switch token {
	case "$c", "$v":
		if !r.database {
			return wrong("line %d: %s: a sample may not declare symbols", r.line(), token)
		}
		return r.declare(token)
	case "$d":
		return r.disjoint()
	}
	if !isLabel(token) {
		return malformed("line %d: %s is neither a label nor a keyword that can stand here", r.line(), clip(token))
	}
	kind, err := r.next()
	if err != nil {
		return err
	}
	switch kind {
	case "$f", "$e":
		return r.hypothesis(token, kind[1])
	case "$a":
		if !r.database {
			return wrong("line %d: %s $a: a sample may not add axioms", r.line(), clip(token))
		}
		expr, err := r.expression("$.")
		if err != nil {
			return err
		}
		s, err := r.frame(token, 'a', expr)
		if err == nil {
			err = r.fresh(token)
		}
		if err != nil {
			return err
		}
		r.add(s)
		return nil
	case "$p":
		return r.theorem(token)
	}
	return malformed("line %d: label %s is followed by %s instead of $f, $e, $a or $p", r.line(), clip(token), clip(kind))
}

// closeBlock makes inactive what became active since b, and records that it did.
func (r *reader) closeBlock(b block) {
	end := r.count()
	close(r.own.hyps[b.ownHyps:], end)
	close(r.own.vars[b.ownVars:], end)
	close(r.own.apart[b.ownApart:], end)
	for _, f := range r.floating[b.floating:] {
		delete(r.float, r.at(f).expr[1])
	}
	for _, v := range r.vars[b.vars:] {
		delete(r.active, v)
	}
	r.floating, r.essential, r.apart, r.vars = r.floating[:b.floating], r.essential[:b.essential], r.apart[:b.apart], r.vars[:b.vars]
}

// declare reads the rest of $c or $v.
func (r *reader) declare(kind string) error {
	if kind == "$c" && len(r.blocks) > 0 {
		return malformed("line %d: $c inside a block", r.line())
	}
	for n := 0; ; n++ {
		t, err := r.next()
		if err != nil {
			return err
		}
		if t == "$." && n > 0 {
			return nil
		}
		if t == "" || strings.Contains(t, "$") {
			return malformed("line %d: %s %s: not a list of symbols", r.line(), kind, clip(t))
		}
		db := r.own
		s, known := db.symbols[t]
		if _, ok := db.labels[t]; ok || known && (kind == "$c" || !db.variable[s] || r.active[s]) {
			return malformed("line %d: %s %s: declared before", r.line(), kind, clip(t))
		}
		if !known {
			s = symbol(len(db.names))
			t = strings.Clone(t)
			db.symbols[t] = s
			db.names = append(db.names, t)
			db.variable = append(db.variable, kind == "$v")
			db.since = append(db.since, r.count())
			r.grow(len(db.names))
		}
		if kind == "$v" {
			r.active[s] = true
			r.vars = append(r.vars, s)
			db.vars = append(db.vars, span[symbol]{s, r.count(), forever})
		}
	}
}

// disjoint reads the rest of $d.
func (r *reader) disjoint() error {
	var list []symbol
	for {
		t, err := r.next()
		if err != nil {
			return err
		}
		if t == "$." {
			break
		}
		s, err := r.symbol(t)
		if err != nil {
			return err
		}
		if !r.base.variable[s] {
			return malformed("line %d: $d %s: not a variable", r.line(), clip(t))
		}
		if slices.Contains(list, s) {
			return malformed("line %d: $d names %s twice", r.line(), clip(t))
		}
		if err := errors.Join(r.work(len(list)), r.keep(pairCost*len(list))); err != nil {
			return err
		}
		for _, o := range list {
			p := newPair(o, s)
			r.apart = append(r.apart, p)
			if r.database {
				r.own.apart = append(r.own.apart, span[pair]{p, r.count(), forever})
			}
		}
		list = append(list, s)
	}
	if len(list) < 2 {
		return malformed("line %d: $d needs two variables", r.line())
	}
	return nil
}

// expression reads a typecode and symbols up to end.
func (r *reader) expression(end string) ([]symbol, error) {
	var expr []symbol
	for {
		t, err := r.next()
		if err != nil {
			return nil, err
		}
		if t == end {
			break
		}
		if t == "" {
			return nil, malformed("a statement does not end with %s", end)
		}
		s, err := r.symbol(t)
		if err != nil {
			return nil, err
		}
		if v := r.base.variable[s]; v && len(expr) == 0 {
			return nil, malformed("line %d: %s begins a statement and is not a constant", r.line(), clip(t))
		} else if _, ok := r.float[s]; v && !ok {
			return nil, malformed("line %d: variable %s has no active $f", r.line(), clip(t))
		}
		expr = append(expr, s)
	}
	if len(expr) == 0 {
		return nil, malformed("line %d: a statement without a typecode", r.line())
	}
	return slices.Clip(expr), r.work(len(expr))
}

// hypothesis reads the rest of a $f or $e.
func (r *reader) hypothesis(label string, kind byte) error {
	var expr []symbol
	var err error
	if kind == 'e' {
		if expr, err = r.expression("$."); err != nil {
			return err
		}
	} else if expr, err = r.typed(); err != nil {
		return err
	}
	again := false
	if r.goal != nil {
		if err := r.work(len(r.goal.floating) + len(r.goal.essential)); err != nil {
			return err
		}
		again = r.goal.restates(r, label, kind, expr)
	}
	if kind == 'f' {
		if again {
			return nil // active already
		}
		if _, ok := r.float[expr[1]]; ok {
			return malformed("line %d: %s $f: variable %s has one that is active", r.line(), clip(label), r.base.names[expr[1]])
		}
	}
	i := r.count()
	if old, ok := r.own.labels[label]; !again || ok && slices.Contains(r.essential, old) {
		if err := r.fresh(label); err != nil {
			return err
		}
	}
	r.add(statement{label: label, kind: kind, expr: expr})
	if r.database {
		r.own.hyps = append(r.own.hyps, span[int32]{i, i, forever})
	}
	if kind == 'e' {
		r.essential = append(r.essential, i)
	} else {
		r.floating = append(r.floating, i)
		r.float[expr[1]] = i
	}
	return nil
}

// typed reads the typecode and the variable of a $f.
func (r *reader) typed() ([]symbol, error) {
	expr := make([]symbol, 2)
	for i := range expr {
		t, err := r.next()
		if err != nil {
			return nil, err
		}
		s, err := r.symbol(t)
		if err != nil {
			return nil, err
		}
		if r.base.variable[s] != (i == 1) {
			return nil, malformed("line %d: $f needs a constant and a variable", r.line())
		}
		expr[i] = s
	}
	t, err := r.next()
	if err == nil && t != "$." {
		err = malformed("line %d: $f needs one constant and one variable", r.line())
	}
	return expr, err
}

// frame makes an assertion of an expression: with its mandatory hypotheses and disjointness.
func (r *reader) frame(label string, kind byte, expr []symbol) (statement, error) {
	n := len(r.floating) + len(expr) + len(r.apart)
	for _, e := range r.essential {
		n += 1 + len(r.at(e).expr)
	}
	if err := r.work(n); err != nil {
		return statement{}, err
	}
	s := statement{label: label, kind: kind, expr: expr}
	set := func(expr []symbol, to bool) {
		for _, v := range expr {
			r.mark[v] = to
		}
	}
	set(expr, true)
	for _, e := range r.essential {
		set(r.at(e).expr, true)
	}
	for _, f := range r.floating {
		if r.mark[r.at(f).expr[1]] {
			s.hyps = append(s.hyps, f)
		}
	}
	s.hyps = append(s.hyps, r.essential...)
	slices.Sort(s.hyps)
	for _, p := range r.apart {
		if r.mark[p[0]] && r.mark[p[1]] {
			s.apart = append(s.apart, p)
		}
	}
	slices.SortFunc(s.apart, func(a, b pair) int { return slices.Compare(a[:], b[:]) })
	s.apart = slices.Clone(slices.Compact(s.apart))
	s.hyps = slices.Clip(s.hyps)
	set(expr, false)
	for _, e := range r.essential {
		set(r.at(e).expr, false)
	}
	return s, r.keep(len(expr) + len(s.hyps) + 2*len(s.apart))
}

// add keeps a statement.
func (r *reader) add(s statement) {
	s.label = strings.Clone(s.label)
	r.own.labels[s.label] = r.count()
	r.own.statements = append(r.own.statements, s)
}

// fresh refuses a label that is one already, anywhere in the database, or a math symbol.
func (r *reader) fresh(label string) error {
	if _, symbol := r.base.symbols[label]; symbol {
		return wrong("line %d: label %s is a math symbol", r.line(), clip(label))
	}
	_, taken := r.base.labels[label]
	if !taken {
		_, taken = r.own.labels[label]
	}
	if taken {
		return wrong("line %d: label %s is taken", r.line(), clip(label))
	}
	return nil
}

// theorem reads the rest of a $p, and checks its proof.
func (r *reader) theorem(label string) error {
	expr, err := r.expression("$=")
	if err != nil {
		return err
	}
	if r.goal != nil && label == r.goal.label {
		return r.prove(expr)
	}
	s, err := r.frame(label, 'p', expr)
	if err != nil {
		return err
	}
	if err := r.fresh(label); err != nil {
		return err
	}
	if r.stated != nil {
		return r.state(s)
	}
	if r.check {
		err = r.proof(&s, r.essential, r.apart)
	} else {
		err = r.skipProof()
	}
	if err != nil {
		return err
	}
	r.add(s)
	return nil
}

func (r *reader) skipProof() error {
	for {
		t, err := r.next()
		switch {
		case err != nil:
			return err
		case t == "":
			return malformed("a proof does not end with $.")
		case t == "$.":
			return nil
		}
	}
}
