package languages

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"borel/sandbox"
)

// everyModule prints the modules of the standard library that do not import. It looks at the files and at Python's own
// list, and not at what is left out there by intent: __main__ modules, which run something, and private C modules.
const everyModule = `
import contextlib, importlib, io, os, sys
names = {n for n in sys.stdlib_module_names if not n.startswith('_')} - {'antigravity'}
for folder, folders, files in os.walk('/usr/lib/python3.13'):
    prefix = folder[len('/usr/lib/python3.13/'):].replace('/', '.')
    folders[:] = [n for n in folders if os.path.exists(f'{folder}/{n}/__init__.py')]
    names |= {f'{prefix}.{n[:-3]}'.strip('.').removesuffix('.__init__') for n in files if n.endswith('.py')}
for n in sorted(n for n in names if not n.endswith('__main__') and n != 'antigravity' and n != '__init__'):
    try:
        with contextlib.redirect_stdout(io.StringIO()): importlib.import_module(n)
    except Exception: print(n)
print(len(names) > 500)
`

// TestEveryModule compares what does not import with the table of docs/python.md.
func TestEveryModule(t *testing.T) {
	doc, err := os.ReadFile("../docs/python.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(doc), "\n| modules | reason |\n")
	if !ok {
		t.Fatal("docs/python.md has no table of modules")
	}
	var want []string
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			break
		}
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[1], -1) {
			want = append(want, m[1])
		}
	}
	slices.Sort(want)
	limits := testLimits
	limits.Seconds = 60
	res, _ := run(t, Program{Steps: []string{everyModule}, Limits: limits})
	got := strings.Fields(string(res.Stdout))
	if want = append(want, "True"); !slices.Equal(got, want) {
		t.Errorf("do not import:\n%s\nare listed in docs/python.md:\n%s\n%s", strings.Join(got, " "), strings.Join(want, " "), tail(res.Stderr))
	}
}

// TestReady is what a program sees of the modules that are ready, before and after it imports them.
func TestReady(t *testing.T) {
	for _, c := range []struct{ name, source, stdout string }{
		{"out of sight", "import sys, warnings, logging\nprint([n for n in sys.modules if n.split('.')[0] in ('sympy', 'mpmath', 'networkx', 'sqlite3', 'email')])\nprint([f for f in warnings.filters if 'sympy' in str(f)], hasattr(logging, 'handlers'), [n for n in sys.path_importer_cache if 'packages/' in n])", "[]\n[] False []\n"},
		{"sympy", "import sympy, sys, warnings\nx = sympy.Symbol('x')\nprint(sympy.integrate(x * sympy.sin(x)), sympy.solve(x**2 - 2), 'sympy.core.add' in sys.modules, 'mpmath' in sys.modules, 'networkx' in sys.modules)\nprint([f[0] for f in warnings.filters if 'sympy' in str(f)])", "-x*cos(x) + sin(x) [-sqrt(2), sqrt(2)] True True False\n['once']\n"},
		{"networkx", "import networkx as nx\ng = nx.path_graph(5)\ng.add_edge(0, 4)\nprint(nx.shortest_path(g, 1, 4), nx.diameter(g))\ntry: nx.to_numpy_array(g)\nexcept ImportError as e: print(e)", "[1, 0, 4] 2\nNo module named 'numpy'\n"},
		{"small ones", "from sortedcontainers import SortedList\nfrom more_itertools import chunked\nimport mpmath\nmpmath.mp.dps = 30\nprint(SortedList([3, 1, 2]), list(chunked('abcde', 2)), mpmath.pi)", "SortedList([1, 2, 3]) [['a', 'b'], ['c', 'd'], ['e']] 3.14159265358979323846264338328\n"},
		{"versions", "from importlib.metadata import version\nprint([version(n).split('.')[0] for n in ('sympy', 'mpmath', 'networkx', 'sortedcontainers', 'more-itertools')])", "['1', '1', '3', '2', '10']\n"},
		{"a submodule first", "import sympy.core.add as a, sys\nprint(a.Add is sys.modules['sympy'].Add, a.__spec__.name, type(a.__spec__.loader).__name__)", "True sympy.core.add SourceFileLoader\n"},
		{"below a package in sight", "import logging\nimport logging.handlers\nprint(logging.handlers.__spec__.name)", "logging.handlers\n"},
		{"a module of its own", "open('sortedcontainers.py', 'w').write('x = 7')\nimport sortedcontainers\nprint(sortedcontainers.x)", "7\n"},
		{"a path of its own", "import sys\nsys.path[:] = ['/sandbox']\ntry: import networkx\nexcept ModuleNotFoundError as e: print(e)", "No module named 'networkx'\n"},
		{"imported anew", "import sys, shlex\nold = shlex\ndel sys.modules['shlex']\nimport shlex\nprint(old is shlex, old.split is shlex.split)", "False False\n"},
		{"reloaded", "import importlib, colorsys\ncolorsys.x = 1\nprint(importlib.reload(colorsys) is colorsys, colorsys.x)", "True 1\n"},
		{"source of a class", "import inspect, networkx\nprint(inspect.getsource(networkx.Graph)[:11], inspect.getmodule(networkx.Graph).__name__)", "class Graph networkx.classes.graph\n"},
		{"pickled", "import pickle, sympy\nx = sympy.Symbol('x')\nprint(pickle.loads(pickle.dumps(x + 1)))", "x + 1\n"},
		{"one import for all", "import time\nt = time.perf_counter()\nimport sympy\nprint(time.perf_counter() - t < 0.005)", "True\n"},
		{"no numpy", "import numpy", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			res, end := run(t, Program{Steps: []string{c.source}})
			if string(res.Stdout) != c.stdout {
				t.Errorf("got %q, want %q\n%s", tail(res.Stdout), c.stdout, tail(res.Stderr))
			}
			if c.name == "no numpy" && end.Message != "ModuleNotFoundError: No module named 'numpy'" {
				t.Errorf("got %+v", end)
			}
		})
	}
}

// TestMemoryIsTheProgramsOwn: what is ready beside the interpreter takes nothing from the smallest limit.
func TestMemoryIsTheProgramsOwn(t *testing.T) {
	limits := testLimits
	limits.Memory = 64 << 20
	for _, c := range []struct {
		megabytes int
		reason    sandbox.Reason
	}{{28, sandbox.Finished}, {40, sandbox.Memory}} {
		res, _ := run(t, Program{Steps: []string{fmt.Sprintf("len(bytearray(%d << 20))", c.megabytes)}, Limits: limits})
		if res.Reason != c.reason || res.Memory > limits.Memory || res.Memory < pythonBase {
			t.Errorf("%d MB: %s, %d bytes, want %s", c.megabytes, res.Reason, res.Memory, c.reason)
		}
	}
}
