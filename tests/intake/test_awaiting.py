"""Partitions whose next record was written by a schema that is not known yet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import web
from formats.schemas import encoded
from intake.workbench import Workbench, goal, until
from kafka.members import Read
from registry.server import GOAL, SchemaServer, serving

from bridge.clock import SystemClock
from bridge.intake.judging import Judge
from bridge.kafka import OwnTopics, TopicNames
from bridge.registry.access import Access
from bridge.registry.schemas import Registry

FIRST, LATER, NEVER = 7, 8, 9
AWAY = web.Response(status=503)


def record(number: int, schema: int, partition: int, **more: Any) -> dict[str, Any]:
    value = b"\0" + schema.to_bytes(4) + encoded(GOAL, goal(number))
    return {"value": value, "partition": partition, **more}


@pytest.fixture
async def server() -> AsyncIterator[SchemaServer]:
    async with serving(SchemaServer()) as running:
        running.add(FIRST, GOAL)
        running.add(LATER, GOAL)
        yield running


@pytest.fixture
async def ready(bench: Workbench) -> Workbench:
    await bench.set_up()
    bench.load(encoded="avro")
    return bench


def registry(bench: Workbench, server: SchemaServer) -> Registry:
    return Registry(lambda: Access(server.url, 5.0), 10_000, 100, SystemClock(), bench.telemetry)


async def events(bench: Workbench) -> list[str]:
    return [trigger.event_id for trigger in await bench.triggers()]


def waiting(bench: Workbench) -> float | None:
    return bench.registry.get_sample_value("bridge_registry_waiting_partitions")


async def test_a_partition_waits_for_its_schema_while_the_others_go_on(ready: Workbench, server: SchemaServer) -> None:
    async with registry(ready, server).running() as schemas, ready.running(schemas=schemas):
        await ready.publish(record(0, FIRST, 0))
        await until(ready.caught_up)
        server.trouble = AWAY
        await ready.publish(
            record(1, FIRST, 0), record(2, LATER, 0), record(3, FIRST, 0), *(record(n, FIRST, 1) for n in range(10, 20))
        )

        async def all_but_what_waits() -> bool:
            return await ready.committed() == {0: 2, 1: 10, 2: 0}

        await until(all_but_what_waits)
        assert sorted(await events(ready)) == sorted(["e0", "e1", *(f"e{n}" for n in range(10, 20))])
        assert waiting(ready) == 1
        # Known schemas go on being read for as long as it takes.
        await ready.publish(record(20, FIRST, 1))
        await until(lambda: ready.counted()["trigger"] == 13)
        server.trouble = None
        await until(ready.caught_up)
    assert sorted(await events(ready)) == sorted([*(f"e{n}" for n in range(4)), *(f"e{n}" for n in range(10, 21))])
    assert waiting(ready) == 0
    assert not await ready.dead_letters()


async def test_a_rebalance_does_not_wait_for_a_schema_and_loses_nothing(ready: Workbench, server: SchemaServer) -> None:
    await ready.publish(*(record(n, LATER, n % 3) for n in range(9)))
    server.hangs = True
    async with registry(ready, server).running() as schemas, AsyncExitStack() as others:
        async with asyncio.TaskGroup() as group:
            first = await group.create_task(_started(others, ready, schemas))
            await until(lambda: waiting(ready) == 3)
            await others.enter_async_context(ready.running(schemas=schemas))
            await until(lambda: len(first._awaiting._waiting) < 3)
            # It leaves at once, too, though nothing answers.
            first.stop()
        server.hangs = False
        await until(ready.caught_up)
    assert sorted(await events(ready)) == [f"e{n}" for n in range(9)]
    assert not await ready.dead_letters()


async def _started(stack: AsyncExitStack, bench: Workbench, schemas: Registry) -> Any:
    return await stack.enter_async_context(bench.running(schemas=schemas))


async def test_a_record_whose_schema_is_nowhere_is_a_dead_letter_and_the_rest_goes_on(
    ready: Workbench, server: SchemaServer
) -> None:
    old = SystemClock().now() - 60_000
    await ready.publish(
        record(0, FIRST, 0),
        record(1, NEVER, 0, timestamp_ms=old),
        record(2, LATER, 0),
        {"value": b"{}", "partition": 0},
    )
    async with registry(ready, server).running() as schemas, ready.running(schemas=schemas):
        await until(ready.caught_up)
    assert sorted(await events(ready)) == ["e0", "e2"]
    # The topic has several partitions, and which comes first is nobody's business.
    letters = await ready.dead_letters()
    reasons = sorted(dict(letter.headers)["bridge-reason"].decode() for letter in letters)
    assert reasons[0] == "schema 9: Schema not found"
    assert "begins with the byte 123" in reasons[1]
    assert len(reasons) == 2


class _Broken:
    def reader(self, schema: Any, written: int) -> Any:
        raise KeyError("what we did not think of")


def test_a_fault_in_reading_is_a_dead_letter_and_stops_nothing(bench_alone: Workbench) -> None:
    bench_alone.load(encoded="avro")
    own = OwnTopics(4, 1_048_576, 1_048_576, 1_048_576, 1_048_576, frozenset(), ())
    judge = Judge(bench_alone.table, TopicNames(bench_alone.service), own, shadow=False, schemas=_Broken())
    judgement = judge.judge([Read(b"\0\0\0\0\x07", topic=bench_alone.topic)], 0)
    ((_, reason),) = judgement.refusals
    assert reason == "reading it failed (KeyError): this is a fault of the bridge, see its log"
