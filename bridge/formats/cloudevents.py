"""A CloudEvent 1.0 in a record, in structured or in binary mode (Kafka Protocol Binding 1.0.2).

Nothing of the payload is in a reason.
"""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from bridge.errors import Tombstone, Undecodable
from bridge.events import Event, Record
from bridge.formats.around import event_of
from bridge.formats.attributes import REQUIRED, checked
from bridge.formats.jsonformat import kind_of, read_json
from bridge.formats.mediatypes import MediaType, media_type

CONTENT_TYPE = "content-type"
PREFIX = "ce_"
STRUCTURED = "application/cloudevents+json"
"""The content type of an event whose attributes and data are one JSON object."""

_FAMILY = "application/cloudevents"
_NEITHER = (
    f"it is no CloudEvent: it has neither a {CONTENT_TYPE} header that begins with {_FAMILY} (structured mode) nor the "
    f"headers {', '.join(PREFIX + name for name in REQUIRED)} (binary mode)"
)


def decode_cloudevent(record: Record) -> Event:
    """The event in a record; its body is the data, None without any. Raises Undecodable, Tombstone."""
    content_type, given = _around(record)
    if content_type is not None and content_type.strip().lower().startswith(_FAMILY):
        return _structured(record, media_type(content_type, f"the {CONTENT_TYPE} header"))
    if not given:
        if record.value is None:
            raise Tombstone
        raise Undecodable(_NEITHER)
    return _binary(record, content_type, given)


def _around(record: Record) -> tuple[str | None, dict[str, bytes]]:
    """The content type, and what the headers say of attributes."""
    content_type: bytes | None = None
    given: dict[str, bytes] = {}
    for name, content in record.headers:
        if content is None:
            continue
        if name.startswith(PREFIX):
            if given.setdefault(name[len(PREFIX) :], content) != content:
                raise Undecodable(f"the header {name[:40]!a} is there twice, and differs")
        elif name.lower() == CONTENT_TYPE:
            if content_type is not None and content_type != content:
                raise Undecodable(f"the header {CONTENT_TYPE} is there twice, and differs")
            content_type = content
    return None if content_type is None else _text(CONTENT_TYPE, content_type), given


def _text(header: str, content: bytes) -> str:
    """As it stands there: in Kafka, unlike HTTP, nothing is percent-encoded."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Undecodable(f"the header {header[:40]!a} is not UTF-8") from None


def _structured(record: Record, kind: MediaType) -> Event:
    if kind.name.startswith(f"{_FAMILY}-batch"):
        raise Undecodable("it is a batch of CloudEvents, which Kafka's binding does not have: a record is one event")
    if kind.name not in (STRUCTURED, _FAMILY):
        raise Undecodable(f"it is a CloudEvent in {kind.name[:80]}, which is not read: {STRUCTURED} is")
    if record.value is None:
        raise Tombstone
    members = read_json(record.value, "the value")
    if not isinstance(members, dict):
        raise Undecodable(f"the value is {kind_of(members)}, not a JSON object with a CloudEvent")
    data, encoded = members.pop("data", None), members.pop("data_base64", None)
    ce = checked(members, "")
    if encoded is not None:
        if data is not None:
            raise Undecodable("the CloudEvent has data and data_base64: it may have one of them")
        return event_of(record, _read_data(_decoded(encoded), ce), ce)
    return event_of(record, _checked_data(data, ce), ce)


def _binary(record: Record, content_type: str | None, given: Mapping[str, bytes]) -> Event:
    texts = {name: _text(PREFIX + name, content) for name, content in given.items()}
    if content_type is not None:
        texts["datacontenttype"] = content_type
    ce = checked(texts, f"the header {PREFIX}")
    return event_of(record, _read_data(record.value, ce), ce)


def _decoded(encoded: Any) -> bytes:
    if not isinstance(encoded, str):
        raise Undecodable(f"data_base64 is {kind_of(encoded)}, not a text")
    try:
        return b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise Undecodable("data_base64 is no Base64") from None


def _read_data(data: bytes | None, ce: Mapping[str, str]) -> Any:
    """Data that came as bytes. Empty is what libraries write for none."""
    if not data:
        return None
    kind = _kind(ce)
    if kind.is_json:
        return read_json(data, "the data")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Undecodable(f"the data is {kind.name[:80]}, but not in UTF-8") from None


def _checked_data(data: Any, ce: Mapping[str, str]) -> Any:
    """Data that came as a JSON value."""
    if data is None:
        return None
    kind = _kind(ce)
    if not kind.is_json and not isinstance(data, str):
        raise Undecodable(f"the data is {kind_of(data)}, not a text, and datacontenttype says {kind.name[:80]}")
    return data


def _kind(ce: Mapping[str, str]) -> MediaType:
    """What the data is. Without datacontenttype it is JSON, as in the JSON event format."""
    written = ce.get("datacontenttype")
    kind = media_type("application/json" if written is None else written, "datacontenttype")
    if kind.is_json or kind.is_text:
        return kind
    raise Undecodable(f"the data is {kind.name[:80]}, which is not read: JSON is, and text")
