package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"borel/languages"
	"borel/sandbox"
)

// guest is g with its language's full name.
func guest(g languages.Guest) (languages.Guest, error) {
	l, ok := languages.Find(g.Language)
	if !ok {
		return g, fmt.Errorf("language %q is not known", g.Language)
	}
	g.Language = l.Guest().Language
	return g, nil
}

// Identity names everything besides the spec that a result depends on. It waits for a worker.
func (p *Pool) Identity(ctx context.Context, g languages.Guest) (string, error) {
	g, err := guest(g)
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	id, ok := p.identities[g]
	p.mu.Unlock()
	if ok {
		return id, nil
	}
	c, done, err := p.crew(ctx, g)
	if err != nil {
		return "", err
	}
	defer done()
	w, err := c.take(ctx)
	if err != nil {
		return "", err
	}
	defer c.give(w)
	return w.hello.Identities[g.Language], nil
}

// Run has a worker execute spec. An error means that the service failed or ctx ended, and says nothing about the program.
func (p *Pool) Run(ctx context.Context, g languages.Guest, spec sandbox.Spec) (sandbox.Result, error) {
	g, err := guest(g)
	if err != nil {
		return sandbox.Result{}, err
	}
	c, done, err := p.crew(ctx, g)
	if err != nil {
		return sandbox.Result{}, err
	}
	defer done()
	res, err := p.insist(ctx, c, g, spec)
	if end, ok := errors.AsType[*lost](err); ok { // in guarded memory, which says nothing about how the program would end
		p.faults.Add(1)
		p.log.Info("a program faults and runs again with checks of its addresses", "how", end.own)
		return p.insist(ctx, c.careful(), g, spec)
	}
	return res, err
}

// insist runs spec on workers of c until one of them tells what it did, attempts times at most. The error is a *[lost] where
// a worker with guarded memory ended by what its guest did.
func (p *Pool) insist(ctx context.Context, c *crew, g languages.Guest, spec sandbox.Spec) (res sandbox.Result, err error) {
	var ends []string // of the workers that this run was lost with
	own := ""         // how the last of them ended, where all ended by their own doing
	for len(ends) < attempts {
		if own == "" {
			res, err = p.shared(ctx, c, g, spec)
		} else {
			res, err = p.apart(ctx, c, g, spec)
		}
		end, ok := errors.AsType[*lost](err)
		if !ok {
			if err != nil && len(ends) > 0 && ctx.Err() == nil {
				err = fmt.Errorf("%w; before that the run was lost with its worker: %s", err, strings.Join(ends, "; then: "))
			}
			return res, err
		}
		if end.fault {
			return res, end
		}
		if len(ends) == 0 || own != "" {
			own = end.own
		}
		ends = append(ends, end.how)
	}
	if own != "" {
		// As if all of its limits were used up: what it did is not known, so this answers no request with other limits.
		l := spec.Limits
		res := sandbox.Result{Reason: sandbox.Trap, Trap: "the program ended its sandbox's process: " + own, Fuel: l.Fuel, Virtual: l.Virtual}
		if p := spec.Peer; p != nil { // either may have done it
			res.Peer = &sandbox.Result{Reason: sandbox.Trap, Trap: res.Trap, Fuel: p.Limits.Fuel, Virtual: p.Limits.Virtual}
		}
		return res, nil
	}
	return sandbox.Result{}, fmt.Errorf("the run was lost with its worker %d times: %s", len(ends), strings.Join(ends, "; then: "))
}

// shared runs spec on a worker of c.
func (p *Pool) shared(ctx context.Context, c *crew, g languages.Guest, spec sandbox.Spec) (sandbox.Result, error) {
	w, err := c.take(ctx)
	if err != nil {
		return sandbox.Result{}, err
	}
	res, err := w.run(ctx, g, spec)
	if _, dead := errors.AsType[*lost](err); err != nil && !dead && ctx.Err() == nil && !errors.Is(err, sandbox.ErrWall) {
		// The fault may be the worker's: it must show that it can still run a program before it gets another.
		if w.control(c.ctx, g) != nil {
			w.kill()
		}
	}
	c.give(w)
	return res, err
}

// apart runs spec on a worker that was started for it alone: nothing that ran before can have broken it.
func (p *Pool) apart(ctx context.Context, c *crew, g languages.Guest, spec sandbox.Spec) (sandbox.Result, error) {
	select {
	case p.alone <- struct{}{}:
	case <-ctx.Done():
		return sandbox.Result{}, ctx.Err()
	case <-p.ctx.Done():
		return sandbox.Result{}, errClosed
	}
	defer func() { <-p.alone }()
	both, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.ctx, cancel)()
	w, err := p.start(both, c, c.frozen(), c.guarded)
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return sandbox.Result{}, err
	}
	defer w.kill()
	return w.run(ctx, g, spec)
}
