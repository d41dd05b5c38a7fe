# The two sides of a call that crosses, in the name space of wire.py, which stands before this source.

# Containers that a call may change. Both sides walk the arguments in the same order, so they agree on the numbers.

_CHANGING = {list, dict, set, bytearray, collections.deque, collections.OrderedDict, collections.Counter, collections.defaultdict}
_DICTS = {dict, collections.OrderedDict, collections.Counter, collections.defaultdict}


def _base(t):
    if t in _CHANGING or t is tuple:
        return t
    for base in _mro(t):
        if base in _CHANGING or base is tuple:
            return base
    return None


def _walk(v, found, seen):
    """Append to found what may change of v and below, each once, a container before what it holds."""
    t = type(v)
    if t in _SCALARS:
        return
    t = _base(t)
    if t is None or id(v) in seen:
        return
    seen.add(id(v))
    if t is not tuple:
        found.append((v, t))
    if t in _DICTS:
        below = list(_values(v))
    elif t is set or t is bytearray:
        return
    else:
        below = list(t.__iter__(v))
    if not _scalars(map(type, below)):
        for x in below:
            _walk(x, found, seen)


def containers(args, kwargs):
    found, seen = [], set()
    for x in args:
        _walk(x, found, seen)
    for x in kwargs.values():
        _walk(x, found, seen)
    return found


def _content(v, t):
    if t in _DICTS:
        return [*_keys(v), *_values(v)]
    if t is bytearray:
        return bytes(v)
    return list(t.__iter__(v))


def _unchanged(a, b):
    if type(a) is bytes:
        return a == b
    return len(a) == len(b) and all(map(operator.is_, a, b))


# The sample's side.

def answer(names, frame):
    """The frame that answers a call."""
    try:
        name, args, kwargs, keep = loads(frame, (), names)
        name, args, kwargs = _exactly(str, name), _exactly(list, args), _exactly(dict, kwargs)
    except Exception as e:
        return _plain([4, f"{_name(type(e))}: {message(e)}"])
    try:
        f = names[name]
    except KeyError:
        return _plain([3, f"{name} is not defined"])
    if not callable(f):
        return _plain([3, f"{name} is not callable, it is a value of type {called(type(f))}"])
    found = containers(args, kwargs) if keep else ()
    before = [_content(v, t) for v, t in found]
    try:
        result = f(*args, **kwargs)
        return _answered(result, found, before)
    except Cannot as e:
        return _plain([2, f"what {name} returned cannot cross: {message(e)}"])
    except BaseException as e:
        return _failed(e)


def _answered(result, found, before):
    if not found:
        if type(result) in _SCALARS:
            return _plain([0, result, []])
        return _Packer().text(lambda pack: [0, pack(result), []])
    changed = [i for i, (v, t) in enumerate(found) if not _unchanged(before[i], _content(v, t))]
    p = _Packer({id(v): i for i, (v, t) in enumerate(found)})

    def make(pack):
        return [0, pack(result), [[i, _PACK[found[i][1]](p, found[i][0], 1)] for i in changed]]
    return p.text(make)


def _failed(e):
    types, text = error_types(type(e)), message(e)
    try:
        return _Packer().text(lambda pack: [1, types, text, [pack(x) for x in _args(e)]])
    except BaseException:
        return _plain([1, types, text, [text]])


def _plain(v):
    return "".join(_encode(v, 0)).encode("utf-8", "surrogatepass")


def serve():
    """Answer calls of what the caller's globals hold until there are no more."""
    names = _frame(1).f_globals
    _modules.pop("_borel_wire", None)
    while (frame := receive()) is not None:
        reply = answer(names, frame)
        if len(reply) > MOST:
            reply = _plain([2, f"what it returned cannot cross: it takes more than {MOST} bytes"])
        send(reply)


# The tests' side.

def _leave(code, why):
    _write(2, (why + "\n").encode("utf-8", "backslashreplace"))
    _exit(code)


class Proxy:
    """Stands for a function of the sample, which is in another sandbox."""
    __slots__ = ("__name__",)

    def __init__(self, name):
        _set_name(self, name)

    def __call__(self, /, *args, **kwargs):
        return _call(_proxied(self), args, kwargs)

    def __getattr__(self, attribute):
        _leave(TESTS, f"the tests use {_proxied(self)}.{attribute}, and only calls cross")

    def __setattr__(self, attribute, value):
        _leave(TESTS, f"the tests set {_proxied(self)}.{attribute}, and only calls cross")

    def __repr__(self):
        return f"<function {_proxied(self)}>"


