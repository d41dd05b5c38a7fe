# Values that cross from one sandbox to another, or to the host: the hidden module _borel_wire. A program that is judged by
# calls answers them through serve(); tests whose sample runs elsewhere call it through proxies that put() makes.
#
# A frame is its length, four bytes with the lowest first, and JSON in UTF-8. In JSON stand None, bool, int, float (with NaN
# and Infinity), str (lone surrogates as they are in UTF-8), list, and dict with keys that are str and not "$". All else is
# {"$": [tag, ...]}: see _PACK and _BUILD. What a tag cannot say does not cross. Nothing that is read can name code.
#
#   a call     [name, args, kwargs, keep]       keep is 1 where the caller wants to know what became of its arguments
#   an answer  [0, result, changes]             changes: [[i, content], ...] of the i-th container of the arguments, see _walk
#              [1, types, message, args]        it raised; types are the names of the classes, the closest first
#              [2, why]                         what it returned cannot cross
#              [3, why]                         there is nothing to call
#              [4, why]                         what was read is no call
#
# The side of the sample is the sample's to break: it can make frames of any kind. So what is read here is not trusted, only
# types of Python's own are made of it, and whoever reads a frame that it does not understand leaves at once.
import builtins, collections, datetime, decimal, fractions, json, operator, os, sys, types
from json.encoder import c_make_encoder, encode_basestring

FD = 4
MOST = 16 << 20         # bytes of a frame
DEEP = 200              # containers in one another
ITEMS = 1 << 20         # of what is produced item by item

# How a proxy leaves, for good: tests can catch exceptions, not this.
ENDED, BROKEN, VALUE, TESTS, MISSING, LARGE = 71, 72, 73, 74, 75, 76

_read, _write, _exit = os.read, os.write, os._exit
_mro, _name = type.__dict__["__mro__"].__get__, type.__dict__["__qualname__"].__get__
_module, _none = type.__dict__["__module__"].__get__, type(None)
_number_of = int.from_bytes
_modules, _frame = sys.modules, sys._getframe
_SCALARS = frozenset({int, str, float, bool, _none})
_scalars = _SCALARS.issuperset
_strings, _lists = frozenset({str}).issuperset, frozenset({list}).issuperset
_all_of = slice(None)

_ERRORS = {n: c for n, c in vars(builtins).items() if isinstance(c, type) and issubclass(c, BaseException)}
_ERROR_NAMES = {c: n for n, c in _ERRORS.items() if c.__name__ == n}
# Types and functions that do no more than compute.
_NAMED = {n: getattr(builtins, n) for n in """
    bool bytearray bytes complex dict enumerate filter float frozenset int list map object range reversed set slice str tuple type zip
    abs all any ascii bin bool callable chr divmod format hash hex id isinstance issubclass iter len max min next oct ord pow repr
    round sorted sum""".split()}
_NAMED.update(_ERRORS, Decimal=decimal.Decimal, Fraction=fractions.Fraction, deque=collections.deque, Counter=collections.Counter,
              OrderedDict=collections.OrderedDict, defaultdict=collections.defaultdict, date=datetime.date, time=datetime.time,
              datetime=datetime.datetime, timedelta=datetime.timedelta, NoneType=_none)
_NAMES = {id(v): n for n, v in _NAMED.items()}


class Cannot(Exception):
    """A value cannot cross."""


class Large(Cannot):
    """A value of a kind that crosses is too large, or too deep."""


class _Bad(Exception):
    """What was read is no frame."""


def called(t):
    """The name of a type, for people."""
    m = _module(t)
    return _name(t) if m in ("builtins", "__main__") or type(m) is not str else f"{m}.{_name(t)}"


# Writing.

_encode = c_make_encoder(None, None, encode_basestring, None, ":", ",", False, False, True)


