package module

// integers are the types that flags are set by, with the opcodes that this file needs.
var integers = []struct {
	t              byte
	operators      []int // add, sub, and, or, xor
	and, eqz, less int
	compare        int // the first of ten comparisons
}{
	{I32, []int{opI32Add, opI32Sub, opI32And, opI32Or, opI32Xor}, opI32And, opI32Eqz, opI32LtS, opI32Eq},
	{I64, []int{opI64Add, opI64Sub, opI64And, opI64Or, opI64Xor}, opI64And, opI64Eqz, opI64LtS, opI64Eq},
}

// update changes a place in memory, or a global, by a constant, and may go on by what it is then, as a count does.
func (g *generator) update(depth int) {
	n := integers[g.IntN(len(integers))]
	k := kind(n.t)
	result := g.scratch[k]
	operate := func() {
		if c := g.interesting(); g.one(2) {
			g.constant(n.t, c)
		} else {
			g.constant(n.t, uint64(g.pick(1, -1, -1<<31, 1<<31-1, 1<<31)))
		}
		g.op(byte(g.pick(n.operators...)))
	}
	decides := !g.one(3)
	if g.pages == 0 || g.one(3) {
		global := 1 + k // see Globals
		g.at(opGlobalGet, global)
		operate()
		g.at(opGlobalSet, global)
		if !decides {
			return
		}
		g.at(opGlobalGet, global)
	} else {
		base := g.local(I32)
		if g.one(2) {
			g.at(opGet, base)
			g.mask()
			g.at(opSet, g.place)
			base = g.place
		}
		mask := func() {
			if base != g.place {
				g.i32(0x7fff)
				g.op(opI32And)
			}
		}
		offset := uint32(g.pick(0, 4, 8, g.IntN(0x4000)))
		g.at(opGet, base)
		mask()
		g.at(opGet, base)
		mask()
		from := offset
		if g.one(8) {
			from += 4
		}
		g.emit(loads[k][0], from)
		operate()
		if decides {
			g.at(opTee, result)
		}
		g.emit(stores[k][0], offset)
		if !decides {
			return
		}
		switch g.IntN(8) {
		case 0:
			g.step()
		case 1:
			g.at(opGet, base)
			mask()
			g.emit(loads[k][0], offset)
			g.at(opSet, g.local(n.t))
		}
		g.at(opGet, result)
	}
	if g.one(4) {
		g.at(opTee, g.local(n.t))
	}
	switch g.IntN(4) {
	case 0:
		g.constant(n.t, 0)
		g.op(byte(n.compare + g.IntN(10)))
	case 1:
		g.op(byte(n.eqz))
	default:
		g.constant(n.t, 0)
		g.op(byte(n.less))
	}
	g.decide(depth)
}

// inspect compares what is in memory with a constant, or tests bits of it.
func (g *generator) inspect(depth int) {
	n := integers[g.IntN(len(integers))]
	all := loads[kind(n.t)]
	a := all[g.IntN(len(all))]
	g.emit(a, g.address(a.width, depth))
	if g.one(8) {
		g.at(opTee, g.local(n.t))
	}
	c := g.interesting()
	if g.one(2) {
		c = uint64(g.pick(0x7f, 0x80, 0xff, 0x100, 0x180, g.IntN(0x180)-0x40))
	}
	g.constant(n.t, c)
	if g.one(3) {
		g.op(byte(n.and))
		if n.t == I64 || g.one(2) {
			g.constant(n.t, 0)
			g.op(byte(n.compare + g.IntN(10)))
		}
	} else {
		g.op(byte(n.compare + g.IntN(10)))
	}
	g.decide(depth)
}

// decide goes on by the condition on the stack.
func (g *generator) decide(depth int) {
	switch g.IntN(4) {
	case 0:
		g.at(opSet, g.local(I32))
	case 1:
		t := g.scalar()
		g.at(opSet, g.place)
		g.at(opGet, g.local(t))
		g.at(opGet, g.local(t))
		g.at(opGet, g.place)
		g.op(opSelect)
		g.at(opSet, g.local(t))
	default:
		g.rare(depth)
	}
}

// rare does something if the condition on the stack holds, and something else perhaps; the last of it may be a load which
// only its trap is for.
func (g *generator) rare(depth int) {
	end := g.open(opIf, empty, false)
	g.statements(3, depth)
	if g.one(3) {
		g.load(g.scalar(), min(depth, 1))
		g.op(opDrop)
	}
	if g.one(4) {
		g.op(opElse)
		g.statements(2, depth)
	}
	end()
}

// negative is rare if a number is below zero.
func (g *generator) negative(depth int) {
	n := integers[g.IntN(len(integers))]
	g.value(n.t, depth)
	g.constant(n.t, 0)
	g.op(byte(n.less))
	g.rare(depth)
}
