#!/bin/bash
# build.sh [sources]: make sure that the Python image, or what it is built from, is in the user's cache, and print its path
# there.
#
#   fetch    the files of sources.lock and packages.lock, from this machine's Debian mirror, checked against their digests
#   build    library.sh: CPython, trained, and its standard library; kept in the cache under the digest of what it is
#            made from
#   pack     link.sh: reactor.c, the packages and the image; kept under the digest of the whole recipe, beside its manifest
#   compare  with ../manifest.json: a changed recipe is recorded there, another image of the same recipe is reported
#
# Everything is made in a temporary folder and renamed when it is complete, under a lock: a build that is stopped
# leaves nothing half done, and two clones that build at once build once.
set -euo pipefail
cd "$(dirname "$0")"
. ./settings.sh
cache=${XDG_CACHE_HOME:-$HOME/.cache}/borel/images

say() { echo "$*" >&2; }
fail() { say "wasm/python: $*"; exit 1; }

digest() { { echo "$LLVM"; sha256sum "$@"; } | sha256sum | cut -d' ' -f1; }

parts=(settings.sh sources.lock library.sh modules.py patches/*.patch profile.c train/*.py ../train/main.go)
key=$(digest "${parts[@]}" packages.lock patches/packages/*.patch link.sh reactor.c)
library=$cache/python-library-$(digest "${parts[@]}")
image=$cache/python-$key.zip
manifest=$cache/python-$key.json

# mirrors: the addresses of the Debian archive that this machine's apt uses.
mirrors() {
	local format='$(REPO_URI)' only=('Created-By: Packages' 'Component: main')
	{
		apt-get indextargets --format "$format" "${only[@]}" 'Label: Debian'
		apt-get indextargets --no-release-info --format "$format" "${only[@]}"    # labels come with apt-get update
	} | awk '!seen[$0]++'
}

# fetch FOLDER LOCK: what the lock file lists, each checked again also where it is there already.
fetch() {
	local kind name version sum path file mirror
	mkdir -p "$1"
	: >"$work/fetch.log"
	while read -r kind name version sum path; do
		[ "$kind" = source ] || [ "$kind" = package ] || continue
		file=$(printf '%b' "$(basename "${path//%/\\x}")")
		echo "$sum  $1/$file" | sha256sum -c --status 2>/dev/null && continue
		say "fetching $name $version"
		for mirror in $(mirrors); do
			/usr/lib/apt/apt-helper -o APT::Sandbox::User="$(id -un)" download-file "$mirror$path" "$work/$file" "SHA256:$sum" \
				>>"$work/fetch.log" 2>&1 && break
		done
		[ -f "$work/$file" ] || {
			tail -5 "$work/fetch.log" >&2
			fail "no mirror of this machine has $name $version with the digest that $2 pins. If Debian has replaced it, run make pin, look at what changed, and commit it"
		}
		echo "$sum  $work/$file" | sha256sum -c --status || fail "$file: not the file that $2 pins"
		mv "$work/$file" "$1/$file"
	done <"$2"
}

if [ "${1-}" = sources ]; then    # no image: what it is made from, for the tests that lie there
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	fetch "$cache/sources" sources.lock
	echo "$cache/sources"
	exit
fi
if [ ! -f "$image" ]; then
	command -v apt-get >/dev/null || fail 'the Python image is built with packages of Debian: there is no apt-get here'
	mkdir -p "$cache"
	exec 9>"$cache/lock"
	flock -n 9 || { say 'waiting for another build of an image'; flock 9; }
fi
if [ ! -f "$image" ]; then
	if [ -d "$library" ]; then say 'linking the Python image (about a minute)'
	else say 'building the Python image (once per machine and recipe; about five minutes on two cores)'
	fi
	rm -rf "$cache"/work.*    # of builds that were stopped: whoever holds the lock is alone
	work=$(mktemp -d "$cache/work.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	mkdir "$work/tmp"
	export TMPDIR=$work/tmp    # minutes are long enough for somebody to tidy up the common one
	./install.sh 'to build the Python image' gcc libc6-dev make patch xz-utils tcl
	./install.sh 'to build the Python image' clang-$LLVM lld-$LLVM llvm-$LLVM libclang-rt-$LLVM-dev-wasm32 ||
		fail "this Debian has no clang-$LLVM? Name one that it has, as in BOREL_LLVM=19 make image: the image's digest will differ"
	pinned=$(awk '$1 == "tool" && $2 == "clang" { print $3 }' sources.lock)
	found=$(clang-$LLVM -dumpversion)
	[ "$found" = "$pinned" ] || say "WARNING: clang is $found, sources.lock has $pinned: the image's digest will differ"
	if [ ! -d "$library" ]; then
		fetch "$cache/sources" sources.lock
		mkdir "$work/build"
		(cd "$work/build" && "$OLDPWD/library.sh" "$cache/sources" "$work/library") >&2 || {
			cp "$work/build/log" "$cache/library.log"
			tail -30 "$cache/library.log" >&2
			fail "the build failed; all of its log is $cache/library.log"
		}
		mv "$work/library" "$library"
	fi
	fetch "$cache/sources" packages.lock
	mkdir "$work/link"
	(cd "$work/link" && "$OLDPWD/link.sh" "$library" "$cache/sources" "$key") >&2 || fail 'linking or packing the image failed'
	mv "$work/link/manifest.json" "$manifest"
	mv "$work/link/image.zip" "$image"
	say "built in $SECONDS s"
fi

# ../manifest.json is what this recipe is meant to give.
field() { sed -n "s/^\t\"$1\": \"\(.*\)\",\?$/\1/p" "$2"; }
if [ "$(field recipe ../manifest.json)" != "$key" ]; then
	cp "$manifest" ../manifest.json
	say 'the recipe of the Python image has changed: wasm/manifest.json is its new manifest, to be committed'
elif [ "$(field digest ../manifest.json)" != "$(field digest "$manifest")" ]; then
	say 'WARNING: the Python image of this machine (>) is not the pinned one (<). It works, but results are cached under other keys.'
	diff ../manifest.json "$manifest" >&2 || true
fi
echo "$image"
