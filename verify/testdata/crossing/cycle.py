# A value that holds itself.
def f(x):
    x.append(x)
    return x
