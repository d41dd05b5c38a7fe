package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"borel/eval"
	"borel/problem"
	"borel/store"
	"borel/wasm"
)

// TestKilledServerGoesOn kills a server at work on a job, at random moments. No verdict that it told anybody is lost, none
// is counted twice or made twice, and no sample that it had kept is asked for again. With BOREL_FULL at 200 moments.
func TestKilledServerGoesOn(t *testing.T) {
	if _, err := wasm.Python(); err != nil {
		t.Skip(err)
	}
	if testing.Short() {
		t.Skip("starts server after server")
	}
	moments := 8
	if os.Getenv("BOREL_FULL") != "" {
		moments = 200
	}
	k := newKills(t)
	seed := rand.Uint64()
	t.Logf("moments of seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	inTheMiddle := 0
	var resumed []time.Duration // from the start of a process until it asked for samples
	for i := range moments {
		s := k.serve()
		began := time.Now()
		s.begin(i)
		if asked, ok := s.firstAsked(began); ok && i > 0 {
			resumed = append(resumed, asked)
		}
		if i%4 > 0 { // otherwise while it only draws
			s.ready()
		}
		time.Sleep(time.Duration(random.Int64N(int64(250 * time.Millisecond)))) // the moment is what is tested
		s.kill()
		if k.look() {
			inTheMiddle++
		}
		if i%25 == 24 {
			t.Logf("%d kills", i+1)
		}
	}
	s := k.serve()
	s.finish()
	s.kill()
	k.look()
	slices.Sort(resumed)
	t.Logf("%d kills, %d of them in the middle of a job, of %d jobs; a server asked for samples %s after its start, %s at most",
		moments, inTheMiddle, len(k.jobs), resumed[len(resumed)/2].Round(time.Millisecond), resumed[len(resumed)-1].Round(time.Millisecond))
	if inTheMiddle < moments/4 {
		t.Error("too few kills hit a job: the test shows little")
	}
}

// kills is what a test knows from outside of a server that is killed again and again.
type kills struct {
	t    *testing.T
	bin  string
	data string
	end  *httptest.Server
	jobs []string

	mu    sync.Mutex
	first time.Time                 // of the requests of this life
	kept  map[string]bool           // samples that the store held at the last kill
	rows  map[string]problem.Status // rows that the store held at the last kill
	told  map[string]problem.Status // rows that somebody was told, in this life
}

const killProblems, killN = 12, 500

func newKills(t *testing.T) *kills {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	k := &kills{t: t, bin: filepath.Join(t.TempDir(), "borel"), data: t.TempDir(), kept: map[string]bool{}, rows: map[string]problem.Status{}}
	if err := os.Symlink(self, k.bin); err != nil {
		t.Skip(err)
	}
	k.end = httptest.NewServer(http.HandlerFunc(k.answer))
	t.Cleanup(k.end.Close)
	return k
}

// answer is a model that takes 10 ms, and half of whose programs are right. It notices what it is asked for again.
func (k *kills) answer(w http.ResponseWriter, r *http.Request) {
	var q struct {
		N        *int
		Seed     int64
		Messages []struct{ Content string }
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || len(q.Messages) != 1 {
		http.Error(w, "what?", http.StatusBadRequest)
		return
	}
	n, prompt := 1, q.Messages[0].Content
	if q.N != nil {
		n = *q.N
	}
	time.Sleep(10 * time.Millisecond) // it works
	var choices []map[string]any
	k.mu.Lock()
	if k.first.IsZero() {
		k.first = time.Now()
	}
	for i := range n {
		seed := q.Seed + int64(i)
		if at := fmt.Sprintf("%s/%d", prompt, seed); k.kept[at] {
			k.t.Errorf("%s was kept, and is asked for again", at)
		}
		choices = append(choices, map[string]any{"index": i, "finish_reason": "stop", "message": map[string]any{
			"role": "assistant", "content": fmt.Sprintf("```python\ndef f():\n    return %d\n```", seed%2),
		}})
	}
	k.mu.Unlock()
	// A client that was killed does not read it.
	json.NewEncoder(w).Encode(map[string]any{"object": "chat.completion", "choices": choices, "usage": map[string]int{"prompt_tokens": 1, "completion_tokens": n}}) //nolint:errcheck
}

// life is one server process.
type life struct {
	k    *kills
	cmd  *exec.Cmd
	url  string
	wg   sync.WaitGroup
	stop context.CancelFunc
	ctx  context.Context
}

func (k *kills) serve() *life {
	k.t.Helper()
	k.mu.Lock()
	k.first, k.told = time.Time{}, map[string]problem.Status{}
	k.mu.Unlock()
	l := &life{k: k}
	l.ctx, l.stop = context.WithCancel(k.t.Context())
	l.cmd = exec.Command(k.bin, "serve", "--addr", "127.0.0.1:0", "--data", k.data, "--endpoint", k.end.URL+"/v1")
	out, err := l.cmd.StderrPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := l.cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for l.url == "" && lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "listens at "); ok {
			l.url, _, _ = strings.Cut(rest, ",")
		}
	}
	if l.url == "" {
		k.t.Fatal("the server did not start")
	}
	l.wg.Go(func() {
		for lines.Scan() { // so that it can go on writing
		}
	})
	return l
}

