// Package worker runs guest code in processes of their own, so that a guest which breaks out of WebAssembly finds itself
// in a place with nothing in it: no keys, no store, no network, no files.
//
// [New] starts a [Pool] of worker processes, one a core; [Pool.Run] has one of them execute a program and returns what
// it did, as languages.Runtime does in this process:
//
//	pool, err := worker.New(worker.Config{CacheDir: dir})
//	defer pool.Close()
//	res, err := pool.Run(ctx, lang.Guest(), lang.Spec(program))
//
// A worker is this same program, executed again with the command "worker", which calls [Serve]. It loads the images,
// gives up every right it does not need (package confine), says hello, and then runs one program at a time.
//
// # Messages
//
// Supervisor and worker speak over one socket: a [Request] each way down, an [Answer] each way up, as frames of a length
// and CBOR ([Encode], [Decode]). The messages are plain data and could cross machines. What a worker says is read as
// hostile input: a frame is bounded before memory is taken for it, and an answer that an honest worker could not have
// given ends the worker.
//
// # When a worker ends
//
// A worker that dies, hangs or talks rubbish is killed and replaced, and its run is run again elsewhere, twice at most;
// then the run is an error, which says what happened. Nothing is concluded about a program from a worker's end, with one
// exception: a program that ended a worker by that worker's own doing (a fault signal, never a kill from outside), and
// then two more that were started for it alone and had just passed a control run, has broken the interpreter, and the
// result says so (sandbox.Trap).
//
// It refuses to guess: an answer is what a worker said, or an error.
package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"borel/confine"
	"borel/languages"
	"borel/sandbox"
)

// Config is what a Pool needs. The zero value works.
type Config struct {
	CacheDir string        // of compiled code; empty keeps none
	Workers  int           // processes; default GOMAXPROCS
	Command  []string      // what a worker is started with, before its arguments; default: this program and "worker"
	Safe     bool          // programs' addresses are checked, not guarded: slower, and a program that breaks its interpreter ends no worker
	Require  bool          // no worker is used that lacks a layer of isolation
	Logger   *slog.Logger  // default: discards
	Patience time.Duration // of a run while no worker can be started; default 10 s

	Calm time.Duration // after a flood of programs that fault, before a worker with checks is replaced; default 10 s

	Margin time.Duration // of a run beyond its wall-clock ceiling, before its worker is held to hang; default 10 s

	// HelloTime is what a worker may take to start; default 60 s, of which it takes a fraction; the first, which compiles, may take five times as long.
	HelloTime time.Duration
}

// Pool runs programs in worker processes. It is safe for concurrent use.
type Pool struct {
	cfg    Config
	log    *slog.Logger
	ctx    context.Context
	cancel context.CancelFunc
	usual  *crew
	starts chan func()   // to the thread that starts all workers
	alone  chan struct{} // held by the run that has a worker for itself
	varied chan struct{} // holds one of maxVaried for each run under another hash seed
	wg     sync.WaitGroup
	once   sync.Once // closes
	ended  atomic.Int64
	faults atomic.Int64

	mu         sync.Mutex
	identities map[languages.Guest]string // under mu: from hellos
	variants   []*crew                    // under mu: of other hash seeds; the one used last at the end
	mode       sandbox.Mode               // under mu: of the workers that are there from the beginning
	closing    sync.WaitGroup             // of variants that were put away
	isolation  confine.Report             // under mu: of the last hello
}

const (
	// attempts is how often a run is tried.
	attempts = 3
	// maxVariants is how many hash seeds besides the usual one have a worker.
	maxVariants = 2
	// maxVaried is how many runs under other hash seeds are under way at once: each may start a worker of its own.
	maxVaried = 2
	// maxIdentities bounds what is remembered of hash seeds.
	maxIdentities = 10_000
)

