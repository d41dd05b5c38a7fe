# Building, splitting, joining and formatting of strings.
def encode(text):
    out, run = [], 1
    for a, b in zip(text, text[1:] + "\0"):
        if a == b:
            run += 1
        else:
            out.append(f"{a}{run}" if run > 1 else a)
            run = 1
    return "".join(out)


def rotate(text, n):
    return "".join(chr((ord(c) - 97 + n) % 26 + 97) if c.islower() else c for c in text)


text, total, parts = "", 0, []
for i in range(36_000):
    text += "%x-%05d " % (i * 7919, i)
    if i % 3 == 0:
        text += "{:>8}|{:<6.2f}|{!r}".format(i, i / 7, "é" * (i % 3))
    if len(text) > 5000:
        parts.append(text)
        text = ""
text = "".join(parts)
words = text.split()
total += len(words) + len(encode("aaabbbccddddde" * 5000)) + len(rotate(text[:80_000], 13))
total += sum(w.startswith(("a", "b")) + w.count("0") + w.find("-") for w in words)
total += len(" ".join(reversed(words)).title().swapcase()) + len(text.translate({45: "_", 48: None}))
total += sum(1 for i in range(60_000) if str(i) == str(i)[::-1]) + len(text.encode().decode().replace("-0", "+"))
print(total)
