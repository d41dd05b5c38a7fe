"""Lay out Python modules as the guest sees them: every source file and, compiled, its __pycache__ neighbour.

usage: python3.13 modules.py library LIB OUT [GENERATED_MODULE...]      the standard library
       python3.13 modules.py packages DIST-PACKAGES OUT                 packages, with their metadata and data

The compiled files are unchecked hash-based (PEP 552): the import system does not compare them with their sources, whose
dates a file system in memory does not have. The sources are for tracebacks and inspect.
"""

import importlib._bootstrap_external as bootstrap
import importlib.util
import os
import sys

# What is left out of the standard library, relative to LIB, and why. Everything else that is Python is kept.
SKIP = {
    '__phello__': 'a demonstration of frozen modules',
    '__hello__.py': 'a demonstration of frozen modules',
    'ctypes': 'needs _ctypes, which needs libffi: there are no foreign functions in a sandbox',
    'curses': 'needs _curses: there is no terminal',
    'ensurepip': 'installs packages: there is no network',
    'idlelib': 'needs tkinter',
    'lib2to3': 'removed from the language; still named by old sources',
    'msilib': 'for Windows',
    'pydoc_data': 'the text of the reference manual, 0.7 MB, read by interactive help alone',
    'site-packages': 'holds only a note',
    'test': "CPython's own tests, 30 MB",
    'tkinter': 'needs _tkinter: there is no display',
    'turtle.py': 'needs tkinter',
    'turtledemo': 'needs tkinter',
    'venv': 'copies an interpreter: there is no subprocess to run it',
}
# What is left out of packages, wherever it lies.
TESTS = 'tests', 'test-examples', 'conftest.py'
PREFIX = '/usr/lib/python3.13/'


def walk(root, skipped):
    """Yield the paths of the files below root relative to it, in order."""
    for folder, folders, names in os.walk(root):
        rel = os.path.relpath(folder, root)
        prefix = '' if rel == '.' else rel + '/'
        folders[:] = sorted(n for n in folders if n != '__pycache__' and not skipped(prefix + n))
        for name in sorted(names):
            if not skipped(prefix + name):
                yield prefix + name


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f:
        f.write(data)


def lay(name, path, out, prefix=PREFIX):
    """Copy the file at path to out/name, and compile it if it is a module."""
    with open(path, 'rb') as f:
        data = f.read()
    write(os.path.join(out, name), data)
    if name.endswith('.py'):
        code = compile(data, prefix + name, 'exec', dont_inherit=True, optimize=0)
        pyc = bootstrap._code_to_hash_pyc(code, importlib.util.source_hash(data), False)
        write(importlib.util.cache_from_source(os.path.join(out, name), optimization=''), pyc)


def library(lib, out, *generated):
    for name in walk(lib, SKIP.__contains__):
        if name.endswith('.py'):
            lay(name, os.path.join(lib, name), out)
    for path in generated:
        lay(os.path.basename(path), path, out)


def packages(dist, out):
    for name in walk(dist, lambda name: os.path.basename(name) in TESTS):
        lay(name, os.path.join(dist, name), out, PREFIX + 'site-packages/')


{'library': library, 'packages': packages}[sys.argv[1]](*sys.argv[2:])
