package module

import "slices"

// function is what is known of the function that is being generated.
type function struct {
	sig      Signature
	locals   []byte   // types
	of       [5][]int // locals by type: those that values are kept in
	counters []int    // locals that count the turns of loops
	scratch  [5]int   // a local of each type for canonical
	place    int      // local that holds an address
	labels   []label  // of the blocks that are open, the function's own not counted
	loops    int      // that count and are open
	calls    int      // left
}

// label is where a branch can go.
type label struct {
	result byte // empty: none
	loop   bool // it goes back
}

func kind(t byte) int { return I32 - int(t) }

var allTypes = []byte{I32, I64, F32, F64, V128}

// body generates function f.
func (g *generator) body(f int) []byte {
	s := g.types[g.funcs[f]]
	g.code = nil
	g.function = function{sig: s, calls: 6}
	for i, t := range s.Params {
		g.of[kind(t)] = append(g.of[kind(t)], i)
	}
	g.locals = slices.Clone(s.Params)
	var declared []code
	declare := func(t byte, n int) (first int) {
		first = len(g.locals)
		c := code{}
		c.u(uint64(n))
		c.op(t)
		declared = append(declared, c)
		g.locals = append(g.locals, slices.Repeat([]byte{t}, n)...)
		return first
	}
	recursion := slices.Contains(g.recursions, f)
	for _, t := range allTypes {
		n := 1 + g.IntN(2)
		switch {
		case g.one(10):
			n = 4 + g.IntN(14)
		case recursion && g.one(12):
			n = 60 + g.IntN(100) // frames of some thousand bytes
		}
		first := declare(t, n)
		for i := range n {
			g.of[kind(t)] = append(g.of[kind(t)], first+i)
		}
		g.scratch[kind(t)] = declare(t, 1)
	}
	first := declare(I32, 4)
	g.counters = []int{first, first + 1, first + 2}
	g.place = first + 3

	g.enter()
	g.nodes = 10 + g.IntN(60)
	if g.far {
		g.nodes *= 8
	}
	if recursion {
		g.recurse(f)
	} else {
		g.statements(6, 4)
	}
	g.fold()
	for _, t := range s.Results {
		g.value(t, 2)
	}
	g.op(opEnd)
	return sized(append(vector(declared), g.code...))
}

// enter uses up a unit of the budget, or returns.
func (g *generator) enter() {
	g.spend()
	g.at(opGlobalGet, 0)
	g.i32(0)
	g.op(opI32LtS, opIf, empty)
	for _, t := range g.sig.Results {
		g.zero(t)
	}
	g.op(opReturn, opEnd)
}

func (g *generator) spend() {
	g.at(opGlobalGet, 0)
	g.i32(1)
	g.op(opI32Sub)
	g.at(opGlobalSet, 0)
}

// fold uses many of the locals once more, so that they lived until here.
func (g *generator) fold() {
	if g.one(2) {
		return
	}
	for _, l := range g.of[kind(I32)] {
		if g.one(2) {
			g.at(opGlobalGet, 1)
			g.at(opGet, l)
			g.op(byte(g.pick(opI32Add, opI32Sub, opI32Xor)))
			g.at(opGlobalSet, 1)
		}
	}
	g.at(opGlobalGet, 2)
	for _, l := range g.of[kind(I64)] {
		if g.one(2) {
			g.i64(int64(g.IntN(64)))
			g.op(opI64Rotl)
			g.at(opGet, l)
			g.op(opI64Add)
		}
	}
	g.at(opGlobalSet, 2)
	for _, l := range g.of[kind(F64)] {
		if g.one(2) {
			g.at(opGlobalGet, 4)
			g.at(opGet, l)
			g.op(byte(g.pick(0xa0, 0xa1)))
			g.at(opGlobalSet, 4)
		}
	}
	for _, l := range g.of[kind(V128)] {
		if g.one(3) {
			g.at(opGlobalGet, 5)
			g.at(opGet, l)
			g.simd(g.pick(81, 110, 206))
			g.at(opGlobalSet, 5)
		}
	}
	g.at(opGlobalGet, 5)
	g.simd(29) // i64x2.extract_lane
	g.op(byte(g.IntN(2)))
	g.at(opGlobalGet, 2)
	g.op(opI64Xor)
	g.at(opGlobalSet, 2)
}

// local is one that holds values of type t.
func (g *generator) local(t byte) int {
	all := g.of[kind(t)]
	return all[g.IntN(len(all))]
}

// open begins a block and returns what ends it.
func (g *generator) open(op, result byte, loop bool) (end func()) {
	g.op(op, result)
	g.labels = append(g.labels, label{result, loop})
	return func() {
		g.op(opEnd)
		g.labels = g.labels[:len(g.labels)-1]
	}
}

func (g *generator) statements(most, depth int) {
	for range 1 + g.IntN(most) {
		g.statement(depth)
	}
}

