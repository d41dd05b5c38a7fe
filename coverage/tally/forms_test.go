package tally

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"borel/coverage"
)

func TestForms(t *testing.T) {
	two := []coverage.Count{{Problem: "HumanEval/0", N: 3, C: 1}, {Problem: "HumanEval/1", N: 2, Unknown: 1}}
	monkeys := []coverage.Count{{Problem: "monkey_business/7", N: 3, C: 2, Unknown: 1}, {Problem: "monkey_business/algebra_4", N: 2}}
	for _, test := range []struct {
		name, file, form string
		o                Options
		want             []coverage.Count
	}{
		{"human-eval", `{"task_id": "HumanEval/0", "completion": "    return 1\n", "result": "passed", "passed": true}
{"task_id": "HumanEval/0", "completion": "    return 2\n", "result": "failed: AssertionError", "passed": false}
{"task_id": "HumanEval/1", "completion": "    while True: pass\n", "result": "timed out", "passed": false}
{"task_id": "HumanEval/0", "completion": "    return 2\n", "result": "failed: AssertionError", "passed": false}
{"task_id": "HumanEval/1", "completion": "", "result": null, "passed": null}
{"task_id": "HumanEval/1", "completion": "", "result": "failed: ", "passed": false}`, HumanEval, Options{}, two},
		{"evalplus", `{"date": "2024-01-01 00:00", "hash": "fe5", "eval": {
 "HumanEval/0": [
  {"task_id": "HumanEval/0", "solution": "def f():\n  \"}]\"", "base_status": "pass", "plus_status": "pass", "base_fail_tests": [], "plus_fail_tests": []},
  {"task_id": "HumanEval/0", "solution": "x", "base_status": "pass", "plus_status": "fail", "base_fail_tests": [], "plus_fail_tests": [[1]]},
  {"task_id": "HumanEval/0", "solution": "y", "base_status": "timeout", "plus_status": "pass"}],
 "HumanEval/1": [{"base_status": "fail", "plus_status": "fail"}, {"base_status": "fail", "plus_status": "fail"}, {"base_status": null, "plus_status": "pass"}]},
 "pass_at_k": {"base": {"pass@1": 0.5}}}`, EvalPlus, Options{}, two},
		{"evalplus, base tests", `{"eval": {"a": [{"base_status": "pass", "plus_status": null}, {"base_status": "fail", "plus_status": null}]}}`, EvalPlus, Options{Tests: Base},
			[]coverage.Count{{Problem: "a", N: 2, C: 1}}},
		{"old evalplus", `{"date":"2023","eval":{"a":{"nfiles":2,"base":[["success",[true]],["success",[]]],"plus":[["success",[true]],["timed out",[]]]},
			"b":{"files":["x"],"base":[["failed",[false]]],"plus":[["success",[]]]}}}`, EvalPlus, Options{}, []coverage.Count{{Problem: "a", N: 2, C: 1}, {Problem: "b", N: 1}}},
		{"old evalplus, base tests", `{"eval":{"a":{"nfiles":2,"base":[["success",[true]],["success",[]]],"plus":[]}}}`, EvalPlus, Options{Tests: Base}, []coverage.Count{{Problem: "a", N: 2, C: 2}}},
		{"monkey_business, an array", `[{"question": "1 + 1?", "samples": ["2", "3", "", "2"], "is_corrects": [true, false, null, true], "gt_answer": "2", "orig_dset_split": "test", "orig_dset_idx": 7},
			{"theorem_name": "algebra_4", "prompt": "theorem", "is_corrects": [0, false], "samples": ["a", "b"]}]`, Samples, Options{}, monkeys},
		{"monkey_business, lines", `{"samples": ["2", "3", "", "2"], "is_corrects": [true, false, null, true], "orig_dset_idx": "7"}
			{"is_corrects": [false, false], "theorem_name": "algebra_4"}`, Samples, Options{}, monkeys},
		{"samples without a name", `{"is_corrects": [true]}`, Samples, Options{Name: "file"}, []coverage.Count{{Problem: "file", N: 1, C: 1}}},
		{"samples with their problem", `{"problem": {"id": "p", "check": {"kind": "unit", "id": "q"}}, "samples": [{"text": "a"}], "is_corrects": [false]}`, Samples, Options{}, []coverage.Count{{Problem: "p", N: 1}}},
		{"yaml of PyYAML", `gt_answer: "#### 18"
is_corrects:
- true
- false
- null
prompt: "Q: a\nb"
question: 'it''s'
samples:
- |
  one: [two

- 'three: *four'
- ""
`, YAML, Options{Name: "17"}, []coverage.Count{{Problem: "17", N: 2, C: 1, Unknown: 1}}},
		{"yaml with what is not read", "a: &a [x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b]\nproblem: a\nis_corrects: [true]\n", YAML, Options{}, []coverage.Count{{Problem: "a", N: 1, C: 1}}},
		{"two yaml documents", "---\nproblem: a\nis_corrects: [true]\n---\nproblem: b\nis_corrects: [False, true]\n", YAML, Options{}, []coverage.Count{{Problem: "a", N: 1, C: 1}, {Problem: "b", N: 2, C: 1}}},
		{"csv", "problem,n,c\na,10,3\n\"b, c\",20,0\n", CSV, Options{}, []coverage.Count{{Problem: "a", N: 10, C: 3}, {Problem: "b, c", N: 20}}},
		{"csv with other columns", "\uFEFFTask_ID;model;correct;total;unknown\r\na;m;3;10;2\r\nb;m;0;20;\r\n", CSV, Options{}, []coverage.Count{{Problem: "a", N: 10, C: 3, Unknown: 2}, {Problem: "b", N: 20}}},
		{"csv of borel eval", "problem,samples,accepted,unknown,failed,not_decided,cut,pass@1\na,10,2,2,1,1,0,0.25\n", CSV, Options{}, []coverage.Count{{Problem: "a", N: 8, C: 2, Unknown: 2}}},
		{"csv of a job that stopped early", "problem,samples,accepted,unknown,failed,not_decided,cut,pass@1\na,4,1,0,0,0,0,\n", CSV, Options{}, []coverage.Count{{Problem: "a", N: 4, C: 1, Stopped: coverage.Adaptive}}},
		{"counts in an array, pretty", "\n[\n {\n  \"problem\": \"a\",\n  \"n\": 1,\n  \"c\": 1\n }\n]", Counts, Options{}, []coverage.Count{{Problem: "a", N: 1, C: 1}}},
		{"null verdict", `{"problem":"a","sample":0,"status":null}` + "\n" + `{"problem":"a","sample":1,"status":"accepted"}`, Verdicts, Options{}, []coverage.Count{{Problem: "a", N: 1, C: 1, Unknown: 1}}},
	} {
		got, err := test.o.Read(strings.NewReader(test.file))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got.Form != test.form || !reflect.DeepEqual(got.Counts, test.want) {
			t.Errorf("%s: %+v\nwant %s %+v", test.name, *got, test.form, test.want)
		}
	}
}

