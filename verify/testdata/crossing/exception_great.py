# An exception with much to say.
def f(x): raise ValueError("x" * 10**7, [[]] * 10**6)
