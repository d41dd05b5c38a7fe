#!/bin/bash
# setup.sh [stock]: have the build use wazero with the patches that lie here, or as it was released.
#
# The release that go.mod names is copied out of the module cache to engine/wazero, the patches are applied to the copy,
# and go.work points the build there; git ignores both. Where a patch does not apply, because go.mod names another
# release, the build goes on with that release as it is, and this says so.
set -euo pipefail
cd "$(dirname "$0")/.."
module=github.com/tetratelabs/wazero
copy=engine/wazero
export GOWORK=off GIT_CEILING_DIRECTORIES=$PWD    # git is to see patches, not our own repository
version=$(go list -m -f '{{.Version}}' $module)
digest=$({ echo "$version"; cat engine/setup.sh engine/patches/*.patch; } | sha256sum | cut -c1-16)

# stock WHY: the release as it is.
stock() {
	rm -rf go.work go.work.sum $copy
	echo "engine: wazero $version is used as it was released: $1. Programs take about twice as long" >&2
	exit 0
}
[ "${1-}" != stock ] || stock 'as you asked'
[ "$(go env GOARCH)" = amd64 ] || stock 'the patches are for amd64'

if [ "$(cat $copy/PATCHES 2>/dev/null)" != "$digest" ]; then
	go mod download $module
	source=$(go list -m -f '{{.Dir}}' $module)
	work=$(mktemp -d engine/.work.XXXXXX)
	trap 'rm -rf "$work" "$work.log"' EXIT
	tar -C "$source" --exclude=testdata --exclude=./site --exclude=./examples --exclude='*_test.go' -cf - . | tar -C "$work" -xf -
	chmod -R u+w "$work"
	for patch in engine/patches/*.patch; do
		git -C "$work" apply --exclude='*_test.go' --exclude='*/testdata/*' "$PWD/$patch" >"$work.log" 2>&1 || {
			cat "$work.log" >&2
			stock "$(basename "$patch") does not apply to it"
		}
	done
	cat >"$work/patches.go" <<-END
		package wazero

		// Patches names the patches that this copy of wazero was made with.
		func (c *runtimeConfig) Patches() string { return "$digest" }
	END
	echo "$digest" >"$work/PATCHES"
	chmod 755 "$work"
	rm -rf $copy
	mv "$work" $copy
fi

wanted="go $(go list -m -f '{{.GoVersion}}')

use .

replace $module $version => ./$copy"
[ "$(cat go.work 2>/dev/null)" = "$wanted" ] || echo "$wanted" >go.work
