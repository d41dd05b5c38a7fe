package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"borel/sandbox"
)

// comparison runs modules in all modes.
type comparison struct {
	stock         string
	seed          uint64
	from, modules uint64
	jobs          int

	mu    sync.Mutex
	traps map[string]int // how the modules ended in the interpreter
	cpu   map[sandbox.Mode]time.Duration
	faults, done, differ,
	stockDiffers int
}

// batch is how many modules a process is started for.
const batch = 500

// modes are those that can be compared.
func (c *comparison) modes() []sandbox.Mode {
	all := slices.Clone(modes)
	if c.stock == "" {
		all = slices.DeleteFunc(all, func(m sandbox.Mode) bool { return m == sandbox.Stock })
	}
	return all
}

// binary is the program for a mode.
func (c *comparison) binary(mode sandbox.Mode) string {
	if c.stock != "" && (mode == sandbox.Stock || mode == sandbox.Interpreted) {
		return c.stock
	}
	self, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return self
}

// all compares all modules, and tells about those on which modes differ.
func (c *comparison) all(ctx context.Context) error {
	if sandbox.Patches() == "" {
		return errors.New("this binary was built without the patches, so there is nothing to compare: make engine tells why")
	}
	c.traps, c.cpu = map[string]int{}, map[sandbox.Mode]time.Duration{}
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.jobs)
	for at := c.from; at < c.from+c.modules && ctx.Err() == nil; at += batch {
		group.Go(func() error { return c.batch(ctx, at, min(at+batch, c.from+c.modules)) })
	}
	err := group.Wait()
	fmt.Printf("patches %s, seed %d, modules %d to %d, %v\n", sandbox.Patches(), c.seed, c.from, c.from+uint64(c.done)-1, time.Since(began).Round(time.Second))
	for _, trap := range slices.Sorted(maps.Keys(c.traps)) {
		fmt.Printf("%9d %s\n", c.traps[trap], trap)
	}
	fmt.Printf("%9d faults of guarded memory\n", c.faults)
	for _, mode := range c.modes() {
		fmt.Printf("%9.2f ms of processor time a module, %s\n", c.cpu[mode].Seconds()*1000/float64(max(c.done, 1)), mode)
	}
	fmt.Printf("%9d modules on which released wazero disagrees with its interpreter\n", c.stockDiffers)
	fmt.Printf("%9d modules on which the patched one disagrees\n", c.differ)
	if err == nil && c.differ > 0 {
		err = fmt.Errorf("%d differences", c.differ)
	}
	return err
}

// batch compares some modules.
func (c *comparison) batch(ctx context.Context, from, to uint64) error {
	var children []*child
	for _, mode := range c.modes() {
		children = append(children, &child{c: c, mode: mode, to: to})
	}
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, p := range children {
			p.close()
			c.cpu[p.mode] += p.cpu
		}
	}()
	for i := from; i < to; i++ {
		lines := map[sandbox.Mode]string{}
		for _, p := range children {
			line, err := p.next(ctx, i)
			if err != nil {
				return err
			}
			lines[p.mode] = line
		}
		c.judge(i, lines)
	}
	return nil
}

// same tells whether the patched modes and released wazero did what the interpreter does. Where the latter two differ,
// either will do for the patched ones.
func same(lines map[sandbox.Mode]string) (patched, released bool) {
	line, ok := lines[sandbox.Stock]
	released = !ok || line == lines[sandbox.Interpreted]
	for _, want := range []string{lines[sandbox.Interpreted], line} {
		guarded := lines[sandbox.Guarded]
		patched = patched || want != "" && lines[sandbox.Safe] == want &&
			(guarded == want || guarded == fault && strings.HasPrefix(want, "out-of-bounds-memory-access "))
	}
	return patched && !strings.HasPrefix(lines[sandbox.Safe], "failed "), released
}

func (c *comparison) judge(i uint64, lines map[sandbox.Mode]string) {
	patched, stock := same(lines)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	trap, _, _ := strings.Cut(lines[sandbox.Interpreted], " ")
	c.traps[trap]++
	if lines[sandbox.Guarded] == fault {
		c.faults++
	}
	if patched && stock {
		return
	}
	what := "released wazero"
	if !patched {
		c.differ++
		what = "patched"
	}
	if !stock {
		c.stockDiffers++
	}
	if c.differ+c.stockDiffers > 50 {
		return
	}
	fmt.Printf("seed %d module %d: %s\n", c.seed, i, what)
	for _, mode := range c.modes() {
		fmt.Printf("  %-12s %s\n", mode, lines[mode])
	}
}
