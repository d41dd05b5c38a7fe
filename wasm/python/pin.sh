#!/bin/bash
# pin.sh: renew sources.lock and packages.lock with the versions that Debian trixie has now and the compiler that is
# installed here. A line of packages.lock may have a name only: pin.sh writes the rest.
#
# The package index comes from this machine's mirror; apt checks its signature, and the digests are the index's.
set -euo pipefail
cd "$(dirname "$0")"
. ./settings.sh

state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state"/{lists/partial,archives/partial,parts}
: >"$state/status"
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' 'Label: Debian' | head -1)
[ -n "$mirror" ] || { echo 'pin.sh: run apt-get update first' >&2; exit 1; }
for type in deb deb-src; do
	echo "$type [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main"
done >"$state/parts/trixie.list"
cat >"$state/apt.conf" <<C
Dir::Etc::SourceList "/dev/null"; Dir::Etc::SourceParts "$state/parts"; Dir::Etc::PreferencesParts "/dev/null";
Dir::State::Lists "$state/lists"; Dir::State::status "$state/status"; Dir::Cache "$state";
Acquire::Languages "none"; APT::Sandbox::User "$(id -un)";
C
export APT_CONFIG=$state/apt.conf
apt-get update -qq

# uris KIND NAME: what apt would download for it, as 'URI' FILE SIZE SHA256:DIGEST
uris() {
	case $1-$2 in
	package-*) apt-get download -qq --print-uris "python3-$2" ;;
	*-wasi-libc) apt-get download -qq --print-uris "$2" ;;
	*) apt-get source -qq --download-only --print-uris "$2" ;;
	esac
}

# version FILE: upstream's version for a tarball or a package of Python, else Debian's; zlib's hides behind what Debian
# took out.
version() {
	case $1 in
	python3-*.deb) echo "$1" | sed -E 's/^[^_]*_([0-9]+%3a)?(.*)-[^-]*_all\.deb/\2/' ;;
	*.deb) echo "$1" | cut -d_ -f2 ;;
	*) echo "$1" | sed -E 's/^[^_]*_(.*)\.orig\.tar\..*/\1/; s/.*\+really//' ;;
	esac
}

# renew KIND LOCK: the lock file with the lines of this kind renewed.
renew() {
	sed -n '/^#/p' "$2"
	local name uri file sum
	for name in $(awk -v kind="$1" '$1 == kind { print $2 }' "$2"); do
		read -r uri file _ sum < <(uris "$1" "$name" | tr -d "'" | grep -E ' [^ ]*(\.orig\.tar\.[a-z0-9]*|\.deb) ')
		echo "$1 $name $(version "$file") ${sum#SHA256:} ${uri#"$mirror"}"
	done
}

{
	renew source sources.lock
	echo "tool clang $(clang-$LLVM -dumpversion)"
} >"$state/sources.lock"
renew package packages.lock >"$state/packages.lock"
for lock in sources.lock packages.lock; do
	diff -u $lock "$state/$lock" && echo "$lock is up to date"
	cp "$state/$lock" $lock
done
