#!/bin/bash
# test.sh [PACKAGE...]: wazero's own unit and spec tests, as the patches change them, on a whole copy of the release.
#
# Everything that the patches touch by default. The copy goes away; KEEP=DIR keeps it, as a place to work on the patches.
set -euo pipefail
cd "$(dirname "$0")/.."
module=github.com/tetratelabs/wazero
export GOWORK=off GIT_CEILING_DIRECTORIES=$PWD:${TMPDIR:-/tmp}
go mod download $module
work=${KEEP:-$(mktemp -d)}
[ -n "${KEEP-}" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"
cp -r "$(go list -m -f '{{.Dir}}' $module)/." "$work"
chmod -R u+w "$work"
for patch in engine/patches/*.patch; do
	git -C "$work" apply "$PWD/$patch" || { echo "engine: $(basename "$patch") does not apply" >&2; exit 1; }
done
cd "$work"
[ $# -gt 0 ] || set -- . ./experimental/... ./internal/engine/... ./internal/wasm/... ./internal/integration_test/engine \
	./internal/integration_test/spectest/...
go test -count=1 "$@"
