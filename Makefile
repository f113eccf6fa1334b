# Needs make and python3 >= 3.11; where uv is there, it installs, faster.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# Both are asked only where something is to be installed: a second `make run` does not wait for them.
UV = $(shell uv --version >/dev/null 2>&1 && echo uv)
INSTALL = $(if $(UV),uv pip install --quiet --compile-bytecode --python $(PY),$(PY) -m pip install --quiet) --require-hashes --requirement
COMPILE = $(or $(UV),$(VENV)/bin/uv) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra proofread $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test faults check lint types imports openapi-check wording format openapi lock bench bench-webhooks clean

help: ## List every target
	@awk -F ': .*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run ## Install what it needs, then serve on port 8000 (PORT=)
	@exec $(PY) -m app serve $(if $(PORT),--port $(PORT))

test: $(VENV)/.dev ## Run every test, on SQLite and on PostgreSQL (ARGS= goes to pytest)
	$(PY) -m pytest $(ARGS)

faults: $(VENV)/.dev ## Run the tests that take long: processes killed at random, servers restarted, thousands at once
	$(PY) -m pytest -m long $(ARGS)

check: lint types imports openapi-check wording ## Everything that is quick to check, the tests with branch coverage
	$(PY) -m pytest -m "not long" --cov

lint: $(VENV)/.dev ## Look for mistakes and for what is not formatted
	$(PY) -m ruff check
	$(PY) -m ruff format --check

types: $(VENV)/.dev ## Check the types
	$(PY) -m mypy

imports: $(VENV)/.dev ## Check who imports whom
	$(VENV)/bin/lint-imports

openapi-check: $(VENV)/.dev ## Check that openapi/openapi.json is valid, and what the code says
	$(PY) -m app openapi | diff -u openapi/openapi.json - || { echo "openapi/openapi.json is not what the code says: run make openapi"; exit 1; }
	$(PY) -m openapi_spec_validator openapi/openapi.json

wording: $(VENV)/.dev ## Check that every sentence is ours, where the articles are at hand
	@if [ -f ../shared/checks/wording.py ]; then $(PY) ../shared/checks/wording.py; else echo "The articles are not at hand: wording not checked."; fi

format: $(VENV)/.dev ## Format the code and mend what can be mended
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

openapi: $(VENV)/.run ## Write openapi/openapi.json anew from the code
	$(PY) -m app openapi --output openapi/openapi.json

lock: $(PY) ## Write the lock files anew from pyproject.toml (UPGRADE=1 takes the newest of everything)
	$(if $(UV),,$(PY) -m pip install --quiet uv)
	$(COMPILE) --output-file requirements.lock pyproject.toml
	$(COMPILE) --output-file requirements-dev.lock --constraint requirements.lock --extra dev pyproject.toml

bench: $(VENV)/.dev ## Measure, each against a named peer
	$(PY) -m bench

# The peer has a place of its own, apart from everything that is ours.
bench-webhooks: $(VENV)/.dev bench/celery/.venv/.installed ## Measure webhooks against Celery (needs redis-server; SCALE=0.1 is quicker)
	$(PY) -m bench webhooks claims latency $(if $(SCALE),--scale $(SCALE))

clean: ## Remove what was installed and cached; var/ with its data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	find app tests bench -name __pycache__ -prune -exec rm -rf {} +

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Afterword needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(if $(UV),uv venv --quiet --clear --seed --python $(PYTHON) $(VENV),$(PYTHON) -m venv --clear $(VENV))

$(VENV)/.run: requirements.lock | $(PY)
	$(INSTALL) requirements.lock
	@touch $@

# The development lock holds all of the other one, at the same versions.
$(VENV)/.dev: requirements-dev.lock | $(PY)
	$(INSTALL) requirements-dev.lock
	@touch $@ $(VENV)/.run

bench/celery/.venv/.installed: bench/celery/requirements.lock | $(PY)
	$(PY) -m venv --clear $(@D)
	$(subst $(PY),$(@D)/bin/python,$(INSTALL)) $<
	@touch $@
