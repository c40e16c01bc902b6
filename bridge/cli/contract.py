"""`bridge contract`: the document to keep with marketing."""

import difflib
import shlex
import sys
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import typer

from bridge.cli.check import Routes
from bridge.cli.tables import loaded
from bridge.testing.cases import cases

Format = Literal["html", "markdown", "json"]
_SUFFIXES: dict[str, Format] = {".html": "html", ".htm": "html", ".md": "markdown", ".markdown": "markdown", ".json": "json"}  # fmt: skip
_MOST_LINES = 20


def contract(
    routes: Routes,
    form: Annotated[Format | None, typer.Option("--format", help="Default: by the file's name, else markdown.")] = None,
    output: Annotated[Path | None, typer.Option(help="The file to write. Default: standard output.")] = None,
    check: Annotated[
        Path | None, typer.Option("--check", help="Write nothing: is this file what would be written? For CI.")
    ] = None,
) -> None:
    """Write the document to keep with marketing: each Event Generator with its fields, an example, and what causes it.

    The same table always gives the same document. Ends with 1 when the file of --check is not what would be written, with
    2 when the routing table has errors.
    """
    if output is not None and check is not None:
        raise typer.BadParameter("--output writes and --check does not: give one of them")
    file = output or check
    text = _document(routes, form or _SUFFIXES.get(file.suffix.lower() if file else "", "markdown"))
    if check is not None:
        raise typer.Exit(_compare(check, text, _renewing(routes, form, check)))
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        print(f"error: can't write {output}: {error.strerror}", file=sys.stderr)
        raise typer.Exit(1) from error


def _document(routes: Path, form: Format) -> str:
    from bridge.agreement import agreement_of, as_html, as_markdown  # noqa: PLC0415 - only this verb pays for the template engine

    of = loaded(routes)
    agreement = agreement_of(of.table, [(case.route, case.said) for case in cases(of.places)])
    match form:
        case "html":
            return as_html(agreement)
        case "markdown":
            return as_markdown(agreement)
        case "json":
            return agreement.as_json()


def _renewing(routes: Path, form: Format | None, file: Path) -> str:
    options = ["--format", form] if form is not None else []
    return shlex.join(["bridge", "contract", "--routes", str(routes), *options, "--output", str(file)])


def _compare(file: Path, text: str, renewing: str) -> int:
    """The exit code. Says what is stale, and how to renew it."""
    try:
        kept = file.read_text(encoding="utf-8")
    except OSError as error:
        print(f"{file}: can't be read: {error.strerror}; write it with\n    {renewing}")
        return 1
    except UnicodeDecodeError:
        kept = ""
    if kept == text:
        print(f"{file} is what the routing table says")
        return 0
    print(f"{file} is stale: the routing table says something else. Renew it with\n    {renewing}")
    changes = difflib.unified_diff(kept.splitlines(), text.splitlines(), "kept", "now", n=0, lineterm="")
    print("\n".join(islice(changes, 2, 2 + _MOST_LINES)))
    return 1
