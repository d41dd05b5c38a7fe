package harness

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"borel/dataset"
	"borel/problem"
)

// laid is a folder with these files: text, or, where it begins with →, a link.
func laid(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "in")
	for name, content := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch to, link := strings.CutPrefix(content, "→"); {
		case link:
			err = os.Symlink(to, name)
		case strings.HasSuffix(name, ".gz"):
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			io.WriteString(z, content) //nolint:errcheck // to memory
			z.Close()
			err = os.WriteFile(name, b.Bytes(), 0o600)
		default:
			err = os.WriteFile(name, []byte(content), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// read are the files of a folder.
func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		plain, err := dataset.Plain(f)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(plain)
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(b)
	}
	return files
}

var known = []problem.Problem{{ID: "T/0", Language: "python", Prompt: "def f():\n", Check: problem.Check{Kind: problem.KindUnit, EntryPoint: "f", Tests: "assert f()"}}}

func TestFolders(t *testing.T) {
	const head = `"name":"HumanEval_0_f","language":"py","prompt":"def f():\n","tests":"check(f)\n","temperature":0.2`
	result := func(program, stderr, code, status string) string {
		return `{"program":"` + program + `","timestamp":1704164645,"stdout":"","stderr":"` + stderr + `","exit_code":` + code + `,"status":"` + status + `"}`
	}
	for name, c := range map[string]struct {
		format *Format
		in     map[string]string
		want   map[string]string
	}{
		"multipl-e": {multiPLE, map[string]string{"a.json.gz": `{` + head + `,"completions":["R","U","W","T","C"]}`, "b.json": "\n{\n" + strings.ReplaceAll(head, "_0_f", "_1_f") + `,"completions":["U"]}`,
			"a.results.json": "not read", ".hidden.json": "not read", "notes.txt": "not read"},
			map[string]string{"a.results.json.gz": `{` + head + `,"results":[` + result(`def f():\nR\ncheck(f)\n`, "", "0", "OK") + "," + result(`def f():\nW\ncheck(f)\n`, "AssertionError: input 1", "1", "Exception") + "," +
				result(`def f():\nT\ncheck(f)\n`, "time limit", "-1", "Timeout") + "," + result(`def f():\nC\ncheck(f)\n`, "SyntaxError: invalid syntax", "1", "SyntaxError") + `]}`}},
		"multipl-e, results": {multiPLE, map[string]string{"a.results.json": `{` + head + `,"results":[{"program":"R\ncheck(f)\n","status":"OK","exit_code":0}]}`},
			map[string]string{"a.results.json": `{` + head + `,"results":[` + result(`R\ncheck(f)\n`, "", "0", "OK") + `]}`}},
		"llmonk": {llmonk, map[string]string{"17.yaml": "gt_answer: \"#### 18\"\nprompt: p\nquestion: 'it''s'\nsamples:\n- |\n  R: [two\n\n- \"W \\U0001F600\"\n- U\ntimeout: 2\nx: {b: [1.5, ~], a: yes}\n"},
			map[string]string{"17.yaml": `"gt_answer": "#### 18"` + "\n" + `"is_corrects":` + "\n- true\n- false\n- null\n" + `"prompt": "p"` + "\n" + `"question": "it's"` + "\n" + `"samples":` + "\n" + `- "R: [two\n"` + "\n" +
				`- "W \U0001f600"` + "\n" + `- "U"` + "\n" + `"timeout": 2` + "\n" + `"x": {"a": "yes", "b": [1.5, null]}` + "\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, format, err := Open(laid(t, c.in), nil, dataset.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if format != c.format {
				t.Errorf("is read as %s", format.Name)
			}
			to := t.TempDir()
			if err := format.Write(to, results(t, r)); err != nil {
				t.Fatal(err)
			}
			got := read(t, to)
			for name, want := range c.want {
				if format == multiPLE {
					got[name], want = compact(t, got[name]), compact(t, want)
				}
				if got[name] != want {
					t.Errorf("%s: got\n%s\nwant\n%s", name, got[name], want)
				}
			}
			if len(got) != len(c.want) {
				t.Errorf("got %d files, want %d", len(got), len(c.want))
			}
		})
	}
}

