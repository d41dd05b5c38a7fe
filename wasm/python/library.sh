#!/bin/bash
# library.sh SOURCES OUT: everything of the image but reactor.c and the packages, built in the current, empty folder.
#
#   OUT/lib        CPython and the libraries it needs, as static libraries for wasm32; CPython is optimised for a profile,
#                  and its objects are still the compiler's intermediate code, which the linker is to finish
#   OUT/include    CPython's headers
#   OUT/sysroot    the C library
#   OUT/root       the files of the guest: the standard library, and licences
#   OUT/host       a Python of the same version that runs on this machine, to compile modules with
#   OUT/toolchain  the compiler, in its own words
#
# All commands run in folders directly below the current one and name the others relative to themselves, so that no
# path of this machine gets into an object file.
set -euo pipefail
sources=$(realpath "$1") out=$(realpath -m "$2")
recipe=$(cd "$(dirname "$0")" && pwd)
. "$recipe/settings.sh"
jobs=$(nproc)

stage() {
	printf '  %4d s  %s\n' $SECONDS "$1" >&3
}

unpack() {
	stage 'unpacking'
	local n
	for n in python3.13 zlib bzip2 xz-utils sqlite3; do
		mkdir $n
		tar xf "$sources"/${n}_*.orig.tar.* -C $n --strip-components=1
	done
	mkdir libc
	dpkg-deb -x "$sources"/wasi-libc_*.deb libc
	ln -s libc/usr sysroot
	local p
	for p in "$recipe"/patches/*.patch; do
		patch -d python3.13 -p1 --no-backup-if-mismatch <"$p"
	done
}

# A Python of the same source for this machine: CPython's build freezes modules with it, and it compiles the library.
# Speed of building counts, its own does not.
host() {
	stage 'building a Python for this machine'
	mkdir -p host/Modules && cd host
	printf '*static*\nunicodedata unicodedata.c\n' >Modules/Setup.local    # to compile '\N{DAGGER}'
	PKG_CONFIG=false ../python3.13/configure CC=gcc OPT='-O0 -w' --without-ensurepip --disable-test-modules
	make -j"$jobs" python pybuilddir.txt
}

cross_compilers() {
	local flags="--target=$TARGET --sysroot=../sysroot"
	export CC="clang-$LLVM $flags" CPP="clang-cpp-$LLVM $flags" CXX="clang++-$LLVM $flags"
	export LD=wasm-ld-$LLVM AR=llvm-ar-$LLVM RANLIB=llvm-ranlib-$LLVM NM=llvm-nm-$LLVM READELF=llvm-readelf-$LLVM
}

# archive NAME FLAGS FILES…: compile the files into lib/NAME
archive() {
	local name=$1 flags=$2 f o objects=()
	shift 2
	mkdir -p "../deps/$name"
	for f; do
		o=../deps/$name/$(basename "$f" .c).o
		$CC $OPTIMIZE $flags -c "$f" -o "$o"
		objects+=("$o")
	done
	$AR rcsD "../deps/lib/$name" "${objects[@]}"
}

# The libraries are small lists of C files, so we compile them directly instead of teaching four build systems about
# WebAssembly.
libraries() {
	stage 'building zlib, bzip2, xz and SQLite'
	mkdir -p deps/lib deps/include
	(
		cross_compilers
		cd zlib
		archive libz.a '' {adler32,crc32,deflate,infback,inffast,inflate,inftrees,trees,zutil,compress,uncompr}.c
		cp zlib.h zconf.h ../deps/include
	)
	(
		cross_compilers
		cd bzip2
		archive libbz2.a '' {blocksort,huffman,crctable,randtable,compress,decompress,bzlib}.c
		cp bzlib.h ../deps/include
	)
	(
		cross_compilers
		cd xz-utils
		local c flags='-DHAVE_STDBOOL_H -DHAVE_STDINT_H -DHAVE_INTTYPES_H -DSIZEOF_SIZE_T=4 -DASSUME_RAM=128
			-DTUKLIB_SYMBOL_PREFIX=lzma_ -DHAVE_ENCODERS -DHAVE_DECODERS -DHAVE_LZIP_DECODER
			-DHAVE_CHECK_CRC32 -DHAVE_CHECK_CRC64 -DHAVE_CHECK_SHA256
			-DHAVE_MF_HC3 -DHAVE_MF_HC4 -DHAVE_MF_BT2 -DHAVE_MF_BT3 -DHAVE_MF_BT4 -Isrc/common'
		for c in LZMA1 LZMA2 DELTA X86 ARM ARM64 ARMTHUMB POWERPC IA64 SPARC RISCV; do
			flags+=" -DHAVE_ENCODER_$c -DHAVE_DECODER_$c"
		done
		for c in api common check delta lz lzma rangecoder simple; do
			flags+=" -Isrc/liblzma/$c"
		done
		# Left out: generators of tables (programs of their own), the slow small variants, threads.
		archive liblzma.a "$flags" src/common/tuklib_physmem.c \
			$(find src/liblzma -name '*.c' | grep -vE '_tablegen|_small|_mt\.c|outqueue|hardware_cputhreads|consts_gen' | sort)
		cp -r src/liblzma/api/lzma.h src/liblzma/api/lzma ../deps/include
	)
	cd sqlite3
	./configure CC=gcc --disable-tcl --disable-readline
	make sqlite3.c
	cross_compilers
	# One thread, no shared library, no shared memory, no advisory locks; temporary tables in memory.
	archive libsqlite3.a '-DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_WAL -DSQLITE_MAX_MMAP_SIZE=0
		-DSQLITE_TEMP_STORE=3 -DSQLITE_DEFAULT_UNIX_VFS="unix-none" -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_ENABLE_FTS5
		-D_WASI_EMULATED_GETPID -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_MMAN' sqlite3.c
	cp sqlite3.h sqlite3ext.h ../deps/include
}

configure() {
	stage 'configuring CPython'
	mkdir cross && cd cross
	cross_compilers
	local lib settings=(
		# What these need does not exist for WebAssembly; said here so that nothing of this machine is found instead.
		py_cv_module__{ctypes,hashlib,ssl,uuid}=n/a py_cv_module_readline=n/a
		# The host is asked to sleep for a while, not until a date: engines refuse the latter.
		ac_cv_func_clock_nanosleep=no ac_cv_lib_rt_clock_nanosleep=no
		PKG_CONFIG=false
	)
	for lib in ZLIB:z BZIP2:bz2 LIBLZMA:lzma LIBSQLITE3:sqlite3; do
		settings+=("${lib%:*}_CFLAGS=-I../deps/include" "${lib%:*}_LIBS=-L../deps/lib -l${lib#*:}")
	done
	# --build only has to differ from --host.
	CONFIG_SITE=../python3.13/Tools/wasm/config.site-wasm32-wasi ../python3.13/configure \
		--host=$TARGET --build=x86_64-pc-linux-gnu --with-build-python=../host/python --prefix=/usr \
		--without-ensurepip --disable-test-modules --with-pymalloc --with-system-libmpdec=no \
		OPT="$OPTIMIZE" HOSTRUNNER=false "${settings[@]}"
}

# compile FLAGS: CPython, in the current folder, a configured one.
compile() {
	cross_compilers
	make -j"$jobs" OPT="$OPTIMIZE $1" libpython3.13.a Modules/expat/libexpat.a Modules/_decimal/libmpdec/libmpdec.a \
		Modules/_hacl/libHacl_Hash_SHA2.a pybuilddir.txt
}

# A profile says how often each branch went which way while train/ ran, and where indirect calls went: the compiler lays out
# and inlines by it, and calls the frequent targets directly. It is made anew by every build, by an interpreter that counts,
# on a host whose clock and randomness are always the same.
train() {
	stage 'compiling CPython to be trained'
	cp -a cross trained
	cd trained
	compile '-fprofile-generate'
	# The runtime is profile.c: without -fprofile-generate here, the compiler does not ask for its own.
	$CC $OPTIMIZE -Wl,-z,stack-size=$STACK -Wl,--stack-first -Wl,--initial-memory=$MEMORY -Wl,--strip-debug -o train.wasm \
		-I. -I../python3.13/Include "$recipe/profile.c" -L../deps/lib libpython3.13.a Modules/{expat/libexpat,_decimal/libmpdec/libmpdec,_hacl/libHacl_Hash_SHA2}.a \
		-lsqlite3 -lz -lbz2 -llzma $WASI_LIBRARIES
	stage 'training it'
	mkdir profile
	local here=$PWD
	(cd "$recipe" && CGO_ENABLED=0 go run ../train -module "$here/train.wasm" -library "$here/../python3.13/Lib" -program train -profile "$here/profile")
	llvm-profdata-$LLVM merge -o ../python.profile profile/raw
	cd ..
	rm -r trained
}

# The linker is to inline the objects (Objects/, and the collector) into one another, and into what calls them most: the
# builtins, hashes, formats and the modules of iterators, functions, queues and containers. Not the rest: with the parser and
# the compiler so inlined, short programs took 40 % longer, and the loop that executes bytecode grew to 1.6 MB of machine code.
# That loop is optimised for size, which costs it no speed, but a quarter of its stack frame: CPython's own limit of recursion
# is then met before the host's stack ends.
python() {
	stage 'compiling CPython'
	cd cross
	cross_compilers
	local optimize="$OPTIMIZE -fprofile-use=../python.profile"
	make OPT="$optimize -Os" Python/ceval.o
	local linked=(Python/{gc,bltinmodule,pyhash,formatter_unicode}.o
		Modules/{_heapqmodule,signalmodule,itertoolsmodule,_functoolsmodule,_operator,_collectionsmodule,_bisectmodule}.o)
	printf 'linked: $(OBJECT_OBJS) %s\n' "${linked[*]}" | make -j"$jobs" -f Makefile -f - OPT="$optimize -flto=full" linked
	compile "-fprofile-use=../python.profile"
}

collect() {
	stage 'compiling the standard library'
	mkdir -p "$out"/{lib,include}
	clang-$LLVM --version | head -1 >"$out/toolchain"
	cp deps/lib/*.a cross/libpython3.13.a cross/Modules/{expat,_decimal/libmpdec,_hacl}/*.a "$out/lib"
	cp -r python3.13/Include/. cross/pyconfig.h "$out/include"
	mkdir "$out/sysroot"
	cp -r sysroot/include sysroot/lib "$out/sysroot"
	# The one generated module says how CPython was built, paths of this machine included.
	local data
	data=$(find cross/build -name '_sysconfigdata_*.py')
	sed -i "s|$PWD|/build|g" "$data"
	mkdir -p "$out"/host/{bin,lib}
	cp host/python "$out/host/bin/python3.13"
	ln -s ../../root/usr/lib/python3.13 "$out/host/lib/python3.13"
	host/python -I "$recipe/modules.py" library python3.13/Lib "$out/root/usr/lib/python3.13" "$data"
	cp python3.13/LICENSE "$out/root/usr/lib/python3.13/LICENSE.txt"
	local l=$out/root/usr/share/licenses
	mkdir -p "$l"
	cp zlib/LICENSE "$l/zlib.txt"
	cp bzip2/LICENSE "$l/bzip2.txt"
	cp xz-utils/COPYING "$l/xz.txt"
	cp xz-utils/COPYING.0BSD "$l/xz-0BSD.txt"
	cp sqlite3/LICENSE.md "$l/sqlite.txt"
	cp libc/usr/share/doc/wasi-libc/copyright "$l/wasi-libc.txt"
}

# Stages report on the terminal; what the builds print goes to a file that is shown if one fails.
exec 3>&1 >log 2>&1
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
unpack
(host) &
(libraries) &
wait -n
wait -n
(configure)
(train)
(python)
collect
