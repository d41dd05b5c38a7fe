# Inheritance, properties, descriptors, dataclasses, special methods and super.
import dataclasses, enum, functools


class Colour(enum.Enum):
    RED, GREEN, BLUE = 1, 2, 3


class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, obj, owner=None):
        return getattr(obj, self.name)

    def __set__(self, obj, value):
        if value <= 0:
            raise ValueError(value)
        setattr(obj, self.name, value)


class Shape:
    side = Positive()
    made = 0

    def __init__(self, side, colour):
        self.side, self.colour = side, colour
        Shape.made += 1

    @property
    def area(self):
        return self.side * self.factor()

    def __lt__(self, other):
        return self.area < other.area


class Square(Shape):
    def factor(self):
        return self.side


class Cube(Square):
    def factor(self):
        return 6 * super().factor()

    @staticmethod
    def unit():
        return Cube(1, Colour.RED)


@dataclasses.dataclass(frozen=True, order=True)
class Money:
    units: int
    currency: str = "EUR"

    def __add__(self, other):
        return dataclasses.replace(self, units=self.units + other.units)


@functools.lru_cache(maxsize=None)
def ways(n, k):
    return 1 if n == 0 else 0 if n < 0 or k == 0 else ways(n - k, k) + ways(n, k - 1)


total, colours = 0, list(Colour)
for i in range(1, 13000):
    s = (Square if i % 2 else Cube)(i % 50 + 1, colours[i % 3])
    total += s.area + (s < Cube.unit()) + isinstance(s, Cube)
    try:
        s.side = i % 10 - 1
    except ValueError:
        total += 1
wallet = Money(0)
for i in range(10_000):
    wallet = wallet + Money(i)
prices = {Money(i % 60) for i in range(20_000)}
print(total, Shape.made, wallet, max(prices), ways(220, 40) % 1_000_007)
