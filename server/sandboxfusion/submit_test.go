package sandboxfusion_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"borel/internal/servertest"
)

type raw = json.RawMessage

// submitted is a request to judge a completion by a row.
func submitted(class, row, completion string, extra ...string) string {
	config := `{"dataset_type":` + quoted(class) + `,"language":"python","provided_data":` + row
	for _, e := range extra {
		config += "," + e
	}
	return servertest.Object("dataset", "mine", "id", 7, "completion", completion, "config", raw(config+"}"))
}

type result struct {
	ID            any
	Accepted      bool
	ExtractedCode string  `json:"extracted_code"`
	FullCode      *string `json:"full_code"`
	ExtractedType *string `json:"extracted_type"`
	Tests         []struct {
		Passed   bool
		ExecInfo struct {
			Status, Message string
			RunResult       struct {
				Status         string
				ReturnCode     *int `json:"return_code"`
				Stdout, Stderr string
			} `json:"run_result"`
		} `json:"exec_info"`
		TestInfo raw `json:"test_info"`
	}
}

// told is a result in one line: accepted, how the code was found, and the status and return code of each test.
func (r *result) told() string {
	how := "null"
	if r.ExtractedType != nil {
		how = *r.ExtractedType
	}
	text := fmt.Sprint(r.Accepted, " ", how)
	for _, c := range r.Tests {
		code := "null"
		if c.ExecInfo.RunResult.ReturnCode != nil {
			code = fmt.Sprint(*c.ExecInfo.RunResult.ReturnCode)
		}
		text += fmt.Sprintf("; %v %s %s %s", c.Passed, c.ExecInfo.Status, c.ExecInfo.RunResult.Status, code)
	}
	return text
}

const (
	sums     = `{"id":7,"content":"Add.","labels":"{}","test":"[{\"input\":{\"stdin\":\"1 2\"},\"output\":{\"stdout\":\"3\"}},{\"input\":{\"stdin\":\"2 2\"},\"output\":{\"stdout\":\"4\\n\"}}]"}`
	adds     = `{"id":7,"content":"Add.","labels":{"test_setup_code":"import math"},"test":["assert add(1, 2) == 3","assert add(0, math.inf) == math.inf"]}`
	evals    = `{"id":7,"content":"Add.","labels":{"programming_language":"python"},"test":{"code":"assert add(1, 2) == 3"}}`
	unittest = `{"id":7,"content":"Add.","labels":{"programming_language":"python"},"test":{"code":"import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(add(1, 2), 3)\nunittest.main()"}}`
	inserted = `{"id":7,"content":"Add.","labels":{"programming_language":"python"},"test":{"code":"source = #<INSERT>\nexec(source)\nassert add(1, 2) == 3"}}`
	pytests  = `{"id":7,"content":"Add.","labels":{"programming_language":"python","execution_language":"pytest"},"test":{"code":"def test_add():\n    assert add(1, 2) == 3\n"}}`
	asset    = `{"id":7,"content":"Add.","labels":{"programming_language":"python"},"test":{"code":"assert add(1, 2) == int(open('want.txt').read())","asset":"{\"want.txt\":null,\"want.txt\":\"Mw==\"}"}}`
	human    = `{"task_id":"HumanEval/0","prompt":"def add(a, b):\n    \"\"\"Sum.\"\"\"\n","entry_point":"add","test":"def check(f):\n    assert f(1, 2) == 3\n"}`
	multiple = `{"name":"HumanEval_0_add","language":"py","prompt":"def add(a, b):\n    \"\"\"Sum.\"\"\"\n","tests":"def check(f):\n    assert f(1, 2) == 3\ncheck(add)\n","stop_tokens":["\ndef"]}`
	live     = `{"id":7,"content":"Add.","labels":{},"test":{"input_output":"{\"inputs\":[\"1 2\",\"2 2\"],\"outputs\":[\"3\",\"4\"]}"}}`
	halves   = `{"id":7,"content":"Add.","labels":{},"test":{"input_output":"{\"inputs\":[\"1 2\"],\"outputs\":[\"1.5\"]}"}}`
	liveCall = `{"id":7,"content":"Add.","labels":{},"test":{"input_output":"{\"inputs\":[\"1\\n2\",\"[1]\\n[2]\"],\"outputs\":[\"3\",\"[1, 2]\"],\"fn_name\":\"add\"}"}}`
)

