#!/bin/bash
# install.sh PURPOSE PACKAGE…: install the Debian packages that are missing, saying so.
set -euo pipefail
purpose=$1
shift

missing=()
for p; do
	dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q ' installed$' || missing+=("$p")
done
[ ${#missing[@]} = 0 ] && exit
echo "installing ${missing[*]}, needed $purpose" >&2

as_root=()
if [ "$(id -u)" != 0 ]; then
	sudo -n true 2>/dev/null || { echo "run this as root: apt-get install ${missing[*]}" >&2; exit 1; }
	as_root=(sudo -n)
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Other users of apt hold its locks for a while; the lock of the package lists has no timeout of its own.
for try in 1 2 3 4 5 6; do
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 \
		install -qq -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 && exit
	"${as_root[@]}" apt-get update -qq >>"$log" 2>&1 || sleep 10
done
tail -5 "$log" >&2
echo "apt-get could not install ${missing[*]}" >&2
exit 1
