# The commands for a clone. They need Python 3.11 or newer and make. pip's own settings say where packages come from.

PYTHON ?= python3
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# COMMERCE_… settings and a shell's own environment reach the commands; its virtual environment and paths do not,
# nor does a ban on bytecode: every process of the tests would compile all modules again.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

.PHONY: help run test quick-tests test-slow test-long browser-tests faults fuzz mutants bench bench-long lint audit events docs translations lock clean

help:  ## List these commands.
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.run  ## Start a whole system and keep it running until Ctrl-C (ARGS="--replicas saga=2").
	@exec $(BIN)/commerce up --end-with-parent $(ARGS)

test: $(VENV)/.dev  ## Check style, types and dependencies while every test that is quick runs (ARGS: for pytest).
	@$(MAKE) --no-print-directory --jobs=2 lint quick-tests

quick-tests: $(VENV)/.dev
	$(BIN)/python -m pytest -n 3 --dist loadgroup $(ARGS)

test-slow: $(VENV)/.dev  ## Run the tests that start whole systems or workers, rebuild, or ask every route (ARGS).
	$(BIN)/python -m pytest -n 3 --dist loadgroup -m "slow and not long" $(ARGS)

test-long: $(VENV)/.dev  ## Run the tests that take minutes.
	$(BIN)/python -m pytest -m long --ignore=tests/browser $(ARGS)

browser-tests: $(VENV)/.dev  ## Look at every page of the console with Chromium, which is to be there (SCREENSHOTS=folder, ARGS).
	SCREENSHOTS=$(SCREENSHOTS) $(BIN)/python -m pytest -m long tests/browser $(ARGS)

faults: $(VENV)/.dev  ## Do harm to real systems and check what holds; a table at the end (SEED, ORDERS, POINTS, KILLS, ARGS).
	FAULT_SEED=$(SEED) FAULT_ORDERS=$(ORDERS) FAULT_POINTS=$(POINTS) FAULT_KILLS=$(KILLS) FAULT_RESULTS=$(or $(RESULTS),faults.json) \
		$(BIN)/python -m pytest tests/faults -m "long or not long" $(ARGS)

fuzz: $(VENV)/.dev  ## Ask every route for what the OpenAPI document allows and forbids, as everybody (SEED, EXAMPLES, ARGS).
	FUZZ_SEED=$(SEED) FUZZ_EXAMPLES=$(EXAMPLES) \
		$(BIN)/python -m pytest tests/integration/api/test_fuzzing.py -m long --show-capture=no $(ARGS)

mutants: $(VENV)/.dev  ## Change the process manager in 3,300 ways, and see that a quick test finds each (ARGS: for mutmut).
	$(BIN)/mutmut run $(ARGS)
	$(BIN)/python -m tests.mutants

bench: $(VENV)/.dev $(PEERS)/.done  ## Compare with peers, each benchmark in two minutes (NAME="append http": only these).
	PYTHONPATH=src:. $(BIN)/python -m bench $(NAME)

bench-long: $(VENV)/.dev $(PEERS)/.done  ## The benchmarks that take many minutes: growth, rebuild, memory, replicas, console.
	PYTHONPATH=src:. $(BIN)/python -m bench --long

lint: $(VENV)/.dev  ## Check style, types and dependencies.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports

audit: $(VENV)/.dev  ## Name the packages of requirements.lock with known vulnerabilities: a warning, which fails nothing.
	@$(BIN)/python scripts/audit.py

events: $(VENV)/.dev  ## Keep an example of each new event, or new version of one, in tests/schema.
	$(BIN)/python -m tests.schema

docs: $(VENV)/.dev  ## Write docs/events.md, docs/openapi.json and clients/python from the code; not what breaks a client.
	PYTHONPATH=. $(BIN)/python -m tests.pages

translations: $(VENV)/.dev  ## Write each new text of the console into the files of its translations.
	PYTHONPATH=. $(BIN)/python scripts/translations.py

lock:  ## Choose the newest versions that fit and write both lock files (needs uv).
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		pyproject.toml --group build --output-file requirements.lock
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		pyproject.toml --group dev --constraints requirements.lock --output-file requirements-dev.lock
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		bench/peers/requirements.in --constraints requirements.lock --output-file bench/peers/requirements.lock

clean:  ## Remove the virtual environment and every cache; the data in .commerce stays.
	rm -rf $(VENV) $(PEERS) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis mutants
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "commerce needs Python 3.11 or newer, and $(PYTHON) is not; try make PYTHON=/path/to/python3" >&2; exit 2; }
	@echo "making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	@echo "installing what requirements.lock lists into $(VENV)"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "installing what requirements-dev.lock lists into $(VENV)"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src api projections workers  # once, and not in each process of the tests
	@$(BIN)/python -m pytest --collect-only -qq > /dev/null  # which compiles the tests, as pytest does
	@touch $@

$(PEERS)/.done: bench/peers/requirements.lock | $(BIN)/python
	@echo "installing what bench/peers/requirements.lock lists into $(PEERS)"
	@$(BIN)/python -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/peers/requirements.lock
	@touch $@
