# A number that takes long to write.
def f(x): return [1 << (1 << 26)]
