package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"borel/coverage"
	"borel/problem"
	"borel/solver"
	"borel/verify"
)

// fake judges by what a program says: "right", "broken" (a fault of the service), anything else is wrong. It blocks on
// programs that say "wait" until the request is cancelled.
type fake struct{ waiting chan struct{} }

var errDisk = errors.New("disk full")

func (f fake) Run(ctx context.Context, r problem.RunRequest) (problem.Run, error) {
	switch {
	case r.Language == "cobol":
		return problem.Run{}, problem.Invalidf("language", "%q is not known; python is", r.Language)
	case r.Source == "broken":
		return problem.Run{}, errDisk
	case r.Source == "panic":
		panic("at the disco")
	case r.Source == "wait":
		f.waiting <- struct{}{}
		<-ctx.Done()
		return problem.Run{}, ctx.Err()
	}
	return problem.Run{Reason: "finished", Stdout: r.Source + r.Stdin, Cached: !r.Fresh, Files: r.Files}, nil
}

func (f fake) Verify(ctx context.Context, p *problem.Problem, s problem.Sample, fresh bool) (problem.Verdict, error) {
	if p.Language == "cobol" {
		return problem.Verdict{}, problem.Invalidf("problem.language", "%q is not known; python is", p.Language)
	}
	v := problem.Verdict{Status: problem.WrongAnswer, Message: p.ID, Cached: !fresh}
	if p.Variant != (problem.Variant{}) {
		v.Message = fmt.Sprintf("%s under %d from %d", p.ID, p.HashSeed, p.Start.Unix())
	}
	switch s.Raw() {
	case "right":
		v.Status = problem.Accepted
	case "broken":
		v.Status, v.Error = problem.Unknown, errDisk.Error()
	}
	v.SetReward()
	return v, nil
}

func (f fake) VerifyAll(ctx context.Context, p *problem.Problem, samples []problem.Sample, fresh bool, emit func(problem.Verdict)) (*problem.Selection, error) {
	for i := range samples {
		i = len(samples) - 1 - i // no particular order
		if samples[i].Raw() == "stop" {
			return nil, errDisk
		}
		v, err := f.Verify(ctx, p, samples[i], fresh)
		if err != nil {
			return nil, err
		}
		v.Index = i
		emit(v)
	}
	return nil, nil
}

func (f fake) Regrade(ctx context.Context, r problem.Regrade, emit func(problem.Regraded)) (problem.RegradeReport, error) {
	if err := r.Validate(""); err != nil {
		return problem.RegradeReport{}, err
	}
	if r.Kind == problem.KindProof {
		return problem.RegradeReport{}, errDisk
	}
	for range MaxChanges + 1 {
		emit(problem.Regraded{Key: known, Was: problem.WrongAnswer, Is: problem.Accepted})
	}
	return problem.RegradeReport{Verdicts: MaxChanges + 2, Changed: MaxChanges + 1}, nil
}

// Verdicts of the fake: known is kept, half is kept without its origin.
var (
	known = strings.Repeat("0a", 32)
	half  = strings.Repeat("0b", 32)
)

func (f fake) Lookup(_ context.Context, key string) (problem.Verdict, error) {
	switch key {
	case known, half:
		v := problem.Verdict{Status: problem.Accepted, Key: key, Cached: true}
		v.SetReward()
		return v, nil
	case strings.Repeat("0c", 32):
		return problem.Verdict{}, errDisk
	case strings.Repeat("00", 32):
		return problem.Verdict{}, verify.ErrNoVerdict
	}
	return problem.Verdict{}, problem.Invalidf("key", "has %d characters", len(key))
}

func (f fake) Replay(ctx context.Context, key string) (problem.Replay, error) {
	v, err := f.Lookup(ctx, key)
	if key == half {
		err = fmt.Errorf("it is gone: %w", verify.ErrNoOrigin)
	}
	v.Cached = false
	return problem.Replay{Verdict: v, Differs: []problem.Difference{{What: "runs[0].fuel", Was: "1", Is: "2"}}}, err
}

func (f fake) Solve(ctx context.Context, r solver.Request, emit func(solver.Attempt)) (*solver.Report, error) {
	if r.Draw.Model == "down" {
		return nil, errors.New("connection refused")
	}
	report := &solver.Report{Stopped: solver.All, Coverage: []coverage.Point{}}
	for i := range r.Draw.N {
		v, err := f.Verify(ctx, &r.Problem, problem.Text("right"), r.Fresh)
		if err != nil {
			return nil, err
		}
		a := solver.Attempt{Index: i, Text: r.Draw.Prompt, Verdict: v}
		emit(a)
		report.Attempts = append(report.Attempts, a)
		report.Counts.Add(v.Status)
	}
	report.Best = &solver.Best{Index: 0, Status: problem.Accepted, SelectedBy: solver.FirstAccepted}
	return report, nil
}

// start serves cfg on a port of its own until the test ends, and returns its address.
func start(t *testing.T, cfg Config) (addr string) {
	t.Helper()
	addr, stop := startStop(t, cfg)
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return addr
}

