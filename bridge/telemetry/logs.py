"""The log: one JSON object a line on the standard error, of structlog and of libraries that log the old way alike."""

import json
import logging
import sys
from typing import Any, BinaryIO, Literal

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

Level = Literal["debug", "info", "warning", "error"]
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_AGAIN = 5.0
"""Seconds between two lines of a library that are alike but for their values."""
_LONGEST = 1_000
"""Characters of one value: what comes from outside must not grow the log."""
_MOST = 50
"""Values of one list or mapping."""
_LONGEST_TRACEBACK = 50_000
"""Tracebacks are our own, but for the words of the exception at their end."""
_KNOWN = 1_000
"""Messages of libraries that are remembered, to write them once in a while only."""


def configure_logging(level: Level = "info", stream: BinaryIO | None = None) -> None:
    """Set up the whole process: `stream` (default: the standard error) gets a line for each event from `level` up.

    Times are RFC 3339 in UTC. Called once, before anything is logged.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _bounded,
            structlog.processors.format_exc_info,
            _bounded_traceback,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer if stream is None else stream),
        cache_logger_on_first_use=stream is None,
    )
    root = logging.getLogger()
    root.handlers = [_Forwarding()]
    root.setLevel(_LEVELS[level])
    # It tells of each expression that an event makes fail, with the event's own values.
    logging.getLogger("cel").setLevel(logging.CRITICAL)
    # At info, aiokafka tells of each heartbeat's trouble that it mends itself.
    for chatty in ("aiokafka", "httpx2", "httpcore2"):
        logging.getLogger(chatty).setLevel(logging.DEBUG if level == "debug" else logging.WARNING)


def logger() -> FilteringBoundLogger:
    """The service's own logger."""
    found: FilteringBoundLogger = structlog.get_logger()
    return found


class _Forwarding(logging.Handler):
    """Hands the records of stdlib loggers on to structlog; what a library says again and again, once in a while."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this was not said within the last seconds: without Kafka, aiokafka complains ten times a second."""
        what = (record.name, str(record.msg))
        if record.created - self._said.get(what, 0.0) < _AGAIN:
            return False
        if len(self._said) >= _KNOWN:
            self._said.clear()
        self._said[what] = record.created
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        try:
            logger().log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info)
        except Exception:  # noqa: BLE001 - the contract of logging: a record that can't be written ends in handleError
            self.handleError(record)


def _bounded(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        event[key] = _cut(value)
    return event


def _cut(value: Any) -> Any:
    match value:
        case str() if len(value) > _LONGEST:
            return value[:_LONGEST] + "..."
        case list() | tuple():
            return [_cut(one) for one in value[:_MOST]] + ["..."] * (len(value) > _MOST)
        case dict():
            return {_cut(str(name)): _cut(one) for name, one in list(value.items())[:_MOST]}
        case _:
            return value


def _bounded_traceback(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    text = event.get("exception")
    if isinstance(text, str) and len(text) > _LONGEST_TRACEBACK:
        half = _LONGEST_TRACEBACK // 2
        event["exception"] = f"{text[:half]}\n...\n{text[-half:]}"
    return event


def _dumps(event: Any, **_: Any) -> bytes:
    try:
        return orjson.dumps(event, default=str)
    except (
        TypeError
    ):  # half a surrogate pair, or a number beyond 64 bits: rare, and the line matters more than its cost
        return json.dumps(event, default=str).encode()
