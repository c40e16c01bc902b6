"""What a record's trace becomes as it is decided, without Kafka."""

from typing import Any

import orjson
import pytest
from intake.workbench import Workbench, goal
from kafka.members import Read
from tracing.test_context import CONTEXT, PARENT

from bridge.clock import SystemClock
from bridge.intake.judging import Judge, Judgement
from bridge.kafka import OwnTopics, TopicNames
from bridge.telemetry.spans import Span
from bridge.telemetry.tracing import Names, Tracing
from bridge.tracecontext import Sampling, parse
from bridge.triggers import Trigger

ALL = Sampling(1)
TRACED = (("traceparent", PARENT.encode()), ("tracestate", b"a=1"))


@pytest.fixture
def bench(tmp_path: Any) -> Workbench:
    made = Workbench("", "unit", tmp_path)
    made.load()
    return made


def judged(
    bench: Workbench,
    event: Any,
    headers: Any = TRACED,
    *,
    sampling: Sampling | None = ALL,
    limit: int = 1_048_576,
) -> Judgement:
    own = OwnTopics(4, limit, 1_048_576, 1_048_576, 1_048_576, frozenset(), ())
    judge = Judge(bench.table, TopicNames("unit"), own, shadow=False, sampling=sampling)
    value = event if isinstance(event, bytes) else orjson.dumps(event)
    return judge.judge([Read(value, headers=headers, topic=bench.topic)], SystemClock().now())


def trigger_of(judgement: Judgement) -> Trigger:
    (write,) = judgement.writes
    return Trigger.decode(write.value or b"")


def spans_of(judgement: Judgement) -> list[Span]:
    made: list[Span] = []
    names = Names("unit.intake", "unit.triggers", "unit.results", {})
    Tracing(made.append, Sampling(1), names, SystemClock()).records_decided(judgement.handled, 0)
    return made


def test_a_trigger_goes_on_below_the_span_in_which_it_was_written(bench: Workbench) -> None:
    judgement = judged(bench, goal(1))
    process, send = spans_of(judgement)
    assert (process.context.trace_id, process.parent_id) == (CONTEXT.trace_id, CONTEXT.span_id)
    assert send.parent_id == process.context.span_id
    trace = trigger_of(judgement).trace
    assert trace is not None
    assert (parse(trace.parent), trace.state) == (send.context, "a=1")
    assert process.attributes["bridge.decision"] == "trigger"


def test_a_record_read_again_makes_the_same_spans(bench: Workbench) -> None:
    one, other = judged(bench, goal(1)), judged(bench, goal(1))
    assert [span.context for span in spans_of(one)] == [span.context for span in spans_of(other)]


def test_without_tracing_the_header_is_not_looked_at(bench: Workbench) -> None:
    judgement = judged(bench, goal(1), sampling=None)
    assert not judgement.handled
    assert trigger_of(judgement).trace is None


@pytest.mark.parametrize("content", [b"", b"\xff" * 100, b"0" * 900_000, PARENT.encode() * 2, None])
def test_a_hostile_header_begins_a_trace_of_its_own(bench: Workbench, content: bytes | None) -> None:
    trigger = trigger_of(judged(bench, goal(1), [("traceparent", content), ("tracestate", b"a=1")]))
    assert trigger.verdict is None
    assert trigger.trace is not None
    assert trigger.trace.state is None
    assert parse(trigger.trace.parent) is not None
    assert CONTEXT.trace_id not in trigger.trace.parent


def test_what_a_trigger_becomes_does_not_depend_on_its_trace(bench: Workbench) -> None:
    event = goal(1, note="x" * 500)
    size = next(
        limit
        for limit in range(200, 3_000)
        if trigger_of(judged(bench, event, sampling=None, limit=limit)).verdict is None
    )
    tight, roomy = judged(bench, event, limit=size), judged(bench, event, limit=size + 300)
    assert (trigger_of(tight).verdict, trigger_of(tight).trace) == (None, None)
    assert (trigger_of(roomy).verdict, trigger_of(roomy).trace is None) == (None, False)
    assert tight.counts == roomy.counts
    assert [span.name for span in spans_of(tight)] == [f"process {bench.topic}"]


@pytest.mark.parametrize(
    ("event", "decision"),
    [(b"broken", "dead_letter"), (goal(1, minute=None), "rejected"), (goal(1, type="whistle"), "shadow")],
)
def test_a_span_says_what_came_of_a_record(bench: Workbench, event: Any, decision: str) -> None:
    assert spans_of(judged(bench, event))[0].attributes["bridge.decision"] == decision


def test_what_no_route_wants_has_a_span_only_in_its_producers_trace(bench: Workbench) -> None:
    unwanted = goal(1, type="unheard of")
    assert [span.attributes["bridge.decision"] for span in spans_of(judged(bench, unwanted))] == ["none"]
    assert spans_of(judged(bench, unwanted, [])) == []
