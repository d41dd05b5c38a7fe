package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"borel/problem"
)

func TestExtract(t *testing.T) {
	unit := func(prompt, entry string) *problem.Problem {
		return &problem.Problem{Prompt: prompt, Check: problem.Check{Kind: problem.KindUnit, EntryPoint: entry}}
	}
	var (
		bare    = unit("", "")
		add     = unit("", "add")
		begun   = unit("import math\nfrom typing import List, Optional\n\n\ndef poly(xs: List[int]):\n    return math.fsum(xs)\n\n\ndef add(a, b):\n    \"\"\"\n    import re\n    \"\"\"\n", "")
		cpp     = &problem.Problem{Language: "cpp", Check: problem.Check{EntryPoint: "add"}}
		starred = unit("import os.path\nfrom a import *\n\n@b\n@b\ndef c():\n    return os\n\ndef add(a, b):\n    ", "")
		prose   = unit("Complete this:\n```python\nimport math\ndef add(a, b):\n    ...\n```\n", "")
	)
	tested := *starred
	tested.Check.Tests = "assert add(1, 2) == c()"
	const program = "def add(a, b):\n    return a + b\n"
	tests := []struct {
		name    string
		problem *problem.Problem
		text    string
		program string
		rule    string // "" for none
	}{
		{"one block", add, "Sure:\n```python\n" + program + "```\nDone.", program, "fenced:entry_point"},
		{"the last that defines", add, "```python\ndef add(): 1\n```\n```\n" + program + "```\n```python\nprint(add(1, 2))\n```", program, "fenced:entry_point"},
		{"no block defines", add, "```python\nx = 1\n```\n```python\ny = 2\n```", "y = 2\n", "fenced:last"},
		{"definition by assignment", add, "```\nadd = lambda a, b: a + b\n```\n```\nx = 1\n```", "add = lambda a, b: a + b\n", "fenced:entry_point"},
		{"definition with annotation", add, "```\nadd: F = sum\n```\n```\nx = 1\n```", "add: F = sum\n", "fenced:entry_point"},
		{"async, class", unit("", "A"), "```\nclass A: pass\n```\n```\nasync def  A(): 1\n```\n```\nA == 1\n```", "async def  A(): 1\n", "fenced:entry_point"},
		{"methods and strings define nothing", add, "```\nclass A:\n  def add(): 1\n```\n```\ns = '''\ndef add(): 1\n'''\n```\n", "s = '''\ndef add(): 1\n'''\n", "fenced:last"},
		{"a prefix is not the name", add, "```\ndef add2(): 1\n```\n```\nx = 1\n```", "x = 1\n", "fenced:last"},
		{"entry point of the prompt", begun, "```\nx = 1\n```\n```\n" + program + "```\n```\ny = 1\n```", program, "fenced:entry_point"},

		{"tags", bare, "```bash\npip install x\n```\n```Python3 title=a\nprint(1)\n```\n```text\nx = 1\n```\n```json\n{}\n```", "print(1)\n", "fenced:last"},
		{"output without a tag", bare, "```python\nprint(3)\n```\nprints\n```\n3\n```", "print(3)\n", "fenced:last"},
		{"final program without a tag", bare, "```python\nprint(3)\n```\nbetter\n```\nprint(4)\n```", "print(4)\n", "fenced:last"},
		{"attributes", bare, "```{.python .numberLines}\nprint(1)\n```\n```{=html}\n<p>\n```", "print(1)\n", "fenced:last"},
		{"tag with file name", bare, "```python:main.py\nprint(1)\n```\n```sh\nls\n```", "print(1)\n", "fenced:last"},
		{"doctest", add, "```python\n" + program + "```\n```python\n>>> add = 1\n3\n```", program, "fenced:entry_point"},
		{"doctest without entry point", bare, "```python\nprint(1)\n```\n```python\n>>> x = 1\n```", "print(1)\n", "fenced:last"},
		{"only a foreign block", bare, "```ruby\nputs 1\n```", "puts 1\n", "fenced:last"},
		{"a foreign tag that defines", add, "```text\n" + program + "```\n```python\nx = 1\n```", program, "fenced:entry_point"},
		{"other languages", cpp, "```cpp\nint add(int a) {}\n```\n```cpp\nint add2() {}\n```", "int add(int a) {}\n", "fenced:entry_point"},

		{"tildes", bare, "~~~python\nprint('```')\n```\n~~~\n", "print('```')\n```\n", "fenced:last"},
		{"longer fence", bare, "````\nprint(1)\n```\n````\n", "print(1)\n```\n", "fenced:last"},
		{"closed by a longer fence", bare, "```\nprint(1)\n````\nx", "print(1)\n", "fenced:last"},
		{"fence in a docstring", add, "```python\ndef add(a, b):\n    '''\n    ```\n    add(1)\n    ```\n    '''\n    return a + b\n```\n", "def add(a, b):\n    '''\n    ```\n    add(1)\n    ```\n    '''\n    return a + b\n", "fenced:entry_point"},
		{"a quote in a comment", add, "```python\nx = 1  # '''\n" + program + "```\n```\nx = 1\n```", "x = 1  # '''\n" + program, "fenced:entry_point"},
		{"a listed fence does not close", bare, "```python\nx = 1\n- ```\n```\n", "x = 1\n- ```\n", "fenced:last"},
		{"a string that never ends", bare, "```python\ns = '''\n```\nno:\n```python\nprint(1)\n```", "print(1)\n", "fenced:last"},
		{"in a list", add, "1. So:\n\n   ```python\n   def add(a, b):\n       return a + b\n\n   ```\n", "def add(a, b):\n    return a + b\n\n", "fenced:entry_point"},
		{"behind a list mark", add, "1. ```python\n   def add(a, b):\n       return a + b\n   ```\n", program, "fenced:entry_point"},
		{"tabs", add, "\t```\n\tdef add(a, b):\n\t\treturn 1\n    if 1:\n\t```", "def add(a, b):\n\treturn 1\nif 1:\n", "fenced:entry_point"},
		{"CRLF", add, "```python\r\ndef add(a, b):\r\n    return a + b\r\n```\r\n", "def add(a, b):\r\n    return a + b\r\n", "fenced:entry_point"},
		{"inline code", bare, "```print(0)``` is not\n```\nprint(1)\n```\nbut", "print(1)\n", "fenced:last"},
		{"within Markdown", add, "```markdown\n# So\n```python\n" + program + "```\nDone\n```", program, "fenced:entry_point"},
		{"prose behind the closing fence", add, "```python\n" + program + "``` It adds up.\nDone.", program, "fenced:entry_point"},
		{"not closed before the next", add, "```python\nx = 1\n```python\n" + program + "```", program, "fenced:entry_point"},

		{"unclosed", add, "```python\n" + program, program, "fenced:unclosed"},
		{"unclosed after another", add, "```bash\nls\n```\n```python\n" + program, program, "fenced:unclosed"},
		{"unclosed that defines", add, "```python\nx = 1\n```\n```python\n" + program, program, "fenced:unclosed"},
		{"unclosed before a foreign one", add, "```python\nx = 1\n```sh\nls\n```\n", "x = 1\n", "fenced:unclosed"},
		{"unopened that defines", add, program + "```\nSo:\n```python\nprint(add(1, 2))\n```", program, "fenced:unopened"},
		{"unclosed does not beat a complete one", bare, "```python\nprint(1)\n```\n```python\nprint(2", "print(1)\n", "fenced:last"},
		{"unclosed without entry point", bare, "```sh\nls\n```\n```python\nprint(1)", "print(1)", "fenced:unclosed"},
		{"unopened", add, program + "```\nThis adds.\n", program, "fenced:unopened"},
		{"unopened without entry point", bare, "print(1)\n```", "print(1)\n", "fenced:unopened"},
		{"empty blocks do not count", add, "```\n" + program + "```\n```python\n\n```", program, "fenced:entry_point"},
		{"empty block alone", add, "```python\n```", "", ""},
		{"empty text", add, "", "", ""},

		{"bare", add, program, program, "text:bare"},
		{"bare statements", bare, "print(int(input()) * 2)", "print(int(input()) * 2)", "text:bare"},
		{"prose", add, "I can't (really) do that: for example, if you add...\nImport duties apply.", "", ""},

		{"body", begun, "```python\n    return a + b\n```", strings.TrimSpace(begun.Prompt) + "\n    return a + b\n", "fenced:last+prompt"},
		{"bare body", begun, "    return a + b\n", strings.TrimSpace(begun.Prompt) + "\n    return a + b\n", "text:bare+prompt"},
		{"a body without a prompt", add, "```python\n    return a + b\n```", "    return a + b\n", "fenced:last"},
		{"import", begun, "```\ndef add(a: List, b): return 1\n```", "from typing import List, Optional\ndef add(a: List, b): return 1\n", "fenced:entry_point+imports"},
		{"import that is there", begun, "```\nfrom typing import (\n  List)\ndef add(a: List, b): return 1\n```", "from typing import (\n  List)\ndef add(a: List, b): return 1\n", "fenced:entry_point"},
		{"helper, and what it needs", begun, "```\ndef add(a, b): return poly(a)\n```", "import math\nfrom typing import List, Optional\ndef poly(xs: List[int]):\n    return math.fsum(xs)\ndef add(a, b): return poly(a)\n", "fenced:entry_point+imports+helpers"},
		{"helper that is there", begun, "```\npoly = sum\ndef add(a, b): return poly(a)\n```", "poly = sum\ndef add(a, b): return poly(a)\n", "fenced:entry_point"},
		{"future", begun, "```\n'''Doc.'''\nfrom __future__ import annotations\ndef add(a: List, b): return 1\n```", "'''Doc.'''\nfrom __future__ import annotations\nfrom typing import List, Optional\ndef add(a: List, b): return 1\n", "fenced:entry_point+imports"},
		{"import of all, of a part", starred, "```\nfrom z import *\ndef add(a, b): return os\n```", "import os.path\nfrom a import *\nfrom z import *\ndef add(a, b): return os\n", "fenced:entry_point+imports"},
		{"decorated helper that the tests need", &tested, "```\nfrom a import *\nimport \\\n  os\n" + program + "```", "from a import *\n@b\n@b\ndef c():\n    return os\nfrom a import *\nimport \\\n  os\n" + program, "fenced:entry_point+imports+helpers"},
		{"prompt in prose", prose, "```\nx = 1\n```\n```\ndef add(a, b): return math.nan\n```\n```\nx = 2\n```", "import math\ndef add(a, b): return math.nan\n", "fenced:entry_point+imports"},

		{"thinking", add, "<think>\n```\ndef add(): wrong\n```\n</think>\n```\n" + program + "```", program, "fenced:entry_point"},
		{"thinking does not count", add, "<think>\n```\ndef add(): wrong\n```\n</think>\nI give up.", "", ""},
		{"nothing but thinking", add, "<think>\n```\n" + program + "```\n</think>\n", program, "fenced:entry_point+think"},
		{"thinking without an end", add, "<think>\n```\n" + program + "```\nand", program, "fenced:entry_point+think"},
		{"the tag inside a program", bare, "```python\nx = s.split('</think>')\n```", "x = s.split('</think>')\n", "fenced:last"},
	}
	for _, tt := range tests {
		got, rule, ok := extract(tt.problem, problem.Text(tt.text))
		if got != tt.program || rule != tt.rule || ok != (tt.rule != "") {
			t.Errorf("%s: extract = %q by %q, want %q by %q", tt.name, got, rule, tt.program, tt.rule)
		}
	}
}

