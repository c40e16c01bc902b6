"""pydantic's errors as placed problems in plain words."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bridge.configfile.document import Document
from bridge.configfile.problems import Path_, Problem

_MUST_BE = {
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping (key: value)",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a mapping (key: value)",
    "string_type": "a text",
    "tuple_type": "a list",
}
_KEY = "[key]"


def problems_of(
    error: ValidationError,
    document: Document,
    model: type[BaseModel] | None = None,
    *,
    at: Path_ = (),
    overrides: Mapping[Path_, str] | None = None,
) -> list[Problem]:
    """One problem for each mistake in `error`, which came of validating the part of `document` at `at`.

    `model` is what was validated against: with it, unknown settings get a suggestion. `overrides` names, by path, the
    environment variables that took the place of what the file says: their mistakes are theirs, not the file's.
    No message holds the value that was refused, except where the type's own message repeats it.
    """
    problems = [
        _problem(detail, document, model, at, overrides or {})
        for detail in error.errors(include_url=False, include_input=True)
    ]
    return list(dict.fromkeys(problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the nearest of `known`, or nothing when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def dotted(path: Path_) -> str:
    """A path as people write it: `routes[0].context.minute`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def placed(
    message: str,
    path: Path_,
    document: Document,
    overrides: Mapping[Path_, str] | None = None,
    *,
    name: str | None = None,
    key: bool = False,
) -> Problem:
    """A problem of the setting at `path`: at its place in the file, or with the variable that overrides it.

    `name` is what the message calls the setting, its path unless given.
    """
    overrides = overrides or {}
    # A variable is to blame for what lies in what it sets, and for being set inside of what is no mapping.
    blamed = (
        variable for at, variable in overrides.items() if path and (path[: len(at)] == at or at[: len(path)] == path)
    )
    variable = next(blamed, None)
    if variable is not None:
        return Problem(f"{variable}: {message}", None)
    name = dotted(path) if name is None else name
    place = document.place(path, key=key) if document.file else None
    return Problem(f"{name}: {message}" if name else message, place)


def _problem(
    detail: ErrorDetails,
    document: Document,
    model: type[BaseModel] | None,
    at: Path_,
    overrides: Mapping[Path_, str],
) -> Problem:
    location: Path_ = tuple(detail["loc"])
    of_key = bool(location) and location[-1] == _KEY
    if of_key:
        location = location[:-1]
    path = at + location
    return placed(
        _message(detail, location, model),
        path,
        document,
        overrides,
        name=dotted(_shown(path, document, overrides, detail["type"])),
        key=of_key or detail["type"] in ("extra_forbidden", "missing"),
    )


def _message(detail: ErrorDetails, location: Path_, model: type[BaseModel] | None) -> str:
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        return "required, but not set"
    if kind == "extra_forbidden":
        return f"unknown setting{did_you_mean(str(location[-1]), _fields_beside(model, location))}"
    if kind in ("literal_error", "enum"):
        expected = str(context["expected"])
        near = (
            did_you_mean(given, expected.replace("'", "").replace(" or ", ", ").split(", "))
            if isinstance(given, str)
            else ""
        )
        return f"must be {expected}{near}"
    if kind == "value_error":
        return str(context["error"])
    message = (
        f"must be {_MUST_BE[kind]}"
        if kind in _MUST_BE
        else detail["msg"].replace("Input should be", "must be").replace("Input should", "must")
    )
    if kind == "string_type" and isinstance(given, int | float):
        message += ', not a bare number or true/false: quote it ("...")'
    elif given is None:
        message += ", but is empty"
    return message


def _shown(path: Path_, document: Document, overrides: Mapping[Path_, str], kind: str) -> Path_:
    """`path` without what pydantic adds for the members of a union, which no file has."""
    node, shown = document.root, []
    for index, part in enumerate(path, start=1):
        child = node.children.get(part)
        node = child or node
        overridden = any(path[:index] == key[:index] for key in overrides)
        if child or overridden or not document.root.children or (kind == "missing" and index == len(path)):
            shown.append(part)
    return tuple(shown)


def _fields_beside(model: type[BaseModel] | None, location: Path_) -> list[str]:
    """The names that the model of the mapping around `location` knows."""
    types: list[Any] = [] if model is None else [model]
    for part in location[:-1]:
        types = [inner for outer in types for inner in _inside(outer, part)] or types
    models = [found for outer in types for found in _models(outer)]
    return [field.alias or name for found in models for name, field in found.model_fields.items()]


def _inside(annotation: Any, part: str | int) -> Iterator[Any]:
    """The types of what lies under `part` in a value of this type."""
    for found in _models(annotation):
        for name, field in found.model_fields.items():
            if part in (name, field.alias):
                yield field.annotation
    for outer in _members(annotation):
        origin, arguments = get_origin(outer), get_args(outer)
        if isinstance(origin, type) and issubclass(origin, Mapping) and arguments:
            yield arguments[1]
        elif isinstance(origin, type) and issubclass(origin, list | tuple) and arguments:
            yield arguments[0]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    for member in _members(annotation):
        if isinstance(member, type) and issubclass(member, BaseModel):
            yield member


def _members(annotation: Any) -> Iterator[Any]:
    """The type itself, or the members of a union, without Annotated."""
    if get_origin(annotation) is Annotated:
        yield from _members(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for argument in get_args(annotation):
            yield from _members(argument)
    else:
        yield annotation
