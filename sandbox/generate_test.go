package sandbox

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// generator makes valid modules out of arbitrary bytes: each choice takes one, and the simplest choice is made when
// none are left. What it makes ends: loops count down, and calls use up global 0.
type generator struct {
	choices []byte
	nodes   int // instructions left, roughly
	types   []signature
	funcs   []int // type of each function; function 0 is imported
	// of the function that is being generated
	locals []byte // types
	result []byte // of the function
	labels []label
	loops  int
}

// label is what a branch can go to.
type label struct {
	result byte // typeEmpty: none
	loop   bool // branches there would repeat it without counting down
}

const (
	typeF32, typeF64 = 0x7d, 0x7c
	callBudget       = 40
	tableSize        = 6
)

var valueTypes = []byte{typeI32, typeI64, typeF64, typeF32}

// choose returns a number below n.
func (g *generator) choose(n int) int {
	if len(g.choices) == 0 {
		return 0
	}
	c := int(g.choices[0])
	g.choices = g.choices[1:]
	return c % n
}

func pick[T any](g *generator, of []T) T { return of[g.choose(len(of))] }

// module generates one: its functions from 1 on are exported as f1, f2 …, with the types that signatures tells.
func (g *generator) module() []byte {
	g.nodes = 600
	g.types = []signature{{params: []byte{typeI32}, results: []byte{typeI32}}}
	for range 1 + g.choose(4) {
		s := signature{}
		for range g.choose(4) {
			s.params = append(s.params, pick(g, valueTypes))
		}
		if g.choose(4) > 0 {
			s.results = []byte{pick(g, valueTypes)}
		}
		g.types = append(g.types, s)
	}
	g.funcs = []int{0}
	for range 1 + g.choose(5) {
		g.funcs = append(g.funcs, g.choose(len(g.types)))
	}
	var types, funcs, exports, elements, bodies [][]byte
	for _, s := range g.types {
		types = append(types, funcType(string(s.params), string(s.results)))
	}
	for i, t := range g.funcs[1:] {
		funcs = append(funcs, []byte{byte(t)})
		exports = append(exports, exportOf(fmt.Sprintf("f%d", i+1), 0, i+1))
	}
	for range tableSize - g.choose(2) { // the last entry may be null
		elements = append(elements, []byte{byte(g.choose(len(g.funcs)))})
	}
	exports = append(exports, exportOf("memory", 2, 0), exportOf("budget", 3, 0), exportOf("g1", 3, 1), exportOf("g2", 3, 2))
	for _, t := range g.funcs[1:] {
		bodies = append(bodies, g.function(g.types[t]))
	}
	data := make([]byte, g.choose(60))
	for i := range data {
		data[i] = byte(g.choose(256))
	}
	return moduleOf(
		sectionOf(1, types...),
		sectionOf(2, importOf("env", "double", 0)),
		sectionOf(3, funcs...),
		sectionOf(4, asm(0x70, 0, tableSize)),
		sectionOf(5, asm(1, 1, 3)),
		sectionOf(6, asm(typeI32, 1, i32(callBudget), opEnd), asm(typeI64, 1, opI64Const, 7, opEnd), asm(typeF64, 1, 0x44, make([]byte, 8), opEnd), asm(typeI32, 0, i32(-5), opEnd)),
		sectionOf(7, exports...),
		sectionOf(9, asm(0, i32(0), opEnd, vector(elements...))),
		sectionOf(10, bodies...),
		sectionOf(11, asm(0, i32(g.choose(256)), opEnd, sized(data))),
	)
}

// function generates a body, which begins by using up one call of the budget or returning where there is none.
func (g *generator) function(s signature) []byte {
	g.locals = append(slices.Clone(s.params), typeI32, typeI32, typeI64, typeF64, typeF32, typeI32, typeI32, typeI32) // the last three count loops
	g.result, g.labels, g.loops = s.results, nil, 0
	zero := []byte{}
	for _, t := range s.results {
		zero = constant(t, 0)
	}
	entry := asm(opGlobalGet, 0, opI32Eqz, opIf, typeEmpty, zero, opReturn, opEnd, opGlobalGet, 0, i32(1), opI32Sub, opGlobalSet, 0)
	code, dead := g.statements(5)
	if !dead {
		for _, t := range s.results {
			code = append(code, g.value(t, 5)...)
		}
	}
	var declared [][]byte
	for _, t := range g.locals[len(s.params):] {
		declared = append(declared, []byte{1, t})
	}
	return sized(asm(vector(declared...), entry, code, opEnd))
}

