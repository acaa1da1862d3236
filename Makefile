# Everything from nothing, without root: virtual environments under .venv, programs for the tests under .tools.
# `make` alone lists what can be made.

MAKEFLAGS += --no-print-directory
DEV := .venv/dev
DEMO := .venv/demo
SOURCES := $(shell find hubctl schemas config -name '*.py' -o -name '*.json' -o -name '*.yaml' -o -name '*.jsonnet')
PYTEST := $(DEV)/bin/python -m pytest -n 2
DECIDING := hubctl/text/*,hubctl/images/*,hubctl/proposals/decision.py
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help
help: ## list what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 14

.PHONY: demo
demo: $(DEMO)/installed ## the whole main job on an example fleet, by the installed wheel
	@$(DEMO)/bin/hubctl demo

.PHONY: play
play: $(DEMO)/installed ## a shell in the example fleet, to try the commands of the pages
	@$(DEMO)/bin/python docs/playing.py

.PHONY: test
test: $(DEV)/installed tools ## every test, the slow ones too
	$(PYTEST)

.PHONY: fast
fast: $(DEV)/installed tools ## the tests that take less than two seconds each
	$(PYTEST) -m 'not slow'

.PHONY: check
check: lint tools ## what CI runs: style, types, contracts, workflows, tests, coverage
	rm -f .coverage .coverage.*
	$(DEV)/bin/coverage run -m pytest -n 2
	$(DEV)/bin/coverage combine --quiet
	$(DEV)/bin/coverage report
	$(DEV)/bin/coverage report --include='$(DECIDING)' --fail-under=100

.PHONY: lint
lint: $(DEV)/installed ## the checks that run no test
	$(DEV)/bin/ruff check
	$(DEV)/bin/ruff format --check
	$(DEV)/bin/mypy
	$(DEV)/bin/lint-imports
	$(DEV)/bin/zizmor --offline --pedantic --quiet .github

.PHONY: bench
bench: $(DEV)/installed ## the figures of bench/README.md
	@for bench in $(basename $(notdir $(wildcard bench/[a-z]*.py))); do $(DEV)/bin/python -m bench.$$bench || exit 1; done

.PHONY: docs
docs: $(DEV)/installed ## what the pages show and both pictures, recorded anew from the commands
	$(DEV)/bin/python -m docs.record

.PHONY: tools
tools: ## every program the tests run for real: registry, age-keygen, sops
	@tools/install-tools registry age-keygen sops

.PHONY: lock
lock: ## write the lock files anew
	@PYTHON=$${PYTHON:-python3.11} tools/lock

.PHONY: clean
clean: ## remove everything that was made
	rm -rf .venv .tools build dist *.egg-info .coverage .coverage.* .hypothesis
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(DEMO)/locked: requirements.txt requirements-build.txt tools/make-venv
	@tools/make-venv $(DEMO) requirements.txt requirements-build.txt
	@touch $@

# Built afresh: setuptools would put files that are gone by now into the wheel again.
$(DEMO)/installed: $(DEMO)/locked pyproject.toml README.md LICENSE $(SOURCES)
	@rm -rf build $(DEMO)/wheel
	@$(DEMO)/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir $(DEMO)/wheel .
	@$(DEMO)/bin/python -m pip install --quiet --no-deps --force-reinstall $(DEMO)/wheel/*.whl
	@touch $@

$(DEV)/installed: requirements-dev.txt requirements-build.txt tools/make-venv pyproject.toml
	@tools/make-venv $(DEV) requirements-dev.txt requirements-build.txt
	@$(DEV)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
