package dataset

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"borel/problem"
)

func readFile(t *testing.T, name string, o Options) *Set {
	t.Helper()
	f, err := os.Open(name)
	if os.IsNotExist(err) && strings.Contains(name, "shared") {
		t.Skipf("%s is not there", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := Read(f, filepath.Base(name), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestForms(t *testing.T) {
	for _, c := range []struct{ file, form, ids, kinds, entries, left string }{
		{"apps.jsonl", "apps", "apps/11 apps/12 apps/13", "stdio calls calls", "- Solution.pair half", "apps/14"},
		{"codecontests.jsonl", "codecontests", "1_A. Half", "stdio", "-", "2_B. File"},
		{"evalplus.jsonl", "evalplus", "Tiny/3 Mbpp/2", "unit unit", "halves similar_elements", "Tiny/4"},
		{"gsm8k.jsonl", "gsm8k", "gsm8k/0 gsm8k/1", "answer answer", "- -", ""},
		{"gsm8k_truth.jsonl", "gsm8k", "gsm8k/0", "answer", "-", ""},
		{"humaneval.jsonl", "humaneval", "Tiny/0 Tiny/1", "unit unit", "double longest", ""},
		{"humanevalplus.jsonl", "humaneval", "Tiny/2", "unit", "mean", ""},
		{"livecodebench.jsonl", "livecodebench", "tiny_a tiny_b", "stdio calls", "- Solution.join", ""},
		{"math.jsonl", "math", "tiny/1.json math/1", "answer answer", "- -", ""},
		{"mbpp.jsonl", "mbpp", "Mbpp/7001 Mbpp/7002", "unit unit", "vowels back", ""},
		{"mbpp_sanitized.json", "mbpp", "Mbpp/7003 Mbpp/7004", "unit unit", "up add", ""},
		{"monkey_business.json", "monkey_business", "monkey_business/17 monkey_business/18 monkey_business/2", "answer answer stdio", "- - -", "monkey_business/t"},
		{"multiple.jsonl", "multipl-e", "HumanEval_900_triple", "unit", "triple", ""},
		{"own.jsonl", "own", "six two", "answer answer", "- -", ""},
	} {
		t.Run(c.file, func(t *testing.T) {
			for _, mode := range []string{"chat", "completion"} {
				s := readFile(t, filepath.Join("testdata", c.file), Options{Mode: mode})
				var ids, kinds, entries, left []string
				for _, p := range s.Items {
					ids, kinds = append(ids, p.ID), append(kinds, p.Check.Kind)
					entry := p.Check.EntryPoint
					if entry == "" {
						entry = "-"
					}
					entries = append(entries, entry)
				}
				for _, l := range s.Left {
					left = append(left, l.ID)
				}
				got := [5]string{s.Form, strings.Join(ids, " "), strings.Join(kinds, " "), strings.Join(entries, " "), strings.Join(left, " ")}
				if want := [5]string{c.form, c.ids, c.kinds, c.entries, c.left}; got != want {
					t.Errorf("%s: got %q, want %q", mode, got, want)
				}
				// Named, the form is the same; and each has a template that holds the prompt.
				if named := readFile(t, filepath.Join("testdata", c.file), Options{Mode: mode, Form: c.form}); len(named.Items) != len(s.Items) {
					t.Errorf("with --form: %d problems, want %d", len(named.Items), len(s.Items))
				}
				tm := For(s.Form, mode)
				if strings.Count(tm.Text, Prompt) != 1 || len(tm.Stop) > MaxStops || mode == "chat" && tm.Stop != nil {
					t.Errorf("%s: template %+v", mode, tm)
				}
			}
		})
	}
}

// What each form makes of a record, where the others' tests do not tell.
func TestContent(t *testing.T) {
	items := func(file, mode string) []Item {
		return readFile(t, filepath.Join("testdata", file), Options{Mode: mode}).Items
	}
	same := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	mbpp := items("mbpp.jsonl", "")
	same("setup code", mbpp[0].Check.Tests, "WORD = 'banana'\nassert vowels(WORD) == 3\nassert vowels('') == 0\n")
	same("a docstring", mbpp[1].Prompt, "\"\"\"\nWrite a function that needs \\\\ and \\\"\\\"\\\".\n\nassert back() == '\\\\\\\\'\n\"\"\"\n")
	same("imports", items("mbpp_sanitized.json", "")[0].Check.Tests, "import math\n\nassert up(1.2) == math.ceil(1.2)\nassert up(3) == 3\n")
	g := items("gsm8k.jsonl", "")[0]
	same("answer", g.Check.Answer+g.Check.Equal+g.Check.Marker, "2,400number####")
	g = items("gsm8k_truth.jsonl", "")[0]
	same("truth", g.Check.Answer+" "+g.Reference.Raw(), "24 4 * 6 = <<4*6=24>>24.\n#### 24")
	m := items("math.jsonl", "")
	same("fields", m[0].Fields["level"]+m[0].Fields["subject"]+m[1].Fields["level"], "1PrealgebraLevel 2")
	same("boxed", m[1].Check.Answer+m[1].Check.Equal, "2math")
	a := items("apps.jsonl", "")
	same("lines", fmt.Sprint(a[0].Check.Cases[1]), fmt.Sprint(problem.Case{Stdin: "5 6", Stdout: "11"}))
	same("chat", a[1].Prompt, "Return n and its square as a pair.\n\nComplete this code:\n```python\nclass Solution:\n    def pair(self, n: int):\n```")
	same("completion", items("apps.jsonl", "completion")[1].Prompt, "\"\"\"\nReturn n and its square as a pair.\n\nWrite the function pair.\n\"\"\"\nclass Solution:\n    def pair(self, n: int):")
	same("compare", a[0].Check.Compare+items("codecontests.jsonl", "")[0].Check.Compare, "float")
	l := items("livecodebench.jsonl", "")
	same("pickled", l[0].Check.Cases[1].Stdin+l[0].Check.Cases[1].Stdout, "7\nodd\n")
	same("functional", string(l[1].Check.Cases[0].Args)+string(l[1].Check.Cases[0].Want), "[[1,2],[3]][1, 2, 3]")
	e := items("evalplus.jsonl", "")
	same("isolation", e[0].Check.Isolation, "split")
	if !strings.Contains(e[0].Check.Tests, "99999999999999999999") || !strings.Contains(e[1].Check.Tests, "_SHAPE = \"tuples\"\n_RULE = \"set\"") {
		t.Errorf("tests of EvalPlus: %s", e[1].Check.Tests)
	}
	monkeys := items("monkey_business.json", "")
	same("few shots", monkeys[0].Prompt, "Question: One and one?\nAnswer: #### 2\n\nQuestion: Two and two?\nAnswer:")
	same("a number", monkeys[0].Check.Answer+monkeys[0].Check.Equal+monkeys[0].Check.Marker, "4number####")
	same("mathematics", monkeys[1].Check.Answer+monkeys[1].Check.Equal+monkeys[1].Check.Marker, `\frac{x}{2}math`)
	same("tests", fmt.Sprint(monkeys[2].Check.Cases[1].Stdin, monkeys[2].Check.Compare, monkeys[2].Limits.Seconds), "3 4\nllmonk12.5")
	multi := readFile(t, "testdata/multiple.jsonl", Options{})
	same("stops", strings.Join(multi.Stop, "|"), "\ndef|\n#|\nif|\nclass")
	same("language", multi.Items[0].Language, "python")
}

func TestRefused(t *testing.T) {
	const add = `{"task_id":"a","prompt":"p","entry_point":"f","test":"assert f() == 1"}`
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	fmt.Fprint(z, "\x80\x04cos\nsystem\n\x8c\x02id\x85R.")
	z.Close()
	lcb := func(private string) string {
		b, err := json.Marshal(private)
		if err != nil {
			t.Fatal(err)
		}
		return `{"question_content":"q","question_id":"x","public_test_cases":"[]","private_test_cases":` + string(b) + `}`
	}
	for _, c := range []struct {
		name, text string
		o          Options
		err        string
	}{
		{"nothing", "\n\n", Options{}, "f: no problems: the file has no lines"},
		{"an empty array", " [ ]\n", Options{}, "f: no problems"},
		{"half a line", add + "\n{\"task_id\":", Options{}, "f, line 2: is not JSON, or only part of it"},
		{"half an array", "[\n" + add + ",\n\n{\"task_id\":", Options{}, "f, line 2: is only part of a JSON value"},
		{"an array and more", "[" + add + "]\n\n{}", Options{}, "f, line 3: something stands behind the array"},
		{"a fault in an array", "[\n" + add + ",\n{\"a\":1}]", Options{}, "f, line 3: is no problem: it has neither"},
		{"twice", add + "\n\n" + add, Options{}, `f, line 3: problem "a" is there twice`},
		{"no problem", `{"task_id":"a","completion":"x"}`, Options{}, "f, line 1: is no problem: it has neither a check nor test and entry_point"},
		{"of two forms, one named", add + "\n" + `{"question":"q","answer":"#### 1"}`, Options{Form: "humaneval"}, "f, line 2: is no problem of the form humaneval: fields"},
		{"no form", add, Options{Form: "humanevil"}, `form "humanevil" is not known; own, evalplus`},
		{"another form", `{"question":"q","answer":"it is 4"}`, Options{Form: "gsm8k"}, "f, line 1: answer: does not end in ####"},
		{"no text", "{\"task_id\":\"\xff\"}", Options{}, "f, line 1: is not UTF-8 at byte 12"},
		{"no text in an array", "[\n{\"task_id\":\"\xff\"}]", Options{}, "f, line 2: is not UTF-8"},
		{"a misspelt limit", `{"id":"a","check":{"kind":"answer","answer":"1"},"limit":{}}`, Options{}, `unknown field "limit"`},
		{"no check", `{"id":"a","prompt":"p"}`, Options{}, "is no problem"},
		{"an entry point that is code", `{"task_id":"a","prompt":"","entry_point":"f()\nx","canonical_solution":"","base_input":[[1]]}`, Options{}, "entry_point:"},
		{"arguments that are none", `{"task_id":"a","prompt":"","entry_point":"f","canonical_solution":"","base_input":[1]}`, Options{}, "input 0 is no list"},
		{"inputs without outputs", `{"question":"q","input_output":{"inputs":["1"],"outputs":[]}}`, Options{}, "has 1 inputs and 0 outputs"},
		{"only problems without tests", `{"question":"q","input_output":"","problem_id":"7"}`, Options{}, "none of 1 records has tests (apps/7: it has no tests)"},
		{"blank tests", `{"task_id":"a","prompt":"p","entry_point":"f","test":" \n"}`, Options{}, "none of 1 records has tests (a: it has no tests)"},
		{"a blank list of tests", `{"task_id":3,"text":"p","test_list":[" "]}`, Options{}, "none of 1 records has tests (Mbpp/3: it has no tests)"},
		{"a pickle that is a program", lcb(base64.StdEncoding.EncodeToString(packed.Bytes())), Options{}, "private_test_cases: is a pickle of more than one text"},
		{"no base64", lcb("x!"), Options{}, "is neither JSON nor base64"},
		{"no zlib", lcb("eA=="), Options{}, "is base64 of what zlib did not pack"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(c.text), "f", c.o)
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("got error %v, want %q", err, c.err)
			}
		})
	}
}

func TestUnpickle(t *testing.T) {
	for _, c := range []struct{ pickle, want, err string }{
		{"\x80\x02X\x03\x00\x00\x00abcq\x00.", "abc", ""},
		{"\x80\x04\x95\x07\x00\x00\x00\x00\x00\x00\x00\x8c\x03abc\x94.", "abc", ""},
		{"\x80\x04\x8d\x03\x00\x00\x00\x00\x00\x00\x00abc\x94.", "abc", ""},
		{"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc.", "", "ends early"},
		{"\x80\x04\x8c\x01a\x8c\x01b.", "", "more than one text"},
		{"\x80\x04\x8c\x01a", "", "ends early"},
		{"\x80\x04\x8c\x01\xff.", "", "not UTF-8"},
		{"\x80\x04.", "", "more than one text"},
		{"\x80\x04K\x01.", "", "more than one text"},
	} {
		got, err := unpickle([]byte(c.pickle))
		if string(got) != c.want && c.err == "" || c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%q: got %q, %v, want %q, %q", c.pickle, got, err, c.want, c.err)
		}
	}
}

