package sandbox

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
)

// checkpoint is a run that has come some way, as what differs from the frozen guest. Any number of runs may continue
// from it, each as if it had come that way itself: fuel, clock, randomness and files included. It is never changed.
type checkpoint struct {
	run     *run // the host's side, tied to no instance
	size    uint64
	patches []patch // of memory
	bytes   int     // in patches
	globals []uint64
	refused bool   // growth was refused on the way
	stacks  [5]int // sizes of the instance's call stacks
}

// patch is a part of memory that differs from what was frozen.
type patch struct {
	off  int
	data []byte
}

// errLarge is a checkpoint that would take more than it may.
var errLarge = errors.New("too much memory has changed")

// checkpoint makes one of r as it stands, between two guest calls, with at most so many bytes of memory. With errLarge it
// has all but the memory.
func (t *Template) checkpoint(r *run, most int) (*checkpoint, error) {
	in := r.inst
	host, err := r.fork(r.limits)
	if err != nil {
		return nil, err
	}
	host.granted, host.stage, host.inst = r.used(), stage{}, nil
	c := &checkpoint{run: host, size: in.mem.size, refused: in.mem.refused, stacks: in.stacks()}
	for _, g := range in.globals {
		c.globals = append(c.globals, g.Get())
	}
	c.patches, err = t.patches(in, most)
	for _, p := range c.patches {
		c.bytes += len(p.data)
	}
	return c, err
}

// patches are what differs in an instance's memory from what was frozen.
func (t *Template) patches(in *instance, most int) (patches []patch, err error) {
	memory, frozen := in.mem.bytes(), t.mem.view
	total := 0
	for _, s := range in.mem.dirty() {
		for off := s.start; off < min(s.end, len(memory)); off += hostPage {
			page := memory[off : off+hostPage]
			was := zeros[:]
			if off < len(frozen) {
				was = frozen[off : off+hostPage]
			}
			if string(page) == string(was) {
				continue
			}
			if total += len(page); total > most {
				return nil, errLarge
			}
			if k := len(patches) - 1; k >= 0 && patches[k].off+len(patches[k].data) == off {
				patches[k].data = append(patches[k].data, page...)
			} else {
				patches = append(patches, patch{off, slices.Clone(page)})
			}
		}
	}
	return patches, nil
}

// resume puts an instance that stands where the template was frozen at the checkpoint, and returns the host's side of
// a run that continues there under limits of its own.
func (c *checkpoint) resume(in *instance, l Limits) (*run, error) {
	if c.size > in.mem.size {
		in.mem.limit = maxMemory
		if _, ok := in.mod.Memory().Grow(uint32((c.size - in.mem.size) / wasmPage)); !ok {
			return nil, errors.New("memory cannot grow to that of the checkpoint")
		}
	}
	memory := in.mem.bytes()
	for _, p := range c.patches {
		copy(memory[p.off:], p.data)
	}
	in.setGlobals(c.globals)
	return c.run.fork(l)
}

// fork returns a run that continues where r stands.
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
	c.stdout, c.stderr, c.sent, c.returned = slices.Clone(r.stdout), slices.Clone(r.stderr), slices.Clone(r.sent), slices.Clone(r.returned)
	c.order, c.marks = slices.Clone(r.order), slices.Clone(r.marks)
	c.family, c.children = nil, nil // a step has none left when it has ended
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
