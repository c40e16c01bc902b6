"""Reading results back: what the topic holds, by whoever wrote it. Pure."""

from dataclasses import dataclass
from typing import Any

import orjson

_NEEDED = ("result_id", "revision", "trigger_id", "outcome", "event_id", "route", "times")


@dataclass(frozen=True, slots=True)
class WrittenResult:
    """A record of the results topic. `fields` is the whole of it, as in docs/reference/results.md."""

    fields: dict[str, Any]

    @property
    def trigger_id(self) -> str:
        """Whose result it is."""
        return str(self.fields["trigger_id"])

    @property
    def event_id(self) -> str:
        """Of which event."""
        return str(self.fields["event_id"])

    @property
    def revision(self) -> int:
        """The highest counts."""
        return int(self.fields["revision"])

    @property
    def received(self) -> str | None:
        """When the bridge read the event, RFC 3339 in UTC with milliseconds, so that texts compare as times do."""
        received = self.fields["times"].get("received")
        return None if received is None else str(received)

    def get(self, name: str) -> Any:
        """A field that may be missing."""
        return self.fields.get(name)


def read_result(value: bytes | None) -> WrittenResult:
    """The result in a record's value. Raises ValueError when it is none."""
    fields = orjson.loads(value or b"")
    if not isinstance(fields, dict):
        raise ValueError("a result is a JSON object")  # noqa: TRY004 - of a text, not of a value
    if missing := [name for name in _NEEDED if name not in fields]:
        raise ValueError(f"a result has {', '.join(missing)}")
    if not isinstance(fields["revision"], int) or not isinstance(fields["times"], dict):
        raise ValueError("the revision of a result is a number, its times are an object")  # noqa: TRY004
    return WrittenResult(fields)
