# make demo: from a fresh clone to a running city. make help: everything else.
.DEFAULT_GOAL := help
.PHONY: help demo test test-long check bench bench-peers lock clean

ARGS ?=
# The first Python from 3.11 to 3.13 on this machine, or say which: make demo PYTHON=/opt/python3.12/bin/python3
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 .venv/bin/python; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := .venv/bin

define bootstrap
	@test -n "$(PYTHON)" || { echo "Python 3.11 to 3.13 is missing. Install it: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) scripts/bootstrap.py $(1)
endef

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

demo:  ## the demo city at http://127.0.0.1:8000; ARGS=--check starts, checks itself and ends; ARGS=--reset loads it anew
	$(call bootstrap,run)
	@$(BIN)/shouwang demo $(ARGS)

test:  ## every test but the long ones, browser tests included; ARGS goes to pytest
	$(call bootstrap,browser)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not long" $(ARGS)

test-long:  ## kill -9 campaigns, large properties, the second server at 127.0.0.1:5432 when it answers
	$(call bootstrap,browser)
	$(BIN)/python -m pytest -m long $(ARGS)

check:  ## format, lint, types, layers, licences
	$(call bootstrap,dev)
	$(BIN)/ruff format --check src tests scripts
	$(BIN)/ruff check src tests scripts
	$(BIN)/mypy src
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_licences.py

bench:  ## the measurements of docs/benchmarks.md
	$(call bootstrap,dev)
	$(BIN)/python -m scripts.bench $(ARGS)

bench-peers:  ## our rules beside OpenFisca's, which gets an environment of its own
	$(call bootstrap,dev)
	$(BIN)/python -m scripts.bench.peers $(ARGS)

lock:  ## pin and hash what requirements/*.in ask for, keeping the pins that still fit; ARGS=--upgrade takes newer ones
	$(call bootstrap,dev)
	for name in base dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
			$(ARGS) requirements/$$name.in --output-file requirements/$$name.txt || exit 1; done

clean:  ## remove what was built here; the database and its keys lie elsewhere and stay
	rm -rf .venv frontend/node_modules src/shouwang/web/static/dist build .pytest_cache .mypy_cache .ruff_cache \
		.hypothesis .import_linter_cache test-results .peers .bootstrap.lock
