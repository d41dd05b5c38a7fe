# Comes back late.
import time
def f(x): time.sleep(10**6)
