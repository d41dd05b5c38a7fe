#!/bin/bash
# link.sh LIBRARY SOURCES RECIPE-DIGEST: compile reactor.c, link it with what library.sh made, add the packages and pack
# image.zip with its manifest.json, in the current folder.
set -euo pipefail
library=$(realpath "$1") sources=$(realpath "$2") digest=$3
recipe=$(cd "$(dirname "$0")" && pwd)
. "$recipe/settings.sh"

say() { printf '  %4d s  %s\n' $SECONDS "$1"; }

ABI=2               # raise it when the exports of reactor.c change their meaning

say 'linking: the compiler sees all objects at once'
CC="clang-$LLVM --target=$TARGET --sysroot=$library/sysroot"
cp "$recipe/reactor.c" .    # compiled under its bare name
$CC -fno-strict-overflow $OPTIMIZE -flto=full -std=c11 -fvisibility=hidden -DPy_BUILD_CORE \
	-I"$library/include" -I"$library/include/internal" -c reactor.c -o reactor.o
# --stack-first: a stack that overflows runs into address 0 and traps, instead of into the data.
$CC -O2 -flto=full -mexec-model=reactor -Wl,-z,stack-size=$STACK -Wl,--stack-first -Wl,--initial-memory=$MEMORY -Wl,--strip-all \
	-o module.wasm reactor.o -L"$library/lib" \
	-lpython3.13 -lexpat -lmpdec -lHacl_Hash_SHA2 -lsqlite3 -lz -lbz2 -llzma \
	$WASI_LIBRARIES

say 'adding packages'
cp -r "$library/root" root
mkdir dist
while read -r kind name version sum path; do
	[ "$kind" = package ] || continue
	mkdir "deb-$name"
	dpkg-deb -x "$sources/$(basename "$path")" "deb-$name"
	cp -r "deb-$name"/usr/lib/python3/dist-packages/. dist
	cp "deb-$name/usr/share/doc/python3-$name/copyright" "root/usr/share/licenses/$name.txt"
done <"$recipe/packages.lock"
for p in "$recipe"/patches/packages/*.patch; do
	patch -d dist -p1 --no-backup-if-mismatch <"$p"
done
PYTHONHOME=$library/host "$library/host/bin/python3.13" -P -s "$recipe/modules.py" packages dist root/usr/lib/python3.13/site-packages

# Programs look at the file that sys.executable names (platform.libc_ver reads it).
mkdir -p root/usr/bin
echo 'There is no program here: the sandbox is the interpreter.' >root/usr/bin/python3

say 'packing'
out=$PWD
cd "$recipe/../.."
go run ./wasm/pack -name python -version "$VERSION" -abi $ABI -recipe "$digest" -sources "$recipe/sources.lock" \
	-packages "$recipe/packages.lock" -toolchain "$(cat "$library/toolchain")" -module "$out/module.wasm" -root "$out/root" \
	-manifest "$out/manifest.json" -o "$out/image.zip"
