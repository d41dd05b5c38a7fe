package verify

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"borel/problem"
)

// sorting is a problem that the programs of testdata/crossing do not solve, split and by calls.
func sorting(v *Verifier) map[string]*problem.Problem {
	split := splitProblem("cases = [([3, 1, 2], [1, 2, 3]), ([], []), ([5, 4], [4, 5])]\n" +
		"for x, want in cases:\n    got = f(x)\n    assert got == want, (got, want)\n" +
		"assert all(map(lambda x: f(x) == sorted(x), [[9, 8, 7]]))\nassert f([3, 1, 2]) == [1, 2, 3]\n")
	calls := callsProblem("", calling("[[3, 1, 2]]", "[1, 2, 3]"), calling("[[]]", "[]"), calling("[[5, 4]]", "[4, 5]"), calling("[[9, 8, 7]]", "[7, 8, 9]"))
	split.Limits.Seconds, calls.Limits.Seconds = 0.5, 0.5
	return map[string]*problem.Problem{"split": split, "calls": calls}
}

// TestCrossingHacks: programs that attack whoever judges them are wrong, and a right one is accepted beside them.
func TestCrossingHacks(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	files, err := filepath.Glob("testdata/crossing/*.py")
	if err != nil || len(files) == 0 {
		t.Fatal("no programs", err)
	}
	v := realVerifier(t)
	for kind, p := range sorting(v) {
		d, err := v.Verify(t.Context(), p, problem.Program("def f(x): return sorted(x)"), false)
		check(t, d, err, problem.Accepted)
		for _, file := range files {
			program, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d, err := v.Verify(t.Context(), p, problem.Program(string(program)), false)
			name := strings.TrimSuffix(filepath.Base(file), ".py")
			if err != nil || d.Status == problem.Accepted || d.Status == problem.Unknown {
				t.Errorf("%s, %s: got %v %s %s %s", kind, name, err, d.Status, d.Message, d.Error)
			}
		}
	}
}

