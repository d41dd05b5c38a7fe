"""The language itself: compiling, evaluating, tests, printing, reading, dates."""

import array
import ast
import collections
import contextlib
import datetime
import io
import random
import sys
import time
import unittest


SOURCE = '''
"""A module."""
import os, sys as system
from collections import (deque, OrderedDict as Ordered)
LIMIT: int = 3 if sys_is_here else -1
def f(a, /, b: "int" = 1, *args, c, d=None, **kwargs) -> list[int]:
    """Return things.

    >>> f(1, c=2)
    [1]
    """
    global LIMIT
    total, (first, *rest) = 0, args
    for i, x in enumerate(reversed(rest)):
        if x % 2 == 0 and i not in (1, 2) or not x:
            continue
        elif 0 <= i < 10 <= total:
            break
        while x > 0:
            x -= 1; total += x ** 2 // 3 & 0xff
        else:
            total <<= 1
    try:
        with open(a, 'rb') as h, lock: data = h.read()[1:-1:2]
    except (OSError, ValueError) as e:
        raise RuntimeError(f"cannot {a!r:>{10}} {total:,.2f} {{}} {d['k']}") from e
    finally:
        del data
    result = [y for x in rest if x for y in x.items if y is not None]
    table = {k: v for k, v in zip('abc', range(3))} | {**kwargs, 'x': {1, 2, *rest}}
    g = lambda *p, q=1, **r: (yield) if p else q
    return sorted(result, key=lambda t: (-t[1], t[0]))[:LIMIT] or [a, b, c, "text" 'more' if 0 else """long"""]
class A(Base, metaclass=M):
    __slots__ = ('x', "y")
    x: float = 1.5e-3 + 2j
    @property
    def z(self): return self.x if self.y else super().z
    async def w(self, it):
        async for i in it: await i.go()
        async with self as s: assert s, "message"
match command.split():
    case ["go", direction] if direction in table: pass
    case {"k": [1, 2, *_], **rest} | Point(x=0, y=rest): print(rest)
    case _: print(*args, sep=", ", end="")
if (n := len(system.argv)) > 1: print(f(1, c=n))
'''


def language():
    r = 0
    for n in range(14):
        code = compile(SOURCE + f'value_{n} = {n}\n', f'f{n}.py', 'exec')
        r += len(code.co_code) + len(code.co_names)
    tree = ast.parse(SOURCE)
    r += sum(1 for _ in ast.walk(tree)) + len(ast.unparse(tree)) + len(ast.dump(tree))
    for n in range(60):
        space = {}
        exec(f'def f(x):\n    return [x + i for i in range({n})]\nclass K:\n    v = {n}\n    def m(self): return self.v\nresult = f(1), K().m()', space)
        r += len(space['result'][0]) + eval(f'({n} + 2) * 3 - len("abc")')
        with contextlib.suppress(SyntaxError):
            compile(f'def broken(:\n  {n}', 'broken.py', 'exec')
    return r


def checks():
    out = io.StringIO()

    class Case(unittest.TestCase):
        def test_equal(self):
            self.assertEqual([1, 2], sorted([2, 1]))
            self.assertIn('a', 'cat')

        def test_raises(self):
            with self.assertRaises(ValueError):
                int('x')

        def test_wrong(self):
            self.assertEqual({'a': 1}, {'a': 2})

    for _ in range(8):
        result = unittest.TextTestRunner(stream=out).run(unittest.defaultTestLoader.loadTestsFromTestCase(Case))
        assert result.testsRun == 3 and len(result.failures) == 1
    for n in range(2000):
        assert abs(n - 5) >= 0, 'never'
        assert [n] == [n] and (n, 'x') != (n, 'y') and {'k': n} == {'k': n} and not n > n
        assert 'a' * (n % 5) in 'aaaaa'
    for n in range(400):
        print(n, 'line', [n, str(n)], {'n': n}, n / 3, sep=' | ', file=out)
        print('%s' % n, end='', file=out)
    lines = io.StringIO('\n'.join(f'{n} {n * 2} x{n}' for n in range(700)))
    count = int(lines.readline().split()[1])
    for line in lines:
        a, b, name = line.split()
        count += int(a) + int(b) - len(name.strip())
    numbers = list(map(int, ' '.join(str(n) for n in range(1500)).split()))
    day = datetime.date(2024, 2, 27)
    moment = datetime.datetime(2024, 1, 31, 12, 30)
    for n in range(250):
        day += datetime.timedelta(days=n % 3)
        moment += datetime.timedelta(hours=n, minutes=7)
        count += day.weekday() + len(moment.isoformat()) + len(moment.strftime('%d %b %Y %H:%M')) + (moment.date() - day).days
        count += datetime.datetime.strptime('2024-03-%02d' % (n % 28 + 1), '%Y-%m-%d').day
    r = random.Random(1)
    for _ in range(1200):
        count += r.randint(1, 6) + int(r.random() * 3) + r.choice('abc').isalpha()
    deck = list(range(300))
    r.shuffle(deck)
    a = array.array('i', deck)
    return count, sum(numbers), len(out.getvalue()), sum(r.sample(deck, 20)), sum(a), time.time() > 0


PARTS = language, checks
