"""Scripts: work at the top level of a program, whose variables are names in a dictionary, as beginners and models write it."""

SCRIPTS = '''
# Whole numbers: division and remainders, most of all.
total = 0
for n in range(1, 700):
    m, digits, turned = n * 12345 + 678, 0, 0
    while m > 0:
        digits += m % 10
        turned = turned * 10 + m % 10
        m = m // 10
    total += digits + turned % 7
primes = []
for n in range(2, 1200):
    k, prime = 2, True
    while k * k <= n:
        if n % k == 0:
            prime = False
            break
        k += 1
    if prime:
        primes.append(n)
assert len(primes) == 196
for n in range(1, 500):
    a, b = n * 360, 1001
    while b != 0:
        a, b = b, a % b
    total = total + a
    m, bits = n, ''
    while m:
        bits = str(m % 2) + bits
        m //= 2
    assert int(bits, 2) == n
    hours, rest = n * 97 // 3600, n * 97 % 3600
    minutes, seconds = rest // 60, rest % 60
    if seconds > 29 and minutes != 12 or hours == 1:
        total -= 1
    low, high = 0, n
    while low < high:
        middle = (low + high + 1) // 2
        if middle * middle <= n:
            low = middle
        else:
            high = middle - 1
    total += low
year, leap = 1600, 0
while year < 2400:
    if year % 4 == 0 and year % 100 != 0 or year % 400 == 0:
        leap += 1
    year += 1
assert leap == 194
row = [1]
for i in range(45):
    row = [1] + [(row[j] + row[j + 1]) % 10007 for j in range(len(row) - 1)] + [1]
x, y = 0, 1
for i in range(1500):
    x, y = y, (x + y) % 1000000007
seed, heads = 42, 0
for i in range(2500):
    seed = (seed * 16807 + 7) % 2147483647
    if seed // 65536 % 2 == 1:
        heads += 1
best = 0
for a in range(1, 60):
    for b in range(a, 60):
        c = a * a + b * b
        if c > best and c % 5 == 0 and c // 5 > b:
            best = c
print(total, leap, row[20], x, heads, best)
---
# Counting and reporting: keys that are put together, tables that grow, text that is built.
counts, names, lines = {}, {}, []
for i in range(900):
    key = 'user%d' % (i * 7 % 61)
    counts[key] = counts.get(key, 0) + 1
    name = f'item-{i % 83}'
    if name in names:
        names[name] += i
    else:
        names[name] = i
    lines.append(key + ':' + str(i) + ',' + name)
for line in lines:
    left, right = line.split(',')
    user, number = left.split(':')
    counts[user] += int(number) % 3
    if right.endswith('7') or right.startswith('item-1'):
        counts[right] = counts.get(right, 0) + len(user)
report = []
for key in sorted(counts):
    report.append('%-10s %5d' % (key, counts[key]))
for key, value in sorted(names.items(), key=lambda pair: pair[1], reverse=True):
    report.append(f'{key:>10} {value:6d} {value / 3:.2f}')
text = '\\n'.join(report)
tail, history = '', ''
for i in range(900):
    tail = tail[-30:] + str(i * 37)
    history += str(i % 10)
    if i % 100 == 0:
        history = history[:50] + '|'
letters = {}
for ch in text[:1500]:
    if ch not in letters:
        letters[ch] = 0
    letters[ch] += 1
groups = {}
for i in range(600):
    groups.setdefault(str(i)[-1], []).append(str(i)[:2])
joined = ' '.join(sorted([k + '=' + str(len(v)) for k, v in groups.items()]))
lookup = {}
for i in range(700):
    lookup['%s/%03d' % ('abc'[i % 3], i % 150)] = 'v' + str(i)
found = 0
for i in range(700):
    if lookup.get('b/' + str(i % 200).zfill(3)) is not None:
        found += 1
longest = max(lookup.values(), key=len)
print(len(text), len(tail), len(history), len(letters), joined[:20], found, longest, max(counts.values()), sum(names.values()))
---
# Bytes: reading, marking and summing them.
data = bytearray()
state = 7
for i in range(1500):
    state = (state * 75 + 74) % 65537
    data.append(state % 256)
a, b = 1, 0
for byte in data:
    a = (a + byte) % 65521
    b = (b + a) % 65521
parity = 0
for byte in bytes(data):
    parity ^= byte
lockers = bytearray(2000)
for step in range(1, 120):
    lockers[::step] = bytes([1 - v for v in lockers[::step]]) if step < 6 else bytearray(len(lockers[::step]))
    lockers[step::step] = bytes(len(range(step, 2000, step)))
    lockers[step] = 1
opened = sum(lockers)
sums = 0
for i in range(40):
    sums += sum(data) + sum(data[i:]) + sum(bytes(data[:500])) + sum(data[::i + 1]) + max(data) - min(data)
mixed = bytearray(len(data))
mixed[0::2], mixed[1::2] = data[:len(data) // 2], data[len(data) // 2:]
runs, i = [], 0
while i < 600:
    j = i
    while j < 600 and data[j] // 64 == data[i] // 64:
        j += 1
    runs.append((j - i, data[i] // 64))
    i = j
packed = b''.join([bytes([n, v]) for n, v in runs])
words = b'to be or not to be that is the question'.split()
view = memoryview(data)
key = b'secret'
crypted = bytes([byte ^ key[i % len(key)] for i, byte in enumerate(data[:600])])
number = int.from_bytes(data[:20], 'big')
print(a, b, parity, opened, sums, len(runs), len(packed), data.count(7), data.find(b'\\x00'), crypted.hex()[:8],
      number.to_bytes(24, 'little')[3], b' '.join(reversed(words)).upper(), view[10:20].tobytes() == data[10:20], bytes(reversed(data))[0])
---
# Queues by priority, and lists of pairs.
import heapq
from heapq import heappush, heappop
events, clock, served, waiting = [], 0, 0, []
for i in range(150):
    heapq.heappush(events, (i * 7919 % 1000, i))
while events:
    clock, who = heapq.heappop(events)
    if clock > 4000:
        continue
    served += 1
    wait = (who * 31 + clock) % 97 + 5
    if who % 3:
        heapq.heappush(events, (clock + wait * 10, who + 1))
size = 22
cost = [[(x * 7 + y * 13) % 9 + 1 for x in range(size)] for y in range(size)]
far = {}
queue = [(0, 0, 0)]
while queue:
    c, x, y = heappop(queue)
    if (x, y) in far:
        continue
    far[x, y] = c
    for dx, dy in [(1, 0), (-1, 0), (0, 1), (0, -1)]:
        u, v = x + dx, y + dy
        if 0 <= u < size and 0 <= v < size and (u, v) not in far:
            heappush(queue, (c + cost[v][u], u, v))
pairs = []
for i in range(800):
    pairs.append((i * 37 % 101, i))
pairs.sort()
largest = (0, 0)
for pair in pairs:
    if pair > largest:
        largest = pair
links = [[] for _ in range(300)]
seed = 1
for i in range(300):
    for j in range(3):
        seed = (seed * 1664525 + 1013904223) % 4294967296
        links[i].append((seed % 300, seed % 11 + 1))
reached, order = [False] * 300, [0]
reached[0] = True
for node in order:
    for other, weight in links[node]:
        if not reached[other] and weight < 11:
            reached[other] = True
            order.append(other)
spent = [-1] * 300
for node in order:
    for other, weight in links[node]:
        if spent[other] < 0 or spent[node] + weight < spent[other]:
            spent[other] = spent[node] + weight
heapq.heapify(waiting)
print(served, clock, far[size - 1, size - 1], largest, len(order), sum(spent), heapq.nsmallest(3, pairs), heapq.nlargest(2, spent))
---
# Tables of numbers.
amount = 700
ways = [0] * (amount + 1)
ways[0] = 1
for coin in [1, 2, 5, 10, 20, 50]:
    for i in range(coin, amount + 1):
        ways[i] = (ways[i] + ways[i - coin]) % 1000003
fewest = [0] + [10 ** 6] * amount
for i in range(1, amount + 1):
    for coin in (1, 7, 24):
        if coin <= i and fewest[i - coin] + 1 < fewest[i]:
            fewest[i] = fewest[i - coin] + 1
can = [False] * 801
can[0] = True
for n in (3, 34, 14, 55, 42, 89):
    for i in range(800, n - 1, -1):
        if can[i - n]:
            can[i] = True
prices = [(i * 7919) % 211 for i in range(700)]
lowest, gain = prices[0], 0
for p in prices:
    if p < lowest:
        lowest = p
    if p - lowest > gain:
        gain = p - lowest
prefix = [0]
for p in prices:
    prefix.append(prefix[-1] + p)
for i in range(len(prices) - 1, 0, -1):
    if prices[i - 1] < prices[i]:
        prices[i - 1], prices[i] = prices[i], prices[i - 1]
height = [i * 29 % 37 for i in range(400)]
left, right, water = 0, len(height) - 1, 0
low, high = 0, 0
while left < right:
    if height[left] < height[right]:
        low = max(low, height[left])
        water += low - height[left]
        left += 1
    else:
        high = max(high, height[right])
        water += high - height[right]
        right -= 1
table = [[0] * 41 for _ in range(41)]
s, t = 'abcbdabefg' * 4, 'bdcabadgfe' * 4
for i in range(1, 41):
    for j in range(1, 41):
        if s[i - 1] == t[j - 1]:
            table[i][j] = table[i - 1][j - 1] + 1
        else:
            table[i][j] = max(table[i - 1][j], table[i][j - 1])
print(ways[amount], fewest[amount], sum(can), gain, prefix[-1], water, table[40][40], sum(prices), max(fewest))
---
# Objects that make objects, used from the top level.
class Money:
    def __init__(self, euros, cents):
        self.euros = euros
        self.cents = cents

    def plus(self, other):
        cents = self.cents + other.cents
        return Money(self.euros + other.euros + cents // 100, cents % 100)

    def less_than(self, other):
        return (self.euros, self.cents) < (other.euros, other.cents)

class Counter:
    step = 1

    def __init__(self):
        self.value = 0

    def tick(self):
        self.value += self.step
        return self.value

class Stack:
    def __init__(self):
        self.items = []

    def push(self, item):
        self.items.append(item)

    def pop(self):
        return self.items.pop()

    def empty(self):
        return len(self.items) == 0

purse, richest, counter, stack = Money(0, 0), Money(0, 0), Counter(), Stack()
for i in range(900):
    coin = Money(i % 3, i * 17 % 100)
    purse = purse.plus(coin)
    if richest.less_than(coin):
        richest = coin
    counter.tick()
    stack.push(coin)
drawn = 0
while not stack.empty():
    drawn += stack.pop().cents
def square(n):
    return n * n
def add(a, b=1):
    return a + b
result = 0
for i in range(900):
    result = add(result, square(i)) % 1000003
    result = add(result)
print(purse.euros, purse.cents, richest.euros, counter.value, drawn, result)
---
# Text, letter by letter and word by word.
text = 'it was the best of times it was the worst of times it was the age of wisdom ' * 6
vowels, caesar, seen = 0, '', ''
for ch in text:
    if ch in 'aeiou':
        vowels += 1
    if ch != ' ':
        caesar += chr((ord(ch) - ord('a') + 3) % 26 + ord('a'))
    else:
        caesar += ch
    if ch not in seen:
        seen = seen + ch
palindromes = 0
for i in range(900):
    s = str(i)
    if s == s[::-1]:
        palindromes += 1
words = text.split(' ')
lengths = {}
for word in words:
    lengths[len(word)] = lengths.get(len(word), 0) + 1
    if word == 'was' or word > 'time':
        vowels += 1
turned = ' '.join([w[::-1].capitalize() for w in words])
pieces = []
for i in range(350):
    pieces.append('%s has %d of %d (%.1f%%), code %04x%c' % (words[i % 17], i, 350, i / 3.5, i * 77, 'xyz'[i % 3]))
    pieces.append('{}-{}'.format(i, words[i % 11]) + '*' * (i % 4))
    pieces.append(hex(i)[2:] + bin(i)[-3:] + format(i, '05d') + repr(i % 7))
squeezed, count = '', 1
for i in range(1, 400):
    if caesar[i] == caesar[i - 1]:
        count += 1
    else:
        squeezed += caesar[i - 1] + (str(count) if count > 1 else '')
        count = 1
unique = sorted(set(words))
print(vowels, len(seen), palindromes, lengths, len(turned), len(''.join(pieces)), len(squeezed), unique[:3], text.count('the'), text.replace('age', 'epoch').find('epoch'))
---
# Sums and series.
values = [i * i % 97 for i in range(900)]
mean = sum(values) / len(values)
variance = sum((v - mean) ** 2 for v in values) / len(values)
total = 0
for i in range(25):
    total += sum(values) + sum(range(i * 40)) + sum([v for v in values if v % 2]) + len(values[::i + 1]) + sum(values[i:i + 200])
    total += max(values) + min(values[i:]) + sum(map(abs, values)) + sum(set(values)) + sum(tuple(values[:50])) + sum(dict.fromkeys(values, 2).values())
ordered = sorted(values)
middle = (ordered[len(values) // 2] + ordered[(len(values) - 1) // 2]) / 2
area, step = 0.0, 1 / 900
for i in range(900):
    x = (i + 0.5) * step
    area += 4.0 / (1.0 + x * x) * step
root = 2.0
for i in range(200):
    root = root - (root * root - 7.0) / (2.0 * root)
    if root == 0:
        break
inside, seed = 0, 99
for i in range(900):
    seed = (seed * 1103515245 + 12345) & 2147483647
    px = seed / 2147483648
    seed = (seed * 1103515245 + 12345) & 2147483647
    if px * px + (seed / 2147483648) ** 2 <= 1.0:
        inside += 1
a = [[i + j for j in range(12)] for i in range(12)]
b = [[i - j for j in range(12)] for i in range(12)]
c = [[0] * 12 for _ in range(12)]
for i in range(12):
    for j in range(12):
        for k in range(12):
            c[i][j] += a[i][k] * b[k][j]
balance, years = 1000.0, 0
while balance < 1e9:
    balance *= 1.01
    years += 1
both = []
for i, (p, q) in enumerate(zip(values, ordered)):
    if p < q or i % 50 == 0:
        both.append(p - q)
evens = {v for v in values if v % 2 == 0}
squares = {v: v * v for v in evens}
print(mean, variance, total, middle, area, root, inside, c[3][4], years, len(both), len(squares), any(v > 95 for v in values), all(v >= 0 for v in values))
'''.split('---\n')


def scripts():
    for _ in range(2):
        for s in SCRIPTS:
            exec(compile(s, 'main.py', 'exec'), {'__name__': '__main__'})


PARTS = scripts,
