"""Moments as events write them: RFC 3339 with a zone, or a number since 1970."""

from typing import Any, Literal

from bridge.durations import LATEST, parse_instant
from bridge.routing.refusals import Refusal, is_finite, shown, type_name

Unit = Literal["rfc3339", "epoch_ms", "epoch_s"]


def moment_of(value: Any, unit: Unit, what: object) -> int:
    """Milliseconds since 1970 UTC of a value that is not blank; `what` names it to people. Raises Refusal."""
    if unit == "rfc3339":
        if not isinstance(value, str):
            raise Refusal(f"{what} should be a time as RFC 3339 writes it, is {type_name(value)} {shown(value)}")
        try:
            return parse_instant(value)
        except ValueError as error:
            raise Refusal(f"{what} should be an RFC 3339 time with a zone, is string {shown(value)}") from error
    milliseconds = _epoch(what, value, unit == "epoch_s")
    if not 0 <= milliseconds <= LATEST:
        raise Refusal(f"{what} is no time since 1970 in {unit}: {shown(value)}")
    return milliseconds


def _epoch(what: object, value: Any, seconds: bool) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value * 1000 if seconds else value
    if seconds and isinstance(value, float) and is_finite(value):
        return round(value * 1000)
    raise Refusal(
        f"{what} should be a number of {'seconds' if seconds else 'milliseconds'}, is {type_name(value)} {shown(value)}"
    )
