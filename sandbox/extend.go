package sandbox

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// Extend runs prefix and freezes what it left as a template of its own. A run on that template continues from there:
// its Steps follow those of the prefix, whose files, input, arguments, seed and start it has (its own are not looked
// at), and its Result is the one that a single run of all steps would have had, fuel, clock and randomness included.
// The prefix counts towards the limits of each run.
//
// The error is ctx's own, a fault of the service, or a *[PrefixError] where the prefix does not come to its end.
// The caller closes the new template, before t.
func (t *Template) Extend(ctx context.Context, prefix Spec) (*Template, error) {
	if err := prefix.validate(); err != nil {
		return nil, err
	}
	in, err := t.acquire(ctx)
	if err != nil {
		return nil, err
	}
	r, err := t.newRun(&prefix)
	if err == nil {
		r.attach(ctx, in)
		err = r.prefix(&prefix)
	}
	var x *Template
	if err == nil {
		x = &Template{engine: t.engine, image: t.image, compiled: t.compiled, exports: t.exports}
		r.granted = r.used()
		if err = x.freeze(in, fmt.Appendf(nil, "%s %+v", t.identity, prefix)); err == nil {
			r.ctx, r.inst = nil, nil
			x.base = r
		}
	}
	t.release(in, err == nil, heavy+1)
	if err != nil {
		return nil, err
	}
	return x, nil
}

// PrefixError is a prefix that did not come to its end: it cannot be shared, and must be judged as part of a whole run.
type PrefixError struct{ Reason Reason }

func (e *PrefixError) Error() string {
	return "the prefix did not come to its end: " + string(e.Reason)
}

// prefix runs the steps of spec, which must all return 0.
func (r *run) prefix(spec *Spec) error {
	trap, done, err := r.first(spec)
	switch {
	case err != nil:
		return err
	case done:
		return &PrefixError{r.result(nil, trap).Reason}
	case slices.ContainsFunc(r.returned, func(v uint32) bool { return v != 0 }):
		return &PrefixError{Finished}
	}
	return nil
}

// fork returns a run that continues where r was frozen.
func (r *run) fork(l Limits) (*run, error) {
	c := *r
	c.limits = l
	state, err := r.random.MarshalBinary()
	if err != nil {
		return nil, err
	}
	c.random = new(rand.ChaCha8)
	if err := c.random.UnmarshalBinary(state); err != nil {
		return nil, err
	}
	c.stdout, c.stderr, c.returned = slices.Clone(r.stdout), slices.Clone(r.stderr), slices.Clone(r.returned)
	c.fs, c.fds = r.fs.clone(l, r.fds)
	return &c, nil
}

// clone returns a file system of its own with the same content, and the descriptors in it. Content is shared until it is
// written.
func (fs *fileSystem) clone(l Limits, fds []*open) (*fileSystem, []*open) {
	c := *fs
	c.limits.Files, c.limits.FileBytes = fs.limits.Files-fs.given.Files+l.Files, fs.limits.FileBytes-fs.given.FileBytes+l.FileBytes
	c.given = l
	seen := map[*node]*node{}
	copyOf := func(n *node) *node { return cloneNode(n, fs.root, seen) }
	c.root, c.work = copyOf(fs.root), copyOf(fs.work)
	out := make([]*open, len(fds))
	for i, f := range fds {
		if f == nil {
			continue
		}
		o := *f
		if f.node != nil {
			o.node = copyOf(f.node)
		}
		o.listing = slices.Clone(f.listing)
		for k := range o.listing {
			o.listing[k].node = copyOf(o.listing[k].node)
		}
		out[i] = &o
	}
	return &c, out
}

// cloneNode copies n and what is below it; the image's nodes, which nobody changes, are shared.
func cloneNode(n, root *node, seen map[*node]*node) *node {
	if n == nil || n.readonly && n != root {
		return n
	}
	if c := seen[n]; c != nil {
		return c
	}
	c := *n
	seen[n] = &c
	c.borrowed = true
	c.up = cloneNode(n.up, root, seen)
	if n.isDir() {
		c.dir = maps.Clone(n.dir)
		for name, child := range c.dir {
			c.dir[name] = cloneNode(child, root, seen)
		}
	}
	return &c
}
