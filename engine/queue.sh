#!/bin/bash
# queue.sh open DIR: the release that go.mod names as a git repository in DIR, with a commit for each patch on top.
# queue.sh move DIR: those commits, rebased on the release that go.mod names now.
# queue.sh save DIR: the patches again, from those commits.
#
# A commit's subject is its patch's file name, the rest of its message what the patch says of itself. The tag "release" is the
# commit before the first. README.md tells what to do with it.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOWORK=off
module=github.com/tetratelabs/wazero
patches=$PWD/engine/patches
usage() { sed -n '2,4s/^# /engine\//p' engine/queue.sh >&2; exit 2; }
[ $# = 2 ] || usage
dir=$(realpath -m "$2")
g() { git -C "$dir" -c user.name=engine -c user.email=engine@localhost -c core.abbrev=7 "$@"; }

# release: what go.mod names, as a commit.
release() {
	go mod download $module
	cp -r "$(go list -m -f '{{.Dir}}' $module)/." "$dir"
	chmod -R u+w "$dir"
	g add -Af
	g commit -q --allow-empty -m "wazero $(go list -m -f '{{.Version}}' $module)"
	g tag -f release >&2
}

case $1 in
open)
	[ ! -e "$dir" ] || { echo "engine: $dir is there already" >&2; exit 1; }
	mkdir -p "$dir"
	g init -qb queue
	release
	for p in "$patches"/*.patch; do
		g apply --index "$p" || { echo "engine: $(basename "$p") does not apply; the commits in $dir end before it" >&2; exit 1; }
		{ basename "$p" .patch; echo; sed '/^diff --git /,$d' "$p"; } | g commit -qF -
	done ;;
move)
	old=$(g merge-base release queue)
	g checkout -q --detach release
	g rm -rqf .
	release
	g rebase -q --onto release "$old" queue ;;
save)
	[ "$(g branch --show-current)" = queue ] || { echo "engine: a rebase is under way in $dir" >&2; exit 1; }
	[ -z "$(g status --porcelain)" ] || { echo "engine: $dir has changes without a commit" >&2; exit 1; }
	rm -f "$patches"/*.patch
	for c in $(g rev-list --reverse release..queue); do
		text=$(g log -1 --format=%b "$c")
		{ [ -z "$text" ] || printf '%s\n\n' "$text"; g diff --no-renames --no-color "$c~" "$c"; } >"$patches/$(g log -1 --format=%s "$c").patch"
	done ;;
*) usage ;;
esac
