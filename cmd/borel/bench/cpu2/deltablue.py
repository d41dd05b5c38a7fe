# One-way constraints that are planned by strength: polymorphic methods, lists of objects, sets of marks.
REQUIRED, STRONG, WEAK, WEAKEST = range(4)


class Variable:
    def __init__(self, value):
        self.value, self.constraints, self.by, self.strength, self.stay = value, [], None, WEAKEST, True


class Constraint:
    def __init__(self, strength):
        self.strength, self.on = strength, False
        for v in self.variables():
            v.constraints.append(self)

    def add(self, plan):
        plan.incremental_add(self)


class Edit(Constraint):
    def __init__(self, v, strength):
        self.v = v
        super().__init__(strength)

    def variables(self):
        return (self.v,)

    def choose(self, mark):
        self.on = self.v not in mark and self.strength < self.v.strength
        return self.v if self.on else None

    def inputs(self):
        return ()

    def output(self):
        return self.v

    def execute(self):
        pass


class Equal(Constraint):
    def __init__(self, a, b, strength):
        self.a, self.b, self.forward = a, b, True
        super().__init__(strength)

    def variables(self):
        return self.a, self.b

    def choose(self, mark):
        if self.a in mark and self.b not in mark and self.strength < self.b.strength:
            self.on, self.forward = True, True
        elif self.b in mark and self.a not in mark and self.strength < self.a.strength:
            self.on, self.forward = True, False
        elif self.a.strength < self.b.strength:
            self.on, self.forward = self.strength < self.b.strength, True
        else:
            self.on, self.forward = self.strength < self.a.strength, False
        return self.output() if self.on else None

    def inputs(self):
        return (self.a,) if self.forward else (self.b,)

    def output(self):
        return self.b if self.forward else self.a

    def execute(self):
        self.output().value = self.inputs()[0].value


class Scale(Equal):
    def __init__(self, a, scale, offset, b, strength):
        self.scale, self.offset = scale, offset
        super().__init__(a, b, strength)

    def execute(self):
        if self.forward:
            self.b.value = self.a.value * self.scale.value + self.offset.value
        else:
            self.a.value = (self.b.value - self.offset.value) // self.scale.value


class Planner:
    def incremental_add(self, c):
        mark = set()
        while c is not None:
            out = c.choose(mark)
            if out is None:
                return
            mark.update(c.inputs())
            over, out.by = out.by, c
            if over is not None:
                over.on = False
            self.propagate(c)
            mark.add(out)
            c = over

    def propagate(self, c):
        todo = [c]
        while todo:
            c = todo.pop()
            out = c.output()
            out.strength = max([c.strength] + [v.strength for v in c.inputs()])
            c.execute()
            todo.extend(d for d in out.constraints if d.on and d is not c and d.output() is not out)

    def plan(self, v):
        order, todo, seen = [], [v], set()
        while todo:
            v = todo.pop()
            if v in seen:
                continue
            seen.add(v)
            for c in v.constraints:
                if c.on and c.output() is not v:
                    order.append(c)
                    todo.append(c.output())
        return order


def chain(n):
    p, vs = Planner(), [Variable(0) for _ in range(n + 1)]
    for a, b in zip(vs, vs[1:]):
        Equal(a, b, REQUIRED).add(p)
    Edit(vs[0], STRONG).add(p)
    order = p.plan(vs[0])
    for i in range(60):
        vs[0].value = i
        for c in order:
            c.execute()
    return vs[-1].value, len(order)


def projection(n):
    p, scale, offset, total = Planner(), Variable(10), Variable(1000), 0
    pairs = [(Variable(i), Variable(i)) for i in range(n)]
    for a, b in pairs:
        Scale(a, scale, offset, b, REQUIRED).add(p)
        Edit(a, STRONG).add(p)
    for i in range(6):
        scale.value += i
        for a, b in pairs:
            a.value += 1
            for c in p.plan(a):
                c.execute()
            total += b.value
    return total


print(chain(350), projection(900))
