"""One event's trace: from its producer's span over everything that the service does to the header of its result."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson
import pytest
from kafka.cluster import read_topic
from service.conftest import Services
from service.replica import Replica, until
from service.service import Service
from service.story import TEAMS, event, vendor
from tracing.collector import Collector, Received, collecting

PRODUCER = "00f067aa0ba902b7"
QUICK = {"OTEL_BSP_SCHEDULE_DELAY": "100"}
_KINDS = {
    "process SOURCE": "CONSUMER",
    "send TRIGGERS": "PRODUCER",
    "wait": "INTERNAL",
    "attempt": "INTERNAL",
    "write intent": "INTERNAL",
    "wait for slot": "INTERNAL",
    "POST /event-generators/{id}/run": "CLIENT",
    "follow execution": "INTERNAL",
    "send RESULTS": "PRODUCER",
}
_PARENTS = {
    "process SOURCE": "the producer",
    "send TRIGGERS": "process SOURCE",
    "wait": "send TRIGGERS",
    "attempt": "send TRIGGERS",
    "write intent": "attempt",
    "wait for slot": "attempt",
    "POST /event-generators/{id}/run": "attempt",
    "follow execution": "POST /event-generators/{id}/run",
    "send RESULTS": "follow execution",
}


def trace(number: int) -> str:
    return f"{number:032x}"


def traced(number: int, flags: str = "01", **headers: bytes) -> dict[str, Any]:
    """A record of `event(number)`, in the trace of that number."""
    parent = f"00-{trace(number)}-{PRODUCER}-{flags}".encode()
    carried = {"traceparent": parent, **headers}
    return {"value": orjson.dumps(event(number)), "key": b"a key", "headers": list(carried.items())}


def tracing_to(collector: Collector, **more: str) -> dict[str, str]:
    return {"BRIDGE_TRACING__ENABLED": "true", "BRIDGE_TRACING__ENDPOINT": collector.url, **QUICK, **more}


async def results_of(service: Service) -> Mapping[str, Mapping[str, str]]:
    """By event, the headers of its result."""
    records = await read_topic(service.kafka, f"{service.name}.results")
    return {record.key.decode(): {name: text.decode() for name, text in record.headers} for record in records}


async def whole(collector: Collector, service: Service, number: int) -> dict[str, Received]:
    """The spans of a trace, by their names, when all are there."""
    places = {"SOURCE": service.source, "TRIGGERS": f"{service.name}.triggers", "RESULTS": f"{service.name}.results"}

    def written(name: str) -> str:
        for placeholder, topic in places.items():
            name = name.replace(placeholder, topic)
        return name

    await until(lambda: all(collector.named(written(name), trace(number)) for name in _KINDS))
    return {name: collector.one(written(name), trace(number)) for name in _KINDS}


def check_chain(spans: Mapping[str, Received], result: str) -> None:
    """Each span is below the one before it, and the result's header names the last one."""
    ids = {"the producer": PRODUCER} | {name: span.span_id for name, span in spans.items()}
    assert {name: span.parent_id for name, span in spans.items()} == {name: ids[of] for name, of in _PARENTS.items()}
    assert {name: span.kind for name, span in spans.items()} == _KINDS
    sent = spans["send RESULTS"]
    assert result == f"00-{sent.trace_id}-{sent.span_id}-01"
    times = [(span.sent.start_time_unix_nano, span.sent.end_time_unix_nano) for span in spans.values()]
    assert all(start <= end for start, end in times)


async def open_metrics(replica: Replica) -> str:
    assert replica.start is not None
    address = f"http://127.0.0.1:{replica.start['port']}/metrics"
    asked = {"Accept": "application/openmetrics-text; version=1.0.0"}
    async with aiohttp.ClientSession() as session, session.get(address, headers=asked) as answer:
        return await answer.text()


