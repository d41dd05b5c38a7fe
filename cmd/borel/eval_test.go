package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"borel/coverage"
	"borel/dataset"
	"borel/eval"
	"borel/problem"
)

// endpoint is an OpenAI-compatible one: answer gives the text and the finish reason of the sample of a seed, or nothing
// before the client has gone.
func endpoint(t *testing.T, answer func(ctx context.Context, prompt string, seed int) (text, finish string)) (url string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			N        int
			Seed     int
			Messages []struct{ Content string }
		}
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var choices []map[string]any
		for i := range max(q.N, 1) {
			text, finish := answer(r.Context(), q.Messages[len(q.Messages)-1].Content, q.Seed+i)
			if r.Context().Err() != nil {
				return
			}
			choices = append(choices, map[string]any{"index": i, "finish_reason": finish, "message": map[string]any{"role": "assistant", "content": text}})
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"choices": choices, "usage": map[string]int{"prompt_tokens": 3, "completion_tokens": 2 * len(choices)}}) //nolint:errcheck // the client is gone
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1"
}

// evalFile is a dataset of so many problems, whose answers are their places.
func evalFile(t *testing.T, problems int) string {
	var b bytes.Buffer
	for i := range problems {
		b.WriteString(encoded(t, map[string]any{"id": fmt.Sprint("p", i), "prompt": fmt.Sprintf("Say %d", i), "check": map[string]any{"kind": "answer", "answer": fmt.Sprint(i), "equal": "number"}}))
	}
	name := filepath.Join(t.TempDir(), "set.jsonl")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// Ctrl-C says how to go on, and the same command asks for no sample twice. Another job of the folder waits for its own command.
func TestEvalInterrupted(t *testing.T) {
	file, dir := evalFile(t, 6), t.TempDir()
	var mu sync.Mutex
	asked := map[string]int{} // samples that were answered
	const most = 11
	ctx, interrupt := context.WithCancel(t.Context())
	stalls := true
	url := endpoint(t, func(rctx context.Context, prompt string, seed int) (string, string) {
		mu.Lock()
		full := stalls && len(asked) >= most
		if !full {
			asked[fmt.Sprint(prompt, "/", seed)]++
		}
		mu.Unlock()
		if full {
			interrupt()
			<-rctx.Done()
		}
		return strings.TrimPrefix(prompt, "Say "), "stop"
	})
	args := []string{"eval", file, "--endpoint", url, "--model", "m", "-n", "4", "--data", dir, "--isolation", "none"}
	code, stdout, stderr := run(ctx, "", args...)
	if code != exitError || stdout != "" || !strings.Contains(stderr, "the same command goes on from there") || !strings.Contains(stderr, "borel: interrupted") {
		t.Fatalf("got %d\n%s%s", code, stdout, stderr)
	}
	mu.Lock()
	stalls = false
	mu.Unlock()
	if code, stdout, stderr := run(t.Context(), "", "eval", file, "--endpoint", url, "--model", "m", "-n", "1", "--seed", "7", "--data", dir, "--isolation", "none", "--limit", "1"); code != 0 || !strings.Contains(stdout, "job eval-2: 1 problems, 1 samples, 1 accepted") {
		t.Fatalf("another job: got %d\n%s%s", code, stdout, stderr)
	}
	if _, stdout, _ := run(t.Context(), "", "evals", "list", "--data", dir); !strings.Contains(stdout, "eval-1     queued") {
		t.Fatalf("the first job did not wait: %s", stdout)
	}
	code, stdout, stderr = run(t.Context(), "", args...)
	if code != 0 || !strings.Contains(stderr, "job eval-1 goes on: it has ") || !strings.Contains(stdout, "6 problems, 24 samples, 24 accepted, 0 unknown; 6 problems solved") {
		t.Fatalf("got %d\n%s%s", code, stdout, stderr)
	}
	twice := 0
	for _, n := range asked {
		twice += n - 1
	}
	// A sample whose answer was on its way when the command ended may be asked for again: it was never there.
	if len(asked) != 25 || twice > most {
		t.Errorf("%d samples were asked for, %d of them again", len(asked), twice)
	}
	code, _, stderr = run(t.Context(), "", args...)
	if code != 0 || !strings.Contains(stderr, "nothing is asked") || len(asked) != 25 {
		t.Errorf("got %d %s", code, stderr)
	}
}

// A signal ends the program itself in the same way: what came is kept, and the exit code is 1.
func TestEvalSignal(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("os.Interrupt cannot be sent there")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(t.TempDir(), "borel") // under this name the test's binary is the program
	if err := os.Symlink(self, bin); err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{}, 64)
	url := endpoint(t, func(ctx context.Context, prompt string, seed int) (string, string) {
		if prompt == "Say 0" {
			return "0", "stop"
		}
		asked <- struct{}{}
		<-ctx.Done()
		return "", ""
	})
	file, dir := evalFile(t, 2), t.TempDir()
	var stdout, stderr output
	cmd := exec.CommandContext(t.Context(), bin, "eval", file, "--endpoint", url, "--model", "m", "-n", "3", "--data", dir, "--isolation", "none")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-asked
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if e, ok := errors.AsType[*exec.ExitError](err); !ok || e.ExitCode() != exitError || !strings.Contains(stderr.String(), "the same command goes on from there") {
		t.Fatalf("got %v\n%s%s", err, &stdout, &stderr)
	}
	if _, list, _ := run(t.Context(), "", "evals", "list", "--data", dir); !strings.Contains(list, "eval-1     queued") {
		t.Errorf("the job is not there to go on: %s", list)
	}
}