// Programs are read in the order of their numbers.
func TestPrograms(t *testing.T) {
	dir := laid(t, map[string]string{"T_0/10.py": "W\r\n", "T_0/2.py": "é", "T_0/x.py": "→2.py", "T_0/notes.txt": "", "T_0/3.py~": "", "eval_results.json": "{}"})
	r, format, err := Open(dir, known, dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	list, err := r.Problems[0].All()
	if err != nil || format != evalPlus || len(list) != 3 || list[0].Raw() != "é" || list[1].Raw() != "W\r\n" || list[2].Raw() != "é" {
		t.Errorf("got %s, %v, %v", format.Name, list, err)
	}
}

func TestRefused(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "0.py")
	if err := os.WriteFile(outside, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	deep := strings.Repeat("[", 100)
	for name, c := range map[string]struct {
		files map[string]string
		err   string // follows the folder's name
	}{
		"nothing":                   {map[string]string{"a.txt": ""}, ": no samples: it has neither"},
		"a link out of it":          {map[string]string{"T_0/0.py": "→" + outside}, "/T_0/0.py: statat T_0/0.py: path escapes from parent"},
		"a folder out of it":        {map[string]string{"T_0": "→" + filepath.Dir(outside)}, "/T_0: statat T_0: path escapes from parent"},
		"a link to nothing":         {map[string]string{"T_0/0.py": "→1.py"}, "/T_0/0.py: statat T_0/0.py: no such file"},
		"a link to itself":          {map[string]string{"a.yaml": "→a.yaml"}, "/a.yaml: statat a.yaml: too many levels of symbolic links"},
		"a folder for a program":    {map[string]string{"T_0/0.py/x": ""}, "/T_0/0.py: is no regular file"},
		"a program that is no text": {map[string]string{"T_0/0.py": "a\xff"}, "/T_0/0.py: is not UTF-8 at byte 1"},
		"a long program":            {map[string]string{"T_0/0.py": strings.Repeat("x", problem.MaxSource+1)}, "/T_0/0.py: has more than 16777216 bytes"},
		"an unknown task":           {map[string]string{"T_1/0.py": "x"}, `/T_1/0.py: problem "T/1" is not known`},
		"half of JSON":              {map[string]string{"a.json": `{"name":`}, "/a.json: is not JSON, or only part of it"},
		"another JSON":              {map[string]string{"a.json": `3`}, "/a.json: is no object"},
		"a list":                    {map[string]string{"a.json": `["x","y"]`}, "/a.json: is no object"},
		"deep JSON":                 {map[string]string{"a.json": strings.Repeat("[", 20_000)}, "/a.json: is not JSON, or only part of it: invalid character '[' exceeded max depth"},
		"an empty file":             {map[string]string{"a.json": ``}, "/a.json: is not JSON, or only part of it"},
		"no program":                {map[string]string{"a.results.json": `{"name":"n","language":"py","prompt":"","tests":"t","results":[{}]}`}, "/a.results.json: results[0]: has no program"},
		"other tests":               {map[string]string{"a.results.json": `{"name":"n","language":"py","prompt":"","tests":"t","results":[{"program":"x"}]}`}, "/a.results.json: results[0].program: does not end in the tests"},
		"results of another type":   {map[string]string{"a.results.json": `{"name":"n","language":"py","prompt":"","tests":"t","results":[7]}`}, "/a.results.json: results[0]: json: cannot unmarshal number"},
		"two of one problem": {map[string]string{"a.json": `{"name":"n","language":"py","prompt":"","tests":"t","completions":["x"]}`,
			"b.json": `{"name":"n","language":"py","prompt":"","tests":"u","completions":["x"]}`}, `/b.json: problem "n" differs from the one of the same id before`},
		"YAML that is none":      {map[string]string{"a.yaml": "a: [\n"}, "/a.yaml: "},
		"deep YAML":              {map[string]string{"a.yaml": "a: " + deep}, "/a.yaml: "},
		"two documents":          {map[string]string{"a.yaml": "a: 1\n---\nb: 1\n"}, "/a.yaml: has more than one document"},
		"YAML without anything":  {map[string]string{"a.yaml": ""}, "/a.yaml: is empty"},
		"a list of YAML":         {map[string]string{"a.yaml": "- 1\n"}, "/a.yaml: is no mapping"},
		"an alias":               {map[string]string{"a.yaml": "a: &x [1]\nsamples: *x\n"}, "/a.yaml: line 2: aliases are not followed"},
		"a key twice":            {map[string]string{"a.yaml": "x: {b: 1, b: 2}\n"}, "/a.yaml: "},
		"a key that is a list":   {map[string]string{"a.yaml": "[a]: 1\n"}, "/a.yaml: line 1: a key is no text"},
		"many commas":            {map[string]string{"a.yaml": "a: [" + strings.Repeat(",", maxMarks) + "]"}, "/a.yaml: has more than 4000000 commas"},
		"samples of other types": {map[string]string{"a.yaml": "prompt: p\ngt_answer: '1'\nsamples: [1]\n"}, "/a.yaml: samples[0]: json: cannot unmarshal number"},
		"samples of no problem":  {map[string]string{"a.yaml": "samples: [x]\n"}, `/a.yaml: problem "a" is not known`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := laid(t, c.files)
			_, _, err := Open(dir, known, dataset.Options{})
			if err == nil || !strings.HasPrefix(err.Error(), dir+c.err) {
				t.Errorf("got %v, want %s%s…", err, dir, c.err)
			}
		})
	}
}

// No name in a record leads out of the folder of results.
func TestNames(t *testing.T) {
	for _, name := range []string{"../x", "a/b", "/etc/x", "..", ".x", "-x", "a\nb", strings.Repeat("a", 300)} {
		record := []byte(`{"name":` + string(text(name)) + `,"language":"py","prompt":"","tests":"t","completions":["R"]}`)
		r, err := dataset.OpenRecording(bytes.NewReader(record), "f", nil, dataset.Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := multiPLE.Write(t.TempDir(), results(t, r)); err == nil || !strings.Contains(err.Error(), "is no name for a file") {
			t.Errorf("%q: got %v", name, err)
		}
	}
}
