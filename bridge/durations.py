"""Durations and instants as people write them: `250ms`, `10s`, `5m`, `24h`, `7d`; RFC 3339 with a zone."""

import re
from datetime import UTC, datetime, timedelta

_UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
DURATION = "[0-9]+(ms|s|m|h|d)"
"""What a duration looks like, as a pattern."""
_DURATION = re.compile(r"(\d+)(ms|s|m|h|d)")
# RFC 3339, section 5.6: a zone is required.
_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = -62_135_596_800_000, 253_402_300_799_999
"""The first and the last millisecond that a date can write: of the years 1 and 9999."""


def parse_duration(text: str) -> int:
    """Milliseconds in `text`. Raises ValueError that says what a duration looks like."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a duration: write a number and a unit, as in 250ms, 10s, 5m, 24h or 7d")
    return int(match[1]) * _UNITS_MS[match[2]]


def format_duration(milliseconds: int) -> str:
    """The shortest exact way to write a duration: 600000 is `10m`."""
    for unit, size in reversed(_UNITS_MS.items()):
        if milliseconds % size == 0 and (milliseconds or unit == "s"):
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


def parse_instant(text: str) -> int:
    """Milliseconds since 1970 UTC of an RFC 3339 text with a zone. Raises ValueError that says what is wrong."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an RFC 3339 time with a zone, as in 2026-02-05T20:12:00Z")
    date, clock, fraction, zone = match.groups()
    leap = clock.endswith(":60")  # a leap second is the start of the next minute for our purposes
    try:
        moment = datetime.fromisoformat(f"{date}T{clock[:-2] + '59' if leap else clock}{_offset(zone)}")
    except ValueError as error:
        raise ValueError(f"{text!r} is not a time that exists: {error}") from error
    whole = (moment - _EPOCH) // timedelta(milliseconds=1) + (1000 if leap else 0)
    milliseconds = whole + (int(fraction[1:4].ljust(3, "0")) if fraction else 0)
    if not EARLIEST <= milliseconds <= LATEST:  # by its zone, or a leap second at the end of all years
        raise ValueError(f"{text!r} is not a time that exists: it is outside of the years 1 to 9999 in UTC")
    return milliseconds


def parse_moment(text: str, now: int) -> int:
    """An instant, or a duration back from `now`, as milliseconds since 1970 UTC. Raises ValueError for anything else."""
    if _DURATION.fullmatch(text):
        return now - parse_duration(text)
    try:
        return parse_instant(text)
    except ValueError as error:
        raise ValueError(f"{error}; a duration, as in 2h, counts back from now") from None


def _offset(zone: str) -> str:
    return "+00:00" if zone in "Zz" else zone


def format_instant(milliseconds: int) -> str:
    """RFC 3339 in UTC with milliseconds, for a time in milliseconds since 1970; one outside of the years 1 to 9999 is written
    as the nearest that is inside.
    """
    moment = _EPOCH + timedelta(milliseconds=min(max(milliseconds, EARLIEST), LATEST))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
