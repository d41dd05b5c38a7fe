package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"borel/problem"
)

// told is what a recording holds, as a text: of each problem its id, kind, samples and what is said of them.
func told(t *testing.T, r *Recording) string {
	t.Helper()
	var b strings.Builder
	for _, p := range r.Problems {
		list, err := p.All()
		if err != nil {
			t.Fatal(err)
		}
		samples, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %s %s %v\n", p.ID, p.Check.Kind, samples, p.Said)
	}
	return b.String()
}

func TestRecording(t *testing.T) {
	own := func(id string) string {
		return `{"id":"` + id + `","prompt":"p","check":{"kind":"answer","answer":"1"}}`
	}
	preambled, err := json.Marshal([]problem.Sample{problem.Program(Preamble)})
	if err != nil {
		t.Fatal(err)
	}
	known := []problem.Problem{{ID: "k", Prompt: "known prompt", Check: problem.Check{Kind: problem.KindAnswer, Answer: "1"}}, {ID: "without"}}
	for name, c := range map[string]struct{ file, want string }{
		"native": {`{"problem":` + own("a") + `,"samples":[{"text":"1"},{"completion":"\u00e9"},"3"]}`,
			`a answer [{"text":"1"},{"completion":"é"},{"text":"3"}] []` + "\n"},
		"lines of one problem, joined": {`{"problem":` + own("a") + `,"text":"1"}` + "\r\n\n" + `  {"problem":"a","samples":[{"text":"2"}]}` + "\n" + `{"problem":` + own("a") + `,"samples":[]}`,
			`a answer [{"text":"1"},{"text":"2"}] []` + "\n"},
		"of a known problem": {`{"task_id":"k","completion":"1"}`, `k answer [{"completion":"1"}] []` + "\n"},
		"CodeT": {`[` + "\n" + `{"task_id":"H/0","prompt":"def f():\n","entry_point":"f","test":"assert f()","solutions":["    return 1\n", "    return 0\n"],"generated_tests":["x"]}]`,
			`H/0 unit [{"completion":"    return 1\n"},{"completion":"    return 0\n"}] []` + "\n"},
		"what is said": {`{"prompt":"p","gt_answer":"1","samples":["1","2","3"],"is_corrects":[true,null,false]}`,
			`monkey_business/0 answer [{"text":"1"},{"text":"2"},{"text":"3"}] [2 0 1]` + "\n"},
		"a program": {`{"task_id":"k","solution":"x"}`, `k answer [{"program":"x"}] []` + "\n"},
		"a verdict beside it": {`{"task_id":"k","completion":"x","passed":true}` + "\n" + `{"task_id":"k","completion":"y","passed":false}`,
			`k answer [{"completion":"x"},{"completion":"y"}] [2 1]` + "\n"},
		"programs by place":           {` [ ["x", "\u00e9"] ]`, `k answer [{"program":"x"},{"program":"é"}] []` + "\n"},
		"a program for LiveCodeBench": {`[{"question_id":"k","code_list":[]},{"question_id":"k","code_list":[""]}]`, "k answer " + string(preambled) + " []\n"},
		"MultiPL-E": {`{"name":"HumanEval_0_f","language":"py","prompt":"def f():\n","tests":"f()","completions":["    x"," y"]}`,
			`HumanEval_0_f unit [{"completion":"    x"},{"completion":" y"}] []` + "\n"},
		"results of MultiPL-E": {`{"name":"HumanEval_0_f","language":"py","prompt":"def f():\n","tests":"f()","results":[{"program":"x\nf()","status":"OK","exit_code":0},{"program":"\nf()","status":"OK","exit_code":1},{"program":"\nf()"}]}`,
			`HumanEval_0_f unit [{"program":"x"},{"program":""},{"program":""}] [2 1 0]` + "\n"},
		"by the prompt, cut": {`{"prompt":"known prompt","samples":["x\n#","    y\nif a:\n    print"]}`, `k answer [{"completion":"x"},{"completion":"    y"}] []` + "\n"},
		"said of half of them": {`{"task_id":"k","samples":["1"],"is_corrects":[true]}` + "\n" + `{"task_id":"k","text":"2"}`,
			`k answer [{"text":"1"},{"text":"2"}] []` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			io.WriteString(z, c.file) //nolint:errcheck // to memory
			z.Close()
			for how, in := range map[string]io.Reader{"a reader": strings.NewReader(c.file), "gzip": &packed, "a file": onDisk(t, "???"+c.file, 3)} {
				r, err := OpenRecording(in, "f", known, Options{}, nil)
				if err != nil {
					t.Fatal(how, err)
				}
				if got := told(t, r); got != c.want || r.Samples != strings.Count(got, `":`) {
					t.Errorf("%s: got %d samples\n%swant\n%s", how, r.Samples, got, c.want)
				}
				if err := r.Close(); err != nil {
					t.Error(how, err)
				}
			}
		})
	}
}

