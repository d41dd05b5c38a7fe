"""Documents and formats: JSON, CSV, XML, pickles, parsers by hand, a machine with a stack."""

import base64
import copy
import csv
import hashlib
import io
import json
import operator
import pickle
import struct
import zlib
from xml.etree import ElementTree


def documents():
    data = {'orders': [{'id': n, 'who': f'customer "{n % 17}"\n', 'items': [n * 3, n / 8, None, n % 2 == 0], 'café': {'λ': 'ü' * (n % 4)}} for n in range(90)], 'total': 1e100, 'big': 2 ** 70}
    text = json.dumps(data)
    assert json.loads(text) == data
    pretty = json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False)
    assert json.loads(pretty) == data
    f = io.StringIO()
    writer = csv.DictWriter(f, ['id', 'who', 'sum'])
    writer.writeheader()
    for o in data['orders']:
        writer.writerow({'id': o['id'], 'who': o['who'], 'sum': o['items'][0]})
    f.seek(0)
    rows = list(csv.DictReader(f))
    root = ElementTree.Element('list')
    for o in data['orders'][:40]:
        ElementTree.SubElement(root, 'order', id=str(o['id'])).text = o['who']
    again = ElementTree.fromstring(ElementTree.tostring(root))
    binary = pickle.dumps(data)
    assert pickle.loads(binary) == data and copy.deepcopy(data) == data
    packed = zlib.compress(text.encode())
    assert zlib.decompress(packed).decode() == text
    sums = [hashlib.new(name, binary).hexdigest() for name in ('md5', 'sha1', 'sha256')]
    records = b''.join(struct.pack('<IHd', o['id'], o['id'] % 7, o['items'][1]) for o in data['orders'])
    return len(rows), len(again), sums, sum(r[0] for r in struct.iter_unpack('<IHd', records)), base64.b64encode(records)[:9], len(pretty), zlib.crc32(binary)


def parsers():
    def tokens(text):
        i = 0
        while i < len(text):
            c = text[i]
            if c.isspace():
                i += 1
            elif c.isdigit():
                j = i
                while j < len(text) and (text[j].isdigit() or text[j] == '.'):
                    j += 1
                yield 'number', float(text[i:j])
                i = j
            else:
                yield 'operator', c
                i += 1
        yield 'end', None

    class Parser:
        def __init__(self, text):
            self.tokens = tokens(text)
            self.advance()

        def advance(self):
            self.kind, self.value = next(self.tokens)

        def expression(self):
            left = self.term()
            while self.kind == 'operator' and self.value in '+-':
                op = self.value
                self.advance()
                right = self.term()
                left = left + right if op == '+' else left - right
            return left

        def term(self):
            left = self.factor()
            while self.kind == 'operator' and self.value in '*/':
                op = self.value
                self.advance()
                right = self.factor()
                if op == '/' and right == 0:
                    raise ZeroDivisionError('division by zero in an expression')
                left = left * right if op == '*' else left / right
            return left

        def factor(self):
            if self.kind == 'number':
                value = self.value
                self.advance()
                return value
            if self.value == '-':
                self.advance()
                return -self.factor()
            if self.value != '(':
                raise ValueError(f'unexpected {self.value!r}')
            self.advance()
            value = self.expression()
            if self.value != ')':
                raise ValueError('missing )')
            self.advance()
            return value

    results, errors = [], 0
    for n in range(60):
        for text in (f'{n} + 2 * (3 - {n % 7}) / 4', f'-({n}.5 * 2) - (1 + (2 + (3 + {n})))', f'{n} / ({n} - {n})', f'({n} + ', f'{n} $ 3'):
            try:
                results.append(Parser(text).expression())
            except ZeroDivisionError:
                errors += 1
            except ValueError as e:
                errors += len(e.args)
    assert errors == 60 * 2

    # A machine with a stack, on a program of its own.
    program = [('push', 0), ('push', 400), ('dup', None), ('jz', 9), ('swap', None), ('over', None), ('add', None), ('swap', None), ('dec', 2), ('halt', None)]
    stack, pc, steps = [], 0, 0
    for _ in range(4):
        stack, pc = [], 0
        while True:
            op, arg = program[pc]
            pc += 1
            steps += 1
            match op:
                case 'push': stack.append(arg)
                case 'dup': stack.append(stack[-1])
                case 'swap': stack[-1], stack[-2] = stack[-2], stack[-1]
                case 'over': stack.append(stack[-2])
                case 'add': stack.append(stack.pop() + stack.pop())
                case 'dec':
                    stack[-1] -= 1
                    pc = arg
                case 'jz':
                    if not stack.pop():
                        pc = arg
                case 'halt': break
        assert stack[0] == 80200
    return sum(results), steps


PARTS = documents, parsers
