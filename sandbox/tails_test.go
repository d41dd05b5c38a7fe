package sandbox_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"borel/languages"
	"borel/sandbox"
)

// python loads the Python image for tests of the contract that need a real guest.
func python(tb testing.TB) *sandbox.Template {
	tb.Helper()
	t, _ := pythonOn(tb, sandbox.Config{})
	return t
}

// pythonOn is Python on an engine of that kind.
func pythonOn(tb testing.TB, cfg sandbox.Config) (*sandbox.Template, sandbox.Mode) {
	tb.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		tb.Fatal(err)
	}
	cfg.CacheDir = filepath.Join(cache, "borel", "code")
	engine, err := sandbox.New(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	image, err := languages.PythonImage()
	if err != nil {
		tb.Fatal(err)
	}
	t, err := engine.Load(tb.Context(), image)
	if err != nil {
		tb.Fatal(err)
	}
	return t, engine.Mode()
}

func spec(sources ...string) sandbox.Spec {
	s := sandbox.Spec{Args: []string{"main.py", "x"}, Stdin: []byte("1\n2\n3\n"), Files: map[string][]byte{"given": []byte("data")}, Seed: 7,
		Fetch:  []string{"out", "given"},
		Limits: sandbox.Limits{Fuel: 6e8, Virtual: 10 * time.Second, Memory: 256 << 20, Output: 1 << 20, Files: 100, FileBytes: 1 << 20}}
	for i, source := range sources {
		s.Steps = append(s.Steps, sandbox.Step{Name: fmt.Sprintf("step%d.py", i), Source: []byte(source)})
	}
	return s
}

// run is Run without a fault.
func run(tb testing.TB, t *sandbox.Template, s sandbox.Spec) sandbox.Result {
	tb.Helper()
	res, err := t.Run(tb.Context(), s)
	if err != nil {
		tb.Fatal(err)
	}
	return res
}

// tailed runs s with its tails, asking again for those that were left out.
func tailed(tb testing.TB, t *sandbox.Template, s sandbox.Spec) (tails []sandbox.Result) {
	tb.Helper()
	for len(s.Tails) > 0 {
		res := run(tb, t, s)
		if len(res.Tails) == 0 {
			tb.Fatalf("no tails: %+v", res)
		}
		tails, s.Tails = append(tails, res.Tails...), s.Tails[len(res.Tails):]
	}
	return tails
}

// tailPrefixes leave something of every kind behind; tailSources find it, change it, and end in every way.
var tailPrefixes = map[string]string{
	"all": `import random, time, os, sys
print("begin", input(), random.random(), time.time_ns())
out = open("out", "w+"); out.write("prefix"); out.flush()
os.mkdir("d"); listing = os.scandir("."); os.chdir("d")
time.sleep(1.5)
big = bytearray(b"y" * (20 << 20))
os.write(4, os.read(4, 2))
def f(x): return x + len(big)
`,
	"much memory": `import random, time, os, sys
out = open("out", "w+"); listing = os.scandir("."); os.mkdir("d"); os.chdir("d")
big = bytearray(os.urandom(1 << 20) * 66)
def f(x): return x + len(big)
`,
	"deep": `import random, time, os, sys
out = open("out", "w+"); listing = os.scandir("."); os.mkdir("d"); os.chdir("d")
def deep(x): return x if x == 0 else max([x - 1], key=deep)
big = bytearray(1 << 20); big += b"x"; deep(900)
try: bytearray(1 << 29)
except MemoryError: pass
def f(x): return x + len(big)
`,
}

var tailSources = []string{
	`print(input(), random.random(), os.urandom(4), time.time_ns(), time.monotonic_ns(), os.getcwd(), sys.argv)`,
	`out.write("!"); out.seek(0); print(out.read(), open("../given").read(), sorted(e.name for e in listing)); out.close()`,
	`assert f(1) == 0, "no"`,
	`import sys
sys.setrecursionlimit(10**9)
def r(x): return x if x == 0 else max([x - 1], key=r)
print(r(1400))`,
	`print(len(big)); big.extend(bytes(40 << 20)); big[7] = 1; print(f(2))`,
	`print(len(big), big[7]); big.clear()`,
	`print(len(big), os.read(4, 100)); os.write(4, b"tail")`,
	`os.write(4, b"more")`,
	`while True: pass`,
	`time.sleep(9)`,
	`import signal; signal.raise_signal(signal.SIGABRT)`,
	`os._exit(3)`,
	`import sys
sys.setrecursionlimit(10**9)
def r(x): return x if x == 0 else max([x - 1], key=r)
print(r(10**6))`,
	`os.remove("../out"); open("../out", "w").write("new"); big = None`,
	`open(5, "w")`,
	`x = (`,
	`os.write(4, bytes(1 << 20))`,
	`print("x" * (1 << 20))`,
	`x = [bytearray(1 << 20) for _ in range(300)]`,
	`for i in range(101): open(f"../{i}", "w")`,
	`import atexit; atexit.register(print, "bye"); f = out = listing = None`,
	``,
	`print(f(3), len(big)); assert f(0) > 1`,
}

