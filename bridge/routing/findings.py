"""Collecting what is wrong with a table, each with its place, so that a person sees all of it at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bridge.configfile import Document, Path_, Place, Problem, problems_of
from bridge.routing.refusals import shown, type_name

S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of a file, and the list that its problems go to."""

    document: Document
    path: Path_
    findings: list[Problem]

    def __getitem__(self, part: str | int) -> "Spot":
        """The spot of a part of it."""
        return replace(self, path=(*self.path, part))

    @property
    def place(self) -> Place:
        """Where it begins in the file; for what is not there, the nearest part around it."""
        return self.document.place(self.path)

    def error(self, message: str, *, key: bool = False) -> None:
        """Note an error here, or at the key of this part."""
        self.findings.append(Problem(message, self.document.place(self.path, key=key)))

    def warning(self, message: str, *, key: bool = False) -> None:
        """Note a warning here."""
        self.findings.append(Problem(message, self.document.place(self.path, key=key), "warning"))


def read_shape(
    model: type[S], raw: Any, spot: Spot, what: str, defaults: Mapping[str, Any] = MappingProxyType({})
) -> S | None:
    """`raw` as a `model`, or None when it has not that shape: then every problem is noted. `what` names it to people;
    `defaults` stand in for what `raw` does not say.
    """
    if not isinstance(raw, dict):
        spot.error(f"{what} must be a mapping (key: value){but_is(raw)}")
        return None
    whole = True
    known = {field.alias or name for name, field in model.model_fields.items()}
    for name, value in raw.items():
        if value is None and name in known:
            spot[name].error(f"{what}: {name} is empty: give it a value, or remove the line", key=True)
            whole = False
    given = {name: value for name, value in raw.items() if value is not None or name not in known}
    try:
        read = model.model_validate({**defaults, **given})
    except ValidationError as error:
        emptied = raw.keys() - given.keys()
        for problem in problems_of(error, spot.document, model, at=spot.path):
            # What is empty was said already; that it is also missing would say it twice.
            if not any(problem.message.endswith(f"{name}: required, but not set") for name in emptied):
                spot.findings.append(problem)
        return None
    return read if whole else None


def read_text(raw: Any, spot: Spot, what: str) -> str | None:
    """`raw` when it is a text that says something; else None, and the problem is noted."""
    if isinstance(raw, str) and raw.strip():
        return raw
    if isinstance(raw, str):
        spot.error(f"{what} is blank: give it a text")
    elif isinstance(raw, dict) and len(raw) == 1 and next(iter(raw.values())) is None:
        name = next(iter(raw))
        spot.error(f'{what} must be a text, but braces without quotes are a mapping: write "{{{name}}}" in quotes')
    elif isinstance(raw, bool | int | float):
        spot.error(f'{what} must be a text, is {type_name(raw)} {shown(raw)}: quote it ("{shown(raw)}")')
    else:
        spot.error(f"{what} must be a text{but_is(raw)}")
    return None


def but_is(raw: Any) -> str:
    """What it is instead, for the end of a message."""
    return ", but is empty" if raw is None else f", is {type_name(raw)} {shown(raw)}"
