// Package server is the HTTP interface of borel: programs to run, samples to verify, problems to solve and counts to
// turn into pass@k, in JSON and, where answers arrive one by one, as a stream of JSON lines.
//
// [New] takes the engines that do the work and gives a [Server]; [Server.Serve] answers on a listener until its
// context ends; [Server.Handler] is the same without a listener.
//
//	srv, err := server.New(server.Config{Verifier: v})
//	ln, err := net.Listen("tcp", "127.0.0.1:8080")
//	err = srv.Serve(ctx, ln)
//
// # What a request passes
//
// A request gets an id, its Host and Origin are checked, then its bearer token, then it takes a slot: at most
// Config.Concurrency requests work and Config.Queue wait, any more are answered 429 at once; requests that wait for an
// endpoint, and so work little, have slots of their own. Only then is the body read, decoded strictly (an unknown field
// is an error: a misspelt limit would silently be no limit) and validated. A handler calls one engine and encodes what
// that returns. Every error leaves through one function as an RFC 9457 problem document.
//
// Other APIs that are spoken on the same address, each in a package below this one, are an [API].
//
// # What it refuses
//
// Without a token it serves on loopback addresses only. It never reads a request whose Host is not its own name or
// whose Origin is another site: a web page cannot reach it through a name it rebound to 127.0.0.1. It decides nothing
// itself: verdicts are verify's, selection is solver's, statistics are coverage's.
package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"borel/problem"
	"borel/solver"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
)

// Verifier runs programs and judges samples, as package verify does. fresh means: whatever the caches hold. Lookup and
// Replay answer verify.ErrNoVerdict and verify.ErrNoOrigin for what is not kept.
type Verifier interface {
	Run(ctx context.Context, r problem.RunRequest) (problem.Run, error)
	Verify(ctx context.Context, p *problem.Problem, s problem.Sample, fresh bool) (problem.Verdict, error)
	VerifyAll(ctx context.Context, p *problem.Problem, samples []problem.Sample, fresh bool, emit func(problem.Verdict)) (*problem.Selection, error)
	Lookup(ctx context.Context, key string) (problem.Verdict, error)
	Replay(ctx context.Context, key string) (problem.Replay, error)
	Regrade(ctx context.Context, r problem.Regrade, emit func(problem.Regraded)) (problem.RegradeReport, error)
}

// Solver draws, verifies and selects; [solver.Solver] is one.
type Solver interface {
	Solve(ctx context.Context, r solver.Request, emit func(solver.Attempt)) (*solver.Report, error)
}

// Config is what a Server needs. The zero value of every field but Verifier means its default.
type Config struct {
	Verifier Verifier
	Solver   Solver // nil: no endpoint is configured, and /v1/solve says so

	Evals Evals // nil: this server keeps no evaluation jobs, and /v1/evals says so

	// Ready says why programs cannot be run yet; nil once they can. Default: always ready.
	Ready func() error

	// Sandbox says where programs run, for /readyz to tell; it becomes JSON. Default: nothing is told.
	Sandbox func() map[string]any

	Collectors []prometheus.Collector // of /metrics, besides the server's own and those of APIs

	Tokens  []string     // bearer tokens that are accepted; none: every caller, on loopback listeners only
	Hosts   []string     // host names, without port, that a request may carry besides localhost and IP addresses of ours
	Logger  *slog.Logger // default: discards
	Version string       // shown in the API description; default "dev"

	// APIs answers what is spoken besides the server's own. v is Verifier, with its runs counted for /metrics. Default: nothing.
	APIs func(v Verifier) []API

	Off []string // names of APIs that could be spoken and are not, for /docs to tell

	Concurrency int // requests that work at once; default 4 × GOMAXPROCS
	Queue       int // requests that wait for a slot; default 64, negative: none
	Proxied     int // requests that wait for an endpoint, at once: /v1/solve and those of APIs that say so; default 256
	ProxyQueue  int // requests that wait for a slot of those; default 256, negative: none
	Held        int // requests of APIs that hold their callers (Route.Hold) that wait for a slot; default 4096, negative: none
	Parallel    int // programs or samples of one request under way at once; default 2 × GOMAXPROCS

	MaxBody    int64         // bytes of a request body; default 64 MiB
	BodyTime   time.Duration // to send a whole body; default 30 s
	AnswerTime time.Duration // a client may leave an answer unread; default 30 s
	Grace      time.Duration // requests under way may still take at shutdown, before they are cancelled; default 10 s
}

// Bounds on the lists of one request.
const (
	MaxRuns    = 1000
	MaxSamples = 10_000
	MaxCounts  = 1_000_000
	MaxK       = 1000       // values of k
	MaxPoints  = 10_000_000 // counts × values of k: some seconds of work
)

