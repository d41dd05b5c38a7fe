package metamath

import (
	"errors"
	"slices"
)

// limits bound what one sample may make the checker do. All are counts, so that a verdict is the same everywhere.
type limits struct {
	work  int // symbols looked at
	built int // symbols kept until the sample is decided, of four bytes each: of expressions that proofs build, and the like
}

// Limits of a sample: twenty times and more what any theorem of set.mm needs (TestLimitsAreAmple).
const (
	maxSample     = 4 << 20 // bytes
	maxBlocks     = 1000    // inside one another
	maxStack      = 10_000  // expressions
	maxExpression = 1 << 18 // symbols
)

var (
	sampleLimits = limits{work: 256 << 20, built: 8 << 20}
	unlimited    = limits{1 << 62, 1 << 62}
)

func (r *reader) work(n int) error {
	if r.used.work += n; r.used.work > r.limits.work {
		return exceeded("symbols to look at", r.limits.work)
	}
	return nil
}

// keep counts what is kept of a sample.
func (r *reader) keep(n int) error {
	if r.used.built += n; r.used.built > r.limits.built {
		return exceeded("symbols in all expressions", r.limits.built)
	}
	return nil
}

// pairCost is what a pair of $d counts for: proofs make maps of them.
const pairCost = 16

// scratch is what checks of proofs share. All but the arena is as it was before, after each step.
type scratch struct {
	mark   []bool     // of symbols
	slot   []int32    // of symbols: 1 + its place in values, 0 for what is not substituted
	values [][]symbol // of the variables of the assertion that is applied, with typecodes
	inside [][]symbol // the variables in each value, once they were asked for
	stack  [][]symbol
	saved  [][]symbol
	arena  []symbol // the rest of a chunk
	chunk  int
	steps  int

	// For tests: the highest stack, the longest expression, and what the largest proof used.
	deepest, longest int
	largest          limits
}

// grow makes room for n symbols.
func (c *scratch) grow(n int) {
	c.mark = append(c.mark, make([]bool, n-len(c.mark))...)
	c.slot = append(c.slot, make([]int32, n-len(c.slot))...)
}

// alloc is an empty expression with room for n symbols.
func (c *scratch) alloc(n int) []symbol {
	if n > len(c.arena) {
		c.chunk = min(max(2*c.chunk, 1<<12), 1<<18)
		c.arena = make([]symbol, max(c.chunk, n))
	}
	e := c.arena[:0:n]
	c.arena = c.arena[n:]
	return e
}

// attempt is one proof that is being checked.
type attempt struct {
	*reader
	goal      *statement
	essential []int32 // the $e that may be used
	apart     []pair  // what is known to be disjoint
	known     map[pair]bool
}

// proof reads a proof of goal up to $. and checks it.
func (r *reader) proof(goal *statement, essential []int32, apart []pair) error {
	a := &attempt{reader: r, goal: goal, essential: essential, apart: apart}
	before := r.used
	defer func() {
		r.largest.work = max(r.largest.work, r.used.work-before.work)
		r.largest.built = max(r.largest.built, r.used.built-before.built)
	}()
	r.stack, r.saved = r.stack[:0], r.saved[:0]
	t, err := r.step()
	if err != nil {
		return err
	}
	if t == "(" {
		err = a.compressed()
	} else {
		err = a.normal(t)
	}
	if err != nil {
		return err
	}
	if len(r.stack) != 1 {
		return wrong("the proof of %s leaves %d expressions, not one", goal.label, len(r.stack))
	}
	if got := r.stack[0]; !slices.Equal(got, goal.expr) {
		return wrong("the proof of %s proves %s", goal.label, r.show(got))
	}
	return nil
}

// step is the next token of a proof, "" at its end.
func (r *reader) step() (string, error) {
	t, err := r.next()
	switch {
	case err != nil:
		return "", err
	case t == "" && !r.bare, t != "" && t[0] == '$' && (t != "$." || r.bare):
		return "", malformed("line %d: %s inside a proof, which $. ends", r.line(), clip(t))
	case t == "$.":
		return "", nil
	}
	return t, nil
}

// normal checks a list of labels.
func (a *attempt) normal(t string) error {
	var err error
	for ; t != ""; t, err = a.step() {
		i, err := a.usable(t)
		if err != nil {
			return err
		}
		if err := a.apply(i); err != nil {
			return err
		}
	}
	return err
}

