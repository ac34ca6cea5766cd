# Two commands: `make run` and `make test`. Both set up what they need in .venv and say what they do.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON      ?= python3
VENV        := .venv
BIN         := $(VENV)/bin
WORKERS     ?= 2
PIP         := $(BIN)/python -m pip --disable-pip-version-check --quiet install

.PHONY: help run test check format bench clean

help:           ## this list
	@grep -E '^[a-z]+: .*##' Makefile | sed -E 's/:[^#]*## */\t/' | expand -t 12

run: $(VENV)/installed    ## run Lading (database, API, console, worker); Ctrl-C stops it
	@exec $(BIN)/lading up

test: check     ## all checks and all tests
	@echo "== tests"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder

check: $(VENV)/installed-for-development    ## ruff, mypy --strict, import-linter
	@echo "== ruff"
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet || { echo "ruff: some files are not formatted; run make format" >&2; exit 1; }
	@echo "== mypy --strict"
	@$(BIN)/mypy
	@echo "== import-linter"
	@out=$$($(BIN)/lint-imports) || { echo "$$out"; exit 1; }; echo "$$out" | tail -n 2

format: $(VENV)/installed-for-development   ## format all Python files
	@$(BIN)/ruff format

bench: $(VENV)/installed-for-development    ## the measured claims; writes build/bench.json
	@$(BIN)/python -m benchmarks

clean:          ## remove the virtual environment and everything that was built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache src/lading/entrypoints/console/static/vendor

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Lading needs Python 3.11 or newer, and there is no $(PYTHON)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Lading needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "This Python lacks the venv module. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "== making the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# The stamps depend on what is installed, not on the sources: those are used in place.
SOURCES := pyproject.toml hatch_build.py package-lock.json

$(VENV)/installed: $(SOURCES) | $(VENV)/bin/python
	@echo "== installing Lading and what it needs (the first time takes a minute)"
	@$(PIP) --editable . || { echo "pip could not install Lading's dependencies: is the package index reachable?" >&2; exit 1; }
	@touch $@

$(VENV)/installed-for-development: $(SOURCES) | $(VENV)/bin/python
	@echo "== installing Lading and its tools (the first time takes a minute)"
	@$(PIP) --editable '.[dev]' || { echo "pip could not install Lading's tools: is the package index reachable?" >&2; exit 1; }
	@touch $@ $(VENV)/installed
