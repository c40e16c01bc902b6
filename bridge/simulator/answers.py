"""The vendor's answers as aiohttp's responses."""

from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Literal

import orjson
from aiohttp import web

from bridge.simulator.config import RetryAfterForm
from bridge.simulator.executions import Execution

_JSON = "application/json"


def as_json(body: Any, status: int = 200) -> web.Response:
    """A response with `body` as JSON."""
    return web.Response(status=status, body=orjson.dumps(body), content_type=_JSON)


def accepted(execution: Execution) -> web.Response:
    """202, as the page has it."""
    return as_json({"execution_id": execution.id, "status": "queued"}, 202)


def error(status: int, message: str) -> web.Response:
    """An error answer of any status, also one that HTTP doesn't know."""
    known = status in HTTPStatus.__members__.values()
    return as_json({"error": HTTPStatus(status).phrase if known else f"Error {status}", "message": message}, status)


def throttled(form: RetryAfterForm, seconds: int, now: int) -> web.Response:
    """429, with Retry-After in the form asked for; `now` is in milliseconds since 1970 UTC."""
    response = error(429, "rate limit exceeded")
    match form:
        case "seconds":
            response.headers["Retry-After"] = str(seconds)
        case "date":
            # A date has no fractions: rounded up, or it would name a moment that is too early.
            response.headers["Retry-After"] = formatdate(-(-now // 1000) + seconds, usegmt=True)
        case "absent":
            pass
    return response


def unreadable(execution: Execution, body: Literal["empty", "not_json", "no_execution_id"]) -> web.Response:
    """A 202 that does not tell which execution it made."""
    bodies = {
        "empty": b"",
        "not_json": b"<html>accepted</html>",
        "no_execution_id": orjson.dumps({"status": "queued", "topic_key": execution.topic_key}),
    }
    return web.Response(status=202, body=bodies[body], content_type=_JSON)


def huge(body: dict[str, Any], size: int, status: int) -> web.Response:
    """`body` after a field of `size` bytes."""
    return as_json({"padding": "x" * size, **body}, status)


def redirected(location: str, status: int) -> web.Response:
    """A redirect."""
    return web.Response(status=status, headers={"Location": location})
