package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"borel/problem"
	"borel/store"
	"borel/verify"
)

// openChecks is an engine for the figures of checks: one program at a time, in this process.
func openChecks(ctx context.Context, dir string) (*engine, error) {
	e, err := openEngine(ctx, store.Config{Dir: dir}, isolationFlags{Isolation: isolationNone}, verify.Config{Parallel: 1})
	if err != nil {
		return nil, err
	}
	if err := e.runtime.Wait(ctx); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// accepted judges a sample anew, and tells how long that took.
func accepted(ctx context.Context, e *engine, p *problem.Problem, s problem.Sample) (ms float64, err error) {
	return millis(func() error {
		v, err := e.Verify(ctx, p, s, true)
		if err == nil && v.Status != problem.Accepted {
			err = fmt.Errorf("%s: %s: %s%s", p.ID, v.Status, v.Message, v.Error)
		}
		return err
	})
}

//go:embed bench_asserts.py
var assertsOf string

// isolated asks the same of HumanEval's solutions in three ways, in turns: the asserts of their tests that compare with a
// literal, as unit tests in one interpreter, as unit tests in a sandbox of their own, and as calls.
func (b *bench) isolated(ctx context.Context) error {
	problems, err := b.humanevalProblems()
	if err != nil || problems == nil {
		return err
	}
	e, err := openChecks(ctx, "")
	if err != nil {
		return err
	}
	defer e.Close()
	var times, ratios [3][]float64
	for i := range problems {
		p := &problems[i]
		run, err := e.Verifier.Run(ctx, problem.RunRequest{Source: assertsOf, Stdin: p.Check.Tests})
		if err != nil {
			return err
		}
		var cases []problem.Case
		if err := json.Unmarshal([]byte(run.Stdout), &cases); err != nil {
			return fmt.Errorf("%s: the tests: %w: %s", p.ID, err, run.Stderr)
		}
		if len(cases) == 0 || p.Reference == nil {
			continue
		}
		var tests strings.Builder
		for _, c := range cases {
			fmt.Fprintf(&tests, "assert %s(*%s) == %s\n", p.Check.EntryPoint, c.ArgsLiteral, c.WantLiteral)
		}
		unit, split, calls := *p, *p, *p
		unit.Check.Tests, split.Check.Tests = tests.String(), tests.String()
		split.Check.Isolation = problem.Split
		calls.Check = problem.Check{Kind: problem.KindCalls, EntryPoint: p.Check.EntryPoint, Cases: cases, Compare: "float:1e-6"}
		var took [3][]float64
		for range 5 {
			for k, q := range []*problem.Problem{&unit, &split, &calls} {
				q.Reference = nil
				ms, err := accepted(ctx, e, q, *p.Reference)
				if err != nil {
					return err
				}
				took[k] = append(took[k], ms)
			}
		}
		for k := range took {
			times[k] = append(times[k], median(took[k]))
			ratios[k] = append(ratios[k], median(took[0])/median(took[k]))
		}
	}
	b.add(measured{"checks/unit", median(times[0]), "ms", "", 0})
	b.add(measured{"checks/split", median(times[1]), "ms", "unit tests in one interpreter", median(ratios[1])})
	b.add(measured{"checks/calls", median(times[2]), "ms", "unit tests in one interpreter", median(ratios[2])})
	return nil
}

// equalAnswers are pairs that are equal, and not as texts or numbers.
var equalAnswers = [][2]string{
	{`2\sqrt{2}`, `\sqrt{8}`}, {`x^2-1`, `(x-1)(x+1)`}, {`y=2x+1`, `2y-4x=2`}, {`\frac{\sqrt{2}}{2}`, `\frac{1}{\sqrt{2}}`}, {`\{1,2\}`, `\{2,1\}`},
	{`(-\infty,5)`, `x<5`}, {`\begin{pmatrix}1\\x+x\end{pmatrix}`, `\begin{pmatrix}1\\2x\end{pmatrix}`}, {`2^{x+1}`, `2\cdot 2^x`}, {`\pi/2`, `\frac{\pi}{2}`}, {`(1,2)\cup(2,3)`, `(2,3)\cup(1,2)`},
	{`3\pm\sqrt{5}`, `3+\sqrt5, 3-\sqrt5`}, {`\binom{5}{2}x`, `10x`}, {`(a+b)^3`, `a^3+3a^2b+3ab^2+b^3`}, {`\log_2 8 \cdot y`, `3y`}, {`\frac{x}{x+1}`, `1-\frac{1}{x+1}`},
}

// mathematics compares answers by SymPy.
func (b *bench) mathematics(ctx context.Context) error {
	e, err := openChecks(ctx, "")
	if err != nil {
		return err
	}
	defer e.Close()
	var all []float64
	for _, pair := range equalAnswers {
		p := problem.Problem{ID: pair[0], Check: problem.Check{Kind: problem.KindAnswer, Answer: pair[0], Equal: "math"}}
		var took []float64
		for range 10 {
			ms, err := accepted(ctx, e, &p, problem.Text(`\boxed{`+pair[1]+`}`))
			if err != nil {
				return err
			}
			took = append(took, ms)
		}
		all = append(all, median(took))
	}
	b.add(measured{"answer/math", median(all), "ms", "", 0})
	return nil
}

// agreement runs programs with 500 tests each.
func (b *bench) agreement(ctx context.Context) error {
	e, err := openChecks(ctx, "")
	if err != nil {
		return err
	}
	defer e.Close()
	const tests = 500
	p := problem.Problem{ID: "inc", Check: problem.Check{Kind: problem.KindAgreement, EntryPoint: "f"}}
	for i := 0; i < tests; i += 5 {
		var out strings.Builder
		for k := i; k < i+5; k++ {
			fmt.Fprintf(&out, "assert f(%d) == %d\n", k, k+1)
		}
		p.Check.GeneratedTests = append(p.Check.GeneratedTests, strings.TrimPrefix(out.String(), "assert "))
	}
	var each []float64
	for i := range 6 {
		samples := []problem.Sample{problem.Program(fmt.Sprintf("def f(x): return x + 1 # %d", i))}
		ms, err := millis(func() error {
			s, err := e.VerifyAll(ctx, &p, samples, false, func(problem.Verdict) {})
			if err == nil && s.Groups[0].Tests != tests {
				err = fmt.Errorf("agreement: %d of %d tests passed", s.Groups[0].Tests, tests)
			}
			return err
		})
		if err != nil {
			return err
		}
		if i > 0 { // the first finds out which tests are valid
			each = append(each, ms/tests)
		}
	}
	b.add(measured{"agreement/pair", median(each), "ms", "", 0})
	return nil
}

// regrade decides kept verdicts of 2,000 programs under another comparator.
func (b *bench) regrade(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "borel-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	e, err := openChecks(ctx, dir)
	if err != nil {
		return err
	}
	defer e.Close()
	const programs = 2000
	p := problem.Problem{ID: "half", Check: problem.Check{Kind: problem.KindStdio, Cases: []problem.Case{{Stdin: "1\n", Stdout: "0.5\n"}}}}
	samples := make([]problem.Sample, programs)
	for i := range samples {
		samples[i] = problem.Program(fmt.Sprintf("print(int(input()) / 2 + %d * 1e-5)", i))
	}
	if _, err := e.VerifyAll(ctx, &p, samples, false, func(problem.Verdict) {}); err != nil {
		return err
	}
	var each []float64
	for i := range 5 {
		compare := fmt.Sprintf("float:%de-4", i+1)
		r, err := e.Regrade(ctx, problem.Regrade{Kind: problem.KindStdio, Change: problem.Change{Compare: &compare}}, func(problem.Regraded) {})
		if err == nil && (r.Verdicts < programs || r.Missing > 0 || r.Executed > 0) {
			err = fmt.Errorf("regrade: %+v", r)
		}
		if err != nil {
			return err
		}
		each = append(each, r.Seconds*1000/float64(r.Verdicts))
	}
	b.add(measured{"regrade/verdict", median(each), "ms", "", 0})
	return nil
}
