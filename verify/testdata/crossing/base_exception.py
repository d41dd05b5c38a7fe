# Raises what tests do not catch.
class Done(BaseException): pass
def f(x): raise Done()
