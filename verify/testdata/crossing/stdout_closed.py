# Takes the streams away.
import os, sys
for fd in (1, 2):
    try: os.close(fd)
    except OSError: pass
sys.stdout = sys.stderr = None
def f(x): return None
