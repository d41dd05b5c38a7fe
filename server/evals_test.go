package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"borel/eval"
	"borel/problem"
	"borel/sampler"
	"borel/sampler/replay"
	"borel/store"
	"borel/verify"
)

// engine is a real one, on recorded samples, every third of which is right.
func engine(t *testing.T) *eval.Engine {
	t.Helper()
	var records []replay.Record
	for i := range 3 {
		var list replay.List
		for j := range 12 { // three more than are drawn at first
			list = append(list, problem.Text(fmt.Sprint("Answer: ", j%3)))
		}
		records = append(records, replay.Record{Problem: problem.Problem{ID: fmt.Sprint(i), Prompt: fmt.Sprint("problem ", i)}, Samples: list})
	}
	h, err := replay.New(records)
	if err != nil {
		t.Fatal(err)
	}
	end := httptest.NewServer(h)
	t.Cleanup(end.Close)
	draws, err := sampler.New(sampler.Config{Endpoints: []sampler.Endpoint{{Alias: "e", URL: end.URL + "/v1"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(draws.Close)
	s, err := store.Open(store.Config{Dir: t.TempDir(), MinFreeBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	e, err := eval.New(eval.Config{Store: s.Evals(), Sampler: draws, Verifier: verify.New(verify.Config{Runs: verify.NewMemory(0), Verdicts: verify.NewMemory(0)})})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

const evalBody = `{"name":"three","model":"m","n":9,"temperature":0,"fields":{"top_k":4},"problems":[
	{"id":"a","prompt":"problem 0","check":{"kind":"answer","answer":"0","equal":"number"}},
	{"id":"b","prompt":"problem 1","check":{"kind":"answer","answer":"1","equal":"number"}},
	{"id":"c","prompt":"problem 2","check":{"kind":"answer","answer":"7","equal":"number"}}]}`

func decoded[T any](t *testing.T, r reply, status int) (v T) {
	t.Helper()
	if r.status != status {
		t.Fatalf("got %d %s, want %d", r.status, r.body, status)
	}
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		t.Fatalf("%s: %v", r.body, err)
	}
	return v
}

// events reads the events of a job until it has ended.
func events(t *testing.T, addr, id, accept string) (last eval.Job, rows int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+addr+"/v1/evals/"+id+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || accept != "" && kind != accept {
		t.Fatalf("events: %d, %s", resp.StatusCode, kind)
	}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		line, isEvent := strings.CutPrefix(lines.Text(), "data: ")
		if isEvent != (accept == eventStream) && line != "" {
			t.Fatalf("line %q", lines.Text())
		}
		if line == "" {
			continue
		}
		var ev eval.Event
		if err := json.Unmarshal([]byte(line), &ev); err != nil {
			t.Fatal(err)
		}
		if ev.Job != nil {
			last = *ev.Job
		}
		if ev.Row != nil {
			rows++
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return last, rows
}

func TestEvals(t *testing.T) {
	addr := start(t, Config{Evals: engine(t), Solver: fake{}})
	made := post(t, addr, "/v1/evals", evalBody)
	j := decoded[eval.Job](t, made, 202)
	if made.header.Get("Location") != "/v1/evals/"+j.ID {
		t.Errorf("it lies at %q", made.header.Get("Location"))
	}
	j, _ = events(t, addr, j.ID, ndjson)
	if j.State != eval.Done || j.Counts != (problem.Counts{Samples: 27, Accepted: 6}) || j.Spec.Name != "three" || j.Problems != 3 {
		t.Errorf("the job is %+v", j)
	}
	if again := decoded[eval.Job](t, call1(t, "GET", addr, "/v1/evals/"+j.ID, ""), 200); again.Counts != j.Counts || again.State != eval.Done {
		t.Errorf("asked for it is %+v", again)
	}
	if last, _ := events(t, addr, j.ID, eventStream); last.State != eval.Done {
		t.Errorf("as server-sent events it is %+v", last)
	}

	list := decoded[jobsAnswer](t, call1(t, "GET", addr, "/v1/evals?limit=1", ""), 200)
	if len(list.Jobs) != 1 || list.Jobs[0].ID != j.ID || list.Next != "" {
		t.Errorf("jobs: %+v", list)
	}
	if found := decoded[jobsAnswer](t, call1(t, "GET", addr, "/v1/evals?digest="+j.Digest, ""), 200); len(found.Jobs) != 1 || found.Jobs[0].ID != j.ID {
		t.Errorf("by its digest: %+v", found)
	}

	at := "/v1/evals/" + j.ID
	rows := decoded[rowsAnswer](t, call1(t, "GET", addr, at+"/samples?problem=b&status=accepted&limit=2&text=1", ""), 200)
	if len(rows.Samples) != 2 || rows.Samples[1].Sample != 4 || rows.Samples[0].Text != "Answer: 1" || rows.Next == "" {
		t.Errorf("rows: %+v", rows)
	}
	rest := decoded[rowsAnswer](t, call1(t, "GET", addr, at+"/samples?problem=b&status=accepted&limit=2&after="+url.QueryEscape(rows.Next), ""), 200)
	if len(rest.Samples) != 1 || rest.Samples[0].Sample != 7 || rest.Samples[0].Text != "" || rest.Next != "" {
		t.Errorf("the other rows: %+v", rest)
	}
	tallies := decoded[talliesAnswer](t, call1(t, "GET", addr, at+"/problems?limit=2", ""), 200)
	if len(tallies.Problems) != 2 || tallies.Next != "2" || tallies.Problems[1].Counts.Accepted != 3 || !tallies.Problems[0].Finished {
		t.Errorf("problems: %+v", tallies)
	}
	c := decoded[evalCoverage](t, call1(t, "GET", addr, at+"/coverage?k=1,9,10", ""), 200)
	if len(c.Coverage) != 2 || c.Coverage[0].Pass < 0.222 || c.Coverage[0].Pass > 0.223 || c.Solved != 2 || c.Least != 9 || c.Counts.Samples != 27 {
		t.Errorf("coverage: %+v", c)
	}

	// Changed afterwards.
	if got := decoded[eval.Job](t, post(t, addr, at+"/extend", `{"n":12}`), 200); got.Spec.N != 12 {
		t.Errorf("extended: %+v", got)
	}
	if j, _ = events(t, addr, j.ID, ""); j.Counts.Samples != 36 {
		t.Errorf("extended and done: %+v", j)
	}
	decoded[eval.Job](t, post(t, addr, at+"/regrade", `{"change":{"equal":"string"}}`), 200)
	if j, _ = events(t, addr, j.ID, ""); j.Counts != (problem.Counts{Samples: 36}) {
		t.Errorf("regraded: %+v", j)
	}
	decoded[eval.Job](t, post(t, addr, at+"/resume", `{"errors_only":true}`), 200)
	events(t, addr, j.ID, "")
	if got := decoded[eval.Job](t, call1(t, "POST", addr, at+"/cancel", ""), 200); got.State != eval.Done {
		t.Errorf("cancelled after its end: %+v", got)
	}
	if got := call1(t, "DELETE", addr, at, ""); got.status != 204 {
		t.Errorf("deleted: %d %s", got.status, got.body)
	}
	if got := call1(t, "GET", addr, at, ""); got.status != 404 {
		t.Errorf("after it was deleted: %d %s", got.status, got.body)
	}
}

func TestEvalsRefused(t *testing.T) {
	addr := start(t, Config{Evals: engine(t), Solver: fake{}})
	id := decoded[eval.Job](t, post(t, addr, "/v1/evals", evalBody), 202).ID
	events(t, addr, id, "")
	at := "/v1/evals/" + id
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", "/v1/evals", `{"model":"m","n":1}`, 422, "body.problems: "},
		{"POST", "/v1/evals", strings.Replace(evalBody, `"n":9`, `"n":10001`, 1), 422, "body.n: is 10001; must be between 1 and 10000"},
		{"POST", "/v1/evals", strings.Replace(evalBody, `"n":9`, `"m":9`, 1), 422, "body.m: is not a field"},
		{"POST", "/v1/evals", strings.Replace(evalBody, `"id":"b"`, `"id":"a"`, 1), 422, `body.problems[1].id: \"a\" is there twice`},
		{"POST", "/v1/evals", `{"model":"m","n":1,"problems":[` + strings.Repeat(`{},`, 10_000) + `{}]}`, 422, "body.problems: has more than 10000 entries, the limit"},
		{"POST", "/v1/evals", `{`, 400, "not JSON"},
		{"GET", "/v1/evals?limit=1001", "", 422, "query.limit: must be between 1 and 1000"},
		{"GET", "/v1/evals?after=x", "", 422, "query.after"},
		{"GET", "/v1/evals?digest=00", "", 422, "query.digest"},
		{"GET", "/v1/evals?digest=" + strings.Repeat("00", 32), "", 404, "no such evaluation job"},
		{"GET", "/v1/evals/eval-77", "", 404, "eval-77"},
		{"GET", "/v1/evals/eval-01", "", 404, "no such"},
		{"GET", "/v1/evals/%00", "", 404, "no such"},
		{"GET", at + "/samples?after=1", "", 422, "query.after"},
		{"GET", at + "/samples?status=acepted", "", 422, "query.status"},
		{"GET", at + "/samples?statuss=accepted", "", 422, "query.statuss: is not known here"},
		{"GET", at + "/samples?limit=0", "", 422, "query.limit"},
		{"GET", at + "/samples?problem=z", "", 404, "no problem"},
		{"GET", at + "/problems?after=-1", "", 422, "query.after"},
		{"GET", at + "/coverage?k=1,9&select=true", "", 200, `"selection":{"problems":3,"methods":[{"method":"oracle"`},
		{"GET", at + "/coverage?k=1,9&select=true", "", 200, `{"method":"majority"`},
		{"GET", at + "/coverage?k=1,9&select=maybe", "", 422, "query.select"},
		{"GET", at + "/coverage?k=0", "", 422, "query.k"},
		{"GET", at + "/coverage?k=" + strings.Repeat("1,", 1000) + "1", "", 422, "query.k"},
		{"GET", "/v1/evals/eval-77/events", "", 404, "eval-77"},
		{"POST", at + "/extend", `{"n":3}`, 422, "body.n: is 3; the job has 9 already"},
		{"POST", at + "/extend", ``, 400, "empty"},
		{"POST", at + "/regrade", `{"change":{"equal":"odd"}}`, 422, "body.change.equal"},
		{"POST", at + "/resume", `{"errors":true}`, 422, "body.errors"},
		{"DELETE", "/v1/evals/eval-77", "", 404, "eval-77"},
	} {
		got := call1(t, c.method, addr, c.path, c.body, "Content-Type", "application/json")
		if got.status != c.status || !strings.Contains(got.body, c.says) {
			t.Errorf("%s %.60s: got %d %s, want %d %s", c.method, c.path, got.status, got.body, c.status, c.says)
		}
	}
}

func TestEvalsNeedAnEndpoint(t *testing.T) {
	if got := post(t, start(t, Config{Evals: engine(t)}), "/v1/evals", evalBody); got.status != 503 || !strings.Contains(got.body, "no endpoint is configured") {
		t.Errorf("without an endpoint: %d %s", got.status, got.body)
	}
	addr := start(t, Config{})
	for _, path := range []string{"/v1/evals", "/v1/evals/eval-1/events"} {
		if got := call1(t, "GET", addr, path, ""); got.status != 503 {
			t.Errorf("%s of a server without jobs: %d %s", path, got.status, got.body)
		}
	}
}

// A server that is asked to end does not wait for who listens to a job.
func TestListenersDoNotHoldUpTheEnd(t *testing.T) {
	e := engine(t)
	addr, stop := startStop(t, Config{Evals: e, Solver: fake{}, Grace: time.Minute})
	j, err := e.Create(t.Context(), eval.Spec{Sampling: eval.Sampling{Model: "m"}, N: 1, Problems: []problem.Problem{
		{ID: "x", Prompt: "nobody knows this prompt", Check: problem.Check{Kind: problem.KindAnswer, Answer: "1"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get("http://" + addr + "/v1/evals/" + j.ID + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := bufio.NewReader(resp.Body).ReadBytes('\n'); err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
