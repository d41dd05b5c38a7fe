# Integers beyond a word: multiplication, division, powers modulo, conversion to and from decimal.
def pidigits(n):
    out, i, k, ns, a, t, d, k1, u, num, den = [], 0, 0, 0, 0, 0, 0, 1, 0, 1, 1
    while i < n:
        k += 1
        t, num, k1 = num << 1, num * k, k1 + 2
        a, den = (a + t) * k1, den * k1
        if a >= num:
            d, u = divmod(num * 3 + a, den)
            u += num
            if den > u:
                out.append(str(d))
                i += 1
                a, num = (a - den * d) * 10, num * 10
    return "".join(out)


def probable(n):
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for a in (2, 3, 5, 7):
        x = pow(a, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


f = 1
for i in range(1, 1500):
    f *= i
fib = (0, 1)
for _ in range(12000):
    fib = fib[1], fib[0] + fib[1]
print(pidigits(900)[-10:], str(f)[:10], len(str(fib[0])), next(n for n in range(2**400 + 1, 2**401, 2) if probable(n)) - 2**400, int("7" * 3000) % 1_000_007)
