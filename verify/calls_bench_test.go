package verify

import (
	"bufio"
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"borel/internal/real"
	"borel/problem"
)

// recorder is put behind a solution and its tests: it prints every call of the entry point as two literals.
const recorder = `
import json as _json
def _recorded(f):
    def call(*args):
        before = repr(list(args))
        result = f(*args)
        print(_json.dumps({"args_literal": before, "want_literal": repr(result)}))
        return result
    return call
`

// callsOf makes a calls check of a unit check: the calls that the tests make, with what the solution returns.
func callsOf(t testing.TB, v *Verifier, r humanEval) *problem.Problem {
	t.Helper()
	p := r.problem()
	source := r.Prompt + r.Solution + recorder + r.EntryPoint + " = _recorded(" + r.EntryPoint + ")\n" + p.Check.Tests
	run, err := v.Run(t.Context(), problem.RunRequest{Source: source})
	if err != nil || run.Reason != "finished" {
		t.Fatalf("%s: %v %s %s", r.ID, err, run.Reason, run.Stderr)
	}
	p.Check = problem.Check{Kind: problem.KindCalls, EntryPoint: r.EntryPoint}
	seen := map[string]bool{}
	for lines := bufio.NewScanner(bytes.NewReader([]byte(run.Stdout))); lines.Scan(); {
		var k problem.Case
		if json.Unmarshal(lines.Bytes(), &k) == nil && k.ArgsLiteral != "" && !seen[k.ArgsLiteral] {
			seen[k.ArgsLiteral] = true
			p.Check.Cases = append(p.Check.Cases, k)
		}
	}
	return p
}

// BenchmarkHumanEval times the canonical solutions judged in one interpreter, split and by calls, in turns, nothing cached.
// The ratios are medians over the problems, each of which takes the least of its times.
func BenchmarkHumanEval(b *testing.B) {
	rt := real.Python(b)
	v := New(Config{Runner: rt, Runs: NewMemory(256 << 20), Verdicts: NewMemory(0)})
	type row struct {
		judges []*judge
		sample problem.Sample
		best   []time.Duration
	}
	var all []row
	for _, r := range rows[humanEval](b, "HumanEval.jsonl.gz") {
		split := r.problem()
		split.Check.Isolation = problem.Split
		q := row{sample: problem.Program(r.Prompt + r.Solution), best: make([]time.Duration, 3)}
		for _, p := range []*problem.Problem{r.problem(), split, callsOf(b, v, r)} {
			if p.Check.Kind == problem.KindCalls && len(p.Check.Cases) == 0 {
				continue
			}
			j, err := v.judge(p, true)
			if err != nil {
				b.Fatal(r.ID, err)
			}
			q.judges = append(q.judges, j)
		}
		all = append(all, q)
	}
	for b.Loop() {
		for i := range all {
			for n, j := range all[i].judges {
				began := time.Now()
				d, err := j.verdict(b.Context(), all[i].sample)
				took := time.Since(began)
				if err != nil || d.Status != problem.Accepted {
					b.Fatalf("%s: %v %s %s %s", j.p.ID, err, d.Status, d.Message, d.Error)
				}
				if best := &all[i].best[n]; *best == 0 || took < *best {
					*best = took
				}
			}
		}
	}
	for n, name := range []string{"unit", "split", "calls"} {
		var times, ratios []float64
		for _, q := range all {
			if n < len(q.judges) {
				times = append(times, q.best[n].Seconds()*1000)
				ratios = append(ratios, q.best[n].Seconds()/q.best[0].Seconds())
			}
		}
		slices.Sort(times)
		slices.Sort(ratios)
		b.ReportMetric(times[len(times)/2], name+"-ms")
		b.ReportMetric(ratios[len(ratios)/2], name+"/unit")
		b.ReportMetric(ratios[len(ratios)*9/10], name+"/unit-p90")
		b.ReportMetric(float64(len(times)), name+"-problems")
	}
}
