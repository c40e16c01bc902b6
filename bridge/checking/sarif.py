"""SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), which code hosts show beside a change."""

from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bridge.checking.excerpts import Excerpts
from bridge.checking.report import Report
from bridge.configfile import Place, Problem

_RULES = {
    "error": ("routing/error", "The table would be refused at start."),
    "warning": ("routing/warning", "The table works, and is probably not what was meant."),
}


def sarif(report: Report, folder: Path) -> dict[str, Any]:
    """The log of one run; files below `folder` are named relative to it."""
    excerpts = Excerpts(report.secret)
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "bridge check", "version": version("campaign-bridge"), "rules": _rules()}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(problem, excerpts, folder) for problem in report.problems],
            }
        ],
    }


def _rules() -> list[dict[str, Any]]:
    return [
        {"id": rule, "shortDescription": {"text": text}, "defaultConfiguration": {"level": level}}
        for level, (rule, text) in _RULES.items()
    ]


def _result(problem: Problem, excerpts: Excerpts, folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": _RULES[problem.severity][0],
        "ruleIndex": list(_RULES).index(problem.severity),
        "level": problem.severity,
        "message": {"text": problem.message},
    }
    if problem.place is not None:
        uri = uri_of(problem.place.file, folder)
        result["locations"] = [{"physicalLocation": _location(problem.place, uri, excerpts)}]
        # Without the line, so that a mistake stays the same one when lines are added above it.
        digest = blake2b(f"{uri}\x1f{problem.message}".encode("utf-8", "replace"), digest_size=16)
        result["partialFingerprints"] = {"problem/v1": digest.hexdigest()}
    return result


def _location(place: Place, uri: str, excerpts: Excerpts) -> dict[str, Any]:
    line = excerpts.line(place)
    region: dict[str, Any] = {"startLine": place.line, "startColumn": place.column}
    if line is not None:
        region["snippet"] = {"text": line}
    return {"artifactLocation": {"uri": uri}, "region": region}


def uri_of(file: str, folder: Path) -> str:
    """A file relative to the folder, or as a file: URI where it lies elsewhere."""
    path = Path(file).absolute()
    absolute = path.as_uri()
    below = f"{folder.absolute().as_uri()}/"
    return absolute.removeprefix(below)
