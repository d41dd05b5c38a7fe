"""Classes: properties, operators, inheritance, dataclasses, enumerations, linked structures."""

import dataclasses
import enum
import heapq
import math
import typing


class Shape:
    count = 0

    def __init__(self, name):
        self.name = name
        Shape.count += 1

    def area(self):
        raise NotImplementedError

    def __lt__(self, other):
        return self.area() < other.area()

    def __repr__(self):
        return f'{type(self).__name__}({self.name!r}, {self.area():.2f})'

    @property
    def large(self):
        return self.area() > 20

    @classmethod
    def make(cls, *args, **kwargs):
        return cls(*args, **kwargs)

    @staticmethod
    def scale(x, by=2):
        return x * by


class Box(Shape):
    def __init__(self, name, width, height=1):
        super().__init__(name)
        self.width, self.height = width, height

    def area(self):
        return self.width * self.height


class Disc(Shape):
    def __init__(self, name, radius):
        super().__init__(name)
        self._radius = radius

    @property
    def radius(self):
        return self._radius

    @radius.setter
    def radius(self, value):
        if value < 0:
            raise ValueError('a radius is not negative')
        self._radius = value

    def area(self):
        return math.pi * self.radius ** 2


class Vector:
    __slots__ = ('x', 'y')

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    def __eq__(self, other):
        return isinstance(other, Vector) and self.x == other.x and self.y == other.y

    def __hash__(self):
        return hash((self.x, self.y))

    def __getitem__(self, i):
        return (self.x, self.y)[i]

    def __len__(self):
        return 2

    def __bool__(self):
        return bool(self.x or self.y)


class Node:
    def __init__(self, key, value=None, left=None, right=None):
        self.key, self.value, self.left, self.right = key, value, left, right


class Tree:
    def __init__(self):
        self.root, self.size = None, 0

    def __setitem__(self, key, value):
        link, node = None, self.root
        while node is not None:
            if key == node.key:
                node.value = value
                return
            link, node = node, node.left if key < node.key else node.right
        self.size += 1
        new = Node(key, value)
        if link is None:
            self.root = new
        elif key < link.key:
            link.left = new
        else:
            link.right = new

    def __contains__(self, key):
        node = self.root
        while node and node.key != key:
            node = node.left if key < node.key else node.right
        return node is not None

    def __len__(self):
        return self.size

    def __iter__(self):
        yield from self.walk(self.root)

    def walk(self, node):
        if node:
            yield from self.walk(node.left)
            yield node.key
            yield from self.walk(node.right)

    def height(self, node):
        return 0 if node is None else 1 + max(self.height(node.left), self.height(node.right))


class LinkedList:
    def __init__(self, items=()):
        self.head = None
        for item in items:
            self.push(item)

    def push(self, item):
        self.head = Node(item, right=self.head)

    def reverse(self):
        previous, node = None, self.head
        while node:
            node.right, previous, node = previous, node, node.right
        self.head = previous
        return self

    def __iter__(self):
        node = self.head
        while node:
            yield node.key
            node = node.right


class Suit(enum.Enum):
    CLUBS = 1
    HEARTS = 2


class Account:
    def __init__(self, owner: str, balance: float = 0.0):
        self.owner, self.balance, self.history = owner, balance, []

    def deposit(self, amount: float) -> None:
        if amount <= 0:
            raise ValueError('only positive amounts')
        self.balance += amount
        self.history.append(('deposit', amount))

    def withdraw(self, amount: float) -> None:
        if amount > self.balance:
            raise RuntimeError(f'{self.owner} has only {self.balance}')
        self.balance -= amount
        self.history.append(('withdraw', amount))


@dataclasses.dataclass(order=True)
class Task:
    priority: int
    name: str = dataclasses.field(compare=False)
    after: list = dataclasses.field(default_factory=list, compare=False)


@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: int = 0


class Pair(typing.NamedTuple):
    key: str
    value: int


def objects():
    shapes = [Box(f'b{n}', n % 13, n % 7) for n in range(250)] + [Disc.make(f'd{n}', n % 5) for n in range(250)]
    shapes.sort()
    r = sum(s.large for s in shapes) + len(repr(shapes[:40])) + sum(Shape.scale(s.area()) for s in shapes)
    for s in shapes:
        if isinstance(s, Disc):
            s.radius += 1
            r += s.radius
        elif hasattr(s, 'width'):
            setattr(s, 'width', getattr(s, 'width') + 1)
    v = Vector(0.5, 1)
    seen = set()
    for n in range(1800):
        v = (v + Vector(n, 1)) * 0.5
        r += v[0] > len(v)
        seen.add(Vector(n % 20, n % 3))
    tree = Tree()
    for n in range(900):
        tree[n * 761 % 1009] = n
    assert list(tree) == sorted(n * 761 % 1009 for n in range(900)) and len(tree) == 900
    r += tree.height(tree.root) + sum(n in tree for n in range(0, 1009, 2))
    r += sum(LinkedList(range(700)).reverse())
    account = Account('Ann')
    for n in range(-200, 800):
        try:
            account.deposit(n) if n % 3 else account.withdraw(n * 4)
        except ValueError:
            r += 1
        except RuntimeError as e:
            r += len(str(e))
    heap = []
    for n in range(500):
        heapq.heappush(heap, Task(n * 37 % 101, f't{n}'))
    while heap:
        r += heapq.heappop(heap).priority
    points = {Point(n % 31, n % 7): n for n in range(1500)}
    pairs = [Pair(f'k{n}', n) for n in range(600)]
    r += len(points) + sum(p.value for p in pairs if p.key.endswith('3')) + sum(dataclasses.astuple(Point(n))[0] for n in range(100))
    r += sum(Suit(n % 2 + 1) is Suit.CLUBS for n in range(300)) + len(Suit['HEARTS'].name)
    for n in range(120):
        cls = type(f'C{n}', (Box,), {'__slots__': (), 'extra': lambda self: self.width + 1})
        r += cls('c', n).extra()
    return r, len(seen), Shape.count


PARTS = objects,
