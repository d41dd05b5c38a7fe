package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os/exec"
	"path"
	"strconv"
	"strings"

	"borel/internal/processor"
	"borel/languages"
	"borel/sandbox"
)

//go:embed bench/cpu bench/cpu2 bench/stray.py
var benchPrograms embed.FS

// contender is a way to run a program that computes, whose time is held against python3's.
type contender struct {
	prefix string // of its figures' names, after the set's
	rt     *languages.Runtime
}

// cpu measures the first set of programs that compute, and what counting fuel costs them.
func (b *bench) cpu(ctx context.Context) error { return b.compute(ctx, "cpu", 7) }

// cpu2 measures the second, larger set.
func (b *bench) cpu2(ctx context.Context) error { return b.compute(ctx, "cpu2", 5) }

// compute measures a set: guarded, as workers run programs, safe, as this process would, and natively, in turns. Time is that
// of the processor, which other programs of the machine disturb less; python3's start is left out, ours counted in. A ratio is
// the median of those of the rounds. Where guarded memory is not to be had, the figures without a prefix are those of what
// there is, and the others are missing.
func (b *bench) compute(ctx context.Context, set string, rounds int) (err error) {
	usual, err := loadPython(ctx, languages.Config{Guarded: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, usual.Close()) }()
	b.m.say("%s: engine %s %s", set, usual.Mode(), sandbox.Patches())
	ways := []*contender{{"", usual}}
	add := func(prefix string, cfg languages.Config) error {
		rt, err := loadPython(ctx, cfg)
		if err != nil {
			return err
		}
		ways = append(ways, &contender{prefix, rt})
		return nil
	}
	defer func() {
		for _, w := range ways[1:] {
			err = errors.Join(err, w.rt.Close())
		}
	}()
	if usual.Mode() == sandbox.Guarded {
		if err := add("safe/", languages.Config{}); err != nil {
			return err
		}
	}
	fueled := set == "cpu" // the set by which fuel is measured
	if fueled {
		if err := add("unmetered/", languages.Config{Guarded: true, Unmetered: true}); err != nil {
			return err
		}
	}
	files, err := fs.Glob(benchPrograms, path.Join("bench", set, "*.py"))
	if err != nil {
		return err
	}
	slower := map[string][]float64{} // by contender, of each program how many times as long as natively
	var fuelRate []float64
	for _, file := range files {
		source, err := benchPrograms.ReadFile(file)
		if err != nil {
			return err
		}
		took, ratio := map[string][]float64{}, map[string][]float64{}
		var rates []float64
		for range rounds {
			its, want, err := b.nativeTime(ctx, string(source))
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			for _, w := range ways {
				var res sandbox.Result
				d, err := processor.Time(func() error { res, err = once(ctx, w.rt, string(source)); return err })
				if err != nil {
					return fmt.Errorf("%s: %w", file, err)
				}
				if !bytes.Equal(res.Stdout, want) {
					return fmt.Errorf("%s: got %q, %s prints %q", file, res.Stdout, b.Python, want)
				}
				took[w.prefix], ratio[w.prefix] = append(took[w.prefix], d), append(ratio[w.prefix], d/its)
				if w == ways[0] {
					rates = append(rates, float64(res.Fuel)/its*1000)
				}
			}
		}
		for _, w := range ways {
			r := median(ratio[w.prefix])
			slower[w.prefix] = append(slower[w.prefix], r)
			if w.prefix != "unmetered/" {
				name := set + "/" + w.prefix + strings.TrimSuffix(path.Base(file), ".py")
				b.add(measured{name, median(took[w.prefix]), "ms", "python3", 1 / r})
			}
		}
		fuelRate = append(fuelRate, median(rates))
	}
	for _, w := range ways {
		if w.prefix != "unmetered/" {
			mean := geomean(slower[w.prefix])
			b.add(measured{set + "/" + w.prefix + "geomean", mean, "× python3's time", "python3", 1 / mean})
		}
	}
	if fueled {
		b.add(measured{Name: set + "/rate", Value: geomean(fuelRate) / 1e6, Unit: "million fuel in a native second"})
		b.add(measured{Name: "fuel/cost", Value: 100 * (geomean(slower[""])/geomean(slower["unmetered/"]) - 1), Unit: "% of time without fuel"})
	}
	return nil
}

func geomean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += math.Log(x)
	}
	return math.Exp(sum / float64(len(v)))
}

// timing runs what is read from stdin as a program and tells on stderr how many seconds of a processor it took.
const timing = `def run():
    import sys, time
    source = sys.stdin.read()
    began = time.process_time()
    exec(compile(source, "main.py", "exec"), globals())
    sys.stdout.flush()
    print(time.process_time() - began, file=sys.stderr)
run()
`

// nativeTime is how many milliseconds of a processor python3 takes for source once it has started, and what that prints.
func (b *bench) nativeTime(ctx context.Context, source string) (ms float64, stdout []byte, err error) {
	var out, told bytes.Buffer
	cmd := exec.CommandContext(ctx, b.Python, "-I", "-c", timing)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(source), &out, &told
	if err := cmd.Run(); err != nil {
		return 0, nil, fmt.Errorf("%s: %w: %s", b.Python, err, lastBytes(told.Bytes(), 300))
	}
	s, err := strconv.ParseFloat(strings.TrimSpace(told.String()), 64)
	return 1000 * s, out.Bytes(), err
}
