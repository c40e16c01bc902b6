"""The event of a test as a CloudEvent in binary mode. Pure."""

from collections.abc import Mapping
from typing import Any

from bridge.events import Headers
from bridge.formats.cloudevents import CONTENT_TYPE, PREFIX
from bridge.routing.shape import ATTRIBUTES_OF_A_TEST


def binary(attributes: Mapping[str, str], data: Any, written: bytes) -> tuple[bytes | None, Headers]:
    """Value and headers of the record. `written` is the data as JSON, unless `datacontenttype` says that it is a text."""
    ce = {**ATTRIBUTES_OF_A_TEST, **attributes}
    content_type = ce.pop("datacontenttype", "application/json")
    headers = [(PREFIX + name, text.encode("utf-8", "replace")) for name, text in ce.items()]
    if data is None:
        return None, headers
    as_text = isinstance(data, str) and content_type.startswith("text/")
    value = data.encode("utf-8", "replace") if as_text else written
    return value, [*headers, (CONTENT_TYPE, content_type.encode("utf-8", "replace"))]