class _Packer:
    """Makes of values what JSON can say."""

    def __init__(self, known={}):
        self.known = known      # id → index of the containers that the other side has
        self.made = {}          # id → items of what could be read only once
        self.shared = None      # ids of what occurs more than once, as the first look finds them

    def text(self, make):
        """The JSON of what make(self.pack) answers."""
        self.seen, self.again = {}, set()
        value = make(self.pack)
        if self.again:
            self.shared, self.seen, self.numbers = self.again, {}, {}
            value = make(self.pack)
        return "".join(_encode(value, 0)).encode("utf-8", "surrogatepass")

    def pack(self, v, depth=0):
        t = type(v)
        if t in _SCALARS:
            return v
        i = id(v)
        if i in self.known:
            return {"$": ["a", self.known[i]]}
        if i in self.seen:
            if self.seen[i][1]:
                raise Cannot("it holds itself")
            if self.shared is None:
                self.again.add(i)
                return None
            return {"$": ["@", self.numbers[i]]}
        return self.fresh(v, t, i, depth)

    def fresh(self, v, t, i, depth):
        f = _PACK.get(t)
        if f is None:
            f = _packing(v, t)
        if depth >= DEEP:
            raise Large(f"it is nested deeper than {DEEP}")
        if f in _ATOMS or t is tuple and not v:
            return f(self, v, depth + 1)
        mark = self.seen[i] = [v, True]
        p = f(self, v, depth + 1)
        mark[1] = False
        if self.shared is not None and i in self.shared:
            n = self.numbers[i] = len(self.numbers)
            return {"$": ["=", n, p]}
        return p

    def items(self, v, depth):
        if _scalars(map(type, v)):
            return v
        pack = self.pack
        return [pack(x, depth) for x in v]

    def pairs(self, v, depth):
        pack = self.pack
        return [[pack(k, depth), pack(x, depth)] for k, x in v]

    def produced(self, v):
        """The items of an iterator, which can be had once."""
        i = id(v)
        if i in self.made:
            return self.made[i][1]
        out = []
        for x in v:
            out.append(x)
            if len(out) > ITEMS:
                raise Large(f"it has more than {ITEMS} items")
        self.made[i] = v, out
        return out


def _tagged(tag, take):
    return lambda p, v, depth: {"$": [tag, take(p, v, depth)]}


def _atom(tag, take):
    return lambda p, v, depth: {"$": [tag, take(v)]}


def _pack_dict(p, v, depth):
    keys, values = list(_keys(v)), list(_values(v))
    if _strings(map(type, keys)) and "$" not in keys:
        return dict(zip(keys, p.items(values, depth)))
    return {"$": ["d", p.pairs(zip(keys, values), depth)]}


def _pack_factory(p, v, depth):
    f = _factory(v)
    if f is not None and id(f) not in _NAMES:
        raise Cannot("it is a defaultdict whose default is no type of Python's own")
    return {"$": ["dd", p.pairs(_items(v), depth), None if f is None else _NAMES[id(f)]]}


def _pack_error(p, v, depth):
    types = error_types(type(v))
    return {"$": ["e", types, message(v), p.items(list(_args(v)), depth)]}


def _zone(v):
    z = v.tzinfo
    if z is None:
        return None
    if type(z) is not datetime.timezone:
        raise Cannot(f"it is a time with the zone type {called(type(z))}")
    d = z.utcoffset(None)
    return [d.days, d.seconds, d.microseconds]


_keys, _values, _items, _args = dict.keys, dict.values, dict.items, BaseException.args.__get__
_factory = collections.defaultdict.default_factory.__get__
_PACK = {
    # What a subclass may have changed is not asked: of v its content is taken, by methods of the base.
    list: lambda p, v, depth: p.items(list.copy(v), depth),
    dict: _pack_dict,
    tuple: _tagged("t", lambda p, v, depth: p.items(list(tuple.__iter__(v)), depth)),
    set: _tagged("s", lambda p, v, depth: p.items(list(set.__iter__(v)), depth)),
    frozenset: _tagged("fs", lambda p, v, depth: p.items(list(frozenset.__iter__(v)), depth)),
    bytes: _atom("b", lambda v: bytes.decode(v, "latin-1")),
    bytearray: _tagged("ba", lambda p, v, depth: bytearray.decode(v, "latin-1")),
    complex: _atom("c", lambda v: [complex.real.__get__(v), complex.imag.__get__(v)]),
    range: _atom("ra", lambda v: [v.start, v.stop, v.step]),
    slice: _tagged("sl", lambda p, v, depth: [p.pack(v.start, depth), p.pack(v.stop, depth), p.pack(v.step, depth)]),
    collections.OrderedDict: _tagged("od", lambda p, v, depth: p.pairs(collections.OrderedDict.items(v), depth)),
    collections.Counter: _tagged("ct", lambda p, v, depth: p.pairs(_items(v), depth)),
    collections.defaultdict: _pack_factory,
    collections.deque: lambda p, v, depth: {"$": ["q", p.items(list(collections.deque.__iter__(v)), depth), collections.deque.maxlen.__get__(v)]},
    decimal.Decimal: _atom("D", decimal.Decimal.__str__),
    fractions.Fraction: _atom("F", lambda v: [int(v._numerator), int(v._denominator)]),
    datetime.date: _atom("da", lambda v: [v.year, v.month, v.day]),
    datetime.time: _atom("ti", lambda v: [v.hour, v.minute, v.second, v.microsecond, v.fold, _zone(v)]),
    datetime.datetime: _atom("dt", lambda v: [v.year, v.month, v.day, v.hour, v.minute, v.second, v.microsecond, v.fold, _zone(v)]),
    datetime.timedelta: _atom("td", lambda v: [v.days, v.seconds, v.microseconds]),
    type({}.keys()): _tagged("k", lambda p, v, depth: p.items(list(v), depth)),
    type({}.values()): _tagged("v", lambda p, v, depth: p.items(list(v), depth)),
    type({}.items()): _tagged("it", lambda p, v, depth: p.pairs(v, depth)),
    type(...): lambda p, v, depth: {"$": ["el"]},
    type(NotImplemented): lambda p, v, depth: {"$": ["ni"]},
}
_produced = _tagged("i", lambda p, v, depth: p.items(p.produced(v), depth))
for _t in (types.GeneratorType, map, filter, zip, enumerate, reversed, type(iter([])), type(iter(())), type(iter("")), type(iter("\u00e9")), type(iter({})),
           type(iter({}.values())), type(iter({}.items())), type(iter(set())), type(iter(range(0))), type(iter(b"")), type(reversed([])),
           type(reversed({})), type(iter(range(1 << 70)))):
    _PACK[_t] = _produced
