package harness

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"borel/dataset"
	"borel/problem"
)

// Bounds on samples that are many files.
const (
	MaxFiles = 1 << 20
	MaxYAML  = 64 << 20  // bytes of a file of llmonk
	MaxJSON  = 256 << 20 // bytes of a file of MultiPL-E, unpacked
)

// IsFolder reports whether samples are read by [Open]: a folder, a file of YAML, or one of MultiPL-E that is a value of many lines.
func IsFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && (info.IsDir() || info.Mode().IsRegular() && (isYAML(name) || isDocument(name)))
}

// isDocument reports that a file of JSON is one object, and its first line is not all of it.
func isDocument(name string) bool {
	if !strings.HasSuffix(strings.TrimSuffix(name, ".gz"), ".json") {
		return false
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	plain, err := dataset.Plain(f)
	if err != nil {
		return false
	}
	line, _ := bufio.NewReader(io.LimitReader(plain, 1<<16)).ReadString('\n')
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "{") && len(line) < 1<<15 && !json.Valid([]byte(line))
}

func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// Open reads samples that are many files, and says of which format they are:
//
//	TASK_ID/N.py          evalplus: whole programs; _ stands for the / of an id
//	NAME.yaml             llmonk
//	NAME.json, .json.gz   multipl-e; results beside them are not read
//
// What is in a folder is read in the order of its names, and a link that leads out of the folder is an error.
func Open(name string, known []problem.Problem, o dataset.Options) (*dataset.Recording, *Format, error) {
	dir, pattern := name, ""
	if info, err := os.Stat(name); err != nil {
		return nil, nil, err
	} else if !info.IsDir() {
		dir, pattern = filepath.Split(name)
		dir = cmp.Or(dir, ".")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	c := folder{root: root, name: dir, o: o}
	format, files, err := c.find(pattern)
	if err != nil {
		return nil, nil, err
	}
	r, err := dataset.OpenFiles(c.records(format, files), name, known, o)
	return r, format, err
}

// folder reads the files of one.
type folder struct {
	root *os.Root
	name string
	o    dataset.Options
}

// find is the files of samples, of the first format of which there are any; only is the name of the one to read.
func (c *folder) find(only string) (*Format, []string, error) {
	switch {
	case isYAML(only):
		return llmonk, []string{only}, nil
	case only != "":
		return multiPLE, []string{only}, nil
	}
	entries, err := fs.ReadDir(c.root.FS(), ".")
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", c.name, err)
	}
	var yamls, jsons, results, programs []string
	for _, e := range entries {
		name := e.Name()
		plain := strings.TrimSuffix(name, ".gz")
		switch {
		case strings.HasPrefix(name, "."):
		case isYAML(name):
			yamls = append(yamls, name)
		case strings.HasSuffix(plain, resultsEnding):
			results = append(results, name)
		case name == "eval_results.json": // EvalPlus's own
		case strings.HasSuffix(plain, ".json"):
			jsons = append(jsons, name)
		default:
			list, err := c.programs(name)
			if err != nil {
				return nil, nil, err
			}
			programs = append(programs, list...)
		}
		if len(programs)+len(entries) > MaxFiles {
			return nil, nil, fmt.Errorf("%s: has more than %d files", c.name, MaxFiles)
		}
	}
	switch {
	case len(programs) > 0:
		return evalPlus, programs, nil
	case len(yamls) > 0:
		return llmonk, yamls, nil
	case len(jsons) > 0:
		return multiPLE, jsons, nil
	case len(results) > 0:
		return multiPLE, results, nil
	}
	return nil, nil, fmt.Errorf("%s: no samples: it has neither TASK_ID/N.py, as evalplus reads them, nor NAME.yaml (llmonk) or NAME.json (multipl-e)", c.name)
}

// programs are the N.py of a folder in this one, in the order of their numbers; none where it is no folder.
func (c *folder) programs(dir string) ([]string, error) {
	info, err := c.root.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(c.name, dir), err)
	}
	if !info.IsDir() {
		return nil, nil
	}
	entries, err := fs.ReadDir(c.root.FS(), dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(c.name, dir), err)
	}
	var list []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".py") {
			list = append(list, path.Join(dir, e.Name()))
		}
	}
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(placeOf(a), placeOf(b)) })
	return list, nil
}

// placeOf is the number in N.py; files with other names come last.
func placeOf(name string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(path.Base(name), ".py"))
	if err != nil || n < 0 {
		return 1 << 30
	}
	return n
}

// records are the files as records.
func (c *folder) records(of *Format, files []string) iter.Seq2[dataset.File, error] {
	return func(yield func(dataset.File, error) bool) {
		for _, name := range files {
			f := dataset.File{Name: filepath.Join(c.name, name)}
			var err error
			if f.Record, err = c.record(of, name); err != nil {
				yield(f, fmt.Errorf("%s: %w", f.Name, err))
				return
			}
			if !yield(f, nil) {
				return
			}
		}
	}
}

func (c *folder) record(of *Format, name string) ([]byte, error) {
	if info, err := c.root.Stat(name); err != nil { // before it is opened, which a pipe would never be
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, errors.New("is no regular file")
	}
	file, err := c.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close() // read only: nothing can be lost
	switch of {
	case evalPlus:
		program, err := all(file, problem.MaxSource)
		if err != nil {
			return nil, err
		}
		id := strings.ReplaceAll(path.Dir(name), "_", "/")
		return objectOf(member{"task_id", text(id)}, member{"solution", text(string(program))}), nil
	case llmonk:
		source, err := all(file, MaxYAML)
		if err != nil {
			return nil, err
		}
		stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
		object, err := jsonOf(source)
		if err != nil {
			return nil, err
		}
		return with(object, member{"task_id", text(stem)})
	}
	plain, err := dataset.Plain(file)
	if err != nil {
		return nil, err
	}
	object, err := all(plain, MaxJSON)
	if err != nil {
		return nil, err
	}
	if !json.Valid(object) {
		var v json.RawMessage
		return nil, dataset.JSONError(json.Unmarshal(object, &v))
	}
	return []byte(strings.TrimSpace(string(object))), nil
}

// all reads a text that is no longer than most.
func all(in io.Reader, most int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(in, most+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(b)) > most:
		return nil, fmt.Errorf("has more than %d bytes", most)
	}
	if i := dataset.InvalidUTF8(b); i >= 0 {
		return nil, fmt.Errorf("is not UTF-8 at byte %d", i)
	}
	return b, nil
}
