"""A record that is no event, as it is kept: its own bytes, key and headers, and why it is here."""

from dataclasses import replace

from bridge.durations import format_instant
from bridge.kafka import NewRecord, Record

REASON = "bridge-reason"
SOURCE = "bridge-source"
AT = "bridge-at"
CUT = "bridge-cut"


def dead_letter(record: Record, reason: str, *, topic: str, now: int, limit: int) -> NewRecord:
    """The dead letter of `record`. `now` is milliseconds since 1970 UTC, `limit` the most bytes that the topic takes.

    Headers are added: `bridge-reason`, `bridge-source` (topic/partition/offset), `bridge-at` (RFC 3339). The topic holds
    the largest record of the source topics, but a compressed batch may unfold to more: then the value is cut, then key
    and headers are left out, and `bridge-cut` says how many bytes the value had.
    """
    ours = [
        (REASON, reason.encode("utf-8", "replace")),
        (SOURCE, f"{record.topic}/{record.partition}/{record.offset}".encode()),
        (AT, format_instant(now).encode()),
    ]
    letter = NewRecord(topic, record.key, record.value, [*record.headers, *ours])
    if letter.size() <= limit:
        return letter
    value = record.value or b""
    cut = [(CUT, str(len(value)).encode())]
    letter = replace(letter, value=b"", headers=[*letter.headers, *cut])
    if letter.size() > limit:
        letter = replace(letter, key=None, headers=[*ours, *cut])
    return replace(letter, value=value[: limit - letter.size() - _LENGTH_PREFIX])


# The length of a value is written before it, in up to five bytes more than that of an empty one.
_LENGTH_PREFIX = 5
