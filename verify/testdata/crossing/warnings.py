# Makes errors of warnings, and warnings of everything.
import warnings
warnings.simplefilter("error")
warnings.warn = lambda *a, **k: None
def f(x): return x
