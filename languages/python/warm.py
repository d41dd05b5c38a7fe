# Programs that run once before freezing, so that what nearly every program needs is in place: specialised bytecode,
# memory arenas, caches of attributes. They are separated by lines of three dashes. None may print or fail.
# The first one also runs on each new instance, to grow its call stacks to where few programs make them grow further.
def deep(n): return max([n], key=lambda _: deep(n - 1)) if n else [[[[[[[[{(((((((((n)))))))))}]]]]]]]]
deep(20)
class Last:
    def __del__(self):
        with open("main.py") as f:
            try:
                for line in f:
                    if line: [deep(20) for _ in (1,) if (lambda: (lambda: n if (n := 1) else -+-~n)())()]
            finally: pass
        global last
last = Last()
import json, re, collections
from typing import List, Dict, Tuple, Optional, Any
class A:
    def f(self, x): return json.dumps({"a": x})
A().f(3)
assert collections.Counter("abc")["a"] == 1
re.findall(r"\d+", "a1b22")
sorted([(2, "b"), (1, "a")], key=lambda t: t[1])
"%d %s" % (1, "x") + f"{2.5:.2f}" + "a,b".replace(",", ";").join(["x", "y"])
[int(x) for x in "1 2 3".split()]
---
def f(numbers: "list[float]", t: float) -> bool:
    """ doc """
    for i, e in enumerate(numbers):
        if abs(e - t) < 0.5:
            return True
    return False
def check(c):
    assert c([1.0, 2.0], 0.3) == False
    assert c([1.0, 2.0], 1.2) == True
check(f)
---
import io, sys, traceback
out, err = sys.stdout, sys.stderr
sys.stdout = sys.stderr = io.StringIO()
try:
    print(1, "a", [1, 2], {"a": 1})
    def f(x):
        assert x == 1, "message"
    try:
        f(2)
    except AssertionError as e:
        sys.excepthook(type(e), e, e.__traceback__)
    try:
        f(1 / 0)
    except ZeroDivisionError as e:
        traceback.print_exception(e)
    try:
        compile("def f(:", "x.py", "exec")
    except SyntaxError as e:
        sys.excepthook(type(e), e, e.__traceback__)
finally:
    sys.stdout, sys.stderr = out, err
---
import linecache, sys
linecache.clearcache()
sys.path_importer_cache.pop("/sandbox", None)
---
# Calls that cross, both sides of them. The hidden module is reached without an import, so that it stays hidden.
import sys
wire = sys.meta_path[0].modules["_borel_wire"]
read, write, names = wire._read, wire._write, globals()
def f(x, y=0): return x
def g(x): raise ValueError("a")
def to(fd, b):
    global reply
    reply = wire.answer(names, b[4:])
    return len(b)
wire._write = to
wire._read = lambda fd, n: len(reply).to_bytes(4, "little") + reply
p, q = wire.Proxy("f"), wire.Proxy("g")
for i in range(20):
    for x in 1, "a", 1.5, True, None, [1, 2.5, "a"], (1, ("a",)), [(1, 2), [3], {"a": 1}], {"a": [1]}, {1: 2}, {1, 2}:
        p(x)
    p([1], y={"b": 1})
    try: q([1])
    except ValueError: pass
wire._read, wire._write = read, write
