# Breaks the interpreter.
import os
def f(x): os.abort()
