package solver_test

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"borel/demo"
	"borel/internal/real"
	"borel/problem"
	"borel/solver"
	"borel/store"
	"borel/verify"
)

// gapProblem is a problem with recorded samples, of which the truth is known.
type gapProblem struct {
	id, prompt, mode string
	truth            problem.Check // decides, and is not shown to the solver
	samples          []problem.Sample
	logprobs         []float64 // of the samples; nil where the endpoint gave none
	tests            []string  // generated
}

// gapData is a set of problems, and the selectors that can choose among their samples.
type gapData struct {
	name      string
	problems  []gapProblem
	selectors []string
	sizes     []int // samples to choose among
}

// picked gives some of a problem's samples, in this order, and its generated tests to who asks for them.
type picked struct {
	p     *gapProblem
	order []int
}

func (s picked) Samples(_ context.Context, d problem.Draw) iter.Seq2[problem.Drawn, error] {
	return func(yield func(problem.Drawn, error) bool) {
		for i := d.First; i < d.First+d.N; i++ {
			var drawn problem.Drawn
			if strings.HasSuffix(d.Prompt, "\nassert ") {
				if i >= len(s.p.tests) {
					return
				}
				drawn = problem.Drawn{Index: i, Sample: problem.Completion(s.p.tests[i])}
			} else {
				of := s.order[i]
				drawn = problem.Drawn{Index: i, Sample: s.p.samples[of]}
				if s.p.logprobs != nil {
					drawn.LogProb = &s.p.logprobs[of]
				}
			}
			if !yield(drawn, nil) {
				return
			}
		}
	}
}

// outcome is one choice.
type outcome struct {
	evidence solver.Evidence
	right    bool
	drawn    int
}

