// Package verify decides samples.
package verify

import (
	"context"

	"borel/problem"
	"borel/sandbox"
)

// Runner executes programs. A result is a pure function of the identity and the spec; an error is a fault of the
// service and says nothing about the program. Both methods are safe for concurrent use.
type Runner interface {
	// Identity names everything besides the spec that a result depends on: image, frozen memory, instrumentation,
	// harness, architecture.
	Identity(language string) (string, error)
	Run(ctx context.Context, language string, spec sandbox.Spec) (sandbox.Result, error)
}

// Key names a run or a verdict: a SHA-256 over length-prefixed fields.
type Key [32]byte

// Cache remembers values under keys. It is safe for concurrent use. A value, once put, is either returned whole or
// not at all; a cache may forget. Get's slice is the caller's to keep.
type Cache interface {
	Get(k Key) (value []byte, ok bool, err error)
	Put(k Key, value []byte) error
}

// Config is what a Verifier needs.
type Config struct {
	Runner   Runner
	Runs     Cache // what programs did; nil keeps them in memory
	Verdicts Cache // what checks decided; nil keeps them in memory
	// Parallel is how many samples of one VerifyAll are judged at once; 0 means 2 × GOMAXPROCS.
	Parallel int
}

// Verifier judges samples and runs programs, each at most once. It is safe for concurrent use.
type Verifier struct {
	cfg Config
}

// New returns a Verifier.
func New(cfg Config) *Verifier { return &Verifier{cfg: cfg} }

// Options of a request.
type Options struct {
	Fresh bool // run again, whatever the caches hold
}

// Run executes one program without any check. The error is an *[problem.Invalid], ctx's own, or a fault of the service.
func (v *Verifier) Run(ctx context.Context, r problem.RunRequest) (problem.Run, error) {
	panic("soon")
}

// Verify judges one sample. The error is an *[problem.Invalid] or ctx's own; a fault of the service is a verdict with
// status unknown.
func (v *Verifier) Verify(ctx context.Context, p *problem.Problem, s problem.Sample, o Options) (problem.Verdict, error) {
	panic("soon")
}

// VerifyAll judges samples in parallel and calls emit with each verdict as it comes, in no particular order and never
// concurrently; Verdict.Index is the sample's place. The error is as Verify's; emit is not called after it returned.
func (v *Verifier) VerifyAll(ctx context.Context, p *problem.Problem, samples []problem.Sample, o Options, emit func(problem.Verdict)) error {
	panic("soon")
}

// Languages lists the languages that can be run, sorted.
func (v *Verifier) Languages() []string { panic("soon") }