// usable is the statement that a step names.
func (a *attempt) usable(label string) (int32, error) {
	if label == "?" {
		return 0, wrong("the proof of %s is incomplete", a.goal.label)
	}
	if !isLabel(label) {
		return 0, malformed("line %d: %s inside a proof is no label", a.line(), clip(label))
	}
	i, ok := a.find(label)
	if !ok {
		if _, later := a.base.labels[label]; later {
			return 0, wrong("the proof of %s uses %s, which does not stand before it", a.goal.label, clip(label))
		}
		return 0, wrong("the proof of %s uses %s, which is not known", a.goal.label, clip(label))
	}
	switch s := a.at(i); s.kind {
	case 'f':
		if f, ok := a.float[s.expr[1]]; !ok || f != i {
			return 0, wrong("the proof of %s uses %s, which is not active", a.goal.label, clip(label))
		}
	case 'e':
		if err := a.work(len(a.essential)); err != nil {
			return 0, err
		}
		if !slices.Contains(a.essential, i) {
			return 0, wrong("the proof of %s uses %s, which is not active", a.goal.label, clip(label))
		}
	}
	return i, nil
}

// compressed checks a proof in the form of appendix B of the book: labels up to ")", then numbers written in letters.
func (a *attempt) compressed() error {
	list := slices.Clone(a.goal.hyps)
	for {
		t, err := a.step()
		if err != nil {
			return err
		}
		if t == "" {
			return malformed("the proof of %s ends among its labels", a.goal.label)
		}
		if t == ")" {
			break
		}
		i, err := a.usable(t)
		if err != nil {
			return err
		}
		if err := a.work(len(a.goal.hyps)); err != nil {
			return err
		}
		if slices.Contains(a.goal.hyps, i) {
			return malformed("the proof of %s lists %s, a mandatory hypothesis", a.goal.label, clip(t))
		}
		list = append(list, i)
	}
	n, open := 0, false // the number so far, and whether it lacks its last letter
	fresh := false      // the last letter applied an assertion: only there may a Z stand, as Metamath's own program has it
	for {
		t, err := a.step()
		if err != nil {
			return err
		}
		if t == "" {
			break
		}
		for _, c := range []byte(t) {
			switch {
			case c >= 'U' && c <= 'Y':
				if n = 5*n + int(c-'U') + 1; n > 1<<30 {
					return malformed("the proof of %s has a number that is too large", a.goal.label)
				}
				open, fresh = true, false
				continue // the number goes on
			case c >= 'A' && c <= 'T':
				i := 20*n + int(c-'A')
				fresh = false
				if i < len(list) {
					kind := a.at(list[i]).kind
					fresh = kind == 'a' || kind == 'p'
					err = a.apply(list[i])
				} else if i -= len(list); i < len(a.saved) {
					err = a.push(a.saved[i])
				} else {
					err = wrong("the proof of %s refers to what it has not marked", a.goal.label)
				}
			case c == 'Z':
				if open || !fresh {
					return malformed("the proof of %s has a Z that follows no assertion", a.goal.label)
				}
				a.saved = append(a.saved, a.stack[len(a.stack)-1])
				fresh = false
			case c == '?':
				err = wrong("the proof of %s is incomplete", a.goal.label)
			default:
				err = malformed("the proof of %s has %q among its letters", a.goal.label, c)
			}
			if err != nil {
				return err
			}
			n, open = 0, false
		}
	}
	if open {
		return malformed("the proof of %s ends inside a number", a.goal.label)
	}
	return nil
}

// push ends a step.
func (a *attempt) push(e []symbol) error {
	if len(a.stack) == maxStack {
		return exceeded("expressions on the stack", maxStack)
	}
	a.stack = append(a.stack, e)
	a.deepest = max(a.deepest, len(a.stack))
	if a.steps++; a.steps%1024 == 0 {
		return a.ctx.Err()
	}
	return nil
}

