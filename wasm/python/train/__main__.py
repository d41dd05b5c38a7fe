"""What the interpreter is trained on: kinds of work that generated programs do, a little of each.

The compiler lays out and inlines CPython by how often each branch went which way while this ran (library.sh). So the
parts are broad rather than clever, none repeats a program of `borel bench`, and each takes about as long as the others.
"""

import arithmetic
import containers
import documents
import functions
import language
import objects
import programs
import scripts
import searches
import text

ROUNDS = 10     # enough to outweigh what importing the library from its sources costs

parts = [f for m in (arithmetic, text, documents, containers, searches, functions, objects, language, programs, scripts) for f in m.PARTS]
for f in parts:
    for _ in range(ROUNDS):
        f()
print(len(parts), 'kinds of work,', ROUNDS, 'rounds each')
