package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"borel/eval"
	"borel/languages"
	"borel/problem"
	"borel/sampler"
	"borel/sandbox"
	"borel/store"
	"borel/verify"
	"borel/worker"
)

// dataFlags say where runs and verdicts are remembered.
type dataFlags struct {
	Data string `placeholder:"DIR" type:"path" help:"Folder of runs and verdicts (default $$XDG_DATA_HOME/borel or ~/.local/share/borel)."`
}

// dir is the folder, the default one where none was named.
func (f dataFlags) dir() (string, error) {
	if f.Data != "" {
		return f.Data, nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "borel"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", usage("no home folder is known to keep data in: name one with --data")
	}
	return filepath.Join(home, ".local", "share", "borel"), nil
}

// codeDir is the folder of compiled code, in the user's cache folder; empty, which keeps none, where there is no such.
func codeDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "borel", "code")
}

// variantFlags vary what a program should not depend on.
type variantFlags struct {
	Seed     int64         `placeholder:"N" help:"Seed of all randomness that a program can see (default 0)."`
	HashSeed uint32        `placeholder:"N" help:"Seed of the hashes of strings, and so of the order of sets (default 0)."`
	Start    problem.Start `placeholder:"TIME" help:"What a program's clock shows at first: RFC 3339, or seconds since 1970 (default 2026-01-01T00:00:00Z)."`
}

func (f variantFlags) variant() problem.Variant {
	return problem.Variant{Seed: f.Seed, HashSeed: f.HashSeed, Start: f.Start}
}

// judge decides samples and runs programs: in this process, or a server.
type judge interface {
	Run(ctx context.Context, r problem.RunRequest) (problem.Run, error)
	Verify(ctx context.Context, p *problem.Problem, s problem.Sample, fresh bool) (problem.Verdict, error)
	VerifyAll(ctx context.Context, p *problem.Problem, samples []problem.Sample, fresh bool, emit func(problem.Verdict)) (*problem.Selection, error)
	Regrade(ctx context.Context, r problem.Regrade, emit func(problem.Regraded)) (problem.RegradeReport, error)
}

// isolationFlags say where programs run.
type isolationFlags struct {
	Isolation        string `enum:"process,none" default:"process" help:"Where programs run: process, in confined worker processes, or none, in this one."`
	Engine           string `enum:"guarded,safe" default:"guarded" help:"How workers see to it that a program stays within its memory: guarded, by the processor, or safe, by checks, which takes more time. With --isolation=none, and where the system or this binary cannot guard, always by checks."`
	Workers          int    `help:"Worker processes (default: one for each processor)."`
	RequireIsolation bool   `help:"Fail unless this system gives every layer of isolation (see borel doctor)."`
}

// executor runs programs: worker processes, or this one.
type executor interface {
	verify.Runner
	Ready() error
	Wait(ctx context.Context) error
	Close() error
}

// executor starts what runs programs, which is ready later.
func (f isolationFlags) executor(ctx context.Context, log *slog.Logger) (executor, error) {
	switch {
	case f.Workers < 0:
		return nil, usage("--workers %d: must be positive", f.Workers)
	case f.Isolation != isolationNone:
		return worker.New(worker.Config{CacheDir: codeDir(), Workers: f.Workers, Safe: f.Engine == engineSafe, Require: f.RequireIsolation, Logger: log})
	case f.RequireIsolation:
		return nil, usage("--require-isolation and --isolation=none contradict one another")
	}
	return languages.New(ctx, languages.Config{CacheDir: codeDir(), Parallel: f.Workers, Logger: log})
}

const (
	isolationNone = "none"
	engineSafe    = "safe"
)

// engine is everything that judges on this machine.
type engine struct {
	*verify.Verifier
	store   *store.Store // nil: nothing is remembered
	runtime executor
}

// openEngine opens the store in dir, unless dir is empty, and starts what runs programs. Caches and Runner of cfg are set here.
func openEngine(ctx context.Context, c store.Config, f isolationFlags, cfg verify.Config) (*engine, error) {
	e := &engine{}
	if c.Dir != "" {
		s, err := store.Open(c)
		if err != nil {
			return nil, err
		}
		e.store = s
		cfg.Runs, cfg.Verdicts = s.Runs(), s.Verdicts()
	} else {
		cfg.Runs, cfg.Verdicts = verify.NewMemory(0), verify.NewMemory(0)
	}
	rt, err := f.executor(ctx, c.Logger)
	if err != nil {
		if errClose := e.Close(); errClose != nil {
			err = errors.Join(err, errClose)
		}
		return nil, err
	}
	e.runtime = rt
	cfg.Runner = rt
	e.Verifier = verify.New(cfg)
	return e, nil
}

// onceReady judges once programs can be run, where deciding runs any. Until then verdicts would be unknown, while samples can
// be drawn.
type onceReady struct {
	*verify.Verifier
	runtime executor
}

