package sandbox

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// testGuest speaks the guest ABI without an interpreter: a step does what the first byte of its source says, and
// returns what the second byte is where it does nothing else. Its memory has 16 pages; the byte at marker is 'M'.
var testGuest = moduleOf(
	sectionOf(1, funcType(none, one), funcType(one, one), funcType(one+one, one), funcType(one+one+one+one, one), funcType(one, none)),
	sectionOf(2, importOf(wasiModule, "proc_exit", 4), importOf(wasiModule, "fd_write", 3), importOf(wasiModule, "random_get", 2)),
	sectionOf(3, []byte{0}, []byte{1}, []byte{2}, []byte{0}, []byte{3}, []byte{0}, []byte{1}, []byte{3}, []byte{0}),
	sectionOf(5, asm(0, 16)),
	sectionOf(6, asm(typeI32, 1, i32(4096), opEnd)),
	sectionOf(7, exportOf("init", 0, 3), exportOf("alloc", 0, 4), exportOf("harness", 0, 5), exportOf("begin", 0, 6), exportOf("compile", 0, 10), exportOf("exec", 0, 11), exportOf("finish", 0, 8)),
	sectionOf(10,
		codeOf(0, i32(0)),
		// alloc: from a global that moves up and never down
		codeOf(0, opGlobalGet, 0, opGlobalGet, 0, get(0), opI32Add, opGlobalSet, 0),
		codeOf(0, i32(0)),
		codeOf(0, i32(0)),
		// a step of name, its length, source, its length
		codeOf(0,
			when('l', opLoop, typeEmpty, opBr, 0, opEnd),
			when('u', opUnreachable),
			when('d', i32(0), opCall, 9, opReturn),
			when('x', argument, opCall, 0),
			when('g', argument, opMemoryGrow, 0, i32(-1), opI32Eq, opReturn),
			// write the source's rest to stdout
			when('w', i32(0), get(2), i32(1), opI32Add, opStore, 2, 0, i32(4), get(3), i32(1), opI32Sub, opStore, 2, 0,
				i32(1), i32(0), i32(1), i32(8), opCall, 1, opReturn),
			// fill this many pages of 4 KiB, from 64 KiB on, with 1
			when('f', i32(1<<16), i32(1), argument, i32(12), 0x74, opPrefixFC, fcMemoryFill, 0),
			// move 16 bytes of randomness, and what memory holds at the marker and after it, to stdout
			when('s', i32(marker+1), i32(16), opCall, 2, opDrop, i32(0), i32(marker), opStore, 2, 0, i32(4), i32(17), opStore, 2, 0,
				i32(1), i32(0), i32(1), i32(8), opCall, 1, opReturn),
			// spoil the marker
			when('m', i32(marker), argument, opStore8, 0, 0),
			when('a', opGlobalGet, 0, opReturn),
			argument),
		codeOf(0, i32(0)),
		// endless recursion
		codeOf(0, get(0), opCall, 9),
		// compile: remembers where the source is
		codeOf(0, i32(16), get(2), opStore, 2, 0, i32(20), get(3), opStore, 2, 0, i32(0)),
		codeOf(0, i32(0), i32(0), i32(16), opLoad, 2, 0, i32(20), opLoad, 2, 0, opCall, 7),
	),
	sectionOf(11, asm(0, i32(marker), opEnd, sized([]byte("M")))),
)

const marker = 1 << 15

// when is a part of step: what to do where the source begins with c.
func when(c byte, parts ...any) []byte {
	return asm(get(2), opLoad8, 0, 0, i32(int(c)), opI32Eq, opIf, typeEmpty, asm(parts...), opEnd)
}

var argument = asm(get(2), opLoad8, 0, 1)

// testConfigs are engines that differ in nothing that a result shows.
var testConfigs = []struct {
	name string
	cfg  Config
}{
	{"compiler", Config{Parallel: 2}},
	{"interpreter", Config{Parallel: 2, Interpreter: true}},
	{"portable", Config{Parallel: 2, Portable: true}},
}

