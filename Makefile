# firewatch on a fresh machine: `make demo` and `make test`. Only Python >= 3.11 with pip, and make, are needed.
PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
# The machine's own pip fills .venv: it then needs no pip inside, nor ensurepip, which some systems leave out.
PIP := $(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python

.PHONY: help setup setup-dev demo test test-browser chaos bench bench-messages bench-danger bench-grid bench-dispatch bench-roads bench-bulletin bench-season bench-console coverage lint check lock wheel install clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

setup: $(VENV)/run.stamp  ## prepare .venv with firewatch in it

setup-dev: $(VENV)/dev.stamp  ## the same, with everything the tests need

# A stamp newer than what it was made from makes a second run a no-op.
$(VENV)/run.stamp: pyproject.toml requirements/run.txt requirements/build.txt
	$(PYTHON) requirements/check_python.py
	test -x $(BIN)/python || $(PYTHON) -m venv --without-pip $(VENV)
	$(PIP) install --quiet --require-hashes -r requirements/run.txt -r requirements/build.txt
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	touch $@

$(VENV)/bench.stamp: $(VENV)/dev.stamp requirements/bench.txt
	$(PIP) install --quiet --require-hashes -r requirements/bench.txt
	touch $@

demo: setup  ## start the demonstration alliance at http://127.0.0.1:8000 (FIREWATCH_PORT=, WEATHER=FILE)
	$(BIN)/firewatch demo $(if $(WEATHER),--weather '$(WEATHER)')

# The stories come first: they take longest, and the other worker takes over what is left of the rest.
test: setup-dev  ## set everything up and pass the tests (WORKERS=2, PYTEST_ARGS=)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS) tests/chaos tests/story tests/service tests/unit

test-browser: setup-dev  ## the pages in a real Chromium, which must be installed
	$(BIN)/python -m pytest -m browser -n $(WORKERS) --dist loadfile $(PYTEST_ARGS) tests/browser

# In such an order that both workers are busy to the end; more of them would take the processor from what is timed.
CHAOS = tests/chaos/test_provider.py tests/chaos/test_database.py tests/story/test_kill.py tests/chaos/test_service.py

chaos: setup-dev  ## inject every fault that messaging has to stand, at full size, and print lost and doubled (PYTEST_ARGS=)
	@rm -f build/chaos.md; mkdir -p build
	FIREWATCH_TEST_CHAOS=full FIREWATCH_TEST_CHAOS_TABLE=build/chaos.md FIREWATCH_TEST_KILLS=200 \
		$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal $(PYTEST_ARGS) $(CHAOS); \
		status=$$?; echo "| fault or load | lost | doubled | figures |"; cat build/chaos.md; exit $$status

bench: setup-dev  ## measure: seconds from a fire report to the last agency's message
	$(BIN)/python -m bench.report_latency

bench-messages: setup-dev  ## measure: ten thousand recipients, and how soon a new fire's agencies are told (BENCH_ARGS=)
	$(BIN)/python -m bench.messages $(BENCH_ARGS)

bench-danger: $(VENV)/bench.stamp  ## measure: the daily FWI over many cells, beside xclim
	$(BIN)/python -m bench.danger

bench-grid: setup-dev  ## measure: one day on a made-up 1 km grid of China (BENCH_ARGS=)
	$(BIN)/python -m bench.grid $(BENCH_ARGS)

bench-dispatch: setup-dev  ## measure: seconds to a proven plan, and what joint planning gains (BENCH_ARGS=)
	$(BIN)/python -m bench.dispatch $(BENCH_ARGS)

bench-roads: setup-dev  ## measure: travel minutes to one fire from 100,000 road nodes (BENCH_ARGS=)
	$(BIN)/python -m bench.roads $(BENCH_ARGS)

bench-bulletin: setup-dev  ## measure: seconds to make a bulletin's files, and readers served a second (BENCH_ARGS=)
	$(BIN)/python -m bench.bulletin $(BENCH_ARGS)

bench-console: setup-dev  ## measure: weight and delay of the live situation, alone and with fifty consoles open
	$(BIN)/python -m bench.console

bench-season: setup-dev  ## measure: every CAP of a season of 212 days against the schema; wants the reference data (BENCH_ARGS=)
	$(BIN)/python -m bench.season $(BENCH_ARGS)

coverage: setup-dev  ## judge what tests measured with PYTEST_ARGS=--cov: 90 % of all, 100 % of the pure modules
	$(BIN)/coverage combine --quiet --append || test -f .coverage
	$(BIN)/coverage report --fail-under=90
	$(BIN)/coverage report --fail-under=100 --include="$$($(BIN)/python -m tests.pure_modules)"

lint: setup-dev  ## everything that is checked without running the service
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry firewatch
	$(BIN)/hadolint Dockerfile

check: lint test  ## lint and test

lock:  ## pin every dependency anew with the hashes of its files (needs uv)
	requirements/lock.sh

wheel: setup  ## build dist/firewatch-*.whl, with config and migrations inside
	$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

install:  ## install as in production into the virtualenv INTO=FOLDER, the steps of the Dockerfile
	$(if $(INTO),,$(error say where: make install INTO=/opt/firewatch))
	$(PYTHON) requirements/check_python.py
	PYTHON='$(PYTHON)' requirements/install.sh '$(INTO)'

clean:  ## remove what `make` made; your data folder is left alone
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*
