# Flips of permutations: slices of small lists, index arithmetic.
def fannkuch(n):
    p, q, sign, checksum, most = list(range(n)), list(range(n)), 1, 0, 0
    s = list(range(n))
    while True:
        if p[0]:
            q[:] = p
            flips, first = 1, p[0]
            while q[first]:
                q[:first + 1] = q[first::-1]
                flips += 1
                first = q[0]
                if not first:
                    break
            else:
                flips += first != 0
            most = max(most, flips)
            checksum += sign * flips
        if sign == 1:
            p[0], p[1] = p[1], p[0]
            sign = -1
        else:
            p[1], p[2] = p[2], p[1]
            sign = 1
            for i in range(2, n):
                sx = s[i]
                if sx:
                    s[i] = sx - 1
                    break
                if i == n - 1:
                    return checksum, most
                s[i] = i
                p[:i + 2] = p[1:i + 2] + p[:1]


print(fannkuch(9))
