"""Writes the reference pages in docs/reference/ from the code: `python -m tools.reference`. With --check: says which are
stale, and exits 1.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from inspect import cleandoc
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import annotated_types
import typer.cli
import typer.main
from prometheus_client import CollectorRegistry
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bridge.cli import app
from bridge.durations import format_duration
from bridge.outcomes import cloudevents
from bridge.outcomes.model import Outcome
from bridge.outcomes.schema import outcome_schema
from bridge.settings import Settings
from bridge.settings.kinds import Kind
from bridge.telemetry import Metrics
from tools.asyncapi import asyncapi
from tools.rights import rights_page
from tools.schemas import routes_schema, settings_schema

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
HOW = "Made by `make docs` from the code: change it there."
MADE = f"<!-- {HOW} -->\n\n"


def main(arguments: list[str]) -> int:
    """Write the pages, or check them. The exit code."""
    pages = {
        "settings.md": settings(),
        "metrics.md": metrics(),
        "results.md": results(),
        "outcome.schema.json": schema(),
        "routes.schema.json": routes_schema(HOW),
        "settings.schema.json": settings_schema(HOW),
        "asyncapi.yaml": f"# {HOW}\n{asyncapi()}",
        "cli.md": command_line(),
        "../kafka-security.md": rights_page(),
    }
    stale = []
    for name, text in pages.items():
        path = FOLDER / name
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(text, "utf-8")
    for name in stale:
        print(f"docs/reference/{name} " + ("is stale: run `make docs`" if "--check" in arguments else "written"))
    return 1 if stale and "--check" in arguments else 0


def settings() -> str:
    """Every setting: its type, its default, the variable that overrides it."""
    text = (
        f"{MADE}# Settings\n\n"
        "`bridge run --config bridge.yaml` reads them; without a file the defaults count. A variable overrides the file; "
        "an empty one counts as unset.\nInside a text of the file, `${NAME}` and `${NAME:-default}` read the environment, "
        "`${file:/path}` a mounted secret, and `$${` is a literal `${`.\n"
        "Durations are a number and a unit: `250ms`, `10s`, `5m`, `24h`, `7d`.\n"
    )
    return text + "".join(_section(Settings, ()))


def _section(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[str]:
    rows, below = [], []
    for name, field in model.model_fields.items():
        inner = _model_in(field)
        if inner is None:
            here = (*path, name)
            rows.append((f"`{name}`", _kind(field), _default(field), f"`{_variable(here)}`", field.description or ""))
        else:
            below.append((inner, (*path, name, "NAME") if get_origin(field.annotation) is dict else (*path, name)))
    if path:
        yield f"\n## {'.'.join(path)}\n\n{cleandoc(model.__doc__ or '')}\n"
    if rows:
        yield "\n" + _table(("setting", "type", "default", "variable", "meaning"), rows)
    for inner, where in below:
        yield from _section(inner, where)


def _model_in(field: FieldInfo) -> type[BaseModel] | None:
    annotation: Any = field.annotation
    inner = get_args(annotation)[1] if get_origin(annotation) is dict else annotation
    if isinstance(inner, UnionType):  # a section that need not be there
        inner = next((one for one in get_args(inner) if one is not type(None)), None)
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _variable(path: tuple[str, ...]) -> str:
    return f"BRIDGE_{'_' if len(path) == 1 else ''}{'__'.join(path).upper()}"


def _kind(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{word}`" for word in get_args(field.annotation))
    found = [metadata.name for metadata in field.metadata if isinstance(metadata, Kind)]
    written = _written_duration if _is_duration(field) else str
    return ", ".join(found + [bound for metadata in field.metadata for bound in _bounds(metadata, written)])


def _is_duration(field: FieldInfo) -> bool:
    return Kind("duration") in field.metadata


def _written_duration(bound: Any) -> str:
    return format_duration(int(bound))


def _bounds(metadata: object, written: Callable[[Any], str]) -> Iterator[str]:
    match metadata:
        case annotated_types.Gt(gt=0) if written is _written_duration:
            return  # none lasts no time
        case annotated_types.Gt(gt=bound):
            yield f"above {written(bound)}"
        case annotated_types.Ge(ge=bound):
            yield f"from {written(bound)}"
        case annotated_types.Le(le=bound):
            yield f"to {written(bound)}"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is not None and _is_duration(field):
        return f"`{format_duration(value)}`"
    if value is None or isinstance(value, bool):
        return f"`{'null' if value is None else str(value).lower()}`"
    return "a secret" if isinstance(value, SecretStr) else f"`{value}`"


def metrics() -> str:
    """Every metric: its type, its labels, what it means."""
    definitions = Metrics(CollectorRegistry()).definitions
    rows = [
        (f"`{one.name}`", one.kind, ", ".join(f"`{label}`" for label in one.labels), one.meaning) for one in definitions
    ]
    text = (
        f"{MADE}# Metrics\n\nAt `/metrics` of every replica. Labels come from the configuration and from closed sets only.\n"
        "Besides these: `process_*` and `python_info` of the Prometheus client.\n\n"
    )
    return text + _table(("metric", "type", "labels", "meaning"), rows)


def results() -> str:
    """Every field of an outcome, and every header of its record."""
    whole = outcome_schema()
    text = (
        f"{MADE}# Results\n\n{cleandoc(Outcome.__doc__ or '')}\n\n"
        "Records of the topic `<name>.results` are JSON, as [the JSON Schema](outcome.schema.json) has it; the key is the "
        "event id. [How to read them](../consuming.md).\n\n"
    )
    text += _table(("field", "type", "meaning"), _fields(whole, whole["$defs"], ""))
    text += (
        "\n## Headers\n\nEach record is a [CloudEvent](https://cloudevents.io) 1.0 in Kafka's binary mode: these headers, "
        "in UTF-8, and the outcome as the value. The same outcome has the same ones, however often it is written.\n\n"
    )
    return text + _table(("header", "meaning"), ((f"`{name}`", told) for name, told in cloudevents.MEANINGS.items()))


def schema() -> str:
    """An outcome as a JSON Schema."""
    told = outcome_schema()
    first = {name: told.pop(name) for name in ("$schema", "$id", "title")}
    return json.dumps(first | {"$comment": HOW} | told, indent=2) + "\n"


def _fields(schema: dict[str, Any], definitions: dict[str, Any], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, field in schema["properties"].items():
        reference = field.get("$ref")
        if reference:
            yield from _fields(definitions[reference.rsplit("/", 1)[1]], definitions, f"{prefix}{name}.")
        else:
            yield f"`{prefix}{name}`", _json_type(field), field.get("description", "")
        for option in field.get("anyOf", ()):
            if "$ref" in option:
                yield from _fields(definitions[option["$ref"].rsplit("/", 1)[1]], definitions, f"{prefix}{name}.")


def _json_type(field: dict[str, Any]) -> str:
    if "enum" in field:
        return ", ".join(f"`{word}`" for word in field["enum"])
    if "anyOf" in field:
        return " or ".join(_json_type(option) for option in field["anyOf"])
    return "object" if "$ref" in field else str(field["type"])


def command_line() -> str:
    """Every verb with its options."""
    command = typer.main.get_command(app)
    text = typer.cli.get_docs_for_click(obj=command, ctx=typer.Context(command), name="bridge", title="Command line")
    codes = (
        "Exit codes of every verb: 0 fine (also with warnings), 1 errors found or failed, 2 usage or configuration.\n"
    )
    return f"{MADE}{text.strip()}\n\n{codes}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
