package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"borel/languages"
)

// crew is the workers of one hash seed, with guarded memory or without.
type crew struct {
	pool    *Pool
	seed    uint32
	guarded bool
	size    int
	ctx     context.Context // ends with the crew
	cancel  context.CancelFunc
	wg      sync.WaitGroup // of its keepers

	frozen func() []*os.File // memories for languages.Names(), which all workers of the crew run on; nil: each makes its own

	users int // under Pool.mu

	careful func() *crew // of the same hash seed, to which goes what faults in guarded memory; started when it is first needed

	mu      sync.Mutex
	idle    []*process      // under mu; the one that worked last at the end: its caches are warm
	waiting []chan *process // under mu; first come, first served; each has room for one
	live    int             // under mu
	tried   int             // under mu: starts that ended well or not
	checked int             // under mu: of live, that are not as guarded as the crew
	faults  allowance       // under mu
	deaths  int             // under mu: of workers that were up
	fault   error           // under mu: why the last start failed; nil once one went well
	changed chan struct{}   // under mu: closed and renewed when live or fault change
}

// The pause before a worker is started again doubles from least to most with each that did not last.
const (
	leastPause = 50 * time.Millisecond
	mostPause  = 10 * time.Second
	lasted     = 10 * time.Second
)

func (p *Pool) newCrew(seed uint32, size int) *crew {
	c := &crew{pool: p, seed: seed, size: size, guarded: !p.cfg.Safe, changed: make(chan struct{})}
	c.frozen = sync.OnceValue(c.freeze)
	c.careful = sync.OnceValue(func() *crew {
		safe := &crew{pool: p, seed: seed, size: 1, frozen: c.frozen, changed: make(chan struct{})}
		safe.work(c.ctx)
		return safe
	})
	c.work(p.ctx)
	return c
}

// work starts the workers.
func (c *crew) work(ctx context.Context) {
	c.ctx, c.cancel = context.WithCancel(ctx)
	for range c.size {
		c.wg.Go(c.keep)
	}
}

// freeze finds the memories that the crew's workers share: they start sooner, and take the room once. Where nobody has
// made them yet a first worker does: guarded code is for processes that may end, and nothing is compiled twice.
func (c *crew) freeze() []*os.File {
	if c.ctx.Err() != nil {
		return nil // nobody needs them any more
	}
	files, err := c.find()
	if err != nil && c.pool.cfg.CacheDir != "" {
		var w *process
		if w, err = c.pool.start(c.ctx, c, nil, c.guarded); err == nil {
			w.kill()
			files, err = c.find()
		}
	}
	if err != nil && c.ctx.Err() == nil {
		c.pool.log.Warn("each worker freezes its own memory", "error", err) // or tells why it cannot
	}
	return files
}

