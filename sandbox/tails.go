package sandbox

import (
	"errors"
	"slices"
)

// maxTailMemory is how many bytes of memory are kept to put back before each tail. Steps that changed more are run again
// instead, which takes about as long.
const maxTailMemory = 64 << 20

// tails runs spec, whose run has begun as r on o.in, with its tails.
//
// The memory that Steps have changed is kept and put back before each tail. Where that would not do, since a tail grew the
// call stacks (see settle), or there is too much of it, Steps are run again: that is the run which the tail is a part of,
// and takes no longer.
func (t *Template) tails(p stage, spec *Spec, r *run, o *outcome) {
	trap, done, err := r.first(spec)
	if done || err != nil || slices.Max(append(r.returned, 0)) != 0 {
		o.res, o.err = r.end(spec.Fetch, trap, done, err)
		return
	}
	c, err := t.checkpoint(r, maxTailMemory)
	large := err == errLarge
	if err != nil && !large {
		o.err = err
		return
	}
	o.res = r.result(spec.Fetch, trap)
	var used, bytes int64
	for i, tail := range spec.Tails {
		if used > spec.Limits.Fuel || bytes > MaxTailBytes {
			return
		}
		if o.err = p.ctx.Err(); o.err != nil {
			return
		}
		switch {
		case i == 0:
		case !large && o.in.stacks() == c.stacks && t.putBack(o.in, c) == nil:
			o.in.mem.watch()
			used += int64(c.bytes) >> byteShift
		default:
			if o.err = t.repeat(p, spec, c, o); o.err != nil {
				return
			}
			used += c.run.granted + r.slice
		}
		r, err := c.run.fork(spec.Limits)
		if err != nil {
			o.err = err
			return
		}
		r.attach(p, o.in)
		o.in.mem.refused = c.refused
		trap, done, err := r.steps([]Step{tail})
		res, err := r.end(spec.Fetch, trap, done, err)
		if o.err = err; err != nil {
			return
		}
		o.res.Tails = append(o.res.Tails, res)
		used += res.Fuel - c.run.granted
		bytes += res.Size()
	}
}

// repeat runs the steps of spec once more, on an instance that stands where the template was frozen.
func (t *Template) repeat(p stage, spec *Spec, c *checkpoint, o *outcome) error {
	t.put(o.in, nil)
	if o.in, o.err = t.take(p.ctx); o.err != nil {
		return o.err
	}
	r, err := t.begin(p, o.in, spec)
	if err != nil {
		return err
	}
	_, done, err := r.first(spec)
	if err != nil {
		return err
	}
	if done || !slices.Equal(r.returned, c.run.returned) || r.used() != c.run.granted {
		return errors.New("steps that were run twice did not do the same")
	}
	return nil
}
