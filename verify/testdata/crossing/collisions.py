# Numbers with one hash.
def f(x): return {i * ((1 << 61) - 1): 1 for i in range(5000)}
