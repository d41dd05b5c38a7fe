# Reads a program from standard input and prints its mutants as JSON lines {"line", "change", "program"}: the program with
# one small fault each. argv[1] is how many at most; they are taken evenly from all there are.
import ast, itertools, json, sys

SWAPS = {
    ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt, ast.Gt], ast.Gt: [ast.GtE, ast.Lt], ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq], ast.In: [ast.NotIn], ast.NotIn: [ast.In], ast.Is: [ast.IsNot], ast.IsNot: [ast.Is],
    ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Add], ast.Div: [ast.FloorDiv], ast.FloorDiv: [ast.Div], ast.Mod: [ast.FloorDiv],
    ast.Pow: [ast.Mult], ast.BitAnd: [ast.BitOr], ast.BitOr: [ast.BitAnd], ast.BitXor: [ast.BitOr], ast.LShift: [ast.RShift], ast.RShift: [ast.LShift],
    ast.And: [ast.Or], ast.Or: [ast.And],
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "True": "False", "lower": "upper", "upper": "lower", "sorted": "list", "append": "extend"}


def docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def changes(node):
    """Yields (what, f): f changes a copy of node in place, or returns what stands in its place."""
    name = lambda op: type(op).__name__
    if isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            for to in SWAPS.get(type(op), []):
                yield f"{name(op)} → {to.__name__}", lambda n, i=i, to=to: n.ops.__setitem__(i, to())
    elif isinstance(node, (ast.BinOp, ast.AugAssign, ast.BoolOp)):
        for to in SWAPS.get(type(node.op), []):
            yield f"{name(node.op)} → {to.__name__}", lambda n, to=to: setattr(n, "op", to())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield f"{name(node.op)} left out", lambda n: n.operand
    elif isinstance(node, ast.Constant):
        v = node.value
        if isinstance(v, bool):
            yield f"{v} → {not v}", lambda n: setattr(n, "value", not n.value)
        elif isinstance(v, (int, float)):
            yield f"{v} → {v + 1}", lambda n: setattr(n, "value", n.value + 1)
            if v:
                yield f"{v} → {v - 1}", lambda n: setattr(n, "value", n.value - 1)
        elif isinstance(v, str):
            yield f"a text → {'X' if not v else 'empty'}", lambda n: setattr(n, "value", "" if n.value else "X")
    elif isinstance(node, (ast.If, ast.While, ast.IfExp)):
        yield "condition negated", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
        if not isinstance(node, ast.While):
            yield "condition always true", lambda n: setattr(n, "test", ast.Constant(True))
    elif isinstance(node, ast.Return) and node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield "returns None", lambda n: setattr(n, "value", ast.Constant(None))
    elif isinstance(node, ast.Break):
        yield "break → continue", lambda n: ast.Continue()
    elif isinstance(node, ast.Continue):
        yield "continue → break", lambda n: ast.Break()
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        for bound in "lower", "upper", "step":
            if getattr(node.slice, bound) is not None:
                yield f"slice without its {bound}", lambda n, bound=bound: setattr(n.slice, bound, None)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in NAMES:
        yield f"{node.id} → {NAMES[node.id]}", lambda n: setattr(n, "id", NAMES[n.id])
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield f"{node.attr} → {NAMES[node.attr]}", lambda n: setattr(n, "attr", NAMES[n.attr])
    elif isinstance(node, ast.Call):
        if len(node.args) >= 2 and not any(isinstance(a, ast.Starred) for a in node.args):
            yield "first two arguments swapped", lambda n: n.args.__setitem__(slice(0, 2), n.args[1::-1])
        for k in node.keywords:
            if k.arg in ("key", "reverse"):
                yield f"without {k.arg}", lambda n, arg=k.arg: setattr(n, "keywords", [k for k in n.keywords if k.arg != arg])


def places(node):
    """Yields (parent, field, index, node) of everything that may be changed: no docstrings, annotations, decorators, imports."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_params", "type_comment", "ctx"):
            continue
        for i, child in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(child, ast.AST) or isinstance(child, (ast.Import, ast.ImportFrom, ast.JoinedStr)) or docstring(child):
                continue
            yield node, field, i if isinstance(value, list) else None, child
            yield from places(child)


def mutants(source, most):
    tree = ast.parse(source)
    sites = []    # (place, edit), with what it does; edit is None where a statement is left out
    for at, (_, _, _, node) in enumerate(places(tree)):
        edits = [(at, e, what, getattr(node, "lineno", 0)) for e, (what, _) in enumerate(changes(node))]
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr, ast.Delete)):
            edits.append((at, None, "statement left out", node.lineno))
        sites += edits
    if len(sites) > most:
        sites = [sites[i * len(sites) // most] for i in range(most)]
    seen = {ast.unparse(tree)}
    for at, e, what, line in sites:
        tree = ast.parse(source)
        parent, field, i, node = next(itertools.islice(places(tree), at, None))
        to = ast.Pass() if e is None else list(changes(node))[e][1](node)
        if to is not None:
            if i is None:
                setattr(parent, field, to)
            else:
                getattr(parent, field)[i] = to
        text = ast.unparse(ast.fix_missing_locations(tree))
        if text not in seen:
            seen.add(text)
            yield {"line": line, "change": what, "program": text}


for m in mutants(sys.stdin.read(), int(sys.argv[1])):
    print(json.dumps(m))
