package verify

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"borel/problem"
	"borel/sandbox"
)

// blocking waits for release, and for its context. It counts how often it was cancelled.
func blocking(release <-chan struct{}) (r *runner, cancelled func() int) {
	var mu sync.Mutex
	n := 0
	r = &runner{do: func(ctx context.Context, _ int64) (sandbox.Result, error) {
		select {
		case <-release:
			return passes, nil
		case <-ctx.Done():
			mu.Lock()
			n++
			mu.Unlock()
			return sandbox.Result{}, ctx.Err()
		}
	}}
	return r, func() int { mu.Lock(); defer mu.Unlock(); return n }
}

func TestIdenticalProgramsShareARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		r, _ := blocking(release)
		v := fakeVerifier(r)
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				p := unitProblem // of other problems with the same tests too
				p.ID = strings.Repeat("x", i)
				d, err := v.Verify(t.Context(), &p, problem.Program("def f(): return 5"), false)
				check(t, d, err, problem.Accepted)
			})
		}
		synctest.Wait()
		if n := r.calls.Load(); n != 1 {
			t.Errorf("%d runs of one program under way, want 1", n)
		}
		close(release)
		wg.Wait()
		if got := v.Stats(); got.Executed != 1 || got.Faults != 0 {
			t.Errorf("got %+v, want one run", got)
		}
	})
}

// A program that looked into the cache just before the result got there, and for a run to share just after that had
// ended, was executed once more.
func TestNoRunBetweenCacheAndFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looked, goOn := make(chan struct{}), make(chan struct{})
		memory := NewMemory(0)
		var gets atomic.Int64
		runs := cache{Memory: memory, get: func(k Key) ([]byte, bool, error) {
			b, ok, err := memory.Get(k)
			if gets.Add(1) == 1 {
				close(looked)
				<-goOn
			}
			return b, ok, err
		}}
		v := New(Config{Runner: &runner{do: passing}, Runs: runs, Verdicts: NewMemory(0)})
		p := unitProblem
		p.Limits.Seconds = 1 // another verdict of the same run
		var wg sync.WaitGroup
		wg.Go(func() {
			d, err := v.Verify(t.Context(), &unitProblem, problem.Program("x"), false)
			check(t, d, err, problem.Accepted)
		})
		<-looked
		d, err := v.Verify(t.Context(), &p, problem.Program("x"), false)
		check(t, d, err, problem.Accepted)
		close(goOn)
		wg.Wait()
		if got := v.Stats(); got.Executed != 1 || got.RunHits != 1 {
			t.Errorf("got %+v, want one run and one hit", got)
		}
	})
}

func TestSharedRunOutlivesAllButTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		r, cancelled := blocking(release)
		v := fakeVerifier(r)
		ask := func() (leave context.CancelFunc, got chan error) {
			ctx, cancel := context.WithCancel(t.Context())
			got = make(chan error, 1)
			go func() {
				d, err := v.Verify(ctx, &unitProblem, problem.Program("x"), false)
				if err == nil && d.Status != problem.Accepted {
					err = errors.New(string(d.Status))
				}
				got <- err
			}()
			synctest.Wait()
			return cancel, got
		}
		leave1, got1 := ask() // began the run
		leave2, got2 := ask()
		leave1()
		if err := <-got1; err != context.Canceled {
			t.Errorf("who left got %v, want context.Canceled", err)
		}
		synctest.Wait()
		if cancelled() != 0 {
			t.Fatal("the run was cancelled while somebody waits")
		}
		leave2()
		if err := <-got2; err != context.Canceled {
			t.Errorf("the last who left got %v", err)
		}
		synctest.Wait()
		if cancelled() != 1 {
			t.Fatal("the run goes on though everybody left")
		}
		// Nothing of that is remembered, neither as a verdict nor as a fault.
		leave3, got3 := ask()
		defer leave3()
		close(release)
		if err := <-got3; err != nil {
			t.Errorf("the next got %v", err)
		}
		if got := v.Stats(); got.Executed != 2 || got.Faults != 0 {
			t.Errorf("got %+v, want 2 runs and no fault", got)
		}
	})
}

// Who comes while a cancelled run is still ending begins a run of its own. Who left last stays until the run has ended:
// the runtime may be closed once all callers are back, and a run that still used its memory crashed the process.
func TestCancelledRunIsSeenToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ending := make(chan struct{})
		r := &runner{do: func(ctx context.Context, call int64) (sandbox.Result, error) {
			if call > 1 {
				return passes, nil
			}
			<-ctx.Done()
			<-ending
			return sandbox.Result{}, ctx.Err()
		}}
		v := fakeVerifier(r)
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() {
			_, err := v.Verify(ctx, &unitProblem, problem.Program("x"), false)
			left <- err
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
		d, err := v.Verify(t.Context(), &unitProblem, problem.Program("x"), false)
		check(t, d, err, problem.Accepted)
		select {
		case <-left:
			t.Error("the caller is back while its run goes on")
		default:
		}
		close(ending)
		if err := <-left; err != context.Canceled {
			t.Errorf("got %v", err)
		}
		if n := len(v.flights.m); n != 0 {
			t.Errorf("%d runs are still listed as under way", n)
		}
	})
}

// A panic while one sample is judged is a fault of the service for all who wait for it, and for nobody else.
func TestPanicIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		v := fakeVerifier(&runner{do: func(context.Context, int64) (sandbox.Result, error) {
			<-release
			panic("at the disco")
		}})
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				d, err := v.Verify(t.Context(), &unitProblem, problem.Program("x"), false)
				check(t, d, err, problem.Unknown)
				if !strings.Contains(d.Error, "at the disco") {
					t.Errorf("got error %q", d.Error)
				}
			})
		}
		synctest.Wait()
		close(release)
		wg.Wait()
		if n := len(v.flights.m); n != 0 {
			t.Errorf("%d runs are still listed as under way", n)
		}
		if _, err := v.Run(t.Context(), problem.RunRequest{Source: "x"}); err == nil || !strings.Contains(err.Error(), "at the disco") {
			t.Errorf("Run: got %v", err)
		}
	})
	verdicts := cache{Memory: NewMemory(0), get: func(Key) ([]byte, bool, error) { panic("in the cache") }}
	v := New(Config{Runner: &runner{do: passing}, Runs: NewMemory(0), Verdicts: verdicts})
	n := 0
	_, err := v.VerifyAll(t.Context(), &unitProblem, make3("x"), false, func(d problem.Verdict) {
		n++
		check(t, d, nil, problem.Unknown)
	})
	if err != nil || n != 3 {
		t.Errorf("got %d verdicts and %v, want 3", n, err)
	}
}

func make3(program string) []problem.Sample {
	return []problem.Sample{problem.Program(program), problem.Program(program), problem.Program(program)}
}
