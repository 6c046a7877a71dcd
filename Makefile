# Everything a fresh machine with Python 3.10 or later needs: `make demo` and `make test`.
# Another interpreter or place: make test PYTHON=python3.12 VENV=/tmp/venv

PYTHON ?= python3
VENV   ?= .venv
JOBS   ?= auto
CORE   ?= tests
RUN    := $(VENV)/bin/python
PYTEST  = $(RUN) -m pytest -n $(JOBS)

.PHONY: help demo test check core lint format types bench clean

help:
	@echo "make demo    set everything up and run the main job (under a minute after the set-up)"
	@echo "make test    set everything up and run all tests"
	@echo "make check   format, lint, types and the core tests (about five minutes): for every few edits"
	@echo "make core    the core tests alone"
	@echo "make format  rewrite the sources in the house format"
	@echo "make bench   time derivatives against the primal, hand-written ones, JAX, PyTorch and autograd"
	@echo "make clean   remove what was set up"

# One stamp for each set of extras: a target installs what it needs, once.
$(VENV)/.installed-%: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "adcompile needs Python 3.10 or later: make PYTHON=python3.12 ..."; exit 1; }
	test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@

demo: $(VENV)/.installed-demo
	$(VENV)/bin/adcompile demo

test: $(VENV)/.installed-test
	$(PYTEST)
	$(RUN) -m pytest -q --doctest-modules adcompile

core: $(VENV)/.installed-test
	$(PYTEST) -q -m core $(CORE)

lint: $(VENV)/.installed-lint
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .

types: $(VENV)/.installed-lint
	$(RUN) -m mypy

format: $(VENV)/.installed-lint
	$(RUN) -m ruff format .
	$(RUN) -m ruff check --fix .

check: lint types core

bench: $(VENV)/.installed-bench
	$(RUN) -m benchmarks
	$(RUN) -m benchmarks.activations
	$(RUN) -m benchmarks.overhead
	$(RUN) -m benchmarks.gradbench --time
	$(RUN) -m benchmarks.scientific

clean:
	rm -rf .venv .venv-3.* build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
