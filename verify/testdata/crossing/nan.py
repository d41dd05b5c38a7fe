# A number that compares with nothing.
def f(x): return [float("nan")] * len(x)
