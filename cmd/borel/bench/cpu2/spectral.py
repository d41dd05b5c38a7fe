# The greatest eigenvalue of a matrix without end: floats, list comprehensions, zip and sum.
def a(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(v, f):
    return [sum([f(i, j) * x for j, x in enumerate(v)]) for i in range(len(v))]


def both(v):
    return times(times(v, a), lambda i, j: a(j, i))


u = [1.0] * 240
for _ in range(3):
    v = both(u)
    u = both(v)
print("%.6f" % (sum(x * y for x, y in zip(u, v)) / sum(x * x for x in v)) ** 0.5)
