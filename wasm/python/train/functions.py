"""Functions: recursion, memory, iterators and generators, arguments, exceptions."""

import contextlib
import functools
import itertools
import operator
import traceback


def recursion():
    def hanoi(n, a, b, c):
        return 0 if n == 0 else hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a)

    def ackermann(m, n):
        if m == 0:
            return n + 1
        return ackermann(m - 1, 1) if n == 0 else ackermann(m - 1, ackermann(m, n - 1))

    def subsets(items):
        if not items:
            return [[]]
        rest = subsets(items[1:])
        return rest + [[items[0], *s] for s in rest]

    def queens(n, row=0, columns=(), up=(), down=()):
        if row == n:
            return 1
        return sum(queens(n, row + 1, columns + (c,), up + (row + c,), down + (row - c,))
                   for c in range(n) if c not in columns and row + c not in up and row - c not in down)

    def permute(items, out, done=[]):
        if not items:
            out.append(tuple(done))
        for i in range(len(items)):
            permute(items[:i] + items[i + 1:], out, done + [items[i]])

    def flatten(nested):
        for item in nested:
            if isinstance(item, (list, tuple)):
                yield from flatten(item)
            else:
                yield item

    @functools.lru_cache(maxsize=None)
    def partitions(n, largest):
        if n == 0:
            return 1
        return sum(partitions(n - part, part) for part in range(1, min(n, largest) + 1))

    @functools.cache
    def catalan(n):
        return 1 if n == 0 else sum(catalan(i) * catalan(n - 1 - i) for i in range(n))

    def depth(n):
        return 0 if n == 0 else 1 + depth(n - 1)

    out = []
    permute([1, 2, 3, 4, 5, 6], out)
    nested = [1, [2, [3, (4, [5])], 6]]
    for _ in range(40):
        nested = [nested, 7, [8]]
    assert hanoi(11, 'a', 'b', 'c') == 2047 and ackermann(2, 12) == 27 and len(subsets(list(range(11)))) == 2048
    assert queens(6) == 4 and len(out) == 720 and sum(flatten(nested)) == 21 + 15 * 40 and depth(800) == 800
    return partitions(60, 60), catalan(40)


def iterators():
    def numbers():
        n = 0
        while True:
            yield n
            n += 1

    def average():
        total = count = 0
        value = None
        while True:
            value = yield value
            total += value
            count += 1
            value = total / count

    class Countdown:
        def __init__(self, n):
            self.n = n

        def __iter__(self):
            return self

        def __next__(self):
            if self.n <= 0:
                raise StopIteration
            self.n -= 1
            return self.n

    r = sum(itertools.islice((n * n for n in numbers() if n % 3), 2000)) % 9973
    a = average()
    next(a)
    for n in range(1500):
        r += int(a.send(n))
    r += sum(Countdown(2500)) + sum(1 for _ in zip(range(2500), itertools.cycle('abc'), itertools.count(5)))
    r += len(list(itertools.permutations('abcde', 4))) + sum(map(sum, itertools.combinations(range(14), 4))) + sum(1 for _ in itertools.product('ab', repeat=9))
    for key, group in itertools.groupby(sorted(n * 7 % 50 for n in range(1500)), key=lambda n: n // 5):
        r += key * sum(1 for _ in group)
    r += sum(itertools.accumulate(range(1000), max)) + len(list(itertools.chain.from_iterable([[1, 2], (3,)] * 300))) + functools.reduce(lambda x, y: x ^ y, range(2000))
    r += sum(map(operator.mul, range(2000), reversed(range(2000)))) + len(list(filter(None, [0, 1, '', 'x', None] * 200))) + max((n % 83, n) for n in range(1500))[1]
    first, *middle, last = [n for n in range(50)]
    for i, (x, y) in enumerate(zip(middle, middle[1:]), start=1):
        r += i * x - y
    r += len([(x, y) for x in range(40) for y in range(x) if (x + y) % 3 == 0]) + len({n % 77: str(n) for n in range(1500)}) + len({c for c in 'mississippi' * 50})
    batches = [tuple(b) for b in itertools.batched(range(1000), 7)]
    for left, right in itertools.pairwise(batches):
        r += left[-1] - right[0]
    text = iter('abcdefghij' * 100)
    while (c := next(text, None)) is not None:
        r += c == 'c'
    for outer in range(60):
        for inner in range(60):
            if inner == outer:
                continue
            if inner > 40:
                break
        else:
            r += 1
    return r, first, last




def calls():
    def kinds(a, b=2, *rest, c, d=4, **more):
        return a + b + len(rest) + c + d + len(more)

    def logged(f):
        @functools.wraps(f)
        def inner(*args, **kwargs):
            calls.append(f.__name__)
            return f(*args, **kwargs)
        return inner

    @logged
    def add(x, y=1):
        return x + y

    def counter():
        n = 0

        def step(by=1):
            nonlocal n
            n += by
            return n
        return step

    calls, r, step = [], 0, counter()
    double = functools.partial(add, y=10)
    compose = lambda *fs: lambda x: functools.reduce(lambda v, f: f(v), fs, x)
    pipeline = compose(lambda x: x + 1, str, len, abs)
    for n in range(1800):
        r += kinds(n, c=3) + kinds(1, 2, 3, c=4, e=5) + kinds(*(1, 2, 3), **{'c': 1, 'z': 2})
        r += add(n) + double(n) + step() + step(by=2) + pipeline(n)
        r += (lambda x, y=n: x * y)(2) + sum([n, 1]) + max(n, 5) + len((1, 2)) + isinstance(n, int) + callable(add) + round(n / 7)
    return r, len(calls)


def errors():
    class Problem(Exception):
        def __init__(self, what, code=0):
            super().__init__(what)
            self.code = code

    @contextlib.contextmanager
    def entered(log):
        log.append('in')
        try:
            yield log
        finally:
            log.append('out')

    class Guard:
        def __enter__(self):
            return self

        def __exit__(self, kind, value, tb):
            return kind is KeyError

    def deep(n):
        if n == 0:
            raise Problem('bottom', 7)
        try:
            deep(n - 1)
        finally:
            log.append(n)

    log, r = [], 0
    for n in range(900):
        try:
            if n % 5 == 0:
                raise Problem('five', n)
            elif n % 5 == 1:
                {}['missing']
            elif n % 5 == 2:
                [][n]
            elif n % 5 == 3:
                int('x' + str(n))
            else:
                None.attribute
        except Problem as e:
            r += e.code
        except (KeyError, IndexError) as e:
            r += len(e.args)
        except ValueError as e:
            r += len(str(e))
        except Exception as e:
            r += len(type(e).__name__)
        else:
            r -= 1
        finally:
            r ^= 1
        with entered(log), Guard():
            if n % 2:
                raise KeyError(n)
        try:
            n / (n % 3)
        except ZeroDivisionError:
            r += 2
    for n in range(40):
        try:
            deep(20)
        except Problem as e:
            r += len(traceback.format_exc())
            try:
                raise RuntimeError('again') from e
            except RuntimeError as f:
                r += f.__cause__.code
    try:
        raise ExceptionGroup('many', [ValueError(1), TypeError(2)])
    except* ValueError as g:
        r += len(g.exceptions)
    except* TypeError:
        r += 1

    def endless(n):
        return endless(n + 1)

    try:
        endless(0)
    except RecursionError:
        r += 1
    return r, len(log)


PARTS = recursion, iterators, calls, errors
