package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
)

// Config is what an Engine needs. The zero value works.
type Config struct {
	CacheDir    string       // of compiled code; empty keeps none
	Parallel    int          // runs of one template at a time; 0 means GOMAXPROCS
	Interpreter bool         // use wazero's interpreter: slow, but on every architecture
	Portable    bool         // restore memory by copying, as systems other than Linux do
	Logger      *slog.Logger // nil discards

	// Unmetered leaves out the counting of fuel, to measure what it costs. Nothing bounds a guest then.
	Unmetered bool
}

// Image is a guest runtime: a module that speaks the guest ABI, and the files that it sees.
type Image struct {
	Name   string
	Digest Digest
	Module []byte
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
}

// Engine compiles images. It is safe for concurrent use.
type Engine struct {
	cfg   Config
	rt    wazero.Runtime
	cache wazero.CompilationCache
}

// New returns an Engine.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Parallel <= 0 {
		cfg.Parallel = runtime.GOMAXPROCS(0)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	rc := wazero.NewRuntimeConfig()
	if cfg.Interpreter {
		rc = wazero.NewRuntimeConfigInterpreter()
	}
	e := &Engine{cfg: cfg, cache: wazero.NewCompilationCache()}
	if cfg.CacheDir != "" {
		c, err := wazero.NewCompilationCacheWithDir(cfg.CacheDir)
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
	globals  []uint64 // their frozen values
	mem      *frozen
	base     *run // the host's side as it was frozen; nil where nothing had begun
	idle     chan *instance
	slots    chan struct{}
}

// maxMemory is the address space reserved for an instance.
const maxMemory = 2 << 30

// Load compiles an image, starts the guest and freezes it.
func (e *Engine) Load(ctx context.Context, image Image) (*Template, error) {
	if image.Rate <= 0 {
		return nil, fmt.Errorf("image %s: rate must be positive", image.Name)
	}
	began := time.Now()
	p, err := instrument(image.Module, !e.cfg.Unmetered)
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", image.Name, err)
	}
	image.Module = nil
	rewritten := time.Now()
	t := &Template{engine: e, image: image, exports: p.globals}
	t.compiled, err = e.rt.CompileModule(experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0)), p.code)
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", image.Name, err)
	}
	compiled := time.Now()
	in, err := t.instantiate(ctx)
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", image.Name, err)
	}
	defer in.close(ctx)
	for _, s := range p.segments {
		if !in.mod.Memory().Write(s.offset, s.data) {
			return nil, fmt.Errorf("image %s: a data segment lies outside its memory", image.Name)
		}
	}
	if err := t.start(ctx, in); err != nil {
		return nil, fmt.Errorf("image %s: %w", image.Name, err)
	}
	if err := t.freeze(in, nil); err != nil {
		return nil, fmt.Errorf("image %s: %w", image.Name, err)
	}
	e.cfg.Logger.Info("image loaded", "image", image.Name, "memory_bytes", t.mem.size,
		"instrument_ms", rewritten.Sub(began).Milliseconds(), "compile_ms", compiled.Sub(rewritten).Milliseconds(), "start_ms", time.Since(compiled).Milliseconds())
	return t, nil
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
	r.attach(ctx, in)
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
		r.attach(ctx, in)
		res, err := r.whole(&w)
		if err != nil {
			return fmt.Errorf("warming program %d: %w", i, err)
		}
		if res.Reason != Finished || slices.Max(append(res.Returned, 0)) != 0 {
			return fmt.Errorf("warming program %d: %s; its output: %s", i, res.Reason, res.Stderr)
		}
	}
	return nil
}

// freeze makes in's present state the template's. What else tells it from others is prefix.
func (t *Template) freeze(in *instance, prefix []byte) error {
	var err error
	if t.mem, err = freeze(in.mem.bytes()); err != nil {
		return err
	}
	h := sha256.New()
	digestMemory(h, in.mem.bytes())
	for _, g := range in.globals {
		t.globals = append(t.globals, g.Get())
		binary.Write(h, binary.LittleEndian, g.Get())
	}
	h.Write(prefix)
	engine := "compiler"
	if t.engine.cfg.Interpreter {
		engine = "interpreter"
	}
	if t.engine.cfg.Unmetered {
		engine += " unmetered"
	}
	t.identity = strings.Join([]string{t.image.Name, hex.EncodeToString(t.image.Digest[:]), hex.EncodeToString(h.Sum(nil)),
		"instrument/" + instrumentVersion, fmt.Sprint("rate/", t.image.Rate), runtime.GOARCH, engine}, " ")
	t.idle = make(chan *instance, t.engine.cfg.Parallel)
	t.slots = make(chan struct{}, t.engine.cfg.Parallel)
	return nil
}

// Identity names everything besides the Spec that a Result depends on: the image, the frozen memory, the
// instrumentation and the processor architecture.
func (t *Template) Identity() string { return t.identity }

// Close frees the template; no run may be under way.
func (t *Template) Close(ctx context.Context) error {
	for {
		select {
		case in := <-t.idle:
			in.close(ctx)
			continue
		default:
		}
		return t.mem.release()
	}
}

// Run executes spec. An error means that the service failed or ctx ended, and says nothing about the program.
func (t *Template) Run(ctx context.Context, spec Spec) (Result, error) {
	if err := spec.validate(); err != nil {
		return Result{}, err
	}
	in, err := t.acquire(ctx)
	if err != nil {
		return Result{}, err
	}
	var res Result
	r, err := t.newRun(&spec)
	if err == nil {
		r.attach(ctx, in)
		res, err = r.whole(&spec)
	}
	t.release(in, err == nil && res.Reason != Trap, res.Fuel)
	return res, err
}

// newRun is the host's side of a run of spec: at its beginning, or where the template was frozen.
func (t *Template) newRun(spec *Spec) (*run, error) {
	if t.base != nil {
		return t.base.fork(spec.Limits)
	}
	r := newRun(t.image.Files, t.image.Rate, spec)
	if t.image.Base > 0 {
		r.own = max(0, int64(t.mem.size)-t.image.Base)
	}
	return r, r.putFiles(spec.Files)
}

// acquire waits for a slot and takes an instance. The caller releases it.
func (t *Template) acquire(ctx context.Context) (*instance, error) {
	select {
	case t.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case in := <-t.idle:
		return in, nil
	default:
	}
	in, err := t.instantiate(ctx)
	if err != nil {
		<-t.slots
		return nil, fmt.Errorf("new instance: %w", err)
	}
	return in, nil
}

// release puts an instance back to where the template was frozen, or throws it away where it is not to be kept.
func (t *Template) release(in *instance, keep bool, used int64) {
	if keep && t.restore(in, used) == nil {
		t.idle <- in // there is room: slots bounds the instances
	} else {
		in.close(context.Background())
	}
	<-t.slots
}

func (s *Spec) validate() error {
	l := s.Limits
	if l.Fuel <= 0 || l.Virtual <= 0 || l.Memory <= 0 || l.Memory > maxMemory || l.Output < 0 || l.Files < 0 || l.FileBytes < 0 {
		return fmt.Errorf("spec: limits %+v: fuel, virtual and memory must be positive (memory at most %d), the others not negative", l, maxMemory)
	}
	return nil
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}
