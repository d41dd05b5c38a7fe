package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"borel/dataset"
)

// judgedRow is what the lines of verify and of eval have in common.
type judgedRow struct {
	Problem string
	Sample  int
	Status  string
	Key     string
}

func judgedRows(t *testing.T, file string) (rows []judgedRow) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(b) {
		var r judgedRow
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	return rows
}

// codeT is samples of CodeGen-16B: the file as released, or of the first problems the first samples.
func codeT(t *testing.T, problems, samples int) (file string) {
	t.Helper()
	file = filepath.Join("..", "..", "..", "shared", "data", "codet_codegen16b_humaneval_subset.jsonl.gz")
	in, err := os.Open(file)
	if os.IsNotExist(err) {
		t.Skip("the recorded samples are not there")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if problems == 0 {
		return file
	}
	plain, err := dataset.Plain(in)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	err = dataset.Lines(plain, file, func(line []byte) error {
		if problems--; problems < 0 {
			return nil
		}
		var l map[string]any
		if err := json.Unmarshal(line, &l); err != nil {
			return err
		}
		l["solutions"] = l["solutions"].([]any)[:samples]
		delete(l, "generated_tests")
		b.WriteString(encoded(t, l))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "codet.jsonl")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// atMost is an endpoint in front of another that refuses requests for more choices.
func atMost(t *testing.T, to string, n int) string {
	behind, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(behind)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		var q struct{ N int }
		if err == nil && len(b) > 0 {
			err = json.Unmarshal(b, &q)
		}
		if err != nil || q.N > n {
			http.Error(w, `{"error":{"message":"too many choices"}}`, http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(b))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// Recorded samples that are drawn again, by whatever requests, have the verdicts of their file, sample by sample, and so the
// same pass@k to the last digit; another seed draws the same samples in another order.
func TestReplayRecorded(t *testing.T) {
	needPython(t)
	if testing.Short() {
		t.Skip("judges 48 programs, in five commands")
	}
	problems, n := 4, 12
	if os.Getenv("BOREL_FULL") != "" {
		problems, n = 0, 100
	}
	file := codeT(t, problems, n)
	dir := t.TempDir()
	out := func(name string) string { return filepath.Join(dir, name) }
	must := func(code int, stdout, stderr string) string {
		t.Helper()
		if code != 0 {
			t.Fatalf("got %d\n%s%s", code, stdout, stderr)
		}
		return stdout
	}
	var direct struct{ Coverage json.RawMessage }
	stdout := must(run(t.Context(), "", "verify", "--samples", file, "--data", out("direct"), "-o", out("direct.jsonl"), "--json"))
	if err := json.Unmarshal([]byte(stdout), &direct); err != nil {
		t.Fatal(err)
	}
	want := judgedRows(t, out("direct.jsonl"))

	ctx, stop := context.WithCancel(t.Context())
	addr, ended := make(chan string, 1), make(chan int, 1)
	m := &Main{Stdin: strings.NewReader(""), Stdout: &output{}, Stderr: &output{}, Listening: func(a string) { addr <- a }}
	go func() { ended <- m.Run(ctx, []string{"replay", "--samples", file, "--addr", "127.0.0.1:0"}) }()
	defer func() { stop(); <-ended }()
	whole := "http://" + <-addr
	split := atMost(t, whole, 3)
	for i, c := range []struct {
		name, endpoint, seed string
		rotated              int
	}{
		{"many samples a request", whole, "0", 0},
		{"a few samples a request, at once and in any order", split, "0", 0},
		{"another seed", whole, "1", 1 << 20 % n},
		{"another seed, a few a request", split, "-3", (-3<<20%n + n) % n},
	} {
		rows := out(fmt.Sprint("drawn", i, ".jsonl"))
		var drawn struct{ Coverage json.RawMessage }
		// Other temperatures are other samples to borel, which asks for them; of equal ones the verdicts are known by the second time.
		stdout := must(run(t.Context(), "", "eval", file, "--endpoint", c.endpoint+"/v1", "--model", "codegen", "--mode", "completion", "-n", fmt.Sprint(n),
			"--seed="+c.seed, "--temperature", fmt.Sprint(i), "--data", out("drawn"), "-o", rows, "--json"))
		if err := json.Unmarshal([]byte(stdout), &drawn); err != nil {
			t.Fatal(err)
		}
		var turned []judgedRow
		for _, r := range want {
			first := len(turned) / n * n
			from := want[first+(r.Sample+c.rotated)%n]
			from.Sample = r.Sample
			turned = append(turned, from)
		}
		if got := judgedRows(t, rows); !reflect.DeepEqual(got, turned) {
			t.Errorf("%s: verdicts are not those of the file: got %d, want %d", c.name, len(got), len(turned))
		}
		t.Logf("%s: %s", c.name, drawn.Coverage)
		var got, in []map[string]any
		if json.Unmarshal(drawn.Coverage, &got) != nil || json.Unmarshal(direct.Coverage, &in) != nil || len(in) < 2 {
			t.Fatalf("%s: no coverage", c.name)
		}
		for k := range in {
			if !reflect.DeepEqual(got[k], in[k]) {
				t.Errorf("%s: got %v, want %v", c.name, got[k], in[k])
			}
		}
	}
}
