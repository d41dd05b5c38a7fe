package harness

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"borel/dataset"
	"borel/problem"
)

// multiPLE is MultiPL-E's evaluation: a file NAME.json, or NAME.json.gz, for each problem, with its completions, or a folder of them. Its
// results are a file NAME.results.json beside each, or in another folder: what the problem's file says, but for the completions,
// and of each the program, its status and its exit code. A problem without a decided sample has none.
var multiPLE = &Format{
	Name:  "multipl-e",
	Forms: []string{"completions", "results"},
	Output: func(samples string) string {
		if info, err := os.Stat(samples); err == nil && info.IsDir() {
			return samples
		}
		return filepath.Dir(samples)
	},
	Folder: true,
	Write:  writeMultiPLE,
}

const resultsEnding = ".results.json"

func writeMultiPLE(to string, r *Results) error {
	written := map[string]bool{}
	for e := range r.Recording.Entries() {
		outcomes := r.Outcomes[e.Problem][e.First : e.First+e.N]
		if tallyOf(outcomes).n == 0 {
			continue
		}
		name, err := multiPLEName(&e)
		if err != nil {
			return err
		}
		to := filepath.Join(to, name)
		if written[to] {
			return fmt.Errorf("%s: is there already, of another record", to)
		}
		if SameFile(to, e.Name) || SameFile(to, r.Samples) {
			return fmt.Errorf("%s: these are the samples themselves; name another folder with -o", to)
		}
		written[to] = true
		object, err := multiPLEResults(&e, outcomes, r.Time.Unix())
		if err != nil {
			return err
		}
		err = r.save(to, func(w io.Writer) error {
			if !strings.HasSuffix(to, ".gz") {
				_, err := w.Write(object)
				return err
			}
			z := gzip.NewWriter(w)
			_, err := z.Write(object)
			return errors.Join(err, z.Close())
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// SameFile reports that both names are of one file that is there.
func SameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// plainName is a name that cannot leave its folder.
var plainName = regexp.MustCompile(`^\w[\w.+-]{0,250}$`)

// multiPLEName is that of a record's file of results: after the file it came from, or after the problem.
func multiPLEName(e *dataset.Entry) (string, error) {
	name, ending := e.Problem.ID, resultsEnding
	if e.Name != "" {
		name = filepath.Base(e.Name)
		if stem, ok := strings.CutSuffix(name, ".gz"); ok {
			name, ending = stem, resultsEnding+".gz"
		}
		name = strings.TrimSuffix(strings.TrimSuffix(name, ".json"), ".results")
	}
	if !plainName.MatchString(name) {
		return "", fmt.Errorf("problem %q: %q is no name for a file", e.Problem.ID, name)
	}
	return name + ending, nil
}

func multiPLEResults(e *dataset.Entry, outcomes []Outcome, stamp int64) ([]byte, error) {
	raw, err := e.Raw()
	if err != nil {
		return nil, err
	}
	var results [][]byte
	for i := range outcomes {
		o := &outcomes[i]
		if !o.Decided() {
			continue
		}
		program, err := programOf(e.Problem, e.First+i)
		if err != nil {
			return nil, err
		}
		status, code := multiPLEStatus(o)
		stderr := ""
		if code != 0 {
			stderr = o.why()
		}
		results = append(results, objectOf(member{"program", text(program + "\n" + e.Problem.Check.Tests)}, member{"timestamp", whole(int(stamp))},
			member{"stdout", text("")}, member{"stderr", text(stderr)}, member{"exit_code", whole(code)}, member{"status", text(status)}))
	}
	object, err := with(raw, member{"completions", nil}, member{"results", list(results)})
	if err != nil {
		return nil, err
	}
	return indented(object, 2), nil
}

// multiPLEStatus is what MultiPL-E calls an outcome, and the exit code it goes with.
func multiPLEStatus(o *Outcome) (status string, code int) {
	switch o.Status {
	case problem.Accepted:
		return "OK", 0
	case problem.TimeLimitExceeded:
		return "Timeout", -1
	case problem.CompileError:
		return "SyntaxError", 1
	}
	return "Exception", 1
}
