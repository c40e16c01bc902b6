"""Ledger records as bytes: JSON, readable with any Kafka tool.

`kind` comes first and, in a decision, `claim` second and `digest` third, so that a reader knows how to take the rest before
it reads it: a restore decodes millions of records. A field that this release does not know is left out: a newer one, being rolled out, may
add some that do no harm when they are. What must not be overlooked gets a kind of its own, and an unknown kind is an error.
"""

import re
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from bridge.errors import BridgeError
from bridge.ledger.digest import Digest
from bridge.ledger.log import LogRecord
from bridge.ledger.records import (
    Accepted,
    Carried,
    Claim,
    Dropped,
    Ended,
    Intent,
    Line,
    Parked,
    Record,
    Refused,
    Released,
    Reported,
    Unknown,
    is_decision,
)
from bridge.triggers import Trigger

_HEAD = re.compile(rb'\{"kind":"([a-z]+)",(?:"claim":(-?[0-9]+),(?:"digest":([0-9]+),)?)?')


@dataclass(frozen=True, slots=True)
class _Parked:
    """`Parked`, but for the trigger, which has a codec of its own."""

    id: str
    trigger: msgspec.Raw
    offset: int
    why: str


@dataclass(frozen=True, slots=True)
class _Carried:
    """`Carried`, whose records say their own kinds; or a `Digest`, which is of no trigger."""

    id: str
    records: list[msgspec.Raw]
    doubted: bool = False
    written: int = 0
    floor: int = 0
    overtaken_by: str | UnsetType = UNSET
    since: int | UnsetType = UNSET
    at: int | UnsetType = UNSET
    finished: Digest | UnsetType = UNSET


_PLAIN = (Claim, Intent, Dropped, Unknown, Released, Accepted, Refused, Ended, Reported)
_DECODERS: dict[bytes, msgspec.json.Decoder[Any]] = {
    cls.kind.encode(): msgspec.json.Decoder(shape)
    for cls, shape in (*((cls, cls) for cls in _PLAIN), (Parked, _Parked), (Carried, _Carried))
}
_HEADS = {kind.decode(): b'{"kind":"%b",' % kind for kind in _DECODERS}
_ENCODER = msgspec.json.Encoder()


def key_of(record: Record) -> bytes | None:
    """The Kafka key: the trigger's id, none for a claim and a digest."""
    return None if isinstance(record, (Claim, Digest)) else record.id.encode()


def encode(record: Record, claim: int | None = None, digest: int | None = None) -> bytes:
    """The record's value. Kept only in decisions: `claim`, the writer's number, and `digest`, the newest one it knows."""
    under = b'"claim":%d,' % claim if claim is not None and is_decision(record) else b""
    if under and digest is not None:
        under += b'"digest":%d,' % digest
    return _HEADS[record.kind] + under + _ENCODER.encode(_shape(record))[1:]


def decode(value: bytes) -> Line:
    """The line in a record's value. Raises ValueError, KeyError or TypeError when it is none."""
    head = _HEAD.match(value)
    if head is None:
        raise ValueError("it does not begin with its kind")
    kind, claim, digest = head.groups()
    try:
        record = _DECODERS[kind].decode(value)
        if isinstance(record, _Parked):
            record = Parked(record.id, Trigger.decode(bytes(record.trigger)), record.offset, record.why)
        elif isinstance(record, _Carried):
            record = _carried(record)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
    return Line(record, None if claim is None else int(claim), None if digest is None else int(digest))


def _carried(found: _Carried) -> Carried | Digest:
    if found.finished is not UNSET:
        return found.finished
    inner = tuple(decode(bytes(one)).record for one in found.records)
    return Carried(
        found.id, inner, found.doubted, found.written, found.floor, found.overtaken_by, found.since, found.at
    )


def _shape(record: Record) -> Any:
    if isinstance(record, Parked):
        return _Parked(record.id, msgspec.Raw(record.trigger.encode()), record.offset, record.why)
    if isinstance(record, Carried):
        inner = [msgspec.Raw(encode(one)) for one in record.records]
        return _Carried(
            record.id,
            inner,
            record.doubted,
            record.written,
            record.floor,
            record.overtaken_by,
            record.since,
            record.at,
        )
    if isinstance(record, Digest):
        return _Carried("", [], finished=record)
    return record


def read_line(partition: int, raw: LogRecord) -> Line:
    """The line in a record of the log. Raises BridgeError that says where, when it is none of this release."""
    try:
        return decode(raw.value)
    except (ValueError, KeyError, TypeError) as error:
        raise BridgeError(
            f"ledger partition {partition}, offset {raw.offset}: not a record of this release ({error!r}). "
            "Was it written by a newer one, or by somebody else?"
        ) from error
