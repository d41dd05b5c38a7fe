package main

import (
	"bufio"
	"os"
	"path/filepath"
	"time"

	"borel/dataset"
	"borel/dataset/harness"
	"borel/problem"
)

// sink takes the verdicts of one problem after the other.
type sink interface {
	add(of *dataset.Recorded, list []problem.Verdict) error
	plus(of *dataset.Recorded, base, plus []problem.Verdict) // of two suites apart, before add
	end() error                                              // all verdicts have been added
	close() error                                            // also where something failed
}

// sink is where the results go.
func (c *verifyCmd) sink(m *Main, in *samplesIn) (sink, error) {
	if c.Format == "" {
		out, closeOut, err := m.create(c.Output)
		return &verdictLines{out, closeOut}, err
	}
	f, to := in.format, c.Output
	if err := f.Fits(in.recording); err != nil {
		return nil, usage("--format %s: %w", f.Name, err)
	}
	if to == "" && c.Samples != "-" {
		to = f.Output(c.Samples)
	}
	switch {
	case to == "":
		return nil, usage("--format %s: say with -o where the results go", f.Name)
	case to == "-" && !f.Stream:
		return nil, usage("-o -: the results of %s are several files", f.Name)
	}
	if err := c.checkResults(f, to, in.recording.Form); err != nil {
		return nil, err
	}
	c.Output = to
	return &foreignResults{m, f, to, &harness.Results{Samples: c.Samples, Recording: in.recording, Outcomes: map[*dataset.Recorded][]harness.Outcome{},
		Problems: in.items, Hash: in.hash, K: c.K, Stdout: m.Stdout}}, nil
}

// checkResults reports results that could not be written at the end, or would take the place of the samples.
func (c *verifyCmd) checkResults(f *harness.Format, to, form string) error {
	if to == "-" {
		return nil
	}
	dir := filepath.Dir(to)
	if f.Folder {
		if err := os.MkdirAll(to, 0o755); err != nil {
			return err
		}
		dir = to
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return usage("-o %s: there is no folder %s", to, dir)
	}
	folder := f.Folder && form != "completions" && (harness.SameFile(to, c.Samples) || harness.SameFile(to, filepath.Dir(c.Samples)))
	if folder || harness.SameFile(to, c.Samples) && !f.Folder {
		return usage("-o %s: there are the samples, whose place the results would take", to)
	}
	return nil
}

// verdictLines are the results as this program writes them.
type verdictLines struct {
	out      *bufio.Writer
	closeOut func() error
}

func (v *verdictLines) add(of *dataset.Recorded, list []problem.Verdict) error {
	return writeVerdicts(v.out, of, list)
}
func (v *verdictLines) plus(*dataset.Recorded, []problem.Verdict, []problem.Verdict) {}

func (v *verdictLines) end() error   { return nil }
func (v *verdictLines) close() error { return v.closeOut() }

// foreignResults are the results as another harness writes them, which is done at the end.
type foreignResults struct {
	m  *Main
	f  *harness.Format
	to string
	r  *harness.Results
}

func (s *foreignResults) add(of *dataset.Recorded, list []problem.Verdict) error {
	if s.r.Outcomes[of] == nil {
		s.r.Outcomes[of] = s.outcomes(list)
	}
	return nil
}

func (s *foreignResults) plus(of *dataset.Recorded, base, plus []problem.Verdict) {
	outcomes, added := s.outcomes(base), s.outcomes(plus)
	for i := range outcomes {
		outcomes[i].Plus = &added[i]
	}
	s.r.Outcomes[of] = outcomes
}

func (s *foreignResults) outcomes(list []problem.Verdict) []harness.Outcome {
	outcomes := make([]harness.Outcome, len(list))
	for i, v := range list {
		outcomes[i] = harness.Outcome{Status: v.Status, Message: v.Message, Seconds: v.VirtualSeconds}
		if s.f.Cases {
			outcomes[i].Cases = v.Cases
		}
	}
	return outcomes
}

func (s *foreignResults) end() error {
	s.r.Time = time.Now()
	if err := s.f.Write(s.to, s.r); err != nil {
		return err
	}
	left := 0
	for _, list := range s.r.Outcomes {
		for i := range list {
			if !list[i].Decided() {
				left++
			}
		}
	}
	if left > 0 {
		s.m.say("%d samples are not decided, and stand in %s as neither right nor wrong", left, displayed(s.to))
	}
	if s.to != "-" {
		s.m.say("the results are in %s, as %s writes them", s.to, s.f.Name)
	}
	return nil
}

func (s *foreignResults) close() error { return nil }
