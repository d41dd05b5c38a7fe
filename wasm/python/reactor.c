/* CPython as a WebAssembly reactor, speaking borel's guest ABI (see sandbox/abi.go).
 *
 *   init()                       start the interpreter; 0, or what went wrong
 *   alloc(n)                     n bytes for the host to fill; the guest owns them and frees them when they are used
 *   harness(src, n)              before freezing: run Python source in a name space of its own, which defines
 *                                begin(argv) -> dict of a fresh __main__, and finish()
 *   begin()                      start of a run: read argv, make __main__
 *   step(name, nn, src, sn)      run source in __main__ as the file called name
 *   finish()                     end of a run: exit handlers, flush, clear __main__
 *
 * begin, step and finish return 0 or KIND << 8 | exit code. Whatever ends a step has printed its traceback by then.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include "internal/pycore_moduleobject.h"
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

#define EXPORT(n) __attribute__((export_name(#n), visibility("default")))

enum { EXIT = 1, ASSERTION = 2, SYNTAX = 3, MEMORY = 4, RAISED = 5 };

static PyObject *names;    /* name space of the harness */
static PyObject *globals;  /* of the run's __main__ */
static void *ballast;      /* freed to have room for the traceback of a MemoryError */

EXPORT(init) int guest_init(void)
{
    PyPreConfig pre;
    PyPreConfig_InitIsolatedConfig(&pre);
    pre.utf8_mode = 1;
    pre.configure_locale = 0;
    if (PyStatus_Exception(Py_PreInitialize(&pre))) return 1;

    PyConfig c;
    PyConfig_InitIsolatedConfig(&c);
    c.site_import = 0;               /* the harness does what site would */
    c.user_site_directory = 0;
    c.write_bytecode = 0;
    c.install_signal_handlers = 0;
    c.pathconfig_warnings = 0;
    c.use_hash_seed = 1;             /* the same order of sets in every run */
    c.hash_seed = 0;
    const char *seed = getenv("HASH_SEED");
    if (seed) c.hash_seed = strtoul(seed, NULL, 10);
    c.int_max_str_digits = 0;
    c.module_search_paths_set = 1;
    PyWideStringList_Append(&c.module_search_paths, L"/usr/lib/python3.13");
    PyWideStringList_Append(&c.module_search_paths, L"/usr/lib/python3.13/site-packages");
    PyConfig_SetString(&c, &c.program_name, L"/usr/bin/python3");
    PyConfig_SetString(&c, &c.executable, L"/usr/bin/python3");
    PyConfig_SetString(&c, &c.home, L"/usr");
    PyConfig_SetString(&c, &c.stdio_encoding, L"utf-8");
    PyConfig_SetString(&c, &c.stdio_errors, L"surrogateescape");
    PyStatus st = Py_InitializeFromConfig(&c);
    PyConfig_Clear(&c);
    if (PyStatus_Exception(st)) {
        if (st.err_msg) fprintf(stderr, "init: %s: %s\n", st.func ? st.func : "?", st.err_msg);
        return 2;
    }
    names = PyDict_New();
    if (names == NULL || PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins())) return 3;
    ballast = malloc(1 << 20);
    return 0;
}

EXPORT(alloc) void *guest_alloc(size_t n) { return malloc(n ? n : 1); }

/* The pending exception as a result, printed. */
static int raised(int compiling)
{
    if (PyErr_ExceptionMatches(PyExc_SystemExit)) {
        PyObject *e = PyErr_GetRaisedException(), *code = PyObject_GetAttrString(e, "code");
        int rc = 1;
        if (code == NULL) PyErr_Clear();
        else if (code == Py_None) rc = 0;
        else if (PyLong_Check(code)) { rc = (int)PyLong_AsLongLong(code); PyErr_Clear(); }
        else {
            PyObject *f = PySys_GetObject("stderr");
            if (f && f != Py_None) { PyFile_WriteObject(code, f, Py_PRINT_RAW); PyFile_WriteString("\n", f); }
            PyErr_Clear();
        }
        Py_XDECREF(code);
        Py_DECREF(e);
        return EXIT << 8 | (rc & 255);
    }
    int kind = RAISED;
    if (PyErr_ExceptionMatches(PyExc_MemoryError)) { kind = MEMORY; free(ballast); ballast = NULL; }
    else if (PyErr_ExceptionMatches(PyExc_AssertionError)) kind = ASSERTION;
    else if (compiling && PyErr_ExceptionMatches(PyExc_SyntaxError)) kind = SYNTAX;
    PyErr_Print();
    return kind << 8 | 1;
}

