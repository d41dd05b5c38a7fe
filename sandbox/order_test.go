package sandbox_test

import (
	"fmt"
	"strings"
	"testing"

	"borel/sandbox"
)

// woven is what a result wrote, in order: what went to stderr stands in brackets.
func woven(r sandbox.Result) string {
	var b strings.Builder
	rest := [2][]byte{r.Stdout, r.Stderr}
	for i, n := range r.Order {
		fmt.Fprintf(&b, []string{"%s", "[%s]"}[i%2], rest[i%2][:n])
		rest[i%2] = rest[i%2][n:]
	}
	if r.Order == nil {
		return string(r.Stdout) + string(r.Stderr)
	}
	if len(rest[0])+len(rest[1]) > 0 {
		return "the pieces leave something over"
	}
	return b.String()
}

func TestOrder(t *testing.T) {
	tpl := python(t)
	const many = sandbox.MaxOrder/2 + 5
	for _, c := range []struct{ source, want string }{
		{`print("a")`, "a\n"},
		{`import os; os.write(2, b"a")`, "a"},
		{`import os
for i, c in enumerate(b"abcdef"): os.write(1 + i % 2, bytes([c]))`, "a[b]c[d]e[f]"},
		{`import os
os.write(2, b"a"); os.write(2, b"b"); os.write(1, b""); os.write(2, b"c"); os.write(1, b"d"); os.write(1, b"e")`, "[abc]de"},
		{`print("a")
1/0`, "[Traceback (most recent call last):\n  File \"/sandbox/step0.py\", line 2, in <module>\n    1/0\n    ~^~\nZeroDivisionError: division by zero\n]a\n"},
		{`import os
for i in range(` + fmt.Sprint(many) + `): os.write(1, b"o"); os.write(2, b"e")`,
			strings.Repeat("o[e]", sandbox.MaxOrder/2-1) + strings.Repeat("o", many-sandbox.MaxOrder/2+1) + "[" + strings.Repeat("e", many-sandbox.MaxOrder/2+1) + "]"},
		{`import os
for i in range(3): os.write(1, b"o" * 60000); os.write(2, b"e" * 40000)`, // past the limit
			strings.Repeat("o", 60000) + "[" + strings.Repeat("e", 40000) + "]" + strings.Repeat("o", 40000)},
	} {
		s := spec(c.source)
		s.Limits.Output = 100_000
		res, err := tpl.Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if got := woven(res); got != c.want {
			t.Errorf("%s\nwrote %.1000q, want %.1000q (%d pieces)", c.source, got, c.want, len(res.Order))
		}
	}
}

// A tail's output lies as in a run of its own.
func TestOrderOfTails(t *testing.T) {
	tpl := python(t)
	write := func(s string) string {
		return fmt.Sprintf("import os\nfor c in %q: os.write(1 + c.isupper(), c.encode())", s)
	}
	s := spec(write("aB"))
	s.Tails = spec(write("cD"), write("Ef")).Steps
	res, err := tpl.Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Tails) != 2 || woven(res) != "a[B]" || woven(res.Tails[0]) != "a[B]c[D]" || woven(res.Tails[1]) != "a[BE]f" {
		t.Errorf("%+v", res)
	}
}

// TestMoreStdin: a run whose input may go on ends where it asks for it, and begins in the same way when it has it.
func TestMoreStdin(t *testing.T) {
	tpl := python(t)
	run := func(source, stdin string) sandbox.Result {
		t.Helper()
		s := spec(source)
		s.Stdin, s.MoreStdin = []byte(stdin), true
		res, err := tpl.Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	for _, c := range []struct {
		source, stdin string
		reason        sandbox.Reason
		want          string
	}{
		{`print(1)`, "", sandbox.Finished, "1\n"},
		{`print(input("name? "))`, "", sandbox.Input, "name? "},
		{`print(input("name? "))`, "bo", sandbox.Input, "name? "}, // half a line
		{`print(input("name? "))`, "bo\n", sandbox.Finished, "name? bo\n"},
		{"print('hello')\nimport sys\nsys.stdin.readline()", "", sandbox.Input, "hello\n"},
		{"print('hello')\nimport sys\nprint(len(sys.stdin.read()))", "a\nb\n", sandbox.Input, "hello\n"},
		{"import os\nos.read(0, 0)\nprint(os.read(0, 1), os.read(0, 9))\nos.read(0, 9)", "ab\nc", sandbox.Input, "b'a' b'b\\n'\n"},
		{"try: input()\nexcept BaseException: print('never')\nfinally: print('never')", "", sandbox.Input, ""},
	} {
		if res := run(c.source, c.stdin); res.Reason != c.reason || string(res.Stdout) != c.want {
			t.Errorf("%s with %q: %s, %q; want %s, %q; stderr %s", c.source, c.stdin, res.Reason, res.Stdout, c.reason, c.want, res.Stderr)
		}
	}
	const talk = `import random, sys, time
for i in range(5):
    print(i, random.random(), time.time_ns(), end="\n" if i % 2 else " ? ")
    print("to stderr", file=sys.stderr)
    print("got", input(""), id(object()))`
	before := ""
	for n := range 6 {
		res := run(talk, strings.Repeat("line\n", n))
		if got := woven(res); !strings.HasPrefix(got, strings.TrimSuffix(before, "]")) {
			t.Errorf("with %d lines it wrote %q, with one less %q", n, got, before)
		} else {
			before = got
		}
		if want := map[bool]sandbox.Reason{true: sandbox.Finished, false: sandbox.Input}[n == 5]; res.Reason != want {
			t.Errorf("with %d lines: %s, want %s", n, res.Reason, want)
		}
	}
}
