package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"borel/wasm"
)

func needPython(t *testing.T) {
	t.Helper()
	if _, err := wasm.Python(); errors.Is(err, wasm.ErrMissing) {
		t.Skip("the Python image is not built in")
	}
}

// The check that is made of a problem of each form accepts the problem's reference.
func TestDatasetReferences(t *testing.T) {
	if testing.Short() {
		t.Skip("asks of one program after the other")
	}
	url := serving(t) // one start of Python for all
	for file, want := range map[string]string{
		"apps.jsonl":          "3 problems, 3 references, 3 accepted\n",
		"codecontests.jsonl":  "1 problems, 1 references, 1 accepted\n",
		"evalplus.jsonl":      "2 problems, 2 references, 2 accepted\n", // and none judged otherwise than split
		"gsm8k.jsonl":         "2 problems, 2 references, 2 accepted\n",
		"gsm8k_truth.jsonl":   "1 problems, 1 references, 1 accepted\n",
		"humaneval.jsonl":     "2 problems, 2 references, 2 accepted\n",
		"humanevalplus.jsonl": "1 problems, 1 references, 1 accepted\n",
		"math.jsonl":          "2 problems, 2 references, 2 accepted\n",
		"mbpp.jsonl":          "2 problems, 2 references, 2 accepted\n",
		"mbpp_sanitized.json": "2 problems, 2 references, 2 accepted\n",
		"own.jsonl":           "2 problems, 2 references, 2 accepted\n",
	} {
		code, stdout, stderr := run(t.Context(), "", "audit", "--problems", filepath.Join("..", "..", "dataset", "testdata", file), "--mutants=-1", "--server", url)
		if code != 0 || !strings.HasPrefix(stdout, want) {
			t.Errorf("%s: got %d\n%s%s", file, code, stdout, stderr)
		}
	}
}

