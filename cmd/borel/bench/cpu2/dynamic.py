# What contests ask for: edit distance, knapsack, coins, union-find, binary search over answers, prefix sums.
def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def coins(values, total):
    ways = [1] + [0] * total
    for v in values:
        for t in range(v, total + 1):
            ways[t] = (ways[t] + ways[t - v]) % 1_000_000_007
    return ways[total]


def components(n, edges):
    parent = list(range(n))

    def find(x):
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for a, b in edges:
        parent[find(a)] = find(b)
    return sum(find(i) == i for i in range(n))


def least_capacity(weights, days):
    lo, hi = max(weights), sum(weights)
    while lo < hi:
        mid, need, load = (lo + hi) // 2, 1, 0
        for w in weights:
            if load + w > mid:
                need, load = need + 1, 0
            load += w
        lo, hi = (lo, mid) if need <= days else (mid + 1, hi)
    return lo


a = "".join(chr(97 + i * i % 23) for i in range(480))
b = "".join(chr(97 + i * 7 % 23) for i in range(480))
sums = [0]
for i in range(200_000):
    sums.append(sums[-1] + i * 31 % 17)
print(distance(a, b), coins((1, 2, 5, 10, 20, 50, 100, 200), 40_000), components(40_000, [(i * 17 % 40_000, i * 91 % 40_000) for i in range(45_000)]),
      least_capacity([i * 37 % 101 + 1 for i in range(18_000)], 60), max(sums[i] - sums[i - 500] for i in range(500, len(sums))))
