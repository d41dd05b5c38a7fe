package sandbox_test

import (
	"fmt"
	"testing"

	"borel/sandbox"
)

// TestDepth: recursion ends at the same place in safe code and in guarded code, although their frames differ: before either
// has used up its call stack. These are the deepest that are known.
func TestDepth(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	const count = "import sys\nsys.setrecursionlimit(10**9)\nd = 0\ndef down():\n global d\n d += 1\n"
	programs := []struct{ name, source, stdout string }{
		{"sqlite", count + " c.execute('select f()').fetchall()\nimport sqlite3\nc = sqlite3.connect(':memory:')\nc.create_function('f', 0, down)\n" +
			"try: down()\nexcept sqlite3.OperationalError: print(d)", "5000\n"},
		{"eval", count + " eval('down()')\ntry: down()\nexcept RecursionError: print(d)", "4999\n"},
		{"attributes", count + "class A:\n def __getattr__(s, n):\n  down()\n  return getattr(s, 'x')\ntry: A().x\nexcept RecursionError: print(d)", "4999\n"},
		{"iterators", "x = iter([])\nfor i in range(10**5): x = map(None, x)\nlist(x)", ""}, // ends at the guest's own stack, as a trap
	}
	want := map[string]string{}
	for _, guarded := range []bool{false, true} {
		tpl, mode := pythonOn(t, sandbox.Config{Guarded: guarded})
		tpl = tpl.Forgetful()
		for _, p := range programs {
			res, used, size := tpl.RunAndStack(t, spec(p.source))
			t.Logf("%s: %s: %d of %d bytes, %s %s", mode, p.name, used, size, res.Reason, res.Trap)
			got := fmt.Sprintf("%s %s %q %d", res.Reason, res.Trap, res.Stdout, res.Fuel)
			if !guarded {
				want[p.name] = got
			}
			if got != want[p.name] || string(res.Stdout) != p.stdout && mode != sandbox.Stock {
				t.Errorf("%s, %s: got %s, want %s that prints %q", mode, p.name, got, want[p.name], p.stdout)
			}
		}
	}
}
