# Everything lives in .venv; nothing else on the machine is touched (Kafka's jars are cached under ~/.cache/campaign-bridge).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
# An existing uv is used; otherwise one is installed into the project's own .venv.
UV := $(shell command -v uv 2>/dev/null || echo $(BIN)/uv)

# Most tests wait for something. Each of the two workers has a Kafka of its own.
TWO_AT_A_TIME := -n 2 --dist worksteal

SEEDS ?= 20000
FROM ?= 0
HUNT := PYTHONPATH=tests PYTHONHASHSEED=0 $(BIN)/python -m simulation.hunting

.DEFAULT_GOAL := help
.PHONY: help setup run up test test-all simulation mutants chaos bench lint audit fmt docs clean

help:  ## show this help
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready  ## make .venv with everything in it

$(VENV)/.ready: pyproject.toml uv.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x "$(UV)" || command -v "$(UV)" >/dev/null || $(BIN)/python -m pip install --quiet "uv==$(UV_VERSION)"
	@UV_PROJECT_ENVIRONMENT=$(VENV) UV_PYTHON=$(abspath $(BIN)/python) UV_PYTHON_DOWNLOADS=never $(UV) sync --quiet --locked --inexact --all-extras
	@touch $@

run: setup  ## the main job, on an embedded real Kafka: the 2022 World Cup as campaigns
	@$(BIN)/bridge demo

up: setup  ## a running system to play with: Kafka, simulator, one replica
	@$(BIN)/bridge demo --stay

test: setup  ## the tests (within 8 minutes)
	@$(BIN)/pytest $(TWO_AT_A_TIME) -m "not slow"

# What is measured under load is measured alone.
test-all: setup  ## the slow tests too (within an hour)
	@$(BIN)/pytest $(TWO_AT_A_TIME) --ignore tests/load
	@$(BIN)/pytest tests/load

simulation: setup  ## dispatch, ledger and reconcile under faults, from 20,000 seeds (SEEDS=..., FROM=...)
	@$(HUNT) --seeds $(SEEDS) --from $(FROM)

mutants: setup  ## take out one rule of the ledger at a time: the simulation must notice (ONLY=name,name)
	@$(HUNT) --mutants $(if $(ONLY),--only $(ONLY))

bench: setup  ## how fast and how large, within half an hour; ARGS="--help" for less
	@PYTHONPATH=tests $(BIN)/python -m bench $(ARGS)

chaos: setup  ## kill, freeze and cut off replicas, brokers and vendor for most of an hour, then count; ARGS="--help" for less
	@PYTHONPATH=tests $(BIN)/python -m chaos $(ARGS)

lint: setup  ## ruff, mypy, import contracts, licences, and the routing table with its tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m tools.licences
	@$(BIN)/bridge check --routes config/routes.yaml
	@$(BIN)/bridge test --routes config/routes.yaml

audit: setup  ## known vulnerabilities of the locked dependencies, from osv.dev
	@$(BIN)/python -m tools.audit $(UV)

fmt: setup  ## format, and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: setup  ## generate the reference pages from the code
	@$(BIN)/python -m tools.reference

clean:  ## remove what was built
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache dist
