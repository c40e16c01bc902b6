"""Ledger records as bytes: JSON, readable with any Kafka tool."""

from typing import Any

import orjson

from bridge.errors import BridgeError
from bridge.events import Source
from bridge.ledger.log import LogRecord
from bridge.ledger.records import (
    About,
    Accepted,
    Attempt,
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
from bridge.triggers import OnUnknown, Trigger

_CLASSES: dict[str, type[Any]] = {
    cls.kind: cls
    for cls in (Claim, Intent, Parked, Dropped, Unknown, Carried, Released, Accepted, Refused, Ended, Reported)
}


def key_of(record: Record) -> bytes | None:
    """The Kafka key: the trigger's id, none for a claim."""
    return None if isinstance(record, Claim) else record.id.encode()


def encode(record: Record, claim: int | None = None) -> bytes:
    """The record's value; `claim` is the writer's number, kept only in decisions."""
    value = _plain(record)
    if is_decision(record):
        value["claim"] = claim
    return orjson.dumps(value)


def decode(value: bytes) -> Line:
    """The line in a record's value. Raises ValueError, KeyError, TypeError or AttributeError when it is none."""
    fields = orjson.loads(value)
    claim = fields.pop("claim", None)
    return Line(_typed(fields), claim)


def _plain(record: Record) -> dict[str, Any]:
    if isinstance(record, Carried):
        return {"kind": record.kind, "id": record.id, "records": [_plain(one) for one in record.records]}
    if isinstance(record, Parked):
        return {
            "kind": record.kind,
            "id": record.id,
            "trigger": orjson.Fragment(record.trigger.encode()),
            "offset": record.offset,
            "why": record.why,
        }
    return {"kind": record.kind, **{name: getattr(record, name) for name in record.__slots__}}


def _typed(fields: dict[str, Any]) -> Record:
    cls = _CLASSES[fields.pop("kind")]
    if cls is Carried:
        return Carried(fields["id"], tuple(_typed(one) for one in fields["records"]))
    if cls is Parked:
        fields["trigger"] = Trigger.decode(orjson.dumps(fields["trigger"]))
        return Parked(**fields)
    if "about" in fields:
        fields["about"] = _about(fields["about"])
    if "attempt" in fields:
        fields["attempt"] = Attempt(**fields["attempt"])
    record: Record = cls(**fields)
    return record


def _about(fields: dict[str, Any]) -> About:
    fields["source"] = Source(**fields["source"])
    fields["on_unknown"] = OnUnknown(fields["on_unknown"])
    return About(**fields)


def read_line(partition: int, raw: LogRecord) -> Line:
    """The line in a record of the log. Raises BridgeError that says where, when it is none of this release."""
    try:
        return decode(raw.value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BridgeError(
            f"ledger partition {partition}, offset {raw.offset}: not a record of this release ({error!r}). "
            "Was it written by a newer one, or by somebody else?"
        ) from error
