package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
)

// Config is what an Engine needs. The zero value works.
type Config struct {
	CacheDir    string // of compiled code; empty keeps none
	Parallel    int    // runs of one template at a time; 0 means GOMAXPROCS
	Interpreter bool   // use wazero's interpreter: slow, but on every architecture
	Portable    bool   // restore memory by copying, as systems other than Linux do
	// Guarded leaves checks of addresses to the processor, where the patched wazero and the system allow it. A program that
	// breaks its interpreter then ends this process, instead of a trap: for processes that may end.
	Guarded bool
	Logger  *slog.Logger // nil discards

	// Unmetered leaves out the counting of fuel, to measure what it costs. Nothing bounds a guest then.
	Unmetered bool
}

// Image is a guest runtime: a module that speaks the guest ABI, and the files that it sees.
type Image struct {
	Name   string
	Digest Digest                 // of the module and the files
	Module func() ([]byte, error) // reads the module, where it is needed
	Files  *Tree
	// Rate is the fuel in one second of the guest's clock.
	Rate int64
	// HashSeed varies the guest's hash functions.
	HashSeed uint32
	// Base is the memory, in bytes, that a fresh guest counts as, towards Limits.Memory and in Result.Memory. What is
	// frozen beyond it is the image's own matter: it takes nothing from a program. Zero counts everything.
	Base int64
	// Harness is given to the guest before freezing; Warm are programs that it then runs once each, so that frozen
	// memory holds what a run is likely to need.
	Harness []byte
	Warm    []Spec
	// Setup is what a child may read from HostFD when it begins. Call stacks are grown for it as they are for the first of
	// Warm; nothing else comes of it.
	Setup []byte
	// Frozen is what the function of that name answered for the same image and Config, perhaps in another process; nil: there is none.
	Frozen *os.File
}

// Engine compiles images. It is safe for concurrent use.
type Engine struct {
	cfg   Config
	rt    wazero.Runtime
	cache wazero.CompilationCache
	mode  Mode

	compiling sync.Mutex
}

// New returns an Engine.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Parallel <= 0 {
		cfg.Parallel = runtime.GOMAXPROCS(0)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if !cfg.Portable && cfg.mapped() {
		if err := reservable(maxMemory); err != nil {
			cfg.Logger.Warn("memory is copied for each run, which is slow: the system does not reserve enough addresses", "bytes", maxMemory, "err", err)
			cfg.Portable = true
		}
	}
	rc, mode := cfg.compiler()
	e := &Engine{cfg: cfg, mode: mode, cache: wazero.NewCompilationCache()}
	if cfg.CacheDir != "" {
		c, err := wazero.NewCompilationCacheWithDir(cfg.codeDir(mode))
		if err != nil {
			return nil, fmt.Errorf("compile cache %s: %w", cfg.CacheDir, err)
		}
		e.cache = c
	}
	e.rt = wazero.NewRuntimeWithConfig(ctx, rc.WithCompilationCache(e.cache).WithMemoryCapacityFromMax(false))
	if err := instantiateHost(ctx, e.rt); err != nil {
		e.Close(ctx)
		return nil, err
	}
	return e, nil
}

// Mode is how the engine compiles.
func (e *Engine) Mode() Mode { return e.mode }

// Close ends the engine; no template may be running.
func (e *Engine) Close(ctx context.Context) error {
	return errors.Join(e.rt.Close(ctx), e.cache.Close(ctx))
}

// Template is a frozen guest, from which runs start. It is safe for concurrent use.
type Template struct {
	engine   *Engine
	image    Image
	identity string
	compiled wazero.CompiledModule
	exports  []string // of the mutable globals
	mem      *frozen
	again    *again // nil: programs that come again are compiled again
	shelf    *shelf
	slots    chan struct{}
}

// maxMemory is what the memory of an instance may grow to.
const maxMemory = 2 << 30

