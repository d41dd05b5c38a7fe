# Queens on a board: recursion over generators, tuples, sets.
def queens(n, row=0, taken=()):
    if row == n:
        yield taken
        return
    for c in range(n):
        if all(c != t and abs(c - t) != row - r for r, t in enumerate(taken)):
            yield from queens(n, row + 1, taken + (c,))


def permutations(items):
    if len(items) < 2:
        yield items
        return
    for i in range(len(items)):
        for rest in permutations(items[:i] + items[i + 1:]):
            yield items[i:i + 1] + rest


print([sum(1 for _ in queens(n)) for n in range(4, 9)], sum(len(set(p[i] + i for i in range(8))) == 8 for p in permutations(tuple(range(8)))))