// startStop also returns what shuts the server down and waits for it.
func startStop(t *testing.T, cfg Config) (addr string, stop func() error) {
	t.Helper()
	if cfg.Verifier == nil {
		cfg.Verifier = fake{make(chan struct{}, 1000)}
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	return ln.Addr().String(), func() error { cancel(); return <-done }
}

type reply struct {
	status int
	header http.Header
	body   string
}

// post sends body; headers are pairs of name and value.
func post(t *testing.T, addr, path, body string, headers ...string) reply {
	t.Helper()
	return call1(t, "POST", addr, path, body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

func call1(t *testing.T, method, addr, path, body string, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+addr+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{a.StatusCode, a.Header, string(b)}
}

const (
	unit  = `{"id":"f","check":{"kind":"unit","tests":"assert f() == 5\n"}}`
	asked = `{"id":"f","prompt":"say","check":{"kind":"unit","tests":"assert f() == 5\n"}}`
	add   = `{"id":"add","check":{"kind":"unit","tests":"assert add(1, 2) == 3\n"}}`
)

func TestAnswers(t *testing.T) {
	f := fake{make(chan struct{}, 1)}
	addr := start(t, Config{Verifier: f, Solver: f})
	for _, c := range []struct {
		name, path, body string
		want             string // part of the answer
	}{
		{"one run", "/v1/runs", `{"source":"a","stdin":"b"}`, `"stdout":"ab"`},
		{"an empty program is a program", "/v1/runs", `{"source":""}`, `"reason":"finished"`},
		{"files are base64", "/v1/runs", `{"source":"a","files":{"x/y.txt":"eW8="}}`, `"files":{"x/y.txt":"eW8="}`},
		{"fresh", "/v1/runs", `{"source":"a","fresh":true}`, `"cached":false`},
		{"null is absent", "/v1/runs", `{"source":"a","stdin":null,"limits":null,"files":null,"args":null}`, `"stdout":"a"`},
		{"marks are not escaped", "/v1/runs", `{"source":"a<b&c>d"}`, `"stdout":"a<b&c>d"`},
		{"many runs, one broken", "/v1/runs", `{"runs":[{"source":"a"},{"source":"broken"},{"source":"c"}]}`, `"files":null,"fuel":0,"virtual_seconds":0,"memory_bytes":0,"wall_ms":0,"cached":false,"error":"disk full"},{"reason":"finished","exit_code":0,"stdout":"c"`},
		{"fresh counts for all runs", "/v1/runs", `{"runs":[{"source":"a"}],"fresh":true}`, `"cached":false`},
		{"verdicts in order", "/v1/verify", `{"problem":` + unit + `,"samples":[{"program":"right"},{"text":"no"},{"completion":"broken"}]}`,
			`{"verdicts":[` +
				`{"index":0,"status":"accepted","reward":1,"message":"f","fuel":0,"virtual_seconds":0,"cached":true},` +
				`{"index":1,"status":"wrong_answer","reward":0,"message":"f","fuel":0,"virtual_seconds":0,"cached":true},` +
				`{"index":2,"status":"unknown","reward":null,"message":"f","error":"disk full","fuel":0,"virtual_seconds":0,"cached":true}],` +
				`"counts":{"samples":3,"accepted":1,"unknown":1},"coverage":[{"k":1,"pass":0.5,`},
		{"k beyond what was decided is left out", "/v1/verify", `{"problem":` + unit + `,"samples":[{"program":"right"},{"text":"broken"}],"k":[1,2]}`, `"coverage":[{"k":1,"pass":1,`},
		{"nothing decided, no coverage", "/v1/verify", `{"problem":` + unit + `,"samples":[{"program":"broken"}],"k":[1]}`, `"coverage":[]`},
		{"a problem of which nothing was decided is left out of the coverage", "/v1/verify",
			`{"items":[{"problem":` + unit + `,"sample":{"program":"right"}},{"problem":` + add + `,"sample":{"program":"broken"}}]}`,
			`"counts":{"samples":2,"accepted":1,"unknown":1},"coverage":[{"k":1,"pass":1,`},
		{"items of two problems", "/v1/verify",
			`{"items":[{"problem":` + unit + `,"sample":{"program":"right"}},{"problem":` + add + `,"sample":{"program":"no"}},{"problem":` + unit + `,"sample":{"program":"right"}}]}`,
			`{"index":1,"status":"wrong_answer","reward":0,"message":"add"`},
		{"coverage of items is by problem", "/v1/verify",
			`{"items":[{"problem":` + unit + `,"sample":{"program":"right"}},{"problem":` + add + `,"sample":{"program":"no"}},{"problem":` + unit + `,"sample":{"program":"right"}}]}`,
			`"counts":{"samples":3,"accepted":2,"unknown":0},"coverage":[{"k":1,"pass":0.5,`},
		{"a hash seed and a start for all", "/v1/verify", `{"problem":` + unit + `,"samples":[{"program":"no"}],"hash_seed":7,"start":"2001-09-09T01:46:40Z"}`, `"message":"f under 7 from 1000000000"`},
		{"those of the problem", "/v1/verify", `{"problem":{"id":"f","hash_seed":4294967295,"start":5,"check":{"kind":"unit"}},"samples":[{"program":"no"}]}`, `"message":"f under 4294967295 from 5"`},
		{"the request's go before the problem's", "/v1/verify", `{"problem":{"id":"f","hash_seed":3,"start":5,"check":{"kind":"unit"}},"samples":[{"program":"no"}],"hash_seed":4}`, `"message":"f under 4 from 5"`},
		{"the request's count for all items", "/v1/verify", `{"items":[{"problem":` + unit + `,"sample":{"program":"no"}},{"problem":` + add + `,"sample":{"program":"no"}}],"start":9,"hash_seed":1}`, `"message":"add under 1 from 9"`},
		{"solve", "/v1/solve", `{"problem":{"id":"p","prompt":"say","check":{"kind":"answer","answer":"1"}},"model":"m","n":2}`,
			`{"best":{"index":0,"text":"","program":"","status":"accepted","selected_by":"first_accepted"},"attempts":[{"index":0,"text":"say",`},
		{"coverage", "/v1/coverage", `{"counts":[{"problem":"a","n":10,"c":3}],"k":[1,10]}`, `{"problems":1,"unknown":0,"coverage":[{"k":1,"pass":0.3,`},
		{"coverage without a law", "/v1/coverage", `{"counts":[{"n":1,"c":1}],"fit":true}`, `"fit":null`},
		{"coverage with a law", "/v1/coverage", `{"counts":[{"n":100,"c":3},{"n":100,"c":20},{"n":100,"c":1}],"fit":true}`, `"fit":{"a":-`},
		{"coverage, k of its own", "/v1/coverage", `{"counts":[{"n":10,"c":3}]}`, `{"k":10,"pass":1,`},
		{"coverage of counts that stopped at the first accepted", "/v1/coverage",
			`{"counts":[{"problem":"a","n":2,"c":1,"stopped":"first_accepted"},{"problem":"b","n":9,"c":0,"stopped":"first_accepted"}],"estimate":"inverse_sampling"}`,
			`{"problems":2,"unknown":0,"estimate":"inverse_sampling","coverage":[{"k":1,"pass":0,`},
		{"coverage without a problem", "/v1/coverage", `{"counts":[{"problem":"a","n":10,"c":3},{"problem":"b","n":10,"c":10}],"k":[1],"quarantine":["b","x"]}`, `{"problems":1,"unknown":0,"coverage":[{"k":1,"pass":0.3,`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := post(t, addr, c.path, c.body)
			if got.status != 200 || got.header.Get("Content-Type") != "application/json" {
				t.Fatalf("got %d %s %s", got.status, got.header, got.body)
			}
			if !strings.Contains(got.body, c.want) {
				t.Errorf("got  %s\nwant %s", got.body, c.want)
			}
			if got.header.Get(requestIDHeader) == "" {
				t.Error("no request id")
			}
		})
	}
}

func TestErrors(t *testing.T) {
	f := fake{make(chan struct{}, 1)}
	addr := start(t, Config{Verifier: f, Solver: f, MaxBody: 600_000})
	long := strings.Repeat(`{"program":""},`, MaxSamples)
	for _, c := range []struct {
		name, path, body string
		status           int
		at, detail       string // errors[0].location, and part of detail
	}{
		{"half JSON", "/v1/verify", `{"problem":`, 400, "", "unexpected EOF"},
		{"half a list", "/v1/verify", `{"problem":` + unit + `,"samples":[{"program":"x"},`, 400, "", "unexpected EOF"},
		{"half a list of files", "/v1/runs", `{"source":"","files":{"a":"eW8="`, 400, "", "unexpected EOF"},
		{"not JSON", "/v1/runs", `source=1`, 400, "", "not JSON"},
		{"two values", "/v1/runs", `{"source":""} {}`, 400, "", "not JSON"},
		{"empty body", "/v1/runs", ``, 400, "", "empty"},
		{"not UTF-8", "/v1/runs", "{\"source\":\"\xff\"}", 400, "", "UTF-8"},
		{"a name twice", "/v1/runs", `{"source":"a","source":"b"}`, 400, "", "duplicate"},
		{"null instead of an object", "/v1/regrade", " null\n", 422, "body", "wants an object, has null"},
		{"a list instead of an object", "/v1/runs", `[]`, 422, "body", "wants an object, has a list"},
		{"wrong type", "/v1/runs", `{"source":5}`, 422, "body.source", "wants a string, has a number"},
		{"wrong type inside", "/v1/runs", `{"runs":[{"source":""},{"source":{}}]}`, 422, "body.runs[1].source", "wants a string, has an object"},
		{"wrong type of a limit", "/v1/runs", `{"source":"","limits":{"seconds":"1"}}`, 422, "body.limits.seconds", "wants a number, has a string"},
		{"a fraction of a megabyte", "/v1/runs", `{"source":"","limits":{"memory_mb":64.5}}`, 422, "body.limits.memory_mb", ""},
		{"huge limit", "/v1/runs", `{"source":"","limits":{"seconds":1e308}}`, 422, "body.limits.seconds", "600"},
		{"a limit beyond all numbers", "/v1/runs", `{"source":"","limits":{"memory_mb":99999999999999999999}}`, 422, "body.limits.memory_mb", ""},
		{"negative limit", "/v1/runs", `{"source":"","limits":{"seconds":-1}}`, 422, "body.limits.seconds", "between 0"},
		{"a hash seed below 0", "/v1/runs", `{"source":"","hash_seed":-1}`, 422, "body.hash_seed", "wants a whole number from 0 to 4294967295, has -1"},
		{"a hash seed of 33 bits", "/v1/verify", `{"problem":` + unit + `,"samples":[{"program":"x"}],"hash_seed":4294967296}`, 422, "body.hash_seed", "from 0 to 4294967295, has 4294967296"},
		{"a hash seed as text", "/v1/runs", `{"source":"","hash_seed":"1"}`, 422, "body.hash_seed", "wants a whole number from 0 to 4294967295, has a string"},
		{"a start that is no time", "/v1/runs", `{"source":"","start":"tomorrow"}`, 422, "body.start", "RFC 3339"},
		{"a start between two seconds", "/v1/runs", `{"source":"","start":1.5}`, 422, "body.start", "whole seconds since 1970"},
		{"a start before 1970", "/v1/runs", `{"runs":[{"source":""},{"source":"","start":-1}]}`, 422, "body.runs[1].start", "between 1970-01-01T00:00:00Z and 2262"},
		{"a start beyond all clocks", "/v1/verify", `{"problem":` + unit + `,"samples":[{"program":"x"}],"start":"2262-01-01T00:00:01Z"}`, 422, "body.start", "between 1970"},
		{"the same in the problem", "/v1/verify", `{"problem":{"start":9223372036854775807,"check":{"kind":"unit"}},"samples":[{"program":"x"}]}`, 422, "body.problem.start", "between 1970"},
		{"a hash seed beside runs", "/v1/runs", `{"runs":[{"source":""}],"hash_seed":1}`, 422, "body.runs", "stands alone"},
		{"misspelt limit", "/v1/runs", `{"source":"","limits":{"second":1}}`, 422, "body.limits.second", "not a field"},
		{"another case", "/v1/runs", `{"Source":""}`, 422, "body.Source", "not a field"},
		{"no source", "/v1/runs", `{"language":"python"}`, 422, "body.source", "missing"},
		{"null source", "/v1/runs", `{"source":null}`, 422, "body.source", "missing"},
		{"no source in a list", "/v1/runs", `{"runs":[{"source":""},{}]}`, 422, "body.runs[1].source", "missing"},
		{"no runs", "/v1/runs", `{"runs":[]}`, 422, "body.runs", "empty"},
		{"one and many", "/v1/runs", `{"source":"","runs":[{"source":""}]}`, 422, "body.runs", "stands alone"},
		{"null in a list", "/v1/runs", `{"source":"","args":["a",null]}`, 422, "body.args[1]", "wants a string, has null"},
		{"null among samples", "/v1/verify", `{"problem":` + unit + `,"samples":[null]}`, 422, "body.samples[0]", "wants an object, has null"},
		{"too many runs", "/v1/runs", `{"runs":[` + strings.Repeat(`{"source":""},`, MaxRuns) + `{"source":""}]}`, 422, "body.runs", "more than 1000 entries"},
		{"bad base64", "/v1/runs", `{"source":"","files":{"a":"?"}}`, 422, "body.files.a", ""},
		{"files outside", "/v1/runs", `{"source":"","files":{"../a":""}}`, 422, "body.files", "not clean"},
		{"unknown language", "/v1/runs", `{"source":"","language":"cobol"}`, 422, "body.language", `"cobol" is not known`},
		{"unknown language in a list", "/v1/runs", `{"runs":[{"source":""},{"source":"","language":"cobol"}]}`, 422, "body.runs[1].language", `"cobol" is not known`},
		{"a broken service", "/v1/runs", `{"source":"broken"}`, 500, "", "request id"},
		{"a panic", "/v1/runs", `{"source":"panic"}`, 500, "", "request id"},
		{"no problem", "/v1/verify", `{"samples":[{"program":""}]}`, 422, "body.problem", "missing"},
		{"no samples", "/v1/verify", `{"problem":` + unit + `}`, 422, "body.samples", "empty"},
		{"no items", "/v1/verify", `{"items":[]}`, 422, "body.items", "empty"},
		{"samples and items", "/v1/verify", `{"items":[{"problem":` + unit + `,"sample":{"program":""}}],"samples":[]}`, 422, "body.items", "without problem"},
		{"two forms of a sample", "/v1/verify", `{"problem":` + unit + `,"samples":[{"program":"","text":""}]}`, 422, "body.samples[0]", "exactly one"},
		{"agreement across items", "/v1/verify", `{"items":[{"problem":{"check":{"kind":"agreement","generated_tests":["f() == 1"]}},"sample":{"program":""}}]}`, 422, "body.items[0].problem.check.kind", "together"},
		{"a bad item", "/v1/verify", `{"items":[{"problem":{"check":{"kind":"votes"}},"sample":{"program":""}}]}`, 422, "body.items[0].problem.check.kind", `"votes" is not known`},
		{"too many estimates", "/v1/coverage", `{"counts":[` + strings.Repeat(`{"n":1,"c":0},`, MaxPoints/MaxK) + `{"n":1,"c":0}],"k":[1` + strings.Repeat(`,1`, MaxK-1) + `]}`, 422, "body.k", "the limit is 10000000"},
		{"too many samples", "/v1/verify", `{"problem":` + unit + `,"samples":[` + long + `{"program":""}]}`, 422, "body.samples", "more than 10000 entries"},
		{"no check", "/v1/verify", `{"problem":{"id":"x"},"samples":[{"program":""}]}`, 422, "body.problem.check.kind", "missing"},
		{"a case without output", "/v1/verify", `{"problem":{"check":{"kind":"stdio","cases":[{"stdin":"1"}]}},"samples":[{"program":""}]}`, 422, "body.problem.check.cases[0]", "stdin and stdout"},
		{"k beyond the samples", "/v1/verify", `{"problem":` + unit + `,"samples":[{"program":""}],"k":[1,2]}`, 422, "body.k[1]", "between 1 and 1"},
		{"k of nothing", "/v1/verify", `{"problem":` + unit + `,"samples":[{"program":""}],"k":[0]}`, 422, "body.k[0]", "between 1 and 1"},
		{"the verifier knows better", "/v1/verify", `{"problem":{"language":"cobol","check":{"kind":"unit"}},"samples":[{"program":""}]}`, 422, "body.problem.language", `"cobol" is not known`},
		{"the service fails in the middle", "/v1/verify", `{"problem":` + unit + `,"samples":[{"program":"stop"},{"program":"right"}]}`, 500, "", "request id"},
		{"nothing to solve", "/v1/solve", `{"n":2}`, 422, "body.problem", "missing"},
		{"no model", "/v1/solve", `{"problem":` + asked + `}`, 422, "body.model", "missing"},
		{"negative n", "/v1/solve", `{"problem":` + asked + `,"model":"m","n":-1}`, 422, "body.n", "between 1 and 10000"},
		{"no n", "/v1/solve", `{"problem":` + asked + `,"model":"m","n":0}`, 422, "body.n", "between 1 and 10000"},
		{"huge n", "/v1/solve", `{"problem":` + asked + `,"model":"m","n":10001}`, 422, "body.n", "between 1 and 10000"},
		{"unknown until", "/v1/solve", `{"problem":` + asked + `,"model":"m","until":"dawn"}`, 422, "body.until", "first_accepted"},
		{"an endpoint by URL", "/v1/solve", `{"problem":` + asked + `,"endpoint":"http://x"}`, 422, "body.endpoint", "not a field"},
		{"endpoint down", "/v1/solve", `{"problem":` + asked + `,"model":"down"}`, 502, "", "connection refused"},
		{"k above n", "/v1/coverage", `{"counts":[{"n":10,"c":0}],"k":[11]}`, 422, "body.k", "pass@11"},
		{"c above n", "/v1/coverage", `{"counts":[{"n":10,"c":11}],"k":[1]}`, 422, "body.counts[0].c", "between 0 and n"},
		{"biased counts", "/v1/coverage", `{"counts":[{"n":3,"c":1},{"problem":"b","n":2,"c":1,"stopped":"first_accepted"}]}`, 422, "body.counts[1].stopped", `problem "b": is first_accepted; pass@k is biased`},
		{"adaptive counts", "/v1/coverage", `{"counts":[{"n":3,"c":2,"stopped":"adaptive"}],"estimate":"inverse_sampling"}`, 422, "body.counts[0].stopped", "is adaptive"},
		{"more than the first accepted", "/v1/coverage", `{"counts":[{"n":3,"c":2,"stopped":"first_accepted"}],"estimate":"inverse_sampling"}`, 422, "body.counts[0].c", "c is 0 or 1"},
		{"a fit of another estimate", "/v1/coverage", `{"counts":[{"n":3,"c":1}],"fit":true,"estimate":"inverse_sampling"}`, 422, "body.fit", "unbiased"},
		{"unknown estimate", "/v1/coverage", `{"counts":[{"n":3,"c":1}],"estimate":"hope"}`, 422, "body.estimate", "inverse_sampling"},
		{"no c", "/v1/coverage", `{"counts":[{"n":10}],"k":[1]}`, 422, "body.counts[0]", "needs n and c"},
		{"all in quarantine", "/v1/coverage", `{"counts":[{"problem":"a","n":10,"c":1}],"quarantine":["a"]}`, 422, "body.quarantine", "leaves out every problem"},
		{"huge n of counts", "/v1/coverage", `{"counts":[{"n":9223372036854775807,"c":0}]}`, 422, "body.counts[0].n", "limit"},
		{"no counts", "/v1/coverage", `{"counts":[]}`, 422, "body.counts", "empty"},
		{"large body", "/v1/runs", `{"source":"` + strings.Repeat("a", 600_000) + `"}`, 413, "", "600000 bytes"},
		{"no route", "/v1/nothing", `{}`, 404, "", "no such route: /v1/nothing"},
		{"no method", "/healthz", `{}`, 405, "", "Method Not Allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := post(t, addr, c.path, c.body)
			var doc struct {
				Title, Detail, Instance string
				Status                  int
				Errors                  []struct{ Location, Message string }
			}
			if err := json.Unmarshal([]byte(got.body), &doc); err != nil {
				t.Fatalf("%v: %s", err, got.body)
			}
			if got.status != c.status || doc.Status != c.status || got.header.Get("Content-Type") != "application/problem+json" || doc.Title == "" {
				t.Fatalf("got %d %s %s", got.status, got.header.Get("Content-Type"), got.body)
			}
			if !strings.Contains(doc.Detail, c.detail) {
				t.Errorf("got detail %q, want %q", doc.Detail, c.detail)
			}
			at := ""
			if len(doc.Errors) > 0 {
				at = doc.Errors[0].Location
			}
			if at != c.at {
				t.Errorf("got location %q, want %q (%s)", at, c.at, doc.Detail)
			}
			if want := "urn:borel:request:" + got.header.Get(requestIDHeader); doc.Instance != want {
				t.Errorf("got instance %q, want %q", doc.Instance, want)
			}
			if strings.Contains(got.body, "disk full") || strings.Contains(got.body, "disco") {
				t.Errorf("the fault inside is told: %s", got.body)
			}
		})
	}
}

func lines(t *testing.T, body string) (types []string) {
	t.Helper()
	for s := bufio.NewScanner(strings.NewReader(body)); s.Scan(); {
		var l struct{ Type string }
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatalf("%v: %s", err, s.Text())
		}
		types = append(types, l.Type)
	}
	return types
}

