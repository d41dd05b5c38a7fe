package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	"borel/internal/real"
	"borel/languages"
	"borel/problem"
	"borel/sandbox"
	"borel/worker"
)

// places are where programs run. Each must give what the others give.
var places = []struct {
	name string
	open func(t *testing.T, cfg languages.Config) Runner
}{
	{"in this process", func(t *testing.T, cfg languages.Config) Runner {
		rt, err := languages.New(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := rt.Close(); err != nil {
				t.Error(err)
			}
		})
		return rt
	}},
	{"in workers", func(t *testing.T, cfg languages.Config) Runner {
		pool, err := worker.New(worker.Config{CacheDir: cfg.CacheDir, Workers: cfg.Parallel})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := pool.Close(); err != nil {
				t.Error(err)
			}
		})
		return pool
	}},
}

func TestMain(m *testing.M) { real.Main(m) }

func codeCache(t *testing.T) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "borel", "code")
}

// ways to run the same programs. Each starts anew: a restart lies between any two.
var ways = []struct {
	name     string
	parallel int
	rounds   int
	hogs     int  // goroutines that burn processor time beside it
	cold     bool // nothing is there of what was compiled and frozen before
}{
	{"one at a time, 20 times over", 1, 20, 0, false},
	{"eight at a time, from nothing", 8, 2, 0, true},
	{"beside four hogs", 2, 1, 4, false},
}

// moody are programs that look at everything that could differ between two runs.
var moody = []string{
	"import subprocess, time\nprint(subprocess.run(['python3', '-c', 'import os, time; print(os.urandom(4), time.time(), input())'], input='x', text=True, capture_output=True), time.time())",
	"print({'a', 'b', 'c', 'd', 'e'}, {1.5: 1, 'x': 2}, hash('abc'), hash(b'abc'))",
	"import time, datetime\nprint(time.time(), time.monotonic(), time.perf_counter(), time.process_time(), datetime.datetime.now())",
	"import random, os, uuid, secrets\nprint(random.random(), os.urandom(8), uuid.uuid4(), secrets.token_hex(8))",
	"class A: pass\na = [A() for _ in range(100)]\nprint(a[:3], id(a), hash(a[0]), object(), {A(): 1 for _ in range(10)})",
	"import time\nfor i in range(100): time.sleep(0.001 * i)\nprint(time.time())",
	"import tempfile, os\nf = tempfile.NamedTemporaryFile()\nprint(f.name, os.stat(f.name), os.getpid(), os.listdir('/'))",
	"import gc, sys\nx = []\nx.append(x)\ndel x\nprint(gc.collect(), gc.get_count(), len(gc.get_objects()), sys.getrefcount(None), len(sys.modules))",
	"x = bytearray(50 << 20)\nx[::4096] = b'x' * len(x[::4096])\nprint(sum(x) % 1000)",
	"while True: pass",
	"while True: print('x' * 100)",
	"x = []\nwhile True: x.append(bytes(10**6))",
	"def f(n): return f(n + 1)\nf(0)",
	"import os\nprint(1, flush=True)\nos.abort()",
	"import math, decimal, fractions\nprint([math.sin(x) ** 0.5 for x in range(1, 4)], decimal.Decimal(2).sqrt(), sum(0.1 for _ in range(10**4)), 2**0.5)",
	"import json, re\nprint(re.sub(r'(\\d+)', lambda m: str(int(m[1]) ** 5), json.dumps([{'k': [i] * 3} for i in range(100)])))",
}

// recordedPrograms is every nth of a model's programs with their tests, none where the data are absent.
func recordedPrograms(t *testing.T, n int) (programs []string) {
	const name = "multipl_e_python_davinci_subset.jsonl.gz"
	if _, err := os.Stat(filepath.Join(dataFolder(t), name)); err != nil {
		t.Logf("without recorded programs: %v", err)
		return nil
	}
	for i, row := range rows[struct{ Program string }](t, name) {
		if i%n == 0 {
			programs = append(programs, row.Program)
		}
	}
	return programs
}