// find reads the memories where somebody has made them; there are none in a system without memory files.
func (c *crew) find() (files []*os.File, err error) {
	for _, name := range languages.Names() {
		f, err := languages.Frozen(c.pool.cfg.CacheDir, languages.Guest{Language: name, HashSeed: c.seed})
		if f == nil {
			closeAll(files)
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// close kills the workers and waits until they are gone.
func (c *crew) close() {
	c.cancel()
	if c.guarded {
		c.careful().wg.Wait()
	}
	c.wg.Wait()
	closeAll(c.frozen())
}

// keep starts a worker again and again.
func (c *crew) keep() {
	var pause time.Duration
	guarded := c.guarded // what the next one is told
	for c.ctx.Err() == nil {
		began := time.Now()
		w, err := c.pool.start(c.ctx, c, c.frozen(), guarded)
		own := false
		if err == nil {
			checked := 0
			if guarded != c.guarded {
				checked = 1
			}
			c.update(func() { c.live++; c.checked += checked; c.fault = nil })
			c.give(w)
			if checked > 0 {
				calm := time.NewTimer(c.pool.cfg.Calm)
				select {
				case <-calm.C:
					c.withdraw(w)
				case <-w.dead:
				case <-c.ctx.Done():
				}
				calm.Stop()
			}
			select {
			case <-w.dead:
			case <-c.ctx.Done():
			}
			w.kill()
			own = w.own() != ""
			guarded = c.guarded && !(own && w.guarded() && c.flooded())
			c.update(func() {
				c.live--
				c.checked -= checked
				c.deaths++
				c.idle = slices.DeleteFunc(c.idle, func(o *process) bool { return o == w })
			})
		} else {
			c.update(func() { c.fault = err })
		}
		if c.ctx.Err() != nil {
			return
		}
		if err == nil {
			c.pool.ended.Add(1)
		}
		switch {
		case own, time.Since(began) > lasted:
			// Programs that break their workers must not make the others wait.
			pause = 0
		default:
			pause = min(max(2*pause, leastPause), mostPause)
		}
		if err != nil {
			c.pool.log.Error("a worker does not start", "error", err, "pause_ms", pause.Milliseconds())
		} else {
			c.pool.log.Warn("a worker ended", "pid", w.cmd.Process.Pid, "state", w.cmd.ProcessState.String(), "pause_ms", pause.Milliseconds())
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-c.ctx.Done():
			timer.Stop()
		}
	}
}

func (c *crew) update(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	c.tried++
	close(c.changed)
	c.changed = make(chan struct{})
}

// state is nil where a worker is up, errStarting before the first is, and else why none is.
func (c *crew) state() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.live > 0:
		return nil
	case c.fault != nil:
		return c.fault
	case c.deaths > 0:
		return fmt.Errorf("no worker is up: %d ended, and are being replaced", c.deaths)
	}
	return ErrStarting
}

// broken is why no worker is up and none can be started. Workers that ended and are being replaced are no such reason.
func (c *crew) broken() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live > 0 {
		return nil
	}
	return c.fault
}

// ErrStarting is answered by Ready until the first worker is up.
var ErrStarting = errors.New("the worker processes are being started")

var errClosed = errors.New("the workers are being stopped")

// wait returns when a worker is up, or with the fault once every worker failed to start.
func (c *crew) wait(ctx context.Context) error {
	for {
		c.mu.Lock()
		live, fault, tried, changed := c.live, c.fault, c.tried, c.changed
		c.mu.Unlock()
		switch {
		case live > 0:
			return nil
		case fault != nil && tried >= c.size:
			return fault
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-c.ctx.Done():
			return errClosed
		}
	}
}

// take waits for a worker. While none is up and none can be started it waits no longer than the pool's patience. The
// caller gives it back, unless it is dead.
func (c *crew) take(ctx context.Context) (*process, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	for n := len(c.idle) - 1; n >= 0; n-- {
		w := c.idle[n]
		c.idle = c.idle[:n]
		if !w.gone() {
			c.mu.Unlock()
			return w, nil
		}
	}
	turn := make(chan *process, 1)
	c.waiting = append(c.waiting, turn)
	c.mu.Unlock()
	patience := time.NewTimer(c.pool.cfg.Patience)
	defer patience.Stop()
	for {
		var err error
		select {
		case w := <-turn:
			return w, nil
		case <-ctx.Done():
			err = ctx.Err()
		case <-c.ctx.Done():
			err = errClosed
		case <-patience.C:
			if err = c.broken(); err == nil {
				patience.Reset(c.pool.cfg.Patience)
				continue
			}
		}
		c.mu.Lock()
		c.waiting = slices.DeleteFunc(c.waiting, func(o chan *process) bool { return o == turn })
		c.mu.Unlock()
		select {
		case w := <-turn: // it came meanwhile
			c.give(w)
		default:
		}
		return nil, err
	}
}

// give hands a worker to who waits longest, or keeps it.
func (c *crew) give(w *process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w.gone() {
		return
	}
	if w.leaves {
		c.wg.Go(w.kill)
		return
	}
	if len(c.waiting) > 0 {
		c.waiting[0] <- w
		c.waiting = c.waiting[1:]
		return
	}
	c.idle = append(c.idle, w)
}
