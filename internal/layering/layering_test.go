// Package layering holds no code: its test enforces which package may import which.
package layering

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "borel"

// allowed is the table of docs/design: what of ours each package may import. A folder that ends in /... stands for all
// packages below it too. What is not listed may not exist.
var allowed = map[string][]string{
	"problem":      {},
	"sandbox":      {},
	"coverage":     {},
	"coverage/...": {"coverage"}, // coverage/tally reads its counts, coverage/figure draws its curves
	"confine":      {},
	"wasm":         {},
	"wasm/pack":    {"wasm"}, // the command that packs an image
	"wasm/train":   {},       // the command that trains an interpreter, part of a recipe
	"languages":    {"sandbox", "wasm"},
	"sampler/...":  {"problem"},
	"proof/...":    {"problem"},
	"audit":        {"problem"},
	"verify":       {"problem", "languages", "sandbox", "verify/latex", "verify/value"},
	"verify/latex": {}, // the language of answers
	"verify/value": {}, // values of Python outside of Python
	"worker":       {"confine", "languages", "sandbox"},
	"engine/equal": {"languages", "problem", "sandbox", "verify", "worker"}, // the command that compares what programs do under each engine
	"engine/gain":  {"internal/processor", "languages", "sandbox"},
	// The conformance test of caches is written once, for verify's and store's.
	"verify/cachetest": {"verify"},
	"sampler/chaos":    {}, // faults of endpoints, for tests
	"store":            {"problem", "verify", "eval"},
	"budget":           {"problem"},
	"dataset":          {"problem"},
	"dataset/...":      {"problem", "dataset", "coverage"},
	"solver":           {"problem", "coverage", "budget", "solver/evidence"},
	// It reads the literals of a prompt as the check will that it makes of them.
	"solver/evidence": {"problem", "verify/value"},
	"eval":            {"problem", "coverage", "solver", "budget"},
	"server/...":      {"problem", "coverage", "solver", "verify", "eval"},
	"cmd/borel":       {everything},
	"demo/...":        {"problem"},
	"demo/record":     {"problem", "demo", "sampler"}, // the command that draws the recorded samples
	// The commands and generators that test the patched wazero.
	"engine/fuzz":        {"sandbox", "engine/fuzz/module"},
	"engine/fuzz/module": {},
	"internal/layering":  {},
	// The real thing for tests.
	"internal/processor":  {}, // the time of a thread
	"internal/real":       {"languages", "worker"},
	"internal/servertest": {"internal/real", "server", "verify"},
}

const everything = "..."

// rule is the entry of the table for a package: its own, or that of a folder above.
func rule(pkg string) (may []string, ok bool) {
	if may, ok = allowed[pkg]; ok {
		return may, true
	}
	for dir := pkg; dir != "."; dir = path.Dir(dir) {
		if may, ok = allowed[dir+"/..."]; ok {
			return append(slices.Clone(may), dir+"/..."), true
		}
	}
	return nil, false
}

// permits reports whether may lists the package, or a folder above it.
func permits(may []string, pkg string) bool {
	for _, m := range may {
		dir, below := strings.CutSuffix(m, "/...")
		if m == everything || m == pkg || below && (pkg == dir || strings.HasPrefix(pkg, dir+"/")) {
			return true
		}
	}
	return false
}

func TestLayering(t *testing.T) {
	root := os.DirFS(filepath.Join("..", ".."))
	packages, edges := 0, 0
	seen := map[string]bool{}
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := e.Name(); e.IsDir() && name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata") {
			return fs.SkipDir
		}
		if _, err := fs.Stat(root, path.Join(name, "go.mod")); err == nil && e.IsDir() && name != "." {
			return fs.SkipDir // another module: wazero with our patches
		}
		// Tests may import more: the real thing instead of a fake.
		if e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") && !strings.HasPrefix(name, "internal/") {
			return nil
		}
		pkg := path.Dir(name)
		may, ok := rule(pkg)
		if !seen[pkg] {
			seen[pkg] = true
			packages++
			if !ok {
				t.Errorf("package %s is new: add it to the table, with what it may import", pkg)
			}
		}
		src, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range file.Imports {
			p, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			ours, ok := strings.CutPrefix(p, module+"/")
			if !ok {
				continue
			}
			edges++
			if !permits(may, ours) {
				t.Errorf("%s imports %s; %s may import %v", name, ours, pkg, may)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// A walk that finds nothing would forbid nothing.
	if packages < 8 || edges < 10 {
		t.Errorf("found %d packages and %d imports of ours; is this the root of the module?", packages, edges)
	}
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		pkg, imports string
		want         bool
	}{
		{"server", "verify", true},
		{"server", "sandbox", false},
		{"server", "store", false},
		{"server/openai", "coverage", true},
		{"server/openai", "server", true},
		{"server/openai", "sampler", false},
		{"serverless", "verify", false},
		{"problem", "sandbox", false},
		{"coverage", "problem", false},
		{"solver", "verify", false},
		{"sampler/replay", "problem", true},
		{"sampler/replay", "sampler", true},
		{"cmd/borel", "store", true},
		{"cmd/other", "store", false},
	} {
		may, ok := rule(c.pkg)
		if got := ok && permits(may, c.imports); got != c.want {
			t.Errorf("%s imports %s: got %t, want %t", c.pkg, c.imports, got, c.want)
		}
	}
}
