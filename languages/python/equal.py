# Decides whether two answers of mathematics are equal. They come on standard input as trees, [op, text, arguments...],
# see package latex; SymPy objects are built from the closed table below. Nothing is ever evaluated as text.
#
# It writes "gold" when the expected answer is built, then one of: equal, different, unsure, large. "gold large" and
# "gold unsure" are about the expected answer.
#
# The hidden module _borel_equal: it is executed before memory is frozen, with all of SymPy in sight, which a comparison then
# need not import.
import sys
from json import loads
from sympy import (Abs, Add, E, FiniteSet, I, Integer, Intersection, Interval, Matrix, Mul, Pow, Rational, S, Symbol, Union, acos, acot,
                   asin, atan, binomial, cancel, ceiling, cos, cosh, cot, csc, exp, expand, factorial, floor, im, log, minimal_polynomial, nan, oo, pi,
                   re, sec, simplify, sin, sinh, tan, tanh, together, zoo)

import sympy.tensor.tensor as tensors

MAX_BITS = 20_000    # of any number that is computed
MAX_FACTORIAL = 500


class TooLarge(Exception):
    pass


class Unsure(Exception):
    pass


FUNCTIONS = {"sin": sin, "cos": cos, "tan": tan, "cot": cot, "sec": sec, "csc": csc, "asin": asin, "acos": acos, "atan": atan,
             "acot": acot, "sinh": sinh, "cosh": cosh, "tanh": tanh, "exp": exp, "ln": log, "re": re, "im": im}
TRIGONOMETRIC = {"sin", "cos", "tan", "cot", "sec", "csc"}
CONSTANTS = {"pi": pi, "e": E, "i": I, "oo": oo}
COMPLEX = {"z", "w", "omega", "zeta"}    # other symbols are real
SCALARS = {"num", "sym", "const", "add", "mul", "neg", "div", "pow", "fact", "deg", "percent", "unit", "root", "func", "log", "abs",
           "floor", "ceil", "binom", "matrix"}

# ln of the base that \log without one has: unknown, unless the other side says which it means.
log_base = Symbol("base of log", positive=True)


def number(text):
    if "/" in text:
        p, q = text.split("/")
        return Rational(int(p), int(q))
    mantissa, _, power = text.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    power = int(power or 0) - len(decimals)
    if abs(power) > 1000 or len(whole) + len(decimals) > 1000:
        raise TooLarge
    n = int((whole + decimals) or "0")
    return Integer(n * 10 ** power) if power >= 0 else Rational(n, 10 ** -power)


def size(x):
    return max(abs(x.p).bit_length(), x.q.bit_length())


