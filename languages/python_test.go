package languages

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"borel/sandbox"
)

// runtime loads Python once for all tests of the package.
var testRuntime = sync.OnceValues(func() (*Runtime, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	rt, err := New(context.Background(), Config{CacheDir: filepath.Join(cache, "borel", "code")})
	if err != nil {
		return nil, err
	}
	return rt, rt.Wait(context.Background())
})

func loaded(tb testing.TB) *Runtime {
	tb.Helper()
	rt, err := testRuntime()
	if err != nil {
		tb.Fatal(err)
	}
	return rt
}

var testLimits = Limits{Seconds: 2, Memory: 256 << 20, Output: 64 << 10, Files: 100, FileBytes: 1 << 20}

func run(tb testing.TB, p Program) (sandbox.Result, End) {
	tb.Helper()
	if p.Limits == (Limits{}) {
		p.Limits = testLimits
	}
	res, err := loaded(tb).Run(tb.Context(), python.Guest(), python.Spec(p))
	if err != nil {
		tb.Fatal(err)
	}
	return res, python.End(len(p.Steps), res)
}

// TestPrograms is what Python does in a sandbox, program by program. The expected output is that of python3 itself
// unless a comment says otherwise.
func TestPrograms(t *testing.T) {
	for _, c := range []struct {
		name   string
		source string
		stdin  string
		kind   Kind
		code   int
		reason sandbox.Reason
		stdout string // exact
		stderr string // contained
	}{
		{name: "print", source: "print(1)", stdout: "1\n"},
		{name: "empty program", source: ""},
		{name: "modules that a module makes", source: "import xml.parsers.expat.errors as e, xml.parsers.expat.model\nprint(e.XML_ERROR_SYNTAX)", stdout: "syntax error\n"},
		{name: "an import that is blocked", source: "import sys\nsys.modules['_elementtree'] = None\nimport xml.etree.ElementTree as E\nprint(type(E.Element.__init__).__name__)", stdout: "function\n"},
		{name: "an import that is replaced", source: "import sys, types\nm = sys.modules['_lsprof'] = types.ModuleType('_lsprof')\nm.Profiler = object\nimport cProfile\nprint(cProfile._lsprof is m)", stdout: "True\n"},
		{name: "stdout put aside", source: "import io, sys\nprint('a'); sys.stdout = io.StringIO(); print('b')", stdout: "a\n"},
		{name: "stdout gone", source: "import sys\nsys.stdout.write('x'); sys.stdout = sys.__stdout__ = None", stdout: "x"},
		{name: "interned strings", stdout: "True True True True False\n", source: "import gc, json, sys\ndef new(*parts): return ''.join(parts)\n" +
			"old = next(n for n in vars(json) if n == 'dumps')\na = sys.intern(new('never_', 'seen'))\nsame = sys.intern(new('never_', 'seen')) is a\nwas = id(a)\n" +
			"del a\ngc.collect()\nb = sys.intern(new('never_', 'seen'))\n" +
			"print(sys.intern(new('du', 'mps')) is old, same, sys.intern(new('never_', 'seen')) is b, sys.intern('never_seen') is b, new('never_', 'seen') is b)"},
		{name: "objects of the library", stdout: "2 None [] gone True\n", source: "import collections, functools, gc, json, sys, weakref\n" + // they are immortal; others are not
			"class A(json.JSONEncoder): pass\na = A()\nr = weakref.ref(a)\nprint(sys.getrefcount(a), end=' ')\ndel a\nprint(r(), gc.garbage, end=' ')\n" +
			"class B(collections.OrderedDict):\n    def __del__(self): print('gone', end=' ')\nb = B()\nb.b = b\ndel b\ngc.collect()\n" +
			"del json.JSONEncoder, sys.modules['json']\nimport json\nprint(hasattr(json, 'JSONEncoder'))"},
		{name: "input", source: "print(int(input('? ')) + 1)", stdin: "41\n", stdout: "? 42\n"},
		{name: "input at the end", source: "input()", kind: Raised, code: 1, stderr: "EOFError: EOF when reading a line"},
		{name: "stdin by bytes", source: "import sys; print(sys.stdin.buffer.read())", stdin: "\xff\x00a", stdout: "b'\\xff\\x00a'\n"},
		{name: "stdin by lines", source: "import sys\nfor l in sys.stdin: print(repr(l))", stdin: "a\nb", stdout: "'a\\n'\n'b'\n"},
		{name: "arguments", source: "import sys; print(sys.argv, __name__, __file__)", stdout: "['main.py', 'x y', '\\udcff'] __main__ /sandbox/main.py\n"},
		{name: "traceback", source: "def f(x):\n    return 1 / x\n\nf(0)\n", kind: Raised, code: 1,
			stderr: "Traceback (most recent call last):\n  File \"/sandbox/main.py\", line 4, in <module>\n    f(0)\n    ~^^^\n  File \"/sandbox/main.py\", line 2, in f\n    return 1 / x\n           ~~^~~\nZeroDivisionError: division by zero\n"},
		{name: "traceback through the library", source: "import json; json.loads('')", kind: Raised, code: 1, stderr: "line 363, in raw_decode\n    raise JSONDecodeError(\"Expecting value\", s, err.value) from None"},
		{name: "syntax error", source: "x = 1\ndef f(:\n", kind: Syntax, code: 1, stderr: "  File \"/sandbox/main.py\", line 2\n    def f(:\n          ^\nSyntaxError: invalid syntax\n"},
		{name: "syntax error at run time", source: "eval('1 +')", kind: Raised, code: 1, stderr: "SyntaxError"},
		{name: "NUL in the source", source: "x = 1\x00", kind: Syntax, code: 1, stderr: "source code cannot contain null bytes"},
		{name: "undecodable source", source: "x = '\xff'", kind: Syntax, code: 1, stderr: "SyntaxError"},
		{name: "source in latin-1", source: "# coding: latin-1\nprint(ascii('\xe9'))", stdout: "'\\xe9'\n"},
		{name: "lone surrogate printed", source: "print('\\ud800')", kind: Raised, code: 1, stderr: "UnicodeEncodeError"},
		{name: "assertion", source: "assert 1 == 2, 'why'", kind: Assertion, code: 1, stderr: "AssertionError: why"},
		{name: "exit", source: "exit(5)", kind: Exit, code: 5},
		{name: "quit with nothing", source: "quit()", kind: Exit},
		{name: "exit with a message", source: "import sys; sys.exit('bye')", kind: Exit, code: 1, stderr: "bye\n"},
		{name: "exit with minus one", source: "raise SystemExit(-1)", kind: Exit, code: 255},
		{name: "exit with 2**33+7", source: "raise SystemExit(2**33+7)", kind: Exit, code: 7},
		{name: "_exit", source: "import os; print(1, flush=True); os._exit(3)", kind: Exit, code: 3, reason: sandbox.Exited, stdout: "1\n"},
		{name: "a forged exit code", source: "import os; os._exit(0xefffffff - 2**32)", kind: Exit, code: 255, reason: sandbox.Exited},
		{name: "abort", source: "import os; os.abort()", kind: Stopped, code: -1, reason: sandbox.Trap},
		{name: "help", source: "help(len)", stdout: "Help on built-in function len in module builtins:\n\nlen(obj, /)\n    Return the number of items in a container.\n\n"},
		{name: "exit handlers", source: "import atexit\natexit.register(print, 'bye')\nprint('end')", stdout: "end\nbye\n"},
		{name: "finalizers run at the end", source: "class A:\n    def __del__(self): print('del')\na = A()\nb = A(); b.b = b\nprint('end')", stdout: "end\ndel\ndel\n"},
		{name: "unraisable", source: "class A:\n    def __del__(self): 1/0\nA()", stderr: "Exception ignored in: <function A.__del__ at"},
		{name: "a program that imports itself away", source: "import sys; sys.modules.clear(); x = 1"},
		{name: "stdout closed", source: "import sys; sys.stdout.close()"},
		{name: "main's names", source: "print(sorted(k for k in globals()))", stdout: "['__annotations__', '__builtins__', '__cached__', '__doc__', '__file__', '__loader__', '__name__', '__package__', '__spec__']\n"},
		{name: "pickle of a class of main", source: "import pickle\nclass A: x = 1\nprint(pickle.loads(pickle.dumps(A())).x)", stdout: "1\n"},
		{name: "dataclass", source: "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int = 1\nprint(A())", stdout: "A(x=1)\n"},
		{name: "source of a function", source: "import inspect\ndef f():\n    return 1\nprint(inspect.getsource(f))", stdout: "def f():\n    return 1\n\n"},
		{name: "asyncio", source: "import asyncio\nasync def m():\n    await asyncio.sleep(1)\n    return 5\nprint(asyncio.run(m()))", stdout: "5\n"},
		{name: "recursion in Python", source: "def f(n): return f(n+1)\ntry: f(0)\nexcept RecursionError: print('deep')", stdout: "deep\n"},
		{name: "recursion in C", source: "class A:\n    def __repr__(self): return repr(self)\ntry: repr(A())\nexcept RecursionError: print('deep')", stdout: "deep\n"},
		{name: "deep lists", source: "a = []\nfor i in range(200000): a = [a]\ntry: repr(a)\nexcept RecursionError: print('repr')\ndel a\nprint('gone')", stdout: "repr\ngone\n"},
		{name: "deep source", source: "for s in '('*10000 + ')'*10000, '-'*100000 + '1', '['*5000:\n    try: eval(s)\n    except (MemoryError, RecursionError, SyntaxError): print('no')", stdout: "no\nno\nno\n"},
		{name: "recursion without a limit", source: "import sys\nsys.setrecursionlimit(10**9)\ndef f(n): return f(n+1)\nf(0)", kind: Stopped, code: -1},
		{name: "recursion of regular expressions", source: "import re\ntry: re.compile('('*5000 + ')'*5000)\nexcept RecursionError: print('deep')", stdout: "deep\n"},
		{name: "endless loop", source: "while True: pass", kind: Stopped, code: -1, reason: sandbox.Fuel},
		{name: "endless loop of a caught exception", source: "while True:\n    try: 1/0\n    except: pass", kind: Stopped, code: -1, reason: sandbox.Fuel},
		{name: "catastrophic regex", source: "import re\nre.match('(a+)+$', 'a'*40+'b')", kind: Stopped, code: -1, reason: sandbox.Fuel},
		{name: "one huge power", source: "10**10**8", kind: Stopped, code: -1, reason: sandbox.Fuel},
		{name: "huge sort", source: "a = list(range(10**6))\nwhile 1: a.sort(key=lambda x: -x)", kind: Stopped, code: -1, reason: sandbox.Fuel},
		{name: "copying for ever", source: "a = bytes(3 * 10**7)\nwhile 1: b = bytearray(a)", kind: Stopped, code: -1, reason: sandbox.Fuel},
		{name: "sleeping too long", source: "import time; time.sleep(10**9)", kind: Stopped, code: -1, reason: sandbox.Sleep},
		{name: "memory bomb", source: "a = []\nwhile True: a.append(bytes(10**6))", kind: Stopped, code: 1, reason: sandbox.Memory},
		{name: "one huge object", source: "bytearray(10**9)", kind: Stopped, code: 1, reason: sandbox.Memory},
		{name: "memory error survived", source: "try: bytearray(10**9)\nexcept MemoryError: print('ok')", stdout: "ok\n"},
		{name: "output flood", source: "while True: print('x' * 1000)", kind: Stopped, code: -1, reason: sandbox.Output, stdout: strings.Repeat(strings.Repeat("x", 1000)+"\n", 66)[:64<<10]},
		{name: "error flood", source: "import sys\nwhile True: sys.stderr.write('x' * 1000)", kind: Stopped, code: -1, reason: sandbox.Output, stderr: strings.Repeat("x", 64<<10)},
		{name: "file without end", source: "f = open('a', 'wb')\nwhile True: f.write(b'x' * 4096)", kind: Stopped, code: 1, reason: sandbox.Files},
		{name: "too many files", source: "for i in range(1000): open(f'/tmp/{i}', 'w')", kind: Stopped, code: 1, reason: sandbox.Files},
		{name: "a full disk survived", source: "try:\n    open('a', 'wb').write(bytes(10**7))\nexcept OSError as e: print(e.errno)", stdout: "51\n"},
		{name: "too many descriptors", source: "a = []\ntry:\n    while True: a.append(open('main.py'))\nexcept OSError as e: print(len(a), e.strerror)", stdout: "252 No file descriptors available\n"},
		{name: "files", source: "open('a.txt', 'w').write('hi')\nimport os, shutil\nos.makedirs('x/y')\nos.rename('a.txt', 'x/y/b')\nprint(open('x/y/b').read(), sorted(os.listdir()), os.getcwd(), os.stat('x/y/b').st_size)\nshutil.rmtree('x')\nprint(os.listdir())", stdout: "hi ['main.py', 'x'] /sandbox 2\n['main.py']\n"},
		{name: "append, seek, truncate", source: "f = open('a', 'w+'); f.write('abcdef'); f.seek(2); f.truncate(); f.close()\nopen('a', 'a').write('Z')\nprint(open('a').read())", stdout: "abZ\n"},
		{name: "temporary files", source: "import tempfile, os\nwith tempfile.TemporaryDirectory() as d:\n    open(d + '/a', 'w').close()\n    print(os.listdir(d))\nprint(os.listdir('/tmp'))", stdout: "['a']\n[]\n"},
		{name: "links", source: "import os\nopen('a', 'w').write('x')\nos.symlink('a', 'b'); os.link('a', 'c')\nprint(open('b').read(), os.readlink('b'), os.stat('c').st_nlink)\nos.symlink('loop', 'loop')\ntry: open('loop')\nexcept OSError as e: print(e.strerror)", stdout: "x a 2\nSymbolic link loop\n"},
		{name: "sqlite", source: "import sqlite3\nc = sqlite3.connect('a.db')\nc.execute('create table t (x)')\nc.execute('insert into t values (7)')\nc.commit()\nprint(sqlite3.connect('a.db').execute('select x from t').fetchall())", stdout: "[(7,)]\n"},
		{name: "import of a file of its own", source: "open('mine.py', 'w').write('x = 5')\nimport mine\nprint(mine.x)", stdout: "5\n"},
		{name: "nothing of the host", source: "import os\nprint(os.listdir('/'), os.path.exists('/etc/passwd'), os.path.exists('/proc'), dict(os.environ))", stdout: "['dev', 'sandbox', 'tmp', 'usr'] False False {}\n"},
		{name: "nowhere", stdout: "3 b'' 0 True False OSError\n", source: "import os, contextlib, stat\nwith open(os.devnull, 'w') as f, contextlib.redirect_stdout(f): print('x' * 10**6)\n" +
			"with open('/dev/null', 'r+b', 0) as f: print(f.write(b'abc'), f.read(), os.path.getsize('/dev/null'), stat.S_ISCHR(os.fstat(f.fileno()).st_mode), f.isatty(), end=' ')\n" +
			"try: os.remove('/dev/null')\nexcept OSError: print('OSError')"},
		{name: "above the root", source: "import os\nprint(os.listdir('/../..'), os.listdir('/usr/..') == os.listdir('/'))", stdout: "['dev', 'sandbox', 'tmp', 'usr'] True\n"},
		{name: "the image is read-only", source: "for f in open, __import__('os').remove:\n    try: f('/usr/lib/python3.13/os.py', *['w'][:f is open])\n    except OSError as e: print(e.strerror)", stdout: "Read-only file system\nRead-only file system\n"},
		{name: "subprocess", source: "import subprocess\ntry: subprocess.run(['ls'])\nexcept OSError as e: print('no')", stdout: "no\n"},
		{name: "threads", source: "import threading\ntry: threading.Thread(target=print).start()\nexcept RuntimeError as e: print(e)", stdout: "can't start new thread\n"},
		{name: "fork", source: "import os\nos.fork()", kind: Raised, code: 1, stderr: "AttributeError"},
		{name: "sockets", source: "import socket\nfor f in (lambda: socket.create_connection(('127.0.0.1', 80), 1), lambda: socket.socket()):\n    try: f()\n    except OSError: print('refused')", stdout: "refused\nrefused\n"},
		{name: "urllib", source: "import urllib.request\ntry: urllib.request.urlopen('http://localhost/')\nexcept OSError: print('refused')", stdout: "refused\n"},
		{name: "ctypes", source: "import ctypes", kind: Raised, code: 1, stderr: "ModuleNotFoundError"},
		{name: "sleep is free", source: "import time\nt, m = time.time(), time.monotonic()\ntime.sleep(1.5)\nprint(round(time.time()-t, 2), round(time.monotonic()-m, 2), time.ctime(t))", stdout: "1.5 1.5 Thu Jan  1 00:00:00 2026\n"},
		{name: "time passes with work", source: "import time\nt = time.perf_counter()\nfor i in range(10**5): pass\nprint(0 < time.perf_counter() - t < 1)", stdout: "True\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := Program{Steps: []string{c.source}, Stdin: []byte(c.stdin)}
			if c.name == "arguments" {
				p.Args = []string{"x y", "\xff"}
			}
			res, end := run(t, p)
			if end.Kind != c.kind || end.ExitCode != c.code || (c.reason != "" && res.Reason != c.reason) {
				t.Errorf("got kind %d, exit code %d, reason %s (%s), want %d, %d, %s\n%s", end.Kind, end.ExitCode, res.Reason, res.Trap, c.kind, c.code, c.reason, tail(res.Stderr))
			}
			if string(res.Stdout) != c.stdout {
				t.Errorf("stdout: got %q, want %q\n%s", tail(res.Stdout), tail([]byte(c.stdout)), tail(res.Stderr))
			}
			if !strings.Contains(string(res.Stderr), c.stderr) {
				t.Errorf("stderr: got %q, want %q in it", tail(res.Stderr), tail([]byte(c.stderr)))
			}
		})
	}
}

