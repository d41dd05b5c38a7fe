package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

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
		s := source{name: name}
		info, missing := os.Stat(name)
		switch {
		case missing != nil && jobID.MatchString(name):
			if jobs == nil {
				if jobs, err = (jobFlags{dataFlags: c.dataFlags, serverFlags: c.serverFlags}).open(ctx, m); err != nil {
					return nil, err
				}
			}
			if c.Select {
				s.sets, err = jobSets(ctx, jobs, name)
			} else {
				s.counts, err = jobCounts(ctx, jobs, name, c.Estimate)
			}
		case c.Select:
			s.sets, err = c.fileSets(ctx, m, name)
		case missing == nil && info.IsDir():
			s.counts, err = c.folder(ctx, m, name)
		default:
			var f *tally.File
			if f, err = c.file(m, name); err == nil && f.Form == tally.YAML && c.joins(&list, name, f) {
				continue
			}
			if err == nil {
				s.counts, s.form = all(f), f.Form
			}
		}
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	for i := range list {
		s := &list[i]
		for _, set := range s.sets {
			s.counts = append(s.counts, set.Count())
		}
		if s.parts > 0 {
			s.name = filepath.Dir(s.name) // the folder of its files
		}
		if err := unique(s); err != nil {
			return nil, err
		}
		if s.counts, s.left = without(s.counts, quarantine); len(s.counts) == 0 {
			return nil, fmt.Errorf("%s: all %d problems are in quarantine", s.name, len(s.left))
		}
		if err := s.decide(m); err != nil {
			return nil, err
		}
		s.sets = slices.DeleteFunc(s.sets, func(set coverage.Set) bool {
			_, out := quarantine[set.Problem]
			return out || set.Count().N == 0
		})
	}
	return list, nil
}

// all is the problems of a file, also those of which nothing is decided.
func all(f *tally.File) []coverage.Count { return append(f.Counts, f.Undecided...) }

// decide leaves out the problems of which nothing is decided, and tells.
func (s *source) decide(m *Main) error {
	n := len(s.counts)
	s.counts = slices.DeleteFunc(s.counts, func(c coverage.Count) bool {
		if c.N == 0 {
			s.undecided, s.unknown = append(s.undecided, c.Problem), s.unknown+c.Unknown
		}
		return c.N == 0
	})
	switch left := len(s.undecided); {
	case left == n:
		return fmt.Errorf("%s: nothing is decided yet of %d problems", displayed(s.name), n)
	case left > 0:
		m.say("%s: %d of %d problems are not counted: of them nothing is decided", displayed(s.name), left, n)
	}
	return nil
}

// joins adds a file of YAML, which holds one problem, to the evaluation of its folder, where that is among the list.
func (c *coverageCmd) joins(list *[]source, name string, f *tally.File) bool {
	for i := range *list {
		if s := &(*list)[i]; s.form == tally.YAML && filepath.Dir(s.name) == filepath.Dir(name) {
			s.counts = append(s.counts, all(f)...)
			s.parts++
			return true
		}
	}
	return false
}

// unique reports a problem that stands in two files of one evaluation.
func unique(s *source) error {
	seen := make(map[string]bool, len(s.counts))
	for _, n := range s.counts {
		if n.Problem != "" && seen[n.Problem] {
			return fmt.Errorf("%s: problem %q is counted twice; give each evaluation a folder of its own", s.name, n.Problem)
		}
		seen[n.Problem] = true
	}
	return nil
}

// maxParts is how many files of a folder make one evaluation.
const maxParts = 100_000

// folder reads the files of a folder, which are one evaluation.
func (c *coverageCmd) folder(ctx context.Context, m *Main, name string) (counts []coverage.Count, err error) {
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, err
	}
	parts := 0
	for _, e := range entries {
		switch ext := filepath.Ext(strings.TrimSuffix(e.Name(), ".gz")); {
		case e.IsDir() || ext != ".yaml" && ext != ".yml" && ext != ".json" && ext != ".jsonl" && ext != ".csv":
			continue
		case parts == maxParts:
			return nil, fmt.Errorf("%s: has more than %d files", name, maxParts)
		}
		parts++
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f, err := c.file(m, filepath.Join(name, e.Name()))
		if err != nil {
			return nil, err
		}
		counts = append(counts, all(f)...)
	}
	if parts == 0 {
		return nil, fmt.Errorf("%s: has no file that ends in .yaml, .json, .jsonl or .csv", name)
	}
	return counts, nil
}

// file reads a file, which may be gzip, or stdin.
func (c *coverageCmd) file(m *Main, name string) (*tally.File, error) {
	in, closeIn, err := m.openInput(name)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) && strings.HasPrefix(name, "eval-") {
			err = fmt.Errorf("%w; borel evals list shows the jobs", err)
		}
		return nil, err
	}
	defer closeIn()
	stem := strings.TrimSuffix(filepath.Base(name), ".gz")
	stem = strings.TrimSuffix(stem, filepath.Ext(stem))
	f, err := tally.Options{Tests: c.Tests, Name: stem}.Read(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", displayed(name), err)
	}
	return f, nil
}

// jobCounts are those of a job, of a folder or of a server.
func jobCounts(ctx context.Context, e *evaluations, id, estimate string) ([]coverage.Count, error) {
	j, err := e.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; borel evals list shows the jobs", id, err)
	}
	early := stopsEarly(&j.Spec)
	if early && estimate != coverage.InverseSampling {
		return nil, fmt.Errorf("%s: how many samples a problem has depends on how they were decided, which biases pass@k: ask with --estimate %s, or evaluate with --until all and no budget",
			id, coverage.InverseSampling)
	}
	var counts []coverage.Count
	if err := e.tallies(ctx, id, func(t eval.Tally) { counts = append(counts, solver.Count(t.Problem, t.Counts)) }); err != nil {
		return nil, err
	}
	if early {
		if counts, err = eval.Ordered(ctx, e.Rows, id, counts); err != nil {
			return nil, err
		}
	}
	return counts, nil
}
