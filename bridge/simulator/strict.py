"""How a request must look, to the letter of the vendor's page. What differs is refused, and reported by its rule."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

import orjson
from multidict import CIMultiDictProxy

_JSON_TYPES = frozenset({"application/json", "application/json; charset=utf-8", "application/json;charset=utf-8"})
_FIELDS = ("topic_key", "context")


class Rule(StrEnum):
    """What can be wrong with a request."""

    UNKNOWN_PATH = "unknown_path"
    WRONG_METHOD = "wrong_method"
    QUERY = "query"
    MISSING_HEADER = "missing_header"
    REPEATED_HEADER = "repeated_header"
    CONTENT_TYPE = "content_type"
    BODY_ON_GET = "body_on_get"
    BODY_TOO_LARGE = "body_too_large"
    BODY_NOT_JSON = "body_not_json"
    BODY_NOT_OBJECT = "body_not_object"
    MISSING_FIELD = "missing_field"
    UNKNOWN_FIELD = "unknown_field"
    TOPIC_KEY = "topic_key"
    CONTEXT = "context"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that turns a request away; `rule` is set where the request is not as the page wants it."""

    status: int
    message: str
    rule: Rule | None = None


NO_SUCH_PATH = Refusal(404, "there is nothing at this path", Rule.UNKNOWN_PATH)


@dataclass(frozen=True, slots=True)
class RunPath:
    """`/event-generators/{id}/run`."""

    generator: str


@dataclass(frozen=True, slots=True)
class StatusPath:
    """`/executions/{id}/status`."""

    execution: str


@dataclass(frozen=True, slots=True)
class RunCall:
    """The body of a run. `canonical` is the context as JSON with sorted keys."""

    topic_key: str
    context: dict[str, Any]
    canonical: bytes


def read_path(method: str, path: str) -> RunPath | StatusPath | Refusal:
    """Which endpoint is meant by `path` (percent-encoded, from after the prefix)."""
    path, _, query = path.partition("?")
    match path.split("/"):
        case ["", "event-generators", name, "run"] if name:
            return _checked("POST", method, query) or RunPath(unquote(name))
        case ["", "executions", name, "status"] if name:
            return _checked("GET", method, query) or StatusPath(unquote(name))
        case _:
            return NO_SUCH_PATH


def _checked(wanted: str, method: str, query: str) -> Refusal | None:
    if method != wanted:
        return Refusal(405, f"only {wanted} is allowed here", Rule.WRONG_METHOD)
    if query:
        return Refusal(400, "query parameters are not allowed", Rule.QUERY)
    return None


def read_run(headers: CIMultiDictProxy[str], body: bytes) -> RunCall | Refusal:
    """The run that a body asks for: a JSON object with exactly topic_key (text) and context (object)."""
    kinds = headers.getall("Content-Type", [])
    if len(kinds) != 1:
        rule = Rule.REPEATED_HEADER if kinds else Rule.MISSING_HEADER
        return Refusal(400, "exactly one Content-Type header is needed", rule)
    if kinds[0].lower() not in _JSON_TYPES:
        return Refusal(400, "Content-Type must be application/json", Rule.CONTENT_TYPE)
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Refusal(400, "the body is not valid JSON", Rule.BODY_NOT_JSON)
    if not isinstance(data, dict):
        return Refusal(400, "the body must be a JSON object", Rule.BODY_NOT_OBJECT)
    return _read_fields(data)


def _read_fields(data: dict[str, Any]) -> RunCall | Refusal:
    for name in _FIELDS:
        if name not in data:
            return Refusal(400, f"{name} is required", Rule.MISSING_FIELD)
    if len(data) > len(_FIELDS):
        return Refusal(400, "only topic_key and context are allowed", Rule.UNKNOWN_FIELD)
    topic_key, context = data["topic_key"], data["context"]
    if not isinstance(topic_key, str) or not topic_key:
        return Refusal(400, "topic_key must be a non-empty string", Rule.TOPIC_KEY)
    if not isinstance(context, dict):
        return Refusal(400, "context must be an object", Rule.CONTEXT)
    try:
        return RunCall(topic_key, context, orjson.dumps(context, option=orjson.OPT_SORT_KEYS))
    except orjson.JSONEncodeError:
        return Refusal(400, "context is nested too deeply", Rule.CONTEXT)
