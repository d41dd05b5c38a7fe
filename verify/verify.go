// Package verify decides samples: it takes the program (or the answer) out of a sample, has it run, and judges what it
// did.
//
// The call to make is [Verifier.Verify] for one sample or [Verifier.VerifyAll] for many; [Verifier.Run] executes a
// program without a check. Each program is run once: what it did is kept in the run cache, and what a check made of
// it in the verdict cache, apart from it, so that a changed checker judges again without running again. Identical
// programs that arrive together share one run.
//
// A bad program is a verdict; a broken service is an error, and shows as a verdict with status unknown. The two are
// never mixed.
package verify

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
)

// Runner executes programs. A result is a pure function of the identity and the spec; an error is a fault of the
// service and says nothing about the program. Both methods are safe for concurrent use.
type Runner interface {
	// Identity names everything besides the spec that a result depends on: image, frozen memory, instrumentation,
	// harness, architecture.
	Identity(ctx context.Context, g languages.Guest) (string, error)
	Run(ctx context.Context, g languages.Guest, spec sandbox.Spec) (sandbox.Result, error)
}

// Cache remembers values under keys. It is safe for concurrent use. A value, once put, is either returned whole or
// not at all; a cache may forget. Get's slice is the caller's to keep.
type Cache interface {
	Get(k Key) (value []byte, ok bool, err error)
	Put(k Key, value []byte) error
}

// Scorer asks a reward model how good an answer is for a prompt. It is safe for concurrent use.
type Scorer interface {
	Score(ctx context.Context, model, prompt, answer string) (float64, error)
}

// Config is what a Verifier needs.
type Config struct {
	Runner   Runner
	Runs     Cache  // what programs did
	Verdicts Cache  // what checks decided, and reward models scored
	Scorer   Scorer // of checks that have a score; nil: there is none, and they are refused
	// Provers decide the proofs of each system, metamath and lean; proofs of others are unknown.
	Provers map[string]Prover
	// Parallel is how many samples of one VerifyAll are judged at once; 0 means 2 × GOMAXPROCS.
	Parallel int
}

// Verifier judges samples and runs programs. It is safe for concurrent use.
type Verifier struct {
	cfg         Config
	flights     flights[sandbox.Result]
	tailFlights flights[[]tail]
	kept        kept
	stats       struct{ executed, runHits, verdictHits, faults atomic.Int64 }
}

// New returns a Verifier.
func New(cfg Config) *Verifier {
	if cfg.Parallel <= 0 {
		cfg.Parallel = 2 * runtime.GOMAXPROCS(0)
	}
	return &Verifier{cfg: cfg}
}

// Stats counts since the Verifier was made.
type Stats struct {
	Executed    int64 // runs that a sandbox did
	RunHits     int64 // runs answered from the run cache
	VerdictHits int64 // verdicts answered from the verdict cache
	Faults      int64 // runs that failed by the service's fault, after their retry
}

// Stats returns the counts so far.
func (v *Verifier) Stats() Stats {
	return Stats{v.stats.executed.Load(), v.stats.runHits.Load(), v.stats.verdictHits.Load(), v.stats.faults.Load()}
}

// Languages lists the languages that can be run.
func (v *Verifier) Languages() []string { return languages.Names() }

// Verify judges one sample; fresh runs it again, whatever the caches hold. The error is an *[problem.Invalid] or ctx's own; a fault of the service is a verdict with
// status unknown.
func (v *Verifier) Verify(ctx context.Context, p *problem.Problem, s problem.Sample, fresh bool) (problem.Verdict, error) {
	j, err := v.judge(p, fresh)
	if err != nil {
		return problem.Verdict{}, err
	}
	if err := s.Validate("sample"); err != nil {
		return problem.Verdict{}, err
	}
	d, err := j.verdict(ctx, s)
	return d.Verdict, err
}

// chooser is implemented by checks that decide a set of samples rather than each of them.
type chooser interface {
	// admit refuses more samples than it can decide; the error is an *[problem.Invalid].
	admit(samples int) error
	// choose is called once, with the decisions in the order of the samples. The error is ctx's own.
	choose(ctx context.Context, all []decision) (*problem.Selection, error)
}

// VerifyAll judges samples in parallel and calls emit with each verdict as it comes, in no particular order and never
// concurrently; Verdict.Index is the sample's place. The selection is that of an agreement check, otherwise nil. The
// error is as Verify's; emit is not called after it returned.
func (v *Verifier) VerifyAll(ctx context.Context, p *problem.Problem, samples []problem.Sample, fresh bool, emit func(problem.Verdict)) (*problem.Selection, error) {
	j, err := v.judge(p, fresh)
	if err != nil {
		return nil, err
	}
	for i := range samples {
		if err := samples[i].Validate(indexed("samples", i)); err != nil {
			return nil, err
		}
	}
	set, chooses := j.check.(chooser)
	var all []decision
	if chooses {
		if err := set.admit(len(samples)); err != nil {
			return nil, err
		}
		all = make([]decision, len(samples))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		wg   sync.WaitGroup
		next atomic.Int64
		mu   sync.Mutex // held while emit runs
	)
	for range min(v.cfg.Parallel, len(samples)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(samples) {
					return
				}
				d, err := j.verdict(ctx, samples[i])
				if err != nil {
					cancel(err)
					return
				}
				d.Index = i
				if chooses {
					all[i] = d
				}
				mu.Lock()
				emit(d.Verdict)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil || !chooses {
		return nil, err
	}
	return set.choose(ctx, all)
}