_pack_name = _atom("n", lambda v: _NAMES[id(v)])
_ATOMS = {_PACK[t] for t in (bytes, complex, range, decimal.Decimal, fractions.Fraction, datetime.date, datetime.time, datetime.datetime,
                             datetime.timedelta, type(...), type(NotImplemented))} | {_pack_name}


def _based(take):
    """What packs a value of a subclass: its content as that of the base."""
    return lambda p, v, depth: p.pack(take(v), depth)


_BASES = {
    int: _based(int.__pos__), float: _based(float.__pos__), str: _based(str.__str__), tuple: _PACK[tuple],
    BaseException: _pack_error,
}
for _t in (list, set, frozenset, bytes, bytearray, complex, collections.OrderedDict, collections.Counter,
           collections.defaultdict, collections.deque, decimal.Decimal, fractions.Fraction, datetime.datetime, datetime.date, datetime.time,
           datetime.timedelta, dict):
    _BASES[_t] = _PACK[_t]


def _packing(v, t):
    """How to pack a value of a type that is not in _PACK."""
    if id(v) in _NAMES:
        return _pack_name
    for base in _mro(t):
        f = _BASES.get(base)
        if f is not None:
            return f
        if _module(base) == "itertools" and base in _itertools:
            return _produced
    if t is Proxy:
        return lambda p, v, depth: {"$": ["p", _proxied(v)]}
    raise Cannot(f"a value of type {called(t)} cannot cross")


import itertools as _i
_itertools = {c for c in vars(_i).values() if isinstance(c, type)}
del _i


def error_types(t):
    """The names of an exception's classes, the closest first. Behind a dot those that are not Python's own, behind two dots
    those that are called like one that is."""
    names = []
    for c in _mro(t):
        n = _ERROR_NAMES.get(c)
        if n is None and c is not object:
            n = _name(c)
            n = (".." if n in _ERRORS else ".") + n
        if n is not None and len(names) < 50:
            names.append(n)
    return names


def message(e):
    try:
        s = str.__str__(str(e))
    except BaseException:
        return ""
    return s if len(s) <= 1000 else s[:1000]


# Reading.

_refs, _known, _own = [], (), {}


def _exactly(t, v):
    if type(v) is not t:
        raise _Bad("a value of another type was to stand there")
    return v


def _ints(v):
    for x in _exactly(list, v):
        _exactly(int, x)
    return v


def _define(n, v):
    if n != len(_refs):
        raise _Bad("a definition out of order")
    _refs.append(v)
    return v


def _pairs(v):
    if not _lists(map(type, _exactly(list, v))):
        raise _Bad("a pair is no list")
    return v


def _number(n):
    if type(n) is not int or n < 0:
        raise _Bad("no number")
    return n


def _complex(v):
    re, im = _exactly(list, v)
    return complex(_exactly(float, re), _exactly(float, im))