func TestGzipped(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprint(z, `[{"question":"q","answer":"#### 1"}]`)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Read(bytes.NewReader(b.Bytes()), "f", Options{})
	if err != nil || len(s.Items) != 1 {
		t.Errorf("got %v, %v", s, err)
	}
	if _, err := Read(bytes.NewReader(b.Bytes()[:b.Len()-4]), "f", Options{}); err == nil || !strings.Contains(err.Error(), "unexpected EOF") {
		t.Errorf("cut short: got %v", err)
	}
}

func TestUnchecked(t *testing.T) {
	s, err := Read(strings.NewReader(`{"problem":{"id":"a","prompt":"p"},"samples":[]}`), "f", Options{Unchecked: true})
	if err != nil || s.Items[0].Prompt != "p" || s.Items[0].Check.Kind != "" {
		t.Errorf("got %+v, %v", s, err)
	}
	if _, err := Read(strings.NewReader(`{"id":"a","prompt":"p","limits":{"seconds":-1}}`), "f", Options{Unchecked: true}); err == nil {
		t.Error("a limit that is none was taken")
	}
}

// Records of several forms can stand together; the template is that of the first.
func TestMixed(t *testing.T) {
	s, err := Read(strings.NewReader(`{"question":"q","answer":"#### 1"}`+"\n"+`{"id":"a","check":{"kind":"answer","answer":"1"}}`), "f", Options{})
	if err != nil || s.Form != "gsm8k" || len(s.Items) != 2 || s.Items[0].ID != "gsm8k/0" || s.Items[1].ID != "a" {
		t.Errorf("got %+v, %v", s, err)
	}
}