func constant(t byte, v int64) []byte {
	switch t {
	case typeI32:
		return i32(int(int32(v)))
	case typeI64:
		return sleb([]byte{opI64Const}, v)
	case typeF32:
		b := math.Float32bits(float32(v) / 4)
		return []byte{0x43, byte(b), byte(b >> 8), byte(b >> 16), byte(b >> 24)}
	}
	b := math.Float64bits(float64(v) / 4)
	out := []byte{0x44}
	for range 8 {
		out, b = append(out, byte(b)), b>>8
	}
	return out
}

// local returns a local of type t that is no loop's counter.
func (g *generator) local(t byte) int {
	var all []int
	for i, l := range g.locals[:len(g.locals)-3] {
		if l == t {
			all = append(all, i)
		}
	}
	return pick(g, all)
}

// statements generates some; dead tells that what follows is not reached.
func (g *generator) statements(depth int) (code []byte, dead bool) {
	for range g.choose(6) {
		var s []byte
		if s, dead = g.statement(depth - 1); dead {
			return append(code, s...), true
		}
		code = append(code, s...)
	}
	return code, false
}

// inside generates the statements of a block with a label of its own.
func (g *generator) inside(l label, depth int) []byte {
	g.labels = append(g.labels, l)
	code, dead := g.statements(depth)
	if l.result != typeEmpty && !dead {
		code = append(code, g.value(l.result, depth-1)...)
	}
	g.labels = g.labels[:len(g.labels)-1]
	return code
}

func (g *generator) statement(depth int) (code []byte, dead bool) {
	g.nodes--
	if depth <= 0 || g.nodes < 0 {
		return []byte{0x01}, false
	}
	t := pick(g, valueTypes)
	value := func(t byte) []byte { return g.value(t, depth-1) }
	small := func() []byte { return asm(value(typeI32), i32(1023), 0x71) } // and
	switch g.choose(18) {
	case 0:
		return asm(value(t), opLocalSet, g.local(t)), false
	case 1:
		return asm(value(typeI64), opGlobalSet, 1), false
	case 2:
		return asm(value(typeF64), opGlobalSet, 2), false
	case 3, 4:
		store := map[byte][]int{typeI32: {0x36, 0x3a, 0x3b}, typeI64: {0x37, 0x3c, 0x3d, 0x3e}, typeF32: {0x38}, typeF64: {0x39}}
		at := small()
		if g.choose(8) == 1 { // perhaps out of bounds
			at = value(typeI32)
		}
		return asm(at, value(t), pick(g, store[t]), 0, g.choose(100)), false
	case 5:
		return asm(value(typeI32), opIf, typeEmpty, g.inside(label{result: typeEmpty}, depth), 0x05, g.inside(label{result: typeEmpty}, depth), opEnd), false
	case 6:
		return asm(value(typeI32), opIf, typeEmpty, g.inside(label{result: typeEmpty}, depth), opEnd), false
	case 7:
		return asm(opBlock, typeEmpty, g.inside(label{result: typeEmpty}, depth), opEnd), false
	case 8, 9:
		if g.loops == 3 {
			return []byte{0x01}, false
		}
		counter := len(g.locals) - 3 + g.loops
		g.loops++
		g.labels = append(g.labels, label{result: typeEmpty, loop: true})
		body := g.inside(label{result: typeEmpty}, depth)
		g.labels = g.labels[:len(g.labels)-1]
		g.loops--
		return asm(i32(1+g.choose(3)), opLocalSet, counter,
			opLoop, typeEmpty, opBlock, typeEmpty, body, opEnd,
			get(counter), i32(1), opI32Sub, opLocalTee, counter, opBrIf, 0, opEnd), false
	case 10:
		f := g.choose(len(g.funcs))
		code := asm(g.arguments(g.types[g.funcs[f]], depth), opCall, f)
		for range g.types[g.funcs[f]].results {
			code = append(code, opDrop)
		}
		return code, false
	case 11:
		i := g.choose(len(g.types))
		code := asm(g.arguments(g.types[i], depth), i32(g.choose(tableSize+1)), opCallInd, i, 0)
		for range g.types[i].results {
			code = append(code, opDrop)
		}
		return code, false
	case 12:
		return asm(small(), value(typeI32), small(), opPrefixFC, fcMemoryFill, 0), false
	case 13:
		return asm(small(), small(), small(), opPrefixFC, fcMemoryCopy, 0, 0), false
	case 14:
		return asm(i32(g.choose(4)), opMemoryGrow, 0, opDrop), false
	case 15: // a branch, perhaps on a condition
		l := g.choose(len(g.labels) + 1)
		result := byte(typeEmpty)
		if l == len(g.labels) {
			for _, t := range g.result {
				result = t
			}
		} else if target := g.labels[len(g.labels)-1-l]; target.loop {
			return []byte{0x01}, false
		} else {
			result = target.result
		}
		var carried []byte
		if result != typeEmpty {
			carried = value(result)
		}
		switch g.choose(3) {
		case 0:
			return asm(carried, opBr, l), true
		case 1:
			return asm(carried, value(typeI32), opBrTable, 2, l, l, l), true
		}
		code := asm(carried, value(typeI32), opBrIf, l)
		if result != typeEmpty {
			code = append(code, opDrop)
		}
		return code, false
	case 16:
		var carried []byte
		for _, t := range g.result {
			carried = value(t)
		}
		return asm(carried, opReturn), true
	}
	if g.choose(20) == 19 {
		return asm(opUnreachable), true
	}
	return asm(value(t), opDrop), false
}