func testTemplate(tb testing.TB, cfg Config) *Template {
	tb.Helper()
	e, err := New(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { e.Close(context.Background()) })
	t, err := e.Load(tb.Context(), Image{Name: "test", Module: bytesOf(testGuest), Rate: 1_000_000})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := t.Close(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	return t
}

func testSpec(steps ...string) Spec {
	s := Spec{Limits: Limits{Fuel: 1_000_000, Virtual: 10 * time.Second, Memory: 4 << 20, Output: 100, Files: 10, FileBytes: 1 << 10}}
	for _, source := range steps {
		s.Steps = append(s.Steps, Step{Name: "x", Source: []byte(source)})
	}
	return s
}

// TestTemplate: how runs end, and that a run ends the same however often and after whatever else it is done.
func TestTemplate(t *testing.T) {
	for _, engine := range testConfigs {
		t.Run(engine.name, func(t *testing.T) {
			tpl := testTemplate(t, engine.cfg)
			first := map[string]Result{}
			for round := range 3 {
				for _, c := range []struct {
					steps    []string
					reason   Reason
					returned []uint32
					code     int
					stdout   string
				}{
					{steps: nil, reason: Finished},
					{steps: []string{"-\x00", "-\x00"}, reason: Finished, returned: []uint32{0, 0}},
					{steps: []string{"-\x00", "-\x05", "-\x00"}, reason: Finished, returned: []uint32{0, 5}},
					{steps: []string{"whello", "-\x00"}, reason: Finished, returned: []uint32{0, 0}, stdout: "hello"},
					{steps: []string{"w" + strings.Repeat("x", 101)}, reason: Output, stdout: strings.Repeat("x", 100)},
					{steps: []string{"x\x07"}, reason: Exited, code: 7},
					{steps: []string{"l"}, reason: Fuel},
					{steps: []string{"u"}, reason: Trap},
					{steps: []string{"m\x00", "u"}, reason: Trap, returned: []uint32{0}},
					{steps: []string{"g\x30", "-\x00"}, reason: Finished, returned: []uint32{0, 0}},
					{steps: []string{"g\x31"}, reason: Memory, returned: []uint32{1}},
					{steps: []string{"g\x30", "u"}, reason: Trap, returned: []uint32{0}},
					{steps: []string{"g\x01", "l"}, reason: Fuel, returned: []uint32{0}},
					{steps: []string{"m\x00", "f\xe0"}, reason: Finished, returned: []uint32{0, 0xe0}},
				} {
					res, err := tpl.Run(t.Context(), testSpec(c.steps...))
					if err != nil {
						t.Fatalf("%q: %v", c.steps, err)
					}
					if res.Reason != c.reason || !slices.Equal(res.Returned, c.returned) || res.ExitCode != c.code || string(res.Stdout) != c.stdout {
						t.Errorf("%q: got %s, returned %d, exit code %d, stdout %q, want %s, %d, %d, %q", c.steps, res.Reason, res.Returned, res.ExitCode, res.Stdout, c.reason, c.returned, c.code, c.stdout)
					}
					if key := fmt.Sprint(c.steps); round == 0 {
						first[key] = res
					} else if want := first[key]; !reflect.DeepEqual(res, want) {
						t.Errorf("%q again: got %+v, want %+v", c.steps, res, want)
					}
				}
			}
			// Marker and allocator stand where they were frozen.
			at, err := tpl.Run(t.Context(), testSpec("a"))
			if err != nil || at.Returned[0] != 4096+uint32(len(WorkDir+"/x"))+1 {
				t.Errorf("the allocator stands at %d, %v", at.Returned, err)
			}
			s, err := tpl.Run(t.Context(), testSpec("s"))
			if err != nil || len(s.Stdout) != 17 || s.Stdout[0] != 'M' {
				t.Errorf("memory after other runs: %q, %v", s.Stdout, err)
			}
			again, err := tpl.Run(t.Context(), testSpec("s"))
			spec := testSpec("s")
			spec.Seed = 1
			other, err2 := tpl.Run(t.Context(), spec)
			if err != nil || err2 != nil || string(again.Stdout) != string(s.Stdout) || string(other.Stdout) == string(s.Stdout) {
				t.Errorf("randomness: %q, then %q, with another seed %q (%v, %v)", s.Stdout, again.Stdout, other.Stdout, err, err2)
			}
		})
	}
}

// TestSameEverywhere: engines and ways to restore memory differ in nothing that a result shows.
func TestSameEverywhere(t *testing.T) {
	var want []Result
	for _, engine := range testConfigs {
		tpl := testTemplate(t, engine.cfg)
		var got []Result
		for _, s := range []Spec{testSpec("whello", "f\x10", "g\x02", "s"), testSpec("l"), testSpec("g\x31"), testSpec("x\x01")} {
			res, err := tpl.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, res)
		}
		if want == nil {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", engine.name, got, want)
		}
	}
}

// TestDepth: recursion without end is a trap, and the next run has all its depth again.
func TestDepth(t *testing.T) {
	tpl := testTemplate(t, Config{Parallel: 1})
	for range 3 {
		res, err := tpl.Run(t.Context(), testSpec("d"))
		if err != nil || res.Reason != Trap || res.Trap != "wasm error: unreachable" || res.Fuel < maxDepth {
			t.Errorf("got %s, %q, fuel %d, %v", res.Reason, res.Trap, res.Fuel, err)
		}
	}
}

