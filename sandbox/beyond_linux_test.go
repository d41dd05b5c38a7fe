package sandbox

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

// access is a way to reach memory.
type access struct {
	name  string
	width uint32
	// before and after stand around the address: operands, and the instruction with its offset after it.
	before, after func(offset []byte) []byte
}

// accesses are all that there are but bulk instructions, which check their addresses on every engine.
var accesses = func() (all []access) {
	add := func(name string, width uint32, before any, after func(offset []byte) []byte) {
		all = append(all, access{name, width, func([]byte) []byte { return asm(before) }, after})
	}
	load := func(name string, width uint32, parts ...any) {
		add(name, width, nil, func(offset []byte) []byte { return asm(asm(parts...), 0, offset, opDrop) })
	}
	store := func(name string, width uint32, value []byte, parts ...any) {
		add(name, width, nil, func(offset []byte) []byte { return asm(value, asm(parts...), 0, offset) })
	}
	for i, width := range []uint32{4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4} {
		load(fmt.Sprintf("load %#x", 0x28+i), width, 0x28+i)
	}
	for i, width := range []uint32{4, 8, 4, 8, 1, 2, 1, 2, 4} {
		value := i64(-1)
		switch i {
		case 0, 4, 5:
			value = i32(-1)
		case 2:
			value = f32(1)
		case 3:
			value = f64(1)
		}
		store(fmt.Sprintf("store %#x", 0x36+i), width, value, 0x36+i)
	}
	for i, width := range []uint32{16, 8, 8, 8, 8, 8, 8, 1, 2, 4, 8} {
		load(fmt.Sprintf("load 0xfd %d", i), width, 0xfd, i)
	}
	store("store 0xfd 11", 16, v128(7), 0xfd, 11)
	for i, width := range []uint32{1, 2, 4, 8} {
		add(fmt.Sprintf("load lane %d", width), width, nil, func(offset []byte) []byte { return asm(v128(7), 0xfd, 84+i, 0, offset, 1, opDrop) })
		add(fmt.Sprintf("store lane %d", width), width, nil, func(offset []byte) []byte { return asm(v128(7), 0xfd, 88+i, 0, offset, 1) })
	}
	load("load 0xfd 92", 4, 0xfd, 92)
	load("load 0xfd 93", 8, 0xfd, 93)
	// Of these only a part is used.
	add("wrap of a load", 8, nil, func(offset []byte) []byte { return asm(0x29, 0, offset, 0xa7, opGlobalSet, 0) })
	add("extend32_s of a load", 8, nil, func(offset []byte) []byte { return asm(0x29, 0, offset, 0xc4, opGlobalSet, 1) })
	add("extend16_s of a load", 4, nil, func(offset []byte) []byte { return asm(opLoad, 0, offset, 0xc1, opGlobalSet, 0) })
	add("extend8_s of a load", 4, nil, func(offset []byte) []byte { return asm(opLoad, 0, offset, 0xc0, opGlobalSet, 0) })
	add("shift by a load", 4, v128(7), func(offset []byte) []byte { return asm(opLoad, 0, offset, 0xfd, 0xcc, 1, 0xfd, 24, 0, opGlobalSet, 0) })
	add("i8x16.splat of a load", 4, nil, func(offset []byte) []byte { return asm(opLoad, 0, offset, 0xfd, 15, 0xfd, 22, 0, opGlobalSet, 0) })
	// These are merged with what uses them, which comes after another trap.
	add("load before a division", 4, opGlobalGet0, func(offset []byte) []byte {
		return asm(opLoad, 0, offset, i32(1), opGlobalGet, 0, 0x6d, opGlobalSet, 0, opI32Add, opGlobalSet, 0)
	})
	add("load before a conversion", 8, []byte{opGlobalGet, 1}, func(offset []byte) []byte {
		return asm(0x29, 0, offset, f64(1e300), 0xaa, opGlobalSet, 0, 0x7c, opGlobalSet, 1)
	})
	return all
}()

var opGlobalGet0 = []byte{opGlobalGet, 0}

// target is an address and an offset.
type target struct{ addr, offset uint32 }

// targets are what lies beyond a memory of that size.
func targets(size, width uint32) []target {
	all := []target{
		{size, 0}, {0, size}, {0x7fffffff, 0}, {0x80000000, 0}, {0xffffffff, 0}, {0, 0x7fffffff}, {0, 0x80000000}, {0, 0xffffffff},
		{0x7fffffff, 0x7fffffff}, {0x80000000, 0x80000000}, {0xffffffff, 0x7fffffff}, {0x7fffffff, 0x80000000}, {0xffffffff, 0xffffffff},
		{size + 1<<20, 0}, {1 << 30, 1 << 30},
	}
	if size >= width {
		all = append(all, target{size - width + 1, 0}, target{0, size - width + 1}, target{size - 1, width})
	}
	return all
}

