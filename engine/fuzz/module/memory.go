package module

// access is a load or a store.
type access struct {
	op    int // of vectors: 0xfd00 + the second opcode
	width int // in bytes
	lane  bool
	lanes int
}

var loads = [5][]access{
	{{op: 0x28, width: 4}, {op: 0x28, width: 4}, {op: 0x2c, width: 1}, {op: 0x2d, width: 1}, {op: 0x2e, width: 2}, {op: 0x2f, width: 2}},
	{{op: 0x29, width: 8}, {op: 0x29, width: 8}, {op: 0x30, width: 1}, {op: 0x31, width: 1}, {op: 0x32, width: 2}, {op: 0x33, width: 2}, {op: 0x34, width: 4}, {op: 0x35, width: 4}},
	{{op: 0x2a, width: 4}},
	{{op: 0x2b, width: 8}},
	append(vectorLoads(), access{op: 0xfd00, width: 16}, access{op: 0xfd00, width: 16}),
}

var stores = [5][]access{
	{{op: 0x36, width: 4}, {op: 0x36, width: 4}, {op: 0x3a, width: 1}, {op: 0x3b, width: 2}},
	{{op: 0x37, width: 8}, {op: 0x37, width: 8}, {op: 0x3c, width: 1}, {op: 0x3d, width: 2}, {op: 0x3e, width: 4}},
	{{op: 0x38, width: 4}},
	{{op: 0x39, width: 8}},
	{{op: 0xfd00 + 11, width: 16}, {op: 0xfd00 + 11, width: 16}, {op: 0xfd00 + 88, width: 1, lane: true, lanes: 16}, {op: 0xfd00 + 89, width: 2, lane: true, lanes: 8},
		{op: 0xfd00 + 90, width: 4, lane: true, lanes: 4}, {op: 0xfd00 + 91, width: 8, lane: true, lanes: 2}},
}

func vectorLoads() (all []access) {
	for sub := 1; sub <= 6; sub++ {
		all = append(all, access{op: 0xfd00 + sub, width: 8})
	}
	for i := range 4 {
		all = append(all, access{op: 0xfd00 + 7 + i, width: 1 << i}, access{op: 0xfd00 + 84 + i, width: 1 << i, lane: true, lanes: 16 >> i})
	}
	return append(all, access{op: 0xfd00 + 92, width: 4}, access{op: 0xfd00 + 93, width: 8})
}

// emit appends the instruction.
func (g *generator) emit(a access, offset uint32) {
	if a.op >= 0xfd00 {
		g.simd(a.op - 0xfd00)
	} else {
		g.op(byte(a.op))
	}
	g.u(0) // alignment, a hint
	g.u(uint64(offset))
	if a.lane {
		g.op(byte(g.IntN(a.lanes)))
	}
}

func (g *generator) load(t byte, depth int) {
	all := loads[kind(t)]
	a := all[g.IntN(len(all))]
	offset := g.address(a.width, depth)
	if a.lane {
		g.value(V128, depth)
	}
	g.emit(a, offset)
	if (t == F32 || t == F64) && g.one(2) {
		g.canonical(t)
	}
}

func (g *generator) store(depth int) {
	t := g.anyType()
	all := stores[kind(t)]
	a := all[g.IntN(len(all))]
	offset := g.address(a.width, depth)
	g.value(t, depth)
	g.canonical(t)
	g.emit(a, offset)
	if g.one(6) { // its neighbour too, of the same base
		g.at(opGet, g.local(I32))
		g.mask()
		g.at(opTee, g.local(I32))
		g.at(opTee, g.scratch[0])
		g.at(opGet, g.scratch[0])
		g.emit(loads[0][0], 4)
		g.emit(stores[0][0], uint32(g.pick(0, 4, 8)))
	}
}

// mask keeps an address within the first half of the memory.
func (g *generator) mask() {
	m := 0x7fff
	if g.one(3) {
		m = g.pick(0xff, 0xffc, 0x7ff8)
	}
	g.i32(int32(m))
	g.op(opI32And)
}

// maybeTee keeps an i32 for later, so that what follows needs a register of its own.
func (g *generator) maybeTee() {
	if g.one(2) {
		g.at(opTee, g.local(I32))
	}
}

