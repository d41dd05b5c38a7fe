package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"borel/problem"
	"borel/verify"
)

type runCmd struct {
	File     string   `arg:"" help:"The program; - reads it from stdin."`
	Args     []string `arg:"" optional:"" passthrough:"" help:"Arguments of the program, after --."`
	Stdin    string   `placeholder:"FILE" help:"Its standard input; - is stdin. Default: empty."`
	Language string   `default:"python" help:"Its language."`
	Seconds  float64  `help:"Limit of work and of its clock, in seconds (default 10)."`
	MemoryMB int      `name:"memory-mb" help:"Limit of memory, in megabytes (default 256)."`
	OutputKB int      `name:"output-kb" help:"Limit of stdout and of stderr each, in kilobytes (default 1024)."`
	variantFlags
	Fresh bool `help:"Run again, whatever is remembered."`
	JSON  bool `name:"json" help:"Print the result as JSON."`
	dataFlags
	serverFlags
}

// Help is shown by borel run --help.
func (runCmd) Help() string {
	return "The exit code is the program's own. A program that was stopped has 124 (time), 137 (memory), 153 (output or files) or 139 (the interpreter broke), and stderr says why; 125 is a fault of borel itself, 2 bad usage."
}

// exitFault is a fault of ours in run, whose other codes are the program's.
const exitFault = 125

// stops are the exit codes of programs that were stopped: those of timeout(1), and 128 + the signal that a kernel
// sends for the same cause (SIGKILL, SIGXFSZ, SIGSEGV).
var stops = map[string]struct {
	code int
	say  string
}{
	"fuel":   {124, "stopped: the time limit is used up (--seconds)"},
	"sleep":  {124, "stopped: it slept past the time limit (--seconds)"},
	"memory": {137, "stopped: the memory limit is reached (--memory-mb)"},
	"output": {153, "stopped: the output limit is reached (--output-kb)"},
	"files":  {153, "stopped: the limit of files is reached"},
	"trap":   {139, "stopped: the interpreter broke"},
}

func (c *runCmd) Run(ctx context.Context, m *Main) error {
	err := flagFault(c.run(ctx, m))
	if _, ok := errors.AsType[*exit](err); err == nil || ok {
		return err
	}
	return &exit{exitFault, err}
}

func (c *runCmd) run(ctx context.Context, m *Main) (err error) {
	r := problem.RunRequest{
		Language: c.Language, Args: c.Args, Variant: c.variant(), Fresh: c.Fresh,
		Limits: problem.Limits{Seconds: c.Seconds, MemoryMB: c.MemoryMB, OutputKB: c.OutputKB},
	}
	if len(r.Args) > 0 && r.Args[0] == "--" {
		r.Args = r.Args[1:]
	}
	if c.File == "-" && c.Stdin == "-" {
		return usage("the program and its input cannot both be stdin")
	}
	if r.Source, err = m.readFile(c.File); err != nil {
		return err
	}
	if c.Stdin != "" {
		if r.Stdin, err = m.readFile(c.Stdin); err != nil {
			return err
		}
	}
	if err := r.Validate(""); err != nil {
		return err
	}
	c.Workers = cmp.Or(c.Workers, 1)
	j, closer, err := c.serverFlags.open(ctx, m, c.dataFlags, true, verify.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	run, err := j.Run(ctx, r)
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(m.Stdout).Encode(run)
	} else {
		_, err = io.WriteString(m.Stdout, run.Stdout)
		_, errStderr := io.WriteString(m.Stderr, run.Stderr)
		err = errors.Join(err, errStderr)
	}
	if err != nil {
		return err
	}
	if stop, ok := stops[run.Reason]; ok {
		return &exit{stop.code, errors.New(stop.say)}
	}
	if run.ExitCode != 0 {
		return &exit{code: run.ExitCode}
	}
	return nil
}

// readFile reads a whole file; - is stdin.
func (m *Main) readFile(name string) (string, error) {
	if name == "-" {
		b, err := io.ReadAll(m.Stdin)
		return string(b), err
	}
	b, err := os.ReadFile(name)
	return string(b), err
}
