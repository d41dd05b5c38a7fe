package sandbox

// Loop heads and entries bound how long code can run unseen only by how much code lies between them: the rounds of a
// SHA-256, unrolled, are one passage of a loop. So each straight stretch of instructions, which runs as a whole or not at
// all, is charged for by its weight where that is a unit of fuel or more. Lighter ones, which are nearly all of them, cost
// nothing, neither fuel nor time.

// unitWeight is the weight that costs a unit of fuel: a weight of 1 is a simple instruction, a third of a nanosecond.
const unitWeight = 24

// callWeight is what a call weighs, besides what it runs.
const callWeight = 8

// stretch is a straight run of instructions.
type stretch struct {
	at     int // where it begins in the code
	weight int
}

func (s stretch) fuel() int64 { return int64(s.weight / unitWeight) }

// stretches takes a function's code apart, in order. A stretch begins at the code's start and wherever control may come
// from or go to elsewhere. called is the weight of a call of a function.
func stretches(code []byte, called func(fn uint32) int) []stretch {
	out := []stretch{{}}
	for s := (&reader{b: code}); s.more(); {
		in := s.next()
		last := &out[len(out)-1]
		if in.op == opCall {
			last.weight += called(in.fn)
		} else {
			last.weight += weight(in)
		}
		switch in.op {
		case opUnreachable, opLoop, opIf, opElse, opEnd, opBr, opBrIf, opBrTable, opReturn:
			out = append(out, stretch{at: s.p})
		}
	}
	return out
}

// weight is what an instruction takes of a processor, seen in wazero's machine code: constants and locals are free,
// what reaches memory is checked against its bounds, and divisions, roots and indirect jumps wait.
func weight(in instruction) int {
	switch op := in.op; {
	case op == opCallInd:
		return 2 * callWeight
	case op == opBrTable:
		return 8
	case op == opIf, op == opBrIf, op == opGlobalGet, op == opGlobalSet:
		return 2
	case op >= 0x28 && op <= 0x3e: // loads and stores
		return 2
	case op >= 0x6d && op <= 0x70, op >= 0x7f && op <= 0x82: // integer division and remainder
		return 12
	case op == 0x91, op == 0x9f, op == 0x95, op == 0xa3: // square roots and divisions of floats
		return 12
	case op >= 0x8b && op <= 0xa6: // other floats
		return 3
	case op >= 0xa8 && op <= 0xbf, op == opPrefixFC && in.sub <= 7: // conversions
		return 3
	case op >= 0x45 && op <= 0xc4, op == 0x1b, op == 0xfd:
		return 1
	}
	return 0
}

// weigh sets the stretches of all bodies, those of callees that are not counted first.
func weigh(bodies []body, counted []bool, imported uint32) {
	var of func(i int) []stretch
	called := func(fn uint32) int {
		i := int(fn) - int(imported)
		switch {
		case i < 0 || i >= len(bodies): // of the host, which charges itself
			return callWeight
		case counted[i]: // a unit at its entry
			return 0
		}
		first := of(i)[0]
		if first.fuel() > 0 {
			return callWeight
		}
		return callWeight + first.weight
	}
	of = func(i int) []stretch { // functions that are not counted are on no cycle
		if b := &bodies[i]; b.parts == nil {
			b.parts = stretches(b.code, called)
		}
		return bodies[i].parts
	}
	for i := range bodies {
		of(i)
	}
}
