# Leaves no room for who looks at its value.
import sys
def f(x):
    v = []
    for i in range(100000): v = [v]
    return v
sys.setrecursionlimit(1 << 30)
