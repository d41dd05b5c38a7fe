# Announces four gigabytes.
import os
def f(x):
    os.write(4, b"\xff\xff\xff\xff" + b"[" * 1000)
    os._exit(0)
