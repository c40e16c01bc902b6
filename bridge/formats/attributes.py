"""The attributes of a CloudEvent: which there must be, and what each may be (CloudEvents 1.0.2, "Context Attributes").

All come out as text, in the canonical form of their type: in Kafka's headers nothing tells 5 from "5", and an event must
mean the same in either mode.
"""

import re
from collections.abc import Mapping
from typing import Any

from bridge.durations import parse_instant
from bridge.errors import Undecodable
from bridge.formats.jsonformat import kind_of
from bridge.formats.mediatypes import media_type

REQUIRED = ("id", "source", "specversion", "type")
_VERSION = "1.0"
# Those that are texts by the specification; any other may be an integer or a boolean, too.
_TEXTS = frozenset({*REQUIRED, "datacontenttype", "dataschema", "subject", "time"})
_NAME = re.compile(r"[a-z0-9]+")
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SPACE = re.compile(r"\s")
_SMALLEST, _LARGEST = -(2**31), 2**31 - 1
_LONGEST_SHOWN = 40


def checked(given: Mapping[str, Any], where: str) -> dict[str, str]:
    """The attributes by name, from those that were given as JSON values; null counts as not given. `where` stands before
    the names of those that lack, to people. Raises Undecodable.
    """
    attributes = {
        name: value if type(value) is str else _canonical(name, value)
        for name, value in given.items()
        if value is not None
    }
    if absent := [name for name in REQUIRED if name not in attributes]:
        raise Undecodable(f"the CloudEvent lacks {where}{f', {where}'.join(absent)}")
    if attributes["specversion"] != _VERSION:
        raise Undecodable(f"it is a CloudEvent of version {_shown(attributes['specversion'])}: only {_VERSION} is read")
    for name, value in attributes.items():
        _check(name, value)
    return attributes


def _canonical(name: str, value: Any) -> str:
    if name in _TEXTS:
        raise Undecodable(f"the attribute {name} is {kind_of(value)}, not a text")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and _SMALLEST <= value <= _LARGEST:
        return str(value)
    what = "an integer beyond 32 bits" if isinstance(value, int) else kind_of(value)
    raise Undecodable(
        f"the attribute {_shown(name)} is {what}: attributes are texts, integers of 32 bits, or true or false"
    )


def _check(name: str, value: str) -> None:
    if _NAME.fullmatch(name) is None or name == "data":
        raise Undecodable(f"{_shown(name)} is no name of an attribute: it may have small letters a to z and digits")
    if _NO_TEXT.search(value):
        raise Undecodable(f"the attribute {name[:_LONGEST_SHOWN]} holds a control character")
    if name not in _TEXTS:
        return
    if not value:
        raise Undecodable(f"the attribute {name} is empty")
    match name:
        case "time":
            try:
                parse_instant(value)
            except ValueError:
                raise Undecodable("the attribute time is no RFC 3339 time with a zone") from None
        case "source" | "dataschema":
            if _SPACE.search(value):
                raise Undecodable(f"the attribute {name} is no URI: it has a space")
        case "datacontenttype":
            media_type(value, "datacontenttype")


def _shown(text: str) -> str:
    return ascii(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}...")
