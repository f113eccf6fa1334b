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
.PHONY: judges judge-schemathesis judge-redocly judge-spectral judge-clients judge-client-python judge-client-typescript judge-hadolint audit

help: ## List every target
	@awk -F ': .*## ' '/^[a-z-]+:.*## / { printf "  make %-24s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run ## Install what it needs, then serve on port 8000 (PORT=)
	@exec $(PY) -m app serve $(if $(PORT),--port $(PORT))

test: $(VENV)/.dev ## Run every test, on SQLite and on PostgreSQL (ARGS= goes to pytest)
	$(PY) -m pytest $(ARGS)

faults: $(VENV)/.dev ## Run the tests that take long: processes killed at random, servers restarted, thousands at once
	$(PY) -m pytest -m long $(ARGS)

check: lint types imports openapi-check wording ## Everything that is quick to check, the tests with branch coverage, two of the judges
	$(PY) -m pytest -m "not long" --cov
	$(MAKE) judge-schemathesis DATABASE=sqlite SEED=1
	$(MAKE) judge-client-python

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

# Judges that others wrote, each in a place of its own, apart from everything that is ours.
judges: openapi-check judge-schemathesis judge-redocly judge-spectral judge-clients judge-hadolint audit ## Ask every judge from outside

judge-schemathesis: $(VENV)/.dev judges/.venv/.installed ## Hold a running service to its document (DATABASE=sqlite or postgresql, else both; SEED= repeats a run, ARGS= goes to schemathesis)
	for database in $(or $(DATABASE),sqlite postgresql); do \
		$(PY) -m judges.conformance $$database --max-examples $(or $(EXAMPLES),40) $(if $(SEED),--seed $(SEED)) $(ARGS) || exit 1; done

judge-redocly: judges/node_modules/.installed ## Hold the document to Redocly's recommended-strict
	cd judges && node_modules/.bin/redocly lint ../openapi/openapi.json

judge-spectral: judges/node_modules/.installed ## Hold the document to Spectral's rules for OpenAPI
	judges/node_modules/.bin/spectral lint --ruleset judges/spectral.yaml --fail-severity hint openapi/openapi.json

judge-clients: judge-client-python judge-client-typescript ## Generate clients from the document, and use them

judge-client-python: $(VENV)/.dev judges/.venv/.installed ## A generated Python client stores an interview and reads its plan
	$(PY) -m pytest judges

judge-client-typescript: judges/node_modules/.installed ## Generated TypeScript types are what a program in TypeScript needs
	judges/node_modules/.bin/openapi-typescript openapi/openapi.json --output judges/.generated/api.ts
	judges/node_modules/.bin/tsc --project judges

judge-hadolint: judges/.venv/.installed ## Look for mistakes in the Dockerfile
	judges/.venv/bin/hadolint Dockerfile

audit: $(VENV)/.dev judges/.venv/.installed ## Ask whether flaws are known of what is installed (says so where nobody can be asked)
	$(PY) -m judges.audit

clean: ## Remove what was installed and cached; var/ with its data stays
	rm -rf $(VENV) judges/.venv judges/node_modules judges/.generated .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	find app tests bench judges -name __pycache__ -prune -exec rm -rf {} +

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

bench/celery/.venv/.installed judges/.venv/.installed: %/.venv/.installed: %/requirements.lock | $(PY)
	$(PY) -m venv --clear $(@D)
	$(subst $(PY),$(@D)/bin/python,$(INSTALL)) $<
	@touch $@

judges/node_modules/.installed: judges/package-lock.json
	npm ci --prefix judges --silent
	@touch $@
