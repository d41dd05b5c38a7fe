# A small value that is great when it is written out.
def f(x):
    v = [1]
    for i in range(60): v = [v, v]
    return v