// shapes are the memories, in pages, and how they came to that size.
var shapes = []struct {
	name         string
	begin, grown int
	back         int // and put back to
	frozen       bool
}{
	{"empty", 0, 0, 0, false},
	{"a page", 1, 1, 1, false},
	{"grown", 1, 3, 3, false},
	{"grown and put back", 1, 3, 1, false},
	{"grown far and put back", 2, 400, 2, false},
	{"frozen", 2, 2, 2, true},
	{"frozen, grown and put back", 2, 5, 2, true},
}

// beyondModule accesses memory at an address that it is given, at one that it knows, and at the former without offset.
func beyondModule(a access, to target, pages int) []byte {
	offset := uleb(nil, uint64(to.offset))
	return moduleOf(
		sectionOf(1, funcType(one, none)),
		sectionOf(3, []byte{0}, []byte{0}, []byte{0}),
		sectionOf(5, asm(0, pages)),
		sectionOf(6, asm(typeI32, 1, i32(0), opEnd), asm(typeI64, 1, i64(0), opEnd)),
		sectionOf(7, exportOf("given", 0, 0), exportOf("known", 0, 1), exportOf("within", 0, 2)),
		sectionOf(10,
			codeOf(0, a.before(offset), get(0), a.after(offset)),
			codeOf(0, a.before(offset), i32(int(int32(to.addr))), a.after(offset)),
			codeOf(0, a.before(offset), get(0), a.after([]byte{0})),
		),
	)
}

// instantiateShape makes an instance whose memory is shapes[i].
func instantiateShape(t *testing.T, e *Engine, i int, module func(pages int) []byte) (api.Module, *linearMemory) {
	s := shapes[i]
	var from *frozen
	if s.frozen {
		f, err := freeze(make([]byte, s.begin*wasmPage), state{Size: uint64(s.begin * wasmPage)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.release() })
		from = f
	}
	mod, mem := instantiateOn(t, e, from, module(s.begin), maxMemory)
	if _, ok := mod.Memory().Grow(uint32(s.grown - s.begin)); !ok {
		t.Fatal("memory does not grow")
	}
	if s.back != s.grown {
		mem.reset = uint64(s.back * wasmPage)
		_, ok := mod.Memory().Grow(1)
		mem.reset = 0
		if err := mem.restore(uint64(s.back*wasmPage), nil); !ok || err != nil {
			t.Fatal("memory does not shrink", err)
		}
	}
	return mod, mem
}

// TestBeyond: an access beyond the memory traps where addresses are checked. Where they are not, it ends the process, by a
// fault at that very address.
func TestBeyond(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	const trap = "wasm error: out of bounds memory access"
	if choice := os.Getenv("BOREL_TEST_BEYOND"); choice != "" {
		beyond(t, choice)
		return
	}
	for _, e := range modes(t) {
		for i, s := range shapes {
			t.Run(fmt.Sprintf("%s/%s", e.mode, s.name), func(t *testing.T) {
				size := uint32(s.back * wasmPage)
				for j, a := range accesses {
					for k, to := range targets(size, a.width) {
						full := os.Getenv("BOREL_FULL") != ""
						part := s.name == "a page" && k >= len(targets(0, 99)) && strings.Contains(a.name, "a load")
						if !full && !part && (i+j+k)%len(targets(0, 99)) != 0 && (e.mode == Guarded || k < len(targets(0, 99)) && a.width != 4) {
							continue
						}
						export := []string{"given", "known"}[(i+j)%2]
						if e.mode == Guarded {
							if full || part || i%3 == j%3 {
								faults(t, i, j, k, export, size, to)
							}
							continue
						}
						mod, mem := instantiateShape(t, e, i, func(pages int) []byte { return beyondModule(a, to, pages) })
						if size >= a.width && !strings.Contains(a.name, "before") {
							if _, err := mod.ExportedFunction("within").Call(t.Context(), uint64(size-a.width)); err != nil {
								t.Errorf("%s at the end: %v", a.name, err)
							}
						}
						if _, err := mod.ExportedFunction(export).Call(t.Context(), uint64(to.addr)); describe(err) != trap {
							t.Errorf("%s at %#x + %#x, %s, of %#x: %s", a.name, to.addr, to.offset, export, mem.size, describe(err))
						}
						mod.Close(t.Context())
					}
				}
			})
		}
	}
}

var (
	baseLine  = regexp.MustCompile(`(?m)^base (0x[0-9a-f]+)$`)
	faultLine = regexp.MustCompile(`(?m)^unexpected fault address (0x[0-9a-f]+)$`)
)

