package languages

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"

	"borel/sandbox"
)

// Config is what a Runtime needs. The zero value works.
type Config struct {
	CacheDir string       // of compiled code; empty keeps none
	Parallel int          // runs at a time; 0 means GOMAXPROCS
	Logger   *slog.Logger // nil discards

	// HashSeed is that of the images which are loaded at once and stay; other variants are loaded when they are asked for.
	HashSeed uint32

	// Frozen are memories that the function of that name answered, perhaps in another process.
	Frozen map[Guest]*os.File

	// Guarded is sandbox.Config's.
	Guarded bool

	// Unmetered runs programs without counting fuel, to measure what counting costs. Nothing bounds a program then.
	Unmetered bool
}

// Guest is a language's image in one of its variants.
type Guest struct {
	Language string
	HashSeed uint32 // of the guest's hash functions: the order of sets; 0 is the usual one
}

// Guest is the usual variant of l.
func (l *Language) Guest() Guest { return Guest{Language: cmp.Or(l.on, l.Name)} }

// variant is l's image under a hash seed.
func (l *Language) variant(seed uint32) (sandbox.Image, error) {
	image, err := l.load()
	image.HashSeed = seed
	return image, err
}

// Frozen answers the frozen memory of g as a file that other processes can run on, see Config.Frozen; nil where the
// system has no such files. It is in cacheDir, or an error, once a Runtime has loaded g there. The caller closes it.
func Frozen(cacheDir string, g Guest) (*os.File, error) {
	l, ok := Find(g.Language)
	if !ok {
		return nil, fmt.Errorf("language %q is not known", g.Language)
	}
	image, err := l.variant(g.HashSeed)
	if err != nil {
		return nil, fmt.Errorf("language %s: %w", l.Name, err)
	}
	return sandbox.Frozen(sandbox.Config{CacheDir: cacheDir}, image)
}

// Runtime runs programs on the images of all languages, in this process. It is safe for concurrent use.
type Runtime struct {
	engine *sandbox.Engine
	seed   uint32 // of the images that stay
	frozen map[Guest]*os.File
	ctx    context.Context // of loading
	cancel context.CancelFunc
	wg     sync.WaitGroup

	varied chan struct{} // holds one for each use of another hash seed that is under way

	mu       sync.Mutex
	loads    map[Guest]*load // under mu; those of seed are always there
	variants []Guest         // under mu; the others, the one that was used last at the end
}

// load is an image on its way.
type load struct {
	done     chan struct{}
	template *sandbox.Template // both are set before done is closed
	err      error
	users    int // under Runtime.mu
}

// maxVariants is how many images with a hash seed of their own are kept; each takes some tens of megabytes.
const maxVariants = 2

// ErrLoading is answered by Ready while an image is being loaded.
var ErrLoading = errors.New("the images are still being loaded")

// New starts loading the images and returns at once; runs wait for the image they need.
func New(ctx context.Context, cfg Config) (*Runtime, error) {
	engine, err := sandbox.New(ctx, sandbox.Config{CacheDir: cfg.CacheDir, Parallel: cfg.Parallel, Logger: cfg.Logger, Guarded: cfg.Guarded, Unmetered: cfg.Unmetered})
	if err != nil {
		return nil, err
	}
	rt := &Runtime{engine: engine, seed: cfg.HashSeed, frozen: cfg.Frozen, loads: map[Guest]*load{}, varied: make(chan struct{}, maxVariants)}
	rt.ctx, rt.cancel = context.WithCancel(context.WithoutCancel(ctx))
	for _, l := range all {
		rt.loads[Guest{l.Name, rt.seed}] = rt.load(l, rt.seed)
	}
	return rt, nil
}

// Mode is how programs are compiled.
func (rt *Runtime) Mode() sandbox.Mode { return rt.engine.Mode() }

// load starts loading an image.
func (rt *Runtime) load(l *Language, seed uint32) *load {
	p := &load{done: make(chan struct{})}
	rt.wg.Go(func() {
		defer close(p.done)
		image, err := l.variant(seed)
		if err == nil {
			image.Frozen = rt.frozen[Guest{l.Name, seed}]
			p.template, err = rt.engine.Load(rt.ctx, image)
		}
		if err != nil {
			p.err = fmt.Errorf("language %s: %w", l.Name, err)
		}
	})
	return p
}

