package sandboxfusion_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"borel/internal/servertest"
	"borel/problem"
	"borel/server"
	"borel/server/sandboxfusion"

	"github.com/labstack/echo/v4"
)

type answer struct {
	Status, Message string
	RunResult       *struct {
		Status         string
		ReturnCode     *int `json:"return_code"`
		Stdout, Stderr string
	} `json:"run_result"`
}

func run(t testing.TB, f *servertest.Server, pairs ...any) (a answer) {
	t.Helper()
	got := f.Post(t, "/run_code", servertest.Object(append([]any{"language", "python"}, pairs...)...))
	if err := json.Unmarshal([]byte(got.Body), &a); err != nil || got.Status != 200 || a.RunResult == nil {
		t.Fatalf("got %d %.2000s", got.Status, got.Body)
	}
	return a
}

// A limit is told as what it is: memory and output are no time-out, and no fault of the service.
func TestLimits(t *testing.T) {
	f := open(t, servertest.Verifier(t), nil)
	for _, c := range []struct {
		name, code string
		memory     int
		want       int
		stderr     string
	}{
		{"memory", "x = bytearray(10**9)", 128, 1, "MemoryError\nborel: the memory limit of 128 MB was reached\n"},
		{"memory, though it goes on", "try:\n    x = bytearray(10**9)\nexcept MemoryError:\n    pass", 128, 0, ""},
		{"memory enough", "x = bytearray(10**9)", 1024, 0, ""},
		{"stdout", "for i in range(40):\n    print('x' * 2**20)", -1, -25, "borel: the output limit of 33554432 bytes on a stream was reached\n"},
		{"stderr", "import sys\nfor i in range(40):\n    print('x' * 2**20, file=sys.stderr)", -1, -25, "x\nborel: the output limit of 33554432 bytes on a stream was reached\n"},
		{"files", "for i in range(20000):\n    open(str(i), 'w').write('')", -1, 1, "borel: the limit of files, or of what they hold, was reached\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := run(t, f, "code", c.code, "memory_limit_MB", c.memory)
			status := "Failed"
			if c.want == 0 {
				status = "Success"
			}
			if a.Status != status || a.Message != "" || a.RunResult.Status != "Finished" || a.RunResult.ReturnCode == nil || *a.RunResult.ReturnCode != c.want || !strings.HasSuffix(a.RunResult.Stderr, c.stderr) {
				end := a.RunResult.Stderr[max(0, len(a.RunResult.Stderr)-500):]
				t.Errorf("got %s %q %s %v, stderr ends %q", a.Status, a.Message, a.RunResult.Status, fmt.Sprint(*a.RunResult.ReturnCode), end)
			}
		})
	}
}

// What a program writes comes back whole.
func TestOutputWhole(t *testing.T) {
	f := open(t, servertest.Verifier(t), nil)
	for _, n := range []int{200_000, 2_000_000, 20_000_000} {
		a := run(t, f, "code", fmt.Sprintf("print('é'*%d)", n/2))
		if a.Status != "Success" || a.RunResult.Stdout != strings.Repeat("é", n/2)+"\n" {
			t.Errorf("%d bytes: got %s and %d bytes", n, a.Status, len(a.RunResult.Stdout))
		}
	}
}

// Many callers at once each get the answer to their own program, and programs that are the same run once.
func TestParallel(t *testing.T) {
	v := servertest.Verifier(t)
	f := open(t, v, nil)
	for _, n := range []int{64, 512} {
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				got, err := f.Ask(t.Context(), "POST", "/run_code", servertest.Object("language", "python", "code", fmt.Sprintf("print(%d, %d)", n, i/2)))
				if err != nil || got.Status != 200 || !strings.Contains(got.Body, fmt.Sprintf(`"stdout":"%d %d\n"`, n, i/2)) {
					t.Errorf("%d of %d: %v %d %s", i, n, err, got.Status, got.Body)
				}
			})
		}
		wg.Wait()
	}
	if got := v.Stats().Executed; got != (64+512)/2 {
		t.Errorf("got %d runs, want %d", got, (64+512)/2)
	}
}

// broken is a service that cannot run anything.
type broken struct {
	server.Verifier
	calls atomic.Int64
}

func (b *broken) Run(ctx context.Context, _ problem.RunRequest) (problem.Run, error) {
	if b.calls.Add(1); ctx.Err() != nil {
		return problem.Run{}, ctx.Err()
	}
	return problem.Run{}, errors.New("out of order")
}

func (b *broken) Verify(context.Context, *problem.Problem, problem.Sample, bool) (problem.Verdict, error) {
	return problem.Verdict{Status: problem.Unknown, Error: "out of order"}, nil
}