// TestForgedAnswers: a program can send any bytes in an answer's place. Whoever reads them takes no harm.
func TestForgedAnswers(t *testing.T) {
	v := realVerifier(t)
	problems := sorting(v)
	forged := []string{
		``, `x`, `null`, `[]`, `[0]`, `[0,1]`, `[0,1,2]`, `[0,1,[],1]`, `[5,"x"]`, `["0",[1,2,3],[]]`, `[true,[1,2,3],[]]`, `[0.0,[1,2,3],[]]`, `{}`,
		`[0,[1,2,3],[]]junk`, `[0,[1,2,3],[[0]]]`, `[0,[1,2,3],[[9,[]]]]`, `[0,[1,2,3],[[-1,[]]]]`, `[0,[1,2,3],[[0,{}]]]`, `[0,[1,2,3],[[true,[]]]]`, `[0,[1,2,3],[["0",[]]]]`,
		`[0,{"$":["p","f"]},[]]`, `[0,{"$":["p","check"]},[]]`, `[0,{"$":["n","eval"]},[]]`, `[0,{"$":["n","exec"]},[]]`, `[0,{"$":["n","__import__"]},[]]`, `[0,{"$":["n",["int"]]},[]]`,
		`[0,{"$":[]},[]]`, `[0,{"$":1},[]]`, `[0,{"$":["x"]},[]]`, `[0,{"$":[["t"],1]},[]]`, `[0,{"$":["t",1]},[]]`, `[0,{"$":["t",{"a":1}]},[]]`, `[0,{"$":["t",[1]],"a":1},[]]`, `[0,{"a":1,"$":["t",[1]]},[]]`,
		`[0,{"$":["s",[[1]]]},[]]`, `[0,{"$":["d",[[1]]]},[]]`, `[0,{"$":["d",[[[],1]]]},[]]`, `[0,{"$":["d",["ab"]]},[]]`, `[0,{"$":["b","\u0100"]},[]]`, `[0,{"$":["c",[1,2]]},[]]`, `[0,{"$":["ra",[0,1,0]]},[]]`,
		`[0,{"$":["D","x"]},[]]`, `[0,{"$":["F",[1,0]]},[]]`, `[0,{"$":["da",[0,0,0]]},[]]`, `[0,{"$":["dt",[1,1,1,1,1,1,1,1,[99999999999,0,0]]]},[]]`, `[0,{"$":["dt",[]]},[]]`, `[0,{"$":["td",[1e9,1,1]]},[]]`, `[0,{"$":["q",[1],-1]},[]]`, `[0,{"$":["dd",[],"eval"]},[]]`,
		`[0,{"$":["@",0]},[]]`, `[0,{"$":["=",1,[]]},[]]`, `[0,{"$":["=",0,[{"$":["@",0]}]]},[]]`, `[0,{"$":["@",-1]},[]]`, `[0,{"$":["@",true]},[]]`, `[0,{"$":["a",99]},[]]`, `[0,{"$":["a",-1]},[]]`, `[0,{"$":["a",null]},[]]`,
		`[1]`, `[1,[],"",[]]`, `[1,["eval"],"",[]]`, `[1,["AssertionError"],"",[]]`, `[1,["SystemExit"],"",[0]]`, `[1,["StopIteration"],"",[]]`, `[1,["BaseExceptionGroup"],"",["a",[1]]]`, `[1,["UnicodeDecodeError"],"",["a",1]]`, `[1,["OSError"],"",[2,"x"]]`, `[1,["KeyError"],1,[]]`, `[1,"KeyError","",[]]`, `[1,["SyntaxError"],"",["x",["tests.py",1,1,"x"]]]`,
		`[2]`, `[2,1]`, `[2,"why"]`, `[2,"` + strings.Repeat("why", 10000) + `"]`, `[3,"why"]`, `[4,"why"]`, `[99999999999999999999,1]`, `[0,1e99999,[]]`, `[0,-,[]]`, `[0,01,[]]`, `[0,1.,[]]`, `[0,"\ud800\udc00",[]]`, `[0,"\x",[]]`, `[0,"` + "\x01" + `",[]]`, "[0,\"\xff\",[]]", "\xff\xfe",
		strings.Repeat("[", 100000), `[0,` + strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000) + `,[]]`, `[0,` + strings.Repeat(`{"$":["t",[`, 3000) + strings.Repeat(`]]}`, 3000) + `,[]]`,
		`[0,` + strings.Repeat("9", 200000) + `,[]]`, `[0,{"$":["D","1e999999999"]},[]]`,
	}
	const forger = "import os\ndef f(x):\n    b = %s\n    while b: b = b[os.write(4, b):]\n    return None\n"
	// Tests that look at nothing show what is not even read.
	unread := 0
	for _, answer := range forged {
		if !strings.Contains(answer, `"$"`) || strings.Contains(answer, `"D","1e9`) || len(answer) > 10_000 { // a great number and a deep tuple can be
			continue
		}
		d, err := v.Verify(t.Context(), splitProblem("f([1])"), problem.Program(fmt.Sprintf(forger, literal(answer))), false)
		if err != nil || d.Status != problem.RuntimeError {
			t.Errorf("%.80q is read: %v %s %s", answer, err, d.Status, d.Error)
		}
		unread++
	}
	if unread < 30 {
		t.Errorf("%d answers were tried", unread)
	}
	for _, n := range []int{3, 25, 60} {
		forged = append(forged, doubled(n))
	}
	for i, answer := range forged {
		program := fmt.Sprintf(forger, literal(answer))
		for _, kind := range []string{"split", "calls"} {
			d, err := v.Verify(t.Context(), problems[kind], problem.Program(program), false)
			if err != nil || d.Status == problem.Accepted || d.Status == problem.Unknown {
				t.Errorf("%s, %d: %.80q: got %v %s %s %s", kind, i, answer, err, d.Status, d.Message, d.Error)
			}
		}
	}
}

// doubled is an answer whose value is twice n in one another.
func doubled(n int) string {
	inner := `{"$":["=",0,[1]]}`
	for i := range n {
		inner = fmt.Sprintf(`{"$":["=",%d,[%s,{"$":["@",%d]}]]}`, i+1, inner, i)
	}
	return `[0,` + inner + `,[]]`
}

// literal is a frame of this content as Python's bytes.
func literal(content string) string {
	var b strings.Builder
	b.WriteString("b'")
	for _, c := range binary.LittleEndian.AppendUint32(nil, uint32(len(content))) {
		fmt.Fprintf(&b, `\x%02x`, c)
	}
	for _, c := range []byte(content) {
		if c >= ' ' && c < 0x7f && c != '\'' && c != '\\' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return b.String() + "'"
}
