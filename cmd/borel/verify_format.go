package main

import (
	"bufio"
	"strings"
	"time"

	"borel/dataset"
	"borel/dataset/harness"
	"borel/problem"
)

// sink takes the verdicts of one problem after the other.
type sink interface {
	add(of *dataset.Recorded, list []problem.Verdict) error
	end() error   // all verdicts have been added
	close() error // also where something failed
}

// sink is where the results go.
func (c *verifyCmd) sink(m *Main, r *dataset.Recording) (sink, error) {
	if c.Format == "" {
		out, closeOut, err := m.create(c.Output)
		return &verdictLines{out, closeOut}, err
	}
	f, err := c.format(r)
	if err != nil {
		return nil, err
	}
	to := c.Output
	if to == "" {
		if c.Samples != "-" {
			to = f.Output(c.Samples)
		}
		if to == "" {
			return nil, usage("--format %s: say with -o where the results go", f.Name)
		}
		c.Output = to
	}
	if to == "-" && !f.Stream {
		return nil, usage("-o -: the results of %s are several files", f.Name)
	}
	return &foreignResults{m, f, to, &harness.Results{Samples: c.Samples, Recording: r, Outcomes: map[*dataset.Recorded][]harness.Outcome{}, Stdout: m.Stdout}}, nil
}

// format is the harness whose results are asked for.
func (c *verifyCmd) format(r *dataset.Recording) (*harness.Format, error) {
	if c.Format == "auto" {
		if f := harness.Of(r); f != nil {
			return f, nil
		}
		return nil, usage("--format auto: these samples are of no other harness; name one of %s", strings.Join(harness.Names(), ", "))
	}
	f := harness.Find(c.Format)
	if f == nil {
		return nil, usage("--format %s: is not known; auto, %s are", c.Format, strings.Join(harness.Names(), ", "))
	}
	return f, nil
}

// verdictLines are the results as this program writes them.
type verdictLines struct {
	out      *bufio.Writer
	closeOut func() error
}

func (v *verdictLines) add(of *dataset.Recorded, list []problem.Verdict) error {
	return writeVerdicts(v.out, of, list)
}
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
	outcomes := make([]harness.Outcome, len(list))
	for i, v := range list {
		outcomes[i] = harness.Outcome{Status: v.Status, Message: v.Message}
		if s.f.Cases {
			outcomes[i].Cases = v.Cases
		}
	}
	s.r.Outcomes[of] = outcomes
	return nil
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