func (g *generator) arguments(s signature, depth int) (code []byte) {
	for _, t := range s.params {
		code = append(code, g.value(t, depth-1)...)
	}
	return code
}

// Operators by the type of their result: opcode and operand types.
type operator struct {
	op       int
	operands []byte
}

var operators = func() map[byte][]operator {
	m := map[byte][]operator{}
	add := func(result byte, from, to int, operands ...byte) {
		for op := from; op <= to; op++ {
			m[result] = append(m[result], operator{op, operands})
		}
	}
	add(typeI32, 0x45, 0x45, typeI32)
	add(typeI32, 0x46, 0x4f, typeI32, typeI32)
	add(typeI32, 0x50, 0x50, typeI64)
	add(typeI32, 0x51, 0x5a, typeI64, typeI64)
	add(typeI32, 0x5b, 0x60, typeF32, typeF32)
	add(typeI32, 0x61, 0x66, typeF64, typeF64)
	add(typeI32, 0x67, 0x69, typeI32)
	add(typeI32, 0x6a, 0x78, typeI32, typeI32)
	add(typeI64, 0x79, 0x7b, typeI64)
	add(typeI64, 0x7c, 0x8a, typeI64, typeI64)
	add(typeF32, 0x8b, 0x91, typeF32)
	add(typeF32, 0x92, 0x98, typeF32, typeF32)
	add(typeF64, 0x99, 0x9f, typeF64)
	add(typeF64, 0xa0, 0xa6, typeF64, typeF64)
	add(typeI32, 0xa7, 0xa7, typeI64)
	add(typeI32, 0xa8, 0xa9, typeF32)
	add(typeI32, 0xaa, 0xab, typeF64)
	add(typeI64, 0xac, 0xad, typeI32)
	add(typeI64, 0xae, 0xaf, typeF32)
	add(typeI64, 0xb0, 0xb1, typeF64)
	add(typeF32, 0xb2, 0xb3, typeI32)
	add(typeF32, 0xb4, 0xb5, typeI64)
	add(typeF32, 0xb6, 0xb6, typeF64)
	add(typeF64, 0xb7, 0xb8, typeI32)
	add(typeF64, 0xb9, 0xba, typeI64)
	add(typeF64, 0xbb, 0xbb, typeF32)
	add(typeI32, 0xc0, 0xc1, typeI32)
	add(typeI64, 0xc2, 0xc4, typeI64)
	return m
}()

