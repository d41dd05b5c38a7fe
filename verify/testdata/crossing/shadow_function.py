# Replaces the function after its first call.
def f(x):
    global f
    f = lambda x: []
    return sorted(x) if len(x) > 5 else []
