package piston_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"borel/internal/servertest"
)

// program is a request to run source; pairs are further fields.
func program(source string, pairs ...any) string {
	return servertest.Object(append([]any{"language", "python", "version", "*", "files", []any{map[string]any{"content": source}}}, pairs...)...)
}

// stage is what a process did, without what it took.
type stage struct {
	Signal, Message, Status *string
	Stdout, Stderr, Output  string
	Code                    *int
}

func (s stage) String() string {
	b, _ := json.Marshal(s)
	return string(b)
}

func str(s string) *string { return &s }
func code(n int) *int      { return &n }

func TestExecute(t *testing.T) {
	f := open(t, servertest.Verifier(t), nil)
	left := func(n string) (*string, *string) { return str("RE"), str("Exited with error status " + n) }
	re1, msg1 := left("1")
	re3, msg3 := left("3")
	text := func(name, content string) map[string]any { return map[string]any{"name": name, "content": content} }
	tests := map[string]struct {
		body string
		want stage
	}{
		"input":            {program("print(input())", "stdin", "hey"), stage{Stdout: "hey\n", Output: "hey\n", Code: code(0)}},
		"newline":          {program("import sys\nprint(repr(sys.stdin.read()))", "stdin", "a\nb"), stage{Stdout: "'a\\nb\\n'\n", Output: "'a\\nb\\n'\n", Code: code(0)}},
		"newline is there": {program("import sys\nprint(repr(sys.stdin.read()))", "stdin", "a\n"), stage{Stdout: "'a\\n'\n", Output: "'a\\n'\n", Code: code(0)}},
		"no input":         {program("import sys\nprint(repr(sys.stdin.read()))"), stage{Stdout: "'\\n'\n", Output: "'\\n'\n", Code: code(0)}},
		"exit":             {program("import sys\nprint(1)\nsys.exit(3)"), stage{Stdout: "1\n", Output: "1\n", Code: code(3), Status: re3, Message: msg3}},
		"exit text":        {program("import sys\nsys.exit('no')"), stage{Stderr: "no\n", Output: "no\n", Code: code(1), Status: re1, Message: msg1}},
		"endless":          {program("while 1: pass", "run_timeout", 100), stage{Signal: str("SIGKILL"), Status: str("TO"), Message: str("Time limit exceeded")}},
		"sleeps too long":  {program("import time\nprint(1, flush=True)\ntime.sleep(60)", "run_timeout", 3000), stage{Stdout: "1\n", Output: "1\n", Signal: str("SIGKILL"), Status: str("TO"), Message: str("Time limit exceeded (wall clock)")}},
		"sleeps":           {program("import time\ntime.sleep(60)\nprint(1)", "run_timeout", 100_000), stage{Stdout: "1\n", Output: "1\n", Code: code(0)}},
		"sleep is no work": {program("import time\ntime.sleep(2)\nprint(1)", "run_timeout", 3000, "run_cpu_time", 1000), stage{Stdout: "1\n", Output: "1\n", Code: code(0)}},
		"works too long":   {program("for i in range(10**6): pass", "run_timeout", 30_000, "run_cpu_time", 1), stage{Signal: str("SIGKILL"), Status: str("TO"), Message: str("Time limit exceeded")}},
		"too much output":  {program("import sys\nb = b'x' * (1 << 20)\nfor i in range(33): sys.stdout.buffer.write(b)"), stage{Signal: str("SIGKILL"), Status: str("OL"), Message: str("stdout length exceeded")}},
		"arguments":        {program("import sys\nprint(sys.argv[1:])", "args", []any{"a b", 1, true, nil}), stage{Stdout: "['a b', '1', 'true', 'null']\n", Output: "['a b', '1', 'true', 'null']\n", Code: code(0)}},
		"spread":           {program("import sys\nprint(sys.argv[1:])", "args", "ab"), stage{Stdout: "['a', 'b']\n", Output: "['a', 'b']\n", Code: code(0)}},
		"files": {servertest.Object("language", "py3", "version", "3.x", "files", []any{
			text("../submission/no.py", ""), // replaced below
			map[string]any{"name": "b.bin", "content": "AP-_", "encoding": "base64"}, map[string]any{"name": "h", "content": "00ffzz11", "encoding": "hex"},
			text("main.py", "import other\nprint(open('b.bin', 'rb').read(), open('h', 'rb').read(), open('/sandbox/d/e').read(), other.x, open('main.py').read()[:6])"),
			text("other.py", "x = 7"), text("/d/./e", "deep"), map[string]any{"content": "x", "encoding": "latin1"},
		}), stage{Stdout: "b'\\x00\\xff\\xbf' b'\\x00\\xff' deep 7 import\n", Output: "b'\\x00\\xff\\xbf' b'\\x00\\xff' deep 7 import\n", Code: code(0)}},
		"in a folder": {servertest.Object("language", "python", "version", "*", "args", []any{"x"}, "files", []any{
			text("src/a.py", "import b, sys, os\nif __name__ == '__main__':\n    print(b.x, sys.argv, os.getcwd(), __file__)"), text("src/b.py", "x = 7"),
		}), stage{Stdout: "7 ['src/a.py', 'x'] /sandbox /sandbox/src/a.py\n", Output: "7 ['src/a.py', 'x'] /sandbox /sandbox/src/a.py\n", Code: code(0)}},
		"imports main": {servertest.Object("language", "python", "version", "*", "files", []any{
			text("a.py", "from __future__ import annotations\nimport main\nprint(main.x, open('main.py').read())"), text("main.py", "x = 7"),
		}), stage{Stdout: "7 x = 7\n", Output: "7 x = 7\n", Code: code(0)}},
		"main": {servertest.Object("language", "python", "version", "*", "files", []any{text("main.py", "import a\nprint(a.x)"), text("a.py", "x = 7")}),
			stage{Stdout: "7\n", Output: "7\n", Code: code(0)}},
		"in turn": {program("import sys\nfor i in range(3):\n    print(i, flush=True)\n    print(-i, file=sys.stderr)"),
			stage{Stdout: "0\n1\n2\n", Stderr: "0\n-1\n-2\n", Output: "0\n0\n1\n-1\n2\n-2\n", Code: code(0)}},
		"names": {servertest.Object("language", "python3.13", "version", "3.13.5", "files", []any{
			map[string]any{"content": "", "encoding": "hex"}, map[string]any{"content": "import os\nprint(sorted(os.listdir('.')))", "name": ""},
		}), stage{Stdout: "['file0.code', 'file1.code', 'main.py']\n", Output: "['file0.code', 'file1.code', 'main.py']\n", Code: code(0)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			body := strings.Replace(test.body, `{"content":"","name":"../submission/no.py"},`, "", 1)
			got := f.Do(t, "POST", "/api/v2/execute", body)
			var a struct {
				Run               stage
				Compile           *stage
				Language, Version string
			}
			if err := json.Unmarshal([]byte(got.Body), &a); err != nil || got.Status != 200 {
				t.Fatalf("%d %.300s", got.Status, got.Body)
			}
			if test.want.Message != nil && strings.HasSuffix(*test.want.Message, "length exceeded") {
				if n := len(a.Run.Stdout) + len(a.Run.Stderr); n != 32<<20 || len(a.Run.Output) != n {
					t.Errorf("%d bytes of output, %d in all", n, len(a.Run.Output))
				}
				a.Run.Stdout, a.Run.Stderr, a.Run.Output = "", "", ""
			}
			if a.Run.String() != test.want.String() {
				t.Errorf("got  %.300s\nwant %s", a.Run, test.want)
			}
			if a.Compile != nil || a.Language != "python" || a.Version != "3.13.5" {
				t.Errorf("compile %v, language %s, version %s", a.Compile, a.Language, a.Version)
			}
		})
	}
}

