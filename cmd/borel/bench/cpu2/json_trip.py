# JSON there and back: nested dicts, escapes, floats, indentation.
import json

rows = [{"id": i, "name": "item %d \u00e9\n" % i, "price": i * 1.25, "tags": ["t%d" % (i % k) for k in (3, 5, 7)], "of": {"deep": [None, True, {"n": i}]}} for i in range(1800)]
total = 0
for r in range(8):
    text = json.dumps(rows, indent=r % 2 or None, ensure_ascii=r % 3 == 0, sort_keys=True)
    back = json.loads(text)
    total += len(text) + sum(len(b["tags"]) for b in back) + int(sum(b["price"] for b in back))
print(total, back == rows)
