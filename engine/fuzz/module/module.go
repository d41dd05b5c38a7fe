// Package module generates WebAssembly modules for testing compilers: valid ones, which end, whose results the
// specification determines to the last bit, and which are dense in what compilers get wrong.
//
//	m := module.New(seed, i)
//
// The same numbers give the same module everywhere. A module has a memory of a few pages, mutable globals of all types,
// a table, and functions that are exported as "f0", "f1" …: they call one another directly, through the table and
// through the imported functions of module "env", whose contract is told at Imports.
//
// # What they hold
//
// Expressions and statements of all kinds, and patterns which chance alone would not make: the loop of an interpreter,
// whose branch table leads back from dozens of places; many values that live across calls; deep recursion with small and
// huge frames; blocks that are left from everywhere; loops that search bytes; addresses made of a base, a shifted index
// and a constant, at the edges of pages, of the memory and of 32 bits; i32 values which were i64 just before.
//
// # Why they end
//
// Each entry of a function and each turn of a loop that can be continued from inside takes one unit of the global
// "budget", and none goes on without. Set it before each call.
//
// # What is not determined
//
// The bits of a NaN that arithmetic makes. Modules make them the same before they look at them; who looks at results and
// globals of floating point types from outside must do the same.
package module

import (
	"fmt"
	"math/rand/v2"
)

// Signature is the type of a function.
type Signature struct{ Params, Results []byte }

// Module is a generated module.
type Module struct {
	Code  []byte
	Funcs []Signature // of f0, f1 …
	// Plain tells that it holds what the instrumentation of package sandbox does not take: several results.
	Plain bool
	Limit int // of the memory, in pages
	// Statements is how many there are. Each can be left out, see Without.
	Statements int
	budget     int32
}

// Budget is what the global of that name should be before each call.
func (m *Module) Budget() int32 { return m.budget }

// Globals are the exported globals, with their types.
var Globals = []struct {
	Name string
	Type byte
}{{"budget", I32}, {"a", I32}, {"b", I64}, {"c", F32}, {"d", F64}, {"e", V128}}

// Imports are the functions that a module imports from "env". All of them note what they are called with.
//
//   - mix is any function of its parameters;
//   - note returns nothing;
//   - grow grows the memory by so many pages, as memory.grow does;
//   - peek reads 8 bytes of memory at any address, zero where there is none, and writes one of them;
//   - back calls one of the exported functions, with parameters made of its own.
var Imports = []struct {
	Name string
	Signature
}{
	{"mix", Signature{[]byte{I32, I64, F32, F64}, []byte{I64}}},
	{"note", Signature{[]byte{I32}, nil}},
	{"grow", Signature{[]byte{I32}, []byte{I32}}},
	{"peek", Signature{[]byte{I32}, []byte{I64}}},
	{"back", Signature{[]byte{I32, I64}, []byte{I32}}},
}

const (
	importNote = 1
	importGrow = 2
	importPeek = 3
	importBack = 4
)

const tableSize = 8

// generator makes one module.
type generator struct {
	*rand.Rand
	code       // of the function that is being generated
	types      []Signature
	funcs      []int // type of each function, the imported ones first
	entries    []int // function in each entry of the table, -1: none
	m          *Module
	pages      int  // of memory at the beginning
	risk       int  // of 1000 instructions that can trap, so many may
	far        bool // long functions, many locals
	skip       func(statement int) bool
	function       // that is being generated
	nodes      int // instructions left, roughly
	recursions []int
}

// New generates module i of a seed.
func New(seed, i uint64) *Module { return Without(seed, i, func(int) bool { return false }) }