func TestFormsRefused(t *testing.T) {
	laughs := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		laughs += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 9), ",") + "]\n"
	}
	for _, test := range []struct {
		name, file, want string // want: part of the error
		o                Options
	}{
		{"tests unheard-of", `{}`, `tests: "extra" is not known; plus and base are`, Options{Tests: "extra"}},
		{"ungraded", `{"question":"q","samples":["a"]}`, "line 1: has samples, and no is_corrects: nothing judged them; borel verify does", Options{}},
		{"one verdict is missing", `{"samples":["a","b"],"is_corrects":[true]}`, "has 2 samples, but is_corrects of 1", Options{}},
		{"verdict of another type", `{"is_corrects":[true,"yes"]}`, "is_corrects: holds something else than true, false and null", Options{}},
		{"number that is no verdict", `{"is_corrects":[2]}`, "is_corrects: holds something else", Options{}},
		{"no sample", `{"problem":"a","is_corrects":[]}`, `problem "a" has no samples`, Options{}},
		{"a problem twice", "{\"orig_dset_idx\":1,\"is_corrects\":[true]}\n{\"orig_dset_idx\":1,\"is_corrects\":[true]}", `line 2: problem "monkey_business/1" was counted before, on line 1`, Options{}},
		{"passed of another type", `{"task_id":"a","passed":"yes"}`, "passed: wants true or false, has string", Options{}},
		{"human-eval without task", `{"result":"passed","passed":true}`, "a verdict needs its problem", Options{}},
		{"plus was not run", `{"eval":{"a":[{"base_status":"pass","plus_status":null}]}}`, `eval of "a": the plus tests were not run; read the base tests (--tests base)`, Options{}},
		{"old form, plus was not run", `{"eval":{"a":{"nfiles":1,"base":[["success",[]]],"plus":[]}}}`, "the plus tests were not run", Options{}},
		{"evalplus status unheard-of", `{"eval":{"a":[{"base_status":"skipped","plus_status":"pass"}]}}`, `status "skipped" is not known`, Options{}},
		{"evalplus without status", `{"eval":{"a":[{"solution":"x"}]}}`, "the plus tests were not run", Options{}},
		{"evalplus task twice", `{"eval":{"a":[{"base_status":"pass","plus_status":"pass"}],"a":[]}}`, "line 1: is not JSON: duplicate object member name", Options{}},
		{"evalplus of another shape", `{"eval":{"a":3}}`, "wants a list of samples", Options{}},
		{"half of evalplus", `{"eval":{"a":[{"base_status":"pass",`, "unexpected end", Options{}},
		{"not UTF-8", "{\"problem\":\"\xff\",\"n\":1,\"c\":1}", "line 1: is not JSON: invalid UTF-8", Options{}},
		{"JSON too deep", strings.Repeat("[", 20_000), "line 1: is no object", Options{}},
		{"JSON too deep inside", `{"x":` + strings.Repeat("[", 20_000), "exceeded max depth", Options{}},
		{"billion laughs", laughs + "is_corrects: *j\n", "aliases are not followed", Options{}},
		{"YAML verdict that is an alias", "a: &a true\nis_corrects: [*a]\n", "is_corrects: holds something else", Options{}},
		{"YAML field twice", "is_corrects: [true]\nis_corrects: [false]\n", `has "is_corrects" twice`, Options{}},
		{"YAML too deep", "is_corrects: " + strings.Repeat("[", 10_000), "depth", Options{}},
		{"YAML without verdicts", "samples:\n- a\n", "has samples, and no is_corrects", Options{}},
		{"YAML of another kind", "on: push\n", "is no JSON, no table with problem, n and c, and no YAML with samples and is_corrects", Options{}},
		{"YAML of commas", "is_corrects: [true] #" + strings.Repeat(",", maxMarks+1<<16), "line 1: has more than 4000000 commas", Options{}},
		{"nothing but ends of lines", "{\"n\":1,\"c\":1}" + strings.Repeat("\n", 4<<20), "line 1: has a piece of more than 1048576 lines", Options{}},
		{"UTF-16", "\xff\xfe{\x00}\x00", "line 1: is UTF-16; write it again in UTF-8", Options{}},
		{"prose", "These are not the counts.\n", "is no JSON", Options{}},
		{"control characters", "\x00\x01\x02", "is no JSON", Options{}},
		{"csv that is not counts", "problem,n,c\na,ten,3\n", `line 2: n: "ten" is no whole number`, Options{}},
		{"csv of fractions", "problem,n,c\na,10,0.3\n", `line 2: c: "0.3" is no whole number`, Options{}},
		{"csv with c > n", "problem,n,c\na,10,3\nb,3,10\n", `line 3: c: problem "b": is 10; it must be between 0 and n, which is 3`, Options{}},
		{"csv with an open quote", "problem,n,c\n\"a,10,3\n", "quote", Options{}},
		{"csv without rows", "problem,n,c\n", "the file has no record", Options{}},
		{"csv without problem", "n,c\n1,1\n", "the header of a table of counts has problem, n and c", Options{}},
		{"csv of borel eval with unjudged samples", "problem,samples,accepted,unknown,pass@1\na,10,2,0,0.5\n", "take the .jsonl", Options{}},
		{"sample number out of range", `{"problem":"a","sample":-1,"status":"accepted"}`, "sample -1 of problem", Options{}},
	} {
		file, err := test.o.Read(strings.NewReader(test.file))
		if err == nil || !strings.Contains(err.Error(), test.want) || file != nil {
			t.Errorf("%s: %v, %v\nwant %s", test.name, file, err, test.want)
		}
	}
}