func tail(b []byte) string { return string(b[max(0, len(b)-2000):]) }

// TestSteps: the host calls the tests, so that a program which leaves early has not passed them.
func TestSteps(t *testing.T) {
	for _, c := range []struct {
		name, program, tests string
		kind                 Kind
		step                 int
	}{
		{"passes", "def f(): return 5", "assert f() == 5", Done, 2},
		{"fails", "def f(): return 4", "assert f() == 5", Assertion, 1},
		{"raises", "def f(): 1/0", "f()", Raised, 1},
		{"exits before the tests", "import sys; sys.exit(0)", "", Exit, 0},
		{"_exits before the tests", "import os; os._exit(0)", "", Exit, 0},
		{"exits in the tests", "def f(): raise SystemExit(0)", "f()", Exit, 1},
		{"_exits in the tests", "import os\ndef f(): os._exit(0)", "f()", Exit, 1},
		{"does not compile", "def f(:", "", Syntax, 0},
		{"tests do not compile", "", "def f(:", Syntax, 1},
		{"hangs in the tests", "def f():\n    while 1: pass", "f()", Stopped, 1},
		{"tests are not there before", "import os\ndef f(): return os.listdir()\nx = f()", "assert x == ['main.py'] and f() == ['main.py', 'tests.py']", Done, 2},
		{"exits after the tests", "import atexit, os\natexit.register(os._exit, 7)", "pass", Done, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, end := run(t, Program{Steps: []string{c.program, c.tests}})
			if end.Kind != c.kind || end.Step != c.step {
				t.Errorf("got kind %d at step %d (%s), want %d at %d\n%s", end.Kind, end.Step, res.Reason, c.kind, c.step, tail(res.Stderr))
			}
		})
	}
}

