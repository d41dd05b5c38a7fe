package languages

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// cpythonRunner runs one of CPython's test modules and prints, as its last line, what became of its tests.
const cpythonRunner = `
import json, sys, unittest
from test import support
support.verbose = 0
failed = set()
class Result(unittest.TextTestResult):
    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            failed.add(test.id())
    def addFailure(self, test, err):
        super().addFailure(test, err)
        failed.add(test.id())
    def addError(self, test, err):
        super().addError(test, err)
        failed.add(test.id())
    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        failed.add(test.id())
suite = unittest.defaultTestLoader.loadTestsFromName("test." + sys.argv[1])
r = unittest.TextTestRunner(stream=sys.stderr, verbosity=0, resultclass=Result).run(suite)
print()
print(json.dumps({"run": r.testsRun, "skipped": len(r.skipped), "failed": sorted(i.removeprefix(f"test.{sys.argv[1]}.") for i in failed)}))
`

// TestCPython runs CPython's own tests in the sandbox: the modules of testdata/cpython.txt, which names each test that
// fails. BOREL_CPYTHON is the folder Lib/test of CPython's source: make cpython.
func TestCPython(t *testing.T) {
	dir := os.Getenv("BOREL_CPYTHON")
	if dir == "" {
		t.Skip("BOREL_CPYTHON does not name CPython's tests: make cpython")
	}
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		files[path.Join("test", filepath.ToSlash(rel))], err = os.ReadFile(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	modules, known := readKnown(t)
	if len(modules) < 60 {
		t.Errorf("%d modules, want 60 at least", len(modules))
	}
	run := 0
	for _, name := range modules {
		t.Run(name, func(t *testing.T) {
			spec := python.Spec(Program{Steps: []string{cpythonRunner}, Args: []string{name}, Files: files,
				Limits: Limits{Seconds: 300, Memory: 1 << 30, Output: 16 << 20, Files: 10_000, FileBytes: 256 << 20}})
			res, err := loaded(t).Run(t.Context(), python.Guest(), spec)
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Run, Skipped int
				Failed       []string
			}
			out := strings.TrimSpace(string(res.Stdout))
			if err := json.Unmarshal([]byte(out[strings.LastIndexByte(out, '\n')+1:]), &got); err != nil {
				t.Fatalf("%s after %.0f s: %s\n%s", res.Reason, python.Seconds(res.Fuel), res.Trap, tail(res.Stderr))
			}
			run += got.Run
			if got.Run == 0 {
				t.Error("it has no tests")
			}
			if !slices.Equal(got.Failed, known[name]) {
				t.Errorf("failed: %q, known: %q\n%s", got.Failed, known[name], tail(res.Stderr))
			}
		})
	}
	fmt.Printf("%d modules, %d tests of CPython's\n", len(modules), run)
}

// readKnown reads testdata/cpython.txt: the modules, and of each the tests that fail, sorted.
func readKnown(t *testing.T) (modules []string, known map[string][]string) {
	b, err := os.ReadFile("testdata/cpython.txt")
	if err != nil {
		t.Fatal(err)
	}
	known = map[string][]string{}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\n")
		switch test, reason, _ := strings.Cut(line, ": "); {
		case line == "" || line[0] == '#':
		case line[0] != ' ':
			modules = append(modules, line)
		case reason == "":
			t.Errorf("%q has no reason", line)
		default:
			m := modules[len(modules)-1]
			known[m] = append(known[m], strings.TrimSpace(test))
		}
	}
	return modules, known
}