// A fault of the service is never an answer about a program: it is 504, after which callers try again.
func TestFaults(t *testing.T) {
	b := &broken{}
	f := open(t, b, nil)
	submit := submitted("MBPPDataset", adds, "")
	const inside = `{"detail":"a fault of this server; its log has the details under the request id"}`
	for path, c := range map[string][2]string{
		"/run_code":    {servertest.Object("language", "python", "code", ""), inside},
		"/run_jupyter": {servertest.Object("cells", []string{"1"}), inside},
		"/submit":      {submit, `{"detail":"the completion could not be judged, by a fault of the service: out of order"}`},
	} {
		if got := f.Post(t, path, c[0]); got.Status != 504 || strings.TrimSpace(got.Body) != c[1] {
			t.Errorf("%s: got %d %s", path, got.Status, got.Body)
		}
	}
	f = open(t, b, func(c *server.Config) { c.Ready = func() error { return errors.New("starting") } })
	if got := f.Post(t, "/run_code", servertest.Object("language", "python", "code", "")); got.Status != 504 || strings.TrimSpace(got.Body) != `{"detail":"not ready: starting"}` || got.Header.Get("Retry-After") != "1" {
		t.Errorf("not ready: got %d %s", got.Status, got.Body)
	}
	f = open(t, b, func(c *server.Config) { c.MaxBody = 10 })
	if got := f.Post(t, "/run_code", servertest.Object("language", "python", "code", "")); got.Status != 413 || strings.TrimSpace(got.Body) != `{"detail":"the body has more than 10 bytes, the limit"}` {
		t.Errorf("a long body: got %d %s", got.Status, got.Body)
	}
}

// A run whose caller stops waiting is 504 while that one still listens.
func TestLate(t *testing.T) {
	b := &broken{}
	for path, body := range map[string]string{"/run_code": servertest.Object("language", "python", "code", ""), "/run_jupyter": servertest.Object("cells", []string{"1"})} {
		for _, r := range sandboxfusion.New(sandboxfusion.Config{Verifier: b}).Routes {
			if r.Path != path {
				continue
			}
			// A request without a time of arrival came long ago.
			c := echo.New().NewContext(httptest.NewRequest("POST", path, bytes.NewReader(nil)), httptest.NewRecorder())
			var late *server.Failure
			if err := r.Handle(c, []byte(body)); !errors.As(err, &late) || late.Status != 504 || late.RetryAfter != 1 {
				t.Errorf("%s: got %v", path, err)
			}
		}
	}
	if b.calls.Load() != 2 {
		t.Errorf("got %d calls", b.calls.Load())
	}
}

// big is a verifier whose runs write and leave much, and whose cases are all wrong.
type big struct {
	server.Verifier
	run problem.Run
}

func (b big) Run(context.Context, problem.RunRequest) (problem.Run, error) { return b.run, nil }

func (big) Verify(_ context.Context, p *problem.Problem, _ problem.Sample, _ bool) (problem.Verdict, error) {
	v := problem.Verdict{Status: problem.WrongAnswer}
	for range p.Check.Cases {
		v.Cases = append(v.Cases, problem.CaseResult{Status: problem.WrongAnswer})
	}
	return v, nil
}

// What a program writes is bounded as JSON too, and so is what the cells of a notebook, and the runs of a completion's tests,
// write together, and what is fetched.
func TestAnswerSize(t *testing.T) {
	text := strings.Repeat("x", 20<<20)
	nul := make([]byte, 9<<20) // six bytes each as JSON
	f := open(t, big{run: problem.Run{
		Reason: "finished", Stdout: string(nul), Output: problem.Output{Stdout: nul},
	}}, nil)
	a := run(t, f, "code", "")
	if c := a.RunResult.ReturnCode; a.Status != "Failed" || c == nil || *c != -25 || a.RunResult.Stderr != "borel: the output limit of 50331648 bytes as JSON was reached\n" {
		t.Errorf("got %s %v %.200q", a.Status, c, a.RunResult.Stderr)
	}
	f = open(t, big{run: problem.Run{Reason: "finished", Stdout: text, Cells: []problem.Cell{{Stdout: "1"}, {Stdout: string(nul)}, {Stdout: "2"}}}}, nil)
	got := f.Post(t, "/run_jupyter", `{"cells":["1","2","3"]}`)
	if want := `"cells":[{"stdout":"1","stderr":"","display":[],"error":[]}],`; got.Status != 200 || !strings.Contains(got.Body, want) || !strings.Contains(got.Body, `"return_code":-25`) {
		t.Errorf("got %d %.500s", got.Status, got.Body)
	}
	tests := make([]map[string]any, 8)
	for i := range tests {
		tests[i] = map[string]any{"input": map[string]string{"stdin": fmt.Sprint(i)}, "output": map[string]string{"stdout": "7"}}
	}
	got = f.Post(t, "/submit", servertest.Object("dataset", "x", "id", 0, "completion", "```python\nprint()\n```", "config", map[string]any{
		"dataset_type": "CommonOJDataset", "language": "python", "extra": map[string]any{"run_all_cases": true},
		"provided_data": map[string]any{"id": 0, "content": "", "labels": map[string]any{}, "test": tests},
	}))
	if n := strings.Count(got.Body, `"passed":false`); got.Status != 200 || n != len(tests) || len(got.Body) > server.ForeignAnswer || len(got.Body) < 2*len(text) {
		t.Errorf("got %d, %d tests, %d bytes", got.Status, n, len(got.Body))
	}
	f = open(t, big{run: problem.Run{Reason: "finished", Files: map[string][]byte{"a": make([]byte, 65<<20)}}}, nil)
	got = f.Post(t, "/run_code", `{"language":"python","code":"","fetch_files":["a"]}`)
	if want := `{"status":"SandboxError","message":"the files of fetch_files hold 68157440 bytes, the limit is 67108864",`; got.Status != 200 || !strings.HasPrefix(got.Body, want) {
		t.Errorf("got %d %.300s", got.Status, got.Body)
	}
}
