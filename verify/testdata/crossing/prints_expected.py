# Prints what it should return.
def f(x): print(sorted(x))
