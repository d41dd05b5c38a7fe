# Generators, iterators and comprehensions, one feeding another.
import itertools


class Tree:
    def __init__(self, left, value, right):
        self.left, self.value, self.right = left, value, right

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right


def tree(lo, hi):
    if lo >= hi:
        return None
    mid = (lo + hi) // 2
    return Tree(tree(lo, mid), mid, tree(mid + 1, hi))


def primes():
    sieve, n = {}, 2
    while True:
        for p in sieve.pop(n, (n,) if n not in sieve else ()):
            sieve.setdefault(n + p if p != n else n * n, []).append(p)
            if p == n:
                yield n
        n += 1


def average():
    total, n = 0, 0
    while True:
        total, n = total + (yield total / n if n else 0), n + 1


g = average()
next(g)
a = [g.send(i) for i in range(180_000)][-1]
b = sum(tree(0, 60_000))
c = sum(itertools.islice(primes(), 7_000))
d = sum(x * y for x, y in itertools.product(range(450), repeat=2) if (x ^ y) & 1)
e = len(list(itertools.chain.from_iterable(itertools.combinations(range(15), k) for k in range(16))))
f = [sum(v) for _, v in itertools.groupby((i * i % 97 for i in range(180_000)), key=lambda v: v > 48)]
print(a, b, c, d, e, len(f), max(f))