// TestFields: every field of the original is there, null where it is.
func TestFields(t *testing.T) {
	f := open(t, servertest.Verifier(t), nil)
	var a map[string]map[string]any
	got := f.Do(t, "POST", "/api/v2/execute", program("import time\ntime.sleep(1)"))
	body := strings.Replace(got.Body, `,"language":"python","version":"3.13.5"`, "", 1)
	if err := json.Unmarshal([]byte(body), &a); err != nil || len(a) != 1 {
		t.Fatalf("%s: %v", got.Body, err)
	}
	run := a["run"]
	for _, name := range []string{"memory", "cpu_time", "wall_time"} {
		if n, ok := run[name].(float64); !ok || n != float64(int64(n)) {
			t.Errorf("%s is %v", name, run[name])
		}
	}
	if run["wall_time"].(float64) < 1000 || run["cpu_time"].(float64) > 100 || run["memory"].(float64) < 1<<20 {
		t.Errorf("%v", run)
	}
	maps.DeleteFunc(run, func(name string, _ any) bool { return name == "memory" || strings.HasSuffix(name, "_time") })
	want := map[string]any{"signal": nil, "stdout": "", "stderr": "", "output": "", "code": 0.0, "message": nil, "status": nil}
	if !maps.Equal(run, want) {
		t.Errorf("got %v, want %v", run, want)
	}
}
