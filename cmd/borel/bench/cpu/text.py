# Strings, regular expressions and JSON.
import json, re

words = ("the quick brown fox jumps over the lazy dog " * 400).split()
total = 0
for i in range(50):
    text = " ".join(w.upper() if (j + i) % 3 else w for j, w in enumerate(words))
    counts = {}
    for w in re.findall(r"[a-z]+|[A-Z]+", text):
        counts[w] = counts.get(w, 0) + 1
    back = json.loads(json.dumps({"counts": counts, "words": words, "n": list(range(2000))}))
    total += len(re.sub(r"(\w)(\w+)", r"\2\1", text)) + len(back["words"]) + sum(back["counts"].values())
    total += len("".join(sorted(text))) + text.count("FOX") + len(text.replace("the", "a").split(" "))
print(total)
