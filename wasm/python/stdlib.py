"""Lay out the standard library as the guest sees it: every source file and, compiled, its __pycache__ neighbour.

usage: python3.13 stdlib.py LIB OUT [GENERATED_MODULE...]

The compiled files are unchecked hash-based (PEP 552): the import system does not compare them with their sources, whose
dates a file system in memory does not have. The sources are for tracebacks and inspect.
"""

import importlib._bootstrap_external as bootstrap
import importlib.util
import os
import sys

# What is left out, relative to LIB, and why. Everything else that is Python is kept.
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
PREFIX = '/usr/lib/python3.13/'


def modules(lib):
    """Yield the paths of the library's source files relative to lib, in order."""
    for folder, folders, names in os.walk(lib):
        rel = os.path.relpath(folder, lib)
        prefix = '' if rel == '.' else rel + '/'
        folders[:] = sorted(n for n in folders if n != '__pycache__' and prefix + n not in SKIP)
        for name in sorted(names):
            if name.endswith('.py') and prefix + name not in SKIP:
                yield prefix + name


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f:
        f.write(data)


def main(lib, out, *generated):
    files = [(name, os.path.join(lib, name)) for name in modules(lib)]
    files += [(os.path.basename(path), path) for path in generated]
    for name, path in files:
        with open(path, 'rb') as f:
            source = f.read()
        code = compile(source, PREFIX + name, 'exec', dont_inherit=True, optimize=0)
        pyc = bootstrap._code_to_hash_pyc(code, importlib.util.source_hash(source), False)
        write(os.path.join(out, name), source)
        write(importlib.util.cache_from_source(os.path.join(out, name), optimization=''), pyc)
    print(len(files), 'modules')


main(*sys.argv[1:])
