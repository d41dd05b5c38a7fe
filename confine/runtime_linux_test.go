package confine

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"borel/languages"
	"borel/sandbox"
)

var guests struct {
	runtime  *languages.Runtime
	template *sandbox.Template
}

// loadTemplate loads the image without a Runtime.
func loadTemplate(cache string) {
	engine, err := sandbox.New(context.Background(), sandbox.Config{CacheDir: cache, Parallel: 2})
	check(err)
	image, err := languages.PythonImage()
	check(err)
	guests.template, err = engine.Load(context.Background(), image)
	check(err)
}

// extend keeps where programs came to and continues from there, and joins programs, which takes plain memory only.
func extend(string) (string, error) {
	ctx := context.Background()
	spec := func(source string) sandbox.Spec {
		return sandbox.Spec{
			Args: []string{"main.py"}, Steps: []sandbox.Step{{Name: "main.py", Source: []byte(source)}},
			Limits: sandbox.Limits{Fuel: 1e9, Virtual: time.Second, Memory: 256 << 20, Output: 1 << 10, Files: 10, FileBytes: 1 << 10},
		}
	}
	var said string
	for i := range 3 {
		s := spec(fmt.Sprintf("x = %d", i))
		s.Tails = []sandbox.Step{{Name: "a.py", Source: []byte("print(x + 40)")}, {Name: "b.py", Source: []byte("print(x + 50)")}}
		r, err := guests.template.Run(ctx, s)
		if err != nil {
			return "", err
		}
		for _, tail := range r.Tails {
			said += string(tail.Stdout)
		}
		s.Tails = nil
		peer := spec("import os; os.write(4, os.read(4, 9) * 2)")
		s.Steps[0].Source = []byte("import os; os.write(4, b'x'); print(os.read(4, 9).decode())")
		s.Peer, s.Join = &peer, sandbox.JoinChannel
		if r, err = guests.template.Run(ctx, s); err != nil {
			return "", err
		}
		said += string(r.Stdout)
	}
	return said, nil
}

func load(cache string) {
	runtime.GOMAXPROCS(4)
	rt, err := languages.New(context.Background(), languages.Config{Parallel: 4, CacheDir: cache})
	check(err)
	check(rt.Wait(context.Background()))
	guests.runtime = rt
	_, err = python(context.Background(), "print(1)", 1)
	check(err)
}

func python(ctx context.Context, source string, seconds float64) (sandbox.Result, error) {
	l, _ := languages.Find("python")
	return guests.runtime.Run(ctx, l.Guest(), l.Spec(languages.Program{Steps: []string{source}, Limits: languages.Limits{
		Seconds: seconds, Memory: 1 << 30, Output: 1 << 20, Files: 100, FileBytes: 1 << 20,
	}}))
}

// runPrograms is what a worker does, and more: many programs at once, new instances after broken ones, growth, an end
// from outside.
func runPrograms(string) (string, error) {
	var said []string
	for _, p := range []struct{ source, want string }{
		{"print(6 * 7)", "42"},
		{"b = bytearray(512 << 20); b[-1] = 1; print(len(b) >> 20)", "512"},
		{"def f(n): return f(n + 1)\ntry: f(0)\nexcept RecursionError: print('deep')", "deep"},
		{"open('/sandbox/x', 'w').write('y'); print(open('/sandbox/x').read())", "y"},
	} {
		r, err := python(context.Background(), p.source, 20)
		if err != nil {
			return "", fmt.Errorf("%s: %w", p.source, err)
		}
		if got := strings.TrimSpace(string(r.Stdout)); got != p.want {
			return "", fmt.Errorf("%s: %q %q %s", p.source, got, r.Stderr, r.Trap)
		}
		said = append(said, p.want)
	}
	var wg sync.WaitGroup
	errs := make(chan error, 64)
	for i := range 64 {
		wg.Go(func() {
			source, reason := fmt.Sprintf("print(%d)", i), sandbox.Finished
			switch i % 4 {
			case 1:
				source, reason = "while True: pass", sandbox.Fuel
			case 2:
				source, reason = "import ctypes", sandbox.Finished
			}
			r, err := python(context.Background(), source, 0.05)
			if err == nil && r.Reason != reason {
				err = fmt.Errorf("%s: %s %s", source, r.Reason, r.Trap)
			}
			errs <- err
		})
	}
	wg.Wait()
	for range 64 {
		if err := <-errs; err != nil {
			return "", err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := python(ctx, "while True: pass", 1000); ctx.Err() == nil || err == nil {
		return "", fmt.Errorf("not cancelled: %v", err)
	}
	return strings.Join(said, " "), nil
}