// address generates an address for an access of so many bytes, and returns the offset to go with it. It is within
// the memory unless the generator takes the risk.
func (g *generator) address(width, depth int) (offset uint32) {
	if g.pages == 0 && !g.one(20) || g.risky() {
		return g.stray(width, depth)
	}
	if g.pages == 0 {
		g.i32(0)
		return 0
	}
	switch g.IntN(13) {
	case 0: // at the end of the memory, or across a border within
		size := g.pages << 16
		edge, before := size, width
		if g.one(2) {
			edge = 4096 * (1 + g.IntN(size/4096))
		}
		if edge < size {
			before = 1 + g.IntN(width)
		}
		at := edge - before
		offset := g.pick(0, 0, 1, at/2, at)
		g.i32(int32(at - offset))
		return uint32(offset)
	case 1: // a base, an index and an offset
		g.value(I32, depth)
		g.mask()
		g.at(opGet, g.local(I32))
		g.i32(int32(g.pick(0xff, 0x3ff, 0x7ff)))
		g.op(opI32And)
		g.i32(int32(g.IntN(4)))
		g.op(opI32Shl, opI32Add)
		return uint32(g.pick(0, 0, 8, 0x1000))
	case 2: // a sum that goes around
		g.at(opGet, g.local(I32))
		g.mask()
		g.maybeTee()
		n := int32(g.interesting())
		g.i32(n)
		g.op(opI32Add)
		g.i32(n)
		g.op(opI32Sub)
	case 3: // a number of 64 bits, cut
		g.value(I64, depth)
		g.op(opWrap)
		g.mask()
	case 4: // of a negative number
		g.at(opGet, g.local(I32))
		g.i32(-1 << 15)
		g.op(opI32Or)
		g.maybeTee()
		g.i32(1 << 15)
		g.op(opI32Add)
	case 5: // the sum of two, one of which has the upper bits
		g.at(opGet, g.local(I32))
		g.mask()
		g.i32(-1 << 15)
		g.op(opI32Or)
		g.maybeTee()
		g.i32(1 << 15)
		g.at(opTee, g.local(I32))
		g.op(opI32Add)
	case 6: // where the one before was
		g.at(opGet, g.place)
		g.mask()
	case 7:
		g.value(I32, depth)
		g.mask()
		g.at(opTee, g.place)
	case 8:
		g.i32(int32(g.IntN(0x8000)))
	case 9: // a base, an index and a constant, whose sum goes around
		g.at(opGet, g.local(I32))
		g.mask()
		g.i32(-1 << 15)
		g.op(opI32Or)
		g.maybeTee()
		g.at(opGet, g.local(I32))
		g.i32(0x3ff)
		g.op(opI32And)
		g.i32(int32(g.IntN(4)))
		g.op(opI32Shl, opI32Add)
		g.i32(1 << 15)
		g.op(opI32Add)
		g.maybeTee()
		return uint32(g.pick(0, 0, 8, 0x1000))
	default:
		g.at(opGet, g.local(I32))
		g.mask()
	}
	return uint32(g.pick(0, 0, 4, 8, g.IntN(128), g.IntN(0x7ff0), 0x7ff0))
}

// stray is an address that is likely to be outside of the memory.
func (g *generator) stray(width, depth int) (offset uint32) {
	end := g.pages << 16
	switch g.IntN(6) {
	case 0: // the first that is outside
		at := max(end-width+1, 0)
		offset := g.pick(0, 1, at/2, at)
		g.i32(int32(at - min(offset, at)))
		return uint32(min(offset, at))
	case 1: // far away
		g.value(I32, depth)
		return uint32(g.interesting())
	case 2: // beyond 32 bits
		g.i32(-1 - int32(g.IntN(20)))
		return uint32(-1 - g.IntN(20))
	case 3: // where 32 bits go around to an address within
		at := g.IntN(max(end, 1))
		n := 1 + g.IntN(1<<31-1)
		g.i32(int32(-n))
		return uint32(n + at)
	case 4: // an address that loads see as negative
		g.at(opGet, g.local(I32))
		g.i32(-1 << 31)
		g.op(opI32Or)
		return uint32(g.pick(0, 16))
	}
	g.at(opGet, g.local(I32)) // perhaps inside
	g.i32(0x1ffff)
	g.op(opI32And)
	return uint32(g.pick(0, 1, 8, 0xffff))
}
