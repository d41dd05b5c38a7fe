package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"

	"borel/coverage"
	"borel/coverage/tally"
	"borel/eval"
	"borel/solver"
)

var jobID = regexp.MustCompile(`^eval-[0-9]+$`)

// sources reads what is named, less the problems in quarantine.
func (c *coverageCmd) sources(ctx context.Context, m *Main) (list []source, err error) {
	quarantine, err := c.quarantineFlags.read(m)
	if err != nil {
		return nil, err
	}
	var jobs *evaluations
	defer func() {
		if jobs != nil {
			err = errors.Join(err, jobs.Close())
		}
	}()
	for _, name := range c.Sources {
		var counts []coverage.Count
		if _, missing := os.Stat(name); missing != nil && jobID.MatchString(name) {
			if jobs == nil {
				if jobs, err = (jobFlags{dataFlags: c.dataFlags, serverFlags: c.serverFlags}).open(ctx, m); err != nil {
					return nil, err
				}
			}
			counts, err = jobCounts(ctx, m, jobs, name, c.Estimate)
		} else {
			counts, err = m.readCounts(name)
		}
		if err != nil {
			return nil, err
		}
		s := source{name: name}
		if s.counts, s.left = without(counts, quarantine); len(s.counts) == 0 {
			return nil, fmt.Errorf("%s: all %d problems are in quarantine", name, len(s.left))
		}
		list = append(list, s)
	}
	return list, nil
}

// readCounts reads a file, which may be gzip, or stdin.
func (m *Main) readCounts(name string) ([]coverage.Count, error) {
	in, closeIn, err := m.openInput(name)
	if err != nil {
		return nil, err
	}
	defer closeIn()
	counts, err := tally.Read(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return counts, nil
}

// jobCounts are those of a job, of a folder or of a server. A problem of which nothing is decided yet is left out, and told.
func jobCounts(ctx context.Context, m *Main, e *evaluations, id, estimate string) ([]coverage.Count, error) {
	j, err := e.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; borel evals list shows the jobs", id, err)
	}
	early := stopsEarly(&j.Spec)
	if early && estimate != coverage.InverseSampling {
		return nil, fmt.Errorf("%s: how many samples a problem has depends on how they were decided, which biases pass@k: ask with --estimate %s, or evaluate with --until all and no budget",
			id, coverage.InverseSampling)
	}
	var all, counts []coverage.Count
	if err := e.tallies(ctx, id, func(t eval.Tally) { all = append(all, solver.Count(t.Problem, t.Counts)) }); err != nil {
		return nil, err
	}
	if early {
		if all, err = eval.Ordered(ctx, e.Rows, id, all); err != nil {
			return nil, err
		}
	}
	for _, n := range all {
		if n.N > 0 {
			counts = append(counts, n)
		}
	}
	if len(counts) == 0 {
		return nil, fmt.Errorf("%s: nothing is decided yet of %d problems", id, len(all))
	}
	if left := len(all) - len(counts); left > 0 {
		m.say("%s: %d of %d problems are not counted: of them nothing is decided", id, left, len(all))
	}
	return counts, nil
}
