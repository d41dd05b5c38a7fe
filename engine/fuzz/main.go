// Command fuzz compares wazero's engines on generated modules: its interpreter, its compiler as it was released, and
// the patched compiler with and without checks of addresses. It is how the patches of the folder above are shown to
// change nothing but speed.
//
//	make fuzz-engine MODULES=100000 SEED=7
//
// builds this program twice, with the patches and without (the compilers have the same package paths, so that one
// binary holds one of them), and runs
//
//	fuzz -stock bin/fuzz-stock -seed 7 -modules 100000
//
// which starts four processes a job, one a mode. Each generates the same modules (package module), runs the functions
// of each, and writes a line a module: the trap that ended it, and checksums of all results, of the calls to the host
// with their parameters, of memory, globals and fuel. The lines must be equal. Where an address is outside of guarded
// memory the process ends by a fault, which must be in the reserved range and stand where the others trap; then it is
// started again with the next module.
//
//	fuzz -stock bin/fuzz-stock -seed 7 -show 123
//
// tells one module's outcome in all modes, leaves out statements of it as long as the modes still differ, and writes
// what remains to a file.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"

	"borel/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var c comparison
	flag.StringVar(&c.stock, "stock", "", "this program, built without the patches; empty: leave that mode out")
	flag.Uint64Var(&c.seed, "seed", 1, "first of two numbers that make a module")
	flag.Uint64Var(&c.from, "from", 0, "second number of the first module")
	flag.Uint64Var(&c.modules, "modules", 1000, "how many modules")
	flag.IntVar(&c.jobs, "jobs", runtime.GOMAXPROCS(0), "comparisons at a time")
	show := flag.Int64("show", -1, "compare this module alone")
	mode := flag.String("run", "", "run modules in this mode, and write a line about each")
	skip := flag.String("skip", "", "statements to leave out of the module, as 3,5-9")
	flag.Parse()
	if err := command(ctx, &c, *show, sandbox.Mode(*mode), *skip); err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, c *comparison, show int64, mode sandbox.Mode, skip string) error {
	omit, err := parseRanges(skip)
	switch {
	case err != nil:
		return err
	case mode != "" && show >= 0:
		return tell(ctx, mode, c.seed, uint64(show), omit.has)
	case mode != "":
		return stream(ctx, mode, c.seed, c.from, c.from+c.modules)
	case show >= 0:
		return c.reduce(ctx, uint64(show), omit)
	}
	return c.all(ctx)
}

// stream writes a line about each module from one up to another.
func stream(ctx context.Context, mode sandbox.Mode, seed, from, to uint64) error {
	r, err := newRunner(ctx, mode)
	if err != nil {
		return err
	}
	fmt.Printf("memory %d\n", r.address())
	for i := from; i < to; i++ {
		o, err := r.run(seed, i, func(int) bool { return false })
		line := ""
		if err != nil {
			line = fmt.Sprintf("failed %q", err)
		} else {
			line = o.line()
		}
		if _, err := fmt.Printf("%d %s\n", i, line); err != nil {
			return err
		}
	}
	return nil
}

// tell writes all about one module.
func tell(ctx context.Context, mode sandbox.Mode, seed, i uint64, skip func(int) bool) error {
	r, err := newRunner(ctx, mode)
	if err != nil {
		return err
	}
	fmt.Printf("memory %d\n", r.address())
	o, err := r.run(seed, i, skip)
	if err != nil {
		fmt.Printf("%d failed %q\n", i, err)
		return nil
	}
	fmt.Printf("%d %s\ntrap %q\ncalls %q\nhost %s\nmemory %s\nglobals %q\nfuel %d\n", i, o.line(), o.Trap, o.Calls, o.Host, o.Memory, o.Globals, o.Fuel)
	return nil
}
