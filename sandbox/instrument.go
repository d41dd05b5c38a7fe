package sandbox

import (
	"errors"
	"fmt"
	"strconv"
)

// instrumentVersion is part of every run's key: what a program can observe of the instrumentation and of the prices of
// host calls (fuel, and through it the clock, and the depth at which recursion ends) changes only together with it.
const instrumentVersion = "6"

// maxDepth bounds the guest's calls, of which one is counted on each cycle.
const maxDepth = 100_000

// Names of what the instrumentation adds to a module.
const (
	hostModule   = "borel"
	refillImport = "refill"
	fuelExport   = "borel:fuel"
	floorExport  = "borel:floor"
	globalExport = "borel:g" // followed by the index
)

// segment is an active data segment: bytes that stand at offset before the first instruction runs.
type segment struct {
	offset uint32
	data   []byte
}

// program is an instrumented module.
type program struct {
	code     []byte
	segments []segment // taken out of the module; the host writes them once, before freezing
	globals  []string  // export names of all mutable globals but fuel
}

// instrument rewrites a module so that the host can bound, freeze and restore it:
//
//   - a global counts fuel: one unit at every loop head and on every cycle of calls (recursion.go), the weight of
//     heavy stretches of instructions (weight.go), and the bytes of memory.copy, memory.fill and memory.grow. At a loop
//     head, below zero, the guest calls the imported function refill. On a cycle of calls, below a second global, the
//     floor, it traps: the host sets the floor to where the whole budget is used up. (A call there would keep
//     parameters alive across it, which costs four times as much.)
//   - a global counts down the depth of calls on every cycle of them from maxDepth, and traps below zero;
//   - all mutable globals are exported;
//   - active data segments and custom sections are taken out.
//
// Whatever runs for ever passes a loop head or such a cycle. Without metered these cost nothing; the rest is the same.
//
// Modules with a start function, passive segments or table-changing instructions are refused.
func instrument(module []byte, metered bool) (*program, error) {
	if len(module) < 8 || string(module[:8]) != "\x00asm\x01\x00\x00\x00" {
		return nil, errors.New("not a WebAssembly module of version 1")
	}
	w := rewriter{metered: metered}
	r := &reader{b: module, p: 8}
	var sections [13][]byte
	for r.more() {
		id := r.u8()
		body := r.bytes(uint64(r.u32()))
		if id > 12 {
			return nil, fmt.Errorf("section %d is not known", id)
		}
		if id != 0 {
			sections[id] = body
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	if sections[8] != nil {
		return nil, errors.New("a start function is not supported")
	}
	out := append(make([]byte, 0, len(module)+len(module)/3), module[:8]...)
	for _, id := range []byte{1, 2, 3, 4, 5, 6, 7, 9, 10, 11} {
		body, err := w.section(id, sections)
		if err != nil {
			return nil, fmt.Errorf("section %d: %w", id, err)
		}
		if body != nil {
			out = append(out, id)
			out = uleb(out, uint64(len(body)))
			out = append(out, body...)
		}
	}
	return &program{code: out, segments: w.segments, globals: w.exports}, nil
}

// Instrument is a module as Load compiles it, without its data: for those who test compilers (../engine/fuzz).
func Instrument(module []byte) ([]byte, error) {
	p, err := instrument(module, true)
	if err != nil {
		return nil, err
	}
	return p.code, nil
}

// rewriter carries what earlier sections tell later ones.
type rewriter struct {
	metered  bool // count fuel
	types    []signature
	refill   uint32   // index of the refill function: the imported functions of the original module come before it
	funcs    []uint32 // type of each function defined in the module
	globals  uint32   // globals of the original module; fuel, depth and floor follow them
	exports  []string // names under which mutable globals are exported
	mutable  []uint32
	segments []segment
}

type signature struct {
	params  []byte
	results []byte
}

func (w *rewriter) section(id byte, sections [13][]byte) ([]byte, error) {
	r := &reader{b: sections[id]}
	var out []byte
	switch id {
	case 1:
		out = w.typeSection(r)
	case 2:
		out = w.importSection(r)
	case 3:
		for n := r.u32(); n > 0 && r.err == nil; n-- {
			w.funcs = append(w.funcs, r.u32())
		}
		out = sections[id]
	case 6:
		out = w.globalSection(r)
	case 7:
		out = w.exportSection(r)
	case 9:
		if sections[id] != nil {
			out = w.elementSection(r)
		}
	case 10:
		out = w.codeSection(r)
	case 11:
		if sections[id] != nil {
			w.dataSection(r)
		}
		return nil, r.err
	default:
		return sections[id], nil
	}
	return out, r.err
}

func (w *rewriter) typeSection(r *reader) []byte {
	n := r.u32()
	rest := r.b[r.p:]
	for i := uint32(0); i < n && r.err == nil; i++ {
		if r.u8() != 0x60 {
			r.fail(errors.New("a type is not a function type"))
		}
		p := r.bytes(uint64(r.u32()))
		w.types = append(w.types, signature{p, r.bytes(uint64(r.u32()))})
	}
	out := uleb(nil, uint64(n)+1)
	out = append(out, rest...)
	return append(out, 0x60, 0, 0) // refill: () → ()
}

func (w *rewriter) importSection(r *reader) []byte {
	n := uint32(0)
	if len(r.b) > 0 {
		n = r.u32()
	}
	rest := r.b[r.p:]
	for range n {
		r.bytes(uint64(r.u32()))
		r.bytes(uint64(r.u32()))
		if r.u8() != 0 {
			r.fail(errors.New("only functions can be imported"))
		}
		r.u32()
		if r.err != nil {
			return nil
		}
		w.refill++
	}
	out := uleb(nil, uint64(n)+1)
	out = append(out, rest...)
	out = append(out, byte(len(hostModule)))
	out = append(out, hostModule...)
	out = append(out, byte(len(refillImport)))
	out = append(out, refillImport...)
	out = append(out, 0)
	return uleb(out, uint64(len(w.types))) // the type appended above
}

// fn is the new index of a function: those defined in the module move up by one, past refill.
func (w *rewriter) fn(i uint32) uint64 {
	if i >= w.refill {
		return uint64(i) + 1
	}
	return uint64(i)
}

func (w *rewriter) globalSection(r *reader) []byte {
	if len(r.b) > 0 {
		w.globals = r.u32()
	}
	rest := r.b[r.p:]
	for i := uint32(0); i < w.globals && r.err == nil; i++ {
		r.u8()
		if r.u8() == 1 {
			w.mutable = append(w.mutable, i)
		}
		for r.err == nil {
			in := r.next()
			if in.op == opEnd {
				break
			}
			if in.op == opRefFunc {
				r.fail(errors.New("a global holds a function"))
			}
		}
	}
	w.mutable = append(w.mutable, w.depth())
	out := uleb(nil, uint64(w.globals)+3)
	out = append(out, rest...)
	out = append(out, typeI64, 1, opI64Const, 0, opEnd)
	out = append(sleb(append(out, typeI32, 1, opI32Const), maxDepth), opEnd)
	return append(out, typeI64, 1, opI64Const, 0, opEnd)
}

func (w *rewriter) fuel() uint32  { return w.globals }
func (w *rewriter) depth() uint32 { return w.globals + 1 }
func (w *rewriter) floor() uint32 { return w.globals + 2 }

func (w *rewriter) exportSection(r *reader) []byte {
	n := uint32(0)
	if len(r.b) > 0 {
		n = r.u32()
	}
	out := uleb(nil, uint64(n)+uint64(len(w.mutable))+2)
	for i := uint32(0); i < n && r.err == nil; i++ {
		name := r.bytes(uint64(r.u32()))
		kind, index := r.u8(), r.u32()
		out = uleb(out, uint64(len(name)))
		out = append(append(out, name...), kind)
		if kind == 0 {
			out = uleb(out, w.fn(index))
		} else {
			out = uleb(out, uint64(index))
		}
	}
	add := func(name string, index uint32) {
		out = append(out, byte(len(name)))
		out = append(append(out, name...), 3)
		out = uleb(out, uint64(index))
	}
	add(fuelExport, w.fuel())
	add(floorExport, w.floor())
	for _, g := range w.mutable {
		name := globalExport + strconv.FormatUint(uint64(g), 10)
		w.exports = append(w.exports, name)
		add(name, g)
	}
	return out
}

func (w *rewriter) elementSection(r *reader) []byte {
	n := r.u32()
	out := uleb(nil, uint64(n))
	for i := uint32(0); i < n && r.err == nil; i++ {
		if r.u32() != 0 {
			r.fail(errors.New("only active element segments of table 0 are supported"))
		}
		start := r.p
		if r.next().op != opI32Const || r.next().op != opEnd {
			r.fail(errors.New("an element offset is not constant"))
			return nil
		}
		out = append(out, 0)
		out = append(out, r.b[start:r.p]...)
		k := r.u32()
		out = uleb(out, uint64(k))
		for ; k > 0 && r.err == nil; k-- {
			out = uleb(out, w.fn(r.u32()))
		}
	}
	return out
}

func (w *rewriter) dataSection(r *reader) {
	for n := r.u32(); n > 0 && r.err == nil; n-- {
		if r.u32() != 0 || r.u8() != opI32Const {
			r.fail(errors.New("only active data segments at a constant offset are supported"))
			return
		}
		s := segment{offset: uint32(r.s32())}
		if r.u8() != opEnd {
			r.fail(errors.New("a data offset is not constant"))
			return
		}
		s.data = r.bytes(uint64(r.u32()))
		w.segments = append(w.segments, s)
	}
}

// body is one function's code, taken apart.
type body struct {
	locals    []byte // local declarations, whole
	groups    uint32 // declarations in locals
	count     uint32 // locals declared
	code      []byte // instructions with the final end
	calls     []uint32
	farInLoop bool // contains call_indirect inside a loop
	bulk      bool // contains memory.copy, memory.fill or memory.grow
	parts     []stretch
}

func (w *rewriter) codeSection(r *reader) []byte {
	n := r.u32()
	if r.err == nil && int(n) != len(w.funcs) {
		r.fail(errors.New("function and code sections differ in length"))
		return nil
	}
	bodies := make([]body, n)
	for i := range bodies {
		bodies[i] = w.parse(r, r.bytes(uint64(r.u32())))
		if r.err != nil {
			return nil
		}
	}
	counted := recursive(bodies, w.refill)
	weigh(bodies, counted, w.refill)
	out := uleb(make([]byte, 0, len(r.b)+len(r.b)/3), uint64(n))
	var f []byte
	for i := range bodies {
		sig := w.funcs[i]
		if int(sig) >= len(w.types) || len(w.types[sig].results) > 1 {
			r.fail(fmt.Errorf("function %d: its type is missing or has several results", i))
			return nil
		}
		f = w.rewrite(f[:0], &bodies[i], w.types[sig], counted[i])
		out = uleb(out, uint64(len(f)))
		out = append(out, f...)
	}
	return out
}

func (w *rewriter) parse(r *reader, code []byte) (b body) {
	s := &reader{b: code}
	b.groups = s.u32()
	start := s.p
	for i := uint32(0); i < b.groups && s.err == nil; i++ {
		b.count += s.u32()
		s.u8()
	}
	b.locals = code[start:s.p]
	b.code = code[s.p:]
	loops := []bool{false} // of the blocks that are open, whether they are in a loop
	for s.more() {
		switch in := s.next(); {
		case in.op == opBlock, in.op == opIf, in.op == opLoop:
			loops = append(loops, loops[len(loops)-1] || in.op == opLoop)
		case in.op == opEnd && len(loops) > 1:
			loops = loops[:len(loops)-1]
		case in.op == opCall:
			b.calls = append(b.calls, in.fn)
		case in.op == opCallInd:
			b.farInLoop = b.farInLoop || loops[len(loops)-1]
		case in.op == opMemoryGrow, in.op == opPrefixFC && (in.sub == fcMemoryCopy || in.sub == fcMemoryFill):
			b.bulk = true
		}
	}
	if s.err != nil {
		r.fail(s.err)
	}
	return b
}

// Cost of bulk memory operations: one unit of fuel for 16 bytes copied or filled, 2,048 for a page of 64 KiB grown.
const (
	copyShift = 4
	growShift = -11
)

// rewrite appends the instrumented body of a function to f.
func (w *rewriter) rewrite(f []byte, b *body, sig signature, counted bool) []byte {
	scratch := uint64(len(sig.params)) + uint64(b.count) // an i32 local of our own, where bulk operations need it
	groups := uint64(b.groups)
	if b.bulk {
		groups++
	}
	f = uleb(f, groups)
	f = append(f, b.locals...)
	if b.bulk {
		f = append(f, 1, typeI32)
	}
	if counted {
		f = w.deeper(f)
		f = w.enter(f, 1+b.parts[0].fuel())
		// The original body becomes a block: what branched to the function's end branches to the block's.
		f = append(f, opBlock)
		if len(sig.results) == 1 {
			f = append(f, sig.results[0])
		} else {
			f = append(f, typeEmpty)
		}
	}
	s := &reader{b: b.code}
	done, depth := 0, uint64(0) // depth: blocks open inside the function's own
	parts := b.parts
	if counted {
		parts = parts[1:]
	}
	for s.more() {
		at := s.p
		if len(parts) > 0 && parts[0].at == at {
			if n := parts[0].fuel(); n > 0 && w.metered {
				f = append(f, b.code[done:at]...)
				done = at
				f = w.spend(f, n)
			}
			parts = parts[1:]
		}
		in := s.next()
		switch in.op {
		case opBlock, opIf:
			depth++
		case opLoop:
			depth++
			f = append(f, b.code[done:s.p]...)
			done = s.p
			f = w.check(f, 1+parts[0].fuel())
			parts = parts[1:]
		case opEnd:
			if depth > 0 {
				depth--
			}
		case opReturn:
			if counted {
				f = append(f, b.code[done:at]...)
				done = s.p
				f = append(f, opBr)
				f = uleb(f, depth)
			}
		case opCall, opRefFunc:
			f = append(f, b.code[done:at]...)
			done = s.p
			f = append(f, in.op)
			f = uleb(f, w.fn(in.fn))
		case opCallInd:
			if !counted {
				f = append(f, b.code[done:at]...)
				done = at
				f = w.deeper(f)
				f = w.enter(f, 1)
				f = append(f, b.code[done:s.p]...)
				done = s.p
				f = w.addDepth(f, opI32Add)
			}
		case opMemoryGrow:
			f = append(f, b.code[done:at]...)
			done = at
			f = w.charge(f, scratch, growShift)
		case opPrefixFC:
			if in.sub == fcMemoryCopy || in.sub == fcMemoryFill {
				f = append(f, b.code[done:at]...)
				done = at
				f = w.charge(f, scratch, copyShift)
			}
		}
	}
	f = append(f, b.code[done:]...)
	if counted {
		f = append(w.addDepth(f, opI32Add), opEnd)
	}
	return f
}

// deeper appends: depth = depth - 1; if depth < 0 { trap }. The compiler of ../engine makes two instructions of that, and as
// few of what check and enter append.
func (w *rewriter) deeper(f []byte) []byte {
	f = append(w.addDepth(f, opI32Sub), opGlobalGet)
	f = uleb(f, uint64(w.depth()))
	return append(f, opI32Const, 0, opI32LtS, opIf, typeEmpty, opUnreachable, opEnd)
}

// spend appends: fuel -= n
func (w *rewriter) spend(f []byte, n int64) []byte {
	fuel := uint64(w.fuel())
	f = uleb(append(f, opGlobalGet), fuel)
	f = sleb(append(f, opI64Const), n)
	return uleb(append(f, opI64Sub, opGlobalSet), fuel)
}

// check appends: fuel -= n; if fuel < 0 { refill() }
func (w *rewriter) check(f []byte, n int64) []byte {
	if !w.metered {
		return f
	}
	f = uleb(append(w.spend(f, n), opGlobalGet), uint64(w.fuel()))
	f = uleb(append(f, opI64Const, 0, opI64LtS, opIf, typeEmpty, opCall), uint64(w.refill))
	return append(f, opEnd)
}

// enter appends: fuel -= n; if fuel < 0 && fuel < floor { trap }
func (w *rewriter) enter(f []byte, n int64) []byte {
	if !w.metered {
		return f
	}
	f = uleb(append(w.spend(f, n), opGlobalGet), uint64(w.fuel()))
	f = append(f, opI64Const, 0, opI64LtS, opIf, typeEmpty)
	f = uleb(append(f, opGlobalGet), uint64(w.fuel()))
	f = uleb(append(f, opGlobalGet), uint64(w.floor()))
	return append(f, opI64LtS, opIf, typeEmpty, opUnreachable, opEnd, opEnd)
}

// charge appends: fuel -= top of the stack >> shift (or << -shift), leaving the stack as it was.
func (w *rewriter) charge(f []byte, scratch uint64, shift int) []byte {
	fuel := uint64(w.fuel())
	f = uleb(append(f, opLocalTee), scratch)
	f = uleb(append(f, opGlobalGet), fuel)
	f = uleb(append(f, opLocalGet), scratch)
	if shift > 0 {
		f = append(f, opI32Const, byte(shift), opI32ShrU, opI64ExtendU)
	} else {
		const opI64Shl = 0x86
		f = append(f, opI64ExtendU, opI64Const, byte(-shift), opI64Shl)
	}
	return uleb(append(f, opI64Sub, opGlobalSet), fuel)
}

// addDepth appends: depth = depth op 1
func (w *rewriter) addDepth(f []byte, op byte) []byte {
	f = uleb(append(f, opGlobalGet), uint64(w.depth()))
	f = append(f, opI32Const, 1, op, opGlobalSet)
	return uleb(f, uint64(w.depth()))
}
