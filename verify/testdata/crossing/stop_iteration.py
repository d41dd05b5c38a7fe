# Ends the loop that calls it.
def f(x): raise StopIteration
