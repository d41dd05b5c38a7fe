package value

import (
	"fmt"
	"strings"
	"testing"
)

// TestLiteral: what Python's literals are, written back as JSON for a sandbox.
func TestLiteral(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"None", "null"},
		{" True # yes\n", "true"},
		{"-5", "-5"},
		{"--5", "5"},
		{"-0", "0"},
		{"00", "0"},
		{"1_000", "1000"},
		{"0xFF", "255"},
		{"0b1_01", "5"},
		{"0o17", "15"},
		{"123456789012345678901234567890", "123456789012345678901234567890"},
		{"1.", "1.0"},
		{".5e1", "5.0"},
		{"1e400", "Infinity"},
		{"-inf", "-Infinity"},
		{"[nan]", "[NaN]"},
		{"-0.0", "-0.0"},
		{"1e-7", "1e-07"},
		{"2j", `{"$":["c",[0.0,2.0]]}`},
		{"1-2j", `{"$":["c",[1.0,-2.0]]}`},
		{"(1+2j)", `{"$":["c",[1.0,2.0]]}`},
		{"-1+2j", `{"$":["c",[-1.0,2.0]]}`},
		{"complex(1, 2)", `{"$":["c",[1.0,2.0]]}`},
		{"'a' \"b\"\n", `"ab"`},
		{`'\x41\u00e9\U0001f600\101\n\q\''`, `"Aé😀A\u000a\\q'"`},
		{`r'\n'`, `"\\n"`},
		{`'''a
b'''`, `"a\u000ab"`},
		{"'a\\\nb'", `"ab"`},
		{`u'a'`, `"a"`},
		{`b'\xff\x00a'`, "{\"$\":[\"b\",\"ÿ\\u0000a\"]}"},
		{`rb'\x'`, `{"$":["b","\\x"]}`},
		{`Rb'a' b'b'`, `{"$":["b","ab"]}`},
		{"[]", "[]"},
		{"[1, [2,],]", "[1,[2]]"},
		{"()", `{"$":["t",[]]}`},
		{"(1)", "1"},
		{"(1,)", `{"$":["t",[1]]}`},
		{"1, 2", `{"$":["t",[1,2]]}`},
		{"{}", "{}"},
		{"{'a': 1, 'b': (2,)}", `{"a":1,"b":{"$":["t",[2]]}}`},
		{"{'$': 1}", `{"$":["d",[["$",1]]]}`},
		{"{1: 2, True: 3, 1.0: 4}", `{"$":["d",[[1,4]]]}`},
		{"{1, 2, 1.0, True}", `{"$":["s",[1,2]]}`},
		{"set()", `{"$":["s",[]]}`},
		{"frozenset([1, 1])", `{"$":["fs",[1]]}`},
		{"{(1, 'a')}", `{"$":["s",[{"$":["t",[1,"a"]]}]]}`},
		{"bytearray(b'a')", `{"$":["ba","a"]}`},
		{"float('nan')", "NaN"},
		{"float(' -Infinity ')", "-Infinity"},
		{"range(3)", `{"$":["ra",[0,3,1]]}`},
		{"range(1, 5, -2)", `{"$":["ra",[1,5,-2]]}`},
		{"deque([1])", `{"$":["q",[1],null]}`},
		{"Decimal('1.50')", `{"$":["D","1.50"]}`},
		{"Fraction(2, -4)", `{"$":["F",[-1,2]]}`},
		{"...", `{"$":["el"]}`},
		{"[(a := [1]), a]", `[{"$":["=",0,[1]]},{"$":["@",0]}]`},
		{"[(a := [(b := {1}), b]), (a, b)]", `[{"$":["=",1,[{"$":["=",0,{"$":["s",[1]]}]},{"$":["@",0]}]]},{"$":["t",[{"$":["@",1]},{"$":["@",0]}]]}]`},
		{"{'x': (row := [0, 0]), 'y': [row, row]}", `{"x":{"$":["=",0,[0,0]]},"y":[{"$":["@",0]},{"$":["@",0]}]}`},
		{"[(n := 1), n, (s := 'a') , s]", `[1,1,"a","a"]`},
		{"Ellipsis", `{"$":["el"]}`},
	} {
		v, err := Literal(c.src)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		got := string(v.Encode(nil))
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.src, got, c.want)
		}
		if back, err := Decode([]byte(got)); err != nil || !Equal(back, v) {
			t.Errorf("%s: %s is read as %v, %v", c.src, got, back, err)
		}
	}
}

