package languages_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"borel/languages"
	"borel/sandbox"
)

// ways are programs that try to leave something behind, each with a program that would find it.
var ways = []struct {
	name, leave, look string
	ends              sandbox.Reason // of leave; empty means finished
}{
	// names
	{name: "a name in main", leave: `x = 1`, look: `print('x' in globals())`},
	{name: "a name in builtins", leave: `import builtins; builtins.x = 1`, look: `import builtins; print(hasattr(builtins, 'x'))`},
	{name: "a built-in replaced", leave: `import builtins; builtins.len = lambda x: 7`, look: `print(len([]))`},
	{name: "a built-in removed", leave: `import builtins; del builtins.sorted`, look: `print('sorted' in dir(__builtins__))`},
	{name: "a module imported", leave: `import colorsys`, look: `import sys; print('colorsys' in sys.modules)`},
	{name: "a module's attribute", leave: `import json; json.x = 1`, look: `import json; print(hasattr(json, 'x'))`},
	{name: "a module replaced", leave: `import sys; sys.modules['json'] = sys`, look: `import json; print(json.__name__)`},
	{name: "a module removed", leave: `import sys; del sys.modules['random']`, look: `import sys; print('random' in sys.modules)`},
	{name: "all modules removed", leave: `import sys; m = sys.modules; keep = dict(m); m.clear(); m['sys'] = sys`, look: `import sys; print(len(sys.modules))`},
	{name: "a module of the run's own", leave: `open('mine.py', 'w').write('x = 5'); import mine`, look: "try: import mine; print('there')\nexcept ImportError: print('gone')"},
	{name: "the arguments", leave: `import sys; sys.argv.append('x')`, look: `import sys; print(sys.argv)`},
	// functions and types of the library
	{name: "a function's code", leave: `import json; json.dumps.__code__ = (lambda *a, **k: 'x').__code__`, look: `import json; print(json.dumps(1))`},
	{name: "a function's defaults", leave: `import json; json.dumps.__kwdefaults__['indent'] = 3`, look: `import json; print(json.dumps([1]))`},
	{name: "a method of a class", leave: `import random; random.Random.shuffle = None`, look: `import random; print(random.Random.shuffle is None)`},
	{name: "a method of int, through gc", leave: "import gc\ngc.get_referents(int.__dict__)[0]['half'] = lambda n: n // 2", look: `print('half' in vars(int))`},
	{name: "a slot of str, through gc", leave: "import gc\ngc.get_referents(str.__dict__)[0]['upper'] = str.lower", look: `print('a'.upper())`},
	{name: "the keys of a frozen set's owner", leave: `import keyword; keyword.kwlist.append('borel')`, look: `import keyword; print('borel' in keyword.kwlist)`},
	{name: "a subclass of object", leave: `class Left: pass`, look: `print(any(c.__name__ == 'Left' for c in object.__subclasses__()))`},
	{name: "a registered subclass", leave: `import collections.abc; collections.abc.Sequence.register(int)`, look: `import collections.abc; print(issubclass(int, collections.abc.Sequence))`},
	{name: "an enumeration's member", leave: `import re; re.RegexFlag._member_map_['LEFT'] = 1`, look: `import re; print('LEFT' in re.RegexFlag._member_map_)`},
	{name: "a patch that is not stopped", leave: `from unittest import mock; mock.patch('json.dumps').start()`, look: `import json; print(type(json.dumps).__name__)`},
	{name: "memory overwritten by crafted bytecode", leave: "import opcode\ndef f(): pass\nm = opcode.opmap\nexec(f.__code__.replace(co_code=bytes([m['RESUME'], 0, m['LOAD_CONST'], 0, m['STORE_FAST'], 200, m['LOAD_CONST'], 0, m['RETURN_VALUE'], 0])))", look: "import sys\nsys._debugmallocstats()"},
	// caches
	{name: "specialised bytecode", leave: "import textwrap\nfor i in range(100): textwrap.fill('a b c d e f', 5)", look: "import textwrap, time\nt = time.perf_counter_ns(); textwrap.fill('a b c', 3); print(time.perf_counter_ns() - t)"},
	{name: "the cache of types", leave: "import fractions\nfor n in dir(fractions.Fraction): getattr(fractions.Fraction, n)\nclass A(fractions.Fraction): pass", look: "import fractions, time\nf = fractions.Fraction(1, 2); t = time.perf_counter_ns(); f.limit_denominator; f.conjugate; print(time.perf_counter_ns() - t, fractions.Fraction.__subclasses__())"},
	{name: "versions of a type used up", leave: "import fractions\nfor i in range(1100): fractions.Fraction.left = i; fractions.Fraction(1).left\ndel fractions.Fraction.left", look: "import fractions, time\nf = fractions.Fraction(1, 2); t = time.perf_counter_ns()\nfor i in range(50): f.limit_denominator\nprint(time.perf_counter_ns() - t)"},
	{name: "regular expressions", leave: `import re; re.compile('(crosses)')`, look: `import re; print(len(re._cache), len(re._cache2))`},
	{name: "struct's formats", leave: `import struct; struct.pack('3h2i7q', *range(12))`, look: "import struct, time\nt = time.perf_counter_ns(); struct.calcsize('3h2i7q'); print(time.perf_counter_ns() - t)"},
	{name: "functools caches", leave: `import fnmatch; fnmatch.fnmatch('a', 'b*')`, look: `import fnmatch; print(fnmatch._compile_pattern.cache_info())`},
	{name: "typing's caches", leave: `import typing; typing.Dict[str, typing.List[bytes]]`, look: "import typing, time\nt = time.perf_counter_ns(); typing.List[bytes]; print(time.perf_counter_ns() - t)"},
	{name: "lines of files", leave: "import linecache\nlinecache.getline('main.py', 1)", look: `import linecache; print(list(linecache.cache))`},
	{name: "importers of paths", leave: "import sys\nsys.path.insert(0, '/tmp')\ntry: import nothing\nexcept ImportError: pass", look: `import sys; print(sorted(sys.path_importer_cache))`},
	{name: "directories of zip files", leave: "import sys, zipfile\nz = zipfile.ZipFile('z.zip', 'w'); z.writestr('inzip.py', 'x = 1'); z.close()\nsys.path.insert(0, 'z.zip'); import inzip", look: `import zipimport; print(list(zipimport._zip_directory_cache))`},
	{name: "formats of dates", leave: `import time; time.strptime('2020', '%Y')`, look: `import _strptime; print(len(_strptime._regex_cache))`},
	{name: "encodings", leave: `'x'.encode('cp037')`, look: `import encodings, sys; print('cp037' in encodings._cache, 'encodings.cp037' in sys.modules)`},
	{name: "aliases of encodings", leave: `import encodings.aliases as a; a.aliases['left'] = 'utf_8'`, look: "try: print('x'.encode('left'))\nexcept LookupError: print('gone')"},
	{name: "interned strings", leave: `import sys; keep = [sys.intern('left%d' % i) for i in range(1000)]`, look: "import sys, time\ns = 'left%d' % 7; t = time.perf_counter_ns(); sys.intern(s); print(id(sys.intern(s)), time.perf_counter_ns() - t)"},
	{name: "the allocator", leave: `keep = [bytes(i % 3000) for i in range(3000)]; del keep[::2]`, look: `print([id(bytes(n)) for n in (1, 20, 100, 400, 600, 5000)])`},
	{name: "the allocator's statistics", leave: `keep = [bytearray(i) for i in range(2000)]`, look: `import sys; sys._debugmallocstats()`},
	// registries
	{name: "a codec", leave: "import codecs\ncodecs.register(lambda n: codecs.lookup('utf-8') if n == 'left' else None)", look: "try: print('x'.encode('left'))\nexcept LookupError: print('gone')"},
	{name: "a handler of coding errors", leave: `import codecs; codecs.register_error('left', lambda e: ('?', e.end))`, look: "try: print('é'.encode('ascii', 'left'))\nexcept LookupError: print('gone')"},
	{name: "copyreg", leave: `import copyreg; copyreg.pickle(type(print), lambda f: 'left')`, look: `import copyreg; print(len(copyreg.dispatch_table))`},
	{name: "copyreg's extensions", leave: `import copyreg; copyreg.add_extension('os', 'left', 77)`, look: `import copyreg; print(copyreg._extension_registry)`},
	{name: "copiers", leave: `import copy; copy._deepcopy_dispatch[int] = lambda x, memo: 7`, look: `import copy; print(copy.deepcopy([1]))`},
	{name: "csv's dialects", leave: `import csv; csv.register_dialect('left', delimiter=';')`, look: `import csv; print(csv.list_dialects())`},
	{name: "csv's limit", leave: `import csv; csv.field_size_limit(7)`, look: `import csv; print(csv.field_size_limit())`},
	{name: "logging's handlers", leave: `import logging; logging.basicConfig(level=1)`, look: `import logging; print(logging.root.handlers, logging.root.level)`},
	{name: "names of loggers", leave: `import logging; logging.getLogger('left').disabled = True`, look: `import logging; print(list(logging.root.manager.loggerDict))`},
	{name: "json's encoder", leave: `import json; json._default_encoder.key_separator = '='`, look: `import json; print(json.dumps({'a': 1}))`},
	{name: "kinds of files", leave: `import mimetypes; mimetypes.add_type('left/left', '.left')`, look: `import mimetypes; print(mimetypes.guess_type('a.left'))`},
	{name: "sqlite's adapters", leave: `import sqlite3; sqlite3.register_adapter(complex, str)`, look: "import sqlite3\ntry: print(sqlite3.connect(':memory:').execute('select ?', (1j,)).fetchall())\nexcept sqlite3.Error: print('gone')"},
	{name: "a database in memory, shared", leave: `import sqlite3; c = sqlite3.connect('file:left?mode=memory&cache=shared', uri=True); c.execute('create table t (x)')`, look: "import sqlite3\nprint(sqlite3.connect('file:left?mode=memory&cache=shared', uri=True).execute('select name from sqlite_master').fetchall())"},
	{name: "the first day of the week", leave: `import calendar; calendar.setfirstweekday(3)`, look: `import calendar; print(calendar.firstweekday())`},
	// settings of the interpreter
	{name: "the recursion limit", leave: `import sys; sys.setrecursionlimit(77)`, look: `import sys; print(sys.getrecursionlimit())`},
	{name: "the path", leave: `import sys; sys.path.append('/tmp')`, look: `import sys; print(sys.path)`},
	{name: "the excepthook", leave: `import sys; sys.excepthook = lambda *a: print('left')`, look: `import sys; print(sys.excepthook is sys.__excepthook__)`},
	{name: "the displayhook", leave: `import sys; sys.displayhook = print`, look: `import sys; print(sys.displayhook is sys.__displayhook__)`},
	{name: "the hook of unraisable exceptions", leave: `import sys; sys.unraisablehook = print`, look: `import sys; print(sys.unraisablehook is sys.__unraisablehook__)`},
	{name: "the breakpoint hook", leave: `import sys; sys.breakpointhook = print`, look: `import sys; print(sys.breakpointhook is sys.__breakpointhook__)`},
	{name: "hooks of threads", leave: `import threading; threading.excepthook = print; threading.setprofile(print)`, look: `import threading; print(threading.excepthook is print, threading.getprofile())`},
	{name: "hooks of asynchronous generators", leave: `import sys; sys.set_asyncgen_hooks(print)`, look: `import sys; print(sys.get_asyncgen_hooks())`},
	{name: "an import hook", leave: "import sys\nclass F:\n    def find_spec(*a): print('left')\nsys.meta_path.insert(0, F)", look: `import sys; print(len(sys.meta_path))`},
	{name: "a path hook", leave: `import sys; sys.path_hooks.insert(0, print)`, look: `import sys; print(len(sys.path_hooks))`},
	{name: "a tracer", leave: "import sys\nsys.settrace(lambda *a: None)", look: `import sys; print(sys.gettrace())`},
	{name: "a profiler", leave: "import sys\nsys.setprofile(lambda *a: None)", look: `import sys; print(sys.getprofile())`},
	{name: "an audit hook", leave: "import sys\nsys.addaudithook(lambda e, a: e == 'borel.look' and print('left'))", look: `import sys; sys.audit('borel.look'); print('looked')`},
	{name: "a monitoring tool", leave: `import sys; sys.monitoring.use_tool_id(3, 'left')`, look: `import sys; print(sys.monitoring.get_tool(3))`},
	{name: "the switch interval", leave: `import sys; sys.setswitchinterval(7)`, look: `import sys; print(sys.getswitchinterval())`},
	{name: "writing of bytecode", leave: `import sys; sys.dont_write_bytecode = not sys.dont_write_bytecode`, look: `import sys; print(sys.dont_write_bytecode)`},
	{name: "the limit of digits", leave: `import sys; sys.set_int_max_str_digits(1000)`, look: `import sys; print(sys.get_int_max_str_digits())`},
	{name: "origins of coroutines", leave: `import sys; sys.set_coroutine_origin_tracking_depth(5)`, look: `import sys; print(sys.get_coroutine_origin_tracking_depth())`},
	{name: "faulthandler", leave: `import faulthandler, sys; faulthandler.disable() if faulthandler.is_enabled() else faulthandler.enable(sys.stderr)`, look: `import faulthandler; print(faulthandler.is_enabled())`},
	{name: "tracemalloc", leave: `import tracemalloc; tracemalloc.start()`, look: `import tracemalloc; print(tracemalloc.is_tracing())`},
	{name: "warnings' filters", leave: `import warnings; warnings.simplefilter('error')`, look: `import warnings; print(len(warnings.filters))`},
	{name: "warnings that were given", leave: "import warnings\nwarnings.warn_explicit('left', UserWarning, 'f', 1, registry=warnings.__dict__.setdefault('__warningregistry__', {}))", look: "import warnings\nprint('__warningregistry__' in warnings.__dict__)"},
	{name: "the last exception", leave: "import sys\nsys.last_exc = sys.last_value = ValueError()", look: `import sys; print(hasattr(sys, 'last_exc'))`},
	{name: "the locale", leave: `import locale; locale._override_localeconv = {'decimal_point': ','}`, look: `import locale; print(locale.localeconv()['decimal_point'])`},
	{name: "the time zone", leave: `import os, time; time.timezone = 7; os.environ['TZ'] = 'UTC+7'`, look: `import os, time; print(time.timezone, os.environ.get('TZ'), time.localtime().tm_hour)`},
	{name: "decimal's context", leave: `import decimal; decimal.getcontext().prec = 3`, look: `import decimal; print(decimal.Decimal(1) / 3)`},
	{name: "decimal's default context", leave: `import decimal; decimal.DefaultContext.prec = 4`, look: `import decimal; print(decimal.Context().prec)`},
	{name: "the timeout of sockets", leave: `import socket; socket.setdefaulttimeout(7)`, look: `import socket; print(socket.getdefaulttimeout())`},
	{name: "a signal's handler", leave: `import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)`, look: `import signal; print(signal.getsignal(signal.SIGINT))`},
	{name: "a signal that was raised", leave: "import _thread, signal\nsignal.signal(signal.SIGINT, lambda *a: print('left'))\nimport atexit\natexit.register(_thread.interrupt_main)", look: `print(1)`},
	// collection and threads
	{name: "the collector switched off", leave: `import gc; gc.disable()`, look: `import gc; print(gc.isenabled())`},
	{name: "the collector's thresholds", leave: `import gc; gc.set_threshold(1, 2, 3)`, look: `import gc; print(gc.get_threshold())`},
	{name: "the collector's callbacks", leave: `import gc; gc.callbacks.append(lambda *a: None)`, look: `import gc; print(gc.callbacks)`},
	{name: "the collector's counts", leave: `keep = [[] for i in range(300)]`, look: `import gc; print(gc.get_count())`},
	{name: "garbage", leave: "import gc\ngc.set_debug(gc.DEBUG_SAVEALL)\na = []; a.append(a); del a; gc.collect()", look: `import gc; print(len(gc.garbage), gc.get_debug())`},
	{name: "frozen objects thawed", leave: `import gc; gc.unfreeze()`, look: `import gc; print(gc.get_freeze_count())`},
	{name: "a thread's attributes", leave: `import threading; threading.current_thread().name = 'left'`, look: `import threading; print(threading.current_thread().name)`},
	{name: "thread-local values", leave: `import builtins, threading; builtins.l = threading.local(); builtins.l.x = 1`, look: "try: print(l.x)\nexcept NameError: print('gone')"},
	{name: "a lock that is held", leave: `import logging; logging._lock.acquire()`, look: `import logging; print(logging._lock)`},
	{name: "a context variable", leave: "import builtins, contextvars\nbuiltins.c = contextvars.ContextVar('c'); c.set(1)", look: `import contextvars; print(len(contextvars.copy_context()))`},
	{name: "a weak reference", leave: "import weakref, json\nr = weakref.ref(json.JSONEncoder, print)", look: `import weakref, json; print(weakref.getweakrefcount(json.JSONEncoder))`},
	{name: "a finalizer", leave: "import weakref, json\nweakref.finalize(json.JSONEncoder, print, 'left')", look: `print(1)`},
	{name: "a destructor", leave: "import json\nclass A:\n    def __del__(self): print('left')\njson.a = A(); a = A()", look: `print(1)`},
	{name: "a suspended generator", leave: "def g():\n    try: yield\n    finally: print('left')\nx = g(); next(x)", look: `print(1)`},
	{name: "an exit handler", leave: `import atexit; atexit.register(print, 'left')`, look: `print(1)`},
	// randomness, clocks, names
	{name: "the state of random", leave: `import random; random.seed(5)`, look: `import random; print(random.random())`},
	{name: "the host's randomness", leave: `import os; os.urandom(100)`, look: `import os, secrets; print(os.urandom(4), secrets.token_hex(4))`},
	{name: "the wall clock", leave: `import time; time.sleep(0.1)`, look: `import time; print(time.time_ns())`},
	{name: "the monotonic clock", leave: `import time; time.sleep(0.1)`, look: `import time; print(time.monotonic_ns())`},
	{name: "the processor's clock", leave: `sum(range(10**5))`, look: `import time; print(time.process_time_ns())`},
	{name: "names of temporary files", leave: `import tempfile; tempfile.mkdtemp(); tempfile.tempdir = '/sandbox'`, look: `import tempfile; print(tempfile.tempdir, tempfile.mktemp())`},
	{name: "the node and time of uuid", leave: `import uuid; uuid.uuid1(); uuid._node = 7`, look: `import uuid; print(uuid._node, uuid._last_timestamp, uuid.uuid4())`},
	// files and descriptors
	{name: "a file", leave: `open('left', 'w').write('x')`, look: `import os; print(os.listdir())`},
	{name: "a temporary file", leave: `open('/tmp/left', 'w').write('x')`, look: `import os; print(os.listdir('/tmp'))`},
	{name: "a link", leave: `import os; os.symlink('/usr', '/tmp/left')`, look: `import os; print(os.path.lexists('/tmp/left'))`},
	{name: "the program's own file", leave: "open('/sandbox/tests.py', 'w').write('x'); import os; os.remove('main.py')", look: `import os; print(os.path.exists('main.py'))`},
	{name: "a folder's time", leave: `import os; os.utime('/tmp', (1, 2))`, look: `import os; print(os.stat('/tmp').st_mtime)`},
	{name: "numbers of files", leave: `for i in range(50): open(str(i), 'w').close()`, look: `import os; open('new', 'w').close(); print(os.stat('new').st_ino)`},
	{name: "all files there may be", leave: "try:\n    for i in range(1000): open(str(i), 'w').write('x' * 10000)\nexcept OSError: pass", look: "import os\ntry: print(open('new', 'w').write('y'))\nexcept OSError as e: print(e.errno)"},
	{name: "a folder removed", leave: "import os\nos.remove('main.py'); os.chdir('/')\ntry: os.rmdir('/sandbox')\nexcept OSError: pass", look: `import os; print(os.listdir('/sandbox'))`},
	{name: "the working folder", leave: `import os; os.mkdir('d'); os.chdir('d')`, look: `import os; print(os.getcwd())`},
	{name: "the environment", leave: `import os; os.environ['LEFT'] = '1'`, look: `import os; print(dict(os.environ))`},
	{name: "C's environment", leave: `import os; os.putenv('LEFT', '1')`, look: "import time, os\nt = time.perf_counter_ns(); os.putenv('LEFT', '2'); print(time.perf_counter_ns() - t)"},
	{name: "open descriptors", leave: `keep = [open('main.py') for i in range(20)]`, look: `print(open('main.py').fileno())`},
	{name: "the root's descriptor closed", leave: `import os; os.close(3)`, look: "try: print(open('main.py').read(5))\nexcept OSError as e: print(e.errno)"},
	{name: "standard input read", leave: `import sys; sys.stdin.read()`, look: `import sys; print(sys.stdin.read())`},
	{name: "standard input read below Python", leave: `import os; os.read(0, 3)`, look: `import os; print(os.read(0, 100))`},
	{name: "standard input closed", leave: `import os; os.close(0)`, look: "import os\ntry: print(os.read(0, 100))\nexcept OSError as e: print(e.errno)"},
	{name: "standard input replaced", leave: `import io, sys; sys.stdin = io.StringIO('left')`, look: `print(input())`},
	{name: "standard output replaced", leave: `import io, sys; sys.stdout = io.StringIO()`, look: `print(1)`},
	{name: "standard output closed", leave: `import sys; sys.stdout.close()`, look: `import sys; print(sys.stdout.closed)`},
	{name: "standard output's encoding", leave: `import sys; sys.stdout.reconfigure(encoding='utf-16')`, look: `print(1)`},
	{name: "standard output unflushed", leave: `import sys; sys.stdout.write('left')`, look: `print(1)`},
	{name: "standard error replaced", leave: `import sys; sys.stderr = sys.stdout`, look: `import sys; print('x', file=sys.stderr)`},
	// memory
	{name: "memory grown", leave: `keep = bytearray(100 << 20)`, look: `print(1)`},
	{name: "memory grown and freed", leave: `del (lambda: bytearray(100 << 20))()[::4096]`, look: `print(1)`},
	{name: "memory filled", leave: "keep = [b'left' * (1000 + i % 9) for i in range(10000)]", look: `print(1)`},
	// runs that were ended, half way through something
	{name: "ended by fuel", leave: "import builtins, sys\nbuiltins.x = sys.x = 1; sys.setrecursionlimit(77)\nd = {}\nwhile True: d[len(d) % 1000] = {}", look: `import sys; print(sys.getrecursionlimit(), hasattr(sys, 'x'))`, ends: sandbox.Fuel},
	{name: "ended by fuel in one long call", leave: "import sys; sys.x = 1\n10**10**8", look: `import sys; print(hasattr(sys, 'x'), 10**100)`, ends: sandbox.Fuel},
	{name: "ended by a trap", leave: "import os, sys; sys.x = 1; open('left', 'w'); os.abort()", look: `import os, sys; print(hasattr(sys, 'x'), os.listdir())`, ends: sandbox.Trap},
	{name: "ended by recursion", leave: "import sys; sys.x = 1; x = iter([])\nimport itertools\nfor i in range(10**5): x = itertools.chain(x, [])\nlist(x)", look: `import sys; print(hasattr(sys, 'x'))`, ends: sandbox.Trap},
	{name: "ended by output", leave: "import sys; sys.x = 1\nwhile True: print('left' * 1000)", look: `import sys; print(hasattr(sys, 'x'))`, ends: sandbox.Output},
	{name: "ended by sleep", leave: "import sys, time; sys.x = 1; time.sleep(10**6)", look: `import sys, time; print(hasattr(sys, 'x'), time.time())`, ends: sandbox.Sleep},
	{name: "ended by memory", leave: "import sys; sys.x = a = []\nwhile True: a.append(bytes(10**6))", look: `import sys; print(hasattr(sys, 'x'))`, ends: sandbox.Memory},
	{name: "ended by an exit, output unflushed", leave: "import os, sys; sys.x = 1; sys.stdout.write('left'); os._exit(0)", look: `import sys; print(hasattr(sys, 'x'))`, ends: sandbox.Exited},
	{name: "ended in an import", leave: "open('m.py', 'w').write('import os; os._exit(1)')\nimport m", look: "import sys, _imp; print('m' in sys.modules, _imp.lock_held())", ends: sandbox.Exited},
	{name: "ended in a handler of exceptions", leave: "import os\ntry: 1 / 0\nexcept ZeroDivisionError: os._exit(1)", look: `import sys; print(sys.exc_info())`, ends: sandbox.Exited},
	{name: "ended in a trace function", leave: "import os, sys\nsys.settrace(lambda *a: os._exit(1))\ndef f(): pass\nf()", look: `import sys; print(sys.gettrace())`, ends: sandbox.Exited},
}

