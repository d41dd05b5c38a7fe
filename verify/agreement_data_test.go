package verify

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"borel/coverage"
	"borel/problem"
)

// codeT is a problem of CodeT's release: completions, and generated tests that continue a prompt which ends in assert.
type codeT struct {
	humanEval
	Solutions []string
	Tests     []string `json:"generated_tests"`
}

const codeTFile = "codet_codegen16b_humaneval_subset.jsonl.gz"

// agreement asks for a selection, and apart from it for what HumanEval's own tests say within the three seconds that
// HumanEval's own runner gives.
func (r codeT) agreement(by string) (*problem.Problem, []problem.Sample) {
	held := r.problem().Check
	p := &problem.Problem{ID: r.ID, Limits: problem.Limits{Seconds: 3}, Prompt: r.Prompt, Check: problem.Check{
		Kind: problem.KindAgreement, EntryPoint: r.EntryPoint, GeneratedTests: r.Tests, Select: by, HeldOut: &held}}
	samples := make([]problem.Sample, len(r.Solutions))
	for i, s := range r.Solutions {
		samples[i] = problem.Completion(s)
	}
	return p, samples
}

// ranked are the groups of a selection as counts of right samples. Groups of equal score are one, and those that pass
// nothing count only where there are no others: all of that as in CodeT.
func ranked(s *problem.Selection, right []bool) (groups []coverage.Count) {
	last := -1.0
	for _, g := range s.Groups {
		if g.Score == 0 && len(groups) > 0 {
			break
		}
		if g.Score != last {
			groups = append(groups, coverage.Count{})
		}
		last = g.Score
		n := &groups[len(groups)-1]
		for _, i := range g.Samples {
			n.N++
			if right[i] {
				n.C++
			}
		}
	}
	return groups
}

// TestCodeT reports pass@k of the selection on CodeGen's samples, beside that of a random pick, on the problems of
// CodeT's data that are there: all with BOREL_FULL=1, otherwise the first with a part of its samples.
func TestCodeT(t *testing.T) {
	all := rows[codeT](t, codeTFile)
	full := os.Getenv("BOREL_FULL") != ""
	if !full {
		all = all[:1]
		all[0].Solutions, all[0].Tests = all[0].Solutions[:30], all[0].Tests[:30]
	}
	v := realVerifier(t)
	for _, by := range []string{problem.SelectCodeT, problem.SelectMBR, problem.SelectCluster} {
		t.Run(by, func(t *testing.T) {
			before := v.Stats().Executed
			ks := []int{1, 2, 10}
			sum := make([][3]float64, len(ks)) // selection, random, oracle
			began := time.Now()
			for _, r := range all {
				p, samples := r.agreement(by)
				right := make([]bool, len(samples))
				n := 0
				sel, err := v.VerifyAll(t.Context(), p, samples, false, func(d problem.Verdict) {
					right[d.Index] = d.Status == problem.Accepted
					if right[d.Index] {
						n++
					}
					if d.Status == problem.Unknown || d.Status == problem.NotJudged {
						t.Errorf("%s: sample %d: %s %s", r.ID, d.Index, d.Status, d.Error)
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				for i, k := range ks {
					selected, err := coverage.Ranked(ranked(sel, right), k)
					if err != nil {
						t.Fatal(err)
					}
					random, err := coverage.PassAtK(len(samples), n, k)
					if err != nil {
						t.Fatal(err)
					}
					sum[i][0] += selected
					sum[i][1] += random
					if n > 0 {
						sum[i][2]++
					}
				}
				t.Logf("%s: %d of %d right, %d groups, %d tests, selected %v, differ on %+v", r.ID, n, len(samples), len(sel.Groups), sel.Tests, right[sel.Index], sel.Differs)
			}
			took := time.Since(began)
			for i, k := range ks {
				n := float64(len(all))
				t.Logf("pass@%d: %s %.4f, random %.4f, oracle %.4f", k, by, sum[i][0]/n, sum[i][1]/n, sum[i][2]/n)
			}
			t.Logf("%s: %d problems, %d runs, %.1f s", by, len(all), v.Stats().Executed-before, took.Seconds())
			if by == problem.SelectCluster && v.Stats().Executed != before {
				t.Error("the outputs were known, and run again")
			}
		})
	}
}

// TestRecordCodeT writes what CodeT's selection sees of each sample, and the truth, to the file BOREL_RECORD: it is
// coverage/testdata/codet_sets.jsonl.gz. The answer of a sample is the set of generated tests that it passes, its score the
// number of them, squared: then the answer with the greatest sum of scores, samples × tests², is CodeT's best group, of score
// √samples × tests, among any of the samples.
func TestRecordCodeT(t *testing.T) {
	name := os.Getenv("BOREL_RECORD")
	if name == "" {
		t.Skip("BOREL_RECORD names no file")
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := gzip.NewWriter(f)
	to := json.NewEncoder(z)
	v := realVerifier(t)
	for _, r := range rows[codeT](t, codeTFile) {
		p, samples := r.agreement(problem.SelectCodeT)
		set := coverage.Set{Problem: r.ID, Samples: make([]coverage.Scored, len(samples))}
		sel, err := v.VerifyAll(t.Context(), p, samples, false, func(d problem.Verdict) {
			set.Samples[d.Index].Right = d.Status == problem.Accepted
			set.Samples[d.Index].Unknown = d.Status == problem.Unknown || d.Status == problem.NotJudged
		})
		if err != nil {
			t.Fatal(err)
		}
		for n, g := range sel.Groups {
			for _, i := range g.Samples {
				if g.Score > 0 {
					set.Samples[i].Answer, set.Samples[i].Score = fmt.Sprint(n), float64(g.Tests*g.Tests)
				}
			}
		}
		if err := to.Encode(set); err != nil {
			t.Fatal(err)
		}
		t.Log(r.ID)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}