// apply does the step that names statement i: a hypothesis is pushed; an assertion takes its hypotheses from the stack,
// which say what its variables stand for, and pushes itself with that put in.
func (a *attempt) apply(i int32) error {
	s := a.at(i)
	if s.kind == 'f' || s.kind == 'e' {
		return a.push(s.expr)
	}
	base := len(a.stack) - len(s.hyps)
	if base < 0 {
		return wrong("the proof of %s: %s needs %d hypotheses, %d are there", a.goal.label, s.label, len(s.hyps), len(a.stack))
	}
	if err := a.work(len(s.hyps)); err != nil {
		return err
	}
	defer func() {
		for _, h := range s.hyps {
			if h := a.at(h); h.kind == 'f' {
				a.slot[h.expr[1]] = 0
			}
		}
		a.values = a.values[:0]
	}()
	for j, h := range s.hyps {
		hyp, arg := a.at(h), a.stack[base+j]
		if hyp.kind == 'f' {
			if arg[0] != hyp.expr[0] {
				return wrong("the proof of %s: %s needs a %s for %s, not %s", a.goal.label, s.label, a.base.names[hyp.expr[0]], hyp.label, a.show(arg))
			}
			a.values = append(a.values, arg)
			a.slot[hyp.expr[1]] = int32(len(a.values))
			continue
		}
		if err := a.work(len(arg) + len(hyp.expr)); err != nil {
			return err
		}
		if !a.matches(hyp.expr, arg) {
			return wrong("the proof of %s: %s does not fit hypothesis %s of %s", a.goal.label, a.show(arg), hyp.label, s.label)
		}
	}
	if err := a.disjointFor(s); err != nil {
		return err
	}
	e, err := a.substitute(s.expr)
	if err != nil {
		return err
	}
	a.stack = a.stack[:base]
	return a.push(e)
}

// matches reports whether arg is pattern with the values put in.
func (a *attempt) matches(pattern, arg []symbol) bool {
	for _, s := range pattern {
		if k := a.slot[s]; k > 0 {
			v := a.values[k-1][1:]
			if len(arg) < len(v) || !slices.Equal(arg[:len(v)], v) {
				return false
			}
			arg = arg[len(v):]
			continue
		}
		if len(arg) == 0 || arg[0] != s {
			return false
		}
		arg = arg[1:]
	}
	return len(arg) == 0
}

func (a *attempt) substitute(expr []symbol) ([]symbol, error) {
	n := 0
	for _, s := range expr {
		if k := a.slot[s]; k > 0 {
			n += len(a.values[k-1]) - 1
		} else {
			n++
		}
	}
	if n > maxExpression {
		return nil, exceeded("symbols in an expression", maxExpression)
	}
	a.longest = max(a.longest, n)
	if err := errors.Join(a.keep(n), a.work(n+len(expr))); err != nil {
		return nil, err
	}
	e := a.alloc(n)
	for _, s := range expr {
		if k := a.slot[s]; k > 0 {
			e = append(e, a.values[k-1][1:]...)
		} else {
			e = append(e, s)
		}
	}
	return e, nil
}

// disjointFor checks what s wants of its variables: two that are to be disjoint stand for expressions without a common
// variable, each two variables of which are known to be disjoint.
func (a *attempt) disjointFor(s *statement) error {
	if len(s.apart) == 0 {
		return nil
	}
	a.inside = slices.Grow(a.inside[:0], len(a.values))[:len(a.values)]
	clear(a.inside)
	for _, p := range s.apart {
		x, err := a.variables(a.slot[p[0]] - 1)
		if err != nil {
			return err
		}
		y, err := a.variables(a.slot[p[1]] - 1)
		if err != nil {
			return err
		}
		if err := a.work(len(x) * len(y)); err != nil {
			return err
		}
		for _, v := range x {
			for _, w := range y {
				if ok, err := a.areApart(v, w); err != nil {
					return err
				} else if !ok {
					return wrong("the proof of %s: %s needs $d %s %s", a.goal.label, s.label, a.base.names[v], a.base.names[w])
				}
			}
		}
	}
	return nil
}

// variables are those in value k, each once.
func (a *attempt) variables(k int32) ([]symbol, error) {
	if a.inside[k] != nil {
		return a.inside[k], nil
	}
	list := []symbol{}
	for _, s := range a.values[k] {
		if a.base.variable[s] && !a.mark[s] {
			a.mark[s] = true
			list = append(list, s)
		}
	}
	for _, s := range list {
		a.mark[s] = false
	}
	a.inside[k] = list
	return list, a.work(len(a.values[k]))
}

func (a *attempt) areApart(v, w symbol) (bool, error) {
	if a.known == nil {
		if err := a.work(len(a.apart)); err != nil {
			return false, err
		}
		a.known = make(map[pair]bool, len(a.apart))
		for _, p := range a.apart {
			a.known[p] = true
		}
	}
	return v != w && a.known[newPair(v, w)], nil
}

// show is an expression as text, cut where it is long.
func (r *reader) show(e []symbol) string {
	var b []byte
	for i, s := range e {
		if i > 0 {
			b = append(b, ' ')
		}
		if b = append(b, r.base.names[s]...); len(b) > 200 {
			return string(b[:200]) + "…"
		}
	}
	return string(b)
}
