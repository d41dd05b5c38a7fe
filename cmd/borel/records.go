package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"borel/dataset"
	"borel/problem"
)

// openInput opens a file, gzip (known by its first bytes) or not; - is stdin.
func (m *Main) openInput(name string) (io.Reader, func(), error) {
	in, closeIn := m.Stdin, func() {}
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		in, closeIn = file, func() { file.Close() } // read only: nothing can be lost
	}
	plain, err := dataset.Plain(in)
	if err != nil {
		closeIn()
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return plain, closeIn, nil
}

// eachLine calls f with every line that is not blank. An error names the file and the line.
func (m *Main) eachLine(name string, f func(line []byte) error) error {
	in, closeIn, err := m.openInput(name)
	if err != nil {
		return err
	}
	defer closeIn()
	return dataset.Lines(in, displayed(name), f)
}

// displayed is the name of a file in errors.
func displayed(name string) string {
	if name == "-" {
		return "stdin"
	}
	return name
}

// readProblems reads a file of problems, in any form that is known.
func (m *Main) readProblems(name string) ([]problem.Problem, error) {
	set, err := m.readSet(name, dataset.Options{})
	if err != nil {
		return nil, err
	}
	return set.Problems(), nil
}

// readSet is readProblems, with what else the file says.
func (m *Main) readSet(name string, o dataset.Options) (*dataset.Set, error) {
	in, closeIn, err := m.openInput(name)
	if err != nil {
		return nil, err
	}
	defer closeIn()
	return m.setOf(in, name, o)
}

// setOf reads the set of a file that is open.
func (m *Main) setOf(in io.Reader, name string, o dataset.Options) (*dataset.Set, error) {
	set, err := dataset.Read(in, displayed(name), o)
	if err == nil && len(set.Left) > 0 {
		m.say("%s: left out %d records, such as %s: %s", displayed(name), len(set.Left), printable(set.Left[0].ID), set.Left[0].Why)
	}
	return set, err
}

// openRecording finds the samples of a file, whose problems stand with them or in the file problems, where one is named. Close
// the recording when its samples are no longer read.
func (m *Main) openRecording(problems, samples string, o dataset.Options) (_ *dataset.Recording, closeAll func() error, err error) {
	var known []problem.Problem
	if problems != "" {
		if problems == "-" && samples == "-" {
			return nil, nil, usage("--problems and --samples cannot both be stdin")
		}
		set, err := m.readSet(problems, o)
		if err != nil {
			return nil, nil, err
		}
		known = set.Problems()
	}
	return m.openRecordingOf(known, samples, o)
}

// openRecordingOf is openRecording where the problems have been read.
func (m *Main) openRecordingOf(known []problem.Problem, samples string, o dataset.Options) (_ *dataset.Recording, closeAll func() error, err error) {
	in, size := m.Stdin, int64(0)
	closeIn := func() error { return nil }
	if samples != "-" {
		file, err := os.Open(samples)
		if err != nil {
			return nil, nil, err
		}
		in, closeIn = file, file.Close
		if info, err := file.Stat(); err == nil {
			size = info.Size()
		}
	}
	bar := m.progress("MB read", int(size>>20))
	told := int64(0)
	r, err := dataset.OpenRecording(in, displayed(samples), known, o, func(read int64) {
		for ; told < read>>20; told++ {
			bar.step()
		}
	})
	bar.end()
	if err != nil {
		return nil, nil, errors.Join(err, closeIn())
	}
	return r, func() error { return errors.Join(r.Close(), closeIn()) }, nil
}
