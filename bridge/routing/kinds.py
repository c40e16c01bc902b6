"""What the values of a routing file may look like, and how the JSON Schema for editors says it."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.config import JsonDict

from bridge.durations import DURATION, parse_duration, parse_instant


def _duration(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError('must be a duration with its unit, as in 10s, 5m or 24h (write "10s", not 10)')  # noqa: TRY004 - pydantic turns ValueErrors into problems
    return parse_duration(value)


def _start(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be expiry, earliest, latest, or a time as in 2026-02-05T20:12:00Z")  # noqa: TRY004 - as above
    return value if value in ("expiry", "earliest", "latest") else parse_instant(value)


def _version(value: object) -> object:
    if type(value) is not int or value != 1:  # true and 1.0 equal 1
        raise ValueError("must be 1, the only version there is")
    return value


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank: give it a text")
    return text


NAME = "[A-Za-z][A-Za-z0-9_.-]{0,99}"
BRAND = "[a-z][a-z0-9_]*"


def _name(text: str) -> str:
    if re.fullmatch(NAME, text) is None:
        raise ValueError("must be a name: a letter, then letters, digits, _ . and -, at most 100")
    return text


def _brand(text: str) -> str:
    if re.fullmatch(BRAND, text) is None:
        raise ValueError("must be the name of a brand: a small letter, then small letters, digits and _")
    return text


def _text(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern})


def part(name: str) -> JsonDict:
    """Marks what pydantic calls Any with the part of the language that it is (tools/schemas.py)."""
    return {"x-part": name}


def each(name: str, *, pattern: str = "") -> JsonDict:
    """As `part`, for the members of a mapping, whose names may have to look like `pattern`."""
    names: JsonDict = {"propertyNames": {"pattern": f"^{pattern}$"}} if pattern else {}
    return {"additionalProperties": {"x-part": name}, **names}


Text = Annotated[str, AfterValidator(_said), _text(r"\S")]
Name = Annotated[str, AfterValidator(_name), _text(f"^{NAME}$")]
Brand = Annotated[str, AfterValidator(_brand), _text(f"^{BRAND}$")]
Duration = Annotated[int, BeforeValidator(_duration), Field(ge=1), _text(f"^{DURATION}$")]
Start = Annotated[Literal["expiry", "earliest", "latest"] | int, BeforeValidator(_start)]
Version = Annotated[Literal[1], BeforeValidator(_version)]


class Shape(BaseModel):
    """A mapping of the file, with no key that we do not know."""

    model_config = ConfigDict(extra="forbid")
