# Everything lives in .venv; nothing else on the machine is touched (Kafka's jars are cached under ~/.cache/campaign-bridge).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
# An existing uv is used; otherwise one is installed into the project's own .venv.
UV := $(shell command -v uv 2>/dev/null || echo $(BIN)/uv)

# Most tests wait for something. Each worker has a Kafka of its own.
WORKERS := --dist worksteal -n

SEEDS ?= 20000
FROM ?= 0
HUNT := PYTHONPATH=tests PYTHONHASHSEED=0 $(BIN)/python -m simulation.hunting

.DEFAULT_GOAL := help
.PHONY: help setup run up test test-all simulation mutants chaos bench bench-compare lint audit fmt docs ops-rules ops-live pictures tools ops-chart ops k8s-e2e image sbom clean

help:  ## show this help
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

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
	@$(BIN)/pytest $(WORKERS) 3 -m "not slow"

# What is measured under load is measured alone.
test-all: setup  ## the slow tests too (within an hour)
	@$(BIN)/pytest $(WORKERS) 2 --ignore tests/load --ignore tests/deploying
	@$(BIN)/pytest tests/load

simulation: setup  ## dispatch, ledger and reconcile under faults, from 20,000 seeds (SEEDS=..., FROM=...)
	@$(HUNT) --seeds $(SEEDS) --from $(FROM)

mutants: setup  ## take out one rule of the ledger at a time: the simulation must notice (ONLY=name,name)
	@$(HUNT) --mutants $(if $(ONLY),--only $(ONLY))

bench: setup  ## how fast and how large, beside a naive reference, in half an hour; ARGS="--help" for less
	@PYTHONPATH=tests $(BIN)/python -m bench $(ARGS)

bench-compare: setup  ## the same, and what differs from a saved run (BASE=file), and what of that is noise
	@PYTHONPATH=tests $(BIN)/python -m bench --compare $(or $(BASE),docs/performance/run.json) $(ARGS)

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

tools: setup  ## into .tools what `make ops` needs: helm, kubeconform, linters (needs Go; some minutes the first time)
	@tools/install-tools.sh

# What builds, or measures under load.
ALONE := tests/deploying/test_image.py tests/deploying/test_rollout.py

ops-chart: tools  ## of `make ops` what needs no container, in two minutes
	@$(BIN)/pytest $(WORKERS) 2 tests/deploying $(patsubst %,--ignore %,$(ALONE))

ops: ops-chart  ## chart, image, compose and workflows: linted, rendered, tested, the image built and run
	@tools/install-tools.sh --with-containers
	@$(BIN)/pytest -n0 -rA $(ALONE)

k8s-e2e: tools  ## the chart on a real API server: install, upgrade, rollback, drain. Builds Kubernetes first: 20 minutes
	@tools/build-kubernetes.sh
	@$(BIN)/pytest -n0 -rA tests/deploying/e2e.py

IMAGE ?= campaign-bridge:dev
DOCKER ?= docker

image:  ## build the image; DOCKER=buildah works as well (docs/image.md)
	@$(DOCKER) build --tag $(IMAGE) --build-arg VERSION=$(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml) \
	  --build-arg REVISION=$(shell git rev-parse HEAD) --build-arg CREATED=$(shell git log -1 --format=%cI) .

sbom: setup  ## what the image is made of, as CycloneDX: dist/sbom.cdx.json
	@mkdir -p dist
	@$(UV) export --quiet --locked --no-dev --all-extras --no-extra demo --preview-features sbom-export --format cyclonedx1.5 --output-file dist/sbom.cdx.json

fmt: setup  ## format, and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: setup  ## generate the reference pages, the page of performance, the alerts and the dashboards from the code
	@$(BIN)/python -m tools.reference
	@PYTHONPATH=tests $(BIN)/python -m tools.performance
	@$(BIN)/python -m tools.ops

# Both need Debian's package prometheus (prometheus and promtool on the PATH); without it they say so: NOT TESTED.
ops-rules: setup  ## dashboards, and every alert judged by promtool
	@$(BIN)/pytest tests/ops --ignore tests/ops/test_live.py

ops-live: setup  ## every panel and alert against a real Prometheus, healthy and on a bad day (8 minutes)
	@$(BIN)/pytest tests/ops/test_live.py

pictures: setup  ## draw the dashboards anew from a live run, into docs/dashboards/
	@mkdir -p docs/dashboards
	@BRIDGE_PICTURES=docs/dashboards $(BIN)/pytest tests/ops/test_live.py -k bad_day

clean:  ## remove what was built
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache dist
