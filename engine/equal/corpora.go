package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"borel/languages"
	"borel/problem"
	"borel/verify"
)

// corpora says where programs are. What has no name is left out.
type corpora struct {
	recorded, hostile, cpython string
	seconds                    float64 // limit of a hostile program
	every                      int
}

// program is one of a corpus. Run has it judged as borel would and returns the verdict; what its runs did is in the tap.
type program struct {
	name string
	run  func(ctx context.Context, t *tap) (verdict string, err error)
}

// read lists all programs, those of a corpus together.
func (c corpora) read() (all []program, err error) {
	for _, read := range []func() ([]program, error){c.readRecorded, c.readHostile, c.readCPython} {
		programs, err := read()
		if err != nil {
			return nil, err
		}
		for i := 0; i < len(programs); i += max(1, c.every) {
			all = append(all, programs[i])
		}
	}
	return all, nil
}

// readRecorded reads programs of a model with their tests, which verify judges as it judges any other's.
func (c corpora) readRecorded() (all []program, err error) {
	if c.recorded == "" {
		return nil, nil
	}
	f, err := os.Open(c.recorded)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.recorded, err)
	}
	p := &problem.Problem{Limits: problem.Limits{Seconds: 5}, Check: problem.Check{Kind: problem.KindUnit}}
	for d := json.NewDecoder(z); ; {
		var row struct {
			Name, Program string
			Sample        int
		}
		if err := d.Decode(&row); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", c.recorded, err)
		}
		all = append(all, program{fmt.Sprintf("recorded/%s, row %d", row.Name, len(all)), func(ctx context.Context, t *tap) (string, error) {
			v := verify.New(verify.Config{Runner: t, Runs: verify.NewMemory(1), Verdicts: verify.NewMemory(1)})
			got, err := v.Verify(ctx, p, problem.Program(row.Program), true)
			got.Key = "" // names the engine
			return told(got), err
		}})
	}
}

// told is a value as text, to be compared.
func told(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// readHostile reads the programs that attack the sandbox: see the README of that folder. What they must come to is another
// test's matter.
func (c corpora) readHostile() (all []program, err error) {
	if c.hostile == "" {
		return nil, nil
	}
	lang, _ := languages.Find("python")
	err = filepath.WalkDir(c.hostile, func(file string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".txt" {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		category, err := filepath.Rel(c.hostile, strings.TrimSuffix(file, ".txt"))
		if err != nil {
			return err
		}
		for _, part := range strings.Split("\n"+string(text), "\n== ")[1:] {
			head, source, _ := strings.Cut(part, "\n")
			name, _, _ := strings.Cut(head, " | ")
			all = append(all, program{"hostile/" + filepath.ToSlash(category) + "/" + name, func(ctx context.Context, t *tap) (string, error) {
				spec := lang.Spec(languages.Program{Steps: []string{canary.Replace(source)}, Limits: languages.Limits{
					Seconds: c.seconds, Memory: 256 << 20, Output: 64 << 10, Files: 100, FileBytes: 1 << 20}})
				res, err := t.Run(ctx, lang.Guest(), spec)
				return told(lang.End(1, res)), err
			}})
		}
		return nil
	})
	return all, err
}

// canary is what stands in sources for what they try to reach on the host. Here nothing is there.
var canary = strings.NewReplacer("CANARY_FILE", "/canary/secret", "CANARY_DIR", "/canary", "CANARY_PORT", "9")

// cpythonRunner runs one of CPython's test modules and prints which of its tests failed.
const cpythonRunner = `
import json, sys, unittest
from test import support
support.verbose = 0
suite = unittest.defaultTestLoader.loadTestsFromName("test." + sys.argv[1])
r = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(suite)
print()
print(json.dumps({"run": r.testsRun, "skipped": len(r.skipped), "failed": sorted(t.id() for t, _ in r.failures + r.errors)}))
`

// readCPython reads CPython's own tests: the modules that languages/testdata/cpython.txt lists.
func (c corpora) readCPython() (all []program, err error) {
	if c.cpython == "" {
		return nil, nil
	}
	files := map[string][]byte{}
	err = filepath.WalkDir(c.cpython, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(c.cpython, name)
		if err != nil {
			return err
		}
		files[path.Join("test", filepath.ToSlash(rel))], err = os.ReadFile(name)
		return err
	})
	if err != nil {
		return nil, err
	}
	list, err := os.ReadFile("languages/testdata/cpython.txt")
	if err != nil {
		return nil, err
	}
	lang, _ := languages.Find("python")
	for module := range strings.Lines(string(list)) {
		module = strings.TrimSuffix(module, "\n")
		if module == "" || strings.HasPrefix(module, "#") || strings.HasPrefix(module, " ") {
			continue
		}
		all = append(all, program{"cpython/" + module, func(ctx context.Context, t *tap) (string, error) {
			spec := lang.Spec(languages.Program{Steps: []string{cpythonRunner}, Args: []string{module}, Files: files,
				Limits: languages.Limits{Seconds: 300, Memory: 1 << 30, Output: 16 << 20, Files: 10_000, FileBytes: 256 << 20}})
			res, err := t.Run(ctx, lang.Guest(), spec)
			out := strings.TrimSpace(string(res.Stdout))
			return out[strings.LastIndexByte(out, '\n')+1:], err
		}})
	}
	return all, nil
}
