package sandbox

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// arithmeticHost gives rt what the module arithmetic imports, before and after instrumentation.
func arithmeticHost(tb testing.TB, rt wazero.Runtime) {
	tb.Helper()
	double := api.GoFunc(func(_ context.Context, stack []uint64) { stack[0] = uint64(uint32(stack[0]) * 2) })
	i32s := []api.ValueType{api.ValueTypeI32}
	if _, err := rt.NewHostModuleBuilder("env").NewFunctionBuilder().WithGoFunction(double, i32s, i32s).Export("double").Instantiate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	refill := api.GoFunc(func(context.Context, []uint64) {})
	if _, err := rt.NewHostModuleBuilder(hostModule).NewFunctionBuilder().WithGoFunction(refill, nil, nil).Export(refillImport).Instantiate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

var engines = []struct {
	name   string
	config func() wazero.RuntimeConfig
}{
	{"compiler", wazero.NewRuntimeConfig},
	{"interpreter", wazero.NewRuntimeConfigInterpreter},
}

// TestInstrument: functions return what they did before, and use the fuel that the documentation of instrument says.
func TestInstrument(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			rt := wazero.NewRuntimeWithConfig(t.Context(), engine.config())
			defer rt.Close(t.Context())
			arithmeticHost(t, rt)
			instantiate := func(code []byte) api.Module {
				t.Helper()
				m, err := rt.InstantiateWithConfig(t.Context(), code, wazero.NewModuleConfig().WithName(""))
				if err != nil {
					t.Fatal(err)
				}
				return m
			}
			p, err := instrument(arithmetic, true)
			if err != nil {
				t.Fatal(err)
			}
			if want := []string{globalExport + "1", globalExport + "3"}; !slices.Equal(p.globals, want) {
				t.Errorf("mutable globals are %q, want %q: the module's own and the depth", p.globals, want)
			}
			for _, c := range []struct {
				name          string
				n, want, fuel uint64
				deep          bool // deeper than wazero's interpreter goes
			}{
				{name: "fact", n: 5, want: 120, fuel: 5},
				{name: "fact", n: 1, want: 1, fuel: 1},
				{name: "sum", n: 0, want: 0, fuel: 1},
				{name: "sum", n: 10, want: 55, fuel: 11},
				{name: "seven", n: 0, want: 7, fuel: 0},
				{name: "seven", n: 4, want: 7, fuel: 4},
				{name: "nested", n: 3, want: 9, fuel: 3*2 + 2},
				{name: "host", n: 2, want: 10 + 5 + 3, fuel: 5},
				{name: "fill", n: 1600, want: 6, fuel: 100},
				{name: "fill", n: 15, want: 6, fuel: 0},
				{name: "copy", n: 1600, want: 0, fuel: 100},
				{name: "grow", n: 0, want: 1, fuel: 0},
				{name: "grow", n: 3, want: 1, fuel: 3 * 2048},
				{name: "grow", n: 1 << 31, want: 1<<32 - 1, fuel: 1 << 42},
				{name: "even", n: 6, want: 1, fuel: 4},
				{name: "even", n: 5, want: 0, fuel: 3},
				{name: "table", n: 2, want: 4, fuel: 1},
				{name: "tail", n: 21, want: 42, fuel: 1},
				{name: "deep", n: 500, want: 500, fuel: 501},
				{name: "through", n: 500, want: 3, fuel: 500},
				{name: "deep", n: maxDepth - 1, want: maxDepth - 1, fuel: maxDepth, deep: true},
				{name: "through", n: maxDepth, want: 3, fuel: maxDepth, deep: true},
				{name: "even", n: 2*maxDepth - 2, want: 1, fuel: maxDepth, deep: true},
			} {
				if c.deep && engine.name == "interpreter" {
					continue
				}
				before, after := instantiate(arithmetic), instantiate(p.code)
				old, err := before.ExportedFunction(c.name).Call(t.Context(), c.n)
				if err != nil || uint64(uint32(old[0])) != c.want {
					t.Errorf("%s(%d) before: got %v, %v, want %d", c.name, c.n, old, err, c.want)
				}
				fuel := after.ExportedGlobal(fuelExport).(api.MutableGlobal)
				fuel.Set(1 << 50)
				got, err := after.ExportedFunction(c.name).Call(t.Context(), c.n)
				if err != nil || uint64(uint32(got[0])) != c.want {
					t.Errorf("%s(%d) after: got %v, %v, want %d", c.name, c.n, got, err, c.want)
				}
				if used := 1<<50 - fuel.Get(); used != c.fuel {
					t.Errorf("%s(%d) used %d units of fuel, want %d", c.name, c.n, used, c.fuel)
				}
				if depth := after.ExportedGlobal(globalExport + "3").Get(); depth != maxDepth {
					t.Errorf("%s(%d) leaves the depth at %d", c.name, c.n, depth)
				}
				before.Close(t.Context())
				after.Close(t.Context())
			}
			if engine.name == "interpreter" {
				return
			}
			for name, n := range map[string]uint64{"deep": maxDepth, "through": maxDepth + 1, "even": 2 * maxDepth, "nested": maxDepth + 1, "seven": maxDepth + 1} {
				m := instantiate(p.code)
				_, err := m.ExportedFunction(name).Call(t.Context(), n)
				if err == nil || !strings.Contains(err.Error(), "unreachable") {
					t.Errorf("%s, one call too deep: got %v, want a trap", name, err)
				}
				m.Close(t.Context())
			}
		})
	}
}

