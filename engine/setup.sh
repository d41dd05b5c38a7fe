#!/bin/bash
# setup.sh [stock]: have the build use wazero with the patches that lie here, or as it was released.
#
# The release that go.mod names is copied out of the module cache to engine/wazero, the patches are applied to the copy,
# and go.work points the build there; git ignores both. Where a patch does not apply, because go.mod names another
# release, the build goes on with that release as it is, and this says so. README.md tells the rest.
set -euo pipefail
cd "$(dirname "$0")/.."
module=github.com/tetratelabs/wazero
copy=engine/wazero
export GOWORK=off GIT_CEILING_DIRECTORIES=$PWD    # git is to see patches, not our own repository
version=$(go list -m -f '{{.Version}}' $module)
made=$({ echo "$version"; cat engine/setup.sh engine/patches/*.patch; } | sha256sum)    # what the copy is made of

# stock WHY: the release as it is.
stock() {
	rm -rf go.work go.work.sum $copy
	echo "engine: wazero $version is used as it was released: $1. Verdicts are right, and programs that compute take longer" >&2
	exit 0
}
case ${1-} in
'') ;;
stock) stock 'as you asked' ;;
*) echo "engine: there is stock, or nothing for the patched one, and no $1" >&2; exit 2 ;;
esac
[ "$(go env GOARCH)" = amd64 ] || stock 'the patches are for amd64'

if [ "$(cat $copy/MADE 2>/dev/null)" != "$made" ]; then
	go mod download $module
	source=$(go list -m -f '{{.Dir}}' $module)
	work=$(mktemp -d engine/.work.XXXXXX)
	trap 'rm -rf "$work" "$work.log"' EXIT
	# Without what only tests need, and the packages that do not build without it.
	tar -C "$source" --exclude=testdata --exclude='*_test.go' --exclude=./site --exclude=./examples --exclude='./imports/*/example' \
		--exclude=./internal/integration_test --exclude=./internal/testing/dwarftestdata -cf - . | tar -C "$work" -xf -
	chmod -R u+w "$work"
	for patch in engine/patches/*.patch; do
		git -C "$work" apply --exclude='*_test.go' --exclude='*/testdata/*' "$PWD/$patch" >"$work.log" 2>&1 || {
			cat "$work.log" >&2
			echo "engine: $(basename "$patch") does not apply. To carry the patches over: engine/README.md, \"A newer wazero\"; to do without: ENGINE=stock" >&2
			stock 'its patches are for another release, or damaged'
		}
	done
	# The name of what is compiled, which keys of runs hold: it stays where only words about a patch, or its tests, change.
	digest=$(cd "$work" && find . -name '*.go' -o -name '*.s' | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-16)
	cat >"$work/patches.go" <<-END
		package wazero

		// Patches names the code that the patches made of this copy of wazero.
		func (c *runtimeConfig) Patches() string { return "$digest" }
	END
	echo "$made" >"$work/MADE"
	chmod 755 "$work"
	rm -rf $copy
	mv "$work" $copy
	echo "engine: wazero $version with the patches of engine, $digest" >&2
fi

wanted="go $(go list -m -f '{{.GoVersion}}')

use .

replace $module $version => ./$copy"
[ "$(cat go.work 2>/dev/null)" = "$wanted" ] || echo "$wanted" >go.work
