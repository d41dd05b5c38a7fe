# Function calls, dictionaries, heaps and generators.
import heapq


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def grid(n):
    for y in range(n):
        for x in range(n):
            yield (x, y), (x * 7 + y * 13) % 10 + 1


def shortest(n):
    cost = dict(grid(n))
    best, heap = {(0, 0): 0}, [(0, (0, 0))]
    while heap:
        d, (x, y) = heapq.heappop(heap)
        if d > best[x, y]:
            continue
        for p in ((x + 1, y), (x, y + 1), (x - 1, y), (x, y - 1)):
            if p in cost and d + cost[p] < best.get(p, 1 << 30):
                best[p] = d + cost[p]
                heapq.heappush(heap, (best[p], p))
    return best[n - 1, n - 1]


print(fib(26), shortest(260))