def _build_error(types, text, args):
    """An exception of the closest class that is Python's own; one that is not shows as a subclass with its name."""
    types, text, args = _exactly(list, types), _exactly(str, text), _exactly(list, args)
    for n in types:
        c = _ERRORS.get(_exactly(str, n))
        if c is not None:
            break
    else:
        c = Exception
    if types[0][0] == ".":
        c = type(types[0].lstrip(".")[:100], (c,), {"__module__": "__main__"})
    try:
        e = c(*args)
        if isinstance(e, BaseException):
            return e
    except Exception:
        pass
    try:
        return c(text)
    except Exception:
        return Exception(text)


def _build_zone(z):
    return None if z is None else datetime.timezone(datetime.timedelta(*_ints(z)))


def _build_time(c):
    def build(v):
        *numbers, fold, zone = _exactly(list, v)
        return c(*_ints(numbers), fold=_exactly(int, fold), tzinfo=_build_zone(zone))
    return build


_BUILD = {
    "t": lambda v: tuple(_exactly(list, v)),
    "s": lambda v: set(_exactly(list, v)),
    "fs": lambda v: frozenset(_exactly(list, v)),
    "b": lambda v: _exactly(str, v).encode("latin-1"),
    "ba": lambda v: bytearray(_exactly(str, v), "latin-1"),
    "c": _complex,
    "ra": lambda v: range(*_ints(v)),
    "sl": lambda v: slice(*_exactly(list, v)),
    "d": lambda v: dict(_pairs(v)),
    "od": lambda v: collections.OrderedDict(_pairs(v)),
    "ct": lambda v: collections.Counter(dict(_pairs(v))),
    "dd": lambda v, f: collections.defaultdict(None if f is None else _NAMED[f], _pairs(v)),
    "q": lambda v, n: collections.deque(_exactly(list, v), n if n is None else _number(n)),
    "i": lambda v: iter(_exactly(list, v)),
    "k": lambda v: dict.fromkeys(_exactly(list, v)).keys(),
    "v": lambda v: dict(enumerate(_exactly(list, v))).values(),
    "it": lambda v: dict(_pairs(v)).items(),
    "D": lambda v: decimal.Decimal(_exactly(str, v)),
    "F": lambda v: fractions.Fraction(*_ints(v)),
    "da": lambda v: datetime.date(*_ints(v)),
    "ti": _build_time(datetime.time),
    "dt": _build_time(datetime.datetime),
    "td": lambda v: datetime.timedelta(*_ints(v)),
    "el": lambda: ...,
    "ni": lambda: NotImplemented,
    "n": lambda v: _NAMED[v],
    "e": _build_error,
    "=": _define,
    "@": lambda n: _refs[_number(n)],
    "a": lambda n: _known[_number(n)],
    "p": lambda n: _own[n],
}


def _untag(d):
    if "$" not in d:
        return d
    if len(d) > 1:
        raise _Bad("a tag among other things")
    tag, *rest = _exactly(list, d["$"])
    return _BUILD[tag](*rest)


_scan = json.JSONDecoder(object_hook=_untag).scan_once


def loads(frame, known=(), own={}):
    """The value of a frame. known are the containers that it may name, own the functions, by name. Whatever is wrong with
    it is an exception."""
    global _known, _own
    _refs.clear()
    _known, _own = known, own
    try:
        text = frame.decode("utf-8", "surrogatepass")
        v, end = _scan(text, 0)
        if end != len(text):
            raise _Bad("more than one value")
        return v
    finally:
        _refs.clear()
        _known, _own = (), {}


def send(b):
    if len(b) > MOST:
        raise Large(f"it takes more than {MOST} bytes")
    b = len(b).to_bytes(4, "little") + b
    while b:
        b = b[_write(FD, b):]


_rest = b""     # what was read behind the last frame
_PIECE = 512    # bytes of most frames, and more: room for what is read costs fuel


def receive():
    """The next frame, None at the end."""
    global _rest
    b = _rest or _read(FD, _PIECE)
    if not b:
        return None
    while len(b) < 4:
        more = _read(FD, _PIECE)
        if not more:
            raise _Bad("it ends early")
        b += more
    n = _number_of(b[:4], "little")
    if n > MOST:
        raise _Bad("it is too long")
    n += 4
    if len(b) < n:
        parts, lacking = [b], n - len(b)
        while lacking:
            more = _read(FD, lacking if lacking < 65536 else 65536)
            if not more:
                raise _Bad("it ends early")
            parts.append(more)
            lacking -= len(more)
        b = b"".join(parts)
    _rest = b[n:]
    return b[4:n]
