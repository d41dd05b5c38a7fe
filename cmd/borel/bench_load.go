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

// load measures latency under load, in rounds, since a machine's speed changes from second to second: first the rate that as
// many connections as keep all cores busy get, then, at 80 % of it, the time from when a request was due to its answer.
// Requests are due at random moments (a Poisson process) whether or not earlier ones were answered, as requests of many
// clients are. The figures are medians of the rounds'.
func (b *bench) load(ctx context.Context, run func(i int) (float64, error)) error {
	const (
		rounds = 9
		closed = time.Second
		open   = 2 * time.Second
		share  = 0.8
	)
	var next atomic.Int64
	next.Store(10_000_000)
	random := rand.New(rand.NewPCG(1, 2))
	var most, p50, p99 []float64
	for range rounds {
		rate, err := saturate(ctx, closed, &next, run)
		if err != nil {
			return err
		}
		took, err := arrive(ctx, open, share*rate, random, &next, run)
		if err != nil {
			return fmt.Errorf("at %.0f%% of %.0f requests a second: %w", 100*share, rate, err)
		}
		slices.Sort(took)
		most, p50, p99 = append(most, rate), append(p50, took[len(took)/2]), append(p99, took[len(took)*99/100])
	}
	b.add(measured{Name: "http/run-rate", Value: median(most), Unit: "1/s, client included"})
	b.add(measured{Name: "http/run-p50", Value: median(p50), Unit: "ms at 80 % of that"})
	b.add(measured{Name: "http/run-p99", Value: median(p99), Unit: "ms at 80 % of that"})
	return nil
}

// saturate is the rate of requests, in 1/s, when each connection asks again once it was answered.
func saturate(ctx context.Context, d time.Duration, next *atomic.Int64, run func(i int) (float64, error)) (float64, error) {
	var done atomic.Int64
	began := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	for range 4 * runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			for time.Since(began) < d && ctx.Err() == nil {
				if _, err := run(int(next.Add(1))); err != nil {
					return err
				}
				done.Add(1)
			}
			return nil
		})
	}
	err := g.Wait()
	return float64(done.Load()) / time.Since(began).Seconds(), err
}

// arrive makes requests arrive at a rate, and returns how long after its arrival each was answered, in ms.
func arrive(ctx context.Context, d time.Duration, rate float64, random *rand.Rand, next *atomic.Int64, run func(i int) (float64, error)) (took []float64, err error) {
	var mu sync.Mutex // guards took
	g, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	for due := time.Duration(0); due < d && ctx.Err() == nil; due += time.Duration(random.ExpFloat64() / rate * 1e9) {
		time.Sleep(time.Until(began.Add(due)))
		g.Go(func() error {
			if _, err := run(int(next.Add(1))); err != nil {
				return err
			}
			ms := float64(time.Since(began.Add(due)).Nanoseconds()) / 1e6
			mu.Lock()
			defer mu.Unlock()
			took = append(took, ms)
			return nil
		})
	}
	err = g.Wait()
	return took, err
}
