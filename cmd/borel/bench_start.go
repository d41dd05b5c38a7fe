package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"borel/languages"
	"borel/sandbox"
)

// compile measures how long code takes to make, and to find once it was made, for workers.
func (b *bench) compile(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "borel-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var times []float64
	for range 6 {
		told := &compileTime{Handler: slog.DiscardHandler}
		rt, err := languages.New(ctx, languages.Config{CacheDir: dir, Guarded: true, Logger: slog.New(told)})
		if err != nil {
			return err
		}
		if err := errors.Join(rt.Wait(ctx), rt.Close()); err != nil {
			return err
		}
		times = append(times, told.seconds)
	}
	b.add(measured{Name: "start/compile-cold", Value: times[0], Unit: "s"})
	b.add(measured{Name: "start/compile-warm", Value: median(times[1:]), Unit: "s"})
	return nil
}

// compileTime is a log that notes what the sandbox tells of an image's compilation.
type compileTime struct {
	slog.Handler
	seconds float64
}

func (h *compileTime) Enabled(context.Context, slog.Level) bool { return true }

func (h *compileTime) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "compile_ms" {
			h.seconds = float64(a.Value.Int64()) / 1000
		}
		return true
	})
	return nil
}

// restart measures how long a worker is missing that a program has ended by a fault in guarded memory.
func (b *bench) restart(ctx context.Context) error {
	pool, err := oneWorker(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	if mode := pool.Status().Mode; mode != sandbox.Guarded {
		b.m.say("worker/restart is left out: in %s code no program ends a worker", mode)
		return nil
	}
	stray, err := benchPrograms.ReadFile("bench/stray.py")
	if err != nil {
		return err
	}
	lang, _ := languages.Find("")
	spec := lang.Spec(languages.Program{Steps: []string{string(stray)}, Limits: benchLimits})
	until := func(up bool) error {
		for deadline := time.Now().Add(20 * time.Second); (pool.Ready() == nil) != up; time.Sleep(100 * time.Microsecond) {
			if time.Now().After(deadline) {
				return fmt.Errorf("20 seconds after a fault of its worker the pool says %v", pool.Ready())
			}
		}
		return nil
	}
	var times []float64
	for range 9 {
		ran := make(chan error, 1)
		go func() {
			_, err := pool.Run(ctx, lang.Guest(), spec)
			ran <- err
		}()
		if err := until(false); err != nil {
			return err
		}
		d, err := millis(func() error { return until(true) })
		if err := errors.Join(err, <-ran); err != nil {
			return err
		}
		times = append(times, d)
		time.Sleep(2 * time.Second) // for the pool's allowance of faults
	}
	b.add(measured{Name: "worker/restart", Value: median(times), Unit: "ms"})
	return nil
}
