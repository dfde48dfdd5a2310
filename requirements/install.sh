#!/bin/sh
# Installs firewatch into the virtualenv $1 as production has it: every dependency pinned by hash, then the wheel
# alone. The Dockerfile and CI run this same script. PYTHON names the interpreter (with pip); default python3.
set -eu
into=$1
python=${PYTHON:-python3}
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

pip_in() {
    venv=$1
    shift
    "$python" -m pip --disable-pip-version-check --python "$venv/bin/python" "$@"
}

"$python" -m venv --without-pip "$work/build"
pip_in "$work/build" install --quiet --require-hashes -r requirements/build.txt
pip_in "$work/build" wheel --quiet --no-deps --no-build-isolation --wheel-dir "$work" .

# An older firewatch in that folder is replaced, so that a second run is an update.
"$python" -m venv --without-pip "$into"
pip_in "$into" install --quiet --require-hashes -r requirements/run.txt
pip_in "$into" install --quiet --no-deps --force-reinstall "$work"/firewatch-*.whl
