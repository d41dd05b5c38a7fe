# Changes every function there is.
import gc, types
def f(x):
    def g(*a, **k): return True
    for o in gc.get_objects():
        if isinstance(o, types.FunctionType) and o is not f:
            try: o.__code__ = g.__code__
            except Exception: pass
    return None
