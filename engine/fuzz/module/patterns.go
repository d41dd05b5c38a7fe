package module

// interpreter is the loop of one: it takes a byte from memory, goes to one of many cases by a branch table, and nearly
// every case ends in a branch back. The cases change locals, which are therefore merged where the loop begins.
func (g *generator) interpreter(depth int) {
	if g.loops == len(g.counters) || g.pages == 0 {
		return
	}
	counter := g.counters[g.loops]
	g.loops++
	n := g.pick(4, 12, 18, 24, 36)
	g.nodes += 4 * n
	leave := g.open(opBlock, empty, false)
	end := g.head()
	ends := make([]func(), n)
	for i := range n {
		ends[n-1-i] = g.open(opBlock, empty, false)
	}
	g.at(opGet, counter)
	g.i32(int32(g.pick(0xff, 0xfff)))
	g.op(opI32And)
	g.emit(access{op: opI32Load8}, uint32(g.IntN(1000)))
	g.at(opGet, counter)
	g.i32(1)
	g.op(opI32Add)
	g.at(opSet, counter)
	cases := n
	if g.one(2) { // as many as a mask leaves
		for cases&(cases-1) != 0 {
			cases &= cases - 1
		}
		g.i32(int32(cases - 1))
		g.op(opI32And)
	}
	g.op(opBrTable)
	g.u(uint64(cases))
	for i := range cases {
		g.u(uint64(i))
	}
	g.u(uint64(g.IntN(n + 2))) // the last two: continue, and leave
	for i := range n {
		ends[i]()
		g.step()
		if g.one(3) {
			g.statement(min(depth, 2))
		}
		if !g.one(8) {
			g.at(opBr, n-1-i)
		}
	}
	end()
	leave()
	g.loops--
}

// step changes a local by others.
func (g *generator) step() {
	t := g.scalar()
	g.at(opGet, g.local(t))
	g.at(opGet, g.local(t))
	switch t {
	case I32:
		g.op(byte(g.pick(opI32Add, opI32Sub, opI32Xor, opI32Mul)))
	case I64:
		g.op(byte(g.pick(opI64Add, opI64Xor, opI64Rotl)))
	case F32:
		g.op(byte(g.pick(0x92, 0x93, 0x94)))
	case F64:
		g.op(byte(g.pick(0xa0, 0xa1, 0xa2)))
	}
	g.at(opSet, g.local(t))
}

// pressure holds many values at once, across statements.
func (g *generator) pressure(depth int) {
	var held []byte
	for range 4 + g.IntN(20) {
		t := g.anyType()
		g.value(t, min(depth, 1))
		held = append(held, t)
		if g.one(8) {
			g.statement(min(depth, 1))
		}
	}
	g.call(1)
	for i := len(held) - 1; i >= 0; i-- {
		t := held[i]
		g.at(opGet, g.local(t))
		switch t {
		case I32:
			g.op(byte(g.pick(opI32Add, opI32Sub, opI32Xor)))
		case I64:
			g.op(byte(g.pick(opI64Add, opI64Xor)))
		case F32:
			g.op(byte(g.pick(0x92, 0x93)))
		case F64:
			g.op(byte(g.pick(0xa0, 0xa1)))
		case V128:
			g.simd(g.pick(81, 110, 206))
		}
		g.at(opSet, g.local(t))
	}
}

// merge is a block with a value that is left from many places, with other locals changed at each.
func (g *generator) merge(depth int) {
	t := g.anyType()
	n := g.pick(3, 16, 20)
	g.nodes += 2 * n
	end := g.open(opBlock, t, false)
	for range n {
		g.value(t, min(depth, 1))
		g.condition(min(depth, 1))
		g.at(opBrIf, 0)
		g.at(opSet, g.local(t))
		g.step()
	}
	g.value(t, depth)
	end()
	g.at(opSet, g.local(t))
}

// scan is a loop over bytes, as memchr, memcmp and strlen have it.
func (g *generator) scan(depth int) {
	if g.loops+1 >= len(g.counters) || g.pages == 0 {
		return
	}
	at, left := g.counters[g.loops], g.counters[g.loops+1]
	g.loops += 2
	sought, sum := g.local(I32), g.local(I64)
	g.value(I32, depth)
	g.mask()
	g.at(opSet, at)
	g.i32(int32(1 + g.IntN(40)))
	g.at(opSet, left)
	offset := uint32(g.IntN(100))
	leave := g.open(opBlock, empty, false)
	g.op(opLoop, empty)
	g.labels = append(g.labels, label{result: I32, loop: true}) // a type that no branch finds
	g.at(opGet, at)
	load := loads[0][2:][g.IntN(3)]
	g.emit(load, offset)
	if g.one(2) {
		g.at(opGet, at)
		g.emit(load, offset+uint32(g.IntN(3)))
		g.op(byte(g.pick(opI32Xor, opI32Sub, opI32Eq)))
	}
	if g.one(3) {
		g.at(opTee, g.local(I32))
	}
	switch g.IntN(3) {
	case 0:
		g.op(opI32Eqz)
	case 1:
		g.at(opGet, sought)
		g.i32(0xff)
		g.op(opI32And, opI32Eq)
	case 2:
		g.i32(int32(g.IntN(256)))
		g.op(opI32Eq)
	}
	g.at(opBrIf, 1)
	if g.one(2) {
		g.at(opGet, sum)
		g.at(opGet, at)
		g.op(byte(g.pick(opExtendS, opExtendU)), opI64Add)
		g.at(opSet, sum)
	}
	g.at(opGet, at)
	g.i32(1)
	g.op(opI32Add)
	g.at(opSet, at)
	g.at(opGet, left)
	g.i32(1)
	g.op(opI32Sub)
	g.at(opTee, left)
	g.at(opBrIf, 0)
	g.op(opEnd)
	g.labels = g.labels[:len(g.labels)-1]
	leave()
	g.at(opGet, at)
	g.at(opSet, g.local(I32))
	g.loops -= 2
}

// twice uses the outcome of a comparison more than once, with something between.
func (g *generator) twice(depth int) {
	l := g.local(I32)
	g.condition(depth)
	g.at(opTee, l)
	if g.one(2) {
		g.at(opSet, g.local(I32))
		g.statement(depth)
		g.at(opGet, l)
	}
	end := g.open(opIf, empty, false)
	g.statements(2, depth)
	end()
	g.at(opGet, g.local(I32))
	g.at(opGet, g.local(I32))
	g.at(opGet, l)
	g.op(opSelect)
	g.at(opSet, g.local(I32))
}
