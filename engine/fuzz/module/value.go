package module

import "math"

func (g *generator) zero(t byte) { g.constant(t, 0) }

func (g *generator) constant(t byte, v uint64) {
	switch t {
	case I32:
		g.i32(int32(v))
	case I64:
		g.i64(int64(v))
	case F32:
		g.f32(math.Float32bits(float32(int64(v)) / 4))
	case F64:
		g.f64(math.Float64bits(float64(int64(v)) / 4))
	case V128:
		g.v128(v, v*0x9e3779b97f4a7c15)
	}
}

// interesting is a number near an edge.
func (g *generator) interesting() uint64 {
	switch g.IntN(8) {
	case 0:
		return g.Uint64()
	case 1:
		return uint64(1)<<g.IntN(64) - uint64(g.IntN(3))
	case 2:
		return -(uint64(1) << g.IntN(64))
	case 3:
		return uint64(g.pick(0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff))
	}
	return uint64(g.IntN(40) - 8)
}

// operator makes a value of others.
type operator struct {
	op       byte
	operands []byte
}

// upTo are the operators from one to another, which take the same operands.
func upTo(from, to byte, operands []byte) (all []operator) {
	for op := from; op <= to; op++ {
		all = append(all, operator{op, operands})
	}
	return all
}

var operators = func() (all [5][]operator) {
	add := func(result byte, from, to byte, operands ...byte) {
		all[kind(result)] = append(all[kind(result)], upTo(from, to, operands)...)
	}
	for range 2 { // the plainest come more often
		add(I32, 0x6a, 0x6c, I32, I32)
		add(I32, 0x71, 0x78, I32, I32)
		add(I64, 0x7c, 0x7e, I64, I64)
		add(I64, 0x83, 0x8a, I64, I64)
		add(I32, 0xa7, 0xa7, I64)
		add(I64, 0xac, 0xad, I32)
	}
	add(I32, 0x6a, 0x6b, I32, I32)
	add(I64, 0x7c, 0x7d, I64, I64)
	add(I32, 0x67, 0x69, I32)
	add(I32, 0x6d, 0x70, I32, I32)
	add(I32, 0xa8, 0xa9, F32)
	add(I32, 0xaa, 0xab, F64)
	add(I32, opBits32, opBits32, F32)
	add(I32, 0xc0, 0xc1, I32)
	add(I64, 0x79, 0x7b, I64)
	add(I64, 0x7f, 0x82, I64, I64)
	add(I64, 0xae, 0xaf, F32)
	add(I64, 0xb0, 0xb1, F64)
	add(I64, opBits64, opBits64, F64)
	add(I64, 0xc2, 0xc4, I64)
	add(F32, 0x8b, 0x91, F32)
	add(F32, 0x92, 0x98, F32, F32)
	add(F32, 0xb2, 0xb3, I32)
	add(F32, 0xb4, 0xb5, I64)
	add(F32, 0xb6, 0xb6, F64)
	add(F32, 0xbe, 0xbe, I32)
	add(F64, 0x99, 0x9f, F64)
	add(F64, 0xa0, 0xa6, F64, F64)
	add(F64, 0xb7, 0xb8, I32)
	add(F64, 0xb9, 0xba, I64)
	add(F64, 0xbb, 0xbb, F32)
	add(F64, 0xbf, 0xbf, I64)
	return all
}()

// comparisons make an i32.
var comparisons = func() (all []operator) {
	add := func(from, to byte, operands ...byte) { all = append(all, upTo(from, to, operands)...) }
	add(opI32Eqz, opI32Eqz, I32)
	add(0x46, 0x4f, I32, I32)
	add(0x46, 0x4f, I32, I32)
	add(0x50, 0x50, I64)
	add(0x51, 0x5a, I64, I64)
	add(0x5b, 0x60, F32, F32)
	add(0x61, 0x66, F64, F64)
	return all
}()

