package worker

import (
	"fmt"
	"reflect"
	"sync"
	"testing"

	"borel/languages"
	"borel/sandbox"
)

// Pairs and tails come to the same in workers, many at once, as in this process.
func TestMoreThanOne(t *testing.T) {
	pool := ready(t, Config{Workers: 2})
	here, err := languages.New(t.Context(), languages.Config{CacheDir: cacheDir(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	var specs []sandbox.Spec
	for _, join := range []sandbox.Join{sandbox.JoinChannel, sandbox.JoinStdio} {
		for _, sources := range [][2]string{
			{"import os\nfor i in range(200): os.write(4, b'x' * i + b'.'); print(len(os.read(4, 999)))", "import os\nwhile b := os.read(4, 999): os.write(4, b)"},
			{"import sys\nprint('hello', flush=True); print(input(), file=sys.stderr)", "print(input() * 2, flush=True)"},
			{"import os; os.read(4, 1)", "import os; os.read(4, 1)"},
			{"x = bytearray(100 << 20); import os; os.read(4, 1)", "x = bytearray(100 << 20); import os; os.write(4, b'x'); os.abort()"},
			{"import os; os.abort()", "print(1)"},
		} {
			s, peer := program(sources[0]), program(sources[1])
			s.Peer, s.Join = &peer, join
			specs = append(specs, s)
		}
	}
	s := program("import os, random\nx = [random.random() for _ in range(100)]\nos.write(4, os.read(4, 3))")
	s.Channel, s.Limits.Fuel = []byte("channel"), 3e7
	specs = append(specs, s)
	for _, tail := range []string{"print(x[0])", "x.clear(); import os; os.write(4, os.read(4, 99))", "1/0", "import os; os.abort()", "while True: pass", "print(len(x), random.random())"} {
		s.Tails = append(s.Tails, sandbox.Step{Name: "tail.py", Source: []byte(tail)})
	}
	specs = append(specs, s)
	var wg sync.WaitGroup
	for i, s := range specs {
		want, err := here.Run(t.Context(), python.Guest(), s)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			wg.Go(func() {
				if got, err := pool.Run(t.Context(), python.Guest(), s); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("spec %d: got %.2000v, %v\nwant %.2000v", i, got, err, want)
				}
			})
		}
	}
	wg.Wait()
	if s := pool.Status(); s.Ended > s.Faults {
		t.Errorf("programs ended their workers: %+v", s)
	}
}

// BenchmarkMoreThanOne is a pair that exchanges a message, and a trivial tail of 500, in a worker.
func BenchmarkMoreThanOne(b *testing.B) {
	pool := ready(b, Config{Workers: 1})
	s, peer := program("import os\nos.write(4, b'ping'); os.read(4, 100)"), program("import os\nos.write(4, os.read(4, 100))")
	s.Peer, s.Join = &peer, sandbox.JoinChannel
	b.Run("pair", func(b *testing.B) {
		for b.Loop() {
			if res, err := pool.Run(b.Context(), python.Guest(), s); err != nil || !res.Passed() || !res.Peer.Passed() {
				b.Fatal(res, err)
			}
		}
	})
	s = program("def f(x): return x + 1")
	for i := range 500 {
		s.Tails = append(s.Tails, sandbox.Step{Name: "tail.py", Source: fmt.Appendf(nil, "assert f(%d) == %d", i, i+1)})
	}
	b.Run("tail", func(b *testing.B) {
		for b.Loop() {
			if res, err := pool.Run(b.Context(), python.Guest(), s); err != nil || len(res.Tails) != 500 {
				b.Fatal(res, err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500, "ns/tail")
	})
}
