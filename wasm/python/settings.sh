# What the Python image is compiled for and how. Sourced by the other scripts.

VERSION=3.13.5          # of CPython; sources.lock pins the file
LLVM=${BOREL_LLVM:-22}  # Debian bookworm's own; another one works and gives an image with another digest
TARGET=wasm32-wasip1
# -fno-wrapv-pointer: CPython asks for wrapping pointers (through -fno-strict-overflow) which it does not need, and they
# keep the compiler from folding address sums into the offsets of loads, of which an interpreter has many.
OPTIMIZE='-O2 -DNDEBUG -fno-wrapv-pointer -w'

STACK=16777216      # 16 MB: what Py_C_RECURSION_LIMIT in patches/recursion.patch is made for
MEMORY=41943040     # 40 MB to start with, the stack counted in
WASI_LIBRARIES='-lwasi-emulated-signal -lwasi-emulated-getpid -lwasi-emulated-process-clocks -lm -ldl'

# The same bytes on every machine, whatever the caller's environment.
unset CC CPP CXX LD CFLAGS CPPFLAGS CXXFLAGS LDFLAGS LIBS CONFIG_SITE MAKEFLAGS MFLAGS MAKELEVEL PYTHONHOME PYTHONPATH
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1749600000 PYTHONHASHSEED=0
umask 022