// Without is New with those statements left out that skip tells by number.
func Without(seed, i uint64, skip func(statement int) bool) *Module {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, i)), m: &Module{}, skip: skip}
	m := g.m
	m.Plain = g.one(4)
	m.budget = int32(20 + g.IntN(200))
	g.pages = g.pick(1, 1, 1, 1, 2, 3)
	if g.one(60) {
		g.pages = 0
	}
	m.Limit = g.pages + g.IntN(3)
	if g.one(5) {
		g.risk = g.pick(2, 10, 40)
	}
	for _, f := range Imports {
		g.addFunc(f.Signature)
	}
	count := g.pick(1, 1, 1, 1, 2, 3)
	g.far = g.one(10)
	for range count {
		g.addFunc(g.signature())
	}
	if g.one(12) { // a function that calls itself, as deep as it is told
		g.recursions = append(g.recursions, len(g.funcs))
		g.addFunc(Signature{append([]byte{I32}, g.signature().Params...), []byte{g.scalar()}})
		if m.budget = int32(g.IntN(200)); g.one(3) {
			m.budget = int32(g.IntN(1900))
		}
	}
	for range tableSize - 1 {
		g.entries = append(g.entries, g.IntN(len(g.funcs)))
	}
	g.entries = append(g.entries, -1)
	var bodies [][]byte
	for f := len(Imports); f < len(g.funcs); f++ {
		m.Funcs = append(m.Funcs, g.types[g.funcs[f]])
		bodies = append(bodies, g.body(f))
	}
	m.Code = g.assemble(bodies)
	return m
}

func (g *generator) assemble(bodies [][]byte) []byte {
	var types, imports, funcs, exports []code
	export := func(s string, kind byte, index int) {
		c := code(name(s))
		c.at(kind, index)
		exports = append(exports, c)
	}
	for _, s := range g.types {
		c := code{0x60}
		c.op(sized(s.Params)...)
		c.op(sized(s.Results)...)
		types = append(types, c)
	}
	for i, f := range Imports {
		c := code(append(name("env"), name(f.Name)...))
		c.at(0, g.funcs[i])
		imports = append(imports, c)
	}
	for i := range bodies {
		f := len(Imports) + i
		var c code
		c.u(uint64(g.funcs[f]))
		funcs = append(funcs, c)
		export(fmt.Sprintf("f%d", i), 0, f)
	}
	export("memory", 2, 0)
	var globals []code
	for i, t := range Globals {
		export(t.Name, 3, i)
		c := code{t.Type, 1}
		switch t.Type {
		case I32:
			c.i32(int32(7 * i))
		case I64:
			c.i64(-3)
		case F32:
			c.f32(0)
		case F64:
			c.f64(1 << 62)
		case V128:
			c.v128(1, 2)
		}
		c.op(opEnd)
		globals = append(globals, c)
	}
	elements := code{0}
	elements.i32(0)
	elements.op(opEnd)
	elements.u(uint64(len(g.entries) - 1)) // the last is null
	for _, f := range g.entries[:len(g.entries)-1] {
		elements.u(uint64(f))
	}
	memory := code{1}
	memory.u(uint64(g.pages))
	memory.u(uint64(g.m.Limit))
	out := []byte("\x00asm\x01\x00\x00\x00")
	for _, s := range [][]byte{
		section(1, types), section(2, imports), section(3, funcs), section(4, []code{{0x70, 0, tableSize}}),
		section(5, []code{memory}), section(6, globals), section(7, exports), section(9, []code{elements}), section(10, bodies),
	} {
		out = append(out, s...)
	}
	return out
}

// addFunc adds a function of a type.
func (g *generator) addFunc(s Signature) {
	for i, t := range g.types {
		if string(t.Params) == string(s.Params) && string(t.Results) == string(s.Results) {
			g.funcs = append(g.funcs, i)
			return
		}
	}
	g.funcs = append(g.funcs, len(g.types))
	g.types = append(g.types, s)
}

func (g *generator) signature() (s Signature) {
	n := g.IntN(5)
	if g.one(8) {
		n = 8 + g.IntN(16) // more than there are registers
	}
	for range n {
		s.Params = append(s.Params, g.anyType())
	}
	n = g.pick(0, 1, 1, 1)
	if g.m.Plain && g.one(3) {
		n = g.pick(2, 3, 12)
	}
	for range n {
		s.Results = append(s.Results, g.anyType())
	}
	return s
}

// one is true once in n times.
func (g *generator) one(n int) bool { return g.IntN(n) == 0 }

func (g *generator) pick(of ...int) int { return of[g.IntN(len(of))] }

// scalar is a type, most often an integer one.
func (g *generator) scalar() byte {
	return []byte{I32, I32, I32, I32, I64, I64, I64, F64, F64, F32}[g.IntN(10)]
}

func (g *generator) anyType() byte {
	if g.one(12) {
		return V128
	}
	return g.scalar()
}

// risky tells whether an instruction may trap.
func (g *generator) risky() bool { return g.risk > 0 && g.IntN(1000) < g.risk }
