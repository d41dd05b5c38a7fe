package sandbox

import (
	"bytes"
	"hash/maphash"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// again remembers the programs that were run last. One that comes again, with other input, is not parsed and compiled
// again: its runs continue from a checkpoint between the compilation of its first step and its execution. Nothing of a
// result tells the two apart.
type again struct {
	mu       sync.Mutex
	seed     maphash.Seed
	programs []*seenProgram // under mu; the one that was seen last at the end
}

// seenProgram is one that was seen.
type seenProgram struct {
	hash     uint64
	spec     Spec // what same looks at; set before compiled
	channel  bool // whether it has descriptor ChannelFD; as spec
	compiled atomic.Pointer[checkpoint]
	tried    atomic.Bool // no second checkpoint is made where the first one came to nothing
}

const (
	maxSeen        = 64        // that are remembered
	maxProgramSize = 768 << 10 // bytes of memory that a program's compilation may leave changed, and of what is kept to compare with
)

func newAgain() *again { return &again{seed: maphash.MakeSeed()} }

// look finds the program of s, or nil where it was not seen of late.
func (a *again) look(s *Spec, channel bool) *seenProgram {
	if a == nil || len(s.Steps) == 0 {
		return nil
	}
	size := 0
	for _, b := range s.Files {
		size += len(b)
	}
	for _, step := range s.Steps {
		size += len(step.Source)
	}
	for _, a := range s.Args {
		size += len(a)
	}
	if size > maxProgramSize {
		return nil
	}
	var h maphash.Hash
	h.SetSeed(a.seed)
	for _, step := range s.Steps {
		h.WriteString(step.Name)
		h.WriteByte(0)
		h.Write(step.Source)
		h.WriteByte(0)
	}
	if channel {
		h.WriteByte(1)
	}
	sum := h.Sum64()
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.programs, func(p *seenProgram) bool { return p.hash == sum })
	if i < 0 {
		if len(a.programs) == maxSeen {
			a.programs = slices.Delete(a.programs, 0, 1)
		}
		a.programs = append(a.programs, &seenProgram{hash: sum})
		return nil
	}
	p := a.programs[i]
	copy(a.programs[i:], a.programs[i+1:])
	a.programs[len(a.programs)-1] = p
	if p.compiled.Load() != nil {
		if !p.same(s, channel) {
			return nil
		}
	} else if p.tried.Swap(true) {
		return nil
	}
	return p
}

// same reports whether a run of s may continue from p's checkpoint: whether everything is the same that may have had an
// influence on the way there.
func (p *seenProgram) same(s *Spec, channel bool) bool {
	return p.channel == channel && slices.EqualFunc(p.spec.Steps, s.Steps, func(a, b Step) bool { return a.Name == b.Name && bytes.Equal(a.Source, b.Source) }) &&
		slices.Equal(p.spec.Args, s.Args) && maps.EqualFunc(p.spec.Files, s.Files, bytes.Equal) &&
		p.spec.Seed == s.Seed && p.spec.Start.Equal(s.Start) && p.spec.Limits == s.Limits && p.spec.MoreStdin == s.MoreStdin &&
		p.spec.Marked == s.Marked && p.spec.Each == s.Each
}

// keep makes a checkpoint of r, which runs p's program for the second time and has just compiled its first step.
func (p *seenProgram) keep(t *Template, r *run, s *Spec, channel bool) {
	if r.inst.stacks() != r.inst.settled {
		return // the next step's compilation would find a smaller call stack than in a whole run
	}
	c, err := t.checkpoint(r, maxProgramSize)
	if err != nil {
		return
	}
	c.run.stdin, c.run.channel = nil, nil // of this run; each has its own
	// A copy: the caller may use its memory for something else.
	p.channel = channel
	p.spec = Spec{
		Steps: slices.Clone(s.Steps), Args: slices.Clone(s.Args), Files: maps.Clone(s.Files), Seed: s.Seed, Start: s.Start, Limits: s.Limits,
		MoreStdin: s.MoreStdin, Marked: s.Marked, Each: s.Each,
	}
	for i := range p.spec.Steps {
		p.spec.Steps[i].Source = bytes.Clone(s.Steps[i].Source)
	}
	for name, b := range p.spec.Files {
		p.spec.Files[name] = bytes.Clone(b)
	}
	p.compiled.Store(c)
}