// What is wrong is rejected by each check that runs code, what is right in another way is accepted.
func TestDatasetChecks(t *testing.T) {
	if testing.Short() {
		t.Skip("asks of one program after the other")
	}
	url := serving(t)
	type sample struct{ file, task, program, status string }
	files := map[string][]sample{}
	for _, c := range []sample{
		{"evalplus.jsonl", "Tiny/3", "def halves(xs): return [x * 0.5 for x in xs]", "accepted"},
		{"evalplus.jsonl", "Tiny/3", "def halves(xs): return [x * 0.5 + 1e-9 for x in xs]", "accepted"}, // within 1e-6 + 1e-7 × want
		{"evalplus.jsonl", "Tiny/3", "def halves(xs): return [x * 0.5 + 1e-4 for x in xs]", "wrong_answer"},
		{"evalplus.jsonl", "Tiny/3", "def halves(xs): return [x // 2 for x in xs]", "wrong_answer"},
		{"evalplus.jsonl", "Tiny/3", "def halves(xs): return [x / 2 for x in xs[:2]]", "wrong_answer"},
		{"evalplus.jsonl", "Tiny/3", "class E(list):\n    __eq__ = lambda s, o: True\ndef halves(xs): return E()", "wrong_answer"},
		{"evalplus.jsonl", "Tiny/3", "def halves(xs): raise SystemExit(0)", "runtime_error"},
		{"evalplus.jsonl", "Mbpp/2", "def similar_elements(a, b): return sorted(set(a) & set(b), reverse=True)", "accepted"}, // in any order
		{"evalplus.jsonl", "Mbpp/2", "def similar_elements(a, b): return a", "wrong_answer"},
		{"mbpp.jsonl", "Mbpp/7001", "goes on:def vowels(s):\n    return sum(s.count(c) for c in 'aeiou')\n", "accepted"},
		{"mbpp.jsonl", "Mbpp/7001", "chat:<think>def vowels</think>Sure:\n```python\ndef vowels(s):\n    return len([c for c in s if c in 'aeiou'])\n```\n", "accepted"},
		{"mbpp.jsonl", "Mbpp/7001", "def vowels(s): return 3", "wrong_answer"},
		{"humaneval.jsonl", "Tiny/1", "goes on:    return sorted(words, key=len)[-1] if words else ''\n", "wrong_answer"},
		{"humaneval.jsonl", "Tiny/1", "chat:```python\ndef longest(words: List[str]) -> str:\n    return max(words, key=len, default='')\n```", "accepted"}, // with the prompt's import
		{"gsm8k.jsonl", "gsm8k/0", "chat:Two boxes hold 2400.\n#### 2400", "accepted"},
		{"gsm8k.jsonl", "gsm8k/0", "chat:It is 2400.", "no_program"}, // not where it was asked for
		{"gsm8k.jsonl", "gsm8k/0", "goes on: 2 * 1200 = 2400\n#### 2,400.00", "accepted"},
		{"math.jsonl", "tiny/1.json", "chat:It is $\\boxed{0.75}$.", "accepted"},
		{"humanevalplus.jsonl", "Tiny/2", "def mean(xs): return sum(xs) / len(xs) + 1e-8", "accepted"},
		{"humanevalplus.jsonl", "Tiny/2", "def mean(xs): return sum(xs) / len(xs) + 1e-5", "wrong_answer"},
		{"apps.jsonl", "apps/12", "def pair(n): return [n, n ** 2]", "accepted"},
		{"apps.jsonl", "apps/12", "class Solution:\n    def pair(self, n): return n * n, n", "wrong_answer"},
		{"apps.jsonl", "apps/13", "def half(n): return n // 2", "accepted"}, // 2 is 2.0 to Python, and to APPS
		{"livecodebench.jsonl", "tiny_a", "print('odd' if int(input()) % 2 else 'even')", "accepted"},
		{"livecodebench.jsonl", "tiny_a", "print('even')", "wrong_answer"},
		{"livecodebench.jsonl", "tiny_b", "class Solution:\n    def join(self, a, b): return tuple(a + b)", "accepted"},
		{"multiple.jsonl", "HumanEval_900_triple", "def triple(n): return 3 * n", "accepted"},
		{"multiple.jsonl", "HumanEval_900_triple", "def triple(n): return n", "wrong_answer"},
	} {
		files[c.file] = append(files[c.file], c)
	}
	for file, list := range files {
		var in strings.Builder
		for _, c := range list {
			s := map[string]any{"task_id": c.task, "program": c.program}
			if text, ok := strings.CutPrefix(c.program, "chat:"); ok {
				s = map[string]any{"task_id": c.task, "text": text}
			}
			if text, ok := strings.CutPrefix(c.program, "goes on:"); ok {
				s = map[string]any{"task_id": c.task, "completion": text}
			}
			in.WriteString(encoded(t, s))
		}
		code, stdout, stderr := run(t.Context(), in.String(), "verify", "--samples", "-", "-o", "-", "--problems", filepath.Join("..", "..", "dataset", "testdata", file), "--server", url)
		if code != 0 {
			t.Errorf("%s: got %d\n%s%s", file, code, stdout, stderr)
		}
		got := map[string][]string{} // statuses of each problem, in the order of its samples
		for line := range strings.Lines(stdout) {
			var v verdictLine
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Fatal(err)
			}
			got[v.Problem] = append(got[v.Problem], string(v.Status)+" "+v.Message)
		}
		for _, c := range list {
			if len(got[c.task]) == 0 || !strings.HasPrefix(got[c.task][0], c.status+" ") {
				t.Errorf("%s: %s\ngot %q, want %s", c.task, c.program, got[c.task], c.status)
				continue
			}
			got[c.task] = got[c.task][1:]
		}
	}
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

// The references of the data that the project is measured by are accepted, read through package dataset.
func TestSharedReferences(t *testing.T) {
	needPython(t)
	if testing.Short() {
		t.Skip("judges 1,983 references")
	}
	dir := t.TempDir()
	for file, want := range map[string]string{
		"HumanEval.jsonl.gz":                       "164 problems, 164 references, 164 accepted\n",
		"math500.jsonl.gz":                         "500 problems, 500 references, 500 accepted\n",
		"gsm8k_test_with_model_solutions.jsonl.gz": "1319 problems, 1319 references, 1319 accepted\n",
	} {
		name := filepath.Join("..", "..", "..", "shared", "data", file)
		if _, err := os.Stat(name); err != nil {
			t.Skipf("%s is not there", name)
		}
		code, stdout, stderr := run(t.Context(), "", "audit", "--problems", name, "--mutants=-1", "--data", dir)
		if code != 0 || !strings.HasPrefix(stdout, want) {
			t.Errorf("%s: got %d\n%s%s", file, code, stdout, stderr)
		}
	}
}
