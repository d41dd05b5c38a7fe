# Leaves when it is called.
import os
def f(x): os._exit(0)