// statement generates one, which leaves the stack as it was.
func (g *generator) statement(depth int) {
	n, at := g.m.Statements, len(g.code)
	g.m.Statements++
	g.nodes--
	if depth > 0 && g.nodes > 0 {
		kinds[g.IntN(len(kinds))](g, depth-1)
	}
	if g.skip(n) {
		g.code = g.code[:at]
	}
}

// kinds are the kinds of statements, as often as they come.
var kinds []func(g *generator, depth int)

func init() {
	for _, k := range []struct {
		often int
		f     func(g *generator, depth int)
	}{
		{24, (*generator).setLocal},
		{5, (*generator).setGlobal},
		{16, (*generator).store},
		{8, (*generator).choice},
		{4, (*generator).block},
		{6, (*generator).counted},
		{4, (*generator).budgeted},
		{8, (*generator).call},
		{3, (*generator).indirect},
		{3, (*generator).bulk},
		{2, (*generator).grow},
		{8, (*generator).branch},
		{3, (*generator).switches},
		{1, (*generator).leave},
		{3, (*generator).interpreter},
		{3, (*generator).pressure},
		{2, (*generator).merge},
		{2, (*generator).scan},
		{3, (*generator).twice},
		{6, (*generator).update},
		{5, (*generator).inspect},
		{3, (*generator).negative},
	} {
		for range k.often {
			kinds = append(kinds, k.f)
		}
	}
}

func (g *generator) setLocal(depth int) {
	t := g.anyType()
	g.value(t, depth)
	g.at(opSet, g.local(t))
}

func (g *generator) setGlobal(depth int) {
	i := 1 + g.IntN(len(Globals)-1)
	g.value(Globals[i].Type, depth)
	g.at(opGlobalSet, i)
}

func (g *generator) choice(depth int) {
	g.condition(depth)
	end := g.open(opIf, empty, false)
	g.statements(4, depth)
	if g.one(2) {
		g.op(opElse)
		g.statements(4, depth)
	}
	end()
}

func (g *generator) block(depth int) {
	end := g.open(opBlock, empty, false)
	g.statements(5, depth)
	end()
}

// counted is a loop that counts its turns, which nothing inside continues.
func (g *generator) counted(depth int) {
	if g.loops == len(g.counters) {
		return
	}
	counter := g.counters[g.loops]
	g.loops++
	g.i32(int32(1 + g.IntN(5)))
	g.at(opSet, counter)
	g.op(opLoop, empty)
	g.labels = append(g.labels, label{result: I32, loop: true}) // a type that no branch finds
	g.statements(4, depth)
	g.labels = g.labels[:len(g.labels)-1]
	g.at(opGet, counter)
	g.i32(1)
	g.op(opI32Sub)
	g.at(opTee, counter)
	g.at(opBrIf, 0)
	g.op(opEnd)
	g.loops--
}

// budgeted is a loop that can be continued from everywhere inside.
func (g *generator) budgeted(depth int) {
	leave := g.open(opBlock, empty, false)
	end := g.head()
	g.statements(5, depth)
	if g.one(2) {
		g.condition(depth)
		g.at(opBrIf, 0)
	}
	end()
	leave()
}

// head begins a loop in a block, which goes on there without a budget.
func (g *generator) head() (end func()) {
	end = g.open(opLoop, empty, true)
	g.spend()
	g.at(opGlobalGet, 0)
	g.i32(0)
	g.op(opI32LtS)
	g.at(opBrIf, 1)
	return end
}

// leave returns, on a condition.
func (g *generator) leave(depth int) {
	g.condition(depth)
	end := g.open(opIf, empty, false)
	for _, t := range g.sig.Results {
		g.value(t, depth)
	}
	g.op(opReturn)
	end()
}

// target is a label that a branch with or without a value can go to, counted from inside.
func (g *generator) target(carries func(result byte) bool) (depth int, ok bool) {
	var all []int
	for i, l := range g.labels {
		if l.loop && l.result == empty && carries(empty) || !l.loop && carries(l.result) {
			all = append(all, len(g.labels)-1-i)
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	return all[g.IntN(len(all))], true
}

func (g *generator) branch(depth int) {
	to, ok := g.target(func(byte) bool { return true })
	if !ok {
		return
	}
	l := g.labels[len(g.labels)-1-to]
	carried := l.result != empty && !l.loop
	if carried {
		g.value(l.result, depth)
	}
	if g.one(8) {
		g.at(opBr, to) // what follows is not reached
		return
	}
	g.condition(depth)
	g.at(opBrIf, to)
	if carried {
		g.op(opDrop)
	}
}

// switches branches to one of several places.
func (g *generator) switches(depth int) {
	end := g.open(opBlock, empty, false)
	n := 1 + g.IntN(6)
	g.value(I32, depth)
	if g.one(2) {
		g.i32(int32(g.pick(1, 3, 7)))
		g.op(opI32And)
	}
	g.op(opBrTable)
	g.u(uint64(n))
	for range n + 1 {
		to, _ := g.target(func(result byte) bool { return result == empty })
		g.u(uint64(to))
	}
	end()
}