// TestDeterminism: a program gives the same verdict, output, fuel and virtual time wherever, whenever and beside
// whatever it runs. With BOREL_FULL on all 2,050 recorded programs, otherwise on some sixty,
// and twenty under the race detector.
func TestDeterminism(t *testing.T) {
	every, seconds := 34, 0.02
	switch {
	case os.Getenv("BOREL_FULL") != "":
		every, seconds = 1, 0.25
	case race:
		every = 100
	}
	recorded := recordedPrograms(t, every)
	programs := append(recorded, moody...)
	p := problem.Problem{Check: problem.Check{Kind: problem.KindUnit}, Limits: problem.Limits{Seconds: seconds, OutputKB: 64}}
	want := make([]string, len(programs))
	statuses := map[problem.Status]int{}
	for _, place := range places {
		for _, way := range ways {
			if way.cold && race {
				continue // each worker compiles Python, a minute of processor time under the detector
			}
			t.Run(place.name+", "+way.name, func(t *testing.T) {
				cfg := languages.Config{Parallel: way.parallel, CacheDir: codeCache(t)}
				if way.cold {
					cfg.CacheDir = t.TempDir()
				}
				v := New(Config{Runner: place.open(t, cfg), Runs: NewMemory(1), Verdicts: NewMemory(1)})
				j, err := v.judge(&p, true)
				if err != nil {
					t.Fatal(err)
				}
				rounds := way.rounds
				if testing.Short() || race {
					rounds = 1
				}
				defer hogs(way.hogs)()
				var next atomic.Int64
				var mu sync.Mutex // guards want and statuses
				var wg sync.WaitGroup
				for range way.parallel {
					wg.Go(func() {
						for n := int(next.Add(1)) - 1; n < rounds*len(programs); n = int(next.Add(1)) - 1 {
							i := n % len(programs)
							d, err := j.decide(t.Context(), problem.Program(programs[i]))
							if err != nil {
								t.Errorf("program %d: %v", i, err)
								return
							}
							got := fmt.Sprintf("%+v", d) // Reward is not set yet, so there is no pointer in it
							mu.Lock()
							if want[i] == "" {
								want[i] = got
								statuses[d.Status]++
							}
							if got != want[i] {
								t.Errorf("program %d, round %d:\n%.200s\ngot  %s\nwant %s", i, n/len(programs), programs[i], got, want[i])
							}
							mu.Unlock()
						}
					})
				}
				wg.Wait()
			})
		}
	}
	t.Logf("%d programs: %v", len(programs), statuses)
	if len(statuses) < 4 || len(recorded) > 0 && len(statuses) < 6 && !race {
		t.Errorf("the programs end in %d ways only: %v", len(statuses), statuses)
	}
}

// hogs starts n goroutines that use all the processor time they get, until stop is called.
func hogs(n int) (stop func()) {
	var ended atomic.Bool
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for !ended.Load() {
			}
		})
	}
	return func() { ended.Store(true); wg.Wait() }
}

// TestEnginesAgree: wazero's interpreter and its compiler give the same results, fuel included. The interpreter takes
// seconds to start Python: with BOREL_FULL on 206 recorded programs and all moody ones, otherwise on a few.
func TestEnginesAgree(t *testing.T) {
	if testing.Short() || race {
		t.Skip("the interpreter is slow")
	}
	programs := moody[:7]
	if os.Getenv("BOREL_FULL") != "" {
		programs = append(recordedPrograms(t, 10), moody...)
	}
	image, err := languages.PythonImage()
	if err != nil {
		t.Fatal(err)
	}
	load := func(cfg sandbox.Config) *sandbox.Template {
		e, err := sandbox.New(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { e.Close(context.Background()) })
		tpl, err := e.Load(t.Context(), image)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { tpl.Close(context.Background()) })
		return tpl
	}
	var compiler, interpreter *sandbox.Template
	var wg sync.WaitGroup
	wg.Go(func() { compiler = load(sandbox.Config{CacheDir: codeCache(t)}) })
	wg.Go(func() { interpreter = load(sandbox.Config{Interpreter: true}) })
	wg.Wait()
	if t.Failed() {
		return
	}
	if compiler.Identity() == interpreter.Identity() {
		t.Error("both have one identity")
	}
	lang, _ := languages.Find("python")
	var next atomic.Int64
	for range 2 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(programs); i = int(next.Add(1)) - 1 {
				spec := lang.Spec(languages.Program{Steps: []string{programs[i]}, Limits: limits(problem.Limits{Seconds: 0.02, OutputKB: 64})})
				want, err := compiler.Run(t.Context(), spec)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := interpreter.Run(t.Context(), spec)
				if err != nil {
					t.Error(err)
					return
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("program %d:\n%.200s\ninterpreter %s, fuel %d, %s, %.300q, %.300q, %s\ncompiler    %s, fuel %d, %s, %.300q, %.300q, %s", i, programs[i],
						got.Reason, got.Fuel, got.Virtual, got.Stdout, got.Stderr, got.Trap, want.Reason, want.Fuel, want.Virtual, want.Stdout, want.Stderr, want.Trap)
				}
			}
		})
	}
	wg.Wait()
}
