package store_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
	"borel/store"
	"borel/verify"
)

// printer is a Runner whose programs print themselves and a little more.
type printer struct{}

func (printer) Identity(context.Context, languages.Guest) (string, error) { return "fake", nil }
func (printer) Run(_ context.Context, _ languages.Guest, s sandbox.Spec) (sandbox.Result, error) {
	return sandbox.Result{Reason: sandbox.Finished, Returned: []uint32{0}, Fuel: 1, Stdout: fmt.Appendf(nil, "%s\n1 2 3 4 5 6 7 8 9 10\n", s.Steps[0].Source)}, nil
}

// BenchmarkRegrade decides kept verdicts of stdio checks under another comparator: 100 problems of two cases, each with
// BOREL_VERDICTS / 100 samples (default 10000 verdicts in all). It reports the time of one verdict.
func BenchmarkRegrade(b *testing.B) {
	n := 10_000
	if s := os.Getenv("BOREL_VERDICTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	s, err := store.Open(store.Config{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	v := verify.New(verify.Config{Runner: printer{}, Runs: s.Runs(), Verdicts: s.Verdicts()})
	for i := range 100 {
		p := problem.Problem{Check: problem.Check{Kind: problem.KindStdio, AllCases: true, Cases: []problem.Case{
			{Stdin: fmt.Sprint(i), Stdout: "0.5\n1 2 3 4 5 6 7 8 9 10\n"}, {Stdin: fmt.Sprint("x", i), Stdout: "0.25\n1 2 3 4 5 6 7 8 9 10\n"}}}}
		samples := make([]problem.Sample, n/100)
		for k := range samples {
			samples[k] = problem.Program(fmt.Sprint(float64(k) / 1000))
		}
		if _, err := v.VerifyAll(b.Context(), &p, samples, false, func(problem.Verdict) {}); err != nil {
			b.Fatal(err)
		}
	}
	tolerance, decided := 0, 0
	for b.Loop() {
		tolerance++
		compare := fmt.Sprintf("float:%de-3", tolerance)
		r, err := v.Regrade(b.Context(), problem.Regrade{Kind: problem.KindStdio, Change: problem.Change{Compare: &compare}}, func(problem.Regraded) {})
		if err != nil || r.Verdicts < n || r.Missing > 0 || r.Executed != 0 {
			b.Fatalf("%+v: %v", r, err)
		}
		decided += r.Verdicts
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(decided), "ns/verdict")
}