// TestUnmetered: without metering neither loops nor calls cost fuel, and depth is still counted.
func TestUnmetered(t *testing.T) {
	rt := wazero.NewRuntime(t.Context())
	defer rt.Close(t.Context())
	arithmeticHost(t, rt)
	p, err := instrument(arithmetic, false)
	if err != nil {
		t.Fatal(err)
	}
	m, err := rt.Instantiate(t.Context(), p.code)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := m.ExportedFunction("sum").Call(t.Context(), 10); err != nil || got[0] != 55 || m.ExportedGlobal(fuelExport).Get() != 0 {
		t.Errorf("got %v, %v, fuel %d, want 55, nil, 0", got, err, m.ExportedGlobal(fuelExport).Get())
	}
	if _, err := m.ExportedFunction("deep").Call(t.Context(), maxDepth); err == nil {
		t.Error("too deep a call did not trap")
	}
}

// TestInstrumentRefuses names what a restore could not put back, or the instrumentation does not know.
func TestInstrumentRefuses(t *testing.T) {
	types := sectionOf(1, funcType(none, none), funcType(none, one+one))
	function := func(parts ...any) []byte {
		return moduleOf(types, sectionOf(3, []byte{0}), sectionOf(10, codeOf(0, parts...)))
	}
	for _, c := range []struct {
		name   string
		module []byte
		err    string
	}{
		{"nothing", nil, "not a WebAssembly module"},
		{"version 2", []byte("\x00asm\x02\x00\x00\x00"), "not a WebAssembly module"},
		{"unknown section", moduleOf(sectionOf(13)), "section 13 is not known"},
		{"start function", moduleOf(types, sectionOf(3, []byte{0}), asm(8, 1, 0), sectionOf(10, codeOf(0))), "start function"},
		{"imported memory", moduleOf(types, sectionOf(2, asm(1, "m", 1, "n", 2, 0, 1))), "only functions can be imported"},
		{"imported global", moduleOf(types, sectionOf(2, asm(1, "m", 1, "n", 3, typeI32, 1))), "only functions can be imported"},
		{"passive data", moduleOf(types, sectionOf(3), sectionOf(5, asm(0, 1)), sectionOf(10), sectionOf(11, asm(1, sized([]byte("x"))))), "active data segments"},
		{"data at a global", moduleOf(types, sectionOf(3), sectionOf(10), sectionOf(11, asm(0, opGlobalGet, 0, opEnd, sized([]byte("x"))))), "active data segments"},
		{"passive elements", moduleOf(types, sectionOf(3), sectionOf(9, asm(1, 0, vector([]byte{0}))), sectionOf(10)), "active element segments"},
		{"elements at a global", moduleOf(types, sectionOf(3), sectionOf(9, asm(0, opGlobalGet, 0, opEnd, vector())), sectionOf(10)), "element offset"},
		{"a global of a function", moduleOf(types, sectionOf(3), sectionOf(6, asm(0x70, 0, opRefFunc, 0, opEnd)), sectionOf(10)), "holds a function"},
		{"table.set", function(i32(0), 0xd0, 0x70, 0x26, 0), "0x26 is not known"},
		{"table.grow", function(0xd0, 0x70, i32(1), opPrefixFC, 15, 0, opDrop), "changes tables"},
		{"table.init", function(i32(0), i32(0), i32(0), opPrefixFC, 12, 0, 0), "changes tables"},
		{"memory.init", function(i32(0), i32(0), i32(0), opPrefixFC, 8, 0, 0), "changes tables or segments"},
		{"return_call", function(0x12, 0), "0x12 is not known"},
		{"atomics", function(0xfe, 3, 0), "0xfe is not known"},
		{"two results", moduleOf(types, sectionOf(3, []byte{1}), sectionOf(10, codeOf(0, i32(0), i32(0)))), "several results"},
		{"fewer bodies than functions", moduleOf(types, sectionOf(3, []byte{0}), sectionOf(10)), "differ in length"},
		{"a type that is no function's", moduleOf(sectionOf(1, []byte{0x5f, 0, 0})), "not a function type"},
	} {
		if _, err := instrument(c.module, true); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: got %v, want %q in the error", c.name, err, c.err)
		}
	}
}