// value generates code that leaves a value of type t.
func (g *generator) value(t byte, depth int) []byte {
	g.nodes--
	if depth <= 0 || g.nodes < 0 {
		return constant(t, int64(g.choose(7)))
	}
	switch g.choose(14) {
	case 0:
		return constant(t, int64(int8(g.choose(256)))<<(4*g.choose(15)))
	case 1, 2:
		return asm(get(g.local(t)))
	case 3, 4, 5, 6:
		o := pick(g, operators[t])
		var code []byte
		for _, operand := range o.operands {
			code = append(code, g.value(operand, depth-1)...)
		}
		return g.canonical(t, append(code, byte(o.op)))
	case 7:
		load := map[byte][]int{typeI32: {0x28, 0x2c, 0x2d, 0x2e, 0x2f}, typeI64: {0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35}, typeF32: {0x2a}, typeF64: {0x2b}}
		return g.canonical(t, asm(g.value(typeI32, depth-1), i32(2047), 0x71, pick(g, load[t]), 0, g.choose(100)))
	case 8:
		for _, f := range g.choose2(len(g.funcs)) {
			if s := g.types[g.funcs[f]]; len(s.results) == 1 && s.results[0] == t {
				return asm(g.arguments(s, depth), opCall, f)
			}
		}
	case 9:
		return asm(g.value(t, depth-1), g.value(t, depth-1), g.value(typeI32, depth-1), 0x1b)
	case 10:
		return asm(opBlock, t, g.inside(label{result: t}, depth-1), opEnd)
	case 11:
		return asm(g.value(typeI32, depth-1), opIf, t, g.inside(label{result: t}, depth-1), 0x05, g.inside(label{result: t}, depth-1), opEnd)
	case 12:
		switch t {
		case typeI32:
			return asm(0x3f, 0)
		case typeI64:
			return asm(opGlobalGet, 1)
		case typeF64:
			return asm(opGlobalGet, 2)
		}
	case 13:
		if t == typeI32 || t == typeI64 {
			from, op := byte(typeF32), 0
			if g.choose(2) == 1 {
				from, op = typeF64, 2
			}
			if t == typeI64 {
				op += 4
			}
			return asm(g.value(from, depth-1), opPrefixFC, op+g.choose(2))
		}
	}
	return asm(g.value(t, depth-1), opLocalTee, g.local(t))
}

// choose2 are the numbers below n, beginning anywhere.
func (g *generator) choose2(n int) (all []int) {
	start := g.choose(n)
	for i := range n {
		all = append(all, (start+i)%n)
	}
	return all
}

// canonical gives all NaN the same bits, which the specification leaves open.
func (g *generator) canonical(t byte, code []byte) []byte {
	nan, eq := []byte{0x43, 0, 0, 0xc0, 0x7f}, 0x5b
	switch t {
	case typeF64:
		nan, eq = []byte{0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f}, 0x61
	case typeF32:
	default:
		return code
	}
	at := len(g.locals) - 3 - 1 // the f32 among a function's own
	if t == typeF64 {
		at--
	}
	return asm(code, opLocalTee, at, nan, get(at), get(at), eq, 0x1b)
}

// behaviour is what calling all functions of a module did, the last one with the trap that it ended in.
type behaviour struct {
	results string
	memory  [sha256.Size]byte
	size    uint32
	globals [3]uint64
	fuel    uint64
}

