package sandbox

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// What compiled code can reach: see also beyond_linux_test.go for what lies beyond the memory.

// modes are the engines that this program has, on memory that can be mapped.
func modes(tb testing.TB) (found []*Engine) {
	tb.Helper()
	for _, cfg := range []Config{{}, {Guarded: true}, {Portable: true}, {Interpreter: true}} {
		e, err := New(tb.Context(), cfg)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { e.Close(context.Background()) })
		if cfg.Guarded && e.mode != Guarded {
			continue
		}
		found = append(found, e)
	}
	return found
}

// instantiateOn makes an instance of a module, as it is, on a memory of its own that begins as from and may have limit bytes.
func instantiateOn(tb testing.TB, e *Engine, from *frozen, module []byte, limit uint64) (api.Module, *linearMemory) {
	tb.Helper()
	room := e.mode.room()
	room.size = limit
	p, err := from.newPages(room, e.cfg.Portable)
	if err != nil {
		tb.Fatal(err)
	}
	mem := &linearMemory{pages: p, limit: limit}
	ctx := experimental.WithMemoryAllocator(tb.Context(), experimental.MemoryAllocatorFunc(func(_, _ uint64) experimental.LinearMemory { return mem }))
	compiled, err := e.rt.CompileModule(ctx, module)
	if err != nil {
		tb.Fatal(err)
	}
	mod, err := e.rt.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { mod.Close(context.Background()) })
	return mod, mem
}

const (
	i64T = "\x7e"
	f32T = "\x7d"
	f64T = "\x7c"
)

func i64(v int64) []byte { return sleb([]byte{opI64Const}, v) }

func f32(v float32) []byte {
	return binary.LittleEndian.AppendUint32([]byte{0x43}, math.Float32bits(v))
}

func f64(v float64) []byte {
	return binary.LittleEndian.AppendUint64([]byte{0x44}, math.Float64bits(v))
}

// v128 is a vector of 16 such bytes.
func v128(b byte) []byte { return append([]byte{0xfd, 12}, slices.Repeat([]byte{b}, 16)...) }