async def test_a_trace_goes_from_the_producers_span_to_the_results_header(services: Services) -> None:
    async with services() as service, collecting() as collector:
        replica = await service.start("a", **tracing_to(collector, OTEL_RESOURCE_ATTRIBUTES="team=campaigns"))
        whistle = orjson.dumps(event(8, type="nobody wants it"))
        await service.publish_records(
            traced(1, tracestate=b"vendor=t61rcWkgMzE"),
            traced(2, "00"),
            {"value": orjson.dumps(event(3))},
            {"value": whistle},
            {**traced(9), "value": whistle},
        )
        await service.is_done(3)
        spans = await whole(collector, service, 1)
        results = await results_of(service)
        plain, exemplars = (await replica.get("metrics"))[1], await open_metrics(replica)
        account = await service.account()
        assert await replica.stop() == 0
    account.check()
    check_chain(spans, results["e1"]["traceparent"])
    (triggered,) = (one["id"] for one in account.triggers if one["event_id"] == "e1")
    for name, span in spans.items():
        told = span.attributes
        assert span.resource["service.name"] == service.name
        assert span.resource["team"] == "campaigns"
        if name != "process SOURCE":
            whom = (told["bridge.trigger.id"], told["bridge.brand"], told["bridge.route"])
            assert whom == (triggered, "acme", "goal-acme"), name
        if name.startswith(("process", "send")):
            assert told["messaging.system"] == "kafka"
    assert spans["send RESULTS"].attributes["bridge.outcome"] == "published"
    assert spans["attempt"].sent.trace_state == "vendor=t61rcWkgMzE"

    # Not sampled by its producer: no spans, and the trace goes on for whoever reads the result.
    assert [one for one in collector.spans if one.trace_id == trace(2)] == []
    assert results["e2"]["traceparent"].startswith(f"00-{trace(2)}-")
    assert results["e2"]["traceparent"].endswith("-00")
    # Without one, a trace begins here; but not with what nobody wants.
    (begun,) = {one.trace_id for one in collector.spans} - {trace(1), trace(9)}
    assert results["e3"]["traceparent"].startswith(f"00-{begun}-")
    assert collector.one(f"process {service.source}", begun).parent_id == ""
    (unwanted,) = [one for one in collector.spans if one.trace_id == trace(9)]
    assert unwanted.attributes["bridge.decision"] == "none"

    # Nothing of what is in events, or of whom they reach.
    said = [str(value) for one in collector.spans for value in (one.name, *one.attributes.values())]
    assert "e1" not in said
    assert not [one for one in said if any(secret in one for secret in (*TEAMS.values(), "a team", "a key"))]
    for metric in ("bridge_event_to_call_seconds", "bridge_call_to_end_seconds"):
        found = [line for line in exemplars.splitlines() if line.startswith(f"{metric}_bucket") and " # {" in line]
        assert found, metric
        assert all(f'trace_id="{one}"' not in exemplars for one in (trace(2), trace(9)))
    assert f'trace_id="{trace(1)}"' in exemplars or f'trace_id="{begun}"' in exemplars
    assert "trace_id" not in plain


async def test_another_replica_goes_on_with_the_trace_of_an_execution_that_is_open(services: Services) -> None:
    slow = vendor(time_to_end=(4_000, 4_000))
    async with services(slow) as service, collecting() as collector:
        first = await service.start("first", **tracing_to(collector))
        await service.publish_records(traced(1))
        await service.has_accepted(1)
        await until(lambda: collector.named("POST /event-generators/{id}/run"))
        first.kill()
        await first.ended()
        assert collector.named("follow execution") == []
        await service.start("second", **tracing_to(collector))
        await service.is_done(1)
        spans = await whole(collector, service, 1)
        check_chain(spans, (await results_of(service))["e1"]["traceparent"])
        (await service.account()).check()
        instances = {name: span.resource["service.instance.id"] for name, span in spans.items()}
    assert len(set(instances.values())) == 2
    assert instances["attempt"] != instances["follow execution"] == instances["send RESULTS"]


@pytest.mark.slow
async def test_a_collector_that_is_away_costs_spans_and_nothing_else(services: Services, unused_tcp_port: int) -> None:
    nowhere = Collector(f"http://127.0.0.1:{unused_tcp_port}/v1/traces")
    few = {"OTEL_BSP_MAX_QUEUE_SIZE": "16", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "8", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    async with services() as service:
        replica = await service.start("a", **tracing_to(nowhere, **few))
        await service.publish_records(*(traced(number) for number in range(1, 101)))
        await service.is_done(100)
        await until(lambda: replica.lines("spans are not taken"))
        counted = await replica.counted("bridge_spans_total", "end")
        (await service.account()).check()
        async with collecting(unused_tcp_port) as collector:
            await service.publish_records(traced(101))
            await until(lambda: replica.lines("spans are taken again"))
            await service.is_done(101)
            await until(lambda: collector.named(f"send {service.name}.results", trace(101)))
        assert await replica.stop() == 0
        lines = [line for line in replica.output.splitlines() if "opentelemetry" in line or "spans are" in line]
    assert counted["made"] == 900
    assert counted["lost"] > 0
    assert counted["exported"] == 0
    assert len(lines) == 2, lines


async def test_without_tracing_nothing_of_it_is_anywhere(services: Services) -> None:
    async with services() as service:
        replica = await service.start("a")
        await service.publish_records(traced(1))
        await service.is_done(1)
        assert "traceparent" not in (await results_of(service))["e1"]
        account = await service.account()
        assert await replica.stop() == 0
    assert "trace" not in account.triggers[0]
    assert not [record for record in account.ledger if "trace" in record.get("about", {})]
