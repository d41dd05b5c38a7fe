package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"borel/languages"
	"borel/problem"
	"borel/sandbox"
	"borel/store"
	"borel/verify"
	"borel/worker"
)

type benchCmd struct {
	Only      []string `placeholder:"PREFIX" help:"Only figures whose name begins so, such as sandbox/ or http/run."`
	Python    string   `default:"/usr/bin/python3" placeholder:"FILE" help:"The native interpreter to compare with."`
	Humaneval string   `placeholder:"FILE" help:"HumanEval.jsonl, plain or gzip, for sandbox/humaneval and checks/."`
	Runs      int      `default:"20000" help:"Runs for memory/growth."`
	JSON      bool     `name:"json" help:"Print the figures as JSON."`
}

// measured is one measured number. Ratio is how many times better than Against, measured in the same run; 0 where there is
// nothing to compare with.
type measured struct {
	Name    string  `json:"name"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Against string  `json:"against,omitempty"`
	Ratio   float64 `json:"ratio,omitzero"`
}

// bench is a measurement under way.
type bench struct {
	*benchCmd
	m       *Main
	figures []measured
}

func (c *benchCmd) Run(ctx context.Context, m *Main) error {
	b := &bench{benchCmd: c, m: m}
	for _, group := range []struct {
		names []string
		run   func(context.Context) error
	}{
		{[]string{"sandbox/print", "sandbox/print-rate", "scale/two-cores"}, b.print},
		{[]string{"worker/print", "worker/print-rate", "worker/cost"}, b.worker},
		{[]string{"worker/restart"}, b.restart},
		{[]string{"sandbox/humaneval", "sandbox/humaneval-prefork"}, b.humaneval},
		{[]string{"stdio/case"}, b.stdio},
		{[]string{"checks/unit", "checks/split", "checks/calls"}, b.isolated},
		{[]string{"answer/math"}, b.mathematics},
		{[]string{"agreement/pair"}, b.agreement},
		{[]string{"regrade/verdict"}, b.regrade},
		{[]string{"cpu/", "fuel/cost"}, b.cpu},
		{[]string{"cpu2/"}, b.cpu2},
		{[]string{"start/compile-cold", "start/compile-warm"}, b.compile},
		{[]string{"start/cold", "start/warm", "http/run", "http/run-rate", "http/run-p50", "http/run-p99", "http/cached-verdicts", "memory/idle", "memory/growth"}, b.http},
		{[]string{"openai/pass-through", "openai/pass-through-stream"}, b.passThrough},
	} {
		if slices.ContainsFunc(group.names, b.wanted) {
			m.say("measures %s", strings.Join(group.names, ", "))
			if err := group.run(ctx); err != nil {
				return err
			}
		}
	}
	return b.tell()
}

// wanted reports whether a figure is to be told, or, of a name that ends in /, any that begins so.
func (b *bench) wanted(name string) bool {
	return len(b.Only) == 0 || slices.ContainsFunc(b.Only, func(p string) bool {
		return strings.HasPrefix(name, p) || strings.HasSuffix(name, "/") && strings.HasPrefix(p, name)
	})
}

func (b *bench) add(f measured) { b.figures = append(b.figures, f) }

func (b *bench) tell() error {
	machine := map[string]any{"os": runtime.GOOS, "arch": runtime.GOARCH, "cores": runtime.NumCPU(), "go": runtime.Version(), "version": version()}
	if b.JSON {
		type figure struct {
			measured
			Wanted string `json:"wanted,omitempty"`
		}
		var figures []figure
		for _, f := range b.figures {
			figures = append(figures, figure{f, bounds[f.Name]})
		}
		return json.NewEncoder(b.m.Stdout).Encode(map[string]any{"machine": machine, "figures": figures})
	}
	w := tabwriter.NewWriter(b.m.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "figure\tvalue\tunit\twanted\ttimes better than")
	for _, f := range b.figures {
		if !b.wanted(f.Name) {
			continue
		}
		against := ""
		if f.Ratio != 0 {
			against = fmt.Sprintf("%.2f × %s", f.Ratio, f.Against)
		}
		fmt.Fprintf(w, "%s\t%.4g\t%s\t%s\t%s\n", f.Name, f.Value, f.Unit, bounds[f.Name], against)
	}
	return w.Flush()
}

// millis times f.
func millis(f func() error) (float64, error) {
	began := time.Now()
	err := f()
	return float64(time.Since(began).Nanoseconds()) / 1e6, err
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// loadPython loads the image as the server does, compiled code included.
func loadPython(ctx context.Context, cfg languages.Config) (*languages.Runtime, error) {
	cfg.CacheDir = codeDir()
	rt, err := languages.New(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := rt.Wait(ctx); err != nil {
		return nil, errors.Join(err, rt.Close())
	}
	return rt, nil
}

var benchLimits = languages.Limits{Seconds: 60, Memory: 256 << 20, Output: 1 << 20, Files: 100, FileBytes: 1 << 20}

// once runs steps in a fresh sandbox and wants them to end well.
func once(ctx context.Context, rt verify.Runner, steps ...string) (sandbox.Result, error) {
	lang, _ := languages.Find("")
	res, err := rt.Run(ctx, lang.Guest(), lang.Spec(languages.Program{Steps: steps, Limits: benchLimits}))
	if err != nil {
		return res, err
	}
	if end := lang.End(len(steps), res); end.Kind != languages.Done {
		return res, fmt.Errorf("a program of the benchmark did not end well: %s (%s)", end.Message, res.Reason)
	}
	return res, nil
}

// native runs source as a python3 subprocess.
func (b *bench) native(ctx context.Context, source string) error {
	cmd := exec.CommandContext(ctx, b.Python, "-I", "-")
	cmd.Stdin = strings.NewReader(source)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", b.Python, err, lastBytes(out, 300))
	}
	return nil
}

func lastBytes(b []byte, n int) []byte { return b[max(0, len(b)-n):] }

func (b *bench) print(ctx context.Context) error {
	rt, err := loadPython(ctx, languages.Config{})
	if err != nil {
		return err
	}
	defer rt.Close()
	var ours, theirs []float64
	for i := range 3000 {
		d, err := millis(func() error { _, err := once(ctx, rt, fmt.Sprintf("print(%d)", i)); return err })
		if err != nil {
			return err
		}
		ours = append(ours, d)
		if i%100 == 0 {
			d, err := millis(func() error { return b.native(ctx, fmt.Sprintf("print(%d)", i)) })
			if err != nil {
				return err
			}
			theirs = append(theirs, d)
		}
	}
	b.add(measured{"sandbox/print", median(ours), "ms", "a python3 subprocess", median(theirs) / median(ours)})
	var ones, gains []float64
	for range 7 { // in turns: the machine's speed changes from second to second
		one, err := rate(ctx, rt, 1)
		if err != nil {
			return err
		}
		two, err := rate(ctx, rt, 2)
		if err != nil {
			return err
		}
		ones, gains = append(ones, one), append(gains, two/one)
	}
	one := median(ones)
	b.add(measured{"sandbox/print-rate", one, "1/s on one core", "python3 subprocesses", one * median(theirs) / 1000})
	b.add(measured{Name: "scale/two-cores", Value: median(gains), Unit: "× one core"})
	return nil
}

// oneWorker is a pool of one worker, which is up. The caller closes it.
func oneWorker(ctx context.Context) (*worker.Pool, error) {
	pool, err := worker.New(worker.Config{CacheDir: codeDir(), Workers: 1})
	if err != nil {
		return nil, err
	}
	if err := pool.Wait(ctx); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return pool, nil
}

// worker measures what a process of its own adds to a run. The two take turns, but not at each run: they would find each
// other's data in the processors' caches.
func (b *bench) worker(ctx context.Context) error {
	rt, err := loadPython(ctx, languages.Config{})
	if err != nil {
		return err
	}
	defer rt.Close()
	pool, err := oneWorker(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	var ours, inside, theirs []float64
	for turn := range 10 {
		for _, way := range []struct {
			into *[]float64
			n    int
			run  func(source string) error
		}{
			{&ours, 300, func(source string) error { _, err := once(ctx, pool, source); return err }},
			{&inside, 300, func(source string) error { _, err := once(ctx, rt, source); return err }},
			{&theirs, 3, func(source string) error { return b.native(ctx, source) }},
		} {
			for i := range way.n {
				d, err := millis(func() error { return way.run(fmt.Sprintf("print(%d)", turn*way.n+i)) })
				if err != nil {
					return err
				}
				*way.into = append(*way.into, d)
			}
		}
	}
	b.add(measured{"worker/print", median(ours), "ms", "a python3 subprocess", median(theirs) / median(ours)})
	b.add(measured{Name: "worker/cost", Value: median(ours) - median(inside), Unit: "ms more than in this process"})
	one, err := rate(ctx, pool, 1)
	if err != nil {
		return err
	}
	b.add(measured{"worker/print-rate", one, "1/s on one core", "python3 subprocesses", one * median(theirs) / 1000})
	return nil
}

// rate is runs per second with n at a time.
func rate(ctx context.Context, rt verify.Runner, n int) (float64, error) {
	const each = 2000
	failed := make(chan error, n)
	began := time.Now()
	for g := range n {
		go func() {
			var err error
			for i := 0; i < each && err == nil; i++ {
				_, err = once(ctx, rt, fmt.Sprintf("print(%d)", each*(n*10+g)+i)) // a new program each time
			}
			failed <- err
		}()
	}
	for range n {
		if err := <-failed; err != nil {
			return 0, err
		}
	}
	return float64(n*each) / time.Since(began).Seconds(), nil
}

// humanevalProblems are HumanEval's, nil where they are not there.
func (b *bench) humanevalProblems() ([]problem.Problem, error) {
	if b.Humaneval == "" {
		b.Humaneval = "../shared/data/HumanEval.jsonl.gz" // where it lies beside a checkout
		if _, err := os.Stat(b.Humaneval); err != nil {
			b.m.say("figures of HumanEval are left out: name the file with --humaneval")
			b.Humaneval = ""
			return nil, nil
		}
	}
	return b.m.readProblems(b.Humaneval)
}

func (b *bench) humaneval(ctx context.Context) error {
	problems, err := b.humanevalProblems()
	if err != nil || problems == nil {
		return err
	}
	rt, err := loadPython(ctx, languages.Config{})
	if err != nil {
		return err
	}
	defer rt.Close()
	forks, err := startPrefork(ctx, b.Python)
	if err != nil {
		return err
	}
	defer forks.stop()
	var ours, theirs, forked []float64
	for _, p := range problems {
		if p.Reference == nil {
			return fmt.Errorf("%s: %s has no canonical_solution", b.Humaneval, p.ID)
		}
		program, tests := p.Prompt+p.Reference.Raw(), p.Check.Tests
		var mine, its, forkeds []float64
		for i := range 5 {
			d, err := millis(func() error { _, err := once(ctx, rt, fmt.Sprintf("%s\n# %d", program, i), tests); return err }) // never seen before
			if err != nil {
				return err
			}
			mine = append(mine, d)
		}
		for i := range 5 {
			d, err := millis(func() error { return forks.run(fmt.Sprintf("%s\n%s\n# %d", program, tests, i)) })
			if err != nil {
				return err
			}
			forkeds = append(forkeds, d)
		}
		for range 3 {
			d, err := millis(func() error { return b.native(ctx, program+"\n"+tests) })
			if err != nil {
				return err
			}
			its = append(its, d)
		}
		ours, theirs, forked = append(ours, median(mine)), append(theirs, median(its)), append(forked, median(forkeds))
	}
	b.add(measured{"sandbox/humaneval", median(ours), "ms", "a python3 subprocess", median(theirs) / median(ours)})
	b.add(measured{"sandbox/humaneval-prefork", median(ours), "ms", "a server that forks native Python per program", median(forked) / median(ours)})
	return nil
}

func (b *bench) stdio(ctx context.Context) error {
	e, err := openEngine(ctx, store.Config{}, isolationFlags{Isolation: isolationNone}, verify.Config{Parallel: 1})
	if err != nil {
		return err
	}
	defer e.Close()
	if err := e.runtime.Wait(ctx); err != nil {
		return err
	}
	const cases = 50
	check := problem.Check{Kind: problem.KindStdio}
	for i := range cases {
		check.Cases = append(check.Cases, problem.Case{Stdin: fmt.Sprintf("%d %d\n", i, i), Stdout: fmt.Sprintln(2 * i)})
	}
	var each []float64
	for i := range 40 {
		source := fmt.Sprintf("a, b = map(int, input().split())\nprint(a + b) # %d", i)
		d, err := millis(func() error {
			v, err := e.Verify(ctx, &problem.Problem{ID: "sum", Check: check}, problem.Program(source), false)
			if err == nil && v.Status != problem.Accepted {
				err = fmt.Errorf("stdio: %s: %s", v.Status, v.Message)
			}
			return err
		})
		if err != nil {
			return err
		}
		each = append(each, d/cases)
	}
	b.add(measured{Name: "stdio/case", Value: median(each), Unit: "ms"})
	return nil
}

// pss is the proportional set size of a process and its workers in megabytes. Confined workers show theirs to root alone;
// for others it is their resident size, which counts shared pages more than once.
func pss(pid int) (float64, error) {
	total, err := pssOf(pid)
	if err != nil {
		return 0, err
	}
	pids, err := children(pid)
	if err != nil {
		return 0, err
	}
	for _, child := range pids {
		mb, err := pssOf(child)
		if err != nil {
			return 0, err
		}
		total += mb
	}
	return total, nil
}

// children are the processes that a process has started.
func children(pid int) (pids []int, err error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		list, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, text := range strings.Fields(string(list)) {
			child, err := strconv.Atoi(text)
			if err != nil {
				return nil, err
			}
			pids = append(pids, child)
		}
	}
	return pids, nil
}

func pssOf(pid int) (float64, error) {
	format := "Pss: %f kB"
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if errors.Is(err, fs.ErrPermission) {
		format = "VmRSS: %f kB"
		text, err = os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	}
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		var kb float64
		if _, err := fmt.Sscanf(line, format, &kb); err == nil {
			return kb / 1024, nil
		}
	}
	return 0, fmt.Errorf("process %d does not tell its memory", pid)
}