// Server answers requests. It is safe for concurrent use.
type Server struct {
	cfg     Config
	log     *slog.Logger
	echo    *echo.Echo
	queue   *queue // of requests that work
	proxied *queue // of requests that wait for an endpoint
	apis    []API
	spoken  map[string]*API // by path
	guard   guard
	metrics *metrics

	listeners atomic.Int64 // to events of jobs
	unread    atomic.Int64 // bytes of answers that are written without a slot

	// base is the parent of every request's context; stop cancels it with errStopping as the cause.
	base context.Context
	stop context.CancelCauseFunc
}

// New returns a Server. The error is a Config without a Verifier, or an API whose route is another's too.
func New(cfg Config) (*Server, error) {
	if cfg.Verifier == nil {
		return nil, errors.New("server: Config.Verifier is missing")
	}
	if cfg.Ready == nil {
		cfg.Ready = func() error { return nil }
	}
	if cfg.Sandbox == nil {
		cfg.Sandbox = func() map[string]any { return nil }
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	procs := runtime.GOMAXPROCS(0)
	cfg.Version = cmp.Or(cfg.Version, "dev")
	cfg.Concurrency = cmp.Or(cfg.Concurrency, 4*procs)
	cfg.Queue = cmp.Or(cfg.Queue, 64)
	cfg.Proxied = cmp.Or(cfg.Proxied, 256)
	cfg.ProxyQueue = cmp.Or(cfg.ProxyQueue, 256)
	cfg.Held = cmp.Or(cfg.Held, 4096)
	cfg.Parallel = cmp.Or(cfg.Parallel, 2*procs)
	cfg.MaxBody = cmp.Or(cfg.MaxBody, 64<<20)
	cfg.BodyTime = cmp.Or(cfg.BodyTime, 30*time.Second)
	cfg.AnswerTime = cmp.Or(cfg.AnswerTime, 30*time.Second)
	cfg.Grace = cmp.Or(cfg.Grace, 10*time.Second)

	s := &Server{
		cfg:     cfg,
		log:     cfg.Logger,
		queue:   newQueue(cfg.Concurrency, cfg.Queue, cfg.Held),
		proxied: newQueue(cfg.Proxied, cfg.ProxyQueue, 0),
		spoken:  map[string]*API{},
		guard:   newGuard(cfg.Tokens, cfg.Hosts),
	}
	s.base, s.stop = context.WithCancelCause(context.Background())
	s.metrics = newMetrics(s.queue, s.proxied, cfg.Collectors)
	s.cfg.Verifier = &counted{cfg.Verifier, s.metrics}
	if cfg.APIs != nil {
		s.apis = cfg.APIs(foreign{s.cfg.Verifier})
	}
	var err error
	s.echo, err = s.routes()
	return s, err
}

// Handler answers requests without a listener of its own. Config.Grace and the loopback rule are Serve's.
func (s *Server) Handler() http.Handler { return s.echo }

// Serve answers on ln until ctx ends, then lets the requests under way finish for Config.Grace, cancels those left, and
// closes. It returns nil after such an end. The error is a listener that other machines can reach while no token is
// set, or the listener's own.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	if len(s.cfg.Tokens) == 0 && !loopback(ln.Addr()) {
		ln.Close()
		return fmt.Errorf("other machines can reach %s: set a token (--token), or listen on 127.0.0.1", ln.Addr())
	}
	hs := &http.Server{
		Handler:           s.echo,
		BaseContext:       func(net.Listener) context.Context { return s.base },
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	beside, end := context.WithCancel(context.Background())
	var work sync.WaitGroup
	defer func() { end(); work.Wait() }()
	for i := range s.apis {
		if s.apis[i].Work != nil {
			work.Go(func() { s.apis[i].Work(beside) })
		}
	}
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(ln) }()
	select {
	case err := <-failed:
		s.stop(errStopping)
		return err
	case <-ctx.Done():
	}
	s.queue.close()
	s.proxied.close()
	grace, cancel := context.WithTimeout(context.Background(), s.cfg.Grace)
	defer cancel()
	if err := hs.Shutdown(grace); err == nil {
		s.stop(errStopping)
		return nil
	}
	s.log.Warn("cancelling requests that outlast the shutdown", "grace_seconds", s.cfg.Grace.Seconds())
	s.stop(errStopping)
	last, cancelLast := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancelLast()
	if err := hs.Shutdown(last); err != nil {
		return errors.Join(fmt.Errorf("requests did not end when they were cancelled: %w", err), hs.Close())
	}
	return nil
}

// loopback reports whether only this machine can reach a.
func loopback(a net.Addr) bool {
	switch a := a.(type) {
	case *net.TCPAddr:
		return a.IP.IsLoopback()
	case *net.UnixAddr:
		return true
	}
	return false
}
