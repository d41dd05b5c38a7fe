// Command borel draws many samples of language models, decides each by running it in a sandbox, and counts.
//
//	borel serve --endpoint http://127.0.0.1:8000/v1      the HTTP API, see docs/api.md
//	borel verify --problems F --samples F                verdicts and pass@k of recorded samples
//	borel eval DATASET --endpoint URL --model M -n N     draws, judges, counts; run again to go on: see docs/eval.md
//	borel run FILE.py                                    one program in a fresh sandbox
//	borel --help                                         the rest
//
// Results go to stdout and progress to stderr. Each flag --some-flag can be given as the environment variable
// BOREL_SOME_FLAG. Exit codes: 0 done, 1 error, 2 bad usage, 3 done but some verdicts are unknown, 4 a gate of
// --fail-under is not met; borel run has the program's own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"borel/dataset/harness"
	"borel/problem"

	"github.com/alecthomas/kong"
)

// commands is the command line. A command is a struct with a Run method; adding one takes a line here.
type commands struct {
	Serve    serveCmd    `cmd:"" help:"Answer HTTP requests: run, verify, solve, coverage."`
	Run      runCmd      `cmd:"" help:"Run one program in a fresh sandbox; its output, its exit code."`
	Verify   verifyCmd   `cmd:"" help:"Judge recorded samples: verdicts as JSON lines, and a table of pass@k."`
	Solve    solveCmd    `cmd:"" help:"Draw samples of one problem, judge them, and print the best answer."`
	Eval     evalCmd     `cmd:"" help:"Evaluate a model on a dataset: draw, judge, count; the same command again goes on where it ended."`
	Evals    evalsCmd    `cmd:"" help:"List, show, extend, cancel, regrade and delete the jobs of borel eval."`
	Audit    auditCmd    `cmd:"" help:"Judge the judge: are references accepted, faulty programs rejected, verdicts the same under other seeds?"`
	Regrade  regradeCmd  `cmd:"" help:"Decide what is remembered once more, with another comparator or a newer checker, and run nothing."`
	Coverage coverageCmd `cmd:"" help:"Turn counts or verdicts into pass@k with intervals, a fit, a picture."`
	Replay   replayCmd   `cmd:"" help:"Serve recorded samples as an OpenAI-compatible endpoint."`
	Demo     demoCmd     `cmd:"" help:"Solve the bundled problems on recorded samples of a real model, then again from the cache."`
	Bench    benchCmd    `cmd:"" help:"Measure speed and memory here, each figure beside what it is compared with."`
	Doctor   doctorCmd   `cmd:"" help:"Show what this machine and this binary offer."`
	Images   imagesCmd   `cmd:"" help:"Show the interpreters in this binary and the packages that programs find in them."`
	Cache    cacheCmd    `cmd:"" help:"Look after the folder of runs and verdicts."`
	Version  versionCmd  `cmd:"" help:"Show the version."`
	Worker   workerCmd   `cmd:"" hidden:"" help:"What the other commands run programs in."`

	LogLevel slog.Level `default:"warn" placeholder:"LEVEL" help:"Log to stderr from this level on: debug, info, warn or error."`
}

// Main is one invocation of the program, so that tests can start the real one with streams of their own.
type Main struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer // Stderr is written by several goroutines at once

	// Listening, unless nil, is told the address once serve or replay listens.
	Listening func(addr string)

	log *slog.Logger
}

// Exit codes; see the package comment.
const (
	exitError   = 1
	exitUsage   = 2
	exitUnknown = 3
	exitGate    = 4
)

// exit ends a command with a code of its own and, unless err is nil, a message.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string { return fmt.Sprint(e.err) }
func (e *exit) Unwrap() error { return e.err }

// usage is bad usage: what the flags say cannot be done.
func usage(format string, a ...any) error { return &exit{exitUsage, fmt.Errorf(format, a...)} }

// flagFault makes what a package refused bad usage, where it came from flags.
func flagFault(err error) error {
	if invalid, ok := errors.AsType[*problem.Invalid](err); ok {
		return &exit{exitUsage, invalid}
	}
	return err
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	m := &Main{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	code := m.Run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// Run parses args, does what they say and returns the exit code.
func (m *Main) Run(ctx context.Context, args []string) int {
	var c commands
	ended := false // by --help
	parser, err := kong.New(&c,
		kong.Name("borel"),
		kong.Description("Best-of-N by execution: draw samples, run each in a sandbox, count. Each flag has an environment variable: --some-flag is BOREL_SOME_FLAG. Exit codes: 0 done, 1 error, 2 bad usage, 3 done but some verdicts are unknown, 4 a gate is not met."),
		kong.Writers(m.Stdout, m.Stderr),
		kong.Exit(func(int) { ended = true }),
		kong.DefaultEnvars("BOREL"),
		kong.Vars{"apis": strings.Join(apiNames(), ", "), "formats": strings.Join(harness.Names(), ", ")},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(m),
	)
	if err != nil {
		return m.fail(err)
	}
	parsed, err := parser.Parse(args)
	if ended {
		return 0
	}
	if err != nil {
		return m.fail(usage("%w; see borel --help", err))
	}
	m.log = slog.New(slog.NewTextHandler(m.Stderr, &slog.HandlerOptions{Level: c.LogLevel}))
	return m.fail(parsed.Run())
}

// fail tells err and returns the exit code.
func (m *Main) fail(err error) int {
	if err == nil {
		return 0
	}
	code := exitError
	if e, ok := errors.AsType[*exit](err); ok {
		code = e.code
		if e.err == nil {
			return code
		}
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	fmt.Fprintf(m.Stderr, "borel: %v\n", err)
	return code
}
