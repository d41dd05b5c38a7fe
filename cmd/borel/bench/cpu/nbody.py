# Planets under gravity: floats and attributes.
class Body:
    def __init__(self, x, y, z, vx, vy, vz, mass):
        self.x, self.y, self.z, self.vx, self.vy, self.vz, self.mass = x, y, z, vx, vy, vz, mass


bodies = [Body(0, 0, 0, 0, 0, 0, 39.5), Body(4.8, -1.2, -0.1, 0.6, 2.8, -0.02, 0.04), Body(8.3, 4.1, -0.4, -1.0, 1.8, 0.01, 0.01),
          Body(12.9, -15.1, -0.2, 1.1, 0.9, -0.01, 0.002), Body(15.4, -25.9, 0.2, 1.0, 0.6, -0.03, 0.002)]
pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1:]]


def advance(dt, steps):
    for _ in range(steps):
        for a, b in pairs:
            dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
            m = dt / ((dx * dx + dy * dy + dz * dz) ** 1.5)
            ma, mb = a.mass * m, b.mass * m
            a.vx -= dx * mb; a.vy -= dy * mb; a.vz -= dz * mb
            b.vx += dx * ma; b.vy += dy * ma; b.vz += dz * ma
        for b in bodies:
            b.x += dt * b.vx; b.y += dt * b.vy; b.z += dt * b.vz


advance(0.001, 80_000)
print("%.6f" % bodies[0].x)