// Close waits for what is being loaded and frees everything; no run may be under way.
func (rt *Runtime) Close() error {
	rt.cancel()
	rt.wg.Wait()
	ctx := context.Background()
	var errs []error
	for _, p := range rt.loads {
		if p.template != nil {
			errs = append(errs, p.template.Close(ctx))
		}
	}
	return errors.Join(append(errs, rt.engine.Close(ctx))...)
}

// Ready is nil once every image is loaded, ErrLoading before, and the fault where one cannot be loaded.
func (rt *Runtime) Ready() error {
	for _, l := range all {
		p, done, err := rt.use(Guest{l.Name, rt.seed})
		if err != nil {
			return err
		}
		done()
		select {
		case <-p.done:
			if p.err != nil {
				return p.err
			}
		default:
			return ErrLoading
		}
	}
	return nil
}

// Wait returns when every image is loaded, or with the fault of one that cannot be.
func (rt *Runtime) Wait(ctx context.Context) error {
	for _, l := range all {
		if _, err := rt.Identity(ctx, Guest{l.Name, rt.seed}); err != nil {
			return err
		}
	}
	return nil
}

// use finds the image of g, or starts loading it. It stays until the caller calls done.
func (rt *Runtime) use(g Guest) (p *load, done func(), err error) {
	l, ok := Find(g.Language)
	if !ok {
		return nil, nil, fmt.Errorf("language %q is not known", g.Language)
	}
	g.Language = l.Name
	rt.mu.Lock()
	defer rt.mu.Unlock()
	p = rt.loads[g]
	if p == nil {
		p = rt.load(l, g.HashSeed)
		rt.loads[g] = p
	}
	if g.HashSeed != rt.seed {
		rt.variants = append(slices.DeleteFunc(rt.variants, func(v Guest) bool { return v == g }), g)
	}
	p.users++
	return p, func() {
		rt.mu.Lock()
		defer rt.mu.Unlock()
		p.users--
		rt.evict()
	}, nil
}

// evict closes the variants beyond those that are kept, the oldest first, unless they are in use or being loaded.
func (rt *Runtime) evict() {
	for i := 0; len(rt.variants) > maxVariants && i < len(rt.variants); {
		p := rt.loads[rt.variants[i]]
		select {
		case <-p.done:
		default:
			i++
			continue
		}
		if p.users > 0 {
			i++
			continue
		}
		if p.template != nil {
			p.template.Close(context.Background()) // what it fails to free is gone with the process
		}
		delete(rt.loads, rt.variants[i])
		rt.variants = slices.Delete(rt.variants, i, i+1)
	}
}

// with calls f on the template of g, once that is loaded.
func (rt *Runtime) with(ctx context.Context, g Guest, f func(*sandbox.Template) error) error {
	if g.HashSeed != rt.seed { // each image that is not there yet takes time and memory
		select {
		case rt.varied <- struct{}{}:
			defer func() { <-rt.varied }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p, done, err := rt.use(g)
	if err != nil {
		return err
	}
	defer done()
	select {
	case <-p.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	if p.err != nil {
		return p.err
	}
	return f(p.template)
}

// Identity names everything besides the spec that a result depends on. It waits for the image.
func (rt *Runtime) Identity(ctx context.Context, g Guest) (id string, err error) {
	err = rt.with(ctx, g, func(t *sandbox.Template) error {
		id = t.Identity()
		return nil
	})
	return id, err
}

// Run executes spec on the image of g.
func (rt *Runtime) Run(ctx context.Context, g Guest, spec sandbox.Spec) (res sandbox.Result, err error) {
	rt.Do(ctx, g, spec, func(r sandbox.Result, e error) { res, err = r, e })
	return res, err
}

// Do is Run for callers in a hurry: see sandbox.Template.Do.
func (rt *Runtime) Do(ctx context.Context, g Guest, spec sandbox.Spec, tell func(sandbox.Result, error)) {
	err := rt.with(ctx, g, func(t *sandbox.Template) error {
		t.Do(ctx, spec, tell)
		return nil
	})
	if err != nil { // tell was not called
		tell(sandbox.Result{}, err)
	}
}
