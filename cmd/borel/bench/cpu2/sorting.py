# Sorting by keys, by comparison, of tuples and text, and two sorts written out.
import bisect, functools, random

random.seed(3)
data = [random.randrange(1 << 30) for _ in range(60_000)]
people = [("n%d" % (d % 977), d % 90, d / 3) for d in data[:30_000]]
total = sorted(data)[100] + sorted(data, reverse=True)[7]
total += sorted(people, key=lambda p: (p[1], p[0]))[50][1] + len(sorted(people)[10][0])
total += sorted(data[:10_000], key=functools.cmp_to_key(lambda a, b: (a > b) - (a < b)))[0]


def quick(a):
    if len(a) < 2:
        return a
    pivot = a[len(a) // 2]
    return quick([x for x in a if x < pivot]) + [x for x in a if x == pivot] + quick([x for x in a if x > pivot])


def insertion(a):
    for i in range(1, len(a)):
        x, j = a[i], i - 1
        while j >= 0 and a[j] > x:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = x
    return a


kept = []
for d in data[:20_000]:
    bisect.insort(kept, d)
print(total, quick(data[:30_000])[5], insertion(data[:800])[3], kept[77])
