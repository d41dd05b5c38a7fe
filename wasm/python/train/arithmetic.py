"""Numbers: machine-sized and large integers, floats, fractions, decimals."""

import decimal
import fractions
import math
import statistics


def integers():
    longest = (0, 0)
    for start in range(1, 1500):
        n, steps = start, 0
        while n != 1:
            n = 3 * n + 1 if n & 1 else n >> 1
            steps += 1
        if steps > longest[1]:
            longest = start, steps
    assert longest[1] > 170
    state, seen = 12345, 0
    for _ in range(9000):
        state = (state * 1103515245 + 12345) & 0x7fffffff
        seen ^= state >> 7
        if state % 3 == 0:
            seen += state // 5 - (state ^ 0x55) % 11
    digits = 0
    for n in range(3000):
        while n > 0:
            n, d = divmod(n, 10)
            digits += d * d
    perfect = [n for n in range(2, 300) if sum(d for d in range(1, n // 2 + 1) if n % d == 0) == n]
    assert perfect == [6, 28]
    roman = 0
    for n in range(1, 1500):
        text = ''
        for value, letters in ((1000, 'M'), (900, 'CM'), (500, 'D'), (400, 'CD'), (100, 'C'), (90, 'XC'), (50, 'L'), (40, 'XL'),
                               (10, 'X'), (9, 'IX'), (5, 'V'), (4, 'IV'), (1, 'I')):
            while n >= value:
                text += letters
                n -= value
        roman += len(text)
    return seen, digits, roman


def big_integers():
    product = 1
    for n in range(2, 400):
        product *= n
    text = str(product)
    assert int(text) == product and len(text) == 867
    a, b = 3 ** 600 + 7, 5 ** 300 + 11
    while b:
        a, b = b, a % b
    total = 0
    for n in range(1, 600):
        total += pow(n, 10 ** 9 + 5, 10 ** 9 + 7) * n % (10 ** 9 + 7)
        total ^= (1 << n % 90) | n * n * n * n * n
        total += math.gcd(n * 360, 5040) + math.comb(60, n % 60) + math.isqrt(n << 70)
        total -= int(str(2 ** (n % 130))[:5]) + (-n * 10 ** 15) // 7 + ~n % 13
    return a, total.bit_length(), hex(total)


def floats():
    size = 28
    a = [[1.0 / (i + j + 1) for j in range(size)] for i in range(size)]
    for i in range(size):
        a[i][i] += 2.0
    b = [float(i) for i in range(size)]
    for k in range(size):                           # Gauss
        pivot = max(range(k, size), key=lambda r: abs(a[r][k]))
        a[k], a[pivot], b[k], b[pivot] = a[pivot], a[k], b[pivot], b[k]
        for i in range(k + 1, size):
            f = a[i][k] / a[k][k]
            b[i] -= f * b[k]
            for j in range(k, size):
                a[i][j] -= f * a[k][j]
    x = [0.0] * size
    for i in reversed(range(size)):
        x[i] = (b[i] - sum(a[i][j] * x[j] for j in range(i + 1, size))) / a[i][i]
    inside = 0
    for py in range(40):
        for px in range(40):
            c = complex(px / 14 - 2.2, py / 16 - 1.2)
            z = 0j
            for _ in range(25):
                z = z * z + c
                if abs(z) > 2:
                    break
            else:
                inside += 1
    total = 0.0
    for i in range(1, 6000):
        total += math.sin(i) / i + math.sqrt(i) * 1e-3 - abs(math.cos(i)) ** 0.5 + math.log(i) + i % 0.7
        if total > 1000.0 or total < -1000.0:
            total = -total / 2
        total += round(i / 3, 2) - int(i / 3) + math.floor(i * 0.37) - min(i, 2.5) + max(total, 1e-9) * 0
    low, high = 0.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if middle ** 3 - 5 * middle < 40 else (low, middle)
    return sum(x), inside, total, low, math.hypot(*x), math.fsum(x), math.isclose(low, high)


def exact_numbers():
    q = sum((fractions.Fraction(1, n) for n in range(1, 80)), fractions.Fraction(0))
    d = decimal.Decimal(1)
    for n in range(1, 250):
        d = (d * 3 + decimal.Decimal(n) / 7).quantize(decimal.Decimal('1.000')) % 1000
    with decimal.localcontext(prec=40):
        root = decimal.Decimal(2).sqrt()
    values = [(n * 37 % 101) / 4 for n in range(400)]
    return q.limit_denominator(10 ** 6), d, root, statistics.mean(values), statistics.median(values), statistics.pstdev(values)


PARTS = integers, big_integers, floats, exact_numbers
