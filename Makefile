# make help says what each target does.
.DEFAULT_GOAL := all
.PHONY: all env check reviews test docs lab bench help

PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# a run starts some twenty processes, and each would compile pandas and scikit-learn anew where bytecode is turned off
unexport PYTHONDONTWRITEBYTECODE

all: env ## environment, check of the exports, pipeline, pages: reports/index.html
	@crmlab run

env: .venv/ready ## the environment alone (.venv, exact versions of requirements.lock)

check: env ## judge every file and row in data/raw/<company>, without running the pipeline
	@crmlab check

reviews: env ## the service review of every VIP in reports/reviews/ (one customer: crmlab review CUSTOMER)
	@crmlab review --all-vip

test: env ## the fast tests (others: .venv/bin/pytest -m slow, real, browser or spark)
	@pytest --numprocesses 2 --dist loadfile

docs: env ## the API reference of what analysts import: docs/api/index.html
	@python docs/make_api.py

lab: env ## Jupyter on notebooks/
	@jupyter lab notebooks

bench: env ## every benchmark against its peers; results in benchmarks/results/
	@for b in benchmarks/*.py; do python $$b --json benchmarks/results/$$(basename $$b .py).json || exit 1; done

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 14

# uv installs from the lock in seconds; where the machine has none, one is put beside the environment.
.venv/ready: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "crmlab needs Python 3.11 or newer; $(PYTHON) is older. Name another: make PYTHON=python3.12"; exit 1; }
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv || { echo "on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@command -v uv >/dev/null || test -x .venv/uv/bin/uv || { $(PYTHON) -m venv .venv/uv && .venv/uv/bin/pip install --quiet uv; }
	@echo "environment: installing the versions of requirements.lock into .venv"
	@uv=$$(command -v uv || echo .venv/uv/bin/uv); \
	  $$uv pip sync --quiet --python .venv/bin/python requirements.lock && \
	  $$uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@touch $@
