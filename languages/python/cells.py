# The cells of a notebook: the hidden module _borel_cells. Each cell is a step of the run, which calls run() with its source.
# The host divides what was written among the cells; what else becomes of one goes over the channel. A message is a letter and
# texts in UTF-8, the message and each text behind its length, four bytes with the lowest first:
#
#   r, mime, text, ...            the value of the last expression, in one form or more
#   d, mime, text, ...            what was given to display()
#   e, name, value, traceback     the exception that ended it; x where that was SystemExit
import ast, base64, builtins, io, json, linecache, os, sys, traceback
from _frozen_importlib import ModuleSpec as _ModuleSpec

FD = 4
_write = os.write
_FUTURE = 0x1000000     # from __future__ import annotations: it holds for the cells below as well
_CANARY = "_ipython_canary_method_should_not_exist_"
_RICH = {
    "text/html": "_repr_html_", "text/markdown": "_repr_markdown_", "image/svg+xml": "_repr_svg_", "image/png": "_repr_png_",
    "image/jpeg": "_repr_jpeg_", "application/pdf": "_repr_pdf_", "text/latex": "_repr_latex_", "application/json": "_repr_json_",
    "application/javascript": "_repr_javascript_",
}

_flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_names = _me = _loop = None
_sources = {}           # name of a cell → its entry of linecache
_input, _output = [""], {}
_last = [None, None, None]


def _stream(fd, name, errors):
    """Standard output that goes out at once: what a cell wrote before it was stopped is told."""
    raw = io.FileIO(fd, "w", closefd=False)
    raw.name = name
    stream = io.TextIOWrapper(raw, encoding="utf-8", errors=errors, write_through=True)
    stream.mode = "w"
    return stream


_stdout, _stderr = _stream(1, "<stdout>", "surrogateescape"), _stream(2, "<stderr>", "backslashreplace")


def _tell(kind, texts):
    b = kind
    for t in texts:
        t = t.encode("utf-8", "surrogatepass")
        b += len(t).to_bytes(4, "little") + t
    b = len(b).to_bytes(4, "little") + b
    while b:
        b = b[_write(FD, b):]


def _begin(names):
    global _names, _me
    _names, _me = names, sys.modules["_borel_cells"]
    del names["__file__"], names["__cached__"]
    names["In"], names["Out"] = _input, _output
    builtins.display = display
    sys.modules.update(_modules)
    sys.stdout = sys.__stdout__ = _stdout
    sys.stderr = sys.__stderr__ = _stderr


def run(number, source, go_on=False):
    """Run a cell. An exception ends the run, unless it is to go on."""
    if _names is None:
        _begin(sys._getframe(1).f_globals)
    name = f"<cell {number}>"
    try:
        _execute(number, name, source)
    except BaseException as e:
        _flush()
        exits = isinstance(e, SystemExit)
        _tell(b"x" if exits else b"e", _error(e, name))
        if go_on:
            return
        if exits:
            raise
        raise SystemExit(1) from None
    finally:
        sys.modules["_borel_cells"] = _me
    _flush()


