# A value without end.
def f(x):
    i = 0
    while True:
        yield i
