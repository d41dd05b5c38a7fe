# Raises what a user would.
def f(x): raise KeyboardInterrupt
