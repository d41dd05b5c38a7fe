# Matrices as lists of lists: products, elimination, transposition with zip.
def product(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, c)) for c in columns] for row in a]


def determinant(m):
    m, d = [row[:] for row in m], 1.0
    for i in range(len(m)):
        p = max(range(i, len(m)), key=lambda r: abs(m[r][i]))
        if p != i:
            m[i], m[p], d = m[p], m[i], -d
        d *= m[i][i]
        for r in range(i + 1, len(m)):
            f = m[r][i] / m[i][i]
            for c in range(i, len(m)):
                m[r][c] -= f * m[i][c]
    return d


n = 100
a = [[(i * j + i + j) % 11 + 1 for j in range(n)] for i in range(n)]
c = product(product(a, a), a)
life = {(i * i % 23, i * 7 % 19) for i in range(120)}
for _ in range(90):
    near = {}
    for x, y in life:
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                if dx or dy:
                    near[x + dx, y + dy] = near.get((x + dx, y + dy), 0) + 1
    life = {p for p, k in near.items() if k == 3 or k == 2 and p in life}
print(sum(map(sum, c)), "%.3e" % determinant([[1.0 * (i * 7 + j * 13) % 10 + (i == j) * 3 for j in range(110)] for i in range(110)]), len(life))
