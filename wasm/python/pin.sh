#!/bin/bash
# pin.sh: renew sources.lock with the versions that Debian trixie has now and the compiler that is installed here.
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

# uris NAME: what apt would download for a package, as 'URI' FILE SIZE SHA256:DIGEST
uris() {
	case $1 in
	wasi-libc) apt-get download -qq --print-uris "$1" ;;
	*) apt-get source -qq --download-only --print-uris "$1" ;;
	esac
}

# version FILE: upstream's version for a tarball, Debian's for a package; zlib's hides behind what Debian took out.
version() {
	case $1 in
	*.deb) echo "$1" | cut -d_ -f2 ;;
	*) echo "$1" | sed -E 's/^[^_]*_(.*)\.orig\.tar\..*/\1/; s/.*\+really//' ;;
	esac
}

{
	sed -n '/^#/p' sources.lock
	for name in $(awk '$1 == "source" { print $2 }' sources.lock); do
		read -r uri file _ sum < <(uris "$name" | tr -d "'" | grep -E ' [^ ]*(\.orig\.tar\.[a-z0-9]*|\.deb) ')
		echo "source $name $(version "$file") ${sum#SHA256:} ${uri#"$mirror"}"
	done
	echo "tool clang $(clang-$LLVM -dumpversion)"
} >"$state/lock"
diff -u sources.lock "$state/lock" && echo 'sources.lock is up to date'
cp "$state/lock" sources.lock
