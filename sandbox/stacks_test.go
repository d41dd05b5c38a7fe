package sandbox_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestStacks: where deep recursion ends does not depend on what the same instance ran before, however it used its call
// stacks.
func TestStacks(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	tpl := python(t).Forgetful()
	if n := tpl.StackSize(t); n == 0 {
		t.Fatal("the size of wazero's call stack is not found: has its field another name?")
	}
	deep := func(n int) string {
		return fmt.Sprintf("import sys\nsys.setrecursionlimit(10**9)\ndef f(x): return x if x == 0 else max([x - 1], key=f)\nprint(f(%d))", n)
	}
	others := []string{
		"print(1)",
		"eval('(' * 3000 + ')' * 3000)",
		"def f(n): return n and f(n - 1)\nf(900)",
		"x = []\nfor i in range(10**5): x = [x]",
		"import json\njson.dumps(eval('[' * 150 + ']' * 150))",
		deep(300), deep(1000), deep(1500),
		"x = " + strings.Repeat("-", 5000) + "1",
	}
	for _, n := range []int{700, 1300, 1700, 2000, 2300, 3000} {
		want := ""
		for _, other := range others {
			if _, err := tpl.Run(t.Context(), spec(other)); err != nil {
				t.Fatal(err)
			}
			res, err := tpl.Run(t.Context(), spec(deep(n)))
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%s %s %q %d", res.Reason, res.Trap, res.Stdout, res.Fuel); want == "" {
				want = got
			} else if got != want {
				t.Errorf("%d deep after %.40q: got %s, want %s", n, other, got, want)
			}
		}
	}
}
