package module

// call calls any function, and keeps or drops what it returns.
func (g *generator) call(depth int) {
	if g.calls--; g.calls < 0 {
		return
	}
	f := g.IntN(len(g.funcs))
	g.arguments(f, depth)
	g.at(opCall, f)
	g.keep(g.types[g.funcs[f]].Results)
}

// keep takes results from the stack.
func (g *generator) keep(results []byte) {
	for i := len(results) - 1; i >= 0; i-- {
		if g.one(4) {
			g.op(opDrop)
		} else {
			g.at(opSet, g.local(results[i]))
		}
	}
}

// callFor calls a function that returns a value of type t, if there is one.
func (g *generator) callFor(t byte, depth int) bool {
	if g.calls--; g.calls < 0 {
		return false
	}
	start := g.IntN(len(g.funcs))
	for i := range g.funcs {
		f := (start + i) % len(g.funcs)
		if r := g.types[g.funcs[f]].Results; len(r) == 1 && r[0] == t {
			g.arguments(f, depth)
			g.at(opCall, f)
			return true
		}
	}
	return false
}

// arguments leaves the parameters of function f.
func (g *generator) arguments(f, depth int) {
	for i, t := range g.types[g.funcs[f]].Params {
		switch {
		case f == importGrow && !g.one(8):
			g.i32(int32(g.IntN(2)))
		case i == 0 && len(g.recursions) > 0 && f == g.recursions[0] && g.one(2):
			g.i32(int32(g.pick(2, 10, 100, 1800)))
		default:
			g.value(t, min(depth, 2))
		}
	}
}

// indirect calls through the table.
func (g *generator) indirect(depth int) {
	if g.calls--; g.calls < 0 {
		return
	}
	e := g.IntN(len(g.entries) - 1)
	f := g.entries[e]
	g.arguments(f, depth)
	var same []int
	for other, h := range g.entries {
		if h >= 0 && g.funcs[h] == g.funcs[f] {
			same = append(same, other)
		}
	}
	other := same[g.IntN(len(same))]
	switch {
	case g.risky():
		g.at(opGet, g.local(I32))
		g.i32(int32(g.pick(tableSize-1, 0xff)))
		g.op(opI32And)
	case other != e: // one of two
		g.at(opGet, g.local(I32))
		g.i32(1)
		g.op(opI32And)
		g.i32(int32(other - e))
		g.op(opI32Mul)
		g.i32(int32(e))
		g.op(opI32Add)
	default:
		g.i32(int32(e))
	}
	g.at(opCallInd, g.funcs[f])
	g.u(0)
	g.keep(g.types[g.funcs[f]].Results)
}

// recurse is the body of function f, which calls itself as long as its first parameter is positive.
func (g *generator) recurse(f int) {
	g.statements(4, 2)
	g.at(opGet, 0)
	g.i32(0)
	g.op(opI32LeS)
	end := g.open(opIf, empty, false)
	g.statements(2, 2)
	g.op(opElse)
	for i, t := range g.sig.Params {
		if i == 0 {
			g.at(opGet, 0)
			g.i32(1)
			g.op(opI32Sub)
		} else {
			g.value(t, 2)
		}
	}
	g.at(opCall, f)
	g.at(opSet, g.local(g.sig.Results[0]))
	g.statements(2, 2)
	end()
}

// bulk fills or copies memory.
func (g *generator) bulk(depth int) {
	place := func() {
		g.value(I32, depth)
		switch {
		case g.risky():
		case g.pages == 0:
			g.i32(0)
			g.op(opI32And)
		default:
			g.mask()
		}
	}
	length := func() {
		if g.one(2) {
			g.i32(int32(g.pick(0, 1, 7, 16, 64, 300, 4096)) * int32(min(g.pages, 1)))
			return
		}
		place()
	}
	place()
	if g.one(2) {
		g.value(I32, depth)
		length()
		g.op(opBulk, 11, 0)
		return
	}
	place()
	length()
	g.op(opBulk, 10, 0, 0)
}

func (g *generator) grow(depth int) {
	if g.one(8) {
		g.value(I32, depth)
	} else {
		g.i32(int32(g.IntN(2)))
	}
	g.op(opMemoryGrow, 0)
	g.keep([]byte{I32})
}
