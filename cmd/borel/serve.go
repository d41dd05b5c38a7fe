package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"borel/server"
	"borel/server/sandboxfusion"
	"borel/solver"
	"borel/store"
	"borel/wasm"
	"borel/worker"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"
)

type serveCmd struct {
	Addr        string        `default:"127.0.0.1:8080" help:"Where to listen; other machines only with a token."`
	Token       []string      `placeholder:"TOKEN" help:"Bearer tokens that are accepted."`
	AllowHost   []string      `placeholder:"NAME" help:"Host names, besides localhost and this machine's addresses, that requests may carry."`
	Concurrency int           `help:"Requests that work at once (default 4 × processors)."`
	Queue       int           `help:"Requests that wait, before any more are refused with 429 (default 64; -1: none)."`
	Proxied     int           `help:"Requests that wait for an endpoint, at once (default 256)."`
	ProxyQueue  int           `help:"Requests that wait for a slot of those (default 256; -1: none)."`
	MaxBodyMB   int64         `name:"max-body-mb" default:"64" help:"Limit of a request, in megabytes."`
	Grace       time.Duration `default:"10s" help:"What requests under way may still take at shutdown."`
	Durable     bool          `help:"Answer only when what is remembered is on disk."`
	MaxRunMB    int64         `name:"max-run-mb" default:"1024" help:"Limit of remembered runs, in megabytes; the oldest are forgotten."`
	apiFlags
	dataFlags
	endpointFlags
	judgeFlags
	isolationFlags

	engine *engine // set by Run, for the APIs
	python string  // version of its interpreter

	datasets []sandboxfusion.Dataset // set by Run
}

func (c *serveCmd) Run(ctx context.Context, m *Main) (err error) {
	began := time.Now()
	draws, err := c.endpointFlags.sampler(m)
	if err != nil {
		return err
	}
	if c.datasets, err = c.fusionDatasets(); err != nil {
		return err
	}
	judges, closeJudges, err := c.judgeFlags.config(m)
	if err != nil {
		return err
	}
	defer closeJudges()
	dir, err := c.dataFlags.dir()
	if err != nil {
		return err
	}
	image, err := wasm.Python()
	if err != nil {
		return err
	}
	ln, err := listen(c.Addr)
	if err != nil {
		return err
	}
	defer ln.Close() // Serve closes it too; that error is of no use
	e, err := openEngine(ctx, store.Config{Dir: dir, Durable: c.Durable, MaxRunBytes: c.MaxRunMB << 20, Logger: m.log}, c.isolationFlags, judges)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	c.engine, c.python = e, image.Version
	cfg := server.Config{
		Collectors: []prometheus.Collector{engineMetrics{e.runtime}},
		Verifier:   e, Ready: e.runtime.Ready, Sandbox: e.sandbox, Tokens: c.Token, Hosts: c.AllowHost, Logger: m.log, Version: version(),
		Concurrency: c.Concurrency, Queue: c.Queue, Proxied: c.Proxied, ProxyQueue: c.ProxyQueue, MaxBody: c.MaxBodyMB << 20, Grace: c.Grace,
	}
	if draws != nil {
		defer draws.Close()
		cfg.Solver = solver.New(draws, e, parallelGroups())
	}
	jobs, err := e.evals(m, draws)
	if err != nil {
		return err
	}
	cfg.Evals = jobs
	spoken, err := c.apis(draws, cfg)
	if err != nil {
		return err
	}
	cfg.APIs, cfg.Off = spoken.build, spoken.off
	srv, err := server.New(cfg)
	if err != nil {
		return err
	}
	if err := e.store.Announce(reachable(ln.Addr())); err != nil {
		return err
	}
	m.say("listens at http://%s, keeps its data in %s", ln.Addr(), dir)
	m.listening(ln)

	g, ctx := errgroup.WithContext(ctx)
	if draws != nil {
		g.Go(func() error { draws.Watch(ctx); return nil })
	}
	g.Go(func() error { return jobs.Run(ctx) })
	g.Go(func() error { return srv.Serve(ctx, ln) })
	g.Go(func() error {
		err := e.runtime.Wait(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			m.say("ready after %.2f s", time.Since(began).Seconds())
			return nil
		case c.outlasts(err):
			m.say("cannot run programs, and keeps trying: %v", err)
			return nil
		}
		return err
	})
	return g.Wait()
}

// outlasts reports whether a fault of what runs programs may pass. Workers are started again for as long as it takes;
// an image that this process cannot load, and isolation that this system does not give, stay as they are.
func (c *serveCmd) outlasts(err error) bool {
	_, missing := errors.AsType[*worker.MissingError](err)
	return c.Isolation != isolationNone && !missing
}

// reachable is where a process on this machine finds a listener.
func reachable(a net.Addr) string {
	t, ok := a.(*net.TCPAddr)
	if !ok || !t.IP.IsUnspecified() {
		return a.String()
	}
	return fmt.Sprintf("127.0.0.1:%d", t.Port)
}
