package worker

import (
	"reflect"
	"testing"

	"borel/languages"
	"borel/sandbox"
)

// stray is a program that reads a local variable a gigabyte beyond its frame, by bytecode that no compiler writes.
const stray = `
import opcode
def f(): pass
x, load = opcode.opmap['EXTENDED_ARG'], opcode.opmap['LOAD_FAST']
code = bytes([opcode.opmap['RESUME'], 0, x, 0x10, x, 0, x, 0, load, 0, opcode.opmap['RETURN_VALUE'], 0])
print('so far', flush=True)
f.__code__ = f.__code__.replace(co_code=code)
f()
`

// A program that reaches beyond its memory has the same result whether that ends a worker or not.
func TestFault(t *testing.T) {
	rt, err := languages.New(t.Context(), languages.Config{CacheDir: cacheDir(t), Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	want, err := rt.Run(t.Context(), python.Guest(), program(stray))
	if err != nil || want.Reason != sandbox.Trap || want.Trap != "wasm error: out of bounds memory access" || string(want.Stdout) != "so far\n" {
		t.Fatalf("got %+v, %v", want, err)
	}
	for _, safe := range []bool{true, false} {
		p := ready(t, Config{Workers: 1, Safe: safe})
		got, err := p.Run(t.Context(), python.Guest(), program(stray))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("safe %t: got %+v, %v\nwant %+v", safe, got, err, want)
		}
		faults := 0
		if p.Status().Mode == sandbox.Guarded {
			faults = 1
		}
		if s := p.Status(); s.Faults != faults {
			t.Errorf("safe %t: got %+v", safe, s)
		}
	}
}