// TestStateNeverCrosses: what a run leaves is not there for the next on the same instance, whose output, fuel and memory are
// those of a run on an instance that has run nothing else (with BOREL_FULL, of a whole template that has not). That a look
// can see what it looks for is shown by running it after leave in one run.
func TestStateNeverCrosses(t *testing.T) {
	start := func() *languages.Runtime {
		t.Helper()
		rt, err := languages.New(t.Context(), languages.Config{CacheDir: codeCache(t), Parallel: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { rt.Close() })
		return rt
	}
	python, _ := languages.Find("python")
	try := func(rt *languages.Runtime, steps ...string) sandbox.Result {
		t.Helper()
		res, err := rt.Run(t.Context(), languages.Guest{}, python.Spec(languages.Program{Steps: steps, Stdin: []byte("line\n"),
			Limits: languages.Limits{Seconds: 0.25, Memory: 256 << 20, Output: 64 << 10, Files: 100, FileBytes: 1 << 20}}))
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	// Nothing is kept of an instance that breaks, and the next run gets a new one.
	const breaks = "import os; os.abort()"
	used, fresh := start(), start()
	for _, w := range ways {
		if os.Getenv("BOREL_FULL") != "" {
			fresh = start()
		} else if res := try(fresh, breaks); res.Reason != sandbox.Trap {
			t.Fatalf("%q ended by %s", breaks, res.Reason)
		}
		want := try(fresh, w.look)
		if want.Reason != sandbox.Finished || want.Returned[0] != 0 {
			t.Errorf("%s: the look ended by %s, %d\n%s", w.name, want.Reason, want.Returned, want.Stderr)
		}
		left := try(used, w.leave)
		if w.ends == "" {
			w.ends = sandbox.Finished
			if both := try(used, w.leave, w.look); same(both, want) && both.Memory == want.Memory {
				t.Errorf("%s: the look does not see what was left in the run itself: %s", w.name, shown(both))
			}
			left = try(used, w.leave)
		}
		if left.Reason != w.ends || w.ends == sandbox.Finished && left.Returned[0] != 0 {
			t.Errorf("%s: leaving ended by %s, %d, want %s\n%s", w.name, left.Reason, left.Returned, w.ends, left.Stderr)
		}
		if got := try(used, w.look); !same(got, want) || got.Fuel != want.Fuel || got.Memory != want.Memory {
			t.Errorf("%s crossed:\ngot  %s\nwant %s", w.name, shown(got), shown(want))
		}
	}
}

// same compares what two runs showed of themselves.
func same(a, b sandbox.Result) bool {
	return a.Reason == b.Reason && bytes.Equal(a.Stdout, b.Stdout) && bytes.Equal(a.Stderr, b.Stderr)
}

func shown(r sandbox.Result) string {
	return fmt.Sprintf("%s, stdout %q, stderr %q, fuel %d, memory %d", r.Reason, r.Stdout, r.Stderr[max(0, len(r.Stderr)-1000):], r.Fuel, r.Memory)
}

func codeCache(t *testing.T) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "borel", "code")
}