// FuzzInstrument: no bytes make it panic, and a module that wazero compiles is one that wazero compiles afterwards.
func FuzzInstrument(f *testing.F) {
	rt := wazero.NewRuntimeWithConfig(f.Context(), wazero.NewRuntimeConfigInterpreter())
	f.Cleanup(func() { rt.Close(context.Background()) })
	for _, m := range [][]byte{arithmetic, testGuest} {
		for n := range m {
			f.Add(m[:n])
		}
		f.Add(m)
	}
	f.Fuzz(func(t *testing.T, module []byte) {
		p, err := instrument(module, true)
		if err != nil {
			return
		}
		before, err := rt.CompileModule(t.Context(), module)
		if err != nil {
			return
		}
		before.Close(t.Context())
		after, err := rt.CompileModule(t.Context(), p.code)
		if err != nil {
			t.Fatalf("the instrumented module: %v", err)
		}
		after.Close(t.Context())
	})
}

// TestWeights: what a stretch costs, and that every passage of a heavy one is paid for, once.
func TestWeights(t *testing.T) {
	rt := wazero.NewRuntime(t.Context())
	defer rt.Close(t.Context())
	refill := api.GoFunc(func(context.Context, []uint64) {})
	if _, err := rt.NewHostModuleBuilder(hostModule).NewFunctionBuilder().WithGoFunction(refill, nil, nil).Export(refillImport).Instantiate(t.Context()); err != nil {
		t.Fatal(err)
	}
	add := func(n int) []byte { // of weight n
		return slices.Repeat(asm(get(0), i32(1), opI32Add, opLocalSet, 0), n)
	}
	const heavy = unitWeight - 1 // one short of a unit
	divide := asm(get(0), get(0), i32(1), 0x6e, opDrop, opDrop)
	for _, c := range []struct {
		name string
		body []byte
		fuel uint64 // with the argument 0, and with 3
		more uint64
	}{
		{"light", add(heavy), 0, 0},
		{"a unit", add(unitWeight), 1, 1},
		{"ten units", add(10*unitWeight + heavy), 10, 10},
		{"two light stretches", asm(add(heavy), opBlock, typeEmpty, get(0), opBrIf, 0, opEnd, add(heavy)), 1, 1}, // the branch weighs 2
		{"divisions", asm(divide, divide), 1, 1},
		{"under a condition", asm(get(0), opIf, typeEmpty, add(5*unitWeight), opEnd), 0, 5},
		{"otherwise", asm(get(0), opIf, typeEmpty, opElse, add(5*unitWeight), opEnd), 5, 0},
		{"in a loop", asm(opLoop, typeEmpty, add(2*unitWeight), get(0), i32(1000), 0x48, opBrIf, 0, opEnd), 3 * (1000/(2*unitWeight) + 1), 3 * (997/(2*unitWeight) + 1)},
		{"a light call, 2 × 12", asm(get(0), opCall, 1, opDrop, get(0), opCall, 1, opDrop), 1, 1},
		{"a heavy call", asm(get(0), opCall, 2, opDrop), 2, 2},
	} {
		module := moduleOf(
			sectionOf(1, funcType(one, one)), sectionOf(3, []byte{0}, []byte{0}, []byte{0}), sectionOf(7, exportOf("f", 0, 0)),
			sectionOf(10, codeOf(0, c.body, get(0)), codeOf(0, add(unitWeight/2-callWeight), get(0)), codeOf(0, add(2*unitWeight), get(0))))
		p, err := instrument(module, true)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		m, err := rt.InstantiateWithConfig(t.Context(), p.code, wazero.NewModuleConfig().WithName(""))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		fuel := m.ExportedGlobal(fuelExport).(api.MutableGlobal)
		for arg, want := range map[uint64]uint64{0: c.fuel, 3: c.more} {
			fuel.Set(1 << 50)
			if _, err := m.ExportedFunction("f").Call(t.Context(), arg); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if used := 1<<50 - fuel.Get(); used != want {
				t.Errorf("%s(%d) used %d units of fuel, want %d", c.name, arg, used, want)
			}
		}
		m.Close(t.Context())
	}
}
