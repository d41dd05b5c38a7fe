# Objects written to bytes and read again, by pickle's own Python and by struct.
import io, pickle, struct


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


data = {"points": [Point(i, i / 3) for i in range(250)], "map": {i: (str(i), [i] * 3) for i in range(250)}, "text": ["w%d" % i for i in range(250)]}
total = 0
for protocol in (2, 4):
    out = io.BytesIO()
    pickle._Pickler(out, protocol).dump(data)
    back = pickle._Unpickler(io.BytesIO(out.getvalue())).load()
    total += len(back["points"]) + back["points"][-1].x + len(back["map"])
for _ in range(60):
    back = pickle.loads(pickle.dumps(data))
    total += len(back["text"])
record = struct.Struct("<IhdB7s")
packed = b"".join(record.pack(i, i % 100 - 50, i / 7, i % 256, b"name%03d" % (i % 1000)) for i in range(20_000))
total += sum(a + b for a, b, *_ in record.iter_unpack(packed))
print(total, len(packed))
