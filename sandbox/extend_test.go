package sandbox_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"borel/languages"
	"borel/sandbox"
)

// python loads the Python image for tests of the contract that need a real guest.
func python(tb testing.TB) *sandbox.Template {
	tb.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		tb.Fatal(err)
	}
	engine, err := sandbox.New(tb.Context(), sandbox.Config{CacheDir: filepath.Join(cache, "borel", "code")})
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
	return t
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

// TestExtend: a run from a frozen prefix is the run of the whole, to the last unit of fuel.
func TestExtend(t *testing.T) {
	tpl := python(t)
	prefix := `import random, time, os, sys
print("begin", input(), random.random(), time.time_ns())
out = open("out", "w+"); out.write("prefix"); out.flush()
os.mkdir("d"); listing = os.scandir("."); os.chdir("d")
time.sleep(1.5)
big = bytearray(30 << 20)
def f(x): return x + len(big)
`
	whole := spec(prefix)
	x, err := tpl.Extend(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, tests := range []string{
		`print(input(), random.random(), os.urandom(4), time.time_ns(), time.monotonic_ns(), os.getcwd(), sys.argv)`,
		`out.write("!"); out.seek(0); print(out.read(), open("../given").read(), sorted(e.name for e in listing)); out.close()`,
		`assert f(1) == 0, "no"`,
		`big.extend(bytes(40 << 20)); print(f(2))`,
		`while True: pass`,
		`time.sleep(9)`,
		`os._exit(3)`,
		`os.remove("../out"); open("../out", "w").write("new")`,
		``,
	} {
		s := spec(prefix, tests)
		want, err := tpl.Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		s.Steps = s.Steps[1:]
		for range 2 { // the second on a restored instance
			got, err := x.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%q:\ngot  %+v\nwant %+v", tests, got, want)
			}
		}
	}
	if x.Identity() == tpl.Identity() {
		t.Error("an extended template has its parent's identity")
	}
	if err := x.Close(t.Context()); err != nil {
		t.Error(err)
	}
	for source, reason := range map[string]sandbox.Reason{"1/0": sandbox.Finished, "while True: pass": sandbox.Fuel, "import os; os._exit(0)": sandbox.Exited} {
		_, err := tpl.Extend(t.Context(), spec(source))
		if e, ok := errors.AsType[*sandbox.PrefixError](err); !ok || e.Reason != reason {
			t.Errorf("%s: got %v, want a *PrefixError with reason %s", source, err, reason)
		}
	}
}
