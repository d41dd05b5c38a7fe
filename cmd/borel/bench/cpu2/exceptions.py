# Exceptions raised, caught, chained and finally cleaned up after; context managers.
import contextlib


class Refused(Exception):
    def __init__(self, code):
        super().__init__("refused %d" % code)
        self.code = code


@contextlib.contextmanager
def counted(into):
    try:
        yield into
    except KeyError:
        into["missing"] = into.get("missing", 0) + 1
    finally:
        into["left"] = into.get("left", 0) + 1


def deep(n, code):
    if n == 0:
        raise Refused(code)
    try:
        return deep(n - 1, code)
    finally:
        seen["unwound"] += 1


seen = {"unwound": 0, "chained": 0}
for i in range(16_000):
    try:
        deep(i % 8, i)
    except Refused as e:
        seen[e.code % 3] = seen.get(e.code % 3, 0) + len(str(e))
    try:
        try:
            [][i]
        except IndexError as e:
            raise ValueError(i) from e
    except ValueError as e:
        seen["chained"] += e.__cause__ is not None
    with counted(seen) as s:
        s[-i - 1]
for text in ["%d" % i if i % 3 else "x%d" % i for i in range(60_000)]:
    try:
        seen["unwound"] += int(text)
    except ValueError:
        seen["chained"] += 1
print(sorted(seen.items(), key=str))