// value generates code that leaves a value of type t.
func (g *generator) value(t byte, depth int) {
	g.nodes--
	if depth <= 0 || g.nodes < 0 {
		g.leaf(t)
		return
	}
	depth--
	switch g.IntN(20) {
	case 0, 1, 2:
		g.leaf(t)
	case 3:
		g.value(t, depth)
		g.at(opTee, g.local(t))
	case 4:
		for i := 1; i < len(Globals); i++ {
			if Globals[i].Type == t {
				g.at(opGlobalGet, i)
			}
		}
	case 5, 6:
		g.load(t, depth)
	case 7:
		g.value(t, depth)
		g.value(t, depth)
		g.condition(depth)
		if t == V128 || g.one(3) {
			g.op(opSelectT, 1, t)
		} else {
			g.op(opSelect)
		}
	case 8:
		end := g.open(opBlock, t, false)
		g.statements(2, depth)
		g.value(t, depth)
		end()
	case 9:
		g.condition(depth)
		end := g.open(opIf, t, false)
		g.value(t, depth)
		g.op(opElse)
		g.value(t, depth)
		end()
	case 10:
		if !g.callFor(t, depth) {
			g.leaf(t)
		}
	case 11:
		switch t {
		case I32:
			g.condition(depth)
		case I64:
			g.value(I32, depth)
			g.op(byte(g.pick(opExtendS, opExtendU)))
		default:
			g.operation(t, depth)
		}
	case 12:
		if t == I32 && g.one(2) {
			g.op(opMemorySize, 0)
		} else if t == I32 || t == I64 {
			g.saturating(t, depth)
		} else {
			g.operation(t, depth)
		}
	case 13:
		if g.one(3) {
			g.fromVector(t, depth)
		} else {
			g.operation(t, depth)
		}
	default:
		g.operation(t, depth)
	}
}

func (g *generator) leaf(t byte) {
	if g.one(4) {
		g.constant(t, g.interesting())
		return
	}
	g.at(opGet, g.local(t))
}

// operation generates one instruction of numbers.
func (g *generator) operation(t byte, depth int) {
	if t == V128 {
		g.vector(depth)
		return
	}
	all := operators[kind(t)]
	o := all[g.IntN(len(all))]
	traps := o.op >= 0x6d && o.op <= 0x70 || o.op >= 0x7f && o.op <= 0x82 // division
	for i, operand := range o.operands {
		if traps && i == 1 && !g.risky() {
			g.divisor(t, depth)
			continue
		}
		g.value(operand, depth)
		switch {
		case o.op == opBits32, o.op == opBits64, (o.op == 0x98 || o.op == 0xa6) && i == 1: // copysign
			g.canonical(operand)
		case o.op >= 0xa8 && o.op <= 0xab || o.op >= 0xae && o.op <= 0xb1: // truncation
			if !g.risky() {
				g.canonical(operand)
				g.saturate(o.op)
				return
			}
		}
	}
	g.op(o.op)
}

// saturate appends the truncation that does not trap.
func (g *generator) saturate(op byte) {
	if op >= 0xae {
		op -= 0xae - 0xac
	}
	g.at(opBulk, int(op-0xa8))
}

// divisor is a value that division does not trap on.
func (g *generator) divisor(t byte, depth int) {
	if g.one(2) { // a constant, which compilers know tricks for
		v := g.interesting() & 0x7fffffff
		g.constant(t, max(v, 1))
		return
	}
	g.value(t, depth)
	if t == I32 {
		g.i32(0x7fffffff)
		g.op(opI32And)
		g.i32(1)
		g.op(opI32Or)
		return
	}
	g.i64(math.MaxInt64)
	g.op(opI64And)
	g.i64(1)
	g.op(opI64Or)
}

func (g *generator) saturating(t byte, depth int) {
	from, op := byte(F32), 0
	if g.one(2) {
		from, op = F64, 2
	}
	if t == I64 {
		op += 4
	}
	g.value(from, depth)
	g.at(opBulk, op+g.IntN(2))
}

// condition is an i32 that is likely to be compared and branched on at once.
func (g *generator) condition(depth int) {
	g.nodes--
	switch g.IntN(6) {
	case 0:
		g.value(I32, depth)
	case 1:
		g.value(I32, depth)
		g.i32(int32(g.pick(1, 2, 4, 0x80, 255, 0x8000)))
		g.op(opI32And)
		if g.one(2) {
			g.op(opI32Eqz)
		}
	default:
		o := comparisons[g.IntN(len(comparisons))]
		for _, operand := range o.operands {
			g.value(operand, depth-1)
		}
		g.op(o.op)
		if g.one(6) {
			g.op(opI32Eqz)
		}
	}
}

// canonical gives all NaN the same bits, which the specification leaves open.
func (g *generator) canonical(t byte) {
	s := g.scratch[kind(t)]
	switch t {
	case F32:
		g.at(opTee, s)
		g.f32(0x7fc00000)
		g.at(opGet, s)
		g.at(opGet, s)
		g.op(opF32Eq, opSelect)
	case F64:
		g.at(opTee, s)
		g.f64(0x7ff8 << 48)
		g.at(opGet, s)
		g.at(opGet, s)
		g.op(opF64Eq, opSelect)
	}
}