// TestNoLiteral: what is none, and where that shows.
func TestNoLiteral(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"", "line 1, column 1: a value is missing"},
		{"foo", "line 1, column 1: foo is not a literal"},
		{"[1,\n  x]", "line 2, column 3: x is not a literal"},
		{"1 + 2", "line 1, column 3: a sum that is no complex number is not a literal"},
		{"1 2", "line 1, column 3: a literal ends before this"},
		{"[1", "line 1, column 3: a comma or ] is missing"},
		{"(1", "line 1, column 3: a comma or ) is missing"},
		{"{1: 2", "line 1, column 6: a comma or } is missing"},
		{"{1: 2, 3}", "line 1, column 9: a colon is missing"},
		{"{[1]}", "line 1, column 6: a list cannot be in a set or a key"},
		{"{([],): 1}", "line 1, column 10: a list cannot be in a set or a key"},
		{"'a", "line 1, column 1: a string has no end"},
		{"'a\n'", "line 1, column 3: a string ends at the end of its line"},
		{`'\N{DASH}'`, "line 1, column 2: characters by name are not read; write \\u and the number"},
		{`'\x4'`, "line 1, column 2: \"\\\\x4'\" is no escape"},
		{`'\U00110000'`, "line 1, column 2: \"\\\\U00110000\" is no escape"},
		{"b'é'", "line 1, column 3: bytes can hold characters of ASCII alone"},
		{"b'a' 'b'", "line 1, column 6: bytes and str stand side by side"},
		{"f'a'", "line 1, column 1: a value is missing"},
		{"012", "line 1, column 1: \"012\" is no number"},
		{"1__0", "line 1, column 1: \"1__0\" is no number"},
		{"1_", "line 1, column 1: \"1_\" is no number"},
		{"0xg", "line 1, column 1: \"0xg\" is no number"},
		{"1.2.3", "line 1, column 1: \"1.2.3\" is no number"},
		{"-'a'", "line 1, column 2: a sign before what is no number"},
		{"set(1)", "line 1, column 4: set of these arguments is not a literal"},
		{"range(1, 2, 0)", "line 1, column 6: range of these arguments is not a literal"},
		{"Decimal('x')", "line 1, column 8: Decimal of these arguments is not a literal"},
		{"Fraction(1, 0)", "line 1, column 9: Fraction of these arguments is not a literal"},
		{"[i for i in x]", "line 1, column 2: i is not a literal"},
		{"__import__('os')", "line 1, column 1: __import__ is not a literal"},
		{strings.Repeat("[", 1000), "line 1, column 251: nested deeper than 250"},
		{"[(a := 1), (a := 2)]", "line 1, column 19: the name a is given twice"},
		{"[(a := [1], 2)]", "line 1, column 11: a ) is missing"},
		{"[a, (a := 1)]", "line 1, column 2: a is not a literal"},
		{chain("(a%d := [a%[2]d, a%[2]d])"), "line 1, column 396: more than 4194304 values"},
		{chain("(a%d := [a%d])"), "line 1, column 4238: nested deeper than 250"},
		{"\xff", "is not UTF-8"},
	} {
		if v, err := Literal(c.src); err == nil || err.Error() != c.want {
			t.Errorf("%.40s: got %v, %v, want %s", c.src, v, err, c.want)
		}
	}
}

// TestTwice: what holds something twice that no set or dict can is equal to none.
func TestTwice(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{`{"$":["s",[1,1]]}`, "{1, 2}"},
		{`{"$":["s",[1,1]]}`, "{1}"},
		{`{"$":["d",[[1,2],[1,2]]]}`, "{1: 2, 3: 4}"},
		{`{"$":["d",[[1,2],[1,2]]]}`, "{1: 2}"},
		{`{"$":["od",[["a",2],["a",3]]]}`, "{'a': 3}"},
	} {
		got, err := Decode([]byte(c.got))
		want, err2 := Literal(c.want)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if Equal(got, want) || Unordered(got, want) || Within(got, want, func(a, b string) bool { return a == b }) {
			t.Errorf("%s is %s", c.got, c.want)
		}
	}
}

// FuzzDecode: whatever is read is read again from what it is written as, the same; and nothing breaks the reader.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`[0,{"$":["t",[1,"a",null]]},[]]`, `{"$":["=",0,[1]]}`, `[{"$":["=",0,{"a":1}]},{"$":["@",0]}]`, `{"$":["d",[[1,2],["$",NaN]]]}`, `{"$":["e",["A"],"b",[1]]}`, `"\ud800\u0041"`, `-1e5`, `{"$":["b","\u00ff"]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Decode(b)
		if err != nil {
			return
		}
		again, err := Decode(v.Encode(nil))
		if err != nil || !Equal(again, v) || again.Canon() != v.Canon() {
			t.Errorf("%q is %v, and then %v, %v", b, v, again, err)
		}
		_ = v.String()
		if !Unordered(v, v) || !Within(v, v, func(a, b string) bool { return a == b }) {
			t.Errorf("%v is not itself", v)
		}
	})
}

// FuzzLiteral: a literal survives being sent, and nothing breaks the reader.
func FuzzLiteral(f *testing.F) {
	for _, s := range []string{"[1, (2,), {3: 'a'}, {4}]", "-1+2j", `b'\xff'`, "'''a'''", "float('nan')", "range(1,2)", "Fraction(1,2)", "1_0e1_0", "{1:2, 1.0:3}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := Literal(s)
		if err != nil {
			return
		}
		if again, err := Decode(v.Encode(nil)); err != nil || !Equal(again, v) {
			t.Errorf("%q is %v, and sent %v, %v", s, v, again, err)
		}
	})
}

// FuzzEqual: values are equal where their canonical texts are, and no others.
func FuzzEqual(f *testing.F) {
	f.Add("[1, 2]", "(1, 2)")
	f.Add("{1, 2}", "{2, 1}")
	f.Add("{'a': 0.0}", "{'a': -0.0}")
	f.Add("[[], [[]]]", "[[[]], []]")
	f.Add("('a', 'b')", "('ab', '')")
	f.Fuzz(func(t *testing.T, a, b string) {
		v, err := Literal(a)
		w, err2 := Literal(b)
		if err != nil || err2 != nil {
			return
		}
		if Equal(v, w) != (v.Canon() == w.Canon()) || Equal(v, w) != Equal(w, v) {
			t.Errorf("%v and %v: equal is %v and %v", v, w, Equal(v, w), Equal(w, v))
		}
	})
}

// chain is a literal in which each of 300 values is made of the one before.
func chain(format string) string {
	b := []byte("[(a0 := [])")
	for i := 1; i < 300; i++ {
		b = fmt.Appendf(append(b, ", "...), format, i, i-1)
	}
	return string(append(b, ']'))
}