// sources are the ways in which an i32 comes about, each with the value that it has where parameter 0 is 0x80001000,
// parameter 1 is 0x7fffffff_90002000, and memory holds 0xfe at all addresses below 64. Whatever its value, nothing of what
// is in the upper half of its register may take part in an address.
var sources = []struct {
	name string
	code []byte
	want uint32
}{
	{"constant", i32(-0x80000000), 0x80000000},
	{"constant near the end", i32(-65600), 0xfffeffc0},
	{"parameter", get(0), 0x80001000},
	{"parameter on the stack", asm(slices.Repeat(i32(-7), 19), get(0), opCall, fnMany), 0x80001000},
	{"result", asm(i32(-70000), opCall, fnSame), 0xfffeee90},
	{"result through the table", asm(i32(-70000), i32(0), opCallInd, tSame, 0), 0xfffeee90},
	{"result on the stack", asm(opCall, fnResults, slices.Repeat([]byte{opLocalSet, 2}, 9), get(2), opDrop), 0xfffe0000},
	{"result of the host", asm(opCall, fnHost), 0x90003000},
	{"second result of the host", asm(opCall, fnHost2, opLocalSet, 2, opDrop, get(2)), 0x90004000},
	{"global", asm(opGlobalGet, 0), 0xfffe8000},
	{"wrap", asm(get(1), 0xa7), 0x90002000},
	{"wrap of a load", asm(i32(0), 0x29, 0, 0, i64(0x01000000_00000000), 0x84, 0xa7, i32(0xffff), opI32And), 0xfefe},
	{"select", asm(get(0), i32(5), i32(1), 0x1b), 0x80001000},
	{"select of loads", asm(i32(0), opLoad8S, 0, 0, i32(5), get(0), 0x1b, i32(-65536), opI32And), 0xffff0000},
	{"load8_s", asm(i32(0), opLoad8S, 0, 0, i32(-200), opI32Add), 0xffffff36},
	{"load8_s alone", asm(i32(0), opLoad8S, 0, 0), 0xfffffffe},
	{"load16_s alone", asm(i32(0), opLoad16S, 0, 0), 0xfffffefe},
	{"load8_u", asm(i32(0), opLoad8, 0, 0), 0xfe},
	{"load16_u", asm(i32(0), 0x2f, 0, 0), 0xfefe},
	{"load", asm(i32(0), opLoad, 0, 0), 0xfefefefe},
	{"extend8_s", asm(i32(0), opLoad8, 0, 0, 0xc0), 0xfffffffe},
	{"extend16_s", asm(i32(0), opLoad, 0, 0, 0xc1), 0xfffffefe},
	{"add", asm(get(0), get(0), opI32Add), 0x2000},
	{"add of a constant", asm(get(0), i32(0x7fffffff), opI32Add), 0xfff},
	{"sub", asm(i32(0x100), get(0), opI32Sub), 0x7ffff100},
	{"mul", asm(get(0), get(0), opI32Mul, get(0), i32(3), opI32Mul, opI32Add), 0x81003000},
	{"div_s", asm(get(0), i32(3), 0x6d), 0xd5555aab},
	{"div_u", asm(get(0), i32(3), 0x6e), 0x2aaab000},
	{"rem_s", asm(get(0), i32(0x30001), 0x6f), 0xfffe3aaa},
	{"rem_u", asm(get(0), i32(0x30001), 0x70), 0x1e556},
	{"and", asm(get(0), i32(-1), opI32And), 0x80001000},
	{"or", asm(get(0), i32(-0x10000), 0x72), 0xffff1000},
	{"xor", asm(get(0), i32(-1), 0x73), 0x7fffefff},
	{"not", asm(i32(0), opLoad8S, 0, 0, i32(-1), 0x73), 1},
	{"shl", asm(get(0), i32(4), 0x74), 0x10000},
	{"shl of a variable", asm(get(0), get(1), 0xa7, 0x74), 0x80001000},
	{"shr_s", asm(get(0), i32(4), 0x75), 0xf8000100},
	{"shr_u", asm(get(0), i32(4), 0x76), 0x8000100},
	{"rotl", asm(get(0), i32(1), 0x77), 0x2001},
	{"rotr", asm(get(0), i32(13), 0x78), 0x80040000},
	{"clz", asm(get(0), 0x67), 0},
	{"ctz", asm(get(0), 0x68), 12},
	{"popcnt", asm(get(0), 0x69), 2},
	{"eqz", asm(get(0), opI32Eqz), 0},
	{"less than", asm(get(0), i32(0), 0x48), 1},
	{"compared i64", asm(get(1), i64(0), 0x55), 1},
	{"trunc_f32_s", asm(f32(-70000), 0xa8), 0xfffeee90},
	{"trunc_f32_u", asm(f32(3e9), 0xa9), 3000000000},
	{"trunc_f64_s", asm(f64(-70000), 0xaa), 0xfffeee90},
	{"trunc_f64_u", asm(f64(4294967295-70000), 0xab), 4294897295},
	{"trunc_sat_f32_s", asm(f32(-70000), opPrefixFC, 0), 0xfffeee90},
	{"trunc_sat_f32_s least", asm(f32(-7e10), opPrefixFC, 0), 0x80000000},
	{"trunc_sat_f32_u", asm(f32(3e9), opPrefixFC, 1), 3000000000},
	{"trunc_sat_f32_u greatest", asm(f32(3e19), opPrefixFC, 1), 0xffffffff},
	{"trunc_sat_f64_s", asm(f64(-70000), opPrefixFC, 2), 0xfffeee90},
	{"trunc_sat_f64_u", asm(f64(4294967295-70000), opPrefixFC, 3), 4294897295},
	{"trunc_sat_f64_u least", asm(f64(-7e10), opPrefixFC, 3), 0},
	{"reinterpret", asm(f32(float32(math.Copysign(0, -1))), 0xbc), 0x80000000},
	{"memory.grow refused", asm(i32(1), opMemoryGrow, 0), 0xffffffff},
	{"i8x16.extract_lane_s", asm(v128(0xfe), 0xfd, 21, 3), 0xfffffffe},
	{"i8x16.extract_lane_u", asm(v128(0xfe), 0xfd, 22, 3), 0xfe},
	{"i16x8.extract_lane_s", asm(v128(0xfe), 0xfd, 24, 3), 0xfffffefe},
	{"i16x8.extract_lane_u", asm(v128(0xfe), 0xfd, 25, 3), 0xfefe},
	{"i32x4.extract_lane", asm(v128(0xfe), 0xfd, 27, 3), 0xfefefefe},
	{"i8x16.bitmask", asm(v128(0xfe), 0xfd, 100), 0xffff},
	{"i16x8.bitmask", asm(v128(0xfe), 0xfd, 0x84, 1), 0xff},
	{"i32x4.bitmask", asm(v128(0xfe), 0xfd, 0xa4, 1), 0xf},
	{"i64x2.bitmask", asm(v128(0xfe), 0xfd, 0xc4, 1), 3},
	{"any_true", asm(v128(0xfe), 0xfd, 83), 1},
	{"all_true", asm(v128(0xfe), 0xfd, 99), 1},
	{"either of two", asm(get(0), opIf, typeI32, i32(0), opLoad8S, 0, 0, opElse, i32(0), opLoad16S, 0, 0, opEnd), 0xfffffffe},
	{"out of a block", asm(opBlock, typeI32, i32(0), opLoad16S, 0, 0, get(0), opBrIf, 0, opDrop, i32(1), opEnd), 0xfffffefe},
	{"round a loop", asm(i32(0), opLoad8S, 0, 0, opLocalSet, 2, opLoop, typeEmpty, get(2), i32(-0x40000000), opI32Add, opLocalTee, 2,
		i32(0), 0x48, opBrIf, 0, opEnd, get(2)), 0x7ffffffe},
}

