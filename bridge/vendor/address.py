"""Where the vendor is, the paths of its two endpoints, and what a run says."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

import orjson


def check_base_url(text: str) -> str:
    """`text` without a slash at its end. Raises ValueError that says what is wrong and what to write.

    https only, except to this machine itself: the keys go with every request (docs/vendor.md #25).
    """
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"vendor.base_url {text!r} is no URL: {error}") from error
    if parts.scheme not in ("https", "http") or not host or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(f"vendor.base_url {text!r} is no URL: write one as https://HOST/PATH")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("vendor.base_url must have no user, query or fragment: the keys belong under brands")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError(f"vendor.base_url {text!r} would send the keys in the clear: write https://")
    return text.rstrip("/")


@lru_cache(maxsize=1_024)  # there are few generators, and a call needs it each time
def run_path(event_generator_id: str) -> str:
    """The path of a run, below the base URL. Raises ValueError when the id is empty."""
    return f"/event-generators/{_segment(event_generator_id)}/run"


def run_body(topic_key: str, context: Mapping[str, Any]) -> bytes:
    """The body of a run, as JSON."""
    return orjson.dumps({"topic_key": topic_key, "context": context})


def status_path(execution_id: str) -> str:
    """The path of an execution's status, below the base URL. Raises ValueError when the id is empty."""
    return f"/executions/{_segment(execution_id)}/status"


def _segment(identifier: str) -> str:
    """Ids are opaque (docs/vendor.md #6): whatever one holds, it stays one segment of the path."""
    if not identifier:
        raise ValueError("an id must not be empty: the path would name something else")
    if identifier in (".", ".."):
        return identifier.replace(".", "%2E")
    return quote(identifier, safe="")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
