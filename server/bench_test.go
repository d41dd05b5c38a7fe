package server

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"borel/problem"
)

// cached answers as a verifier does that has seen everything.
type cached struct{ fake }

func (cached) VerifyAll(_ context.Context, _ *problem.Problem, samples []problem.Sample, _ bool, emit func(problem.Verdict)) (*problem.Selection, error) {
	for i := range samples {
		v := problem.Verdict{
			Index: i, Status: problem.Accepted, Extraction: "program", Fuel: 123456, VirtualSeconds: 0.0005, MemoryBytes: 1 << 20,
			Cached: true, Key: strings.Repeat("ab", 32), Behaviour: strings.Repeat("cd", 32),
		}
		v.SetReward()
		emit(v)
	}
	return nil, nil
}

func (cached) Run(context.Context, problem.RunRequest) (problem.Run, error) {
	return problem.Run{Reason: "finished", Stdout: "1\n", Key: strings.Repeat("ab", 32)}, nil
}

// What HTTP adds: everything but the connection and the verifier.
func BenchmarkHandler(b *testing.B) {
	s, err := New(Config{Verifier: cached{}})
	if err != nil {
		b.Fatal(err)
	}
	var samples []string
	for i := range 1000 {
		samples = append(samples, fmt.Sprintf(`{"program":"def f(): return %d\n%s"}`, i, strings.Repeat(`    x = 1 # abc\n`, 19)))
	}
	for _, c := range []struct{ name, path, body string }{
		{"run", "/v1/runs", `{"language":"python","source":"print(1)"}`},
		{"verify-1000", "/v1/verify", `{"problem":` + unit + `,"samples":[` + strings.Join(samples, ",") + `]}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest("POST", "http://localhost"+c.path, bytes.NewReader([]byte(c.body)))
				w := httptest.NewRecorder()
				s.Handler().ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
