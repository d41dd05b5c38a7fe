package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// load measures latency under load: first the rate that as many connections as keep all cores busy get, then, at 80 % of
// it, the time from when a request was due to its answer. Requests are due at random moments (a Poisson process) whether
// or not earlier ones were answered, as requests of many clients are.
func (b *bench) load(ctx context.Context, run func(i int) (float64, error)) error {
	const (
		closed = 4 * time.Second
		open   = 12 * time.Second
		share  = 0.8
	)
	var next atomic.Int64
	next.Store(10_000_000)
	var done atomic.Int64
	end := time.Now().Add(closed)
	g, ctx := errgroup.WithContext(ctx)
	for range 4 * runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			for time.Now().Before(end) && ctx.Err() == nil {
				if _, err := run(int(next.Add(1))); err != nil {
					return err
				}
				done.Add(1)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	most := float64(done.Load()) / closed.Seconds()

	random := rand.New(rand.NewPCG(1, 2))
	var mu sync.Mutex
	var took []float64
	g, ctx = errgroup.WithContext(context.WithoutCancel(ctx))
	began := time.Now()
	for due := time.Duration(0); due < open && ctx.Err() == nil; due += time.Duration(random.ExpFloat64() / (share * most) * 1e9) {
		time.Sleep(time.Until(began.Add(due)))
		g.Go(func() error {
			if _, err := run(int(next.Add(1))); err != nil {
				return fmt.Errorf("at %.0f%% of %.0f requests a second: %w", 100*share, most, err)
			}
			ms := float64(time.Since(began.Add(due)).Nanoseconds()) / 1e6
			mu.Lock()
			defer mu.Unlock()
			took = append(took, ms)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	slices.Sort(took)
	b.add(figure{Name: "http/run-rate", Value: most, Unit: "1/s, client included"})
	b.add(figure{Name: "http/run-p50", Value: took[len(took)/2], Unit: "ms at 80 % of that"})
	b.add(figure{Name: "http/run-p99", Value: took[len(took)*99/100], Unit: "ms at 80 % of that"})
	return nil
}