func (o onceReady) Verify(ctx context.Context, p *problem.Problem, s problem.Sample, fresh bool) (problem.Verdict, error) {
	if err := o.wait(ctx, p); err != nil {
		return problem.Verdict{}, err
	}
	return o.Verifier.Verify(ctx, p, s, fresh)
}

func (o onceReady) VerifyAll(ctx context.Context, p *problem.Problem, samples []problem.Sample, fresh bool, emit func(problem.Verdict)) (*problem.Selection, error) {
	if err := o.wait(ctx, p); err != nil {
		return nil, err
	}
	return o.Verifier.VerifyAll(ctx, p, samples, fresh, emit)
}

// wait returns once programs can be run, where p needs it; the error is ctx's own.
func (o onceReady) wait(ctx context.Context, p *problem.Problem) error {
	if !runsPrograms(p) {
		return nil
	}
	return started(ctx, o.runtime)
}

// started returns once programs can be run; the error is ctx's own.
func (e *engine) started(ctx context.Context) error { return started(ctx, e.runtime) }

func started(ctx context.Context, rt executor) error {
	for rt.Ready() != nil {
		if rt.Wait(ctx) == nil {
			return nil
		}
		select { // it is tried again, as the log says
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
	return nil
}

// evals carries out evaluation jobs, whose samples come from draws; without it they can be read.
func (e *engine) evals(m *Main, draws *sampler.Sampler) (*eval.Engine, error) {
	cfg := eval.Config{Store: e.store.Evals(), Verifier: onceReady{e.Verifier, e.runtime}, Parallel: parallelGroups(), Logger: m.log}
	if draws != nil {
		cfg.Sampler = draws
	}
	return eval.New(cfg)
}

// sandbox is what /readyz tells of where programs run.
func (e *engine) sandbox() map[string]any {
	p, ok := e.runtime.(*worker.Pool)
	if !ok {
		return map[string]any{"engine": modeOf(e.runtime), "isolation": isolationOf(isolationNone, nil)}
	}
	s := p.Status()
	return map[string]any{"engine": s.Mode, "workers": s.Workers, "ready": s.Ready, "ended": s.Ended, "checked": s.Checked, "faults": s.Faults, "fault": s.Fault, "isolation": isolationOf("process", s.Isolation)}
}

// modeOf is how rt compiles programs; empty where that is not known yet.
func modeOf(rt executor) sandbox.Mode {
	if p, ok := rt.(*worker.Pool); ok {
		return p.Status().Mode
	}
	return rt.(*languages.Runtime).Mode()
}

// Close writes out what is to be remembered.
func (e *engine) Close() error {
	var errs []error
	if e.runtime != nil {
		errs = append(errs, e.runtime.Close())
	}
	if e.store != nil {
		errs = append(errs, e.store.Close())
	}
	return errors.Join(errs...)
}

// serverFlags let a command use a running server.
type serverFlags struct {
	Server      string `placeholder:"URL" help:"Use this server instead of this process."`
	ServerToken string `placeholder:"TOKEN" help:"Bearer token for the server."`
	isolationFlags
}

// open returns what judges: the named server; else this process on the data folder; where a server holds that folder,
// this server; where another command does, this process without a memory. Where programs
// will be run it waits for the images, so that a missing one is one clear error. The caller closes.
func (f serverFlags) open(ctx context.Context, m *Main, data dataFlags, programs bool, cfg verify.Config) (judge, io.Closer, error) {
	if f.Server != "" {
		c, err := newClient(f.Server, f.ServerToken)
		return c, c, err
	}
	dir, err := data.dir()
	if err != nil {
		return nil, nil, err
	}
	e, err := openEngine(ctx, store.Config{Dir: dir, Logger: m.log}, f.isolationFlags, cfg)
	locked, ok := errors.AsType[*store.LockedError](err)
	switch {
	case ok && locked.Addr != "":
		m.say("asking the server at %s, which uses %s", locked.Addr, dir)
		c, err := newClient("http://"+locked.Addr, f.ServerToken)
		return c, c, err
	case ok:
		m.say("another command uses %s: nothing is remembered this time", dir)
		e, err = openEngine(ctx, store.Config{Logger: m.log}, f.isolationFlags, cfg)
	}
	if err != nil {
		return nil, nil, err
	}
	if programs {
		if err := e.runtime.Wait(ctx); err != nil {
			return nil, nil, errors.Join(err, e.Close())
		}
	}
	return e, e, nil
}

// say writes a line of progress.
func (m *Main) say(format string, a ...any) { fmt.Fprintf(m.Stderr, "borel: "+format+"\n", a...) }

// runsPrograms reports whether deciding a sample of p runs it.
func runsPrograms(p *problem.Problem) bool {
	return p.Check.Kind != problem.KindAnswer && p.Check.Kind != problem.KindProof && !p.Check.Votes()
}

// parallelGroups is how many problems are judged at once; each has samples of its own under way.
func parallelGroups() int { return 2 * runtime.GOMAXPROCS(0) }