func TestStream(t *testing.T) {
	f := fake{make(chan struct{}, 1)}
	addr := start(t, Config{Verifier: f, Solver: f})
	for _, c := range []struct{ name, path, body, types, has string }{
		{"verdicts", "/v1/verify", `{"problem":` + unit + `,"samples":[{"program":"right"},{"program":"no"}]}`, "[verdict verdict report]", `{"type":"report","counts":{"samples":2,"accepted":1,"unknown":0},"coverage":[{"k":1`},
		{"items", "/v1/verify", `{"items":[{"problem":` + unit + `,"sample":{"program":"right"}}]}`, "[verdict report]", `{"type":"verdict","index":0,"status":"accepted"`},
		{"a fault in the middle", "/v1/verify", `{"problem":` + unit + `,"samples":[{"program":"stop"},{"program":"no"}]}`, "[verdict error]", `{"type":"error","error":{`},
		{"attempts", "/v1/solve", `{"problem":` + asked + `,"model":"m","n":3,"until":"all"}`, "[attempt attempt attempt report]", `"stopped":"all","coverage":[]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := post(t, addr, c.path, c.body, "Accept", ndjson)
			if got.status != 200 || got.header.Get("Content-Type") != ndjson {
				t.Fatalf("got %d %s %s", got.status, got.header, got.body)
			}
			if types := fmt.Sprint(lines(t, got.body)); types != c.types || !strings.Contains(got.body, c.has) {
				t.Errorf("got %s of\n%s\nwant %s with %s", types, got.body, c.types, c.has)
			}
		})
	}
	t.Run("a fault before the first line has its status", func(t *testing.T) {
		got := post(t, addr, "/v1/verify", `{"problem":{"language":"cobol","check":{"kind":"unit"}},"samples":[{"program":""}]}`, "Accept", ndjson)
		if got.status != 422 || got.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
}

func TestNoEndpoint(t *testing.T) {
	addr := start(t, Config{})
	got := post(t, addr, "/v1/solve", `{"problem":`+asked+`,"model":"m"}`)
	if got.status != 503 || !strings.Contains(got.body, "start the server with --endpoint") {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestReady(t *testing.T) {
	waiting := make(chan error, 8)
	for range 4 {
		waiting <- errors.New("Python is being loaded")
	}
	addr := start(t, Config{Ready: func() error {
		select {
		case err := <-waiting:
			return err
		default:
			return nil
		}
	}})
	for _, path := range []string{"/v1/runs", "/v1/verify", "/v1/solve"} {
		got := post(t, addr, path, `{}`)
		if got.status != 503 || !strings.Contains(got.body, "Python is being loaded") || got.header.Get("Retry-After") == "" {
			t.Errorf("%s: got %d %s", path, got.status, got.body)
		}
	}
	if got := call1(t, "GET", addr, "/readyz", ""); got.status != 503 || !strings.Contains(got.body, "Python is being loaded") {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if got := call1(t, "GET", addr, "/readyz", ""); got.status != 200 {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestGuard(t *testing.T) {
	open := start(t, Config{Hosts: []string{"borel.example"}})
	closed := start(t, Config{Tokens: []string{"first", "second"}})
	port := open[strings.LastIndex(open, ":"):]
	run := `{"source":"a"}`
	for _, c := range []struct {
		name, addr, method, path string
		headers                  []string
		want                     int
	}{
		{"no token is set", open, "POST", "/v1/runs", nil, 200},
		{"localhost", open, "POST", "/v1/runs", []string{"Host", "localhost" + port}, 200},
		{"IPv6 loopback", open, "POST", "/v1/runs", []string{"Host", "[::1]" + port}, 200},
		{"an allowed name", open, "POST", "/v1/runs", []string{"Host", "Borel.example" + port}, 200},
		{"a rebound name", open, "POST", "/v1/runs", []string{"Host", "evil.example" + port}, 403},
		{"a rebound name, reading", open, "GET", "/metrics", []string{"Host", "evil.example"}, 403},
		{"a rebound name, no route", open, "GET", "/nothing", []string{"Host", "evil.example"}, 403},
		{"another address", open, "POST", "/v1/runs", []string{"Host", "10.1.2.3" + port}, 403},
		{"localhost in front", open, "POST", "/v1/runs", []string{"Host", "localhost.evil.example"}, 403},
		{"same origin", open, "POST", "/v1/runs", []string{"Origin", "http://" + open}, 200},
		{"another site", open, "POST", "/v1/runs", []string{"Origin", "http://evil.example"}, 403},
		{"another site, reading", open, "GET", "/healthz", []string{"Origin", "http://evil.example"}, 403},
		{"another port", open, "POST", "/v1/runs", []string{"Origin", "http://127.0.0.1:1"}, 403},
		{"a sandboxed page", open, "POST", "/v1/runs", []string{"Origin", "null"}, 403},
		{"fetched across sites", open, "POST", "/v1/runs", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a form", open, "POST", "/v1/runs", []string{"Content-Type", "text/plain"}, 415},
		{"JSON with its encoding", open, "POST", "/v1/runs", []string{"Content-Type", "application/json; charset=utf-8"}, 200},
		{"no token", closed, "POST", "/v1/runs", nil, 401},
		{"no token for metrics", closed, "GET", "/metrics", nil, 401},
		{"no token for nothing", closed, "GET", "/nothing", nil, 401},
		{"a wrong token", closed, "POST", "/v1/runs", []string{"Authorization", "Bearer third"}, 401},
		{"part of a token", closed, "POST", "/v1/runs", []string{"Authorization", "Bearer firs"}, 401},
		{"another scheme", closed, "POST", "/v1/runs", []string{"Authorization", "Basic first"}, 401},
		{"the password of a URL", closed, "POST", "/v1/runs", []string{"Authorization", "Basic dTpmaXJzdA=="}, 200},
		{"a wrong password", closed, "POST", "/v1/runs", []string{"Authorization", "Basic Zmlyc3Q6dQ=="}, 401},
		{"a bare token", closed, "POST", "/v1/runs", []string{"Authorization", "second"}, 200},
		{"Judge0's header", closed, "POST", "/v1/runs", []string{"X-Auth-Token", "second"}, 200},
		{"Judge0's header with another", closed, "POST", "/v1/runs", []string{"X-Auth-Token", "thir"}, 401},
		{"an empty token", closed, "POST", "/v1/runs", []string{"Authorization", "Bearer "}, 401},
		{"the first token", closed, "POST", "/v1/runs", []string{"Authorization", "Bearer first"}, 200},
		{"the second token", closed, "POST", "/v1/runs", []string{"Authorization", "bearer second"}, 200},
		{"liveness is open", closed, "GET", "/healthz", nil, 200},
		{"readiness is open", closed, "GET", "/readyz", nil, 200},
		{"the description is open", closed, "GET", "/openapi.json", nil, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := call1(t, c.method, c.addr, c.path, run, append([]string{"Content-Type", "application/json"}, c.headers...)...)
			if got.status != c.want {
				t.Errorf("got %d, want %d: %s", got.status, c.want, got.body)
			}
			if got.status == 401 && got.header.Get("WWW-Authenticate") == "" {
				t.Error("401 without WWW-Authenticate")
			}
		})
	}
}

func TestServeWantsTokenBeyondLoopback(t *testing.T) {
	s, err := New(Config{Verifier: fake{}})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(t.Context(), ln); err == nil || !strings.Contains(err.Error(), "set a token") {
		t.Errorf("got %v", err)
	}
	if _, err := net.Dial("tcp", ln.Addr().String()); err == nil {
		t.Error("the listener is still open")
	}
}

func TestNewWantsVerifier(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("got a server without a verifier")
	}
}

func TestQueueFull(t *testing.T) {
	f := fake{make(chan struct{}, 10)}
	addr := start(t, Config{Verifier: f, Concurrency: 1, Queue: 1, Grace: time.Nanosecond})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	send := func(ctx context.Context, source string) chan int {
		got := make(chan int, 1)
		go func() {
			r, _ := http.NewRequestWithContext(ctx, "POST", "http://"+addr+"/v1/runs", strings.NewReader(`{"source":"`+source+`"}`))
			a, err := http.DefaultClient.Do(r)
			if err != nil {
				got <- 0
				return
			}
			a.Body.Close()
			got <- a.StatusCode
		}()
		return got
	}
	first := send(ctx, "wait")
	<-f.waiting // it has the slot
	second := send(t.Context(), "a")
	for !strings.Contains(call1(t, "GET", addr, "/metrics", "").body, "\nborel_queue_depth 1\n") {
	}
	// The body of the refused request never ends: it is refused before it is read.
	body, _ := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+addr+"/v1/runs", body)
	if err != nil {
		t.Fatal(err)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if a.StatusCode != 429 || a.Header.Get("Retry-After") != "1" {
		t.Errorf("got %d %s", a.StatusCode, a.Header)
	}
	if got := call1(t, "GET", addr, "/metrics", "").body; !strings.Contains(got, "\nborel_queue_refusals_total 1\n") {
		t.Error("the refusal is not counted")
	}
	select {
	case <-second:
		t.Fatal("the second request did not wait")
	default:
	}
	cancel() // the first client leaves: its work is cancelled, and the slot is free
	if got := <-first; got != 0 {
		t.Errorf("got %d", got)
	}
	if got := <-second; got != 200 {
		t.Errorf("got %d", got)
	}
}

func TestShutdown(t *testing.T) {
	f := fake{make(chan struct{}, 1)}
	addr, stop := startStop(t, Config{Verifier: f, Grace: time.Nanosecond})
	got := make(chan reply, 1)
	go func() { got <- post(t, addr, "/v1/runs", `{"source":"wait"}`) }()
	<-f.waiting
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	// The client of the cancelled request learns why.
	if r := <-got; r.status != 503 || !strings.Contains(r.body, "shutting down") {
		t.Errorf("got %d %s", r.status, r.body)
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("the listener is still open")
	}
}

// At shutdown those who wait are told at once; those who work are waited for.
func TestShutdownOfTheQueue(t *testing.T) {
	f := fake{make(chan struct{}, 2)}
	addr, stop := startStop(t, Config{Verifier: f, Concurrency: 1, Grace: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		r, _ := http.NewRequestWithContext(ctx, "POST", "http://"+addr+"/v1/runs", strings.NewReader(`{"source":"wait"}`))
		_, err := http.DefaultClient.Do(r)
		first <- err
	}()
	<-f.waiting
	second := make(chan reply, 1)
	go func() { second <- post(t, addr, "/v1/runs", `{"source":"a"}`) }()
	for !strings.Contains(call1(t, "GET", addr, "/metrics", "").body, "\nborel_queue_depth 1\n") {
	}
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	if r := <-second; r.status != 503 || !strings.Contains(r.body, "shutting down") {
		t.Errorf("got %d %s", r.status, r.body)
	}
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestBodyTime(t *testing.T) {
	addr := start(t, Config{BodyTime: time.Millisecond})
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "POST /v1/runs HTTP/1.1\r\nHost: %s\r\nContent-Length: 100\r\n\r\n{", addr)
	a, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if a.StatusCode != 408 {
		t.Errorf("got %d", a.StatusCode)
	}
}

// A body that was read in time puts no deadline on the work: net/http would cancel the request when it passes.
func TestBodyTimeIsNotWorkTime(t *testing.T) {
	f := fake{make(chan struct{}, 1)}
	addr, stop := startStop(t, Config{Verifier: f, BodyTime: 100 * time.Millisecond, Grace: 300 * time.Millisecond})
	got := make(chan reply, 1)
	go func() { got <- post(t, addr, "/v1/runs", `{"source":"wait"}`) }()
	<-f.waiting
	if err := stop(); err != nil { // takes the 300 ms of grace
		t.Fatal(err)
	}
	if r := <-got; r.status != 503 {
		t.Errorf("got %d %s, want the shutdown to have ended it", r.status, r.body)
	}
}

func TestMetrics(t *testing.T) {
	addr := start(t, Config{})
	post(t, addr, "/v1/runs", `{"runs":[{"source":"a"},{"source":"broken"}]}`)
	post(t, addr, "/v1/verify", `{"problem":`+unit+`,"samples":[{"program":"right"},{"program":"no"},{"program":"broken"}],"fresh":true}`)
	post(t, addr, "/v1/no such/../thing?x=1", `{}`)
	got := call1(t, "GET", addr, "/metrics", "").body
	for _, want := range []string{
		`borel_runs_total{reason="finished"} 1`, `borel_runs_total{reason="error"} 1`,
		`borel_verdicts_total{status="accepted"} 1`, `borel_verdicts_total{status="wrong_answer"} 1`, `borel_verdicts_total{status="unknown"} 1`,
		`borel_cache_hits_total{of="runs"} 1`,
		`borel_http_requests_total{route="/v1/runs",status="200"} 1`, `borel_http_requests_total{route="other",status="404"} 1`,
		`borel_http_request_seconds_count{route="/v1/verify"} 1`, `borel_queue_depth 0`, `borel_requests_running 0`, `borel_queue_refusals_total 0`,
	} {
		if !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

// Nothing that a caller sends is logged, not at debug either.
func TestLog(t *testing.T) {
	var b bytes.Buffer
	addr, stop := startStop(t, Config{Logger: logTo(&b)})
	got := post(t, addr, "/v1/runs", `{"source":"secret","stdin":"secret"}`)
	post(t, addr, "/v1/runs", `{"source":"secret","language":"cobol"}`)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "secret") {
		t.Error(b.String())
	}
	if !strings.Contains(b.String(), "request="+got.header.Get(requestIDHeader)+" method=POST route=/v1/runs status=200") {
		t.Error(b.String())
	}
}

// Many clients announce JSON, or a form, on every request, also where they send none.
func TestTypeWithoutBody(t *testing.T) {
	addr, key := start(t, Config{}), "/v1/verdicts/"+strings.Repeat("0", 64)
	for _, c := range []struct {
		body string
		want int
	}{{"", 404}, {"x=1", 415}} {
		if got := call1(t, "GET", addr, key, c.body, "Content-Type", "application/x-www-form-urlencoded"); got.status != c.want {
			t.Errorf("with body %q: got %d, want %d: %s", c.body, got.status, c.want, got.body)
		}
	}
}
