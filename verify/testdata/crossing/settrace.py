# Changes what its caller has in hand.
import sys
def trace(frame, event, arg):
    if event == "return" and "x" in frame.f_locals: frame.f_locals["result"] = sorted(frame.f_locals["x"])
    return trace
sys.settrace(trace)
def f(x): return None
