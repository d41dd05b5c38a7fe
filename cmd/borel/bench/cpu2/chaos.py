# A point that jumps along splines: float arithmetic in small classes with operators.
import random


class Vector:
    __slots__ = "x", "y", "z"

    def __init__(self, x=0.0, y=0.0, z=0.0):
        self.x, self.y, self.z = x, y, z

    def __add__(self, o):
        return Vector(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vector(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k, self.z * k)

    def length(self):
        return (self.x * self.x + self.y * self.y + self.z * self.z) ** 0.5


class Spline:
    def __init__(self, points):
        self.points, self.knots = points, [0, 0, 0] + list(range(1, len(points) - 2)) + [len(points) - 2] * 3

    def at(self, u):
        k = min(int(u), len(self.points) - 3) + 2
        d = [self.points[j] for j in range(k - 2, k + 1)]
        for r in (1, 2):
            for j in range(2, r - 1, -1):
                low, high = self.knots[j + k - 2], self.knots[j + 1 + k - r]
                f = (u - low) / (high - low) if high > low else 0.0
                d[j] = d[j - 1] * (1 - f) + d[j] * f
        return d[2]


random.seed(7)
splines = [Spline([Vector(random.random(), random.random(), random.random()) for _ in range(7)]) for _ in range(3)]
point, seen = Vector(0.5, 0.5), {}
for _ in range(12_000):
    s = random.choice(splines)
    p = s.at(5 * random.random() % 5)
    point = point + (p - point) * (0.3 + 0.1 * (p - point).length())
    cell = int(point.x * 40), int(point.y * 40)
    seen[cell] = seen.get(cell, 0) + 1
print(len(seen), max(seen.values()), "%.6f" % point.length())