// faults has a process of its own make one access of guarded memory.
func faults(t *testing.T, shape, access, to int, export string, size uint32, at target) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestBeyond$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("BOREL_TEST_BEYOND=%d %d %d %s", shape, access, to, export), "GOTRACEBACK=none")
	out, _ := cmd.CombinedOutput()
	number := func(r *regexp.Regexp) uint64 {
		m := r.FindSubmatch(out)
		if m == nil {
			return 0
		}
		n, _ := strconv.ParseUint(string(m[1]), 0, 64)
		return n
	}
	base, fault := number(baseLine), number(faultLine)
	want := base + max(uint64(at.addr)+uint64(at.offset), uint64(size)) // what begins within the memory faults where that ends
	// Go handles the fault on the guest's stack, and where that lies below its own it finds fault with that first.
	told := fault != 0 || !strings.Contains(string(out), "split stack overflow")
	if base == 0 || told && fault != want || cmd.ProcessState.Success() {
		t.Errorf("%s at %#x + %#x, %s: fault at %#x, want %#x; output %.300s", accesses[access].name, at.addr, at.offset, export, fault, want, out)
	}
}

// beyond is that process.
func beyond(t *testing.T, choice string) {
	var shape, which, to int
	var export string
	if _, err := fmt.Sscan(choice, &shape, &which, &to, &export); err != nil {
		t.Fatal(err)
	}
	e, err := New(t.Context(), Config{Guarded: true})
	if err != nil {
		t.Fatal(err)
	}
	a, size := accesses[which], uint32(shapes[shape].back*wasmPage)
	at := targets(size, a.width)[to]
	mod, mem := instantiateShape(t, e, shape, func(pages int) []byte { return beyondModule(a, at, pages) })
	if size >= a.width && !strings.Contains(a.name, "before") {
		if _, err := mod.ExportedFunction("within").Call(t.Context(), uint64(size-a.width)); err != nil {
			t.Fatalf("%s at the end: %v", a.name, err)
		}
	}
	fmt.Printf("base %p\n", &mem.pages.(*mapped).b[0])
	_, err = mod.ExportedFunction(export).Call(t.Context(), uint64(at.addr))
	fmt.Println(describe(err))
}

// TestBulkBeyond: bulk instructions trap on every engine, and write nothing then.
func TestBulkBeyond(t *testing.T) {
	const size = 3 * wasmPage
	module := func(pages int) []byte {
		return moduleOf(
			sectionOf(1, funcType(one+one+one, none)),
			sectionOf(3, []byte{0}, []byte{0}),
			sectionOf(5, asm(0, pages)),
			sectionOf(7, exportOf("fill", 0, 0), exportOf("copy", 0, 1)),
			sectionOf(10,
				codeOf(0, get(0), get(1), get(2), opPrefixFC, fcMemoryFill, 0),
				codeOf(0, get(0), get(1), get(2), opPrefixFC, fcMemoryCopy, 0, 0)))
	}
	for _, e := range modes(t) {
		mod, mem := instantiateShape(t, e, 2, module)
		for _, c := range []struct {
			export string
			params [3]uint64
			traps  bool
		}{
			{"fill", [3]uint64{size, 1, 0}, false},
			{"fill", [3]uint64{size + 1, 1, 0}, true},
			{"fill", [3]uint64{size - 1, 1, 2}, true},
			{"fill", [3]uint64{0, 1, size + 1}, true},
			{"fill", [3]uint64{0, 1, 0xffffffff}, true},
			{"fill", [3]uint64{0xffffffff, 1, 0xffffffff}, true},
			{"fill", [3]uint64{0x80000000, 1, 0x80000000}, true},
			{"copy", [3]uint64{0, size, 0}, false},
			{"copy", [3]uint64{0, size + 1, 0}, true},
			{"copy", [3]uint64{size - 1, 0, 2}, true},
			{"copy", [3]uint64{0, size - 1, 2}, true},
			{"copy", [3]uint64{0xffffffff, 0, 1}, true},
			{"copy", [3]uint64{0, 0xffffffff, 1}, true},
			{"copy", [3]uint64{0x80000000, 0x80000000, 0x80000000}, true},
		} {
			_, err := mod.ExportedFunction(c.export).Call(t.Context(), c.params[:]...)
			if want := map[bool]string{false: "went on", true: "wasm error: out of bounds memory access"}[c.traps]; describe(err) != want {
				t.Errorf("%s: %s%#x: %s, want %s", e.mode, c.export, c.params, describe(err), want)
			}
		}
		for i, c := range mem.bytes() {
			if c != 0 {
				t.Fatalf("%s: byte %#x was written", e.mode, i)
			}
		}
	}
}