func TestSubmit(t *testing.T) {
	f := open(t, servertest.Verifier(t), nil)
	block := func(code string) string { return "Here:\n```python\n" + code + "\n```\n" }
	const right, wrong = "def add(a, b):\n    return a + b", "def add(a, b):\n    return a - b"
	const reads = "print(sum(map(int, input().split())))"
	for _, c := range []struct{ name, body, want string }{
		{"stdio", submitted("CommonOJDataset", sums, block(reads)), "true fenced; true Success Finished 0; true Success Finished 0"},
		{"stdio, stops at the first wrong one", submitted("CommonOJDataset", sums, block("print(4)")), "false fenced; false Success Finished 0"},
		{"stdio, all", submitted("CommonOJDataset", sums, block("print(4)"), `"extra":{"run_all_cases":true}`), "false fenced; false Success Finished 0; true Success Finished 0"},
		{"stdio, fails", submitted("CommonOJDataset", sums, block("print(3)\n1/0")), "false fenced; false Failed Finished 1"},
		{"stdio, too slow", submitted("CommonOJDataset", sums, block("while True: pass"), `"run_timeout":0.2`), "false fenced; false Failed TimeLimitExceeded null"},
		{"stdio, no code", submitted("CommonOJDataset", sums, "I do not know."), "false empty; false Success Finished 0"},
		{"stdio, unclosed", submitted("CommonOJDataset", sums, "```py\n"+reads), "true incomplete_fenced; true Success Finished 0; true Success Finished 0"},
		{"stdio, own extraction", submitted("CommonOJDataset", sums, "<<"+reads+">>", `"custom_extract_logic":"submit_code_blocks([CodeBlock(priority=40, code=completion[2:-2], language='python')])"`), "true null; true Success Finished 0; true Success Finished 0"},
		{"asserts", submitted("MBPPDataset", adds, block(right)), "true fenced; true Success Finished 0"},
		{"asserts, wrong", submitted("MBPPDataset", adds, block(wrong)), "false fenced; false Failed Finished 1"},
		{"asserts, leaves early", submitted("MBPPDataset", adds, block("import sys\nsys.exit(0)")), "false fenced; false Failed Finished 0"},
		{"asserts, leaves in a test", submitted("MBPPDataset", adds, block("import os\ndef add(a, b): os._exit(0)")), "false fenced; false Failed Finished 0"},
		{"asserts, without fences", submitted("MBPPDataset", adds, "This adds:\n\ndef add(a, b):\n    return a + b\n\nIt does."), "true heuristic; true Success Finished 0"},
		{"test code", submitted("AutoEvalDataset", evals, block(right)), "true fenced; true Success Finished 0"},
		{"test code, its main left out", submitted("AutoEvalDataset", evals, block(right+"\nif __name__ == '__main__':\n    1/0")), "true fenced; true Success Finished 0"},
		{"test code, wrong", submitted("AutoEvalDataset", evals, block(wrong)), "false fenced; false Failed Finished 1"},
		{"test code, leaves early", submitted("AutoEvalDataset", evals, block("exit()")), "false fenced; false Failed Finished 0"},
		{"unittest", submitted("AutoEvalDataset", unittest, block(right)), "true fenced; true Success Finished 0"},
		{"unittest, wrong", submitted("AutoEvalDataset", unittest, block(wrong)), "false fenced; false Failed Finished 1"},
		{"unittest, the program leaves", submitted("AutoEvalDataset", unittest, block("exit(0)")), "false fenced; false Failed Finished 0"},
		{"inserted", submitted("AutoEvalDataset", inserted, block(right), `"extra":{"repr_code":true}`), "true fenced; true Success Finished 0"},
		{"inserted, leaves early", submitted("AutoEvalDataset", inserted, block("raise SystemExit(0)"), `"extra":{"repr_code":true}`), "false fenced; false Failed Finished 0"},
		{"files", submitted("AutoEvalDataset", asset, block(right)), "true fenced; true Success Finished 0"},
		{"pytest", submitted("AutoEvalDataset", pytests, block(right)), "true fenced; true Success Finished 0"},
		{"pytest, wrong", submitted("AutoEvalDataset", pytests, block(wrong)), "false fenced; false Failed Finished 1"},
		{"pytest, leaves in a test", submitted("AutoEvalDataset", pytests, block("import os\ndef add(a, b): os._exit(0)")), "false fenced; false Failed Finished 0"},
		{"the second block", submitted("AutoEvalDataset", evals, block(wrong)+block(right), `"extra":{"code_block_idx":1}`), "true fenced; true Success Finished 0"},
		{"all blocks", submitted("AutoEvalDataset", evals, block(wrong)+block(right), `"extra":{"autoeval_extract_code_mode":"all"}`), "true fenced; true Success Finished 0"},
		{"continues", submitted("HumanEvalDataset", human, "    return a + b\n\nprint(add(1, 0) / 0)"), "true null; true Success Finished 0"},
		{"continues, wrong", submitted("HumanEvalDataset", human, "    return a - b\n"), "false null; false Failed Finished 1"},
		{"written anew", submitted("HumanEvalDataset", human, block(right), `"extra":{"is_freeform":true}`), "true fenced; true Success Finished 0"},
		{"stop tokens", submitted("HumanEvalDataset", multiple, "    return a + b\n\ndef main(:"), "true null; true Success Finished 0"},
		{"live, stdio", submitted("LiveCodeBenchDataset", live, block(reads)), "true fenced; true Success Finished 0"},
		{"live, wrong", submitted("LiveCodeBenchDataset", live, block("print(3)")), "false fenced; false Failed Finished 1"},
		{"live, other lines", submitted("LiveCodeBenchDataset", live, block(reads+"\nprint()\nprint(1)")), "false fenced; false Failed Finished 1"},
		{"live, fractions", submitted("LiveCodeBenchDataset", halves, block("print(1.50000001)")), "true fenced; true Success Finished 0"},
		{"live, calls", submitted("LiveCodeBenchDataset", liveCall, block("class Solution:\n    def add(self, a, b):\n        return a + b")), "true fenced; true Success Finished 0"},
		{"live, calls a function", submitted("LiveCodeBenchDataset", liveCall, block(right)), "true fenced; true Success Finished 0"},
		{"live, calls, wrong", submitted("LiveCodeBenchDataset", liveCall, block(wrong)), "false fenced; false Failed Finished 1"},
		{"live, calls, the first of several", submitted("LiveCodeBenchDataset", liveCall, block("def add(a, b):\n    return 3 if a == 1 else 1")), "false fenced; false Failed Finished 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := f.Post(t, "/submit", c.body)
			var r result
			if err := json.Unmarshal([]byte(got.Body), &r); err != nil || got.Status != 200 || r.ID != 7.0 {
				t.Fatalf("got %d %s", got.Status, got.Body)
			}
			if text := r.told(); text != c.want {
				t.Errorf("got %s, want %s\n%s", text, c.want, got.Body)
			}
		})
	}
}

