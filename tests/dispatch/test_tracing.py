"""The spans of attempts and ends, with real parts over real HTTP on a loop whose time is turned."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from dispatch.bench import Bench
from dispatch.replica import Replica
from tracing.test_context import CONTEXT, PARENT

from bridge.ledger.records import Parked
from bridge.simulator import faults
from bridge.telemetry.spans import Kind, Span
from bridge.telemetry.tracing import Names, Tracing
from bridge.tracecontext import Sampling, Trace
from bridge.triggers import Rejected
from bridge.vendor.answers import RunAnswer

TRACE = Trace(PARENT)
POST = "POST /event-generators/{id}/run"
RESULT = "send bridge.results"


@pytest.fixture
def spans() -> list[Span]:
    return []


def trace_to(spans: list[Span], replica: Replica, bench: Bench) -> None:
    names = Names("bridge.intake", "bridge.triggers", "bridge.results", {"server.address": "localhost"})
    replica.telemetry.tracing = Tracing(spans.append, Sampling(1), names, bench.clock)


def parents(spans: list[Span]) -> dict[str, str]:
    """The name of each span's parent."""
    names = {span.context.span_id: span.name for span in spans} | {CONTEXT.span_id: "intake"}
    return {span.name: names[span.parent_id or ""] for span in spans}


async def test_a_trigger_that_is_published(bench: Bench, spans: list[Span]) -> None:
    async with bench.running() as replica:
        trace_to(spans, replica, bench)
        await bench.ended(bench.publish("e1", trace=TRACE))
    assert parents(spans) == {
        "wait": "intake",
        "attempt": "intake",
        "write intent": "attempt",
        "wait for slot": "attempt",
        POST: "attempt",
        "follow execution": POST,
        RESULT: "follow execution",
    }
    assert {span.context.trace_id for span in spans} == {CONTEXT.trace_id}
    follow = next(span for span in spans if span.name == "follow execution")
    assert follow.end - follow.start > 1_900_000_000
    assert all(span.error is None and span.start <= span.end for span in spans)


async def test_the_vendor_gets_the_place_of_its_own_request(bench: Bench, spans: list[Span]) -> None:
    given: list[Trace | None] = []
    async with bench.running() as replica:
        trace_to(spans, replica, bench)
        run = replica.vendor.run

        async def watched(
            brand: str, generator: str, key: str, context: Mapping[str, Any], trace: Trace | None
        ) -> RunAnswer:
            given.append(trace)
            return await run(brand, generator, key, context, trace)

        replica.vendor.run = watched  # type: ignore[method-assign, assignment]
        await bench.ended(bench.publish("e1", trace=Trace(PARENT, "a=1")))
        await bench.ended(bench.publish("e2"))
    (call,) = [span for span in spans if span.name == POST]
    assert given == [Trace(str(call.context), "a=1"), None]


async def test_each_attempt_has_spans_of_its_own_and_says_how_it_ended(bench: Bench, spans: list[Span]) -> None:
    bench.simulator.faults.add(faults.Status(status=429, count=2, made=False))
    async with bench.running() as replica:
        trace_to(spans, replica, bench)
        await bench.ended(bench.publish("e1", trace=TRACE))
    calls = [span for span in spans if span.kind is Kind.CLIENT]
    told = [(one.attributes["bridge.end"], one.attributes["http.response.status_code"], one.error) for one in calls]
    assert told == [("throttled", 429, "throttled")] * 2 + [("accepted", 202, None)]
    assert len({one.context.span_id for one in spans}) == len(spans)
    assert Counter(span.name for span in spans)["wait"] == 1


@pytest.mark.parametrize(
    ("how", "outcome"), [({"verdict": Rejected("no field")}, "rejected"), ({"expires_in": -1}, "expired")]
)
async def test_an_end_without_a_call_is_told_below_intake(
    bench: Bench, spans: list[Span], how: dict[str, object], outcome: str
) -> None:
    async with bench.running() as replica:
        trace_to(spans, replica, bench)
        await bench.ended(bench.publish("e1", trace=TRACE, **how))  # type: ignore[arg-type]
    assert parents(spans) == {RESULT: "intake"}
    assert spans[0].attributes["bridge.outcome"] == outcome


async def test_a_trigger_that_was_parked_goes_on_in_another_replica(bench: Bench, spans: list[Span]) -> None:
    async with bench.running() as first:
        bench.hold_all(first)
        trigger = bench.publish("e1", trace=TRACE)
        await bench.until(lambda: bench.kinds(trigger) == ["parked"])
        (parked,) = bench.lines(trigger)
        assert isinstance(parked, Parked)
    async with bench.running() as second:
        trace_to(spans, second, bench)
        await bench.ended(trigger)
    wait = next(span for span in spans if span.name == "wait")
    assert wait.start == parked.trigger.received * 1_000_000
    assert wait.end - wait.start > 60_000_000_000
    assert parents(spans)[RESULT] == "follow execution"


async def test_a_repetition_goes_on_with_the_trace_of_its_original(bench: Bench, spans: list[Span]) -> None:
    bench.simulator.faults.add(faults.Status(status=500, count=1, made=False))
    async with bench.running() as replica:
        trace_to(spans, replica, bench)
        original = bench.publish("e1", trace=TRACE)
        assert (await bench.ended(original))["outcome"] == "unknown"
        assert parents(spans)[RESULT] == "intake"
        again = bench.repeat(original)
        assert (await bench.ended(again))["outcome"] == "published"
    ids = Counter(span.context.span_id for span in spans)
    assert set(ids.values()) == {1}
    assert {span.attributes["bridge.trigger.id"] for span in spans} == {original, again}
    assert {span.context.trace_id for span in spans} == {CONTEXT.trace_id}


async def test_what_is_not_sampled_makes_no_span_and_no_exemplar(bench: Bench, spans: list[Span]) -> None:
    async with bench.running() as replica:
        trace_to(spans, replica, bench)
        await bench.ended(bench.publish("e1", trace=Trace(f"{PARENT[:-1]}0")))
        await bench.ended(bench.publish("e2"))
        assert exemplars(replica) == []
        assert spans == []
        await bench.ended(bench.publish("e3", trace=TRACE))
        assert exemplars(replica) == [CONTEXT.trace_id] * 2


def exemplars(replica: Replica) -> list[str]:
    """Trace ids at the buckets of the two histograms."""
    samples = [sample for metric in replica.registry.collect() for sample in metric.samples]
    return [sample.exemplar.labels["trace_id"] for sample in samples if sample.exemplar]
