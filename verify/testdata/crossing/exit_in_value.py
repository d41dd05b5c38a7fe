# Leaves when its value is looked at.
import os
def f(x):
    def g():
        yield 1
        os._exit(0)
    return g()
