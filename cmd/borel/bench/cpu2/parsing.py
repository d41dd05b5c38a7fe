# An interpreter of arithmetic: a tokeniser, recursive descent, a small machine that runs the code.
def tokens(text):
    i = 0
    while i < len(text):
        c = text[i]
        if c.isdigit():
            j = i
            while j < len(text) and text[j].isdigit():
                j += 1
            yield "number", int(text[i:j])
            i = j
        elif c.isalpha():
            yield "name", c
            i += 1
        else:
            if c != " ":
                yield "op", c
            i += 1
    yield "end", None


class Parser:
    power = {"+": 1, "-": 1, "*": 2, "%": 2}

    def __init__(self, text):
        self.source, self.code = tokens(text), []
        self.next()

    def next(self):
        self.kind, self.value = next(self.source)

    def atom(self):
        kind, value = self.kind, self.value
        self.next()
        if kind == "op" and value == "(":
            self.expression(0)
            self.next()
        else:
            self.code.append(("push" if kind == "number" else "load", value))

    def expression(self, least):
        self.atom()
        while self.kind == "op" and self.power.get(self.value, -1) > least:
            op = self.value
            self.next()
            self.expression(self.power[op])
            self.code.append((op, None))


def run(code, names):
    stack = []
    for op, arg in code:
        if op == "push":
            stack.append(arg)
        elif op == "load":
            stack.append(names[arg])
        else:
            b, a = stack.pop(), stack.pop()
            match op:
                case "+":
                    stack.append(a + b)
                case "-":
                    stack.append(a - b)
                case "*":
                    stack.append(a * b % 1_000_003)
                case "%":
                    stack.append(a % (b or 1))
    return stack.pop()


total = 0
for i in range(2_500):
    p = Parser("(x + %d) * (y - 3 * (x %% 17 + %d)) - (z + x * y) %% %d + (((x)))" % (i, i * 7, i + 1))
    p.expression(0)
    for j in range(16):
        total += run(p.code, {"x": j, "y": i, "z": i * j})
print(total % 1_000_007)