// The other forms of sample are never looked into, whatever they hold.
func TestExtractLiteral(t *testing.T) {
	p := &problem.Problem{Prompt: "def f():\n", Check: problem.Check{EntryPoint: "f"}}
	const fenced = "</think>\n```python\ndef f(): 1\n```\n"
	for _, tt := range []struct {
		sample        problem.Sample
		program, rule string
	}{
		{problem.Completion(fenced), p.Prompt + fenced, "completion"},
		{problem.Completion(""), p.Prompt, "completion"},
		{problem.Program(fenced), fenced, "program"},
		{problem.Program(""), "", "program"},
	} {
		if got, rule, ok := extract(p, tt.sample); got != tt.program || rule != tt.rule || !ok {
			t.Errorf("extract = %q by %q, %v, want %q by %q", got, rule, ok, tt.program, tt.rule)
		}
	}
}

// Every HumanEval solution must pass its tests in whatever form a model may answer.
func TestExtractHumanEval(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip(err)
	}
	type row struct {
		TaskID     string `json:"task_id"`
		Prompt     string
		EntryPoint string `json:"entry_point"`
		Solution   string `json:"canonical_solution"`
		Test       string
	}
	type program struct{ Name, Program, Test string }
	var programs []program
	rules := map[string]map[string]int{}
	for _, r := range rows[row](t, "HumanEval.jsonl.gz") {
		whole := r.Prompt + r.Solution
		alone := whole[strings.Index(whole, "def "+r.EntryPoint+"("):]
		indented := ""
		for line := range strings.Lines(alone) {
			indented += "   " + line
		}
		test := r.Test + "\ncheck(" + r.EntryPoint + ")\n"
		for _, form := range []struct{ name, text string }{
			{"whole", "Here:\n```python\n" + whole + "```\nIt works:\n```\nTrue\n```\n"},
			{"function alone", "```\n" + alone + "```\n```python\nprint(" + r.EntryPoint + ")\n```"},
			{"in a list", "1. So:\n   ```python\n" + indented + "   ```\n"},
			{"body", "```python\n" + r.Solution + "```"},
			{"unclosed", "```python\n" + alone},
			{"bare", alone},
			{"bare body", r.Solution},
			{"CRLF", strings.ReplaceAll("```python\n"+alone+"```\n", "\n", "\r\n")},
			{"thinking", "<think>```python\nx</think>\n```python\n" + alone + "```"},
		} {
			for _, prompt := range []string{r.Prompt, "Complete this function.\n\n```python\n" + r.Prompt + "```\n"} {
				for _, entry := range []string{r.EntryPoint, ""} {
					p := &problem.Problem{Prompt: prompt, Check: problem.Check{Tests: test, EntryPoint: entry}}
					got, rule, ok := extract(p, problem.Text(form.text))
					if !ok {
						t.Errorf("%s, %s: no program", r.TaskID, form.name)
					}
					if rules[form.name] == nil {
						rules[form.name] = map[string]int{}
					}
					rules[form.name][rule]++
					programs = append(programs, program{r.TaskID + ", " + form.name, got, test})
				}
			}
		}
	}
	input, err := json.Marshal(programs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", `
import json, sys
done = {}
for p in json.load(sys.stdin):
    key = p["Program"] + p["Test"]
    if key not in done:
        try:
            space = {"__name__": "__main__"}
            exec(p["Program"], space)
            exec(p["Test"], space)
            done[key] = ""
        except BaseException as e:
            done[key] = repr(e)
    if done[key]:
        print(p["Name"], done[key])
`)
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%.3000s", err, out)
	}
	if len(programs) != 164*9*4 {
		t.Errorf("tried %d answers, want %d", len(programs), 164*9*4)
	}
	t.Log(rules)
}

func TestExtractHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	const size = 256 << 10
	p := &problem.Problem{
		Prompt: "import math\nfrom a import b\ndef g(): 1\ndef f(x):\n",
		Check:  problem.Check{Tests: "f(1)"},
	}
	for _, unit := range []string{
		"`", "```", "```\n", "~~~\n", "```a\n", "```\n'''\n```\n", "```\n'''\n```\n```\n\"\"\"\n", "```\n\\'''\n", "```python\n'''\n", "```\n#'''\n'''\n```\n", "````\n```\n", "1. ```\n", "1", "- ",
		" ", "\t", "  ```\n", "(", "(\n", "'", "'''", "'''\n", "\\", "\\\n", "#", "\n", "\r", "a", "a ", "a,", "a=", "a[", "a\n", "def f", "def f(\n", "def f():\n", "@a\n",
		"import a,", "import a\n", "from a import (", "from __future__ import a\n", "for a in ", "<think>", "</think>", "'</think>", "</think>\n```\n", "\x00", "\xff", "é",
	} {
		text := strings.Repeat(unit, size/len(unit))
		for _, sample := range []string{text, "```python\n" + text, "def f():\n" + text + "\n```", "```\n" + strings.Repeat(" ", size) + text + "\n```\n", strings.Repeat(" ", size) + "```\n" + text} {
			start := time.Now()
			extract(p, problem.Text(sample))
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("extract took %v on 256 KB of %q", took, unit)
			}
		}
		start := time.Now()
		extract(&problem.Problem{Prompt: text + p.Prompt}, problem.Text("```\ndef f(): b\n```"))
		extract(&problem.Problem{Prompt: p.Prompt + text}, problem.Text("    return 1\n"))
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("extract took %v with a prompt of 256 KB of %q", took, unit)
		}
	}
}