// TestGap reports which share of the way from a random pick to any right sample each selector goes, and what became of its
// strengths, on recorded samples of real models: on all with BOREL_FULL=1, otherwise on a few. BOREL_CACHE names a folder
// that keeps what programs did. BOREL_LIVE names a file of more samples: lines of
// {"problem":{…},"mode":"completion","samples":[{"completion":"…","logprob":-0.3},…]}.
func TestGap(t *testing.T) {
	full := os.Getenv("BOREL_FULL") != ""
	v := gapVerifier(t)
	calibration := map[string][]outcome{}
	for _, d := range gapSets(t, full) {
		began := time.Now()
		truths := make([][]bool, len(d.problems))
		for i := range d.problems {
			truths[i] = judgeAll(t, v, &d.problems[i])
		}
		t.Logf("%s: %d problems; judged in %.1f s", d.name, len(d.problems), time.Since(began).Seconds())
		for _, by := range d.selectors {
			for _, n := range d.sizes {
				random, oracle, selected, outcomes := gap(t, v, &d, truths, by, n)
				t.Logf("| %s | %s | %d | %.3f | %.3f | %.3f | %.2f |", d.name, by, n, random, selected, oracle, (selected-random)/max(oracle-random, 1e-9))
				for _, o := range outcomes {
					calibration[o.evidence.Kind] = append(calibration[o.evidence.Kind], o)
				}
				if selected > oracle+1e-9 {
					t.Errorf("%s, %s: selected %v is above any of the samples, %v", d.name, by, selected, oracle)
				}
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(calibration)) {
		reportCalibration(t, kind, calibration[kind])
	}
}

// gap is the mean, over problems and some random picks of n samples, of what a random pick, any sample, and the selector
// have right.
func gap(t *testing.T, v *verify.Verifier, d *gapData, truths [][]bool, by string, n int) (random, oracle, selected float64, all []outcome) {
	rounds := 20
	if n >= 30 {
		rounds = 8
	}
	if os.Getenv("BOREL_FULL") == "" {
		rounds = 3
	}
	selector, until, _ := strings.Cut(by, " until ")
	selector, tested := strings.CutSuffix(selector, " + codet")
	count := 0.0
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, 4)
	for i := range d.problems {
		p := &d.problems[i]
		size := min(n, len(p.samples))
		for round := range rounds {
			if size == len(p.samples) && round > 2 {
				break
			}
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				order := rand.New(rand.NewPCG(uint64(round), uint64(i))).Perm(len(p.samples))[:size]
				r := solver.Request{
					Problem: problem.Problem{ID: p.id, Prompt: p.prompt, Limits: problem.Limits{Seconds: 3}},
					Draw:    problem.Draw{Model: "m", Mode: p.mode, N: size}, Select: selector, Until: cmp.Or(until, solver.All),
				}
				if tested || selector == solver.CodeT {
					r.GenerateTests = min(20, len(p.tests))
				}
				rep, err := solver.New(picked{p, order}, v, 2).Solve(t.Context(), r, nil)
				if err != nil {
					t.Errorf("%s: %v", p.id, err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				right := 0
				for _, k := range order {
					if truths[i][k] {
						right++
					}
				}
				random += float64(right) / float64(size)
				if right > 0 {
					oracle++
				}
				o := outcome{*rep.Best.Evidence, truths[i][order[rep.Best.Index]], rep.Counts.Samples}
				if o.right {
					selected++
				}
				all = append(all, o)
				count++
			})
		}
	}
	wg.Wait()
	drawn := 0
	for _, o := range all {
		drawn += o.drawn
	}
	if until != "" {
		t.Logf("%s: %.1f samples drawn on average, of %d", by, float64(drawn)/count, n)
	}
	return random / count, oracle / count, selected / count, all
}

// judgeAll tells which samples are right.
func judgeAll(t *testing.T, v *verify.Verifier, p *gapProblem) []bool {
	right := make([]bool, len(p.samples))
	q := problem.Problem{ID: p.id, Prompt: p.prompt, Check: p.truth, Limits: problem.Limits{Seconds: 3}}
	_, err := v.VerifyAll(t.Context(), &q, p.samples, false, func(d problem.Verdict) { right[d.Index] = d.Status == problem.Accepted })
	if err != nil {
		t.Fatalf("%s: %v", p.id, err)
	}
	return right
}

// reportCalibration compares strengths with what came of them, in bins of ten per cent.
func reportCalibration(t *testing.T, kind string, all []outcome) {
	var n, right [10]int
	var sum [10]float64
	brier := 0.0
	for _, o := range all {
		b := min(9, int(o.evidence.Strength*10))
		n[b]++
		sum[b] += o.evidence.Strength
		truth := 0.0
		if o.right {
			truth = 1
			right[b]++
		}
		brier += (o.evidence.Strength - truth) * (o.evidence.Strength - truth)
	}
	var line strings.Builder
	off := 0.0
	for b := range n {
		if n[b] > 0 {
			said, saw := sum[b]/float64(n[b]), float64(right[b])/float64(n[b])
			fmt.Fprintf(&line, " | %.2f → %.2f (%d)", said, saw, n[b])
			off += float64(n[b]) / float64(len(all)) * max(said-saw, saw-said)
		}
	}
	t.Logf("calibration of %s: %d choices, Brier %.3f, off by %.3f on average: said → saw%s", kind, len(all), brier/float64(len(all)), off, line.String())
}

// gapVerifier keeps what programs did in BOREL_CACHE, or for the test.
func gapVerifier(t *testing.T) *verify.Verifier {
	dir := os.Getenv("BOREL_CACHE")
	if dir == "" {
		return realVerifier(t)
	}
	s, err := store.Open(store.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return verify.New(verify.Config{Runner: real.Python(t), Runs: s.Runs(), Verdicts: s.Verdicts()})
}

// gapSets are the data, whole or a part of it.
func gapSets(t *testing.T, full bool) (sets []gapData) {
	if gsm := gsmGap(t, full); len(gsm) > 0 {
		sets = append(sets, gapData{"GSM8K, four systems", gsm, []string{"auto"}, []int{4}})
	}
	sums, code := demoGap(t)
	sets = append(sets, gapData{"arithmetic, SmolLM2", sums, []string{"auto", "auto until confident"}, []int{10, 30, 100, 200}})
	if full {
		sets = append(sets, gapData{"small functions, SmolLM2, no examples", code, []string{"auto"}, []int{10, 30, 100}})
	}
	if name := os.Getenv("BOREL_LIVE"); name != "" {
		sums, code := liveGap(t, name)
		sets = append(sets, gapData{"arithmetic, SmolLM2, with logprobs", sums, []string{"auto", "logprob", "weighted_majority"}, []int{10, 30, 100}},
			gapData{"small functions, SmolLM2, examples", code, []string{"auto", "logprob", "cluster", "auto until first_accepted"}, []int{10, 30, 96}})
	}
	if blind, seen := humanEvalGap(t, full); len(blind) > 0 {
		sets = append(sets,
			gapData{"HumanEval, examples in the prompt", seen, []string{"auto", "first_accepted", "staged + codet", "auto until first_accepted", "auto until confident"}, []int{10, 30, 100}},
			gapData{"HumanEval, no examples", blind, []string{"auto", "mbr", "auto until confident", "codet"}, []int{10, 30, 100}})
	}
	if !full {
		for i := range sets {
			sets[i].sizes = sets[i].sizes[:1]
		}
	}
	return sets
}

type codeTRow struct {
	dataRow
	Solutions  []string
	Tests      []string `json:"generated_tests"`
	TestPrompt string   `json:"test_prompt"`
}

// humanEvalGap is CodeT's data: as it is, and with the prompts that have their examples. The samples are the same: the model
// saw none.
func humanEvalGap(t *testing.T, full bool) (blind, seen []gapProblem) {
	all := rowsIfThere[codeTRow](t, "codet_codegen16b_humaneval_subset.jsonl.gz")
	prompts := map[string]string{}
	for _, r := range rowsIfThere[dataRow](t, "HumanEval.jsonl.gz") {
		prompts[r.ID] = r.Prompt
	}
	if !full {
		all = all[:min(2, len(all))]
	}
	for _, r := range all {
		p := gapProblem{id: r.ID, prompt: r.Prompt, mode: "completion", tests: r.Tests,
			truth: problem.Check{Kind: problem.KindUnit, EntryPoint: r.EntryPoint, Tests: r.Test + "\ncheck(" + r.EntryPoint + ")\n"}}
		for _, s := range r.Solutions {
			p.samples = append(p.samples, problem.Completion(s))
		}
		if !full {
			p.samples, p.tests = p.samples[:20], p.tests[:10]
		}
		blind = append(blind, p)
		if prompt := prompts[r.ID]; prompt != "" {
			p.prompt = prompt
			seen = append(seen, p)
		}
	}
	return blind, seen
}

func gsmGap(t *testing.T, full bool) (all []gapProblem) {
	type solution struct{ Solution string }
	rows := rowsIfThere[struct {
		Question string
		Truth    string   `json:"ground_truth"`
		A        solution `json:"6b_finetuning"`
		B        solution `json:"6b_verification"`
		C        solution `json:"175b_finetuning"`
		D        solution `json:"175b_verification"`
	}](t, "gsm8k_test_with_model_solutions.jsonl.gz")
	if !full {
		rows = rows[:min(20, len(rows))]
	}
	for i, r := range rows {
		_, answer, _ := strings.Cut(r.Truth, "\nA: ")
		all = append(all, gapProblem{id: fmt.Sprint("gsm8k/", i), prompt: r.Question, mode: "chat",
			truth:   problem.Check{Kind: problem.KindAnswer, Equal: "number", Answer: answer},
			samples: []problem.Sample{problem.Text(r.A.Solution), problem.Text(r.B.Solution), problem.Text(r.C.Solution), problem.Text(r.D.Solution)}})
	}
	return all
}

// demoGap is what the demo shows: word problems and small functions.
func demoGap(t *testing.T) (sums, code []gapProblem) {
	items, err := demo.Items()
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range items {
		p := gapProblem{id: item.Problem.ID, prompt: item.Problem.Prompt, mode: item.Draw.Mode, truth: item.Problem.Check, samples: item.Samples}
		if p.truth.Kind == problem.KindAnswer {
			sums = append(sums, p)
		} else {
			code = append(code, p)
		}
	}
	return sums, code
}

// liveGap reads samples that were drawn with log probabilities.
func liveGap(t *testing.T, name string) (sums, code []gapProblem) {
	for _, r := range rows[struct {
		Problem problem.Problem
		Mode    string
		Samples []struct {
			problem.Sample
			LogProb *float64
		}
	}](t, name) {
		p := gapProblem{id: r.Problem.ID, prompt: r.Problem.Prompt, mode: r.Mode, truth: r.Problem.Check}
		for _, s := range r.Samples {
			if s.LogProb == nil {
				continue
			}
			p.samples, p.logprobs = append(p.samples, s.Sample), append(p.logprobs, *s.LogProb)
		}
		if p.truth.Kind == problem.KindAnswer {
			sums = append(sums, p)
		} else {
			code = append(code, p)
		}
	}
	return sums, code
}
