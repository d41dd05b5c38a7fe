# Modules that are executed before freezing and then taken out of sight. A program that imports one gets it in microseconds,
# with all that its import brings; a program that does not sees no trace of it in sys.modules or in what importing it
# changes elsewhere. (A trace that remains: the classes among the __subclasses__() of those that they derive from.)

# Beside these, every package of the image.
READY = """
    asyncio bz2 cProfile cmd code codeop colorsys concurrent.futures concurrent.futures.process concurrent.futures.thread
    configparser contextvars doctest email email.message email.mime.multipart email.mime.text email.parser
    email.policy email.utils fileinput filecmp getopt getpass gettext glob graphlib gzip html.parser http http.client
    http.cookies http.server imaplib importlib.metadata importlib.resources ipaddress logging.config logging.handlers lzma
    mimetypes multiprocessing.dummy netrc optparse pdb pickletools pkgutil platform plistlib poplib pstats pydoc
    runpy sched select selectors shelve shlex smtplib socket socketserver sqlite3 symtable sysconfig tarfile
    timeit tomllib trace tracemalloc unittest.async_case urllib.error urllib.parse urllib.request urllib.robotparser wave
    xml.dom.minidom xml.etree.ElementTree xml.sax xmlrpc.client zipapp zipfile zipimport zoneinfo
"""

# Modules that packages import when something is first asked of them; the first sum of SymPy asks for tensors.
LATER = {"sympy": """
    sympy.tensor.tensor sympy.physics.units.systems sympy.assumptions.wrapper sympy.integrals.heurisch sympy.integrals.manualintegrate
    sympy.integrals.risch sympy.codegen.ast
""", "pytest": """
    _pytest._argcomplete _pytest._io.pprint _pytest.helpconfig _pytest.junitxml _pytest.pastebin _pytest.python_path _pytest.setuponly
    _pytest.setupplan _pytest.skipping _pytest.stepwise _pytest.threadexception _pytest.unittest _pytest.unraisableexception _pytest.warnings
"""}

import sys


class _Ready:
    """The finder and loader of such modules. It stands first in sys.meta_path."""

    modules = {}    # name → module
    brings = {}     # name → names of all modules that importing it brings, itself included
    below = set()   # names of those whose package is in sight, which must not have them as attributes before
    filters = {}    # name → the filters of warnings that importing it adds

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        module = cls.modules.get(name)
        if module is None:
            return None
        if any(sys.modules.get(n, cls.modules[n]) is not cls.modules[n] for n in cls.brings[name] if n in cls.modules):
            return None    # the program put something of its own, or None, where this module would find what it imports
        spec = module.__spec__
        if spec.has_location:  # a program may have a module of the same name, or have changed sys.path
            found = _PathFinder.find_spec(name, path, target)
            if found is None or found.origin != spec.origin:
                return found
        return _ModuleSpec(name, cls, origin=spec.origin, loader_state=spec)

    @classmethod
    def create_module(cls, spec):
        return cls.modules[spec.name]

    @classmethod
    def exec_module(cls, module):
        name = module.__spec__.name
        module.__spec__ = module.__spec__.loader_state
        names = [n for n in cls.brings[name] if n in cls.modules]
        for n in names:
            m = cls.modules.pop(n)
            sys.modules.setdefault(n, m)
            if n in cls.below:
                package, _, last = n.rpartition(".")
                if package in sys.modules:
                    setattr(sys.modules[package], last, m)
        for n in names:
            if n in cls.filters:
                _warnings.filters[:0] = cls.filters.pop(n)
                _warnings._filters_mutated()


class _Imports:
    """Who imports whom: every import statement goes through __import__ while this is one."""

    def __init__(self):
        self.edges = {}
        self.real = builtins.__import__

    def __call__(self, name, globals=None, locals=None, fromlist=(), level=0):
        module = self.real(name, globals, locals, fromlist, level)
        if globals is not None:
            if level:
                package = globals.get("__package__") or globals["__name__"].rpartition(".")[0]
                name = package.rsplit(".", level - 1)[0] + ("." + name if name else "")
            to = self.edges.setdefault(globals.get("__name__"), {})
            for n in [name, *(f"{name}.{f}" for f in fromlist or ())]:
                if n in sys.modules:
                    to[n] = True
        return module

    def reach(self, name):
        """All modules that executing one imported, in the order in which they were met."""
        seen, todo = {}, [name]
        while todo:
            n = todo.pop()
            if n not in seen:
                seen[n] = True
                todo += self.edges.get(n, ())
                if "." in n:
                    todo.append(n.rpartition(".")[0])
        return seen


def _prepare():
    """Execute the modules of READY and of the packages, and hide them."""
    global builtins, _PathFinder, _ModuleSpec, _warnings
    import builtins, os, re
    import warnings as _warnings
    from _frozen_importlib import ModuleSpec as _ModuleSpec
    from _frozen_importlib_external import PathFinder as _PathFinder
    packages = "/usr/lib/python3.13/site-packages"
    names = READY.split()
    if os.path.isdir(packages):
        for name in sorted(n for n in os.listdir(packages) if os.path.exists(f"{packages}/{n}/__init__.py")):
            names += [name, *LATER.get(name, "").split()]
    sight, filters = set(sys.modules), _warnings.filters[:]
    caches = [(d, set(d)) for d in (sys.path_importer_cache, re._cache, re._cache2)]
    imports = builtins.__import__ = _Imports()
    try:
        for name in names:
            imports(name)
            added = [f for f in _warnings.filters if f not in filters]
            if added:
                _Ready.filters[name] = added
                _warnings.filters[:] = filters
                _warnings._filters_mutated()
    finally:
        builtins.__import__ = imports.real
    for name in [n for n in sys.modules if n not in sight]:
        module = _Ready.modules[name] = sys.modules.pop(name)
        package, _, last = name.rpartition(".")
        if package in sight:
            _Ready.below.add(name)
            delattr(sys.modules[package], last)
    for name in _Ready.modules:    # a module that is no package, but has modules below it, has put them there itself
        above = _Ready.modules.get(name.rpartition(".")[0])
        if above is not None and not hasattr(above, "__path__"):
            imports.edges.setdefault(above.__name__, {})[name] = True
    shared = {}
    for name in _Ready.modules:
        brings = tuple(n for n in imports.reach(name) if n in _Ready.modules)
        _Ready.brings[name] = shared.setdefault(frozenset(brings), brings)
    for d, old in caches:
        for key in set(d) - old:
            del d[key]
    sys.meta_path.insert(0, _Ready)
