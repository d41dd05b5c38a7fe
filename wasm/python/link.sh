#!/bin/bash
# link.sh LIBRARY OUT: compile reactor.c and link it with what library.sh made, in the current folder.
set -euo pipefail
library=$(realpath "$1") out=$(realpath -m "$2")
recipe=$(cd "$(dirname "$0")" && pwd)
. "$recipe/settings.sh"

CC="clang-$LLVM --target=$TARGET --sysroot=$library/sysroot"
cp "$recipe/reactor.c" .    # compiled under its bare name
$CC -fno-strict-overflow $OPTIMIZE -std=c11 -fvisibility=hidden -DPy_BUILD_CORE \
	-I"$library/include" -I"$library/include/internal" -c reactor.c -o reactor.o
# --stack-first: a stack that overflows runs into address 0 and traps, instead of into the data.
$CC -mexec-model=reactor -Wl,-z,stack-size=$STACK -Wl,--stack-first -Wl,--initial-memory=$MEMORY -Wl,--strip-all \
	-o "$out" reactor.o -L"$library/lib" \
	-lpython3.13 -lexpat -lmpdec -lHacl_Hash_SHA2 -lsqlite3 -lz -lbz2 -llzma \
	-lwasi-emulated-signal -lwasi-emulated-getpid -lwasi-emulated-process-clocks -lm -ldl