// Load compiles an image, starts the guest and freezes it.
func (e *Engine) Load(ctx context.Context, image Image) (*Template, error) {
	t, err := e.load(ctx, image)
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", image.Name, err)
	}
	return t, nil
}

func (e *Engine) load(ctx context.Context, image Image) (*Template, error) {
	if image.Rate <= 0 {
		return nil, errors.New("rate must be positive")
	}
	began := time.Now()
	found := make(chan *frozen, 1)
	var path string
	go func() { // takes about as long as the rest together
		if image.Frozen == nil {
			path = e.cfg.snapshotPath(&image)
		}
		found <- e.findFrozen(&image, path)
	}()
	m, err := e.compile(ctx, &image, false)
	t := &Template{engine: e, image: image, compiled: m.compiled, exports: m.globals}
	compiled := time.Now()
	t.mem = <-found
	defer func() {
		if err != nil && t.mem != nil {
			t.mem.release()
		}
	}()
	if err != nil {
		return nil, err
	}
	cached, outline := t.mem != nil, m.cached
	if !cached {
		if m.segments == nil {
			if m, err = e.compile(ctx, &image, true); err != nil {
				return nil, err
			}
		}
		if t.mem, err = t.make(ctx, m.segments); err != nil {
			return nil, err
		}
		if path != "" {
			if err := writeSnapshot(path, t.mem); err != nil {
				e.cfg.Logger.Warn("the frozen memory cannot be kept: the next start will be as slow", "err", err)
			}
		}
	}
	if len(t.mem.Globals) != len(t.exports) {
		err = errors.New("its frozen memory is of another module")
		return nil, err
	}
	if !t.mem.mappable() && !e.cfg.Portable {
		e.cfg.Logger.Warn("memory is copied for each run, which is slow: the system refuses memory files")
	}
	t.identify()
	e.cfg.Logger.Info("image loaded", "image", image.Name, "memory_bytes", t.mem.Size, "cached", cached, "outline", outline,
		"compile_ms", compiled.Sub(began).Milliseconds(), "start_ms", time.Since(compiled).Milliseconds())
	return t, nil
}

// findFrozen is the image's frozen memory where somebody has made it, otherwise nil.
func (e *Engine) findFrozen(image *Image, path string) *frozen {
	var f *frozen
	var err error
	switch {
	case image.Frozen != nil:
		f, err = openFrozen(image.Frozen)
	case path != "":
		f, err = readSnapshot(path)
	default:
		return nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		e.cfg.Logger.Warn("a frozen memory is of no use and is made anew", "err", err)
	}
	return f
}

// make starts the guest and freezes it.
func (t *Template) make(ctx context.Context, segments []segment) (*frozen, error) {
	in, err := t.instantiate(ctx)
	if err != nil {
		return nil, err
	}
	defer in.close(ctx)
	for _, s := range segments {
		if !in.mod.Memory().Write(s.offset, s.data) {
			return nil, errors.New("a data segment lies outside its memory")
		}
	}
	if err := t.start(ctx, in); err != nil {
		return nil, err
	}
	memory := in.mem.bytes()
	st := state{Size: uint64(len(memory))}
	h := sha256.New()
	digestMemory(h, memory)
	for _, g := range in.globals {
		st.Globals = append(st.Globals, g.Get())
		binary.Write(h, binary.LittleEndian, g.Get())
	}
	st.Digest = hex.EncodeToString(h.Sum(nil))
	return freeze(memory, st)
}

// startLimits bound what an image does before it is frozen.
func startLimits(rate int64) Limits {
	return Limits{Fuel: 600 * rate, Virtual: 600 * time.Second, Memory: maxMemory, Output: 1 << 20, Files: 1000, FileBytes: 64 << 20}
}

