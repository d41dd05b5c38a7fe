"""Lists, dictionaries, sets, and the algorithms on them."""

import bisect
import collections
import json
import operator
import random


def lists():
    r = random.Random(5)
    values = [r.randrange(10000) for _ in range(1500)]

    def merge_sort(a):
        if len(a) <= 1:
            return a
        middle = len(a) // 2
        left, right, out = merge_sort(a[:middle]), merge_sort(a[middle:]), []
        i = j = 0
        while i < len(left) and j < len(right):
            if left[i] <= right[j]:
                out.append(left[i])
                i += 1
            else:
                out.append(right[j])
                j += 1
        return out + left[i:] + right[j:]

    def quick_sort(a, low, high):
        while low < high:
            pivot, i, j = a[(low + high) // 2], low, high
            while i <= j:
                while a[i] < pivot:
                    i += 1
                while a[j] > pivot:
                    j -= 1
                if i <= j:
                    a[i], a[j] = a[j], a[i]
                    i, j = i + 1, j - 1
            quick_sort(a, low, j)
            low = i

    a = values[:]
    quick_sort(a, 0, len(a) - 1)
    assert a == merge_sort(values) == sorted(values)
    for i in range(200):                            # insertion, in a list of 200
        j, v = i, values[i]
        while j > 0 and values[j - 1] > v:
            values[j] = values[j - 1]
            j -= 1
        values[j] = v
    found = 0
    for v in range(0, 10000, 7):
        low, high = 0, len(a)
        while low < high:
            middle = (low + high) // 2
            if a[middle] < v:
                low = middle + 1
            else:
                high = middle
        assert low == bisect.bisect_left(a, v)
        found += low < len(a) and a[low] == v
    best = running = a[0] - 5000
    for v in values[1:]:
        running = max(v - 5000, running + v - 5000)
        best = max(best, running)
    window = [sum(values[i:i + 5]) for i in range(len(values) - 4)]
    pairs = sorted(((v % 97, -v, str(v)) for v in values), key=operator.itemgetter(0, 2), reverse=True)
    queue = collections.deque(values[:300], maxlen=250)
    for v in values[300:800]:
        queue.append(v)
        if v % 3:
            queue.rotate(1)
    stack = []
    for v in values:                                # next greater
        while stack and stack[-1] < v:
            stack.pop()
        stack.append(v)
    values.extend(a[:10])
    values.insert(3, -1)
    values.remove(-1)
    del values[2:8]
    values.reverse()
    matrix = [[i * j % 11 for j in range(24)] for i in range(24)]
    turned = [list(row) for row in zip(*matrix[::-1])]
    product = [[sum(p * q for p, q in zip(row, column)) for column in zip(*turned)] for row in matrix]
    flat = [x for row in product for x in row if x % 2]
    return found, best, max(window), pairs[0], queue[7], len(stack), values.index(a[5]), len(flat), any(v > 9990 for v in values), all(values)


def dictionaries():
    table, index, total = {}, collections.defaultdict(list), 0
    for n in range(5000):
        key = (n * 31 % 61, n % 13)
        table[key] = table.get(key, 0) + n
        index[f'name{n % 211}'].append(n)
        if n % 5 == 0 and key in table:
            total += len(table)
        if n % 97 == 0:
            table.pop(key, None)
    for key, value in table.items():
        total += key[0] * value
    inverted = {v: k for k, v in table.items()}
    merged = {**{str(k): v for k, v in table.items()}, 'x': 1} | {'y': 2}
    longest = max(index, key=lambda k: len(index[k]))
    memo = {}

    def ways(coins, amount):
        if amount == 0:
            return 1
        if amount < 0 or not coins:
            return 0
        key = len(coins), amount
        if key not in memo:
            memo[key] = ways(coins, amount - coins[0]) + ways(coins[1:], amount)
        return memo[key]

    assert ways((50, 25, 10, 5, 1), 100) == 292
    evens, threes = {n for n in range(0, 3000, 2)}, set(range(0, 3000, 3))
    total += len(evens & threes) + len(evens | threes) + len(evens - threes) + len(evens ^ threes) + (evens >= {2, 4})
    seen = set()
    for n in range(4000):
        square = n * n % 1009
        if square not in seen:
            seen.add(square)
    recent = collections.OrderedDict()
    for n in range(2500):
        key = n * n % 83
        if key in recent:
            recent.move_to_end(key)
        recent[key] = n
        if len(recent) > 20:
            recent.popitem(last=False)
    trie = {}
    for w in ('tea', 'ten', 'team', 'inn', 'into', 'to', 'teapot') * 40:
        node = trie
        for ch in w:
            node = node.setdefault(ch, {})
        node['$'] = True
    return total, len(inverted), len(merged), longest, len(memo), len(seen), len(recent), len(json.dumps(trie)), sorted(index)[:3]


PARTS = lists, dictionaries