// Answers that were cut are counted and told.
func TestEvalCut(t *testing.T) {
	url := endpoint(t, func(_ context.Context, prompt string, seed int) (string, string) {
		if seed%2 == 0 {
			return "I think it is", "length"
		}
		return strings.TrimPrefix(prompt, "Say "), "stop"
	})
	page := filepath.Join(t.TempDir(), "out.html")
	code, stdout, stderr := run(t.Context(), "", "eval", evalFile(t, 2), "--endpoint", url, "--model", "m", "-n", "4", "--data", t.TempDir(), "--isolation", "none", "-o", page)
	if code != 0 || !strings.Contains(stdout, "8 samples, 4 accepted") || !strings.Contains(stdout, "4 answers (50.0 %) were cut by length; --max-tokens allows longer ones") {
		t.Errorf("got %d\n%s%s", code, stdout, stderr)
	}
}

// With one sample of each problem, many problems are asked for at once: this endpoint answers none before it has 48.
func TestEvalWidth(t *testing.T) {
	const together = 48
	var mu sync.Mutex
	waiting, enough := 0, make(chan struct{})
	url := endpoint(t, func(ctx context.Context, prompt string, _ int) (string, string) {
		mu.Lock()
		if waiting++; waiting == together {
			close(enough)
		}
		mu.Unlock()
		select {
		case <-enough:
		case <-ctx.Done():
		}
		return strings.TrimPrefix(prompt, "Say "), "stop"
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // of a failure
	defer cancel()
	code, stdout, stderr := run(ctx, "", "eval", evalFile(t, together+2), "--endpoint", url, "--model", "m", "--data", t.TempDir(), "--isolation", "none")
	if code != 0 || !strings.Contains(stdout, "50 samples, 50 accepted") {
		t.Errorf("got %d\n%s%s", code, stdout, stderr)
	}
}

// hostileJobs answers one job whose every text is meant to break out of a report.
type hostileJobs struct{ evalClient }

const hostile = "</pre><script>alert(1)</script>\x00\x1b[31m<img src=x onerror=alert(1)>\xff]]>\"'{{.Job}}"

func (hostileJobs) Rows(context.Context, string, eval.RowQuery) ([]eval.Row, string, error) {
	return []eval.Row{{Problem: hostile, Text: hostile + strings.Repeat("x", 2*maxPageText), Drawn: true, Verdict: problem.Verdict{Status: problem.WrongAnswer, Message: hostile}}}, "", nil
}

func TestHostileReports(t *testing.T) {
	r := &evalReport{
		Dataset: hostile, Job: eval.Job{ID: "eval-1", Reason: hostile, Problems: 1, Spec: eval.Spec{Name: hostile, Sampling: eval.Sampling{Model: hostile}}},
		e: &evaluations{jobs: hostileJobs{}}, per: []eval.Tally{{Problem: hostile, Counts: problem.Counts{Samples: 3}}},
		counts: []coverage.Count{{Problem: hostile, N: 3}}, Coverage: []coverage.Point{{K: 1, Pass: 0, Low: 0, High: 0.5}},
	}
	for _, name := range []string{"a.html", "a.junit.xml", "a.csv", "a.jsonl"} {
		file := filepath.Join(t.TempDir(), name)
		if err := r.save(t.Context(), file); err != nil {
			t.Fatal(name, err)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		switch name {
		case "a.html":
			for _, bad := range []string{"<script", "<img", "\x00", "\x1b", "\xff", "javascript:"} {
				if i := strings.Index(text, bad); i >= 0 {
					t.Errorf("the page holds %q at %d", bad, i)
				}
			}
			if len(b) > 64<<10 {
				t.Errorf("the page has %d bytes", len(b))
			}
			if !strings.Contains(text, "&lt;script&gt;alert(1)") || !strings.Contains(text, "<svg") {
				t.Errorf("the page lacks what it should show: %.3000s", text)
			}
		case "a.junit.xml":
			if strings.Contains(text, "<script") || strings.ContainsAny(text, "\x00\x1b") || strings.Contains(text, "]]>") {
				t.Errorf("got %q", text)
			}
		}
	}
	if strings.ContainsAny(r.text(), "\x00\x1b") {
		t.Errorf("a terminal would obey %q", r.text())
	}
}

// What is seen of a job: figures, a pause as soon as it begins, and problems that get no samples, each once.
func TestEvalView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		job := eval.Job{State: eval.Running, Problems: 3, Spec: eval.Spec{N: 10}}
		v := newView(&Main{Stderr: &b}, &job)
		per := []eval.Tally{{Problem: "a"}, {Problem: "b"}, {Problem: "c"}}
		look := func() (told bool) {
			if told = v.due(&job); told {
				v.show(&job, per)
			}
			return told
		}
		if look() {
			t.Error("told at once")
		}
		time.Sleep(10 * time.Second)
		per[0].Counts = problem.Counts{Samples: 10, Accepted: 5, Unknown: 2}
		per[0].Failed, per[0].Unjudged = 1, 1
		job.Progress = eval.Progress{Counts: per[0].Counts, Failed: 1, Unjudged: 1, Cut: 3, Solved: 1, Usage: problem.Usage{CompletionTokens: 500}}
		if !look() {
			t.Error("not told after ten seconds")
		}
		job.State, job.Reason = eval.Paused, "no endpoint\x1b[2J"
		if !look() || look() {
			t.Error("a pause is told once, at once")
		}
		job.State, job.Reason = eval.Running, ""
		for range 10 {
			time.Sleep(10 * time.Second)
			look()
		}
		got := b.String()
		for _, want := range []string{
			"borel: 10 of 30 samples: pass@1 0.625, coverage 1.000 of 1 begun, 0.3 samples/s, 0.3 verdicts/s, 17 tokens/s, 1m7s left, 3 cut by length, 1 failed, 1 not decided\n",
			"borel: 10 of 30 samples: pass@1 0.625, coverage 1.000 of 1 begun, 3 cut by length, 1 failed, 1 not decided\nborel: no sample",
			"borel: paused: no endpoint�[2J; it goes on by itself\n",
			"borel: no sample for 1m0s of a, b\n",
		} {
			if strings.Count(got, want) != 1 {
				t.Errorf("got\n%s\nwithout one of %q", got, want)
			}
		}
	})
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		like          bool
	}{
		{"HumanEval/1*", "HumanEval/12", true}, {"HumanEval/1*", "HumanEval/21", false}, {"a.b", "axb", false},
		{"?", "é", true}, {"*", "", true}, {"(", "(", true}, {"a*c", "a\nc", true}, {"a", "ab", false},
	} {
		if got := glob(c.pattern).MatchString(c.text); got != c.like {
			t.Errorf("%q like %q: got %v", c.text, c.pattern, got)
		}
	}
}

