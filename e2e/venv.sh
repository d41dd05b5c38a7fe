#!/bin/bash
# venv.sh: the virtual environment of the clients' tests, made where it is missing. Prints where its python is.
# It lives in the user's cache folder, named by the digest of what is in it. verl's wheel is unpacked beside it and not
# installed: the whole of it is a training framework, and its client is two files.
set -euo pipefail
cd "$(dirname "$0")"
../wasm/python/install.sh "for the clients' tests" python3 python3-venv
digest=$(cat requirements.txt verl.txt <(python3 --version) | sha256sum | cut -c1-16)
dir=${XDG_CACHE_HOME:-$HOME/.cache}/borel/e2e/$digest
if [ ! -f "$dir/complete" ]; then
	echo "installing the clients into $dir (about 400 MB, once)" >&2
	rm -rf "$dir" && mkdir -p "$dir"
	python3 -m venv "$dir/venv" >&2
	pip=("$dir/venv/bin/python" -m pip --disable-pip-version-check -q)
	"${pip[@]}" install --no-compile --require-hashes --only-binary :all: -r requirements.txt >&2
	"${pip[@]}" download --no-deps --require-hashes --ignore-requires-python -r verl.txt -d "$dir/verl" >&2
	"$dir/venv/bin/python" -m zipfile -e "$dir"/verl/verl-*.whl "$dir/verl" >&2
	touch "$dir/complete"
fi
echo "$dir/venv/bin/python"