def _execute(number, name, source):
    global _flags
    lines = _outdented(source.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    source = "\n".join(lines)
    linecache.cache[name] = _sources[name] = (len(source), None, [l + "\n" for l in lines], name)
    _input.append(source)
    try:
        tree = compile(source, name, "exec", _flags | ast.PyCF_ONLY_AST, True)
    except SyntaxError as e:
        if e.text and e.text.lstrip().startswith(("%", "!")):
            e.msg += ": this is Python alone, without magics (%) and a shell (!)"
        raise
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    code = compile(tree, name, "exec", _flags, True)
    _flags |= code.co_flags & _FUTURE
    if last is not None:
        value = compile(ast.Expression(last.value), name, "eval", _flags, True)
    if tree.body:
        _evaluate(code)
    if last is None:
        return
    value = _evaluate(value)
    after = lines[last.end_lineno - 1].encode("utf-8", "surrogatepass")[last.end_col_offset:]
    if value is None or after.lstrip().startswith(b";"):
        return
    for i, n in enumerate(("_", "__", "___")):
        if _names.get(n) is not _last[i]:
            break   # the program has put something of its own there
    else:
        _last[:] = value, *_last[:2]
        _names.update(zip(("_", "__", "___"), _last))
    _names[f"_{number}"] = _output[number] = value
    _tell(b"r", _texts(value))


def _outdented(lines):
    """Lines without the indentation of the first that is not empty, as IPython takes it off a cell that was pasted."""
    first = next((l for l in lines if l.strip()), "")
    indent = first[:len(first) - len(first.lstrip(" \t"))]
    return [l.removeprefix(indent) for l in lines] if indent else lines


def _evaluate(code):
    value = eval(code, _names)
    if code.co_flags & 0x80:    # a coroutine: there is an await in it
        global _loop
        import asyncio
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
        asyncio.set_event_loop(_loop)
        return _loop.run_until_complete(value)
    return value


def _texts(value):
    """A value in all forms that it has: mime, text, mime, text, ..."""
    forms = {"text/plain": repr(value)}
    if not isinstance(value, type) and not callable(getattr(value, _CANARY, None)):
        more = _form(value, "_repr_mimebundle_", include=None, exclude=None)
        if isinstance(more, dict):
            forms.update(more)
        for mime, method in _RICH.items():
            form = _form(value, method)
            if form is not None:
                forms.setdefault(mime, form)
    return _given(forms)


def _given(forms):
    texts = []
    for mime, form in forms.items():
        if isinstance(form, (bytes, bytearray)):
            form = base64.b64encode(form).decode()
        elif not isinstance(form, str):
            form = json.dumps(form)
        texts += [str(mime), form]
    return texts


def _form(value, method, **arguments):
    try:
        form = getattr(value, method)(**arguments)
    except Exception:   # it is not there, or says so only when it is asked
        return None
    return form[0] if isinstance(form, tuple) and form else form


def _error(e, name):
    try:
        value = str(e)
    except Exception:
        value = "<exception str() failed>"
    tb = e.__traceback__
    while tb is not None and tb.tb_frame.f_code.co_filename != name:
        tb = tb.tb_next
    for n, entry in _sources.items():
        linecache.cache.setdefault(n, entry)
    try:
        text = "".join(traceback.TracebackException(type(e), e, tb, compact=True).format())
    except Exception:
        text = f"{type(e).__name__}: {value}\n"
    return [type(e).__name__, value, text]


def _flush():
    for stream in sys.stdout, sys.stderr:
        try:
            stream.flush()
        except Exception:
            pass


def display(*objects, raw=False, **options):
    """Show values beside the output of a cell."""
    for o in objects:
        _tell(b"d", _given(o) if raw else _texts(o))


# What notebooks import of IPython.display. The package itself is not here.


class _Shown:
    """A value with one form, given as text or bytes, or in a file."""

    def __init__(self, data=None, url=None, filename=None, **options):
        if data is None and filename is not None:
            with open(filename, "rb") as f:
                data = f.read()
        if isinstance(data, bytes) and not isinstance(self, Image):
            data = data.decode()
        self.data, self.url, self.filename = data, url, filename

    def __repr__(self):
        return f"<IPython.core.display.{type(self).__name__} object>"


def _shown(name, method, form=lambda self: self.data):
    return type(name, (_Shown,), {method: form, "__module__": "IPython.core.display"})


HTML, Markdown, Latex = _shown("HTML", "_repr_html_"), _shown("Markdown", "_repr_markdown_"), _shown("Latex", "_repr_latex_")
SVG, JSON, Javascript = _shown("SVG", "_repr_svg_"), _shown("JSON", "_repr_json_"), _shown("Javascript", "_repr_javascript_")
Math = _shown("Math", "_repr_latex_", lambda self: "$\\displaystyle " + self.data.strip("$") + "$")
Pretty = _shown("Pretty", "__repr__")


class Image(_Shown):
    def _repr_mimebundle_(self, include=None, exclude=None):
        if self.data is None:
            return {"text/html": f'<img src="{self.url}"/>'}
        return {"image/jpeg" if bytes(self.data[:2]) == b"\xff\xd8" else "image/png": self.data}


def clear_output(wait=False):
    """What was shown stays."""


def _ipython():
    package, shows = type(sys)("IPython"), type(sys)("IPython.display")
    for m in package, shows:
        m.__spec__ = _ModuleSpec(m.__name__, None)
        m.display = display
    package.__path__ = []
    package.get_ipython, package.version_info = lambda: None, (8, 0, 0)
    for o in (HTML, Markdown, Latex, SVG, JSON, Javascript, Math, Pretty, Image, clear_output):
        setattr(shows, o.__name__, o)
    package.display = shows
    return {"IPython": package, "IPython.display": shows}


_modules = _ipython()