func (l *life) call(method, path string, body, answer any) {
	l.k.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		l.k.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(l.ctx, method, l.url+path, bytes.NewReader(b))
	if err != nil {
		l.k.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		l.k.t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		l.k.t.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, got, err)
	}
	if err := json.Unmarshal(got, answer); err != nil {
		l.k.t.Fatal(err)
	}
}

// firstAsked waits until the server asks for a sample, or shows that it has them all.
func (l *life) firstAsked(began time.Time) (after time.Duration, ok bool) {
	for {
		l.k.mu.Lock()
		first, told := l.k.first, len(l.k.told)
		l.k.mu.Unlock()
		var j eval.Job
		l.call("GET", "/v1/evals/"+l.k.jobs[len(l.k.jobs)-1], nil, &j)
		switch {
		case !first.IsZero():
			return first.Sub(began), true
		case told > 0 || j.State.Ended():
			return 0, false
		}
		time.Sleep(time.Millisecond)
	}
}

// ready waits until programs can be run, and so until samples are judged.
func (l *life) ready() {
	for {
		resp, err := http.Get(l.url + "/readyz")
		if err != nil {
			l.k.t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// begin makes a job unless the last one is under way, and listens to it.
func (l *life) begin(i int) {
	k := l.k
	var j eval.Job
	if len(k.jobs) > 0 {
		l.call("GET", "/v1/evals/"+k.jobs[len(k.jobs)-1], nil, &j)
	}
	if j.State == "" || j.State.Ended() {
		s := eval.Spec{Sampling: eval.Sampling{Model: "m"}, N: killN}
		for p := range killProblems {
			s.Problems = append(s.Problems, problem.Problem{
				ID: fmt.Sprint("p", p), Prompt: fmt.Sprintf("f of problem %d of job %d", p, i),
				Check: problem.Check{Kind: problem.KindUnit, Tests: fmt.Sprintf("assert f() == %d\n", p%2)},
			})
		}
		l.call("POST", "/v1/evals", s, &j)
		k.jobs = append(k.jobs, j.ID)
	}
	l.listen(j.ID)
}

// listen notes what the server tells of a job, until it is killed.
func (l *life) listen(id string) {
	r, err := http.NewRequestWithContext(l.ctx, "GET", l.url+"/v1/evals/"+id+"/events", nil)
	if err != nil {
		l.k.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		l.k.t.Fatal(err)
	}
	l.wg.Go(func() {
		defer resp.Body.Close()
		lines := bufio.NewReader(resp.Body)
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return // half a line was told nobody
			}
			var ev eval.Event
			if err := json.Unmarshal(line, &ev); err != nil {
				l.k.t.Errorf("event %q: %v", line, err)
				return
			}
			if ev.Row == nil {
				continue
			}
			at := fmt.Sprintf("%s/%s/%d", id, ev.Row.Problem, ev.Row.Sample)
			l.k.mu.Lock()
			if _, twice := l.k.told[at]; twice || l.k.rows[at] != "" {
				l.k.t.Errorf("%s was judged twice", at)
			}
			l.k.told[at] = ev.Row.Verdict.Status
			l.k.mu.Unlock()
		}
	})
}

// finish waits until the last job has ended.
func (l *life) finish() {
	id := l.k.jobs[len(l.k.jobs)-1]
	for {
		var j eval.Job
		if l.call("GET", "/v1/evals/"+id, nil, &j); j.State == eval.Done {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (l *life) kill() {
	if err := l.cmd.Process.Kill(); err != nil {
		l.k.t.Fatal(err)
	}
	l.stop()
	l.wg.Wait()
	if err := l.cmd.Wait(); err == nil {
		l.k.t.Fatal("the server ended by itself")
	}
}

// look reads what a killed server has left, and reports whether a job was in its middle.
func (k *kills) look() (middle bool) {
	k.t.Helper()
	s, err := store.Open(store.Config{Dir: k.data})
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			k.t.Fatal(err)
		}
	}()
	e := s.Evals()
	records, _, err := e.Records(0, 2) // the others have ended before, and were looked at
	if err != nil {
		k.t.Fatal(err)
	}
	kept, rows := map[string]bool{}, map[string]problem.Status{}
	seen := map[string]bool{}
	for _, r := range records {
		seen[eval.JobID(r.Number)] = true
		tallies, err := e.Tallies(r.Number, 0, killProblems)
		if err != nil {
			k.t.Fatal(err)
		}
		var sum problem.Counts
		for _, t := range tallies {
			h, errHeld := e.Held(r.Number, t.Index, killN)
			p, errProblem := e.Problem(r.Number, t.Index)
			if err := errors.Join(errHeld, errProblem); err != nil {
				k.t.Fatal(err)
			}
			var counts problem.Counts
			for i := range killN {
				if h.Drawn[i] {
					kept[fmt.Sprintf("%s/%d", p.Prompt, i)] = true
				}
				if m := h.Rows[i]; m.Present {
					rows[fmt.Sprintf("%s/%s/%d", eval.JobID(r.Number), t.Problem, i)] = m.Status
					counts.Add(m.Status)
					if want := map[bool]problem.Status{true: problem.Accepted, false: problem.WrongAnswer}[t.Index%2 == i%2]; m.Status != want || !h.Drawn[i] {
						k.t.Errorf("sample %d of %s is %s, want %s", i, t.Problem, m.Status, want)
					}
				}
			}
			if counts != t.Counts {
				k.t.Errorf("%s of job %d counts %+v, its rows are %+v", t.Problem, r.Number, t.Counts, counts)
			}
			sum.Samples += counts.Samples
			sum.Accepted += counts.Accepted
		}
		if r.Counts != sum {
			k.t.Errorf("job %d counts %+v, its problems together %+v", r.Number, r.Counts, sum)
		}
		if want := (problem.Counts{Samples: killProblems * killN, Accepted: killProblems * killN / 2}); r.State == eval.Done && r.Counts != want {
			k.t.Errorf("job %d is done with %+v, want %+v", r.Number, r.Counts, want)
		}
		middle = middle || r.State != eval.Done && r.Counts.Samples > 0
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for at, status := range k.told {
		if rows[at] != status {
			k.t.Errorf("%s was told as %s, and is %q", at, status, rows[at])
		}
	}
	for at, status := range k.rows {
		if id, _, _ := strings.Cut(at, "/"); seen[id] && rows[at] != status {
			k.t.Errorf("%s was %s, and is %q", at, status, rows[at])
		}
	}
	k.kept, k.rows = kept, rows
	return middle
}
