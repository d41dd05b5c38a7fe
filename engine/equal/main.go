// Equal shows that programs do the same whatever their code was made by: wazero as it was released (stock), with the patches of
// this folder and every check (safe), or on guarded memory (guarded). `make equal` builds it twice, with the patches and
// without, records what every program of three corpora does under each, and compares:
//
//	equal record stock >stock.jsonl      # by a binary without the patches
//	equal record safe >safe.jsonl
//	equal record guarded >guarded.jsonl
//	equal compare stock.jsonl safe.jsonl guarded.jsonl
//
// Programs run where borel runs them, in worker processes: a program that faults on guarded memory ends its worker and is run
// once more by one that checks, and what is recorded is what a user would have got. How many did is told.
//
// It does not look for programs that differ: see ../fuzz.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"borel/sandbox"
	"borel/worker"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "equal:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	const usage = "usage: equal record [flags] stock|safe|guarded, or equal compare FILES"
	if len(args) == 0 {
		return errors.New(usage)
	}
	switch args[0] {
	case "worker":
		return worker.Serve(args[1:])
	case "record":
		var c corpora
		flags := flag.NewFlagSet("record", flag.ContinueOnError)
		flags.StringVar(&c.recorded, "recorded", "../shared/data/multipl_e_python_davinci_subset.jsonl.gz", "recorded programs with their tests, from MultiPL-E")
		flags.StringVar(&c.hostile, "hostile", "sandbox/testdata/hostile", "`folder` of hostile programs")
		flags.StringVar(&c.cpython, "cpython", "", "`folder` Lib/test of CPython's source")
		flags.Float64Var(&c.seconds, "seconds", 1, "limit of a hostile program")
		flags.IntVar(&c.every, "every", 1, "record only every `n`th program of each corpus")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		mode := sandbox.Mode(flags.Arg(0))
		if flags.NArg() != 1 || mode != sandbox.Stock && mode != sandbox.Safe && mode != sandbox.Guarded {
			return errors.New(usage)
		}
		return record(ctx, mode, c, out)
	case "compare":
		var all []*recording
		for _, name := range args[1:] {
			r, err := readRecording(name)
			if err != nil {
				return err
			}
			all = append(all, r)
		}
		if len(all) < 2 {
			return errors.New(usage)
		}
		if n := compare(all, out); n > 0 {
			return fmt.Errorf("%d programs differ", n)
		}
		return nil
	}
	return errors.New(usage)
}

// header is the first line of a recording: what ran the programs.
type header struct {
	Mode     sandbox.Mode
	Patches  string // their digest; empty on stock
	Identity string // of the runs: image, frozen memory, instrumentation, wazero
}

// recording is what was recorded of one engine.
type recording struct {
	header
	programs map[string]entry
	names    []string // of programs, in their order
}

func readRecording(name string) (*recording, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := json.NewDecoder(bufio.NewReader(f))
	r := &recording{programs: map[string]entry{}}
	if err := d.Decode(&r.header); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	for {
		var e entry
		switch err := d.Decode(&e); {
		case err == io.EOF:
			return r, nil
		case err != nil:
			return nil, fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
		if _, twice := r.programs[e.Program]; twice {
			return nil, fmt.Errorf("%s: %s stands there twice", filepath.Base(name), e.Program)
		}
		r.programs[e.Program] = e
		r.names = append(r.names, e.Program)
	}
}