func FuzzExtract(f *testing.F) {
	f.Add("import math\ndef f(x):\n", "f", "Sure:\n```python\ndef f(x):\n    return math.pi\n```\n")
	f.Add("", "", "1. ```\n   x = '''\n   ```\n   '''\n   ```\n~~~\n")
	f.Add("@a\ndef g(): 1\ndef f(x):\n", "", "<think>a</think>\n\treturn g()\n```")
	f.Fuzz(func(t *testing.T, prompt, entry, text string) {
		p := &problem.Problem{Prompt: prompt, Check: problem.Check{EntryPoint: entry}}
		program, rule, ok := extract(p, problem.Text(text))
		if ok != (rule != "") || ok && strings.TrimSpace(program) == "" || !ok && program != "" {
			t.Errorf("extract(%q) = %q by %q, %v", text, program, rule, ok)
		}
		// Nothing is made up: each line stands in the text or in the prompt.
		for line := range strings.Lines(program) {
			if line = strings.TrimSpace(line); !strings.Contains(text, line) && !strings.Contains(prompt, line) {
				t.Errorf("extract(%q) of prompt %q makes up %q", text, prompt, line)
			}
		}
		// What came out comes out again.
		if ok && !strings.ContainsAny(program, "`~\r") && !strings.Contains(program, "think>") {
			again, _, _ := extract(&problem.Problem{}, problem.Text("```python\n"+strings.TrimSuffix(program, "\n")+"\n```\n"))
			if strings.TrimSuffix(again, "\n") != strings.TrimSuffix(program, "\n") {
				t.Errorf("extract(%q) = %q, and of that %q", text, program, again)
			}
		}
		// A program in a fence of its own comes out as it went in.
		if strings.ContainsAny(text, "`~\r") || strings.Contains(text, "think>") || strings.TrimSpace(text) == "" {
			return
		}
		fenced := fmt.Sprintf("So:\n```python\n%s\n```\nDone.\n", text)
		program, rule, ok = extract(&problem.Problem{}, problem.Text(fenced))
		if !ok || program != text+"\n" || rule != "fenced:last" {
			t.Errorf("extract(%q) = %q by %q, %v", fenced, program, rule, ok)
		}
	})
}