_proxied, _set_name = Proxy.__dict__["__name__"].__get__, Proxy.__dict__["__name__"].__set__


def _call(name, args, kwargs):
    found = ()
    if kwargs or not _scalars(map(type, args)):
        found = containers(args, kwargs)
    try:
        if not kwargs and _scalars(map(type, args)):
            frame = _plain([name, args, {}, 0])
        else:
            frame = _Packer().text(lambda pack: [name, [pack(x) for x in args], _pack_kwargs(pack, kwargs), 1 if found else 0])
        send(frame)
    except Cannot as e:
        # Where the tests pass on what the program made, its size is the program's doing; its kind never is.
        _leave(LARGE if type(e) is Large else TESTS, f"an argument of {name} cannot cross: {message(e)}")
    except OSError:
        _leave(ENDED, "the program has ended")
    try:
        frame = receive()
    except _Bad as e:
        _leave(BROKEN, f"the program sent what is no answer: {message(e)}")
    if frame is None:
        _leave(ENDED, "the program has ended")
    try:
        kind, *rest = _exactly(list, loads(frame, [v for v, t in found]))
        if _exactly(int, kind) == 0:
            result, changes = rest
            _apply(_exactly(list, changes), found)
            return result
        if kind == 1:
            raised = _build_error(*rest)
            if isinstance(raised, (StopIteration, StopAsyncIteration)):    # would end a loop of the tests, as if it were done
                raised = RuntimeError(f"{name} raised {_name(type(raised))}")
        elif kind == 2:
            _leave(VALUE, _exactly(str, *rest))
        elif kind == 3:
            _leave(MISSING, _exactly(str, *rest))
        else:
            _leave(BROKEN, f"the program did not understand a call of {name}: {rest[0]!r:.200}")
    except Exception as e:
        _leave(BROKEN, f"the program sent what is no answer: {_name(type(e))}: {message(e)}")
    raise raised


def _pack_kwargs(pack, kwargs):
    if "$" in kwargs:
        raise Cannot("an argument is called $")
    return {k: pack(v) for k, v in kwargs.items()}


def _apply(changes, found):
    """Make of the caller's containers what the call made of its copies."""
    for i, content in changes:
        v, t = found[_number(i)]
        _exactly(t, content)
        if t in _DICTS:
            dict.clear(v)
            dict.update(v, content)
        elif t is set:
            set.clear(v)
            set.update(v, content)
        elif t is collections.deque:
            t.clear(v)
            t.extend(v, content)
        else:
            t.__setitem__(v, _all_of, content)


def put(*wanted):
    """Put proxies for what the program defines into the caller's globals."""
    names = _frame(1).f_globals
    _modules.pop("_borel_wire", None)
    for n in wanted:
        names.setdefault(n, Proxy(n))


def free(path):
    """Print as JSON the names that the tests in a file use, and neither they nor Python define; and apart from them those of
    modules of Python's own that they forgot to import, as uses like math.pi show."""
    import _symtable as s
    import ast
    with open(path) as f:
        source = f.read()
    used, bound = {}, set(vars(builtins)) | {"__name__", "__file__", "__doc__", "__builtins__", "__annotations__", "__loader__", "__spec__", "__package__"}

    def look(table, top):
        for name, flags in table.symbols.items():
            scope = flags >> s.SCOPE_OFF & s.SCOPE_MASK
            if top or scope in (s.GLOBAL_EXPLICIT, s.GLOBAL_IMPLICIT):
                if flags & s.USE:
                    used[name] = 0
                if flags & (s.DEF_LOCAL | s.DEF_IMPORT):
                    bound.add(name)
        for child in table.children:
            look(child, False)
    look(s.symtable(source, "tests.py", "exec"), True)
    names = [n for n in used if n not in bound]
    if any(n in sys.stdlib_module_names for n in names):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Name) and node.id in used:
                used[node.id] += 1
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in used:
                used[node.value.id] -= 1    # no use but for what is in it
    modules = [n for n in names if n in sys.stdlib_module_names and used[n] == 0]
    print(json.dumps({"names": [n for n in names if n not in modules], "modules": modules}))