// The data that the project is measured by is read whole.
func TestSharedData(t *testing.T) {
	for file, want := range map[string]struct {
		form     string
		problems int
	}{
		"HumanEval.jsonl.gz":                         {"humaneval", 164},
		"mbpp_sanitized.jsonl.gz":                    {"humaneval", 427},
		"gsm8k_test_with_model_solutions.jsonl.gz":   {"gsm8k", 1319},
		"math500.jsonl.gz":                           {"math", 500},
		"codet_codegen16b_humaneval_subset.jsonl.gz": {"humaneval", 33},
	} {
		t.Run(file, func(t *testing.T) {
			s := readFile(t, filepath.Join("..", "..", "shared", "data", file), Options{})
			if s.Form != want.form || len(s.Items) != want.problems || len(s.Left) > 0 {
				t.Errorf("got %s, %d problems, %d left out", s.Form, len(s.Items), len(s.Left))
			}
		})
	}
}

// What is read is valid, and under ids that differ, whatever the bytes.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		if b, err := os.ReadFile(name); err == nil {
			f.Add(string(b), "")
			f.Add(string(b), "gsm8k")
		}
	}
	f.Add(`{"id":"a","check":{"kind":"unit"}}`, "own")
	f.Add(`{"check":null}`, "")
	f.Fuzz(func(t *testing.T, text, form string) {
		s, err := Read(strings.NewReader(text), "f", Options{Form: form})
		if err != nil {
			return
		}
		known := map[string]bool{}
		for _, p := range s.Items {
			if err := p.Validate(""); err != nil || known[p.ID] {
				t.Errorf("%q: %v", p.ID, err)
			}
			known[p.ID] = true
		}
	})
}

// A small file does not fill the memory.
func TestGzipBomb(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	record := []byte(`{"id":"a","check":{"kind":"answer","answer":"1"},"prompt":"` + strings.Repeat("x", 1<<20) + "\"}\n")
	for range 300 {
		if _, err := z.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	in, err := kept(&b)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, in)
	if err == nil || !strings.Contains(err.Error(), "more than 200 times") || n > freely+1<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
}
