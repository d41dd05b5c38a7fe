package languages

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"borel/sandbox"
)

// Config is what a Runtime needs. The zero value works.
type Config struct {
	CacheDir string       // of compiled code; empty keeps none
	Parallel int          // runs at a time; 0 means GOMAXPROCS
	Logger   *slog.Logger // nil discards

	// Unmetered runs programs without counting fuel, to measure what counting costs. Nothing bounds a program then.
	Unmetered bool
}

// Runtime runs programs on the images of all languages, in this process. It is safe for concurrent use.
type Runtime struct {
	engine *sandbox.Engine
	loads  map[string]*load
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// load is an image on its way.
type load struct {
	done     chan struct{}
	template *sandbox.Template // both are set before done is closed
	err      error
}

// ErrLoading is answered by Ready while an image is being loaded.
var ErrLoading = errors.New("the images are still being loaded")

// New starts loading the images and returns at once; runs wait for the image they need.
func New(ctx context.Context, cfg Config) (*Runtime, error) {
	engine, err := sandbox.New(ctx, sandbox.Config{CacheDir: cfg.CacheDir, Parallel: cfg.Parallel, Logger: cfg.Logger, Unmetered: cfg.Unmetered})
	if err != nil {
		return nil, err
	}
	rt := &Runtime{engine: engine, loads: map[string]*load{}}
	ctx, rt.cancel = context.WithCancel(context.WithoutCancel(ctx))
	for _, l := range all {
		p := &load{done: make(chan struct{})}
		rt.loads[l.Name] = p
		rt.wg.Go(func() {
			defer close(p.done)
			image, err := l.load()
			if err == nil {
				p.template, err = engine.Load(ctx, image)
			}
			p.err = err
		})
	}
	return rt, nil
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
	for name, p := range rt.loads {
		select {
		case <-p.done:
			if p.err != nil {
				return fmt.Errorf("language %s: %w", name, p.err)
			}
		default:
			return ErrLoading
		}
	}
	return nil
}

// Wait returns when every image is loaded, or with the fault of one that cannot be.
func (rt *Runtime) Wait(ctx context.Context) error {
	for name := range rt.loads {
		if _, err := rt.template(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (rt *Runtime) template(ctx context.Context, language string) (*sandbox.Template, error) {
	p := rt.loads[language]
	if p == nil {
		return nil, fmt.Errorf("language %q is not known", language)
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if p.err != nil {
		return nil, fmt.Errorf("language %s: %w", language, p.err)
	}
	return p.template, nil
}

// Identity names everything besides the spec that a result depends on. It waits for the image.
func (rt *Runtime) Identity(ctx context.Context, language string) (string, error) {
	t, err := rt.template(ctx, language)
	if err != nil {
		return "", err
	}
	return t.Identity(), nil
}

// Run executes spec on the language's image.
func (rt *Runtime) Run(ctx context.Context, language string, spec sandbox.Spec) (sandbox.Result, error) {
	t, err := rt.template(ctx, language)
	if err != nil {
		return sandbox.Result{}, err
	}
	return t.Run(ctx, spec)
}
