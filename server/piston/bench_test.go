package piston_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"borel/internal/servertest"
)

// What a job takes here and as a run of the server's own, in turn, each program run for the first time: the medians.
func BenchmarkExecute(b *testing.B) {
	f := open(b, servertest.Verifier(b), nil)
	var took [2][]time.Duration
	post := func(which, n int, path string, body func(source string) string) {
		began := time.Now()
		if got := f.Do(b, "POST", path, body(fmt.Sprintf("print(%d)", n))); got.Status != http.StatusOK {
			b.Fatal(got.Body)
		}
		took[which] = append(took[which], time.Since(began))
	}
	n := 0
	for b.Loop() {
		post(0, n, "/v1/runs", func(source string) string { return servertest.Object("source", source, "stdin", "1\n") })
		post(1, n+1, "/api/v2/execute", func(source string) string { return program(source, "stdin", "1\n") })
		n += 2
	}
	for i, name := range []string{"runs", "execute"} {
		slices.Sort(took[i])
		b.ReportMetric(float64(took[i][len(took[i])/2].Microseconds()), name+"-µs")
	}
}
