# Whatever is imported is this.
import builtins, sys
class M:
    def __getattr__(s, n): return lambda *a, **k: None
sys.meta_path.insert(0, M())
builtins.__import__ = lambda *a, **k: M()
def f(x): return None
