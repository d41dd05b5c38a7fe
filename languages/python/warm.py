# Programs that run once before freezing, so that what nearly every program needs is in place: specialised bytecode,
# memory arenas, caches of attributes. They are separated by lines of three dashes. None may print or fail.
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
import gc, linecache, sys
linecache.clearcache()
sys.path_importer_cache.pop("/sandbox", None)
gc.collect()
gc.freeze()
