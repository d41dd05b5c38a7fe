# Dictionaries and sets: counting, grouping, merging, union and intersection.
from collections import Counter, OrderedDict, defaultdict

x, groups, count = 1, defaultdict(list), {}
for i in range(180_000):
    x = (x * 1103515245 + 12345) % (1 << 31)
    k = x % 3001
    count[k] = count.get(k, 0) + 1
    groups[k & 63].append(x)
inverse = {}
for k, n in count.items():
    inverse.setdefault(n, set()).add(k)
total = sum(len(g) for g in groups.values()) + len(inverse)
words = Counter("w%d" % (i * i % 777) for i in range(80_000))
total += sum(n for _, n in words.most_common(20))
sets = [frozenset(g[:80]) for g in groups.values()]
for a in sets[:50]:
    for b in sets[:50]:
        total += len(a & b) + len(a | b) % 7 + (a <= b)
lru = OrderedDict()
for i in range(70_000):
    k = i * 37 % 400
    if k in lru:
        lru.move_to_end(k)
    lru[k] = i
    if len(lru) > 300:
        lru.popitem(last=False)
merged = {k: v for d in ({i: i for i in range(j, j + 300)} for j in range(0, 27000, 300)) for k, v in d.items() if v % 3}
print(total, len(lru), len(merged), sum(merged) % 1_000_003)
