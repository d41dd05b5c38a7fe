# Leaves no room to call.
import sys
def f(x):
    sys.setrecursionlimit(sys._getframe().f_lineno + 20)
    return f(x) if len(x) < 0 else None
