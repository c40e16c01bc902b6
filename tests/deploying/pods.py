"""The rendered chart as pods of podman: `podman play kube`, without a cluster."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
from deploying.chart import Manifest, of_kind
from deploying.image import CONTAINERS, RUNTIME
from deploying.programs import run


@contextmanager
def pod(found: Sequence[Manifest], secrets: Mapping[str, Mapping[str, str]], folder: Path) -> Iterator[str]:
    """The Deployment's pod while the context is open, on this machine's network; gives the name of its container.

    What podman has no kind of volume for (Secrets, projected ones) is written into `folder` and mounted from there. Probes
    are left out: podman would run curl in the container; so are ports, which have no meaning on the machine's network. All else is as rendered.
    """
    deployment = deepcopy(of_kind(list(found), "Deployment"))
    deployment["spec"]["replicas"] = 1
    spec = deployment["spec"]["template"]["spec"]
    for container in spec["containers"]:
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            del container[probe]
        del container["ports"]
    data = {one["metadata"]["name"]: one["data"] for one in found if one["kind"] == "ConfigMap"}
    spec["volumes"] = [_volume(one, data, secrets, folder) for one in spec["volumes"]]
    _open_to_all(folder)
    file = folder / "pod.yaml"
    file.write_bytes(orjson.dumps(deployment))
    name = deployment["metadata"]["name"]
    try:
        run("podman", *RUNTIME, "play", "kube", "--network", "host", file, environ=CONTAINERS)
        yield f"{name}-pod-0-bridge"
    finally:
        run("podman", *RUNTIME, "pod", "rm", "--force", "--ignore", f"{name}-pod-0", environ=CONTAINERS)


def _volume(
    volume: Mapping[str, Any],
    config_maps: Mapping[str, Mapping[str, str]],
    secrets: Mapping[str, Mapping[str, str]],
    folder: Path,
) -> Mapping[str, Any]:
    match volume:
        case {"emptyDir": _}:
            return {"name": volume["name"], "emptyDir": {}}
        case {"configMap": source}:
            files = _files(config_maps[source["name"]], source)
        case {"projected": {"sources": sources}}:
            files = {}
            for source in sources:
                files |= _files(config_maps[source["configMap"]["name"]], source["configMap"])
        case {"secret": source}:
            files = _files(secrets[source["secretName"]], source)
        case _:
            raise AssertionError(f"a volume of a kind that this does not know: {volume}")
    for path, text in files.items():
        file = folder / volume["name"] / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return {"name": volume["name"], "hostPath": {"path": str(folder / volume["name"]), "type": "Directory"}}


def _files(data: Mapping[str, str], source: Mapping[str, Any]) -> dict[str, str]:
    items = source.get("items") or [{"key": key, "path": key} for key in data]
    return {item["path"]: data[item["key"]] for item in items}


def _open_to_all(folder: Path) -> None:
    """The container's user is another than ours."""
    for place in (folder, *folder.rglob("*")):
        place.chmod(0o755 if place.is_dir() else 0o444)
    for above in folder.parents:
        if above.stat().st_uid == os.getuid() and above.name.startswith("pytest-"):
            above.chmod(0o711)
