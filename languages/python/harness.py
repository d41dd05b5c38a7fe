# What CPython runs once, before its memory is frozen, and around each program. See wasm/python/reactor.c.

# The modules that a program finds imported. More are ready to be: see ready.py, which stands before this source.
FROZEN = """
    abc argparse array ast atexit base64 bisect builtins calendar cmath codecs collections collections.abc contextlib
    copy copyreg csv dataclasses datetime decimal difflib enum errno fnmatch fractions functools gc genericpath hashlib
    heapq hmac html importlib inspect io itertools json keyword linecache locale logging marshal math numbers operator
    os pathlib pickle pprint queue random re reprlib secrets shutil signal stat statistics string struct subprocess sys
    tempfile textwrap threading time timeit token tokenize traceback types typing unicodedata unittest unittest.mock
    uuid warnings weakref zlib _sitebuiltins _strptime
"""


def _no_network(*args, **kwargs):
    """WASI has no names to look up and nothing to connect to; programs expect that as an OSError."""
    import errno
    raise OSError(errno.ENETUNREACH, "Network is unreachable")


def _freeze():
    import importlib
    import _socket
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo", "socketpair"):
        if not hasattr(_socket, name):
            setattr(_socket, name, _no_network)
    _socket.gethostname = lambda: "localhost"
    for name in FROZEN.split():
        importlib.import_module(name)
    import builtins, os, _sitebuiltins
    os.environ.clear()
    os.chdir("/sandbox")
    sys.path.insert(0, "/sandbox")
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.help = _sitebuiltins._Helper()
    builtins.copyright = _sitebuiltins._Printer("copyright", sys.copyright)
    builtins.credits = _sitebuiltins._Printer("credits", "See www.python.org for more information.")
    builtins.license = _sitebuiltins._Printer("license", "See https://www.python.org/psf/license/")
    _prepare()


_freeze()


def _hide(name, source):
    """A module of ours that a program does not see unless it imports it. What it imports itself stays out of sight."""
    module = type(sys)(name)
    module.__spec__ = _ModuleSpec(name, None)
    module.__builtins__ = dict(vars(builtins))    # what a program makes of them is not its concern
    sys.modules.update(_Ready.modules)
    try:
        exec(compile(source, f"<{name}>", "exec"), module.__dict__)
    finally:
        for n in _Ready.modules:
            del sys.modules[n]
    _Ready.modules[name], _Ready.brings[name] = module, (name,)


_hide("_borel_process", _PROCESS)
_hide("_borel_equal", _EQUAL)
_hide("_borel_wire", _WIRE)
_hide("_borel_cells", _CELLS)

from _frozen_importlib_external import SourceFileLoader
from random import seed
from os import read as _read
import atexit, builtins, linecache

_module = type(sys)
_process = _Ready.modules["_borel_process"]
_main = "/sandbox/main.py"


def begin(argv):
    main = _module("__main__")
    main.__dict__.update(
        __loader__=SourceFileLoader("__main__", _main), __annotations__={}, __builtins__=builtins, __file__=_main, __cached__=None)
    sys.modules["__main__"] = main
    sys.argv = argv
    sys.orig_argv = ["python3", *argv]
    if setup := _read(1000, 65536):    # an unusual run: see sandbox/host.go
        while more := _read(1000, 65536):
            setup += more
        if setup[0] & 1:    # somebody waits for each line, as at a terminal
            sys.stdout.reconfigure(line_buffering=True)
        if len(setup) > 1:
            _process.begin(main, setup[1:])
    seed()
    return main.__dict__


def finish():
    atexit._run_exitfuncs()
