# Decimal numbers and fractions: money with rounding, a series, a square root.
from decimal import ROUND_HALF_UP, Decimal, getcontext
from fractions import Fraction

cent, balance = Decimal("0.01"), Decimal("1000.00")
for i in range(60_000):
    balance = (balance * (1 + Decimal(i % 9 - 4) / 1000)).quantize(cent, ROUND_HALF_UP)
getcontext().prec = 50
e, term = Decimal(1), Decimal(1)
for n in range(1, 200):
    term /= n
    e += term
root = Decimal(2)
for _ in range(4000):
    root = (root + 2 / root) / 2
harmonic = sum((Fraction(1, n) for n in range(1, 1000)), Fraction())
steps, x = 0, Fraction(355, 452)
for _ in range(12_000):
    x = abs(Fraction(x.numerator % 997 + 1, x.denominator % 991 + 1) - Fraction(1, 3))
    steps += x > 1
print(balance, str(e)[:40], str(root)[:40], harmonic.numerator % 1_000_007, steps)
