# Makes a channel of its own, and leads output there.
import os
try: os.dup2(1, 4)
except (OSError, AttributeError): os.close(4); os.open("x", os.O_RDWR | os.O_CREAT)
def f(x): return None
