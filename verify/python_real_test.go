package verify

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"borel/internal/real"
	"borel/languages"
	"borel/problem"
	"borel/sandbox"
)

// realVerifier runs Python and has empty caches.
func realVerifier(t *testing.T) *Verifier {
	t.Helper()
	rt := real.Python(t)
	return New(Config{Runner: rt, Runs: NewMemory(256 << 20), Verdicts: NewMemory(0)})
}

type humanEval struct {
	ID         string `json:"task_id"`
	Prompt     string
	EntryPoint string `json:"entry_point"`
	Solution   string `json:"canonical_solution"`
	Test       string
}

func (r humanEval) problem() *problem.Problem {
	return &problem.Problem{ID: r.ID, Prompt: r.Prompt, Check: problem.Check{
		Kind: problem.KindUnit, EntryPoint: r.EntryPoint, Tests: r.Test + "\ncheck(" + r.EntryPoint + ")\n",
	}}
}

// some is every nth row where the tests are to be short.
func some[T any](all []T, n int) (part []T) {
	if !testing.Short() {
		return all
	}
	for i := 0; i < len(all); i += n {
		part = append(part, all[i])
	}
	return part
}

// question is a problem with samples of it.
type question struct {
	*problem.Problem
	samples []problem.Sample
}

// statuses verifies all, problems in parallel, and returns the statuses and how many verdicts were cached.
func statuses(t *testing.T, v *Verifier, all []question) (got [][]problem.Status, cached int) {
	t.Helper()
	got = make([][]problem.Status, len(all))
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, 4)
	for i, q := range all {
		got[i] = make([]problem.Status, len(q.samples))
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			_, err := v.VerifyAll(t.Context(), q.Problem, q.samples, false, func(d problem.Verdict) {
				got[i][d.Index] = d.Status
				if d.Status == problem.Unknown {
					t.Errorf("%s, sample %d: unknown: %s", q.ID, d.Index, d.Error)
				}
				if d.Cached {
					mu.Lock()
					cached++
					mu.Unlock()
				}
			})
			if err != nil {
				t.Errorf("%s: %v", q.ID, err)
			}
		})
	}
	wg.Wait()
	return got, cached
}

func TestHumanEval(t *testing.T) {
	var all []question
	for _, r := range some(rows[humanEval](t, "HumanEval.jsonl.gz"), 10) {
		all = append(all, question{r.problem(), []problem.Sample{problem.Completion(r.Solution), problem.Completion("    pass\n")}})
	}
	got, _ := statuses(t, realVerifier(t), all)
	for i, s := range got {
		if s[0] != problem.Accepted {
			t.Errorf("%s: the canonical solution is %s", all[i].ID, s[0])
		}
		if s[1] == problem.Accepted {
			t.Errorf("%s: pass is accepted", all[i].ID)
		}
	}
}

// TestMBPP: the solutions are indented unlike the prompts' docstrings, so the program is the signature and the
// solution. Those that are rejected here python3 rejects too: ten lack an import, one recurses for ever.
func TestMBPP(t *testing.T) {
	rejected := strings.Fields("MbppEval/56 MbppEval/98 MbppEval/124 MbppEval/137 MbppEval/139 MbppEval/163 MbppEval/233 MbppEval/246 MbppEval/248 MbppEval/276 MbppEval/300")
	var all []question
	for _, r := range some(rows[humanEval](t, "mbpp_sanitized.jsonl.gz"), 10) {
		p := r.problem()
		p.Prompt, p.Check.EntryPoint = "", ""
		signature, _, _ := strings.Cut(r.Prompt, "    '''")
		signature, _, _ = strings.Cut(signature, `    """`)
		all = append(all, question{p, []problem.Sample{problem.Program(signature + r.Solution)}})
	}
	got, _ := statuses(t, realVerifier(t), all)
	for i, s := range got {
		if want := !slices.Contains(rejected, all[i].ID); (s[0] == problem.Accepted) != want {
			t.Errorf("%s: got %s, accepted by python3: %v", all[i].ID, s[0], want)
		}
	}
}

// TestCodex: what another runner recorded of 2,050 programs of a model, five seconds each. Programs that loop take
// most of the time, so that only every tenth is run unless BOREL_FULL is set.
func TestCodex(t *testing.T) {
	all := rows[struct{ Name, Program, Status string }](t, "multipl_e_python_davinci_subset.jsonl.gz")
	step := 10
	if os.Getenv("BOREL_FULL") != "" {
		step = 1
	} else if testing.Short() {
		step = 100
	}
	var asked []question
	var recorded []string
	for i := 0; i < len(all); i += step {
		p := &problem.Problem{ID: fmt.Sprintf("%s, row %d", all[i].Name, i), Limits: problem.Limits{Seconds: 5}, Check: problem.Check{Kind: problem.KindUnit}}
		asked = append(asked, question{p, []problem.Sample{problem.Program(all[i].Program)}})
		recorded = append(recorded, all[i].Status)
	}
	got, _ := statuses(t, realVerifier(t), asked)
	n := map[string]int{}
	for i, s := range got {
		n[recorded[i]]++
		agrees := false
		switch recorded[i] {
		case "OK":
			agrees = s[0] == problem.Accepted
		case "Timeout":
			agrees = s[0] == problem.TimeLimitExceeded
		case "Exception", "SyntaxError":
			agrees = s[0] != problem.Accepted && s[0] != problem.TimeLimitExceeded && s[0] != problem.Unknown
		}
		if !agrees {
			t.Errorf("%s: got %s, recorded %s", asked[i].ID, s[0], recorded[i])
		}
	}
	t.Logf("%d programs: %v", len(got), n)
}

