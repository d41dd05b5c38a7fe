# The same of values that cannot change.
def f(x):
    v = (1,)
    for i in range(60): v = (v, v)
    return v
