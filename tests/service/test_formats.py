"""Sources that need a schema registry, end to end: a real registry, and producers that are not ours."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from kafka.cluster import make_topic, read_topic
from registry.apicurio import PASSWORD, USER, Apicurio
from registry.front import door_to
from registry.producing import Serialize, avro, close_clients, json_schema, produce, protobuf
from service.conftest import Services
from service.replica import until
from service.service import SOURCE_PARTITIONS, Service
from service.story import event, events, table

from bridge.clock import SystemClock
from bridge.durations import parse_instant

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apicurio]:
    with Apicurio(tmp_path_factory.mktemp("apicurio")) as running:
        yield running


@pytest.fixture(autouse=True)
def _clients() -> Iterator[None]:
    yield
    close_clients()


@pytest.fixture
async def door(registry: Apicurio) -> AsyncIterator[str]:
    """The registry, with GUIDs."""
    async with door_to(registry.url) as address:
        yield address


@pytest.fixture
def own_registry(tmp_path: Path) -> Iterator[Apicurio]:
    """One to be stopped."""
    (tmp_path / "registry").mkdir()
    with Apicurio(tmp_path / "registry") as running:
        yield running


def settings(url: str) -> dict[str, str]:
    return {
        "BRIDGE_REGISTRY__URL": url,
        "BRIDGE_REGISTRY__USER": USER,
        "BRIDGE_REGISTRY__PASSWORD": PASSWORD,
        "BRIDGE_REGISTRY__PATIENCE": "5s",
    }


def configure(service: Service, encoded: str, **sources: Any) -> None:
    made = table(service.source)
    made["sources"]["matches"]["format"] = encoded
    made["sources"].update(sources)
    for name in sources:
        made["routes"].extend(
            route | {"name": f"{name}-{route['name']}", "source": name} for route in table(service.source)["routes"][:1]
        )
    service.configure(made)


async def publish(
    service: Service,
    serialize: Serialize,
    wanted: list[dict[str, Any]],
    *,
    topic: str = "",
    partition: int | None = None,
) -> None:
    for number in range(SOURCE_PARTITIONS):
        share = wanted if partition is not None else wanted[number::SOURCE_PARTITIONS]
        if partition in (None, number):
            await asyncio.to_thread(produce, service.kafka, topic or service.source, serialize, share, number)


def in_avro(*wanted: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """Avro has a type for times."""
    return [one | {"occurred_at": parse_instant(one["occurred_at"])} | more for one in wanted]


async def letters(service: Service) -> dict[str, str]:
    """Reasons by place."""
    found = await read_topic(service.kafka, f"{service.name}.dead-letters")
    headers = [dict(letter.headers) for letter in found]
    return {one["bridge-source"].decode(): one["bridge-reason"].decode() for one in headers}


@pytest.mark.parametrize("in_header", [False, True], ids=["id before the payload", "guid in a header"])
@pytest.mark.parametrize("encoded", ["avro", "protobuf", "json-schema"])
async def test_events_of_each_format_are_called_once(
    services: Services, door: str, encoded: str, in_header: bool
) -> None:
    async with services() as service:
        configure(service, encoded)
        await service.start("a", **settings(door))
        make = {"avro": avro, "protobuf": protobuf, "json-schema": json_schema}[encoded]
        serialize = await asyncio.to_thread(make, door, service.source, in_header=in_header)
        wanted = events(range(12))
        await publish(service, serialize, in_avro(*wanted) if encoded == "avro" else wanted)
        await service.is_done(12)
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": 12}
        assert {one.context["minute"] for one in account.executions} == {12}
        assert not await letters(service)


async def test_a_schema_that_evolves_is_read_by_what_each_record_was_written_with(
    services: Services, registry: Apicurio
) -> None:
    async with services() as service:
        configure(service, "avro")
        await service.start("a", **settings(registry.url))
        before = await asyncio.to_thread(avro, registry.url, service.source)
        stadium = {"name": "stadium", "type": "string", "default": ""}
        after = await asyncio.to_thread(avro, registry.url, service.source, extra=[stadium])
        await publish(service, before, in_avro(*events(range(3))))
        await publish(service, after, in_avro(*events(range(3, 6)), stadium="Lusail"))
        await publish(service, after, in_avro(event(6, minute=None), stadium="Lusail", minute=None))
        await publish(service, before, in_avro(*events(range(7, 10))))
        await service.is_done(10)
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": 9, "rejected": 1}
        (rejected,) = (one for one in account.results if one["outcome"] == "rejected")
        assert "minute" in rejected["reason"]


async def test_a_registry_that_is_down_lets_only_those_wait_whose_schema_is_not_known(
    services: Services, own_registry: Apicurio
) -> None:
    async with services() as service:
        other = f"{service.name}-other"
        await make_topic(service.kafka, other, SOURCE_PARTITIONS)
        plain = {"topic": other, "event_id": "id", "event_time": "occurred_at"}
        configure(service, "avro", plain=plain)
        replica = await service.start("a", **settings(own_registry.url))
        known = await asyncio.to_thread(avro, own_registry.url, service.source)
        extra = [{"name": "stadium", "type": "string", "default": ""}]
        new = await asyncio.to_thread(avro, own_registry.url, service.source, extra=extra)
        new({**in_avro(event(0))[0], "stadium": ""}, [])  # it registers its schema now, and remembers the id
        await publish(service, known, in_avro(*events(range(3))))
        await service.is_done(3)

        await asyncio.to_thread(own_registry.stop)
        await publish(service, new, in_avro(*events(range(10, 14)), stadium="Lusail"), partition=0)
        await publish(service, known, in_avro(*events(range(20, 24))), partition=1)

        def as_json(one: dict[str, Any], _: Any) -> bytes:
            return orjson.dumps(one)

        await publish(service, as_json, events(range(30, 36)), topic=other)  # type: ignore[arg-type]
        await service.has_outcomes(3 + 4 + 6)
        await until(lambda: replica.lines("partition waits for a schema"))
        await until(lambda: replica.lines("schema registry is of no use"))
        assert await replica.is_ready()
        _, metrics = await replica.get("metrics")
        assert "bridge_registry_up 0.0" in metrics
        assert "bridge_registry_waiting_partitions 1.0" in metrics

        # Others may come and go meanwhile: nobody waits for the registry to give partitions up.
        await service.start("b", **settings(own_registry.url))
        assert await replica.stop() == 0
        await asyncio.to_thread(own_registry.start)
        await service.is_done(3 + 4 + 6 + 4, within=60)
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": 17}
        assert not await letters(service)


async def test_credentials_that_are_refused_let_records_wait_and_say_so(services: Services, registry: Apicurio) -> None:
    async with services() as service:
        configure(service, "avro")
        replica = await service.start("a", **settings(registry.url) | {"BRIDGE_REGISTRY__PASSWORD": "wrong-secret"})
        serialize = await asyncio.to_thread(avro, registry.url, service.source)
        await publish(service, serialize, in_avro(*events(range(3))))
        await until(lambda: replica.lines("schema registry is of no use"))
        (told, *_) = replica.lines("schema registry is of no use")
        assert (told["level"], "HTTP 401" in told["why"]) == ("error", True)
        assert "wrong-secret" not in replica.output
        await replica.stop()
        await service.start("b", **settings(registry.url))
        await service.is_done(3)
        (await service.account()).check()
        assert not await letters(service)


async def test_what_does_not_fit_its_schema_is_a_dead_letter_that_says_so_and_the_rest_goes_on(
    services: Services, registry: Apicurio
) -> None:
    async with services() as service:
        other = f"{service.name}-other"
        await make_topic(service.kafka, other, 1)
        checked = {"topic": other, "format": "json-schema", "event_id": "id", "event_time": "occurred_at"}
        configure(service, "avro", checked=checked)
        await service.start("a", **settings(registry.url))
        good = await asyncio.to_thread(avro, registry.url, service.source)
        foreign = await asyncio.to_thread(json_schema, registry.url, f"{service.name}-foreign")
        strict = await asyncio.to_thread(json_schema, registry.url, other)

        def cut(one: dict[str, Any], headers: list[Any]) -> bytes:
            return good(one, headers)[:-1]

        def longer(one: dict[str, Any], headers: list[Any]) -> bytes:
            return good(one, headers) + b"x"

        def unknown(one: dict[str, Any], headers: list[Any]) -> bytes:
            return b"\0\x7f\xff\xff\xff" + good(one, headers)[5:]

        def bare(one: dict[str, Any], _: list[Any]) -> bytes:
            return orjson.dumps(one)

        wanted = in_avro(*events(range(7)))
        for serialize, one in zip((good, cut, longer, bare, unknown, foreign, good), wanted, strict=True):
            await publish(service, serialize, [one], partition=0)  # type: ignore[arg-type]
        for one in (event(20), event(21, minute="90+3"), event(22)):
            await publish(service, strict, [one], topic=other, partition=0)
        await service.is_done(4, within=60)
        account = await service.account()
        account.check()
        assert sorted(one["event_id"] for one in account.final.values()) == ["e0", "e20", "e22", "e6"]
        reasons = await letters(service)
        assert {
            place.partition("-")[2]: any(part in reason for part in _EXPECTED[place.partition("-")[2]])
            for place, reason in reasons.items()
        } == dict.fromkeys(_EXPECTED, True), reasons
        assert "90+3" not in str(reasons)
        await _look(service, settings(registry.url))


_EXPECTED = {
    "source/0/1": ["does not fit its schema: minute: the payload ends", "does not fit its schema"],
    "source/0/2": ["goes on for 1 bytes after the event"],
    "source/0/3": ["begins with the byte 123"],
    "source/0/4": ["schema 2147483647: Schema 2147483647 not found"],
    "source/0/5": ["is of the type JSON, and the source's format is avro"],
    "other/0/1": ["it breaks #/properties/minute/type"],
}


async def _look(service: Service, known: dict[str, Any]) -> None:
    """Verbs that look at records in Kafka read them, too."""
    routes: dict[str, Any] = {"BRIDGE_ROUTES": str(service.folder / "routes.yaml")}
    said = await service.verb("explain", f"{service.source}/0/0", **routes, **known)
    assert "Called" in said or "goal-acme" in said
    assert "goes on for 1 bytes" in await service.verb("explain", f"{service.source}/0/2", **routes, **known)
    wrong = known | {"BRIDGE_REGISTRY__PASSWORD": "wrong"}
    assert "HTTP 401" in await service.verb("explain", f"{service.source}/0/0", code=1, **routes, **wrong)
    assert "needs a schema registry" in await service.verb("check", "--routes", routes["BRIDGE_ROUTES"], code=1)
    table = service.folder / "routes.yaml"
    changed = orjson.loads(table.read_bytes())
    changed["routes"][0]["context"]["team"] = "{team.id}"
    (service.folder / "changed.yaml").write_bytes(orjson.dumps(changed))
    words = ("diff", str(table), str(service.folder / "changed.yaml"), "--topic", service.source, "--json")
    report = orjson.loads(await service.verb(*words, code=1, **known))
    assert report["events"] == 7
    assert "it still is no event" in await service.verb("redrive", "--dead-letters", "--from", "1h", **routes, **known)


def test_times_are_now() -> None:
    """What `in_avro` makes of a time is what the events of these tests say."""
    assert abs(in_avro(event(1))[0]["occurred_at"] - SystemClock().now()) < 60_000
