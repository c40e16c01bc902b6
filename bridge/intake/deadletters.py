"""A record that is no event, as it is kept: its own bytes, key and headers, and why it is here."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from bridge.durations import format_instant
from bridge.kafka import Headers, NewRecord, Record

REASON = "bridge-reason"
SOURCE = "bridge-source"
AT = "bridge-at"
TIMESTAMP = "bridge-timestamp"
CUT = "bridge-cut"

# What the reference pages say of the headers that are added.
MEANINGS: Mapping[str, str] = {
    REASON: "Why it is no event.",
    SOURCE: "Where it was read: topic/partition/offset.",
    AT: "When it became a dead letter: RFC 3339 in UTC.",
    TIMESTAMP: "The record's own timestamp, in milliseconds since 1970 UTC; -1 where it had none.",
    CUT: "Only where the record was too large: how many bytes the value had before it was cut.",
}


def dead_letter(record: Record, reason: str, *, topic: str, now: int, limit: int) -> NewRecord:
    """The dead letter of `record`. `now` is milliseconds since 1970 UTC, `limit` the most bytes that the topic takes.

    Headers are added (`MEANINGS`), from which `read_dead_letter` makes the record again. The topic holds the largest record of the source topics, but a compressed batch may unfold to more: then the value is cut, then key
    and headers are left out, and `bridge-cut` says how many bytes the value had.
    """
    ours = [
        (REASON, reason.encode("utf-8", "replace")),
        (SOURCE, f"{record.topic}/{record.partition}/{record.offset}".encode()),
        (AT, format_instant(now).encode()),
        (TIMESTAMP, str(record.timestamp).encode()),
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


@dataclass(frozen=True, slots=True)
class Original:
    """The record that a dead letter was made of (see bridge.kafka.Record)."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter that was read back. `cut`: the original was larger than what is left of it."""

    original: Original
    reason: str
    cut: bool


def read_dead_letter(letter: Record) -> DeadLetter:
    """The dead letter in a record. Raises ValueError when it is none."""
    # The original's own headers may have our names: it may have been a dead letter itself. Ours come after them.
    begin = max((number for number, (name, _) in enumerate(letter.headers) if name == REASON), default=None)
    if begin is None:
        raise ValueError("not a dead letter: it has no reason")
    ours = {name: (content or b"").decode("utf-8", "replace") for name, content in letter.headers[begin:]}
    topic, partition, offset = ours[SOURCE].rsplit("/", 2) if SOURCE in ours else ("", "", "")
    headers = letter.headers[:begin]
    original = Original(
        topic, int(partition), int(offset), int(ours.get(TIMESTAMP, -1)), letter.key, letter.value, headers
    )
    return DeadLetter(original, ours[REASON], CUT in ours)
