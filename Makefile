# firewatch on a fresh machine: `make demo` and `make test`. Only Python >= 3.11 and make are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help setup setup-dev demo test clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

setup: $(VENV)/run.stamp  ## prepare .venv with firewatch in it

setup-dev: $(VENV)/dev.stamp  ## the same, with everything the tests need

# A stamp newer than what it was made from makes a second run a no-op.
$(VENV)/run.stamp: pyproject.toml requirements/run.txt requirements/build.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "firewatch needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --require-hashes -r requirements/run.txt -r requirements/build.txt
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	touch $@

demo: setup  ## start the demonstration alliance at http://127.0.0.1:8000
	$(BIN)/firewatch demo $(if $(WEATHER),--weather $(WEATHER))

clean:  ## remove what `make` made; your data folder is left alone
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .coverage*
