# Every target sets up .venv by itself. Needed on the machine: Python 3.11 or newer with venv, git, make.

PYTHON ?= python3
ADDR ?= 127.0.0.1:8000
ARGS ?=
PEERS ?=

VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/.ready

export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help serve build test lint bench clean

help: ## show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "make %-6s  %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "PYTHON=$(PYTHON)  ADDR=$(ADDR)  ARGS=\"...\" is passed on (make test ARGS=\"-k load\"), PEERS=\"...\" to the comparison of make bench"

serve: $(READY) ## read the site at http://127.0.0.1:8000/ (ADDR); a saved file shows at once
	$(BIN)/python -m mkdocs serve --dev-addr $(ADDR) $(ARGS)

build: $(READY) ## write the site to site/; a warning is an error
	$(BIN)/python -m mkdocs build --strict $(ARGS)

test: $(READY) ## run all tests; those without their browser or nginx are skipped and say so
	$(BIN)/python -m pytest -n auto $(ARGS)

lint: $(READY) ## check style, types and layers
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-logo

bench: $(READY) ## measure time and memory, also of other tools, and how many faults between languages are found; prints tables
	$(BIN)/python benchmarks/parity.py
	$(BIN)/python benchmarks/checks.py
	$(BIN)/python benchmarks/review.py
	$(BIN)/python benchmarks/run.py $(ARGS)
	$(BIN)/python -m benchmarks.peers $(PEERS)

clean: ## delete all that these commands made
	rm -rf $(VENV) site dist .cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find generator tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(READY): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here (install Python 3.11 or newer, or name yours: make PYTHON=/path/to/python3)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is $$($(PYTHON) -V 2>&1), older than 3.11 (install a newer one and name it: make PYTHON=/path/to/python3)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments (on Debian and Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@
