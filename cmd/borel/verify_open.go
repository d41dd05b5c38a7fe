package main

import (
	"cmp"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"borel/dataset"
	"borel/dataset/harness"
	"borel/problem"
)

// samplesIn is what is to be judged.
type samplesIn struct {
	recording *dataset.Recording
	format    *harness.Format // in which the results are written; nil: as lines of verdicts
	items     []dataset.Item  // of the file of problems
	hash      string          // of the file of problems
	added     map[string]*problem.Problem
	close     func() error
}

// open reads the problems and finds the samples. Which format they are in is seen in them; where that format wants more of the
// problems than was read of them, they are read again.
func (c *verifyCmd) open(m *Main) (*samplesIn, error) {
	var f *harness.Format
	if c.Format != "" && c.Format != "auto" {
		if f = harness.Find(c.Format); f == nil {
			return nil, usage("--format %s: is not known; auto, %s are", c.Format, strings.Join(harness.Names(), ", "))
		}
	}
	in, err := c.openAs(m, f)
	if err != nil || c.Format != "auto" {
		return in, err
	}
	if in.format == nil {
		return nil, cmp.Or(in.close(), usage("--format auto: these samples are of no other harness; name one of %s", strings.Join(harness.Names(), ", ")))
	}
	f = in.format
	if o := f.Options; !o.Suites && len(o.Keep) == 0 {
		return in, nil
	}
	if err := in.close(); err != nil {
		return nil, err
	}
	if c.Samples == "-" || c.Problems == "-" {
		return nil, usage("--format auto: %s is read twice, which stdin cannot be; say --format %s", f.Name, f.Name)
	}
	return c.openAs(m, f)
}

// openAs reads as a format wants it, or, where f is nil, finds what format the samples are in.
func (c *verifyCmd) openAs(m *Main, f *harness.Format) (_ *samplesIn, err error) {
	if c.Problems == "-" && c.Samples == "-" {
		return nil, usage("--problems and --samples cannot both be stdin")
	}
	in := &samplesIn{format: f, added: map[string]*problem.Problem{}}
	var o dataset.Options
	if f != nil {
		o = f.Options
	}
	form, left := "", 0
	var known []problem.Problem
	if c.Problems != "" {
		set, hash, err := m.readHashed(c.Problems, o)
		if err != nil {
			return nil, err
		}
		in.items, in.hash, form, left = set.Items, hash, set.Form, len(set.Left)
		for i := range set.Items {
			if plus := set.Items[i].Plus; plus != nil {
				in.added[plus.ID] = plus
			}
		}
		known = set.Problems()
	}
	if f != nil && f.Name == "livecodebench" { // whose lists are in this order
		slices.SortStableFunc(known, func(a, b problem.Problem) int { return strings.Compare(a.ID, b.ID) })
	}
	found, err := c.openSamples(m, in, known, o)
	if err != nil {
		return nil, err
	}
	if found != nil && found.Name == "human-eval" && form == "evalplus" {
		found = harness.Find("evalplus")
	}
	if f == nil && c.Format == "auto" {
		in.format = found
	}
	if in.recording.Form != "programs" {
		return in, nil
	}
	switch n := in.recording.Len(); {
	case left > 0:
		err = fmt.Errorf("%s: samples are of the problems at their places, and of %s %d records were left out; name the problem of each", displayed(c.Samples), displayed(c.Problems), left)
	case in.format != nil && in.format.Name == "livecodebench" && n != len(known):
		err = fmt.Errorf("%s: has samples of %d problems by their places, and there are %d", displayed(c.Samples), n, len(known))
	}
	if err != nil {
		return nil, cmp.Or(in.close(), err)
	}
	return in, nil
}

// openSamples finds the samples, and what format they are in; nil where that is none of another harness.
func (c *verifyCmd) openSamples(m *Main, in *samplesIn, known []problem.Problem, o dataset.Options) (*harness.Format, error) {
	if c.Samples != "-" && harness.IsFolder(c.Samples) {
		r, f, err := harness.Open(c.Samples, known, o)
		if err != nil {
			return nil, err
		}
		in.recording, in.close = r, r.Close
		return f, nil
	}
	r, closeAll, err := m.openRecordingOf(known, c.Samples, o)
	if err != nil {
		return nil, err
	}
	in.recording, in.close = r, closeAll
	return harness.Of(r), nil
}

// readHashed is readSet, with the MD5 of the file as EvalPlus names a dataset by it.
func (m *Main) readHashed(name string, o dataset.Options) (*dataset.Set, string, error) {
	if !o.Suites {
		set, err := m.readSet(name, o)
		return set, "", err
	}
	plain, closeIn, err := m.openInput(name)
	if err != nil {
		return nil, "", err
	}
	defer closeIn()
	sum := md5.New()
	set, err := m.setOf(io.TeeReader(plain, sum), name, o)
	return set, hex.EncodeToString(sum.Sum(nil)), err
}

// plus are the verdicts by the tests that EvalPlus added; nil where they are not apart.
func (in *samplesIn) plus(ctx context.Context, j judge, r *dataset.Recorded, samples []problem.Sample, fresh bool) ([]problem.Verdict, error) {
	p := in.added[r.ID]
	if p == nil {
		return nil, nil
	}
	with := *p
	with.Variant = r.Variant
	list := make([]problem.Verdict, len(samples))
	_, err := j.VerifyAll(ctx, &with, samples, fresh, func(v problem.Verdict) { list[v.Index] = v })
	return list, err
}

// both is the verdict by two suites: unknown where either is, right where both say so, and else wrong.
func both(base, plus problem.Verdict) problem.Verdict {
	decides := plus
	if base.Status == problem.Unknown || base.Status != problem.Accepted && plus.Status != problem.Unknown {
		decides = base
	}
	decides.Fuel = base.Fuel + plus.Fuel
	decides.VirtualSeconds = base.VirtualSeconds + plus.VirtualSeconds
	decides.Cached = base.Cached && plus.Cached
	return decides
}

// alone is the verdict by the base tests, of a sample that the others decide too: what is counted of both suites is the same samples.
func alone(base, plus problem.Verdict) problem.Verdict {
	if plus.Status == problem.Unknown {
		return plus
	}
	return base
}
