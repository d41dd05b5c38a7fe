package verify

import (
	"slices"
	"strings"
	"testing"
)

func TestAsserts(t *testing.T) {
	for _, c := range []struct {
		name, output string
		want         []string
	}{
		{"one", "f(1) == 2\n", []string{"assert f(1) == 2"}},
		{"several", "f(1) == 2\nassert f(2) == 3, 'why'\n\nassert f(3) == 4", []string{"assert f(1) == 2", "assert f(2) == 3, 'why'", "assert f(3) == 4"}},
		{"none", "\n", nil},
		{"empty", "", nil},
		{"about something else", "____ == 1\nassert g(1) == 2\nassert ff(1) == 2\nassert f(1)", []string{"assert f(1)"}},
		{"lines joined by brackets", "f([1,\n 2]) == {\n  3}\nx = 1\n", []string{"assert f([1,\n 2]) == {\n  3}"}},
		{"by a backslash", "f(1) \\\n  == 2\n", []string{"assert f(1) \\\n  == 2"}},
		{"by quotes", "f('''a\n# b\n''') == 2\nprint(1)", []string{"assert f('''a\n# b\n''') == 2"}},
		{"what follows is no test", "f(1) == 2\nx = f(3)\ndef g(): pass\n# assert f(4)\n", []string{"assert f(1) == 2"}},
		{"indented", "True\ndef test():\n    assert f(1) == 2\n    assert f(2) == 3\n", []string{"assert f(1) == 2", "assert f(2) == 3"}},
		{"a broken one", "f([1 == 2\nassert f(2) == 3", []string{"assert f([1 == 2", "assert f(2) == 3"}},
		{"an open quote", "f('''1 == 2\nassert f(2) == 3", []string{"assert f('''1 == 2", "assert f(2) == 3"}},
		{"the prompt repeated", "assert assert\tf(1) == 2", []string{"assert\tf(1) == 2"}},
		{"a chat answer", "Sure, f:\n```python\nassert f(1) == 2\n```\n", []string{"assert Sure, f:", "assert f(1) == 2"}},
		{"in brackets", "(f(1) == 2)\nassert(f(2) == 3)", []string{"assert (f(1) == 2)", "assert(f(2) == 3)"}},
		{"no keyword", "True\nasserts f(1)\nassert_ = f(2)\n", nil},
		{"at most", strings.Repeat("f(1) == 2\nassert ", 100), slices.Repeat([]string{"assert f(1) == 2"}, 7)},
	} {
		if got := asserts(c.output, "f", 7); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if got := asserts("g(1)\nassert h(2)", "", 7); len(got) != 2 {
		t.Errorf("of any function: got %q", got)
	}
}

func TestCallOf(t *testing.T) {
	for _, c := range []struct{ statement, want string }{
		{"assert f(1) == 2", "f(1)"},
		{"assert 2 == f (1, [2, (3)])", "f(1, [2, (3)])"},
		{"assert f(')') == f(2)", "f(')')"},
		{"assert f('''a'b)''', \"\\\")\") == 2", "f('''a'b)''', \"\\\")\")"},
		{"assert ff(1) == m.f(2) == _f(3) == 1f(4) == éf(5)", ""},
		{"assert all(f(x) for x in y)", "f(x)"},
		{"assert f == 2 or f(3)", "f(3)"},
		{"assert f(f(1)) == 2", "f(f(1))"},
		{"assert f(1", ""},
		{"assert f(1, # )\n2)", ""},
		{"assert f", ""},
	} {
		if got := callOf(c.statement, "f"); got != c.want {
			t.Errorf("%q: got %q, want %q", c.statement, got, c.want)
		}
	}
}

// FuzzAsserts: each assert is part of what was asked about, names the function, and its call is part of it.
func FuzzAsserts(f *testing.F) {
	f.Add("f(1) == 2\nassert f('a\nassert f(3)")
	f.Fuzz(func(t *testing.T, output string) {
		all := "assert " + output
		for _, a := range asserts(output, "f", 5) {
			i := strings.Index(all, a)
			if i < 0 || !isAssert(a) || !names(a, "f") {
				t.Fatalf("%q of %q", a, output)
			}
			if c := callOf(a, "f"); c != "" && (c[0] != 'f' || c[len(c)-1] != ')' || len(c) > len(a)) {
				t.Fatalf("call %q of %q", c, a)
			}
		}
	})
}