// Functions and types of the module that TestAddresses makes.
const (
	fnHost = iota
	fnHost2
	fnMany
	fnSame
	fnResults
	fnNothing
	fnFirst // of the sources

	tSource             = 0
	tSame               = 2
	opI32And            = 0x71
	opLoad8S, opLoad16S = 0x2c, 0x2e
)

// sourcesModule exports a function for each of sources that writes 0xb5 to where the source says, and answers that.
func sourcesModule(pages int) []byte {
	imports := [][]byte{importOf("host", "one", 3), importOf("host", "two", 4)}
	funcs, codes := [][]byte{{5}, {tSame}, {6}, {7}}, [][]byte{
		codeOf(0, get(19)),
		codeOf(0, get(0)),
		codeOf(0, slices.Repeat(i32(-0x20000), 10)),
		codeOf(0),
	}
	var exports [][]byte
	for i, s := range sources {
		funcs = append(funcs, []byte{tSource})
		exports = append(exports, asm(sized([]byte(s.name)), 0, uleb(nil, uint64(fnFirst+i))))
		// The address is used twice, the second time after a call: what is known of it then is computed again.
		codes = append(codes, codeOf(2, s.code, opLocalTee, 3, get(3), i32(0x5a), opStore8, 0, 0, opCall, fnNothing,
			get(3), opLoad8, 0, 0, i32(0x5b), opI32Add, get(3), i32(0), opStore8, 0, 0, opCall, fnNothing,
			opLocalSet, 2, get(3), get(2), opStore8, 0, 0))
	}
	return moduleOf(
		sectionOf(1, funcType(one+i64T, one), funcType(none, none), funcType(one, one), funcType(none, one), funcType(none, one+one),
			funcType(strings.Repeat(one, 20), one), funcType(none, strings.Repeat(one, 10)), funcType(none, none)),
		sectionOf(2, imports...),
		sectionOf(3, funcs...),
		sectionOf(4, asm(0x70, 0, 1)),
		sectionOf(5, asm(0, uleb(nil, uint64(pages)))),
		sectionOf(6, asm(typeI32, 1, i32(-0x18000), opEnd)),
		sectionOf(7, exports...),
		sectionOf(9, asm(0, i32(0), opEnd, vector([]byte{fnSame}))),
		sectionOf(10, codes...),
	)
}

// TestAddresses: the address of an access is 32 bits of what it is made of, however those came about.
func TestAddresses(t *testing.T) {
	for _, e := range modes(t) {
		if e.mode != Safe && e.mode != Guarded || e.cfg.Portable {
			continue // no memory has more than 2 GiB there, and wazero as it was released goes wrong beyond (engine/README.md)
		}
		t.Run(string(e.mode), func(t *testing.T) {
			dirt := uint64(0xfffffffe) << 32
			_, err := e.rt.NewHostModuleBuilder("host").
				NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, _ api.Module, s []uint64) { s[0] = dirt | 0x90003000 }), nil, []api.ValueType{api.ValueTypeI32}).Export("one").
				NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, _ api.Module, s []uint64) { s[0], s[1] = dirt|1, dirt|0x90004000 }), nil, []api.ValueType{api.ValueTypeI32, api.ValueTypeI32}).Export("two").
				Instantiate(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			pages := 1 << 16
			if e.mode != Guarded {
				pages-- // wazero's compiler checks addresses against 32 bits of the size
			}
			mod, mem := instantiateOn(t, e, nil, sourcesModule(pages), uint64(pages)*wasmPage)
			b := mem.bytes()
			for _, s := range sources {
				for i := range 64 {
					b[i] = 0xfe
				}
				if uint64(s.want) >= uint64(len(b)) {
					continue
				}
				got, err := mod.ExportedFunction(s.name).Call(t.Context(), dirt|0x80001000, 0x7fffffff_90002000)
				if err != nil || uint32(got[0]) != s.want {
					t.Errorf("%s: got %#x, %v, want %#x", s.name, got, err, s.want)
					continue
				}
				if b[s.want] != 0xb5 {
					t.Errorf("%s: byte %#x is %#x, want 0xb5", s.name, s.want, b[s.want])
				}
				b[s.want] = 0
			}
		})
	}
}

// describe is how a call ended.
func describe(err error) string {
	if err == nil {
		return "went on"
	}
	return firstLine(fmt.Sprint(err))
}
