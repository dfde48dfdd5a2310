#!/bin/sh
# Pins every dependency with the hashes of all platforms' files; needs uv on the PATH. No address is written.
set -eu
cd "$(dirname "$0")/.."
lock() {
    out=$1
    shift
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-header --no-annotate --no-strip-extras "$@" --output-file "requirements/$out"
}
lock run.txt pyproject.toml
lock grid.txt pyproject.toml --extra grid
lock roads.txt pyproject.toml --extra roads
lock build.txt --group build
lock dev.txt pyproject.toml --extra grid --extra roads --group dev
lock bench.txt pyproject.toml --extra grid --extra roads --group dev --group bench
