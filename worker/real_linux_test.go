package worker

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"borel/languages"
	"borel/sandbox"
)

// children are the processes that this one started and that are not reaped.
func children(t *testing.T) (pids []int) {
	t.Helper()
	files, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil || len(files) == 0 {
		t.Skip("the kernel does not list children")
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue // the thread has ended
		}
		for _, text := range strings.Fields(string(b)) {
			pid, err := strconv.Atoi(text)
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}

// Programs are killed at random, and every one of 300 has the right result in the end.
func TestKilledAtRandom(t *testing.T) {
	p := ready(t, Config{Workers: 4, Patience: time.Minute})
	var done, killed atomic.Int64
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := g; i < 300; i += 8 {
				spec := program(fmt.Sprintf("n = int(input())\ns = 0\nfor i in range(3000): s = (s * 31 + i * n) %% 1000003\nprint(n, s)"))
				spec.Stdin = fmt.Appendln(nil, i)
				s := 0
				for k := range 3000 {
					s = (s*31 + k*i) % 1000003
				}
				res, err := p.Run(t.Context(), python.Guest(), spec)
				for err != nil && strings.Contains(err.Error(), "lost with its worker 3 times") {
					// Killed three times in a row: an error, as it must be. Never a wrong result.
					res, err = p.Run(t.Context(), python.Guest(), spec)
				}
				if want := fmt.Sprintln(i, s); err != nil || string(res.Stdout) != want || res.Reason != sandbox.Finished {
					t.Errorf("program %d: got %+v, %v; want %q", i, res, err, want)
				}
				done.Add(1)
			}
		})
	}
	wg.Go(func() {
		// A worker takes longer to start than these programs to run, so one is killed whenever some more have run.
		for next := int64(5); done.Load() < 300; time.Sleep(time.Millisecond) {
			if all := children(t); done.Load() >= next && len(all) > 0 && syscall.Kill(all[rand.IntN(len(all))], syscall.SIGKILL) == nil {
				killed.Add(1)
				next = done.Load() + 5 + rand.Int64N(20)
			}
		}
	})
	wg.Wait()
	if killed.Load() < 8 {
		t.Errorf("only %d workers were killed", killed.Load())
	}
	t.Logf("%d workers were killed", killed.Load())
}

// A run whose worker is killed from outside each time is an error, which names the signal. It is never a verdict.
func TestKilledThreeTimes(t *testing.T) {
	p := ready(t, Config{Workers: 1})
	ended := make(chan error, 1)
	go func() {
		_, err := p.Run(t.Context(), python.Guest(), program("while True: pass"))
		ended <- err
	}()
	for {
		select {
		case err := <-ended:
			if err == nil || strings.Count(err.Error(), "signal: killed") != 3 {
				t.Errorf("got %v", err)
			}
			return
		case <-time.After(10 * time.Millisecond):
			p.usual.mu.Lock()
			busy := p.usual.live == 1 && len(p.usual.idle) == 0
			p.usual.mu.Unlock()
			if busy {
				for _, pid := range children(t) {
					syscall.Kill(pid, syscall.SIGKILL)
				}
			}
		}
	}
}

// A cancelled run frees its worker, which is not replaced.
func TestCancel(t *testing.T) {
	p := ready(t, Config{Workers: 1})
	before := children(t)
	for range 5 {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		began := time.Now()
		spec := program("while True: pass")
		spec.Limits.Fuel, spec.Limits.Virtual = 1<<60, 1<<60
		if _, err := p.Run(ctx, python.Guest(), spec); err != context.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
		cancel()
		if res, err := p.Run(t.Context(), python.Guest(), program("print(1)")); err != nil || string(res.Stdout) != "1\n" {
			t.Errorf("got %+v, %v", res, err)
		}
		if took := time.Since(began); took > grace {
			t.Errorf("it took %v", took)
		}
	}
	if after := children(t); !reflect.DeepEqual(before, after) {
		t.Errorf("workers were %v and are %v", before, after)
	}
}

// A run's wall-clock ceiling acts in the worker, and is an error.
func TestWall(t *testing.T) {
	p := ready(t, Config{Workers: 1})
	spec := program("while True: pass")
	spec.Limits.Wall = time.Millisecond
	if _, err := p.Run(t.Context(), python.Guest(), spec); err != sandbox.ErrWall {
		t.Errorf("got %v", err)
	}
	spec.Limits = sandbox.Limits{}
	if _, err := p.Run(t.Context(), python.Guest(), spec); err == nil || !strings.Contains(err.Error(), "fuel, virtual and memory must be positive") {
		t.Errorf("got %v", err)
	}
	if got := p.Status(); got.Ended != 0 || got.Ready != 1 {
		t.Errorf("got %+v", got)
	}
}