// TestTails: a tail's result is the one of the run of the whole, to the last unit of fuel, whatever the tails before it did.
func TestTails(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	tpl := python(t)
	for name, prefix := range tailPrefixes {
		s := spec(prefix)
		s.Channel = []byte("channel")
		s.Limits.Fuel = 6e7
		for _, source := range tailSources {
			s.Tails = append(s.Tails, sandbox.Step{Name: "tail.py", Source: []byte(source)})
		}
		var want []sandbox.Result
		for _, tail := range s.Tails {
			whole := s
			whole.Steps, whole.Tails = append(slices.Clone(s.Steps), tail), nil
			want = append(want, run(t, tpl, whole))
		}
		for range 2 { // the second time on restored instances, and compiled
			for i, got := range tailed(t, tpl, s) {
				if !reflect.DeepEqual(got, want[i]) {
					t.Errorf("%s, %q:\ngot  %.3000v\nwant %.3000v", name, tailSources[i], got, want[i])
				}
			}
			slices.Reverse(s.Tails)
			slices.Reverse(want)
			slices.Reverse(tailSources)
		}
	}
}

// TestTailsPrefix: what a result with tails says of its steps.
func TestTailsPrefix(t *testing.T) {
	tpl := python(t)
	tails := []sandbox.Step{{Name: "a.py", Source: []byte("print(1)")}}
	s := spec("import sys; print('x', flush=True); open('out', 'w').write('y')", "x = 1")
	s.Tails = tails
	res := run(t, tpl, s)
	if res.Reason != sandbox.Finished || !slices.Equal(res.Returned, []uint32{0, 0}) || string(res.Stdout) != "x\n" || string(res.Files["out"]) != "y" || len(res.Tails) != 1 ||
		res.Fuel <= 0 || res.Fuel >= res.Tails[0].Fuel || string(res.Tails[0].Stdout) != "x\n1\n" || len(res.Tails[0].Returned) != 3 {
		t.Errorf("got %+v", res)
	}
	for _, source := range []string{"1/0", "while True: pass", "import os; os._exit(0)", "x = (", "raise SystemExit(0)", "import atexit; atexit.register(print, 'bye'); 1/0"} {
		s := spec("print(1)", source, "print(2)")
		want := run(t, tpl, s)
		s.Tails = tails
		if got := run(t, tpl, s); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", source, got, want)
		}
	}
}

// TestTailsBounded: the work and the results of one request are bounded, and nothing is lost by that.
func TestTailsBounded(t *testing.T) {
	tpl := python(t)
	for _, c := range []struct {
		source string
		least  int // tails in the first answer
		most   int
	}{
		{"while True: pass", 2, 2},
		{"print('x' * (1 << 19))", 8, 9},
		{"print(1)", 20, 20},
	} {
		s := spec("x = 1")
		s.Limits.Fuel = 3e7
		for range 20 {
			s.Tails = append(s.Tails, sandbox.Step{Name: "t.py", Source: []byte(c.source)})
		}
		res := run(t, tpl, s)
		if n := len(res.Tails); n < c.least || n > c.most {
			t.Errorf("%s: got %d tails, want %d to %d", c.source, n, c.least, c.most)
		}
		all := tailed(t, tpl, s)
		for _, tail := range all {
			if !reflect.DeepEqual(tail, res.Tails[0]) {
				t.Errorf("%s: two results of one tail:\n%.300v\n%.300v", c.source, tail, res.Tails[0])
			}
		}
		if len(all) != 20 {
			t.Errorf("%s: got %d results in all", c.source, len(all))
		}
	}
}

// TestTailsTogether: the same with many at once.
func TestTailsTogether(t *testing.T) {
	tpl := python(t)
	s := spec("import random\nx = [random.random() for _ in range(1000)]\ndef f(i): return x[i]")
	for i := range 40 {
		s.Tails = append(s.Tails, sandbox.Step{Name: "t.py", Source: fmt.Appendf(nil, "x[%d] = 0\nprint(sum(x), f(%d), input())", i, i+1)})
	}
	want := run(t, tpl, s)
	if !strings.HasSuffix(string(want.Tails[39].Stdout), " 1\n") {
		t.Fatalf("got %+v", want.Tails[39])
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				if got, err := tpl.Run(t.Context(), s); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("got %.2000v, %v", got, err)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkTails is one more trivial test of a small program.
func BenchmarkTails(b *testing.B) {
	tpl := python(b)
	s := spec("from typing import List\n\ndef f(x: int) -> int:\n    y = [i * i for i in range(x)]\n    return sum(y) + 2\n")
	for range 500 {
		s.Tails = append(s.Tails, sandbox.Step{Name: "t.py", Source: []byte("assert f(1) == 2")})
	}
	n := 0
	for b.Loop() {
		res := run(b, tpl, s)
		n += len(res.Tails)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/tail")
}