/* NUL-terminated copy of n bytes at p, which are freed; NULL with MemoryError set. */
static char *text(char *p, size_t n)
{
    char *z = realloc(p, n + 1);
    if (z) z[n] = 0;
    else { free(p); PyErr_NoMemory(); }
    return z;
}

static PyObject *compiled(const char *source, size_t n, const char *name)
{
    const char *nul = memchr(source, 0, n);
    if (nul) {
        PyErr_SetString(PyExc_SyntaxError, "source code cannot contain null bytes");
        PyErr_SyntaxLocationEx(name, 1, -1);
        return NULL;
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    return Py_CompileStringExFlags(source, name, Py_file_input, &flags, -1);
}

EXPORT(harness) int guest_harness(char *src, size_t n)
{
    src = text(src, n);
    if (src == NULL) return raised(0);
    PyObject *code = compiled(src, n, "<harness>");
    free(src);
    PyObject *r = code ? PyEval_EvalCode(code, names, names) : NULL;
    int rc = r ? 0 : raised(code == NULL);
    Py_XDECREF(r); Py_XDECREF(code);
    return rc;
}

static PyObject *arguments(void)
{
    size_t n = 0, size = 0;
    PyObject *list = NULL;
    if (__wasi_args_sizes_get(&n, &size)) { PyErr_SetString(PyExc_OSError, "args_sizes_get"); return NULL; }
    uint8_t **argv = malloc((n + 1) * sizeof *argv), *buf = malloc(size + 1);
    if (argv == NULL || buf == NULL) PyErr_NoMemory();
    else if (__wasi_args_get(argv, buf)) PyErr_SetString(PyExc_OSError, "args_get");
    else list = PyList_New((Py_ssize_t)n);
    for (size_t i = 0; list && i < n; i++) {
        PyObject *s = PyUnicode_DecodeUTF8((char *)argv[i], (Py_ssize_t)strlen((char *)argv[i]), "surrogateescape");
        if (s) PyList_SET_ITEM(list, (Py_ssize_t)i, s);
        else Py_CLEAR(list);
    }
    free(argv); free(buf);
    return list;
}

EXPORT(begin) int guest_begin(void)
{
    PyObject *argv = arguments(), *f = PyDict_GetItemString(names, "begin");
    globals = argv && f ? PyObject_CallOneArg(f, argv) : NULL;
    Py_XDECREF(argv);
    if (globals && PyDict_Check(globals)) return 0;
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "begin() returned no dict");
    return raised(0);
}

EXPORT(step) int guest_step(char *name, size_t nn, char *src, size_t sn)
{
    name = text(name, nn);
    src = text(src, sn);
    PyObject *code = name && src ? compiled(src, sn, name) : NULL;
    free(src); free(name);
    PyObject *r = code ? PyEval_EvalCode(code, globals, globals) : NULL;
    int rc = r ? 0 : raised(code == NULL);
    Py_XDECREF(r); Py_XDECREF(code);
    return rc;
}

/* Flush as an interpreter that ends does: a failure makes the exit code 120. */
static int flush(const char *name)
{
    PyObject *f = PySys_GetObject(name);
    if (f == NULL || f == Py_None) return 0;
    PyObject *closed = PyObject_GetAttrString(f, "closed");
    int skip = closed && PyObject_IsTrue(closed) == 1;
    PyErr_Clear();
    Py_XDECREF(closed);
    if (skip) return 0;
    PyObject *r = PyObject_CallMethod(f, "flush", NULL);
    if (r) { Py_DECREF(r); return 0; }
    if (strcmp(name, "stdout") == 0) PyErr_WriteUnraisable(f);
    PyErr_Clear();
    return strcmp(name, "stdout") == 0;
}

EXPORT(finish) int guest_finish(void)
{
    PyObject *f = PyDict_GetItemString(names, "finish");
    PyObject *r = f ? PyObject_CallNoArgs(f) : NULL;
    int rc = r || !f ? 0 : raised(0), bad = 0;
    Py_XDECREF(r);
    bad |= flush("stdout");
    bad |= flush("stderr");
    /* what finalize_modules does for __main__: __del__ methods run and print */
    PyObject *main = PyImport_AddModule("__main__");
    for (const char **s = (const char *[]){"last_exc", "last_type", "last_value", "last_traceback", "ps1", "ps2", NULL}; *s; s++)
        if (PySys_GetObject(*s)) PySys_SetObject(*s, NULL);
    if (globals) _PyModule_ClearDict(globals);
    if (main && PyModule_Check(main) && PyModule_GetDict(main) != globals) _PyModule_Clear(main);
    PyErr_Clear();
    PyGC_Collect();
    Py_CLEAR(globals);
    bad |= flush("stdout");
    flush("stderr");
    return rc ? rc : bad ? RAISED << 8 | 120 : 0;
}
