"""What is known of schemas, what is asked for, and when it is given up."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry
from registry.server import SchemaServer, serving
from waiting import eventually

from bridge.clock import SystemClock
from bridge.errors import BridgeError, SchemaNeeded, Undecodable
from bridge.formats.wire import Framed, SchemaId
from bridge.registry.access import Access
from bridge.registry.schemas import Registry
from bridge.telemetry import Telemetry

NOW = 1_770_000_000_000
OLD = NOW - 60_000


class Turned(SystemClock):
    """Stands still but for what a test adds, in seconds."""

    ahead = 0.0

    def now(self) -> int:
        return NOW + int(self.ahead * 1000)

    def boottime(self) -> float:
        return 1000 + self.ahead


@pytest.fixture
async def server() -> AsyncIterator[SchemaServer]:
    async with serving(SchemaServer()) as running:
        yield running


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def told() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def registry(server: SchemaServer, clock: Turned, told: CollectorRegistry) -> Registry:
    telemetry = Telemetry(told, SystemClock())
    return Registry(lambda: Access(server.url, 5.0, "me", "hush"), 10_000, 100, clock, telemetry)


async def known(registry: Registry, schema: SchemaId, written: int = NOW) -> Any:
    """What reads by a schema, once it is known or refused."""
    with pytest.raises(SchemaNeeded):
        registry.reader(schema, written)
    await eventually(lambda: registry.settled(schema))
    return registry.reader(schema, written)


def read(reader: Any, payload: bytes) -> Any:
    return reader.body(Framed(7, payload))


async def test_a_schema_is_asked_for_once_and_known_from_then_on(server: SchemaServer, registry: Registry) -> None:
    server.add(7, '"string"')
    async with registry.running():
        assert read(await known(registry, 7), b"\x02a") == "a"
        server.hangs = True
        assert read(registry.reader(7, NOW), b"\x02b") == "b"
    assert server.asked == ["/schemas/ids/7"]


async def test_several_are_asked_for_at_the_same_time(server: SchemaServer, registry: Registry) -> None:
    for number in range(20):
        server.add(number, '"string"')
    async with registry.running():
        for number in range(20):
            with pytest.raises(SchemaNeeded):
                registry.reader(number, NOW)
        await eventually(lambda: all(registry.settled(number) for number in range(20)))
    assert len(server.asked) == 20


async def test_those_used_last_are_kept(server: SchemaServer, registry: Registry) -> None:
    registry.capacity = 3
    for number in range(4):
        server.add(number, '"string"')
    async with registry.running():
        for number in range(4):
            await known(registry, number)
            registry.reader(0, NOW)
        with pytest.raises(SchemaNeeded):
            registry.reader(1, NOW)
        assert registry.reader(0, NOW).kind == "AVRO"


@pytest.mark.parametrize("status", [403, 503])
async def test_a_registry_in_trouble_is_asked_until_it_answers(
    server: SchemaServer, registry: Registry, told: CollectorRegistry, status: int
) -> None:
    server.add(7, '"string"')
    server.trouble = web.Response(status=status)
    assert told.get_sample_value("bridge_registry_up") == 1
    async with registry.running():
        with pytest.raises(SchemaNeeded):
            registry.reader(7, OLD)
        await eventually(lambda: len(server.asked) > 2)
        assert not registry.settled(7)
        assert told.get_sample_value("bridge_registry_up") == 0
        server.trouble = None
        await eventually(lambda: registry.settled(7))
        assert registry.reader(7, OLD).kind == "AVRO"
    assert told.get_sample_value("bridge_registry_up") == 1
    end = "refused" if status in (401, 403) else "unanswered"
    assert (told.get_sample_value("bridge_registry_questions_total", {"end": end}) or 0) > 2
    assert told.get_sample_value("bridge_registry_questions_total", {"end": "found"}) == 1


async def test_the_credentials_of_each_question_are_those_in_force(server: SchemaServer, clock: Turned) -> None:
    server.add(7, '"string"')
    server.user = "Bearer new"
    tokens = iter(["old", "old"])
    registry = Registry(
        lambda: Access(server.url, 5.0, token=next(tokens, "new")),
        10_000,
        100,
        clock,
        Telemetry(CollectorRegistry(), clock),
    )
    async with registry.running():
        await known(registry, 7)
    assert [headers["Authorization"] for headers in server.headers] == ["Bearer old", "Bearer old", "Bearer new"]


async def test_the_schema_of_an_old_record_that_is_missing_is_refused_at_once(
    server: SchemaServer, registry: Registry
) -> None:
    async with registry.running():
        with pytest.raises(Undecodable, match="schema 7: Schema not found"):
            await known(registry, 7, OLD)
    assert len(server.asked) == 1


@pytest.mark.parametrize("written", [NOW, NOW + 3_600_000, -1])
async def test_that_of_a_new_record_is_asked_for_until_the_record_is_old(
    server: SchemaServer, registry: Registry, clock: Turned, written: int
) -> None:
    async with registry.running():
        with pytest.raises(SchemaNeeded):
            registry.reader(7, written)
        await eventually(lambda: len(server.asked) > 2)
        assert not registry.settled(7)
        clock.ahead = 10
        await eventually(lambda: registry.settled(7))
        with pytest.raises(Undecodable, match="schema 7: Schema not found"):
            registry.reader(7, written)


async def test_one_that_was_registered_meanwhile_is_found(server: SchemaServer, registry: Registry) -> None:
    async with registry.running():
        with pytest.raises(SchemaNeeded):
            registry.reader(7, NOW)
        await eventually(lambda: len(server.asked) > 1)
        server.add(7, '"string"')
        await eventually(lambda: registry.settled(7))
        assert registry.reader(7, NOW).kind == "AVRO"


async def test_what_was_refused_is_asked_for_again_after_a_minute(
    server: SchemaServer, registry: Registry, clock: Turned
) -> None:
    async with registry.running():
        with pytest.raises(Undecodable):
            await known(registry, 7, OLD)
        server.add(7, '"string"')
        clock.ahead = 59
        with pytest.raises(Undecodable):
            registry.reader(7, OLD)
        clock.ahead = 61
        assert read(await known(registry, 7, OLD), b"\x02a") == "a"


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("AVRO", '"x.Unknown"', "schema 7: its schema can't be used: it refers to the type x.Unknown"),
        ("PROTOBUF", "message", "schema 7: its schema can't be used: protoc does not compile it"),
        ("JSON", '{"$ref": "https://example.com/a"}', "schema 7: its schema can't be used"),
        ("XML", "<a/>", "its type XML is none of AVRO, PROTOBUF and JSON"),
    ],
)
async def test_a_schema_that_can_not_be_used_refuses_its_records(
    server: SchemaServer, registry: Registry, kind: str, text: str, reason: str
) -> None:
    server.add(7, text, kind=kind)
    async with registry.running():
        with pytest.raises(Undecodable, match=reason):
            await known(registry, 7)


@pytest.mark.parametrize("failure", [OSError("Read-only file system"), KeyError("what we did not think of")])
async def test_what_fails_here_stops_nothing(
    server: SchemaServer,
    registry: Registry,
    monkeypatch: pytest.MonkeyPatch,
    told: CollectorRegistry,
    failure: Exception,
) -> None:
    settles = isinstance(failure, KeyError)
    server.add(7, '"string"')
    server.add(8, '"string"')
    with monkeypatch.context() as broken:

        async def fail(_: object) -> None:
            raise failure

        broken.setattr("bridge.registry.schemas.reader_of", fail)
        async with registry.running():
            with pytest.raises(SchemaNeeded):
                registry.reader(7, OLD)
            await eventually(lambda: len(server.asked) > 1 or settles)
            if settles:
                await eventually(lambda: registry.settled(7))
                with pytest.raises(Undecodable, match="KeyError, a fault of the bridge"):
                    registry.reader(7, OLD)
            else:
                assert not registry.settled(7)
                assert told.get_sample_value("bridge_registry_up") == 0
            broken.undo()
            assert read(await known(registry, 8), b"\x02a") == "a"


async def test_what_nobody_needs_any_longer_is_no_more_asked_for(
    server: SchemaServer, registry: Registry, clock: Turned
) -> None:
    server.trouble = web.Response(status=503)
    async with registry.running():
        for schema in (7, 8):
            with pytest.raises(SchemaNeeded):
                registry.reader(schema, NOW)
        clock.ahead = 50
        assert not registry.settled(8)
        clock.ahead = 70
        await eventually(lambda: 7 not in registry._wanted)
        assert not registry.settled(8)
        server.trouble = None
        server.add(8, '"string"')
        await eventually(lambda: registry.settled(8))
        assert registry.reader(8, NOW).kind == "AVRO"
        with pytest.raises(SchemaNeeded):
            registry.reader(7, NOW)


async def test_who_looks_at_records_asks_once_and_is_told_what_is_wrong(
    server: SchemaServer, registry: Registry
) -> None:
    server.add(7, '"string"')
    await registry.learn(7)
    assert registry.reader(7, NOW).kind == "AVRO"
    await registry.learn(8)
    with pytest.raises(Undecodable):
        registry.reader(8, NOW)
    server.trouble = web.Response(status=401)
    with pytest.raises(BridgeError, match=r"schema 9 can't be looked up in the schema registry: .*HTTP 401"):
        await registry.learn(9)
    assert len(server.asked) == 3