// What a submission answers, whole.
func TestSubmitWhole(t *testing.T) {
	f := open(t, servertest.Verifier(t), nil)
	got := f.Post(t, "/submit", submitted("MBPPDataset", adds, "```\ndef add(a, b):\n    return a + b\n```"))
	want := `{"id":7,"accepted":true,"extracted_code":"def add(a, b):\n    return a + b","full_code":"def add(a, b):\n    return a + b\nimport math\nassert add(1, 2) == 3\nassert add(0, math.inf) == math.inf","test_code":null,` +
		`"tests":[{"passed":true,"exec_info":{"status":"Success","message":"","compile_result":null,"run_result":{"status":"Finished","execution_time":T,"return_code":0,"stdout":"","stderr":""},"executor_pod_name":null,"files":{}},"test_info":null}],"extracted_type":"fenced","extra":null}`
	if text := strings.TrimSpace(took.ReplaceAllString(got.Body, `"execution_time":T`)); text != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
}

// What cannot be judged is refused: it is never a rejection.
func TestSubmitRefused(t *testing.T) {
	f := open(t, servertest.Verifier(t), nil)
	for _, c := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"unknown dataset", servertest.Object("dataset", "d", "id", 1, "completion", "", "config", raw(`{}`)), 400, `{"detail":"no eval class found for dataset d"}`},
		{"unknown class", submitted("NopeDataset", sums, ""), 400, `{"detail":"eval class NopeDataset not found"}`},
		{"no row", submitted("MBPPDataset", "null", ""), 400, `{"detail":"the dataset mine is not here, and config.provided_data has no row"}`},
		{"rows", submitted("MBPPDataset", "["+adds+"]", ""), 400, `{"detail":"request.config.provided_data should be a dict with str -> str | int"}`},
		{"a field is missing", submitted("MBPPDataset", `{"id":1,"test":[]}`, ""), 400, `{"detail":"the row has no labels"}`},
		{"no tests", submitted("CommonOJDataset", `{"id":1,"test":[]}`, ""), 400, `{"detail":"the row has no tests: every completion would be accepted"}`},
		{"no language", strings.Replace(submitted("CommonOJDataset", sums, ""), `"language":"python"`, `"language":null`, 1), 400, `{"detail":"config.language field must exist for CommonOJDataset, got None"}`},
		{"another language", strings.Replace(submitted("CommonOJDataset", sums, ""), `"language":"python"`, `"language":"cpp"`, 1), 400, `{"detail":"programs in cpp cannot be run here; those in python can"}`},
		{"a row in another language", submitted("AutoEvalDataset", strings.Replace(evals, `"python"`, `"java"`, 1), ""), 400, `{"detail":"programs in java cannot be run here; those in python can"}`},
		{"logic that fails", submitted("CommonOJDataset", sums, "", `"custom_extract_logic":"1/0"`), 400, "ZeroDivisionError: division by zero"},
		{"a file elsewhere", submitted("AutoEvalDataset", strings.ReplaceAll(asset, "want.txt", "../passwd"), ""), 400, `its path leads out of the working folder`},
		{"tests that need what is not here", submitted("AutoEvalDataset", strings.Replace(evals, "assert", "import numpy\\nassert", 1), ""), 400, `{"detail":"the row's tests need the module numpy, which is not here"}`},
		{"tests that are no JSON", submitted("CommonOJDataset", `{"test":"[{"}`, ""), 400, `{"detail":"the row's test cannot be read: `},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := f.Post(t, "/submit", c.body); got.Status != c.status || !strings.Contains(got.Body, c.want) {
				t.Errorf("got %d %s", got.Status, got.Body)
			}
		})
	}
}
