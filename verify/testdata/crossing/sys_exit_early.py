# The same, before it is called.
import sys
sys.exit(0)