def power(a, b):
    if isinstance(a, Matrix) or isinstance(b, Matrix):
        raise Unsure
    if b.is_Integer:
        if a.is_Rational and abs(a) != 1 and a != 0 and size(a) * abs(b.p) > MAX_BITS or abs(b.p) > MAX_BITS:
            raise TooLarge
    elif b.is_Rational and a.is_Rational and size(b) + size(a) * max(1, abs(b.p) // b.q) > MAX_BITS:
        raise TooLarge
    return Pow(a, b)


def whole(x, most):
    if x.is_number and not (x.is_Integer and 0 <= x.p <= most):
        raise TooLarge if x.is_Integer and x.p > most else Unsure
    return x


def scalar(n, angle=False):
    """The SymPy object of a tree; angle: below a trigonometric function, where degrees are radians."""
    op, text = n[0], n[1]
    if op == "num":
        return number(text)
    if op == "const":
        if text not in CONSTANTS:
            raise Unsure
        return CONSTANTS[text]
    if op == "sym":
        return Symbol(text) if text in COMPLEX else Symbol(text, real=True)
    if op == "matrix":
        return matrix(n)
    if op == "func":
        return function(text, n[2:])
    if op not in SCALARS:
        raise Unsure
    a = [scalar(x, angle) for x in n[2:]]
    if any(isinstance(x, Matrix) for x in a) and op not in ("add", "mul", "neg", "div"):
        raise Unsure
    if op == "add":
        if any(isinstance(x, Matrix) for x in a):
            total = a[0]
            for x in a[1:]:
                total = total + x
            return total
        return Add(*a)
    if op == "mul":
        if any(isinstance(x, Matrix) for x in a):
            product = a[0]
            for x in a[1:]:
                product = product * x
            return product
        return Mul(*a)
    if op == "neg":
        return -a[0]
    if op == "div":
        return a[0] / a[1]
    if op == "pow":
        return power(a[0], a[1])
    if op == "root":
        if a[1].is_Integer and a[1] > 0 and a[1] % 2 == 1 and a[0].is_negative:    # the real root, not SymPy's principal one
            return -power(-a[0], 1 / a[1])
        return power(a[0], 1 / a[1])
    if op == "fact":
        return factorial(whole(a[0], MAX_FACTORIAL))
    if op == "binom":
        return binomial(whole(a[0], MAX_FACTORIAL), whole(a[1], MAX_FACTORIAL))
    if op == "deg":
        return a[0] * pi / 180 if angle else a[0]
    if op == "percent":
        return a[0] / 100
    if op == "unit":
        return a[0]
    if op == "abs":
        return Abs(a[0])
    if op == "floor":
        return floor(a[0])
    if op == "ceil":
        return ceiling(a[0])
    if op == "log":
        return log(a[0]) / (log(a[1]) if len(a) > 1 else log_base)
    raise Unsure


def function(name, args):
    a = [scalar(x, name in TRIGONOMETRIC) for x in args]
    if any(isinstance(x, Matrix) for x in a):
        if name == "det" and len(a) == 1:
            return a[0].det()
        raise Unsure
    if name in FUNCTIONS and len(a) == 1:
        return FUNCTIONS[name](a[0])
    if name in ("gcd", "lcm") and a and all(x.is_Integer for x in a):
        from math import gcd, lcm
        return Integer((gcd if name == "gcd" else lcm)(*(x.p for x in a)))
    if name in ("max", "min") and a and all(x.is_Rational for x in a):
        return (max if name == "max" else min)(a)
    raise Unsure


def matrix(n):
    rows = [[scalar(x) for x in row[2:]] for row in n[2:]]
    if any(len(r) != len(rows[0]) for r in rows) or any(isinstance(x, Matrix) for r in rows for x in r):
        raise Unsure
    m = Matrix(rows)
    if n[1] != "v":
        return m
    if m.rows != m.cols or m.rows > 5:
        raise Unsure
    return m.det()


# Values: ("x", expression or matrix), ("%", expression), ("b", digits, base), ("t", text), ("g", brackets, values), ("l", values, by),
# ("s", values), ("r", operators, values), ("name", text), ("cup" | "cap" | "minus", values), ("const", name)

def signs(n, found):
    if n[0] == "pm":
        found.append(n[1])
    for x in n[2:]:
        signs(x, found)
    return found


def signed(n, choice):
    """n with its ± decided, from the left."""
    args = n[2:]
    if n[0] == "pm":
        left = [signed(x, choice) for x in args[:-1]]
        plus = choice(n[1])
        last = signed(args[-1], choice)
        last = last if plus else ["neg", "", last]
        return ["add", "", *left, last] if left else last
    return [n[0], n[1]] + [signed(x, choice) for x in args]


def variants(n):
    """What ± stands for: with ∓ beside it both signs go together, otherwise each goes by itself."""
    found = signs(n, [])
    if not found:
        return [n]
    if len(found) > 4:
        raise Unsure
    if "-" in found:
        return [signed(n, lambda sign: (sign == "+") == up) for up in (True, False)]
    out = []
    for bits in range(2 ** len(found)):
        left = iter(range(len(found)))
        out.append(signed(n, lambda sign: not bits >> next(left) & 1))
    return out


def items(nodes):
    return [value(v) for n in nodes for v in variants(n)]


def value(n):
    op, text, args = n[0], n[1], n[2:]
    if op == "list":
        return ("l", items(args), text)
    if op == "set":
        return ("s", items(args))
    if op == "const" and text == "empty":
        return ("s", [])
    if op == "const" and text not in CONSTANTS:
        return ("const", text)
    if op == "group":
        return ("g", text, [value(x) for x in args])
    if op == "text":
        return ("t", text)
    if op == "base":
        return ("b", text.lstrip("0"), args[0][1])
    if op == "call":
        return ("name", text)
    if op == "rel":
        return ("r", text.split(" "), [value(x) for x in args], args)
    if op in ("cup", "cap", "minus"):
        return (op, [value(x) for x in args])
    if op == "percent":
        return ("%", scalar(args[0]))
    if op == "neg" and args[0][0] == "percent":
        return ("%", -scalar(args[0][2]))
    if op == "unit" and args[0][0] in ("group", "set", "percent", "list"):
        return value(args[0])
    if op == "add" and len(args) == 1:
        return value(args[0])
    return ("x", scalar(n))


def top(n):
    if n[0] in ("list", "set"):
        return value(n)
    found = items([n])
    return found[0] if len(found) == 1 else ("l", found, ",")


POINTS = [Rational(17, 7), Rational(-31, 11), Rational(5, 13)]


def vanishes(d):
    """Whether a constant is 0: False is certain, True means that it is to a hundred digits, None that it cannot be told."""
    v = d.evalf(15, maxn=120)
    for part in v.as_real_imag():
        if not part.is_Float and not part.is_Integer and not part.is_Rational:
            return None
        if part != 0 and abs(part) > Pow(10, -60):
            return False
    return True


def equal(a, b):
    if isinstance(a, Matrix) or isinstance(b, Matrix):
        if not (isinstance(a, Matrix) and isinstance(b, Matrix)) or a.shape != b.shape:
            return False
        return every(equal(x, y) for x, y in zip(a, b))
    for x in (a, b):
        if x.has(nan, zoo):
            raise Unsure
    if a == b:
        return True
    if a.is_Rational and b.is_Rational or a.is_infinite or b.is_infinite:
        return False
    d = a - b
    if d.is_Rational:
        return d == 0
    free = sorted(d.free_symbols, key=lambda s: s.name)
    for shift in range(3 if free else 1):
        c = d.xreplace({s: POINTS[(i + shift) % 3] + i for i, s in enumerate(free)}) if free else d
        if not c.has(nan, zoo, oo) and vanishes(c) is False:
            return False
    for step in (expand, lambda d: expand(cancel(together(d))) if d.is_rational_function(*free) else d, simplify, minimal):
        d = step(d)
        if d == 0:
            return True
        if d.is_Rational:
            return False
    return None


def minimal(d):
    """0 where d is an algebraic number that is 0."""
    if d.free_symbols or not d.is_algebraic:
        return d
    x = Symbol("x")
    return S.Zero if minimal_polynomial(d, x) == x else d


def every(results):
    """All are True; False as soon as one is."""
    unsure = False
    for r in results:
        if r is False:
            return False
        unsure = unsure or r is None
    return None if unsure else True


def unordered(G, A):
    """Each of G has its own equal in A."""
    if len(G) != len(A):
        return False
    left, unsure = list(A), False
    for g in G:
        for i, a in enumerate(left):
            r = same(g, a)
            if r:
                del left[i]
                break
            unsure = unsure or r is None
        else:
            return None if unsure else False
    return True


def distinct(V):
    out = []
    for v in V:
        if not any(same(v, o) for o in out):
            out.append(v)
    return out


def real(v):
    if v[0] == "x" and not isinstance(v[1], Matrix) and (v[1].is_extended_real and not v[1].free_symbols):
        return v[1]
    return None


def inequality(v):
    """The interval of the real numbers that satisfy a < x <= b or a part of it, and the symbol."""
    ops, values = v[1], v[2]
    if set(ops) <= {">", ">="}:
        ops, values = [o.replace(">", "<") for o in reversed(ops)], values[::-1]
    if not set(ops) <= {"<", "<="} or not all(w[0] == "x" for w in values):
        return None
    at = [i for i, w in enumerate(values) if isinstance(w[1], Symbol)]
    if len(at) != 1 or any(real(w) is None for i, w in enumerate(values) if i != at[0]) or len(values) > 3 or at[0] == 0 and len(values) == 3 or at[0] == 2:
        return None
    i = at[0]
    low, high = (values[i - 1][1], ops[i - 1]) if i > 0 else (-oo, "<"), (values[i + 1][1], ops[i]) if i + 1 < len(values) else (oo, "<")
    return Interval(low[0], high[0], low[1] == "<", high[1] == "<"), values[i][1]


def as_set(v):
    """A set of real numbers, None where v is none that we compute with."""
    if v[0] == "g" and len(v[2]) == 2:
        a, b = real(v[2][0]), real(v[2][1])
        if a is None or b is None or not (a < b) == True:
            return None
        return Interval(a, b, v[1][0] == "(", v[1][1] == ")")
    if v[0] == "s":
        values = [real(w) for w in v[1]]
        return None if None in values else FiniteSet(*values)
    if v == ("const", "R"):
        return S.Reals
    if v[0] == "r":
        if v[1] == ["in"]:
            return as_set(v[2][1]) if is_name(v[2][0]) else None
        if v[1] == ["!="]:
            b = real(v[2][1])
            return None if b is None or not (v[2][0][0] == "x" and isinstance(v[2][0][1], Symbol)) else S.Reals - FiniteSet(b)
        i = inequality(v)
        return i and i[0]
    if v[0] == "l" and v[2] == "or" and all(w[0] == "r" and len(w[1]) == 1 and inequality(w) for w in v[1]):
        found = [inequality(w) for w in v[1]]
        return Union(*(f[0] for f in found)) if len({f[1] for f in found}) == 1 else None
    if v[0] in ("cup", "cap", "minus"):
        parts = [as_set(w) for w in v[1]]
        if None in parts:
            return None
        return Union(*parts) if v[0] == "cup" else Intersection(*parts) if v[0] == "cap" else parts[0] - parts[1]
    return None


def word(v):
    return "".join(c for c in v[1].casefold() if c.isalnum())


def is_name(v, loose=False):
    if v[0] in ("name", "t"):
        return True
    if v[0] != "x" or isinstance(v[1], Matrix):
        return False
    return v[1].is_Symbol or loose and v[1].is_Mul and all(x.is_Symbol for x in v[1].args)


def constant(v):
    return v[0] == "x" and not v[1].free_symbols


def stated(g, a):
    """What an answer states as its value, where the expected one is no relation."""
    if a[0] != "r":
        return a
    ops, values = a[1], a[2]
    if "~" in ops:
        cut = ops.index("~")
        if cut > 0 or not is_name(values[0], True):
            ops, values = ops[:cut], values[:cut + 1]
        else:
            ops = ["=" if o == "~" else o for o in ops]
    if not ops:
        return values[0]
    if ops == ["in"] and is_name(values[0]):
        return values[1]
    if set(ops) != {"="}:
        return a
    if is_name(values[0], True):
        contradicted = any(constant(v) and constant(values[-1]) and same(v, values[-1]) is False for v in values[1:-1])
        return a if contradicted else values[-1]    # A = pi r^2 = 9 pi, but not x = 3 = 5
    if len(values) == 2 and is_name(values[1]) and not is_name(g):
        return values[0]
    if every(same(values[0], v) for v in values[1:]):
        return values[-1]
    return a


def difference(v):
    if v[2][0][0] != "x" or v[2][1][0] != "x":
        raise Unsure
    return v[2][0][1] - v[2][1][1]


def solved(v):
    """Whether a relation states the value, or the bounds, of one symbol: x = 5, 1 < x <= 2, but not 2x = 10."""
    symbols = [w[0] == "x" and isinstance(w[1], Symbol) for w in v[2]]
    return sum(symbols) == 1 and "in" not in v[1] and all(s or constant(w) for s, w in zip(symbols, v[2]))


def relations(g, a):
    if g[1] == ["="] and len(a[1]) > 1 and is_name(a[2][0]):    # x = 10/2 = 5
        last = stated(g, a)
        if last[0] != "r":
            a = ("r", ["="], [a[2][0], last])
    if solved(g) and not solved(a) and a[1] != ["in"]:    # the equation that was to be solved is no solution
        return False
    G, A = g[1], a[1]
    if G == ["="] == A:
        if g[2][0][0] in ("name", "t") and is_name(a[2][0]) or g[2][0] == ("x", Symbol("y", real=True)) and a[2][0][0] == "name":
            return same(g[2][1], a[2][1])
        if g[2][0][0] != "x" or a[2][0][0] != "x":
            return every([same(x, y) for x, y in zip(g[2], a[2])])
        if isinstance(g[2][1][1], Matrix) or isinstance(a[2][1][1], Matrix) or g[2][1][0] != "x" or a[2][1][0] != "x":
            return every([same(x, y) for x, y in zip(g[2], a[2])])
        return proportional(difference(g), difference(a), False)
    p, q = as_set(g), as_set(a)
    if p is not None and q is not None and g[2][0][0] == "x":
        i, j = inequality(g), inequality(a)
        return p == q if i is None or j is None or i[1] == j[1] else False
    flip = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
    if len(G) == 1 == len(A):
        if G[0] == A[0]:
            r = proportional(difference(g), difference(a), G[0] != "!=")
            return r
        if flip.get(G[0]) == A[0]:
            return proportional(difference(g), -difference(a), True)
        return False
    if G == A:
        return every(same(x, y) for x, y in zip(g[2], a[2]))
    if [flip.get(o) for o in reversed(G)] == A:
        return every(same(x, y) for x, y in zip(g[2], reversed(a[2])))
    return False


def proportional(p, q, positive):
    """Whether p = c q for a constant c that is not 0 (and positive)."""
    if p == q:
        return True
    if p.has(nan, zoo) or q.has(nan, zoo):
        raise Unsure
    if p.free_symbols != q.free_symbols or not p.free_symbols:
        return False if not (p == 0 and q == 0) else True
    at = {s: POINTS[0] + i for i, s in enumerate(sorted(p.free_symbols, key=lambda s: s.name))}
    c, d = p.xreplace(at), q.xreplace(at)
    if vanishes(c) is not False or vanishes(d) is not False or c.has(nan, zoo, oo) or d.has(nan, zoo, oo):
        return equal(p, q)
    if positive and not (c / d).is_positive:
        return False
    return equal(p * d, q * c)


def same(g, a):
    """Whether the answer a is the expected g: True, False, or None where that is not shown."""
    if g[0] == "r":
        if a[0] == "r":
            return relations(g, a)
        s, t = as_set(g), as_set(a)
        if s is not None and t is not None:
            return s == t
        if g[1] in (["="], ["in"]) and is_name(g[2][0]) and not (g[2][0][0] == "x" and g[2][1][0] == "x" and g[2][1][1].has(g[2][0][1])):
            return same(g[2][1], a)
        return False
    if a[0] == "r":
        s, t = as_set(g), as_set(a)
        if s is not None and t is not None:
            return s == t
        b = stated(g, a)
        return False if b[0] == "r" else same(g, b)
    if g[0] == "b":
        if a[0] == "b":
            return g == a
        return a[0] == "x" and str(a[1]) == g[1]
    if g[0] == "%" or a[0] == "%":
        if g[0] == a[0]:
            return equal(g[1], a[1])
        if g[0] != "x" and a[0] != "x":
            return False
        if isinstance(g[1], Matrix) or isinstance(a[1], Matrix):
            return False
        p, x = (g[1], a[1]) if g[0] == "%" else (a[1], g[1])
        if a[0] == "%" and x.is_Rational and abs(x) < 1:    # 0.5% is not 0.5
            return equal(p / 100, x)
        return equal(p, x) or equal(p / 100, x)
    kinds = {g[0], a[0]}
    if kinds & {"cup", "cap", "minus"} or "const" in kinds or kinds == {"l", "s"} and a[0] == "l" and a[2] == "or":
        s, t = as_set(g), as_set(a)
        if s is not None and t is not None:
            return s == t
        if g[0] == a[0] == "cup":
            return unordered(g[1], a[1])
        if kinds != {"l", "s"}:
            return g == a
    if g[0] == a[0] == "l":
        named = [relational(g[1]), relational(a[1])]
        if all(named):
            return unordered(g[1], a[1])
        G, A = ([stated(g, v) for v in (by_name(V) if n else V)] for V, n in ((g[1], named[0]), (a[1], named[1])))
        if any(named):    # y = 2, x = 1 against 1, 2
            return len(G) == len(A) and every(same(x, y) for x, y in zip(G, A))
        return unordered(G, A)
    if kinds <= {"l", "s", "x", "t", "g"} and "s" in kinds:
        G, A = (v[1] if v[0] in ("l", "s") else [v] for v in (g, a))
        return unordered(distinct([stated(g, v) for v in G]), distinct([stated(g, v) for v in A]))
    if kinds == {"l", "g"}:
        group, items = (g, a[1]) if g[0] == "g" else (a, g[1])
        named = relational(items)
        if group[1] != "()" or not named and as_set(group) is not None or len(items) != len(group[2]):
            return False
        if named:    # y = 2, x = 1 against (1, 2)
            items = by_name(items)
        return every(same(x, stated(x, y)) for x, y in zip(group[2], items))
    if g[0] != a[0]:
        if kinds == {"x", "g"}:
            m, group = (g, a) if g[0] == "x" else (a, g)
            if isinstance(m[1], Matrix) and 1 in m[1].shape and group[1] == "()" and len(m[1]) == len(group[2]):
                return every(same(("x", x), y) for x, y in zip(m[1], group[2]))
        return False
    if g[0] == "x":
        return equal(g[1], a[1])
    if g[0] == "g":
        if g[1] != a[1] or len(g[2]) != len(a[2]):
            return False
        return every(same(x, y) for x, y in zip(g[2], a[2]))
    if g[0] in ("t", "name"):
        return word(g) == word(a)
    return g == a


def relational(V):
    """Whether a list is of equations that name different things: x = 1, y = 2."""
    names = [str(v[2][0]) if v[0] == "r" else None for v in V]
    return None not in names and len(set(names)) > 1


def by_name(V):
    """Such a list in the order that its names have in (x, y)."""
    return sorted(V, key=lambda v: str(v[2][0]))


def logarithms(n, found):
    if n[0] == "log":
        found.add("10" if len(n) > 3 and n[3][:2] == ["num", "10"] else "" if len(n) == 3 else "other")
    if n[0] == "func" and n[1] == "ln":
        found.add("e")
    for x in n[2:]:
        logarithms(x, found)
    return found


def say(text):
    print(text, flush=True)


def decide(gold, answer):
    global log_base
    bases = logarithms(gold, set())
    unknown = log_base
    try:
        g = top(gold)
    except (TooLarge, MemoryError, OverflowError):
        return say("gold large")
    except Exception:
        return say("gold unsure")
    say("gold")
    try:
        if "" not in bases and len(bases & {"e", "10"}) == 1:
            log_base = Integer(1) if "e" in bases else log(10)
        result = same(g, top(answer))
        say("equal" if result else "unsure" if result is None else "different")
    except (TooLarge, MemoryError, OverflowError):
        say("large")
    except Exception:
        say("unsure")


def main():
    sys.modules.setdefault("sympy.tensor.tensor", tensors)    # adding asks for it, and the finder would bring all of SymPy
    decide(*loads(sys.stdin.read()))
