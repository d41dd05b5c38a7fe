package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"borel/coverage"
	"borel/dataset"
	"borel/eval"
	"borel/problem"
	"borel/verify"
)

// jobSets are the samples of a job, for --select.
func jobSets(ctx context.Context, e *evaluations, id string) ([]coverage.Set, error) {
	j, err := e.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; borel evals list shows the jobs", id, err)
	}
	if stopsEarly(&j.Spec) {
		return nil, fmt.Errorf("%s: how many samples a problem has depends on how they were decided: nothing can be selected without bias; evaluate with --until all and no budget", id)
	}
	votes := map[string]bool{}
	if err := e.tallies(ctx, id, func(t eval.Tally) { votes[t.Problem] = t.Votes }); err != nil {
		return nil, err
	}
	var s eval.Sets
	if err := s.Read(ctx, e.Rows, id, votes); err != nil {
		return nil, flagFault(err)
	}
	return s.All(), nil
}

// fileSets are the samples of a file, for --select: the lines that borel eval -o writes, or samples that stand with their
// problems and is_corrects.
func (c *coverageCmd) fileSets(ctx context.Context, m *Main, name string) ([]coverage.Set, error) {
	in, closeIn, err := m.openInput(name)
	if err != nil {
		return nil, err
	}
	defer closeIn()
	start := make([]byte, 64<<10)
	n, err := io.ReadFull(in, start)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, fmt.Errorf("%s: %w", displayed(name), err)
	}
	in = io.MultiReader(bytes.NewReader(start[:n]), in)
	if hasStatus(start[:n]) {
		return verdictSets(ctx, name, in)
	}
	return recordedSets(ctx, name, in)
}

// hasStatus reports that the object that a file begins with has a field status, as verdicts have, and no samples before it.
func hasStatus(start []byte) bool {
	d := json.NewDecoder(bytes.NewReader(start))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil || name == "status" || name == "samples" {
			return name == "status"
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return false
		}
	}
	return false
}

// verdictSets reads the lines that borel eval -o writes.
func verdictSets(ctx context.Context, name string, in io.Reader) ([]coverage.Set, error) {
	var s eval.Sets
	seen := map[string]map[int]bool{}
	err := dataset.Lines(in, displayed(name), func(line []byte) error {
		var l struct {
			Problem string
			Sample  *int
			Status  problem.Status
			Stopped string
			Vote    string
			Score   *float64
			LogProb *float64
		}
		switch err := json.Unmarshal(line, &l); {
		case err != nil:
			return dataset.JSONError(err)
		case l.Problem == "" || l.Sample == nil || l.Status == "":
			return errors.New("is no verdict: --select wants problem, sample and status, as borel eval -o writes them, or samples with is_corrects")
		case !l.Status.Known():
			return fmt.Errorf("status %.60q is not known", l.Status)
		case l.Stopped != "" && l.Stopped != coverage.All:
			return fmt.Errorf("problem %q is stopped %.60q: nothing can be selected without bias", l.Problem, l.Stopped)
		case seen[l.Problem][*l.Sample]:
			return fmt.Errorf("sample %d of problem %q is there twice", *l.Sample, l.Problem)
		}
		if seen[l.Problem] == nil {
			seen[l.Problem] = map[int]bool{}
		}
		seen[l.Problem][*l.Sample] = true
		if err := ctx.Err(); err != nil {
			return err
		}
		return s.Add(l.Problem, eval.Ballot{Status: l.Status, Answer: l.Vote, Reward: l.Score, LogProb: l.LogProb})
	})
	if err != nil {
		return nil, err
	}
	return s.All(), nil
}

// recordedSets reads samples that stand with their problems. Their answers are read as an answer check reads
// them; the truth is what the file says.
func recordedSets(ctx context.Context, name string, in io.Reader) ([]coverage.Set, error) {
	r, err := dataset.OpenRecording(in, displayed(name), nil, dataset.Options{Unchecked: true}, nil)
	if err != nil {
		return nil, err
	}
	defer r.Close() // of a copy that was read
	var s eval.Sets
	for _, p := range r.Problems {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if p.Said == nil {
			return nil, fmt.Errorf("%s: problem %q has no is_corrects; borel verify -o, or borel replay and borel eval, find out what is right", displayed(name), p.ID)
		}
		var answer func(string) string
		if p.Check.Kind == problem.KindAnswer {
			if answer, err = verify.Answers(&p.Check); err != nil {
				return nil, fmt.Errorf("%s: problem %q: %w", displayed(name), p.ID, err)
			}
		}
		for i := range p.Len() {
			b := eval.Ballot{Status: []problem.Status{problem.Unknown, problem.WrongAnswer, problem.Accepted}[p.Said[i]]}
			if answer != nil {
				sample, err := p.At(i)
				if err != nil {
					return nil, err
				}
				b.Answer = answer(sample.Raw())
			}
			if err := s.Add(p.ID, b); err != nil {
				return nil, flagFault(err)
			}
		}
	}
	return s.All(), nil
}
