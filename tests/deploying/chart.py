"""The chart, rendered."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploying.programs import ROOT, attempt, run
from ruamel.yaml import YAML

CHART = ROOT / "helm" / "bridge"
SETS = sorted((CHART / "ci").glob("*-values.yaml"))
VERSIONS = ("1.29.0", "1.35.0")

Manifest = dict[str, Any]


def rendered(*values: Path | Mapping[str, Any], version: str = VERSIONS[-1], release: str = "demo") -> str:
    """What `helm template` makes of these values, the later above the earlier."""
    return run("helm", *_arguments(values, version, release))


def refused(*values: Path | Mapping[str, Any]) -> str:
    """Why it does not render. Raises AssertionError when it does."""
    code, said = attempt("helm", *_arguments(values, VERSIONS[-1], "demo"))
    assert code != 0, f"was rendered:\n{said}"
    return said


def manifests(text: str) -> list[Manifest]:
    return [one for one in YAML(typ="safe", pure=True).load_all(text) if one]


def of_kind(found: list[Manifest], kind: str) -> Manifest:
    """The only one of its kind."""
    (one,) = (manifest for manifest in found if manifest["kind"] == kind)
    return one


def _arguments(values: tuple[Path | Mapping[str, Any], ...], version: str, release: str) -> list[str | Path]:
    arguments: list[str | Path] = ["template", release, CHART, "--namespace", "campaigns", "--kube-version", version]
    for one in values:
        arguments += ["--values", one if isinstance(one, Path) else _written(one)]
    return arguments


def _written(values: Mapping[str, Any]) -> Path:
    """A file with them, in the temporary folder; JSON is YAML."""
    with tempfile.NamedTemporaryFile("w", prefix="values-", suffix=".yaml", delete=False) as file:
        json.dump(values, file)
    return Path(file.name)
