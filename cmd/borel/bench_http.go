package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"borel/problem"
)

// http measures a server of its own: its start with and without compiled code, one connection's runs, cached verdicts,
// and memory.
func (b *bench) http(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "borel-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	quiet := *b.m
	quiet.Stderr = io.Discard
	start := func() (*process, float64, error) {
		began := time.Now()
		p, err := startSelf(ctx, &quiet, "serve", "--data", filepath.Join(dir, "data"))
		if err != nil {
			return nil, 0, err
		}
		if err := p.ready(ctx); err != nil {
			p.stop()
			return nil, 0, err
		}
		return p, time.Since(began).Seconds(), nil
	}
	if b.wanted("start/cold") {
		old, had := os.LookupEnv("XDG_CACHE_HOME")
		os.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
		p, cold, err := start()
		if had {
			os.Setenv("XDG_CACHE_HOME", old)
		} else {
			os.Unsetenv("XDG_CACHE_HOME")
		}
		if err != nil {
			return err
		}
		p.stop()
		b.add(measured{Name: "start/cold", Value: cold, Unit: "s"})
	}
	var starts []float64
	var p *process
	for range 5 {
		if p != nil {
			p.stop()
		}
		var warm float64
		if p, warm, err = start(); err != nil {
			return err
		}
		starts = append(starts, warm)
	}
	defer func() { p.stop() }()
	b.add(measured{Name: "start/warm", Value: median(starts), Unit: "s"})
	idle, err := pss(p.cmd.Process.Pid)
	if err != nil {
		return err
	}
	b.add(measured{Name: "memory/idle", Value: idle, Unit: "MB"})

	c, err := newClient(p.url, "")
	if err != nil {
		return err
	}
	defer c.Close()
	run := func(i int) (float64, error) {
		return millis(func() error {
			r, err := c.Run(ctx, problem.RunRequest{Source: fmt.Sprintf("print(%d)", i)})
			if err == nil && r.Stdout != fmt.Sprintln(i) {
				err = fmt.Errorf("print(%d) gave %q", i, r.Stdout)
			}
			return err
		})
	}
	var ours, theirs []float64
	for i := range 2000 {
		d, err := run(i)
		if err != nil {
			return err
		}
		ours = append(ours, d)
		if i%100 == 0 {
			d, err := millis(func() error { return b.native(ctx, "print(1)") })
			if err != nil {
				return err
			}
			theirs = append(theirs, d)
		}
	}
	b.add(measured{"http/run", median(ours), "ms", "a python3 subprocess", median(theirs) / median(ours)})

	if b.wanted("http/run-rate") || b.wanted("http/run-p50") || b.wanted("http/run-p99") {
		if err := b.load(ctx, run); err != nil {
			return err
		}
	}

	if b.wanted("http/cached-verdicts") {
		samples := make([]problem.Sample, 1000)
		for i := range samples {
			samples[i] = problem.Program(fmt.Sprintf("def f(): return %d", i))
		}
		body := map[string]any{"problem": &problem.Problem{ID: "f", Check: problem.Check{Kind: problem.KindUnit, Tests: "assert f() == 5\n"}}, "samples": samples}
		var rates []float64
		for i := range 21 {
			var answer struct{ Verdicts []struct{ Cached bool } }
			d, err := millis(func() error { return c.ask(ctx, "/v1/verify", body, &answer) })
			if err != nil {
				return err
			}
			if i > 0 {
				for _, v := range answer.Verdicts {
					if !v.Cached {
						return fmt.Errorf("a verdict was not cached")
					}
				}
				rates = append(rates, float64(len(answer.Verdicts))/d*1000)
			}
		}
		b.add(measured{Name: "http/cached-verdicts", Value: median(rates), Unit: "1/s, client included"})
	}
	if b.wanted("memory/growth") {
		before, err := pss(p.cmd.Process.Pid)
		if err != nil {
			return err
		}
		bar := b.m.progress("runs", b.Runs)
		for i := range b.Runs {
			if _, err := run(1_000_000 + i); err != nil {
				return err
			}
			bar.step()
		}
		bar.end()
		after, err := pss(p.cmd.Process.Pid)
		if err != nil {
			return err
		}
		b.add(measured{Name: "memory/growth", Value: after - before, Unit: fmt.Sprintf("MB over %d runs (%.0f MB before)", b.Runs, before)})
	}
	return nil
}

// ready waits until a server can run programs.
func (p *process) ready(ctx context.Context) error {
	for {
		r, err := http.Get(p.url + "/readyz")
		if err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}
