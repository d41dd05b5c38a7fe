"""Graphs and tables: searching, shortest ways, dynamic programming."""

import bisect
import collections
import contextlib
import heapq


def graphs():
    size = 600
    edges = {n: sorted({(n * 7 + 3) % size, (n * n + 1) % size, (n + 1) % size}) for n in range(size)}
    level, queue = {0: 0}, collections.deque([0])
    while queue:
        node = queue.popleft()
        for other in edges[node]:
            if other not in level:
                level[other] = level[node] + 1
                queue.append(other)
    parent = list(range(size))

    def root(n):
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    joined = 0
    weighted = [((a * 13 + b * 7) % 50, a, b) for a in edges for b in edges[a]]
    heapq.heapify(weighted)
    while weighted:
        weight, a, b = heapq.heappop(weighted)
        a, b = root(a), root(b)
        if a != b:
            parent[a] = b
            joined += weight
    order, colour = [], {}

    def visit(node):
        colour[node] = 'grey'
        for other in edges[node]:
            if other > node and other not in colour:
                visit(other)
        colour[node] = 'black'
        order.append(node)

    for node in range(0, 60):
        if node not in colour:
            with contextlib.suppress(RecursionError):
                visit(node)
    n = 26
    distance = [[0 if i == j else (i * 17 + j * 23) % 40 + 1 for j in range(n)] for i in range(n)]
    for k in range(n):
        for i in range(n):
            through = distance[i][k]
            for j in range(n):
                if through + distance[k][j] < distance[i][j]:
                    distance[i][j] = through + distance[k][j]
    cells = {(x, y) for x in range(24) for y in range(24) if (x * x + y * 3) % 4}
    islands = 0
    while cells:
        islands += 1
        todo = [cells.pop()]
        while todo:
            x, y = todo.pop()
            for cell in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
                if cell in cells:
                    cells.remove(cell)
                    todo.append(cell)
    return max(level.values()), joined, len(order), sum(map(sum, distance)), islands


def tables():
    def distance(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            previous, row[0] = row[0], i
            for j, y in enumerate(b, 1):
                previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
        return row[-1]

    def common(a, b):
        t = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
        for i in range(len(a)):
            for j in range(len(b)):
                t[i + 1][j + 1] = t[i][j] + 1 if a[i] == b[j] else max(t[i][j + 1], t[i + 1][j])
        i, j, out = len(a), len(b), []
        while i and j:
            if a[i - 1] == b[j - 1]:
                out.append(a[i - 1])
                i, j = i - 1, j - 1
            elif t[i - 1][j] >= t[i][j - 1]:
                i -= 1
            else:
                j -= 1
        return ''.join(reversed(out))

    room = [0] * 301
    for item in range(1, 40):
        weight, value = item * 7 % 23 + 1, item * 11 % 31
        for w in range(300, weight - 1, -1):
            if room[w - weight] + value > room[w]:
                room[w] = room[w - weight] + value
    tails = []
    for n in range(2500):
        v = n * 7919 % 2503
        i = bisect.bisect_left(tails, v)
        if i == len(tails):
            tails.append(v)
        else:
            tails[i] = v
    board = [[(x * 5 + y * 3) % 4 == 0 for x in range(30)] for y in range(30)]
    for _ in range(5):                              # Life
        board = [[(n := sum(board[(y + dy) % 30][(x + dx) % 30] for dy in (-1, 0, 1) for dx in (-1, 0, 1)) - board[y][x]) == 3 or n == 2 and board[y][x]
                  for x in range(30)] for y in range(30)]
    paths = [[1] * 40 for _ in range(40)]
    for y in range(1, 40):
        for x in range(1, 40):
            paths[y][x] = (paths[y - 1][x] + paths[y][x - 1]) % 1000007
    return distance('intention' * 7, 'execution' * 7), common('AGGTABCDE' * 6, 'GXTXAYBDD' * 6), room[-1], len(tails), sum(map(sum, board)), paths[-1][-1]


PARTS = graphs, tables
