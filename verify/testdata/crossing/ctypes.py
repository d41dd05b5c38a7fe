# Writes where it should not.
def f(x):
    import ctypes
    ctypes.memset(0, 1, 1 << 20)
