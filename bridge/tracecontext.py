"""W3C trace context: as it comes with a source record, goes on in a trigger and in the ledger, and leaves with a result. Pure.

https://www.w3.org/TR/trace-context/. Ids of our own spans are not random: each is a hash of what its span is about. So nothing
needs to hold a span while a trigger waits or an execution is open, another replica goes on with the same trace, and a result that
is written again has the same header. Spans made twice, after a crash, have one id.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

TRACEPARENT = "traceparent"
TRACESTATE = "tracestate"

Headers = Sequence[tuple[str, bytes | None]]

# Longer than any version of the specification foresees: not looked at.
_LONGEST_PARENT = 200
_PARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_NO_SPAN = "0" * 16
_SAMPLED = 0x01
_KNOWN_FLAGS = 0x03  # sampled, and "the trace id is random" of level 2
# What must be passed on at least is 512 characters and 32 entries; what is more than that is left out whole.
_LONGEST_STATE = 512
_MOST_ENTRIES = 32
_ENTRY = re.compile(
    r"[a-z0-9][a-z0-9_*/-]{0,255}(@[a-z][a-z0-9_*/-]{0,13})?=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class TraceContext:
    """A span's place: 32 and 16 hexadecimal digits. A trace that begins here has a span id of zeros."""

    trace_id: str
    span_id: str
    flags: int

    @property
    def sampled(self) -> bool:
        """Whether spans of it are kept."""
        return bool(self.flags & _SAMPLED)

    @property
    def parent_id(self) -> str | None:
        """The span id as that of a parent; None where a trace begins."""
        return None if self.span_id == _NO_SPAN else self.span_id

    def span(self, *about: str) -> "TraceContext":
        """The place of a span of this trace: the same for the same texts."""
        return TraceContext(self.trace_id, _hashed(8, about), self.flags)

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}"


@dataclass(frozen=True, slots=True)
class Trace:
    """The trace that a trigger belongs to: `parent` and `state` as the two headers hold them."""

    parent: str
    state: str | None = None

    @classmethod
    def read(cls, fields: Any) -> "Trace | None":
        """Of decoded JSON; None where that is none: it must not make the trigger that it comes with unreadable."""
        parent, state = (fields.get("parent"), fields.get("state")) if isinstance(fields, dict) else (None, None)
        if not isinstance(parent, str) or parse(parent) is None:
            return None
        return cls(parent, state if isinstance(state, str) else None)


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which records are traced: as their producer says; of those that say nothing, this part (0 to 1) of them."""

    ratio: float

    def of(self, headers: Headers, place: str) -> tuple[TraceContext, str | None]:
        """The trace that a record is part of, and its state. One without begins one, always the same: by its `place`."""
        found = read_headers(headers)
        return (self._begun(place), None) if found is None else found

    def _begun(self, place: str) -> TraceContext:
        trace_id = _hashed(16, (place,))
        # As OpenTelemetry's TraceIdRatioBased decides: by the lower 64 bits.
        return TraceContext(trace_id, _NO_SPAN, int(int(trace_id[16:], 16) < self.ratio * 2**64))


def read_headers(headers: Headers) -> tuple[TraceContext, str | None] | None:
    """The context that headers hold, and its state; None where there is none, or not exactly one that can be believed.

    Headers come from outside: what is malformed or too long is left out, and never an error.
    """
    parents = [content for name, content in headers if name == TRACEPARENT]
    context = parse(_text(parents[0])) if len(parents) == 1 else None
    if context is None:
        return None
    return context, _state([_text(content) for name, content in headers if name == TRACESTATE])


def parse(text: str | None) -> TraceContext | None:
    """The context in a `traceparent`; None when it is none."""
    found = _PARENT.fullmatch(text) if text and len(text) <= _LONGEST_PARENT else None
    if found is None:
        return None
    version, trace_id, span_id, flags, rest = found.groups()
    if version == "ff" or (version == "00" and rest is not None) or not int(trace_id, 16) or not int(span_id, 16):
        return None
    return TraceContext(trace_id, span_id, int(flags, 16) & _KNOWN_FLAGS)


def trace_of(headers: Headers) -> Trace | None:
    """What a trigger takes over from the record that it is made of, where no span of ours stands between."""
    found = read_headers(headers)
    return None if found is None else Trace(str(found[0]), found[1])


def carried(trace: Trace) -> dict[str, str]:
    """The headers of a request that is part of a trace."""
    return {TRACEPARENT: trace.parent} | ({} if trace.state is None else {TRACESTATE: trace.state})


def _state(lines: list[str]) -> str | None:
    entries = [entry.strip(" \t") for line in lines for entry in line.split(",") if entry.strip(" \t")]
    state = ",".join(entries)
    fits = 0 < len(state) <= _LONGEST_STATE and len(entries) <= _MOST_ENTRIES
    return state if fits and all(map(_ENTRY.fullmatch, entries)) else None


def _text(content: bytes | None) -> str:
    return (content or b"")[: 4 * _LONGEST_STATE].decode("ascii", "replace")


def _hashed(size: int, about: Sequence[str]) -> str:
    digest = blake2b("\0".join(about).encode("utf-8", "replace"), digest_size=size).hexdigest()
    return digest if int(digest, 16) else f"{1:0{2 * size}x}"


def of_send(record: TraceContext, trigger: str) -> TraceContext:
    """Where a trigger is written; `record` is where its event is worked on."""
    return record.span("send", record.span_id, trigger)


def of_call(trigger: TraceContext, nonce: str) -> TraceContext:
    """An attempt's request to the vendor."""
    return trigger.span("call", nonce)


def of_end(trigger: TraceContext, nonce: str, outcome: str) -> TraceContext:
    """Following the execution that an attempt made, to this outcome."""
    return trigger.span("follow", nonce, outcome)


def of_result(trigger: TraceContext, result: str) -> TraceContext:
    """Where the result of that id is written; its `traceparent` names this."""
    return trigger.span("result", result)
