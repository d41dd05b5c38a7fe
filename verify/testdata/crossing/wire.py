# Breaks what writes values, from inside.
import _borel_wire as w
w._PACK.clear()
w._SCALARS = w._scalars = None
w._NAMES.clear()
def f(x): return None
