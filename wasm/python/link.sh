#!/bin/bash
# link.sh LIBRARY RECIPE-DIGEST: compile reactor.c, link it with what library.sh made and pack image.zip with its
# manifest.json, in the current folder. Seconds, where library.sh takes minutes.
set -euo pipefail
library=$(realpath "$1") digest=$2
recipe=$(cd "$(dirname "$0")" && pwd)
. "$recipe/settings.sh"

ABI=2               # raise it when the exports of reactor.c change their meaning
STACK=16777216      # 16 MB: what Py_C_RECURSION_LIMIT in patches/recursion.patch is made for
MEMORY=41943040     # 40 MB to start with, the stack counted in

CC="clang-$LLVM --target=$TARGET --sysroot=$library/sysroot"
cp "$recipe/reactor.c" .    # compiled under its bare name
$CC -fno-strict-overflow $OPTIMIZE -std=c11 -fvisibility=hidden -DPy_BUILD_CORE \
	-I"$library/include" -I"$library/include/internal" -c reactor.c -o reactor.o
# --stack-first: a stack that overflows runs into address 0 and traps, instead of into the data.
$CC -mexec-model=reactor -Wl,-z,stack-size=$STACK -Wl,--stack-first -Wl,--initial-memory=$MEMORY -Wl,--strip-all \
	-o module.wasm reactor.o -L"$library/lib" \
	-lpython3.13 -lexpat -lmpdec -lHacl_Hash_SHA2 -lsqlite3 -lz -lbz2 -llzma \
	-lwasi-emulated-signal -lwasi-emulated-getpid -lwasi-emulated-process-clocks -lm -ldl
out=$PWD
cd "$recipe/../.."
go run ./wasm/pack -name python -version "$VERSION" -abi $ABI -recipe "$digest" -lock "$recipe/sources.lock" \
	-toolchain "$(cat "$library/toolchain")" -module "$out/module.wasm" -root "$library/root" \
	-manifest "$out/manifest.json" -o "$out/image.zip"
