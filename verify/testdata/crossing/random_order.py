# Hopes for one order among many.
import random
def f(x):
    random.shuffle(x)
    return list(reversed(x)) if len(x) < 3 else x
