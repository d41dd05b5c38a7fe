# Takes the channel away.
import os
def f(x):
    os.close(4)