// TestTrapLeavesNothing: after a trap the next run takes place on the same instance, and goes as on a fresh one.
func TestTrapLeavesNothing(t *testing.T) {
	tpl := testTemplate(t, Config{Parallel: 1})
	run := func(program string) Result {
		t.Helper()
		res, err := tpl.Run(t.Context(), testSpec(program))
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	want := run("g\x05")
	in := tpl.shelf.idle[len(tpl.shelf.idle)-1]
	for _, trap := range []string{"u", "d"} {
		if res := run(trap); res.Reason != Trap {
			t.Errorf("%s ended with %s, want a trap", trap, res.Reason)
		}
		if got := tpl.shelf.idle[len(tpl.shelf.idle)-1]; got != in {
			t.Errorf("after %s another instance is there", trap)
		}
		if got := run("g\x05"); !reflect.DeepEqual(got, want) {
			t.Errorf("after %s: got %+v, want %+v", trap, got, want)
		}
	}
}

// TestRecursionUsesFuel: recursion without a single loop ends where the budget does, on the unit.
func TestRecursionUsesFuel(t *testing.T) {
	tpl := testTemplate(t, Config{Parallel: 1})
	spec := testSpec("d")
	spec.Limits.Fuel = maxDepth / 2
	res, err := tpl.Run(t.Context(), spec)
	if err != nil || res.Reason != Fuel || res.Fuel != maxDepth/2 {
		t.Errorf("got %s, fuel %d, %v, want fuel, %d", res.Reason, res.Fuel, err, maxDepth/2)
	}
	spec.Limits.Fuel, spec.Limits.Virtual = 1<<40, scaled(maxDepth/2, tpl)
	if res, err = tpl.Run(t.Context(), spec); err != nil || res.Reason != Sleep {
		t.Errorf("got %s, %v, want sleep: the virtual time is used up", res.Reason, err)
	}
}

func scaled(fuel int64, tpl *Template) time.Duration {
	return time.Duration(scale(fuel, int64(time.Second), tpl.image.Rate))
}

// TestErrors: what is no result.
func TestErrors(t *testing.T) {
	tpl := testTemplate(t, Config{Parallel: 1})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	endless := testSpec("l")
	endless.Limits.Fuel, endless.Limits.Virtual = 1<<60, 1<<60
	if res, err := tpl.Run(ended, endless); err != context.Canceled || res.Reason != "" {
		t.Errorf("cancelled: got %+v, %v", res, err)
	}
	endless.Limits.Wall = time.Millisecond
	if res, err := tpl.Run(t.Context(), endless); err != ErrWall || res.Reason != "" {
		t.Errorf("ceiling: got %+v, %v", res, err)
	}
	files := testSpec("-\x00")
	files.Files = map[string][]byte{"a": make([]byte, 2000)}
	if res, err := tpl.Run(t.Context(), files); err == nil || res.Reason != "" {
		t.Errorf("files over the limit: got %+v, %v", res, err)
	}
	if _, err := tpl.Run(t.Context(), Spec{}); err == nil || !strings.Contains(err.Error(), "fuel, virtual and memory must be positive") {
		t.Errorf("no limits: got %v", err)
	}
	if res, err := tpl.Run(t.Context(), testSpec("-\x00")); err != nil || res.Reason != Finished {
		t.Errorf("afterwards: got %+v, %v", res, err)
	}
	if _, err := tpl.engine.Load(t.Context(), Image{Name: "odd", Module: bytesOf(arithmetic), Rate: 1}); err == nil || !strings.Contains(err.Error(), "image odd: ") {
		t.Errorf("a module that is no guest: got %v", err)
	}
}

// TestNothingLeaks: thousands of runs, many of which trap, leave neither goroutines nor mappings.
func TestNothingLeaks(t *testing.T) {
	tpl := testTemplate(t, Config{Parallel: 2})
	count := func() (mappings, goroutines int) {
		b, err := os.ReadFile("/proc/self/maps")
		if err != nil {
			t.Skip(err)
		}
		return strings.Count(string(b), "\n"), runtime.NumGoroutine()
	}
	several := func(n int) {
		for i := range n {
			if _, err := tpl.Run(t.Context(), testSpec([]string{"-\x00", "u", "x\x00", "g\x05", "l", "f\xe0"}[i%6])); err != nil {
				t.Fatal(err)
			}
		}
	}
	several(60)
	m, g := count()
	several(3000)
	m2, g2 := count()
	if m2 > m+20 || g2 > g+2 { // the Go runtime's own mappings come and go
		t.Errorf("%d mappings and %d goroutines became %d and %d", m, g, m2, g2)
	}
}
