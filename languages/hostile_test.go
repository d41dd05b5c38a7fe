package languages

import (
	"strings"
	"testing"

	"borel/sandbox"
)

// hostile are programs that try to leave the sandbox, to break the host or to cost it more than they pay for.
// Each name begins with its category; those of the category "calls" do not end by themselves.
var hostile = []struct {
	name   string
	source string
	stdout string // exact; empty: not compared
}{
	// escapes
	{"escape: os.system and friends", "import os\nfor f in 'system popen execv execve spawnv posix_spawn fork kill setuid mount chroot ptrace'.split():\n    try: getattr(os, f)('/bin/sh', ['sh'])\n    except (AttributeError, OSError, TypeError, ValueError) as e: pass\n    else: print(f)\nprint('end')", "end\n"},
	{"escape: modules of the host", "import importlib\nfor m in 'ctypes _ctypes mmap fcntl pwd grp resource termios readline _posixsubprocess multiprocessing.shared_memory cffi numpy _testcapi'.split():\n    try: importlib.import_module(m)\n    except ImportError: pass\n    else: print(m)\nprint('end')", ""},
	{"escape: pickle", "import pickle\nclass A:\n    def __reduce__(self): return (__import__('os').listdir, ('/',))\nprint(pickle.loads(pickle.dumps(A())))", "['sandbox', 'tmp', 'usr']\n"},
	{"escape: pickle of garbage", "import pickle, random\nfor i in range(300):\n    try: pickle.loads(b'\\x80\\x04' + random.randbytes(30))\n    except BaseException as e: pass", ""},
	{"escape: bytecode from random bytes", "import random\ndef f(): pass\nfor i in range(300):\n    try: exec(f.__code__.replace(co_code=random.randbytes(20), co_stacksize=50))\n    except BaseException: pass", ""},
	{"escape: bytecode that pops an empty stack", "def f(): pass\nexec(f.__code__.replace(co_code=bytes([32, 0]) * 5000, co_stacksize=0))", ""},
	{"escape: bytecode that loads constants out of bounds", "def f(): return 1\nfor i in range(256):\n    for op in range(256):\n        c = f.__code__.replace(co_code=bytes([149, 0, op, i, 36, 0]))\n        if i in (7, 255):\n            try: exec(c)\n            except BaseException: pass", ""},
	{"escape: a code object with lies in it", "def f(a, b): return a\nfor k in dict(co_argcount=10**6, co_nlocals=10**6, co_stacksize=2**30, co_flags=0, co_firstlineno=-1, co_linetable=b'\\xff' * 100, co_exceptiontable=b'\\xff' * 100).items():\n    try: exec(f.__code__.replace(**dict([k])))\n    except BaseException as e: pass", ""},
	{"escape: marshal of garbage", "import marshal, random\nfor i in range(3000):\n    try: marshal.loads(bytes([random.choice(b'ciu(<>{[zZlfgxyr')]) + random.randbytes(20))\n    except BaseException: pass", ""},
	{"escape: a marshalled tuple of 2**31 items", "import marshal\ntry: marshal.loads(b'(\\xff\\xff\\xff\\x7f')\nexcept (ValueError, EOFError, MemoryError): print('no')", "no\n"},
	{"escape: object graph to open", "for c in object.__subclasses__():\n    try: c.__init__.__globals__['sys'].modules['os'].listdir('/proc'); print(c)\n    except (AttributeError, KeyError, OSError, TypeError): pass\nprint('end')", "end\n"},
	// paths, links, environment
	{"path: traversal", "import os\nfor p in '../../../../etc/passwd', '/sandbox/../../etc/passwd', '/usr/../../../proc/self/maps', '//etc//passwd', '/proc/1/environ', '/dev/mem', '/sys', '\\\\etc':\n    try: open(p); print(p)\n    except OSError: pass\nprint(os.path.realpath('../../..'))", "/\n"},
	{"path: links out", "import os\nfor i, p in enumerate(['/', '../../..', '/etc/passwd', '/proc/self/root']):\n    os.symlink(p, str(i))\n    try: print(os.listdir(str(i)))\n    except OSError as e: print(e.errno)", "['sandbox', 'tmp', 'usr']\n['sandbox', 'tmp', 'usr']\n44\n44\n"},
	{"path: writing through links", "import os\nos.symlink('/usr/lib/python3.13', 'l')\nfor f in (lambda: open('l/os.py', 'a'), lambda: open('l/new', 'w'), lambda: os.rename('/usr', 'u'), lambda: os.rename('main.py', '/usr/x'), lambda: os.link('/usr/lib/python3.13/os.py', 'o'), lambda: os.rmdir('/sandbox'), lambda: os.utime('/usr'), lambda: os.truncate('l/os.py', 0)):\n    try: f(); print('done')\n    except OSError as e: pass\nprint('end')", "end\n"},
	{"path: a maze of links", "import os\nfor i in range(38): os.symlink('./' * 2000 + str(i + 1), str(i))\nwhile True:\n    try: os.stat('0')\n    except OSError: pass", ""},
	{"path: NUL and strange names", "import os\nfor p in 'a\\0b', '', 'x' * 256, 'x/' * 3000, '\\udcff', '/' * 5000, '.' * 300:\n    try: os.mkdir(p)\n    except (OSError, ValueError): pass\nprint(len(os.listdir()))", "2\n"},
	{"env: what it sees", "import os, sys, platform, getpass\nprint(dict(os.environ), os.getpid() > 0, sys.executable)", ""},
	// descriptors
	{"fd: closing 0 to 3", "import os\nfor i in range(4): os.close(i)\nprint(1)", ""},
	{"fd: closing everything and opening again", "import os\nfor i in range(300):\n    try: os.close(i)\n    except OSError: pass\nfor i in range(10):\n    try: os.open('/sandbox/a', os.O_CREAT | os.O_RDWR)\n    except OSError: pass", ""},
	{"fd: dup2", "import os\nfor a in range(-1, 5):\n    for b in (-1, 0, 1, 2, 3, 2**31 - 1):\n        try: os.dup2(a, b)\n        except (OSError, AttributeError, OverflowError): pass", ""},
	{"fd: all calls on all numbers", "import os\nfor fd in [-1, 0, 1, 2, 3, 4, 255, 256, 2**31 - 1]:\n    for f in (lambda: os.read(fd, 10), lambda: os.pread(fd, 10, 2**62), lambda: os.pwrite(fd, b'', 2**62), lambda: os.lseek(fd, 2**63 - 1, 0), lambda: os.lseek(fd, -2**63, 2), lambda: os.ftruncate(fd, 2**63 - 1), lambda: os.ftruncate(fd, -1), lambda: os.fsync(fd), lambda: os.fstat(fd), lambda: os.listdir(fd), lambda: os.isatty(fd), lambda: os.set_blocking(fd, False), lambda: os.readv(fd, [bytearray(9)] * 1025), lambda: os.writev(fd, [b''] * 1025)):\n        try: f()\n        except (OSError, AttributeError, ValueError, OverflowError, TypeError): pass", ""},
	{"fd: numbers past their range", "import os\nf = open('a', 'w+b')\nfor n in 2**63 - 1, 2**62, 2**40, 2**31, -1, -2**63:\n    for g in (f.truncate, f.seek, lambda n: os.ftruncate(f.fileno(), n), lambda n: os.pwrite(f.fileno(), b'x', n), lambda n: os.pread(f.fileno(), 5, n), lambda n: (f.seek(n), f.write(b'x'), f.flush())):\n        try: g(n)\n        except (OSError, OverflowError, ValueError): pass\nprint(os.stat('a').st_size)", "0\n"},
	{"fd: files that close one another", "import os\na = open('a', 'w'); b = os.fdopen(a.fileno(), 'w', closefd=True)\nb.write('x'); a.write('y'); b.close()\ntry: a.close()\nexcept OSError as e: print(e.errno)", "8\n"},
	{"fd: select and poll", "import select\nfor f in (lambda: select.select([0, 1, 2], [1], [], 0.1), lambda: select.select([10**6], [], [], 0), lambda: select.select(range(2000), [], [], 0), lambda: select.select([], [], [], 1e18), lambda: select.poll().poll(2**31)):\n    try: f()\n    except (OSError, ValueError, OverflowError, AttributeError): pass", ""},
	// memory and size
	{"memory: dictionaries", "d = {}\nwhile True: d[len(d)] = {}", ""},
	{"memory: nested tuples", "a = ()\nwhile True: a = (a, a, bytes(1000))", ""},
	{"memory: strings", "s = 'x'\nwhile True: s += s", ""},
	{"memory: the largest numbers", "for f in (lambda: bytes(2**31 - 1), lambda: [0] * (2**29), lambda: 'x' * (2**31 - 100), lambda: bytearray(2**40), lambda: list(range(10**9)), lambda: 1 << (2**33), lambda: '%2147483646d' % 1, lambda: f'{1:2000000000}'):\n    try: f()\n    except (MemoryError, OverflowError, ValueError): pass\nprint('end')", ""},
	{"memory: decompression bomb", "import zlib\nc = zlib.compressobj(); b = b''.join(c.compress(bytes(10**6)) for i in range(100)) + c.flush()\nfor i in range(20): b = zlib.decompress(b)\n", ""},
	{"memory: generators and frames", "def g():\n    yield from g()\ntry: list(g())\nexcept RecursionError: print('deep')", "deep\n"},
	{"size: a huge argument list of a call", "f = lambda *a, **k: len(a) + len(k)\nprint(f(*range(10**5), **{str(i): i for i in range(10**4)}))", "110000\n"},
	// recursion
	{"recursion: json", "import json\nfor s in ('[' * 10**5, '{\"a\":' * 10**5):\n    try: json.loads(s)\n    except RecursionError: print('deep')", "deep\ndeep\n"},
	{"recursion: ast", "import ast\na = ast.Constant(1)\nfor i in range(10**5): a = ast.UnaryOp(ast.USub(), a)\ntry: compile(ast.fix_missing_locations(ast.Expression(a)), '', 'eval')\nexcept RecursionError: print('deep')", "deep\n"},
	{"recursion: pickle, copy, repr", "import copy, pickle\na = []\nfor i in range(10**5): a = [a]\nfor f in (repr, copy.deepcopy, pickle.dumps, hash, lambda x: x == copy.copy(x)):\n    try: f(a)\n    except (RecursionError, TypeError): pass\nprint('end')", "end\n"},
	{"recursion: regular expressions", "import re\nfor p in '(' * 3000 + ')' * 3000, '(?:' * 200 + 'a' + ')*' * 200, 'a{65535}' * 50, '(?=' * 3000 + ')' * 3000:\n    try: re.match(p, 'a' * 100)\n    except (RecursionError, re.error, OverflowError, MemoryError): pass\nprint('end')", ""},
	{"recursion: destructors", "class A:\n    def __del__(self): A()\nA()", ""},
	{"recursion: limits off", "import sys\nsys.setrecursionlimit(2**31 - 1)\nclass A:\n    def __getattr__(self, n): return getattr(self, n + 'x')\nA().a", ""},
	// the interpreter's own tools
	{"tools: collector", "import gc\ngc.set_debug(gc.DEBUG_SAVEALL)\ngc.unfreeze()\nfor i in range(3):\n    a = []; a.append(a); del a; gc.collect()\nfor o in gc.get_objects():\n    if isinstance(o, dict) and o is not globals():\n        try: o.clear()\n        except BaseException: pass\n", ""},
	{"tools: referrers", "import gc\nfor o in gc.get_referrers(1, 'a', None)[:50]:\n    if type(o) is list: o.clear()", ""},
	{"tools: tracing", "import sys\ndef t(*a): return t\nsys.settrace(t); sys.setprofile(t)\ndef f(n): return n and f(n - 1)\nfor i in range(20): f(500)", ""},
	{"tools: a tracer that jumps", "import sys\ndef t(f, e, a):\n    if e == 'line':\n        try: f.f_lineno = 4 + (f.f_lineno * 7) % 5\n        except ValueError: pass\n    return t\ndef g():\n    for i in range(3):\n        try:\n            with open('a', 'w') as x: pass\n        finally: pass\nsys.settrace(t)\ng()", ""},
	{"tools: signals", "import signal, os\nfor f in (lambda: signal.signal(signal.SIGINT, print), lambda: signal.raise_signal(signal.SIGSEGV), lambda: signal.alarm(1), lambda: os.kill(os.getpid(), 9)):\n    try: f()\n    except (AttributeError, OSError, ValueError): pass", ""},
	{"tools: faulthandler", "import faulthandler\nfaulthandler.enable()\nfor f in '_sigsegv _read_null _stack_overflow _fatal_error_c_thread _sigabrt _sigfpe'.split():\n    try: getattr(faulthandler, f)()\n    except BaseException: pass", ""},
	{"tools: audit hooks and excepthook", "import sys\nsys.addaudithook(lambda *a: 1/0)\nsys.excepthook = lambda *a: open('/x')\nopen('a')", ""},
	{"tools: broken streams", "import sys\nclass W:\n    closed = property(lambda s: 1/0)\n    def write(self, x): raise SystemExit(0)\n    def flush(self): raise KeyboardInterrupt\nsys.stdout = sys.stderr = W()\n1/0", ""},
	{"tools: the harness", "import sys, gc\nfor o in gc.get_objects():\n    if type(o) is dict and '_freeze' in o: o.clear(); o['begin'] = o['finish'] = None\n", ""},
	// exits
	{"exit: forged codes", "import os\nos._exit(0xefffffff - 2**32)", ""},
	{"exit: from everywhere", "import atexit, sys\nclass A:\n    def __del__(self): sys.exit(0)\n    def __str__(self): raise SystemExit(3)\natexit.register(sys.exit, 5)\na = A()\nraise SystemExit(a)", ""},
	{"exit: an exception that cannot be printed", "class E(Exception):\n    def __str__(self): raise E\n    __repr__ = __str__\n    __cause__ = property(lambda s: s)\nraise E", ""},
	{"exit: a chain of a million exceptions", "e = None\nfor i in range(10**5):\n    n = ValueError(); n.__cause__ = e; e = n\nraise e", ""},
	// very many calls of the host
	{"calls: stat", "import os\nwhile True: os.stat('main.py')", ""},
	{"calls: stat of a deep path", "import os\np = '/sandbox/' + '../sandbox/' * 370\nwhile True: os.stat(p)", ""},
	{"calls: stat of what is not there", "import os\nwhile True: os.path.exists('/usr/lib/x')", ""},
	{"calls: print of characters", "import sys\nwhile True: sys.stdout.buffer.raw.write(b'')", ""},
	{"calls: time", "from time import time\nwhile True: time(); time(); time(); time()", ""},
	{"calls: yield", "from time import sleep\nwhile True: sleep(0)", ""},
	{"calls: urandom", "import os\nwhile True: os.urandom(10**8)", ""},
	{"calls: urandom of little", "from os import urandom\nwhile True: urandom(1)", ""},
	{"calls: open and close", "import os\nwhile True: os.close(os.open('main.py', os.O_RDONLY))", ""},
	{"calls: listdir of the library", "import os\nwhile True: os.listdir('/usr/lib/python3.13')", ""},
	{"calls: many names", "import os\nfor i in range(90): open(str(i) * 100, 'w').close()\nwhile True: os.listdir()", ""},
	{"calls: reading", "f = open('/usr/lib/python3.13/typing.py', 'rb', 0)\nb = bytearray(10**5)\nwhile True: f.seek(0); f.readinto(b)", ""},
	{"calls: select of very many", "import select\nwhile True: select.select([0] * 500, [1] * 500, [], 0)", ""},
	// files
	{"files: holes", "import os\nf = os.open('a', os.O_RDWR | os.O_CREAT)\nfor i in range(20):\n    os.pwrite(f, b'x', 2**20 - 10000)\n    os.ftruncate(f, 0)", ""},
	{"files: truncate to 2**40", "f = open('a', 'w')\nfor n in 2**40, 2**63 - 1, 2**62 + 5:\n    try: f.truncate(n); print(n)\n    except OSError as e: print(e.errno)", "51\n51\n51\n"},
	{"files: deep folders", "import os\ntry:\n    while True: os.mkdir('d'); os.chdir('d')\nexcept OSError as e: print(e.errno)", ""},
	{"files: in a folder that is gone", "import os\nos.mkdir('d'); f = os.open('d', os.O_RDONLY | os.O_DIRECTORY); os.rmdir('d')\nfor i in range(3):\n    try: os.open('x', os.O_CREAT | os.O_WRONLY, dir_fd=f)\n    except (OSError, NotImplementedError): print('no')", "no\nno\nno\n"},
	{"files: links without end", "import os\nopen('a', 'w').close()\ntry:\n    for i in range(10**6): os.link('a', f'{i:0200}')\nexcept OSError as e: print(i, e.errno)", "99 51\n"},
	{"files: rename over and over", "import os\nos.mkdir('a')\nwhile True: os.rename('a', 'b'); os.rename('b', 'a')", ""},
	{"files: a folder into itself", "import os\nos.makedirs('a/b/c')\nfor x, y in ('a', 'a/b/c/d'), ('a', 'a'), ('a', 'a/b'), ('.', 'x'), ('..', 'x'), ('a/b/..', 'x'):\n    try: os.rename(x, y)\n    except OSError: pass\nprint(sorted(os.listdir()), os.listdir('a/b'))", "['a', 'main.py'] ['c']\n"},
}

// TestHostile: whatever a program does is its own result: no crash, and no error, which would be the service's fault.
func TestHostile(t *testing.T) {
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			limits := testLimits
			limits.Seconds = 0.5
			res, _ := run(t, Program{Steps: []string{c.source}, Limits: limits})
			if c.stdout != "" && string(res.Stdout) != c.stdout {
				t.Errorf("got %q (%s), want %q\n%s", tail(res.Stdout), res.Reason, c.stdout, tail(res.Stderr))
			}
			if strings.HasPrefix(c.name, "calls: ") && res.Reason != sandbox.Fuel {
				t.Errorf("an endless program ended by %s: %s", res.Reason, tail(res.Stderr))
			}
		})
	}
	// The same host still runs others as ever.
	if res, end := run(t, Program{Steps: []string{"print(1)"}}); end.Kind != Done || string(res.Stdout) != "1\n" {
		t.Errorf("afterwards: got %+v, %q", end, res.Stdout)
	}
}
