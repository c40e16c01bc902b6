"""A report in the form that was asked for."""

import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from bridge.checking.excerpts import Excerpts
from bridge.checking.report import Report
from bridge.checking.sarif import sarif, uri_of
from bridge.configfile import Problem


class Format(StrEnum):
    """For whom the report is: a person, a program, a code host, GitHub's log of a workflow."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def written(report: Report, form: Format, folder: Path) -> str:
    """The report; `folder` is what machines take paths relative to."""
    match form:
        case Format.TEXT:
            return "\n".join(_text(report))
        case Format.JSON:
            return json.dumps(_json(report), indent=2, ensure_ascii=False)
        case Format.SARIF:
            return json.dumps(sarif(report, folder), indent=2, ensure_ascii=False)
        case Format.GITHUB:
            return "\n".join([*(_command(problem, folder) for problem in report.problems), str(report)])


def _text(report: Report) -> Iterator[str]:
    excerpts = Excerpts(report.secret)
    for problem in report.problems:
        yield str(problem)
        if problem.place is not None:
            yield from excerpts.marked(problem.place)
    yield str(report)


def _json(report: Report) -> dict[str, Any]:
    excerpts = Excerpts(report.secret)
    table = report.table
    return {
        "errors": report.errors,
        "warnings": report.warnings,
        "problems": [
            {
                "severity": problem.severity,
                "message": problem.message,
                "file": problem.place.file if problem.place else None,
                "line": problem.place.line if problem.place else None,
                "column": problem.place.column if problem.place else None,
                "source": excerpts.line(problem.place) if problem.place else None,
            }
            for problem in report.problems
        ],
        "table": {"routes": table.routes, "sources": table.sources, "hash": table.hash} if table else None,
    }


def _command(problem: Problem, folder: Path) -> str:
    """A workflow command (docs.github.com, Workflow commands for GitHub Actions), which becomes a note at the line."""
    place, where = problem.place, ""
    if place is not None:
        file = _escaped(unquote(uri_of(place.file, folder)), "%\r\n:,")
        where = f" file={file},line={place.line},col={place.column}"
    return f"::{problem.severity}{where}::{_escaped(problem.message, '%' + chr(13) + chr(10))}"


def _escaped(text: str, characters: str) -> str:
    return "".join(f"%{ord(one):02X}" if one in characters else one for one in text)
