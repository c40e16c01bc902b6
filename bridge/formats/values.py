"""Values of other formats as what JSON has: documented in docs/formats.md. Nothing is rounded, and nothing is left out."""

import math
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta

from bridge.errors import Undecodable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1)
_DAY = 86_400
# More digits than any amount has, and fewer than Python refuses to write.
_LARGEST_DECIMAL = 128


def number(value: float) -> float | str:
    """A float; what JSON has no number for is the text NaN, Infinity or -Infinity, as Protobuf's JSON mapping has it."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def octets(value: bytes) -> str:
    """Bytes in base64 (RFC 4648, section 4)."""
    return b64encode(value).decode()


def moment(value: int, digits: int, zone: str) -> str:
    """RFC 3339 of so many thousandths (`digits` 3), millionths (6) or billionths (9) of a second since 1970.

    `zone` is what follows: Z, or nothing where the schema says that the time has no zone. Raises Undecodable.
    """
    seconds, fraction = divmod(value, 10**digits)
    try:
        whole = _EPOCH + timedelta(seconds=seconds)
    except OverflowError as error:
        raise Undecodable("a timestamp lies outside of the years 1 to 9999") from error
    return f"{whole.replace(tzinfo=None).isoformat()}.{fraction:0{digits}d}{zone}"


def day(value: int) -> str:
    """A date of so many days since 1970-01-01. Raises Undecodable."""
    try:
        return (_EPOCH_DAY + timedelta(days=value)).isoformat()
    except OverflowError as error:
        raise Undecodable("a date lies outside of the years 1 to 9999") from error


def clock(value: int, digits: int) -> str:
    """A time of day, in such parts of a second since midnight as in `moment`. Raises Undecodable."""
    seconds, fraction = divmod(value, 10**digits)
    if not 0 <= seconds < _DAY:
        raise Undecodable("a time of day is not within a day")
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{fraction:0{digits}d}"


def decimal(value: bytes, scale: int) -> str:
    """A decimal number as text, with all `scale` places, of two's complement, the highest byte first. Raises Undecodable."""
    if len(value) > _LARGEST_DECIMAL:
        raise Undecodable(f"a decimal has more than {_LARGEST_DECIMAL} bytes")
    unscaled = int.from_bytes(value, signed=True)
    digits = str(abs(unscaled)).zfill(scale + 1)
    sign = "-" if unscaled < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else f"{sign}{digits}"


def span(value: bytes) -> str:
    """Avro's duration as ISO 8601 writes one: three little-endian numbers of months, days and milliseconds."""
    months, days, milliseconds = (int.from_bytes(value[at : at + 4], "little") for at in (0, 4, 8))
    seconds, rest = divmod(milliseconds, 1000)
    return f"P{months}M{days}DT{seconds}.{rest:03d}S"
