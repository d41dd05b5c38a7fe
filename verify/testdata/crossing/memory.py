# Takes all the memory there is.
keep = []
def f(x):
    while True: keep.append(bytearray(1 << 24))