// start brings a new instance to the point where it is frozen.
func (t *Template) start(ctx context.Context, in *instance) error {
	rate := t.image.Rate
	spec := &Spec{Limits: startLimits(rate), Start: DefaultStart.Add(-time.Hour)}
	r := newRun(t.image.Files, rate, spec)
	r.environ = []string{fmt.Sprintf("HASH_SEED=%d", t.image.HashSeed)}
	r.attach(stage{ctx: ctx}, in)
	check := func(what string, v uint32, _ bool, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w; its output: %s", what, err, r.stderr)
		}
		if v != 0 {
			return fmt.Errorf("%s answered %#x; its output: %s", what, v, r.stderr)
		}
		return nil
	}
	step := func(what string, f guestFunction, params ...uint64) error {
		v, done, err := r.call(f, params...)
		return check(what, v, done, err)
	}
	if f := in.mod.ExportedFunction("_initialize"); f != nil {
		if err := step("_initialize", guestFunction{f, in.stack}); err != nil {
			return err
		}
	}
	if err := step("init", in.function("init")); err != nil {
		return err
	}
	p, err := r.send(t.image.Harness)
	if err != nil {
		return err
	}
	if err := step("harness", in.function("harness"), p, uint64(len(t.image.Harness))); err != nil {
		return err
	}
	for i, w := range t.image.Warm {
		w.Limits, w.Start = spec.Limits, spec.Start
		r := newRun(t.image.Files, rate, &w)
		r.attach(stage{ctx: ctx}, in)
		res, err := r.whole(&w)
		if err != nil {
			return fmt.Errorf("warming program %d: %w", i, err)
		}
		if res.Reason != Finished || slices.Max(append(res.Returned, 0)) != 0 {
			return fmt.Errorf("warming program %d: %s; its output: %s", i, res.Reason, res.Stderr)
		}
	}
	if in.mod.ExportedFunction("freeze") != nil {
		r := newRun(t.image.Files, rate, spec)
		r.attach(stage{ctx: ctx}, in)
		v, done, err := r.call(in.function("freeze"))
		return check("freeze", v, done, err)
	}
	return nil
}

// identify completes a template whose memory is frozen.
func (t *Template) identify() {
	engine := "compiler"
	if t.engine.cfg.Interpreter {
		engine = "interpreter"
	}
	engine += " wazero/" + wazeroVersion
	if p := Patches(); p != "" {
		engine += "+" + p
	}
	if t.engine.cfg.Unmetered {
		engine += " unmetered"
	}
	t.identity = strings.Join([]string{t.image.Name, hex.EncodeToString(t.image.Digest[:]), t.mem.Digest,
		"instrument/" + instrumentVersion, fmt.Sprintf("rate/%d base/%d", t.image.Rate, t.image.Base), runtime.GOARCH, engine}, " ")
	t.shelf = &shelf{}
	t.slots = make(chan struct{}, t.engine.cfg.Parallel)
	t.again = newAgain()
}

// Identity names everything besides the Spec that a Result depends on: the image, the frozen memory, the
// instrumentation, the processor architecture and what runs its code: wazero's compiler or interpreter, in its version.
func (t *Template) Identity() string { return t.identity }

// Close frees the template; no run may be under way.
func (t *Template) Close(ctx context.Context) error {
	t.shelf.mu.Lock()
	defer t.shelf.mu.Unlock()
	for _, in := range t.shelf.idle {
		in.close(ctx)
	}
	t.shelf.idle = nil
	return t.mem.release()
}

// Run executes spec. An error means that the service failed or ctx ended, and says nothing about the program.
func (t *Template) Run(ctx context.Context, spec Spec) (res Result, err error) {
	t.Do(ctx, spec, func(r Result, e error) { res, err = r, e })
	return res, err
}

// Do is Run for callers in a hurry: it tells what Run would return, once, before it puts the instance back.
func (t *Template) Do(ctx context.Context, spec Spec, tell func(Result, error)) {
	if err := spec.validate(); err != nil {
		tell(Result{}, err)
		return
	}
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
	case <-ctx.Done():
		tell(Result{}, ctx.Err())
		return
	}
	runtime.LockOSThread() // page faults are counted by thread
	defer runtime.UnlockOSThread()
	on := stage{ctx: ctx}
	if ceiling := spec.Ceiling(); ceiling > 0 {
		on.deadline = time.Now().Add(ceiling)
	}
	if spec.Peer != nil {
		t.pair(on, &spec, tell)
		return
	}
	o := t.alone(on, &spec)
	defer t.put(o.in, o.err)
	tell(o.res, o.err)
}

