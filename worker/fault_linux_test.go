package worker

import (
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

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

// A flood of programs that fault: every answer is right, theirs and those of others, and most cost no worker any more. After
// it the workers are as before.
func TestFlood(t *testing.T) {
	p := ready(t, Config{Workers: 2, Calm: time.Millisecond})
	rt, err := languages.New(t.Context(), languages.Config{CacheDir: cacheDir(t), Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	hang, peer := program("import os; os.read(4, 1)"), program(stray)
	hang.Peer, hang.Join = &peer, sandbox.JoinChannel
	tails := program("x = [1]")
	for _, s := range []string{"print(x)", stray, "print(x * 2)"} {
		tails.Tails = append(tails.Tails, sandbox.Step{Name: "tail.py", Source: []byte(s)})
	}
	specs := []sandbox.Spec{program(stray), program("print(sum(range(10**5)))"), hang, tails, program("import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', " + strconv.Quote(stray) + "]))")}
	var wg sync.WaitGroup
	for i, spec := range specs {
		for _, seed := range []uint32{0, 5} {
			g := languages.Guest{Language: python.Name, HashSeed: seed}
			want, err := rt.Run(t.Context(), g, spec)
			if err != nil {
				t.Fatal(err)
			}
			for range 6 {
				wg.Go(func() {
					if got, err := p.Run(t.Context(), g, spec); err != nil || !reflect.DeepEqual(got, want) {
						t.Errorf("spec %d, hash seed %d: got %.2000v, %v\nwant %.2000v", i, seed, got, err, want)
					}
				})
			}
		}
	}
	wg.Wait()
	if s := p.Status(); (s.Faults > 0) != (s.Mode == sandbox.Guarded) {
		t.Errorf("got %+v", s)
	}
	for s := p.Status(); s.Checked > 0 || s.Ready < 2; s = p.Status() {
		time.Sleep(time.Millisecond)
	}
}

func TestAllowance(t *testing.T) {
	var a allowance
	now := time.Unix(1, 0)
	for _, c := range []struct {
		after time.Duration
		asked int
		want  int
	}{{0, 100, 2 * faultsMost}, {0, 1, 0}, {faultEvery / 4, 1, 0}, {faultEvery / 4, 9, 1}, {faultEvery, 9, 2}, {time.Hour, 100, 2 * faultsMost}} {
		now = now.Add(c.after)
		got := 0
		for range c.asked {
			if a.take(now, 2) {
				got++
			}
		}
		if got != c.want {
			t.Errorf("%v later: %d of %d, want %d", c.after, got, c.asked, c.want)
		}
	}
}