// TestNothingCrosses: what a run leaves behind is not there in the next, on the same instance.
func TestNothingCrosses(t *testing.T) {
	rt, err := New(t.Context(), Config{CacheDir: filepath.Join(must(os.UserCacheDir()), "borel", "code"), Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Close()
	look := `import builtins, sys, os, gc, json, random, warnings, time, codecs, decimal, re, linecache
print(hasattr(builtins, "x"), hasattr(json, "x"), "x" in sys.modules, sys.getrecursionlimit(), os.listdir(), os.listdir("/tmp"), os.getcwd(),
      gc.isenabled(), gc.get_threshold(), random.random(), time.time(), len(warnings.filters), decimal.getcontext().prec, dict(os.environ),
      sys.path, len(sys.modules), len(re._cache), list(linecache.cache), sys.stdout.line_buffering, os.urandom(4), sys.flags, sys.excepthook is sys.__excepthook__)
f = open("a"[:1] + "b", "w"); print(f.fileno())
`
	spoil := `import builtins, sys, os, gc, json, random, warnings, time, codecs, decimal, re, atexit
builtins.x = json.x = sys.modules["x"] = 1
builtins.print = None; builtins.len = lambda x: 7; sys.excepthook = None; sys.path.clear()
sys.setrecursionlimit(77); open("a", "w").write("x"); open("/tmp/a", "w"); os.mkdir("d"); os.chdir("d")
gc.disable(); gc.set_threshold(1); random.seed(5); time.sleep(1); warnings.simplefilter("error"); decimal.getcontext().prec = 3
os.environ["X"] = "1"; re.compile("(crosses)"); keep = [open("/tmp/" + str(i), "w") for i in range(20)]
big = bytearray(100 << 20); big[::4096] = b"x" * len(range(0, 100 << 20, 4096))
sys.stdout.reconfigure(line_buffering=True)
`
	limits := testLimits
	try := func(source string) sandbox.Result {
		t.Helper()
		res, err := rt.Run(t.Context(), python.Guest(), python.Spec(Program{Steps: []string{source}, Limits: limits}))
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	want := try(look)
	if want.Reason != sandbox.Finished || want.Returned[0] != 0 {
		t.Fatalf("%+v\n%s", want.Reason, want.Stderr)
	}
	for _, leave := range []string{spoil, spoil + "while True: pass", spoil + "os._exit(1)", spoil + "os.abort()", spoil + "1/0",
		"a = []\nwhile 1: a.append(bytes(10**6))", "import sys\nsys.setrecursionlimit(10**8)\ndef f(): f()\nf()"} {
		if res := try(leave); res.Reason == sandbox.Finished && res.Returned[0] == 0 && leave != spoil {
			t.Errorf("%.60q did not fail", leave)
		}
		got := try(look)
		if string(got.Stdout) != string(want.Stdout) || got.Fuel != want.Fuel || got.Memory != want.Memory {
			t.Errorf("after %.60q:\ngot  %s fuel %d memory %d\nwant %s fuel %d memory %d", leave[max(0, len(leave)-60):], got.Stdout, got.Fuel, got.Memory, want.Stdout, want.Fuel, want.Memory)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestDeterministic: the same program gives the same result, also beside others.
func TestDeterministic(t *testing.T) {
	source := `import random, os, time, json
print(random.random(), os.urandom(8), hash("a"), {str(i) for i in range(20)}, time.time_ns(), id(object()))
for i in range(1000): json.dumps({"a": [i] * 10})
print(time.perf_counter_ns())
`
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 3 {
				res, err := loaded(t).Run(t.Context(), python.Guest(), python.Spec(Program{Steps: []string{source}, Limits: testLimits}))
				mu.Lock()
				seen[fmt.Sprint(res, err)] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(seen) != 1 {
		t.Errorf("24 runs of one program gave %d results: %v", len(seen), seen)
	}
	res, _ := run(t, Program{Steps: []string{source}, Seed: 1})
	if seen[fmt.Sprint(res, nil)] {
		t.Error("another seed gave the same result")
	}
}

// TestCancelled: a run ends soon after its context does, as an error.
func TestCancelled(t *testing.T) {
	loaded(t)
	ctx, cancel := context.WithCancel(t.Context())
	spec := python.Spec(Program{Steps: []string{"while True: pass"}, Limits: Limits{Seconds: 600, Memory: 256 << 20}})
	go func() {
		time.Sleep(20 * time.Millisecond) // either side of this the outcome is the same
		cancel()
	}()
	res, err := loaded(t).Run(ctx, python.Guest(), spec)
	if err != context.Canceled || res.Reason != "" {
		t.Errorf("got %+v, %v, want context.Canceled", res.Reason, err)
	}
	spec.Limits.Wall = 30 * time.Millisecond
	if res, err := loaded(t).Run(t.Context(), python.Guest(), spec); err != sandbox.ErrWall {
		t.Errorf("got %+v, %v, want sandbox.ErrWall", res.Reason, err)
	}
}