// onDisk is a file of which so many bytes have been read.
func onDisk(t *testing.T, text string, read int64) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.Seek(read, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRecordingRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, err string }{
		"nothing":                   {"\n", "f: no samples: the file has none"},
		"no list":                   {`{"prompt":"p","gt_answer":"1","samples":["1"]}` + "\n" + `{"task_id":"monkey_business/0","samples":"1"}`, "f, line 2: samples: must be a list"},
		"a number":                  {`{"prompt":"p","gt_answer":"1","samples":["1",2]}`, "f, line 1: samples[1]: json: cannot unmarshal number"},
		"more lists than problems":  {`[["a"]]`, "f, line 1: is a list, of a problem by its place: there are 0 problems"},
		"a list of numbers":         {`{"name":"n","language":"py","prompt":"p","tests":"t","completions":[1]}`, "f, line 1: completions[0]: json: cannot unmarshal number"},
		"results without a program": {`{"name":"n","language":"py","prompt":"p","tests":"t","results":[{"status":"OK"}]}`, "f, line 1: results[0]: has no program"},
		"results with other tests":  {`{"name":"n","language":"py","prompt":"p","tests":"t","results":[{"program":"x"}]}`, "f, line 1: results[0].program: does not end in the tests"},
		"two forms":                 {`{"prompt":"p","gt_answer":"1","samples":["1",{"text":"","program":""}]}`, "f, line 1: samples[1]: needs exactly one"},
		"null":                      {`{"prompt":"p","gt_answer":"1","samples":[null]}`, "f, line 1: samples[0]: needs exactly one"},
		"too few verdicts":          {"[{\"prompt\":\"p\",\"gt_answer\":\"1\",\n\"samples\":[\"1\",\"2\"],\"is_corrects\":[true]}]", "f, line 2: is_corrects: has 1 verdicts of 2 samples"},
		"a verdict of text":         {`{"prompt":"p","gt_answer":"1","samples":["1"],"is_corrects":["yes"]}`, "f, line 1: is_corrects: json: cannot unmarshal string"},
		"no check":                  {`{"prompt":"p","samples":["1"]}`, "f, line 1: is no problem: it has neither gt_answer nor test_cases"},
		"tests that differ":         {`{"prompt":"p","samples":["1"],"test_cases":{"input":["1"],"output":[]}}`, "f, line 1: test_cases: has 1 inputs and 0 outputs"},
		"a negative timeout":        {`{"prompt":"p","samples":["1"],"timeout":-1,"test_cases":{"input":["1"],"output":["1"]}}`, "f, line 1: timeout: is negative"},
		"unknown":                   {`{"task_id":"x","text":"1"}`, `f, line 1: problem "x" is not known; name the file of problems`},
		"no problem":                {`{"text":"1"}`, "f, line 1: is no sample: "},
		"another problem":           {`{"prompt":"p","gt_answer":"1","samples":["1"],"orig_dset_idx":1}` + "\n" + `{"prompt":"p","gt_answer":"2","samples":["1"],"orig_dset_idx":1}`, `f, line 2: problem "monkey_business/1" differs`},
		"half":                      {`{"prompt":"p","gt_answer":"1","samples":["1"`, "f, line 1: is not JSON, or only part of it: unexpected end"},
		"half an array":             {`[{"prompt":"p","gt_answer":"1","samples":["1"]},`, "f, line 1: is only part of a JSON value"},
		"a list in a line":          {"{\"prompt\":\"p\",\"gt_answer\":\"1\",\"samples\":[\"1\"]}\n[]", "f, line 2: is a list, of a problem by its place: there are 0 problems"},
		"two records in one":        {`{"prompt":"p","gt_answer":"1","samples":["1"]}{}`, "f, line 1: is not JSON, or only part of it: invalid character"},
		"bytes that are none":       {"{\"prompt\":\"p\",\"gt_answer\":\"1\",\"samples\":[\"\xe9\"]}", "f, line 1: is not UTF-8 at byte 42"},
		"a problem's own fault":     {`{"problem":{"id":"a","check":{"kind":"what"}},"samples":["1"]}`, "f, line 1: problem: check.kind"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := OpenRecording(strings.NewReader(c.file), "f", nil, Options{}, nil); err == nil || !strings.HasPrefix(err.Error(), c.err) {
				t.Errorf("got %v, want %s…", err, c.err)
			}
		})
	}
}

// A file that is changed while it is in use is not answered from.
func TestRecordingChanged(t *testing.T) {
	f := onDisk(t, `{"prompt":"p","gt_answer":"1","samples":["right"]}`, 0)
	r, err := OpenRecording(f, "f", nil, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{strings.Repeat("x", 60), "short"} {
		if err := os.WriteFile(f.Name(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := r.Problems[0].At(0); err == nil {
			t.Errorf("after %q: got %q", text, s.Raw())
		}
	}
}

// What judges nothing reads records without a check, such as proofs.
func TestRecordingUnchecked(t *testing.T) {
	b, err := os.ReadFile("testdata/monkey_business.json")
	if err != nil {
		t.Fatal(err)
	}
	r, err := OpenRecording(bytes.NewReader(b), "f", nil, Options{Unchecked: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if last := r.Problems[3]; len(r.Problems) != 4 || last.ID != "monkey_business/t" || last.Prompt != "by (\n" || last.Check.Kind != "" {
		t.Errorf("got %d problems, the last %+v", len(r.Problems), last.Problem)
	}
}
