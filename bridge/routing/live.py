"""Lookups from compacted Kafka topics: what their records mean. The records are read elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from bridge.events import Event, Source
from bridge.routing.paths import MISSING, Path
from bridge.routing.refusals import is_blank, is_finite, type_name


@dataclass(frozen=True, slots=True)
class FromTopic:
    """Where a lookup comes from: a topic, whose records have the keys, and the path to the value in each record's JSON;
    without a path the record's value is the value, as text.
    """

    topic: str
    value: Path | None


@dataclass(slots=True)
class LiveEntries:
    """The entries as the topic has them now. The same object for as long as the process lives, whatever tables come."""

    origin: FromTopic
    entries: dict[str, Any] = field(default_factory=dict)

    def learn(self, key: bytes | None, value: bytes | None) -> str | None:
        """Take in a record, in order; why it can't be used, if so. One that can't be used takes its key's entry away: what
        was there before is known to be outdated.
        """
        try:
            name = "" if key is None else key.decode()
        except UnicodeDecodeError:
            return "its key is no text (UTF-8)"
        if not name or name != name.strip():
            return "its key is empty or has spaces around it"
        self.entries.pop(name, None)
        if value is None:
            return None
        try:
            found = self._value(value)
        except ValueError as error:
            return str(error)
        self.entries[name] = found
        return None

    def _value(self, raw: bytes) -> Any:
        path = self.origin.value
        if path is None:
            found = raw.decode(errors="strict") if _is_text(raw) else MISSING
            missing = "its value is no text (UTF-8)"
        else:
            found = path.read(_event(raw))
            missing = f"its value has no {path}"
        if found is MISSING:
            raise ValueError(missing)
        if is_blank(found):
            raise ValueError("its value is empty")
        if not isinstance(found, str | int | float) or not is_finite(found):
            raise ValueError(f"its value must be a text, a number or a boolean, is {type_name(found)}")
        return found


Live = Callable[[FromTopic], LiveEntries]
"""Gives the entries of a lookup that comes from a topic."""


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _event(raw: bytes) -> Event:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"its value is no JSON: {error}") from error
    return Event(body=body, source=Source("", 0, 0), timestamp=0)
