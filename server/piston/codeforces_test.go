package piston_test

import (
	"encoding/json"
	"strings"
	"testing"

	"borel/internal/servertest"
)

// judged is a request as open-r1 sends it.
func judged(solution, config string, files map[string]string) string {
	list := []any{map[string]any{"name": "main.python", "content": solution}}
	for _, name := range []string{"checker.py", "input.txt", "correct_output.txt"} {
		if content, ok := files[name]; ok {
			list = append(list, map[string]any{"name": name, "content": content})
		}
	}
	list = append(list, map[string]any{"name": "grader_config", "content": config})
	return servertest.Object("language", "cf_python3", "version", "*", "files", list, "run_timeout", 12_000)
}

func TestCodeforces(t *testing.T) {
	f := open(t, servertest.Verifier(t), nil)
	const config = "TIME_LIMIT=2.0\nMEMORY_LIMIT=256.0\nINPUT_MODE=stdio"
	const sum = "print(sum(map(int, input().split())))"
	io := func(in, out string) map[string]string {
		return map[string]string{"input.txt": in, "correct_output.txt": out}
	}
	checked := func(checker, in, out string) map[string]string {
		m := io(in, out)
		m["checker.py"] = checker
		return m
	}
	ok := func(by string) stage {
		return stage{Stdout: "1\n", Stderr: "Output is correct (" + by + ")\n", Code: code(0)}
	}
	const differ = "Files /dev/fd/63 and /dev/fd/62 differ\n"
	wrong := func(more, by string) stage {
		return stage{Stdout: "0\n", Stderr: more + "Output isn't correct (" + by + ")\n", Code: code(0)}
	}
	failed := func(n int, stderr string) stage {
		b, _ := json.Marshal(n)
		return stage{Stdout: "0\n", Stderr: stderr, Code: code(n), Status: str("RE"), Message: str("Exited with error status " + string(b))}
	}
	const near = "import sys\na, b = (float(open(p).read()) for p in sys.argv[2:])\nprint(int(abs(a - b) < 1e-6))"
	tests := map[string]struct {
		body string
		want stage
	}{
		"right":               {judged(sum, config, io("1 2\n", "3\n")), ok("diff")},
		"wrong":               {judged(sum, config, io("1 2\n", "4\n")), wrong(differ, "diff")},
		"line ends":           {judged("print(repr(input()), 1, sep='\\r\\n\\n')", config, io("1 2\r\n", "'1 2'\r\n\r\n1\r\n")), ok("diff")},
		"spaces":              {judged("print(' 1   2 \\n\\n 3', end='')", config, io("", "1 2\n3")), ok("diff")},
		"another order":       {judged("print('1 3 2')", config, io("", "1 2 3")), wrong(differ, "diff")},
		"yes":                 {judged("print('yes\\nNo')", config, io("", "YES NO")), ok("diff")},
		"yes in a word":       {judged("print('yesterday')", config, io("", "YESterday")), wrong(differ, "diff")},
		"nothing":             {judged("", config, io("", "")), ok("diff")},
		"byte for byte":       {judged("import sys\nprint(repr(sys.stdin.read()))", config, io("a\nb", `'a\nb'`)), ok("diff")},
		"raises":              {judged("print(1)\nimport sys\nsys.stderr.write('no\\n')\nsys.exit(3)", config, io("", "1")), failed(3, "no\nRuntime error with exit code 3\n")},
		"endless":             {judged("while 1: pass", strings.Replace(config, "2.0", "0.1", 1), io("", "1")), failed(124, "Time limit exceeded (0.1s)\n")},
		"sleeps":              {judged("import time\ntime.sleep(3)", config, io("", "")), failed(124, "Time limit exceeded (2.0s)\n")},
		"sleeps less":         {judged("import time\ntime.sleep(1)", config, io("", "")), ok("diff")},
		"no time limit":       {judged("import time\ntime.sleep(60)", "", io("", "")), stage{Status: str("TO"), Signal: str("SIGKILL"), Message: str("Time limit exceeded")}},
		"by files":            {judged("open('output.txt', 'w').write(open('input.txt').read() * 2)\nprint('noise')", "TIME_LIMIT=1\nINPUT_MODE=\"file\"\n", io("ab\r\n", "ab\nab")), ok("diff")},
		"no output":           {judged("print(1)", "INPUT_MODE=file", io("", "1")), wrong(differ, "diff")},
		"input is no file":    {judged("import os\nprint(sorted(os.listdir('.')))", config, io("1", "['grader_config', 'main.py', 'main.python']")), ok("diff")},
		"checker":             {judged("print(0.3333333)", config, checked(near, "", "0.33333333")), ok("checker")},
		"checker says no":     {judged("print(0.34)", config, checked(near, "", "0.33333333")), wrong("", "checker")},
		"checker says 100":    {judged("print(1)", config, checked("print(' 100 ')", "", "")), ok("checker")},
		"checker raises":      {judged("print('x')", config, checked("import sys\nprint(1)\nsys.exit('bad')", "", "")), stage{Stdout: "1\n", Stderr: "bad\nOutput is correct (checker)\n", Code: code(1), Status: str("RE"), Message: str("Exited with error status 1")}},
		"checker is guarded":  {judged("open('checker.py', 'w').write('print(1)')\nopen('correct_output.txt', 'w').write('9')\nprint(9)", config, checked("import sys\nprint(int(open(sys.argv[2]).read() == open(sys.argv[3]).read()))", "", "8")), wrong("", "checker")},
		"checker has input":   {judged("print(1)", config, checked("import sys\nprint(int(open(sys.argv[1]).read() == '7\\n8'))", "7\r\n8", "")), ok("checker")},
		"no right output":     {judged("print('a\\n\\nb')", config, map[string]string{"input.txt": ""}), stage{Stdout: "a\nb\n", Code: code(0)}},
		"right output hidden": {judged("print(open('correct_output.txt').read())", config, io("", "secret")), stage{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := f.Do(t, "POST", "/api/v2/execute", test.body)
			var a struct {
				Run     stage
				Compile stage
			}
			if err := json.Unmarshal([]byte(got.Body), &a); err != nil || got.Status != 200 {
				t.Fatalf("%d %.300s", got.Status, got.Body)
			}
			if want := (stage{Stdout: "Skipping compile - python3\n", Output: "Skipping compile - python3\n", Code: code(0)}); a.Compile.String() != want.String() {
				t.Errorf("compile is %s", a.Compile)
			}
			if name == "right output hidden" {
				if a.Run.Stdout != "0\n" || *a.Run.Code != 1 || !strings.HasSuffix(a.Run.Stderr, "Runtime error with exit code 1\n") {
					t.Errorf("got %s", a.Run)
				}
				return
			}
			a.Run.Output = ""
			if a.Run.String() != test.want.String() {
				t.Errorf("got  %.400s\nwant %s", a.Run, test.want)
			}
		})
	}
}
