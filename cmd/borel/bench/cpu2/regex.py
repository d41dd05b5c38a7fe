# Patterns of logs and of markup: alternation, classes, groups, back references, substitution by a function.
import re

lines = ['%d.%d.0.%d - u%d [%02d/Jan/2026:%02d:00] "GET /a/b%d.html?q=%d HTTP/1.1" %d %d' % (i % 200, i % 7, i % 255, i % 40, i % 28 + 1, i % 24, i % 90, i, 200 + i % 5, i * 37 % 9000) for i in range(9000)]
log = re.compile(r'(\d+(?:\.\d+){3}) - (\w+) \[([^\]]+)\] "(GET|POST) ([^ ?"]*)(?:\?([^ "]*))? HTTP/\d\.\d" (\d{3}) (\d+)')
hosts, total = {}, 0
for line in lines:
    m = log.match(line)
    hosts[m[1]] = hosts.get(m[1], 0) + int(m[8])
    total += len(m[5]) + int(m[7])
text = "\n".join(lines)
total += len(re.findall(r"(?i)\b(?:get|post|put)\b", text)) + len(re.sub(r"\d+", lambda m: str(len(m[0])), text))
total += len(re.findall(r"(\w)\1", text)) + len(re.split(r"[\s\[\]]+", text)) + sum(m.end() for m in re.finditer(r"b\d*[13579]\.html", text)) % 1000
markup = "".join("<p class='c%d'>some <b>bold</b> &amp; <i>other</i> text</p>\n" % i for i in range(6000))
total += len(re.sub(r"<(/?)(\w+)[^>]*>", r"[\1\2]", markup)) + len(re.findall(r"<b>(.*?)</b>", markup))
print(total, len(hosts), max(hosts.values()))