// behave runs a module's functions. A refill is granted every slice units of fuel, if the module asks.
func behave(t *testing.T, rt wazero.Runtime, code []byte, segments []segment, types []signature, slice uint64) (b behaviour) {
	t.Helper()
	var m api.Module
	granted := uint64(0)
	grant := func() {
		granted += slice
		fuel := m.ExportedGlobal(fuelExport).(api.MutableGlobal)
		fuel.Set(fuel.Get() + slice)
	}
	ctx := context.WithValue(t.Context(), refillKey{}, grant)
	m, err := rt.InstantiateWithConfig(ctx, code, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatalf("a generated module: %v", err)
	}
	defer m.Close(ctx)
	for _, s := range segments {
		m.Memory().Write(s.offset, s.data)
	}
	instrumented := m.ExportedGlobal(fuelExport) != nil
	if instrumented {
		m.ExportedGlobal(floorExport).(api.MutableGlobal).Set(1 << 63) // the least number: entries never trap
		grant()
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i, s := range types {
		m.ExportedGlobal("budget").(api.MutableGlobal).Set(callBudget)
		var args []uint64
		for _, p := range s.params {
			v := random.Uint64() >> (random.UintN(4) * 16)
			switch p {
			case typeI32:
				v = uint64(uint32(v))
			case typeF32:
				v = uint64(math.Float32bits(float32(int64(v))))
			case typeF64:
				v = math.Float64bits(float64(int64(v)))
			}
			args = append(args, v)
		}
		results, err := m.ExportedFunction(fmt.Sprintf("f%d", i+1)).Call(ctx, args...)
		if err != nil {
			b.results += firstLine(err.Error())
			break // a trap leaves the depth as it was, until globals are put back
		}
		for k, t := range s.results {
			if t == typeI32 || t == typeF32 {
				results[k] = uint64(uint32(results[k])) // wazero leaves the upper half to chance
			}
		}
		b.results += fmt.Sprintln(results)
		if instrumented && m.ExportedGlobal(depthExport).Get() != maxDepth {
			t.Errorf("f%d leaves the depth of calls at %d", i+1, m.ExportedGlobal(depthExport).Get())
		}
	}
	memory, _ := m.Memory().Read(0, m.Memory().Size())
	b.memory, b.size = sha256.Sum256(memory), m.Memory().Size()
	for i, name := range []string{"budget", "g1", "g2"} {
		b.globals[i] = m.ExportedGlobal(name).Get()
	}
	if instrumented {
		b.fuel = granted - m.ExportedGlobal(fuelExport).Get()
	}
	return b
}

// depthExport is the depth of calls: a generated module has four globals, and fuel comes first.
const depthExport = globalExport + "5"

// refillKey is the context key of what refill does.
type refillKey struct{}

// FuzzRewriter: a module does the same before and after instrumentation, compiled and interpreted, results, memory,
// globals and traps; and the instrumented ones use the same fuel, however small its slices.
func FuzzRewriter(f *testing.F) {
	var runtimes []wazero.Runtime
	for _, engine := range engines {
		rt := wazero.NewRuntimeWithConfig(f.Context(), engine.config())
		f.Cleanup(func() { rt.Close(context.Background()) })
		double := api.GoFunc(func(_ context.Context, stack []uint64) { stack[0] = uint64(uint32(stack[0]) * 2) })
		i32s := []api.ValueType{api.ValueTypeI32}
		if _, err := rt.NewHostModuleBuilder("env").NewFunctionBuilder().WithGoFunction(double, i32s, i32s).Export("double").Instantiate(f.Context()); err != nil {
			f.Fatal(err)
		}
		refill := api.GoFunc(func(ctx context.Context, _ []uint64) { ctx.Value(refillKey{}).(func())() })
		if _, err := rt.NewHostModuleBuilder(hostModule).NewFunctionBuilder().WithGoFunction(refill, nil, nil).Export(refillImport).Instantiate(f.Context()); err != nil {
			f.Fatal(err)
		}
		runtimes = append(runtimes, rt)
	}
	random := rand.NewChaCha8([32]byte{})
	for range 200 {
		b := make([]byte, 1000)
		random.Read(b)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		g := &generator{choices: choices}
		module := g.module()
		var types []signature
		for _, i := range g.funcs[1:] {
			types = append(types, g.types[i])
		}
		p, err := instrument(module, true)
		if err != nil {
			t.Fatalf("instrument refuses a generated module: %v", err)
		}
		want := behave(t, runtimes[0], module, nil, types, 0)
		var fuel uint64
		for i, c := range []struct {
			name     string
			rt       wazero.Runtime
			code     []byte
			segments []segment
			slice    uint64
		}{
			{"interpreted", runtimes[1], module, nil, 0},
			{"instrumented", runtimes[0], p.code, p.segments, 1 << 40},
			{"instrumented, small slices", runtimes[0], p.code, p.segments, 9},
			{"instrumented, interpreted", runtimes[1], p.code, p.segments, 1 << 40},
		} {
			got := behave(t, c.rt, c.code, c.segments, types, c.slice)
			if i == 1 {
				fuel = got.fuel
			} else if i > 1 && got.fuel != fuel {
				t.Errorf("%s: used %d units of fuel, want %d", c.name, got.fuel, fuel)
			}
			if got.fuel = 0; got != want {
				t.Errorf("%s:\ngot  %+v\nwant %+v\nmodule %x", c.name, got, want, module)
			}
		}
	})
}
