# Does not come back.
def f(x):
    while True: pass