// A problem of which nothing is decided stands apart, in every form; without options it is an error.
func TestUndecided(t *testing.T) {
	for _, file := range []string{
		`{"problem":"a","is_corrects":[null,null]}` + "\n" + `{"problem":"b","is_corrects":[true]}`,
		`{"problem":"a","sample":0,"status":"unknown"}` + "\n" + `{"problem":"b","sample":0,"status":"accepted"}` + "\n" + `{"problem":"a","sample":1,"status":null}`,
		`{"problem":"a","n":0,"c":0,"unknown":2}` + "\n" + `{"problem":"b","n":1,"c":1}`,
		`{"task_id":"a","passed":null}` + "\n" + `{"task_id":"a","passed":null}` + "\n" + `{"task_id":"b","passed":true}`,
		`{"eval":{"a":[{"base_status":null,"plus_status":"pass"},{"base_status":null,"plus_status":"pass"}],"b":[{"base_status":"pass","plus_status":"pass"}]}}`,
		"problem: a\nis_corrects: [null, ~]\n---\nproblem: b\nis_corrects: [true]\n",
		"problem,samples,accepted,unknown,pass@1\na,2,0,2,\nb,1,1,0,1\n",
	} {
		got, err := Options{}.Read(strings.NewReader(file))
		if want := []coverage.Count{{Problem: "a", Unknown: 2}}; err != nil || !reflect.DeepEqual(got.Undecided, want) || len(got.Counts) != 1 || got.Counts[0].N != 1 {
			t.Errorf("%s: %+v, %v", file, got, err)
		}
		if _, err := Read(strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), `problem "a" has no decided sample, all 2 are unknown`) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// What is not counted takes no memory: texts longer together than a piece may be pass.
func TestLongFile(t *testing.T) {
	text := `"` + strings.Repeat("x", 1<<20) + `"`
	var file bytes.Buffer
	file.WriteString(`{"samples":[` + text)
	corrects := "true"
	for range 2 * MaxPiece / (1 << 20) {
		file.WriteString("," + text)
		corrects += ",false"
	}
	file.WriteString(`],"is_corrects":[` + corrects + `]}`)
	counts, err := Read(&file)
	if want := 2*MaxPiece/(1<<20) + 1; err != nil || len(counts) != 1 || counts[0].N != want || counts[0].C != 1 {
		t.Errorf("%+v, %v; want n %d", counts, err, want)
	}
}

// A library that compares all keys with one another would take hours.
func TestManyKeys(t *testing.T) {
	var file strings.Builder
	for i := range 1_000_000 {
		fmt.Fprintf(&file, "k%d:\n", i)
	}
	file.WriteString("problem: a\nis_corrects: [true]\n")
	if counts, err := Read(strings.NewReader(file.String())); err != nil || len(counts) != 1 {
		t.Errorf("%v, %v", counts, err)
	}
}

// Whatever the bytes and the options: counts that are valid, or an error.
func FuzzForms(f *testing.F) {
	for _, file := range []string{
		`{"task_id":"a","result":"passed","passed":true}`, `{"eval":{"a":[{"base_status":"pass","plus_status":"fail"}]}}`,
		`{"eval":{"a":{"nfiles":1,"base":[["success",[]]],"plus":[["failed",[]]]}}}`, `[{"samples":["a"],"is_corrects":[null]},{"orig_dset_idx":1,"is_corrects":[true]}]`,
		"samples:\n- a\nis_corrects:\n- true\n", "problem,n,c\na,10,3\n", "a: &a [1]\nb: *a\n", "problem,samples,accepted,unknown,pass@1\na,10,2,2,0.25\n",
	} {
		f.Add(file, false)
	}
	f.Fuzz(func(t *testing.T, file string, base bool) {
		o := Options{Name: "x"}
		if base {
			o.Tests = Base
		}
		got, err := o.Read(strings.NewReader(file))
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, c := range got.Counts {
			if err := c.Validate(); err != nil {
				t.Fatalf("%q: %v", file, err)
			}
			if c.Problem != "" && seen[c.Problem] {
				t.Fatalf("%q: problem %q twice", file, c.Problem)
			}
			seen[c.Problem] = true
		}
	})
}
