// Package harness writes verdicts into the files that other evaluation harnesses write, so that what reads theirs reads these: their
// own reports, leaderboards, notebooks. Their samples are read by [dataset.OpenRecording], and by [Open] where they are many files.
//
//	f := harness.Find("human-eval")
//	err := f.Write(f.Output("samples.jsonl"), &harness.Results{Recording: r, Outcomes: outcomes})
//
// # Unknown
//
// These formats have two values, right and wrong. A sample whose verdict is unknown is never written as wrong: it is left out, or null
// where the samples of a problem stand in a list that another list must fit. A problem of which nothing is known is left out as a
// whole: the reports take pass@k of no samples to be 1.
package harness

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"borel/dataset"
	"borel/problem"
)

// Format is what one harness reads and writes.
type Format struct {
	Name string

	// Output is where the harness writes its results of samples in a file or folder of this name; "" where it does not say.
	Output func(samples string) string

	// Write writes the results to a file, or to the files that begin with this name, or into a folder: whole, or not at all.
	Write func(to string, r *Results) error

	// Forms are those of samples, by [dataset.Recording.Form], that it can be written of; nil: all.
	Forms []string

	// Options are how its problems are read.
	Options dataset.Options

	Folder bool // the results are files in a folder
	Stream bool // the results are one file, which can be stdout
	Cases  bool // the results tell each case apart
}

// Formats are all, in the order of the documentation.
func Formats() []*Format {
	return []*Format{humanEval, evalPlus, bigCode, liveCodeBench, multiPLE, codeT, llmonk, monkeyBusiness}
}

// Names are those of all formats.
func Names() []string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return names
}

// Find is the format of a name; nil where there is none.
func Find(name string) *Format {
	for _, f := range Formats() {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Of is the format that samples are in; nil where they are of no other harness.
func Of(r *dataset.Recording) *Format {
	switch r.Form {
	case "completion":
		return humanEval
	case "solution":
		return evalPlus
	case "programs":
		return bigCode
	case "code_list":
		return liveCodeBench
	case "completions", "results":
		return multiPLE
	case "solutions", "prompts":
		return codeT
	case "samples":
		return monkeyBusiness
	}
	return nil
}

// Fits reports samples that the results of f cannot be written of.
func (f *Format) Fits(r *dataset.Recording) error {
	switch {
	case f.Forms != nil && !slices.Contains(f.Forms, r.Form):
		return fmt.Errorf("%s has no results of such samples", f.Name)
	case f == llmonk && !r.Files():
		return errors.New("llmonk names its results after files of YAML, which these samples are not")
	}
	return nil
}

// Outcome is what a format may tell of a verdict.
type Outcome struct {
	Status  problem.Status
	Message string
	Seconds float64              // virtual seconds
	Cases   []problem.CaseResult // where Format.Cases asks for them
	Plus    *Outcome             // of the tests that EvalPlus added
}

// Decided reports that the sample is right or wrong, by each suite.
func (o *Outcome) Decided() bool {
	return o.Status != problem.Unknown && o.Status != problem.NotJudged && o.Status != "" && (o.Plus == nil || o.Plus.Decided())
}

// why is the outcome of a wrong sample in a line.
func (o *Outcome) why() string {
	if o.Message == "" {
		return strings.ReplaceAll(string(o.Status), "_", " ")
	}
	return o.Message
}

// Results are the verdicts on a recording.
type Results struct {
	Samples   string // name of the file or folder of samples
	Recording *dataset.Recording
	Outcomes  map[*dataset.Recorded][]Outcome
	Problems  []dataset.Item // those of the file of problems, where there was one
	Hash      string         // MD5 of that file, unpacked, in hexadecimal
	K         []int          // the k of pass@k; none: those that the harness has
	Time      time.Time
	Stdout    io.Writer // what the file - is
}

// save writes a file, whole or not at all.
func (r *Results) save(name string, write func(w io.Writer) error) error {
	if name == "-" {
		w := bufio.NewWriter(r.Stdout)
		return errors.Join(write(w), w.Flush())
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	err = errors.Join(write(w), w.Flush(), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