// stage is where a run takes place.
type stage struct {
	ctx      context.Context
	deadline time.Time // zero: none
	side     *side     // of a pair; nil: the run is alone
}

// outcome is a run's end, and the instance that it took place on, if any, which is to be put back.
type outcome struct {
	res Result
	err error
	in  *instance
}

// alone runs spec, whose peer is not looked at.
func (t *Template) alone(p stage, spec *Spec) (o outcome) {
	if o.in, o.err = t.take(p.ctx); o.err != nil {
		return o
	}
	r, err := t.begin(p, o.in, spec)
	switch {
	case err != nil:
		o.err = err
	case len(spec.Tails) > 0:
		t.tails(p, spec, r, &o)
	default:
		o.res, o.err = r.whole(spec)
	}
	if o.err != nil {
		o.res = Result{}
	}
	return o
}

// begin prepares an instance for a run of spec, which may have come some way already: see checkpoint.
func (t *Template) begin(p stage, in *instance, spec *Spec) (r *run, err error) {
	in.mem.watch()
	channel := spec.Channel != nil || p.side != nil && p.side.join == JoinChannel
	var from *checkpoint
	seen := t.again.look(spec, channel)
	if seen != nil {
		from = seen.compiled.Load()
	}
	if from == nil {
		r = newRun(t.image.Files, t.image.Rate, spec)
		if channel {
			r.fds = append(r.fds, &open{kind: fdChannel, read: true, write: true})
		}
		if t.image.Base > 0 {
			r.own = max(0, int64(t.mem.Size)-t.image.Base)
		}
		if err := r.putFiles(spec.Files, spec.Fetch); err != nil {
			return nil, err
		}
		r.attach(p, in)
	} else {
		if r, err = from.resume(in, spec.Limits); err != nil {
			return nil, err
		}
		r.attach(p, in)
		in.mem.refused = from.refused
	}
	r.template = t
	r.stdin, r.channel = spec.Stdin, spec.Channel // nothing has read them before the first step
	if seen != nil && from == nil {
		r.onCompiled = func() { seen.keep(t, r, spec, channel) }
	}
	return r, nil
}

// shelf holds instances that stand where the template was frozen. The one that was used last is taken first: its pages
// are at hand.
type shelf struct {
	mu   sync.Mutex
	idle []*instance // under mu
}

// take takes an instance, which the caller puts back. It needs a slot, of which a pair takes one for both.
func (t *Template) take(ctx context.Context) (*instance, error) {
	t.shelf.mu.Lock()
	if last := len(t.shelf.idle) - 1; last >= 0 {
		in := t.shelf.idle[last]
		t.shelf.idle = t.shelf.idle[:last]
		t.shelf.mu.Unlock()
		return in, nil
	}
	t.shelf.mu.Unlock()
	in, err := t.instantiate(ctx)
	if err == nil {
		if err = t.settle(context.WithoutCancel(ctx), in); err != nil {
			in.close(ctx)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("new instance: %w", err)
	}
	return in, nil
}

// put puts an instance back to where the template was frozen, also after a trap, or throws it away where its run failed with err.
func (t *Template) put(in *instance, err error) {
	if in == nil {
		return
	}
	if err != nil || t.restore(in) != nil {
		in.close(context.Background())
		return
	}
	t.shelf.mu.Lock()
	defer t.shelf.mu.Unlock()
	if len(t.shelf.idle) >= 2*cap(t.slots) { // more than pairs need: of a run that started others
		in.close(context.Background())
		return
	}
	t.shelf.idle = append(t.shelf.idle, in)
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}