// The same spec has the same result here and in a worker, whatever the program does.
func TestSameAsInside(t *testing.T) {
	p := ready(t, Config{Workers: 1})
	rt, err := languages.New(t.Context(), languages.Config{CacheDir: cacheDir(t), Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	for _, seed := range []uint32{0, 5} {
		g := languages.Guest{Language: python.Name, HashSeed: seed}
		inside, err := rt.Identity(t.Context(), g)
		if err != nil {
			t.Fatal(err)
		}
		if worker, err := p.Identity(t.Context(), g); err != nil || worker != inside {
			t.Errorf("hash seed %d: identity %q, %v; want %q", seed, worker, err, inside)
		}
	}
	limits := languages.Limits{Seconds: 0.5, Memory: 128 << 20, Output: 4 << 10, Files: 20, FileBytes: 1 << 20}
	for name, pr := range map[string]languages.Program{
		"nothing":           {Steps: []string{""}},
		"both streams":      {Steps: []string{"import sys; print(1); print(2, file=sys.stderr)"}},
		"strange bytes":     {Steps: []string{"import sys\nprint(sys.argv, sys.stdin.buffer.read(), open('a/b', 'rb').read())"}, Args: []string{"\xff\x00", "é", ""}, Stdin: []byte{0, 255, 10}, Files: map[string][]byte{"a/b": {1, 2, 255}, "\xfe": nil}},
		"files":             {Steps: []string{"open('x', 'wb').write(bytes(range(256)))\nopen('y', 'w')"}, Fetch: []string{"x", "y", "z"}},
		"an exception":      {Steps: []string{"1/0"}},
		"a syntax error":    {Steps: []string{"(", "print(1)"}},
		"tests":             {Steps: []string{"def f(): return 1", "assert f() == 1\nprint('ok')"}},
		"failed tests":      {Steps: []string{"def f(): return 1", "assert f() == 2"}},
		"an exit":           {Steps: []string{"import os; os._exit(77)"}},
		"an endless loop":   {Steps: []string{"while True: pass"}},
		"a long sleep":      {Steps: []string{"import time; time.sleep(1e6)"}},
		"memory":            {Steps: []string{"x = bytearray(10**9)"}},
		"much memory":       {Steps: []string{"x = []\nwhile True: x.append(bytes(10**6))"}},
		"output":            {Steps: []string{"while True: print('x' * 100)"}},
		"files of no end":   {Steps: []string{"i = 0\nwhile True: open(str(i), 'w'); i += 1"}},
		"deep recursion":    {Steps: []string{"import sys; sys.setrecursionlimit(10**9)\ndef f(): f()\nf()"}},
		"a broken frame":    {Steps: []string{"def f(): pass\nexec(f.__code__.replace(co_code=bytes([32, 0]) * 5000, co_stacksize=0))"}},
		"seed and clock":    {Steps: []string{"import random, time, os; print(random.random(), time.time(), os.urandom(4), hash('a'), set('abcdef'))"}, Seed: -3},
		"a missing guest":   {Steps: []string{"print(input())"}},
		"a large source":    {Steps: []string{"x = '" + strings.Repeat("x", 300<<10) + "'\nprint(len(x))"}},
		"an answer of size": {Steps: []string{"print('x' * 3000)"}},
	} {
		t.Run(name, func(t *testing.T) {
			pr.Limits = limits
			for _, seed := range []uint32{0, 5} {
				g := languages.Guest{Language: python.Name, HashSeed: seed}
				spec := python.Spec(pr)
				spec.Start = time.Date(2020, 2, 3, 4, 5, 6, 789, time.FixedZone("", 3600))
				want, err := rt.Run(t.Context(), g, spec)
				if err != nil {
					t.Fatal(err)
				}
				got, err := p.Run(t.Context(), g, spec)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("hash seed %d: got %+v\nwant %+v", seed, got, want)
				}
			}
		})
	}
	if s := p.Status(); s.Ended > s.Faults {
		t.Errorf("a program ended its worker: %+v", s)
	}
}

// Hash seeds besides the usual have workers of their own, of which two are kept.
func TestVariants(t *testing.T) {
	p := ready(t, Config{Workers: 1})
	seen := map[string]bool{}
	for _, seed := range []uint32{1, 2, 3, 2, 4, 1} {
		g := languages.Guest{HashSeed: seed}
		id, err := p.Identity(t.Context(), g)
		if err != nil {
			t.Fatal(err)
		}
		res, err := p.Run(t.Context(), g, program("print(list(set('abcdefghij')))"))
		if err != nil {
			t.Fatal(err)
		}
		seen[id+string(res.Stdout)] = true
		p.mu.Lock()
		var seeds []uint32
		for _, c := range p.variants {
			seeds = append(seeds, c.seed)
		}
		p.mu.Unlock()
		if len(seeds) > maxVariants || seeds[len(seeds)-1] != seed {
			t.Errorf("after seed %d workers of %v are kept", seed, seeds)
		}
	}
	if len(seen) != 4 {
		t.Errorf("4 seeds gave %d different pairs of identity and output", len(seen))
	}
}

// Closing leaves neither processes nor goroutines.
func TestCloseLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	p := ready(t, Config{Workers: 2})
	if _, err := p.Run(t.Context(), languages.Guest{HashSeed: 9}, program("print(1)")); err != nil {
		t.Fatal(err)
	}
	if len(children(t)) != 3 {
		t.Errorf("workers: %v", children(t))
	}
	p.Close()
	if left := children(t); len(left) > 0 {
		t.Errorf("processes are left: %v", left)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond) // goroutines that are done take a moment to be gone
	}
	var b bytes.Buffer
	b.Grow(1 << 20)
	t.Errorf("%d goroutines are left\n%s", runtime.NumGoroutine()-before, b.Bytes()[:runtime.Stack(b.Bytes()[:1<<20], true)])
}
