"""Reading the vendor's answers. Pure: no clock, no network.

Statuses are decided by docs/vendor.md ("The ends of a call"); bodies of errors are undocumented, so they are kept for
people and never branched on (docs/vendor.md #18). Reading is tolerant: unknown fields are ignored, a field of the wrong
type counts as missing.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from msgspec import Struct

from bridge.durations import parse_instant
from bridge.vendor.answers import (
    Accepted,
    Failed,
    NotFound,
    PollError,
    PollRefused,
    PollThrottled,
    Published,
    RefusedBrand,
    RefusedEvent,
    RefusedRoute,
    RunAnswer,
    Running,
    StatusAnswer,
    Throttled,
    Unknown,
)
from bridge.vendor.errortext import readable
from bridge.vendor.retry_after import retry_after_ms

EXECUTION_ID_LIMIT = 200
"""Characters of an execution id that are believed."""

_SUCCESS = range(200, 300)
# Certain by their meaning in RFC 9110 that the request was turned away; docs/vendor.md says why each is where it is.
_EVENT = frozenset({400, 413})
_ROUTE = frozenset({404, 410, 422})
_BRAND = frozenset({301, 307, 308, 401, 402, 403, 405, 406, 407, 415, 421, 426, 431})


class Reply(Struct, frozen=True, gc=False):
    """An HTTP answer: the body's first 64 KiB, and in `cut` why it is not all of it (None: it is)."""

    status: int
    retry_after: str | None
    body: bytes
    cut: str | None = None
    date: str | None = None


def read_run(reply: Reply, *, now: int, secrets: Sequence[str]) -> RunAnswer:
    """What an answer to a run means. `now` in ms since 1970 UTC (for a Retry-After that is a date); `secrets` are
    taken out of the texts.
    """
    if reply.status in _SUCCESS:
        return _read_accepted(reply)
    if reply.status == Throttled.status:
        return Throttled(retry_after_ms(reply.retry_after, now))
    text = readable(reply.body, secrets)
    match reply.status:
        case status if status in _EVENT:
            return RefusedEvent(status, text)
        case status if status in _ROUTE:
            return RefusedRoute(status, text)
        case status if status in _BRAND:
            return RefusedBrand(status, text)
        case status:
            return Unknown(_said(status, text), status)


def read_status(execution_id: str, reply: Reply, *, now: int, secrets: Sequence[str]) -> StatusAnswer:
    """What an answer to a poll of `execution_id` means. `now` and `secrets` as for read_run."""
    match reply.status:
        case 200:
            return _read_execution(execution_id, reply, secrets)
        case 404:
            return NotFound()
        case 429:
            return PollThrottled(retry_after_ms(reply.retry_after, now))
        case 401 | 403:
            return PollRefused(reply.status, readable(reply.body, secrets))
        case status:
            return PollError(_said(status, readable(reply.body, secrets)))


def _read_accepted(reply: Reply) -> Accepted | Unknown:
    fields = _fields(reply)
    if isinstance(fields, str):
        return Unknown(f"status {reply.status}, but {fields}", reply.status)
    match fields.get("execution_id"):
        case str(execution_id) if 0 < len(execution_id) <= EXECUTION_ID_LIMIT:
            return Accepted(execution_id, reply.status)
        case _:
            why = f"status {reply.status}, but no execution_id of 1 to {EXECUTION_ID_LIMIT} characters"
            return Unknown(why, reply.status)


def _read_execution(
    execution_id: str, reply: Reply, secrets: Sequence[str]
) -> Running | Published | Failed | PollError:
    fields = _fields(reply)
    if isinstance(fields, str):
        return PollError(fields)
    if fields.get("execution_id", execution_id) != execution_id:
        return PollError("the answer is about another execution")
    match fields.get("status"):
        case "published":
            return Published(_audience(fields), _updated(fields))
        case "failed":
            code, message = (_text(fields.get(name), secrets) for name in ("error_code", "error_message"))
            return Failed(code, message, _audience(fields), _updated(fields))
        case str(status) if status:
            return Running(readable(status.encode(), secrets))
        case _:
            return PollError("the answer has no status")


def _fields(reply: Reply) -> dict[str, Any] | str:
    """The body's fields, or why there are none."""
    if reply.cut is not None:
        return reply.cut
    try:
        fields = orjson.loads(reply.body)
    except orjson.JSONDecodeError as error:
        return f"the body is not JSON: {error}"
    return fields if isinstance(fields, dict) else "the body is no JSON object"


def _audience(fields: dict[str, Any]) -> int | None:
    # Missing is null, never 0: an audience of 0 has a meaning of its own (docs/vendor.md #8). JSON's true is an int here.
    size = fields.get("audience_size")
    return size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None


def _updated(fields: dict[str, Any]) -> int | None:
    match fields.get("updated_at"):
        case str(text):
            try:
                return parse_instant(text)
            except ValueError:
                return None
        case _:
            return None


def _text(value: object, secrets: Sequence[str]) -> str | None:
    match value:
        case None:
            return None
        case str():
            return readable(value.encode(), secrets)
        case _:
            return readable(orjson.dumps(value), secrets)


def _said(status: int, text: str) -> str:
    return f"status {status}: {text}" if text else f"status {status}"