// New starts the workers and returns at once; runs wait for the first. The error is a system without them.
func New(cfg Config) (*Pool, error) {
	if !supported {
		return nil, errors.New("worker processes are not possible on " + runtime.GOOS + ": run without isolation (--isolation=none)")
	}
	cfg.Workers = cmp.Or(cfg.Workers, runtime.GOMAXPROCS(0))
	cfg.Patience = cmp.Or(cfg.Patience, 10*time.Second)
	cfg.Calm = cmp.Or(cfg.Calm, 10*time.Second)
	cfg.Margin = cmp.Or(cfg.Margin, 10*time.Second)
	cfg.HelloTime = cmp.Or(cfg.HelloTime, time.Minute)
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	p := &Pool{cfg: cfg, log: cfg.Logger, starts: make(chan func()), alone: make(chan struct{}, 1), varied: make(chan struct{}, maxVaried), identities: map[languages.Guest]string{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.wg.Go(p.thread)
	p.usual = p.newCrew(0, cfg.Workers)
	return p, nil
}

// thread starts the workers, all on one thread of the system: the kernel kills a worker when the thread that started it
// ends (Pdeathsig), and this one lasts as long as the pool.
func (p *Pool) thread() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for f := range p.starts {
		f()
	}
}

func (p *Pool) onThread(f func() error) (err error) {
	done := make(chan struct{})
	p.starts <- func() { err = f(); close(done) }
	<-done
	return err
}

// Close kills the workers and waits until they are gone. Runs under way end with an error; none may begin any more.
func (p *Pool) Close() error {
	p.once.Do(p.close)
	return nil
}

func (p *Pool) close() {
	p.cancel()
	p.usual.close()
	p.mu.Lock()
	variants := p.variants
	p.variants = nil
	p.mu.Unlock()
	for _, c := range variants {
		c.close()
	}
	p.closing.Wait()
	p.alone <- struct{}{} // whoever has a worker for himself is done with it
	close(p.starts)
	p.wg.Wait()
}

// Ready is nil once a worker is up, [ErrStarting] before, and the fault while none can be started.
func (p *Pool) Ready() error { return p.usual.state() }

// Wait returns when a worker is up, or with the fault where none can be started.
func (p *Pool) Wait(ctx context.Context) error { return p.usual.wait(ctx) }

// Status is how the pool stands.
type Status struct {
	Workers   int            // that there should be
	Ready     int            // that are up
	Ended     int            // that were up, ended and were replaced
	Fault     string         // why the last start failed; empty once one went well
	Mode      sandbox.Mode   // how they compile programs; empty before the first is up
	Checked   int            // of Ready, that check addresses for a while after many faults
	Faults    int            // runs that ended a worker with guarded memory, and were run again with checks
	Isolation confine.Report // of the workers; nil before the first is up
}

// Status tells how many workers are up and what confines them.
func (p *Pool) Status() Status {
	p.mu.Lock()
	s := Status{Workers: p.cfg.Workers, Mode: p.mode, Ended: int(p.ended.Load()), Faults: int(p.faults.Load()), Isolation: p.isolation}
	p.mu.Unlock()
	c := p.usual
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Ready, s.Checked = c.live, c.checked
	if c.fault != nil {
		s.Fault = c.fault.Error()
	}
	return s
}

// MissingError is a worker that lacks layers of isolation while Config.Require is set.
type MissingError struct{ Layers []string }

func (e *MissingError) Error() string {
	return "isolation is required, and this system does not give: " + strings.Join(e.Layers, ", ")
}

// accept judges a hello.
func (p *Pool) accept(h *Hello, seed uint32, guarded bool) error {
	if h.Protocol != Protocol {
		return fmt.Errorf("it speaks version %d of the protocol, this process version %d: both must be the same program", h.Protocol, Protocol)
	}
	if missing := h.Isolation.Missing(); p.cfg.Require && len(missing) > 0 {
		return &MissingError{missing}
	}
	if !slices.Contains([]sandbox.Mode{sandbox.Stock, sandbox.Safe, sandbox.Guarded, sandbox.Interpreted}, h.Mode) || h.Mode == sandbox.Guarded && !guarded {
		return fmt.Errorf("its guests are compiled as %q, which is not what it was told", cut(string(h.Mode)))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if got, want := slices.Sorted(maps.Keys(h.Identities)), slices.Sorted(slices.Values(languages.Names())); !slices.Equal(got, want) {
		return fmt.Errorf("it runs %q, this process knows %q", got, want)
	}
	for name, id := range h.Identities {
		if known, ok := p.identities[languages.Guest{Language: name, HashSeed: seed}]; ok && known != id {
			return fmt.Errorf("its %s is %q, that of the other workers %q: results would depend on the worker", name, cut(id), known)
		}
	}
	if len(p.identities) >= maxIdentities {
		maps.DeleteFunc(p.identities, func(g languages.Guest, _ string) bool { return g.HashSeed != 0 })
	}
	for name, id := range h.Identities {
		p.identities[languages.Guest{Language: name, HashSeed: seed}] = id
	}
	p.isolation = h.Isolation
	if guarded != p.cfg.Safe { // not of those that take what faults
		if p.mode == "" && h.Mode == sandbox.Safe && guarded {
			p.log.Warn("workers check addresses, which is slower: this system does not give them enough addresses to guard memory with, or no memory files", "bytes", sandbox.Guarded.Room())
		}
		p.mode = h.Mode
	}
	return nil
}

// crew finds the workers of g, which are there until done is called.
func (p *Pool) crew(ctx context.Context, g languages.Guest) (c *crew, done func(), err error) {
	if g.HashSeed == 0 {
		return p.usual, func() {}, nil
	}
	select {
	case p.varied <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	case <-p.ctx.Done():
		return nil, nil, errClosed
	}
	defer func() {
		if err != nil {
			<-p.varied
		}
	}()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return nil, nil, errClosed
	}
	i := slices.IndexFunc(p.variants, func(c *crew) bool { return c.seed == g.HashSeed })
	if i < 0 {
		c = p.newCrew(g.HashSeed, 1)
	} else {
		c = p.variants[i]
		p.variants = slices.Delete(p.variants, i, i+1)
	}
	p.variants = append(p.variants, c)
	c.users++
	return c, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		c.users--
		p.retire()
		<-p.varied
	}, nil
}

// retire puts away the variants beyond those that are kept, the oldest first, unless they are in use. It is called with
// mu held.
func (p *Pool) retire() {
	for i := 0; len(p.variants) > maxVariants && i < len(p.variants); {
		c := p.variants[i]
		if c.users > 0 {
			i++
			continue
		}
		p.variants = slices.Delete(p.variants, i, i+1)
		p.closing.Go(c.close)
	}
}