// TestGSM8K: answers of four systems with the labels of their authors, through a Verifier that runs nothing.
func TestGSM8K(t *testing.T) {
	v := New(Config{Verdicts: NewMemory(0)})
	n := 0
	for _, r := range rows[map[string]any](t, "gsm8k_test_with_model_solutions.jsonl.gz") {
		truth := r["ground_truth"].(string)
		p := problem.Problem{Check: problem.Check{Kind: problem.KindAnswer, Equal: "number", Marker: "A:", Answer: strings.TrimSpace(truth[strings.LastIndex(truth, "A:")+2:])}}
		for name, s := range r {
			if s, ok := s.(map[string]any); ok {
				n++
				want := problem.WrongAnswer
				if s["is_correct"].(bool) {
					want = problem.Accepted
				}
				d, err := v.Verify(t.Context(), &p, problem.Text(s["solution"].(string)), false)
				if err != nil {
					t.Fatal(err)
				}
				if (d.Status == problem.Accepted) != (want == problem.Accepted) || d.Status == problem.Unknown || d.Reward == nil {
					t.Errorf("%s of %q: got %s, want %s", name, r["question"], d.Status, want)
				}
			}
		}
	}
	if n != 5276 {
		t.Errorf("%d answers, want 5276", n)
	}
}

// TestEachProgramRunsOnce: each canonical solution ten times and ten mutants of it, five that mean the same and five
// that return a constant; then all again.
func TestEachProgramRunsOnce(t *testing.T) {
	var all []question
	samples := 0
	for _, r := range some(rows[humanEval](t, "HumanEval.jsonl.gz"), 10) {
		q := question{r.problem(), nil}
		for i := range 10 {
			q.samples = append(q.samples, problem.Completion(r.Solution))
			if i < 5 {
				q.samples = append(q.samples, problem.Completion(r.Solution+fmt.Sprintf("\n# mutant %d\n", i)))
			} else {
				q.samples = append(q.samples, problem.Completion(fmt.Sprintf("    return %d\n", 1000+i)))
			}
		}
		samples += len(q.samples)
		all = append(all, q)
	}
	v := realVerifier(t)
	for pass := range 2 {
		got, cached := statuses(t, v, all)
		for i, s := range got {
			n := 0
			for _, s := range s {
				if s == problem.Accepted {
					n++
				}
			}
			if n != 15 {
				t.Errorf("%s: %d of 20 accepted, want 15", all[i].ID, n)
			}
		}
		if got, want := v.Stats().Executed, int64(11*len(all)); got != want {
			t.Errorf("pass %d: %d runs so far, want %d", pass, got, want)
		}
		if pass == 1 && cached != samples {
			t.Errorf("%d of %d verdicts are cached", cached, samples)
		}
	}
	t.Logf("%d samples, %+v", samples, v.Stats())
}

// TestLimitsAtTheEdge: a run under limits that its record decides gives the same, and under others it may not.
func TestLimitsAtTheEdge(t *testing.T) {
	if testing.Short() {
		t.Skip("one thing after another: nothing for the race detector")
	}
	rt := real.Python(t)
	lang, _ := languages.Find("python")
	for _, source := range []string{
		"print('x' * 1000)",
		"import time\ntime.sleep(1.25)\nprint('x' * 1000)",
		"import sys\nfor i in range(10**4): pass\nsys.stderr.write('x' * 2000)\nsys.exit(3)",
		"import os\nprint('x' * 1000, flush=True)\nos._exit(1)",
		"x = [0] * 10**9",
		"while True: print('x' * 1000)",
		"for i in range(10**4): pass\nimport time\ntime.sleep(10**6)",
	} {
		spec := lang.Spec(languages.Program{Steps: []string{source}, Limits: limits(problem.Limits{})})
		run := func(l sandbox.Limits) string {
			s := spec
			s.Limits = l
			res, err := rt.Run(t.Context(), lang.Guest(), s)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(res)
		}
		l := spec.Limits
		first, err := rt.Run(t.Context(), lang.Guest(), spec)
		if err != nil {
			t.Fatal(err)
		}
		r := record{l.Fuel, l.Virtual, l.Output, first}
		out := int64(max(len(first.Stdout), len(first.Stderr)))
		decided := 0
		for _, fuel := range []int64{first.Fuel - 1, first.Fuel, first.Fuel + 1, l.Fuel} {
			for _, virtual := range []time.Duration{first.Virtual - 1, first.Virtual, first.Virtual + 1, first.Virtual + 2, l.Virtual} {
				for _, output := range []int64{out - 1, out, out + 1, l.Output} {
					other := l
					other.Fuel, other.Virtual, other.Output = fuel, virtual, output
					if other.Output < 0 || !r.decides(other) {
						continue
					}
					decided++
					if got := run(other); got != fmt.Sprint(first) {
						t.Errorf("%q, %s: another result with fuel %d, virtual time %d, output %d", source, first.Reason, fuel-first.Fuel, virtual-first.Virtual, output-out)
					}
				}
			}
		}
		if decided == 0 || first.Reason == sandbox.Finished && decided < 4 {
			t.Errorf("%q, %s: the record decides %d pairs of limits", source, first.Reason, decided)
		}
	}
}
