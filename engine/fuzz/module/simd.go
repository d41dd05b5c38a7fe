package module

// Instructions of vectors by their operands. Those of floating point lanes are apart: canonicalLanes follows them.
var (
	vectorBinary = numbers(14, 14, 35, 64, 78, 81, 101, 102, 110, 115, 118, 121, 123, 123, 130, 130, 133, 134, 142, 147, 149, 153, 155, 159, 174, 174, 177, 177,
		181, 186, 188, 191, 206, 206, 209, 209, 213, 223, 65, 76)
	vectorUnary   = numbers(77, 77, 96, 98, 124, 129, 135, 138, 160, 161, 167, 170, 192, 193, 199, 202, 248, 249, 252, 253)
	vectorShift   = numbers(107, 109, 139, 141, 171, 173, 203, 205)
	vectorTest    = numbers(83, 83, 99, 100, 131, 132, 163, 164, 195, 196) // make an i32
	float32Binary = numbers(228, 235)
	float64Binary = numbers(240, 247)
	float32Unary  = numbers(94, 94, 103, 106, 224, 225, 227, 227, 250, 251)
	float64Unary  = numbers(95, 95, 116, 117, 122, 122, 148, 148, 236, 237, 239, 239, 254, 255)
)

// numbers are those from each first to each second, both included.
func numbers(ranges ...int) (all []int) {
	for i := 0; i < len(ranges); i += 2 {
		for n := ranges[i]; n <= ranges[i+1]; n++ {
			all = append(all, n)
		}
	}
	return all
}

// vector generates an instruction that makes a vector.
func (g *generator) vector(depth int) {
	one := func() { g.value(V128, depth) }
	switch g.IntN(12) {
	case 0, 1, 2, 3:
		one()
		one()
		g.simd(g.pick(vectorBinary...))
	case 4:
		one()
		g.simd(g.pick(vectorUnary...))
	case 5:
		one()
		g.value(I32, depth)
		g.simd(g.pick(vectorShift...))
	case 6:
		one()
		one()
		if g.one(2) {
			g.simd(g.pick(float32Binary...))
			g.canonicalLanes(65)
		} else {
			g.simd(g.pick(float64Binary...))
			g.canonicalLanes(71)
		}
	case 7:
		one()
		if g.one(2) {
			g.simd(g.pick(float32Unary...))
			g.canonicalLanes(65)
		} else {
			g.simd(g.pick(float64Unary...))
			g.canonicalLanes(71)
		}
	case 8:
		one()
		one()
		one()
		g.simd(82) // bitselect
	case 9:
		one()
		one()
		g.simd(13) // shuffle
		for range 16 {
			g.op(byte(g.IntN(32)))
		}
	case 10:
		i := g.IntN(6)
		t := []byte{I32, I32, I32, I64, F32, F64}[i]
		g.value(t, depth)
		g.canonical(t)
		g.simd(15 + i) // splat
	default:
		i := g.IntN(6)
		t := []byte{I32, I32, I32, I64, F32, F64}[i]
		one()
		g.value(t, depth)
		g.canonical(t)
		g.simd([]int{23, 26, 28, 30, 32, 34}[i])
		g.op(byte(g.IntN([]int{16, 8, 4, 2, 4, 2}[i])))
	}
}

// canonicalLanes makes lanes that are no number zero; eq compares lanes.
func (g *generator) canonicalLanes(eq int) {
	s := g.scratch[kind(V128)]
	g.at(opTee, s)
	g.at(opGet, s)
	g.at(opGet, s)
	g.simd(eq)
	g.simd(78)
}

// fromVector makes a number of a vector.
func (g *generator) fromVector(t byte, depth int) {
	g.value(V128, depth)
	switch t {
	case I32:
		if g.one(2) {
			g.simd(g.pick(vectorTest...))
			return
		}
		i := g.IntN(5)
		g.simd([]int{21, 22, 24, 25, 27}[i])
		g.op(byte(g.IntN([]int{16, 16, 8, 8, 4}[i])))
	case I64:
		g.simd(29)
		g.op(byte(g.IntN(2)))
	case F32:
		g.simd(31)
		g.op(byte(g.IntN(4)))
	case F64:
		g.simd(33)
		g.op(byte(g.IntN(2)))
	case V128: // twice the same
		g.op(opDrop)
		g.vector(depth)
	}
}
