"""Text: characters, words, regular expressions."""

import collections
import re
import string
import textwrap


def characters():
    text = 'Pack my box with five dozen liquor jugs; how vexingly quick daft zebras jump! ' * 12
    shifted = []
    for ch in text:
        if ch.isupper():
            shifted.append(chr((ord(ch) - 65 + 13) % 26 + 65))
        elif ch.islower():
            shifted.append(chr((ord(ch) - 97 + 13) % 26 + 97))
        else:
            shifted.append(ch)
    cipher = ''.join(shifted)
    vowels, runs, last = 0, [], ''
    for i, ch in enumerate(cipher):
        if ch.lower() in 'aeiou':
            vowels += 1
        if ch == last:
            runs[-1] = (ch, runs[-1][1] + 1)
        else:
            runs.append((ch, 1))
        last = ch
    packed = ''.join(c if n == 1 else f'{n}{c}' for c, n in runs)
    palindromes = 0
    for i in range(300):
        for j in range(i + 2, min(i + 9, 300)):
            piece = text[i:j]
            if piece == piece[::-1]:
                palindromes += 1
    depth, deepest = 0, 0
    for ch in '(()(()((()))))[]{}' * 150:
        if ch in '([{':
            depth += 1
            deepest = max(deepest, depth)
        elif ch in ')]}':
            depth -= 1
    s = ''
    for n in range(2500):
        s += string.ascii_letters[n * 7 % 52]
    return vowels, len(packed), palindromes, deepest, s.count('a'), s[10:90:3], s.swapcase()[:20]


def words():
    text = textwrap.dedent('''
        A traveller came to a river, where a ferryman asked three riddles. "What runs," he said, "but never walks?"
        The traveller, whose name nobody remembers, sat down (for it was late) and thought; then laughed & answered:
        "You're standing in it!" Café, naïve, Ωμέγα, 東京, and 12 more words follow: 3.14, -7, 1e9, foo_bar, x=y*2.
        ''') * 6
    r = 0
    counts = collections.Counter(w.strip('.,;:!?"()').lower() for w in text.split())
    r += sum(n for _, n in counts.most_common(7))
    groups = {}
    for w in counts:
        groups.setdefault(''.join(sorted(w)), []).append(w)
    for w in sorted(counts, key=lambda w: (-counts[w], w)):
        r += w.startswith(('a', 't')) + w.endswith('s') + w.isalpha() + w.isdigit() + len(w.capitalize().center(12, '*').ljust(14).zfill(16))
        r += w.find('e') + w.rfind('e') + w.replace('e', 'EE').count('E') + len(w.partition('r')[0]) + (w in text) + len(w.title())
        r += len('%-10s|%5d|%6.2f' % (w, r, r / 7)) + len('{:>8}{!r:^12}{:,}'.format(w, w, r)) + len(f'{w:<10}{r:08.3f}{r:x}{r!s:>9}')
    for line in text.splitlines():
        fields = [f.strip() for f in line.split(',')]
        r += len(' - '.join(reversed(fields))) + len(line.encode('utf-8')) + len(line.expandtabs()) + len(line.encode('utf-8').decode())
    r += len(text.translate(str.maketrans('abc', 'xyz', '.,'))) + len(textwrap.fill(text[:900], 50)) + sum(map(ord, text[:500]))
    b = bytearray(text[:600].encode())
    for i in range(0, len(b), 3):
        b[i] ^= 0x20
    return r, len(groups), bytes(b).hex()[:30], '-'.join(map(str, range(500)))[-5:], repr(text[:80]), text.casefold() < text.upper()


def patterns():
    log = '\n'.join(f'2024-0{n % 9 + 1}-{n % 28 + 1:02} {n % 24:02}:17 [{"INFO" if n % 3 else "ERROR"}] user{n}@mail{n % 5}.example.org took {n * 37 % 900}ms id=0x{n * 99:x}'
                    for n in range(120))
    r = 0
    for m in re.finditer(r'^(\d{4})-(\d\d)-(\d\d) (\d+):(\d+) \[(?P<level>\w+)\] (.*)$', log, re.M):
        r += int(m[2]) + len(m['level']) + len(m.groups()[-1]) + m.start()
    for pattern in (r'[\w.]+@[\w.]+\.\w{2,3}', r'\b\d+(?=ms)', r'0x[0-9a-f]+', r'(?i)error|warn', r'(\w)\1', r'took\s+(\d+)', r'[^a-z\s]{3,}', r'user(?:1|2)\d*', r'.*?id', r'(?<!\d)\d{2}(?!\d)'):
        r += len(re.findall(pattern, log))
    token = re.compile(r'\s*(?:(\d+\.?\d*)|([A-Za-z_]\w*)|(\*\*|<=|>=|==|.))')
    kinds = collections.Counter()
    for number, name, other in token.findall('alpha = 3.5 * (beta ** 2 - gamma_1) / delta <= 42; ' * 30):
        kinds['number' if number else 'name' if name else other] += 1
    r += len(re.sub(r'(\d+)', lambda m: str(int(m[1]) * 2), log)) + len(re.split(r'[\s,;@]+', log)) + bool(re.fullmatch(r'(a|b)*c?', 'ab' * 50 + 'c'))
    for n in range(40):
        r += len(re.compile(rf'({"|".join(string.ascii_lowercase[n % 7:n % 7 + 4])}){{1,{n % 5 + 2}}}[x-z]?$').pattern)
        re.purge()
    return r, kinds['name']


PARTS = characters, words, patterns
