# Leaves as programs do that are done.
def f(x): raise SystemExit(0)