// The recorded samples of Codex, drawn from borel replay, come to the recorded pass@1. What ends in two
// seconds is the same as in ten.
func TestEvalRecorded(t *testing.T) {
	needPython(t)
	if testing.Short() {
		t.Skip("judges 205 programs")
	}
	in, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "multipl_e_python_davinci_subset.jsonl.gz"))
	if os.IsNotExist(err) {
		t.Skip("the recorded samples are not there")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	plain, err := dataset.Plain(in)
	if err != nil {
		t.Fatal(err)
	}
	n := 5 // of the 50 of each problem
	if os.Getenv("BOREL_FULL") != "" {
		n = 50
	}
	samples, right, total := map[string][]map[string]string{}, 0, 0
	var names []string
	err = dataset.Lines(plain, "samples", func(line []byte) error {
		var l struct{ Name, Program, Status string }
		if err := json.Unmarshal(line, &l); err != nil {
			return err
		}
		if samples[l.Name] == nil {
			names = append(names, l.Name)
		}
		if len(samples[l.Name]) == n {
			return nil
		}
		samples[l.Name] = append(samples[l.Name], map[string]string{"completion": l.Program})
		if total++; l.Status == "OK" {
			right++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, name := range names { // the program is all of the completion, its tests with it
		b.WriteString(encoded(t, map[string]any{"problem": map[string]any{"id": name, "prompt": "# " + name + "\n", "check": map[string]any{"kind": "unit"}, "limits": map[string]any{"seconds": 2}}, "samples": samples[name]}))
	}
	file := filepath.Join(t.TempDir(), "codex.jsonl")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	addr, ended := make(chan string, 1), make(chan int, 1)
	m := &Main{Stdin: strings.NewReader(""), Stdout: &output{}, Stderr: &output{}, Listening: func(a string) { addr <- a }}
	go func() { ended <- m.Run(ctx, []string{"replay", "--samples", file, "--addr", "127.0.0.1:0"}) }()
	defer func() { stop(); <-ended }()
	code, stdout, stderr := run(t.Context(), "", "eval", file, "--endpoint", "http://"+<-addr+"/v1", "--model", "codex", "--mode", "completion", "-n", fmt.Sprint(n), "--data", t.TempDir(), "--json")
	var r evalReport
	if err := json.Unmarshal([]byte(stdout), &r); code != 0 || err != nil {
		t.Fatalf("got %d, %v\n%s%s", code, err, stdout, stderr)
	}
	if want := float64(right) / float64(total); r.Job.Counts.Accepted != right || math.Abs(r.Coverage[0].Pass-want) > 1e-9 {
		t.Errorf("%d of %d accepted, pass@1 %.5f; recorded were %d, %.5f", r.Job.Counts.Accepted, total, r.Coverage[0].Pass, right, want)
	}
}
