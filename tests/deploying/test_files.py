"""Linters, over what is neither Python nor a part of the chart."""

from typing import Any

import pytest
from deploying.programs import ROOT, run
from ruamel.yaml import YAML

from bridge.configfile import load
from bridge.settings.loading import settings_of

pytestmark = pytest.mark.slow

COMPOSE = ROOT / "deploy" / "compose.yaml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))


def _yaml(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    run("hadolint", ROOT / "Dockerfile")


def test_yamllint_finds_nothing() -> None:
    files = [ROOT / "deploy", ROOT / ".github", *(ROOT / "helm" / "bridge").glob("*.yaml"), ROOT / "helm/bridge/ci"]
    run("yamllint", "--strict", "--config-file", ROOT / ".yamllint.yaml", *files)


def test_actionlint_finds_nothing_in_the_workflows() -> None:
    assert len(WORKFLOWS) == 2
    run("actionlint", *WORKFLOWS)


def test_zizmor_finds_nothing_in_the_workflows() -> None:
    run("zizmor", "--offline", "--no-progress", *WORKFLOWS)


def test_workflows_call_only_targets_that_exist() -> None:
    targets = {line.split(":")[0] for line in (ROOT / "Makefile").read_text().splitlines() if ":" in line[:20]}
    for workflow in WORKFLOWS:
        for job in _yaml(workflow.read_text())["jobs"].values():
            for step in job["steps"]:
                for line in step.get("run", "").splitlines():
                    words = line.split()
                    if words and words[0] == "make":
                        assert {word for word in words[1:] if "=" not in word} <= targets, line


def test_the_compose_file_fits_its_schema() -> None:
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


def test_every_file_that_compose_mounts_is_there() -> None:
    """But the dashboards and rules, which are generated."""
    for service in _yaml(COMPOSE.read_text())["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith(".") and source not in {"./rules", "../helm/bridge/dashboards"}:
                assert (COMPOSE.parent / source).exists(), source


def test_every_image_of_compose_is_pinned() -> None:
    for name, service in _yaml(COMPOSE.read_text())["services"].items():
        assert ":" in service["image"], name
        assert not service["image"].endswith(":latest"), name


def test_the_settings_of_compose_are_settings() -> None:
    bridge = _yaml(COMPOSE.read_text())["services"]["bridge"]
    environ = {name: str(value) for name, value in bridge["environment"].items()}
    settings = settings_of(load(ROOT / "config" / "bridge.yaml", environ), environ)
    assert settings.kafka.bootstrap_servers == "kafka:19092"
    assert settings.topics.replication == 1
    grace = int(bridge["stop_grace_period"].removesuffix("s")) * 1000
    assert grace >= settings.dispatch.drain_timeout + 10_000
