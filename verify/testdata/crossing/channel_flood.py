# Sends answers without end.
import os
while True: os.write(4, b"\x09\0\0\0[0,[1],[]]" * 1000)
