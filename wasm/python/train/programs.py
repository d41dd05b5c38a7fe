"""Short programs: most of what a run of one costs is parsing and compiling it, and its first executions of each line."""

PROGRAMS = '''
from typing import List, Tuple

def closest(values: List[float], target: float) -> float:
    """ Return the value nearest to the target; the smaller one of two that are as near.
    >>> closest([1.0, 4.0], 2.0)
    1.0
    """
    best = None
    for v in values:
        if best is None or abs(v - target) < abs(best - target) or abs(v - target) == abs(best - target) and v < best:
            best = v
    return best

def check(candidate):
    assert candidate([1.0, 4.0], 2.0) == 1.0
    assert candidate([4.0, 1.0, 3.0], 2.0) == 1.0, "two are as near"
    assert candidate([5.5], -1.25) == 5.5
    assert candidate([], 3.0) is None

check(closest)
---
def words(text):
    counts = {}
    for word in text.lower().split():
        word = word.strip('.,;:!?"')
        if word:
            counts[word] = counts.get(word, 0) + 1
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [w for w, n in most if n == most[0][1]]

METADATA = {'author': 'nobody', 'data set': 'none'}

def check(candidate):
    assert candidate("the cat. The dog! the end?") == ['the']
    assert candidate("a b b a") == ['a', 'b']
    assert candidate("") == []
    assert True, "prints this where it goes wrong (a good place for a message)"

check(words)
---
import math

def is_prime(n: int) -> bool:
    if n < 2:
        return False
    for k in range(2, int(math.sqrt(n)) + 1):
        if n % k == 0:
            return False
    return True

def factors(n):
    """
    The prime factors of n, smallest first, each as often as it divides n.
    Note: there are none of 1.
    Example:
        factors(12) => [2, 2, 3]
    """
    found, k = [], 2
    while n > 1:
        while n % k == 0:
            found.append(k)
            n //= k
        k += 1
    return found

def test():
    for n, expected in [(1, []), (2, [2]), (12, [2, 2, 3]), (97, [97]), (1001, [7, 11, 13])]:
        result = factors(n)
        assert result == expected, f"factors({n}): got {result}, want {expected}"
        assert all(is_prime(p) for p in result)
    assert [n for n in range(30) if is_prime(n)] == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]

test()
---
class Account:
    """A bank account."""
    interest = 0.02

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        self._log = []

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("amount must be positive")
        self.balance += amount
        self._log.append(("deposit", amount))
        return self

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError(f"only {self.balance} left")
        self.balance -= amount
        self._log.append(("withdraw", amount))
        return self

    def __repr__(self):
        return f"Account({self.owner!r}, {self.balance:.2f})"

class Savings(Account):
    interest = 0.05

    def grow(self, years):
        for _ in range(years):
            self.deposit(round(self.balance * self.interest, 2))
        return self

a = Savings("Ann", 100).deposit(50).grow(2)
assert repr(a) == "Account('Ann', 165.38)", repr(a)
try:
    a.withdraw(1000)
except ValueError as e:
    assert "left" in str(e)
else:
    assert False
---
def solve(grid):
    rows, cols = len(grid), len(grid[0]) if grid else 0
    seen = [[False] * cols for _ in range(rows)]
    islands = 0
    for i in range(rows):
        for j in range(cols):
            if grid[i][j] == '#' and not seen[i][j]:
                islands += 1
                stack = [(i, j)]
                while stack:
                    x, y = stack.pop()
                    if 0 <= x < rows and 0 <= y < cols and grid[x][y] == '#' and not seen[x][y]:
                        seen[x][y] = True
                        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                            stack.append((x + dx, y + dy))
    return islands

assert solve([]) == 0
assert solve(["#..", ".#.", "..#"]) == 3
assert solve(["##.", ".#.", "..#"]) == 2
---
import collections, re

def parse(line):
    m = re.match(r"(\\w+)\\s*=\\s*(.*)", line)
    return m.groups() if m else None

def settings(lines):
    out = collections.defaultdict(list)
    for line in lines:
        line = line.split('#')[0].strip()
        if not line or (pair := parse(line)) is None:
            continue
        key, value = pair
        out[key].append(int(value) if value.lstrip('-').isdigit() else value)
    return {k: v[0] if len(v) == 1 else v for k, v in out.items()}

assert settings(["a = 1", "# no", "b=two # b", "a = -3", "?"]) == {"a": [1, -3], "b": "two"}
---
def fib(n, memo={0: 0, 1: 1}):
    if n not in memo:
        memo[n] = fib(n - 1) + fib(n - 2)
    return memo[n]

def encode(text: str, shift: int) -> str:
    return "".join(chr((ord(c) - ord("a") + shift) % 26 + ord("a")) if c.islower() else c for c in text)

def decode(text: str, shift: int) -> str:
    return encode(text, -shift)

def flatten(x):
    result = []
    for item in x:
        if isinstance(item, list):
            result.extend(flatten(item))
        else:
            result.append(item)
    return result

def check(fib, encode, decode, flatten):
    assert fib(10) == 55
    assert fib(30) == 832040
    assert encode("xyz!", 3) == "abc!"
    for shift in (1, 5, 25):
        assert decode(encode("hello, world", shift), shift) == "hello, world"
    assert flatten([1, [2, [3, [4]]], []]) == [1, 2, 3, 4]
    assert (lambda x: x * 2 if x > 1 else -x)(2) == 4

check(fib, encode, decode, flatten)
'''.split('---\n')


def programs():
    for n in range(30):
        for p in PROGRAMS:
            # Two steps in one name space, as programs and their tests are.
            space = {'__name__': '__main__'}
            exec(compile(p + f'# {n}\n', '/sandbox/main.py', 'exec'), space)
            exec(compile(f'assert {n} == {n}\nprint("", end="")\n', '/sandbox/test.py', 'exec'), space)


PARTS = programs,
