"""What a span is, and which ones a stage makes when it is done: their names, times and attributes. Pure.

Names and attributes are those of OpenTelemetry's semantic conventions for messaging and HTTP; what is ours begins with `bridge.`.
Never among them: a value of a context, a key of a record, a topic key, an event's id. Times are nanoseconds since 1970 UTC.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from bridge import tracecontext
from bridge.events import Source
from bridge.tracecontext import TraceContext

_MS = 1_000_000
RUN_TEMPLATE = "/event-generators/{id}/run"

Attributes = Mapping[str, str | int]


class Kind(Enum):
    """What a span stands for in the conventions."""

    INTERNAL = auto()
    CONSUMER = auto()
    PRODUCER = auto()
    CLIENT = auto()


@dataclass(frozen=True, slots=True)
class Span:
    """One that has ended. `parent_id`: None where the trace begins; `error`: what went wrong, from a closed set."""

    context: TraceContext
    parent_id: str | None
    name: str
    kind: Kind
    start: int
    end: int
    attributes: Attributes
    error: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the spans of a trigger are about; `trace` is its place, and `state` the tracestate where that is at hand."""

    trace: TraceContext
    trigger: str
    brand: str
    route: str
    state: str | None = None

    @property
    def attributes(self) -> dict[str, str | int]:
        """What all of them say."""
        return {"bridge.trigger.id": self.trigger, "bridge.brand": self.brand, "bridge.route": self.route}


@dataclass(slots=True)
class Handled:
    """A source record that intake decided. `context` is the place of its span below `before`, the producer's (or nobody's).

    `sends`: the triggers that it made; `wanted`: whether any route, or the dead letters, took it.
    """

    before: TraceContext
    state: str | None
    source: Source
    context: TraceContext = field(init=False)
    sends: list[Subject] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context = self.before.span("process", str(self.source))


@dataclass(frozen=True, slots=True)
class Attempted:
    """An attempt whose call has ended: `trace` as in the ledger, `intended` to `called` seconds before the answer came."""

    trace: str
    state: str | None
    nonce: str
    number: int
    received: int  # ms since 1970 UTC
    intended: float
    written: float
    called: float


@dataclass(frozen=True, slots=True)
class Told:
    """A result that is written. `followed`: the nonce of the attempt whose execution ended so, and from when to when it was
    open (ms); None where there was none.
    """

    result: str
    outcome: str
    followed: tuple[str, int, int] | None


def of_record(handled: Handled, group: str, topic: str, began: int, written: int) -> Iterator[Span]:
    """Intake. The producer's context is the parent, as the conventions have it for a message that is processed by itself;
    that records come in batches says nothing of them. `began`, `written`: the batch was read, and all of it is acknowledged.
    """
    source = handled.source
    decisions = sorted(set(handled.decisions)) or ["none"]
    place: dict[str, str | int] = {
        **_messaging("process", source.topic),
        "messaging.consumer.group.name": group,
        "messaging.destination.partition.id": str(source.partition),
        "messaging.kafka.offset": source.offset,
        "bridge.decision": ",".join(decisions),
    }
    parent = handled.before.parent_id
    name = f"process {source.topic}"
    yield Span(handled.context, parent, name, Kind.CONSUMER, began, written, place, state=handled.state)
    for subject in handled.sends:
        attributes = {**_messaging("send", topic), **subject.attributes}
        send = subject.trace
        parent = handled.context.span_id
        yield Span(send, parent, f"send {topic}", Kind.PRODUCER, began, written, attributes, state=handled.state)


def of_attempt(
    subject: Subject, made: Attempted, *, end: str, status: int | None, where: Attributes, now: int
) -> Iterator[Span]:
    """Dispatch: the wait before the first attempt, then the attempt with its intent, its slot and its call.

    `where`: the vendor's address, as attributes; `now` (ns): the answer came.
    """
    trace, nonce = subject.trace, made.nonce
    about = subject.attributes | {"bridge.attempt": made.number}
    intended, written, called = (now - round(ago * 1e9) for ago in (made.intended, made.written, made.called))

    def inner(name: str, parent: TraceContext, start: int, stop: int) -> Span:
        context = trace.span(name, nonce)
        return Span(context, parent.span_id, name, Kind.INTERNAL, start, stop, about, state=made.state)

    if made.number == 1:
        yield inner("wait", trace, min(made.received * _MS, intended), intended)
    attempt = inner("attempt", trace, intended, now)
    yield attempt
    yield inner("write intent", attempt.context, intended, written)
    yield inner("wait for slot", attempt.context, written, called)
    call: dict[str, str | int] = {**about, "http.request.method": "POST", "url.template": RUN_TEMPLATE, **where}
    call["bridge.end"] = end
    if status is not None:
        call["http.response.status_code"] = status
    if failed := end != "accepted":
        call["error.type"] = end if status is None else str(status)
    yield Span(
        tracecontext.of_call(trace, nonce),
        attempt.context.span_id,
        f"POST {RUN_TEMPLATE}",
        Kind.CLIENT,
        called,
        now,
        call,
        end if failed else None,
        made.state,
    )


def of_result(subject: Subject, told: Told, topic: str, began: int, written: int) -> Iterator[Span]:
    """Reconcile, where there was an execution to follow, and the result. `began`, `written` (ns): of the result's record."""
    parent = subject.trace
    about = subject.attributes | {"bridge.outcome": told.outcome}
    if told.followed is not None:
        nonce, accepted, ended = told.followed
        follow = tracecontext.of_end(subject.trace, nonce, told.outcome)
        call = tracecontext.of_call(subject.trace, nonce)
        failed = None if told.outcome == "published" else told.outcome
        start, stop = accepted * _MS, max(accepted, ended) * _MS
        yield Span(follow, call.span_id, "follow execution", Kind.INTERNAL, start, stop, about, failed)
        parent = follow
    result = tracecontext.of_result(subject.trace, told.result)
    attributes = {**_messaging("send", topic), **about}
    yield Span(result, parent.span_id, f"send {topic}", Kind.PRODUCER, began, written, attributes)


def _messaging(operation: str, topic: str) -> dict[str, str | int]:
    return {
        "messaging.system": "kafka",
        "messaging.operation.type": operation,
        "messaging.operation.name": operation,
        "messaging.destination.name": topic,
    }
