"""CloudEvents of the official library, through librdkafka and a whole service to the vendor."""

from datetime import UTC, datetime
from typing import Any

import orjson
from cloudevents.core.bindings.kafka import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from kafka.foreign import librdkafka
from service.conftest import Services
from service.replica import until
from service.service import Service
from service.story import TEAMS, table

from bridge.clock import SystemClock
from bridge.kafka import Connection, NewRecord, Producer

ODD = ("caf\udce9", b"\xff")  # a name that is no UTF-8


def goal(number: int, **changes: Any) -> CloudEvent:
    """A goal, now. Everything but the minute is in attributes."""
    attributes: dict[str, Any] = {
        "id": f"e{number}",
        "source": f"/matches/{number % 2}",
        "type": "com.acme.goal",
        "subject": "a team",
        "team": list(TEAMS)[number % len(TEAMS)],
        "time": datetime.fromtimestamp(SystemClock().now() / 1000, UTC),
    }
    return CloudEvent(attributes | changes, {"minute": 12})


def routes(service: Service, **source: Any) -> dict[str, Any]:
    found = table(service.source)
    found["sources"] = {"matches": {"topic": service.source, "format": "cloudevents"} | source}
    (route, *_) = found["routes"]
    route |= {
        "match": {"$ce.type": "com.acme.goal"},
        "when": "ce.source.startsWith('/matches/')",
        "topic_key": {"lookup": "teams", "key": "{$ce.team}"},
        "context": {"event": "{$ce.id}", "team": "{$ce.subject}", "minute": "{minute}"},
    }
    return found | {"routes": [route]}


def publish(service: Service, *events: CloudEvent, take_back: bool = False) -> None:
    """In both modes by turns, in a transaction."""
    name = f"{service.name}-{take_back}-{events[0].get_id()}"
    with librdkafka(service.kafka, compression_type="zstd", transactional_id=name) as producer:
        producer.init_transactions(30)
        producer.begin_transaction()
        for number, event in enumerate(events):
            message = (to_binary_event, to_structured_event)[number % 2](event)
            producer.produce(service.source, message.value, message.key, headers=list(message.headers.items()))
        producer.flush(30)
        (producer.abort_transaction if take_back else producer.commit_transaction)(30)


async def test_each_becomes_one_call_and_what_is_none_a_dead_letter(services: Services) -> None:
    async with services() as service:
        service.configure(routes(service, tombstones="skip"))
        replica = await service.start("a")
        publish(service, goal(90), goal(91), take_back=True)
        publish(service, *(goal(number) for number in range(12)))
        # Again, in the other mode; and another event that has the id of one.
        publish(service, *(goal(number) for number in range(1, 4)), goal(1, source="/matches/elsewhere", team="GER"))
        publish(service, goal(50, type="com.acme.corner"), goal(51, time=datetime(2001, 1, 1, tzinfo=UTC)))
        odd = NewRecord(service.source, b"k", b"{}", [("trace", b"1"), ODD])
        async with Producer(Connection(bootstrap_servers=service.kafka)) as producer:
            await producer.send_all([odd, NewRecord(service.source, b"k", None)])
        await service.is_done(14)
        await until(lambda: letters(service, 1))

        account = await service.account()
        account.check()
        called = sorted((one.context["event"], one.topic_key) for one in account.executions)
        teams = list(TEAMS.values())
        assert called == sorted([*((f"e{number}", teams[number % 3]) for number in range(12)), ("e1", TEAMS["GER"])])
        assert account.outcomes == {"published": 13, "expired": 1}
        (letter,) = account.dead_letters
        assert (letter.key, letter.value, list(letter.headers[:2])) == (b"k", b"{}", list(odd.headers))
        assert b"neither a content-type header" in dict(letter.headers)["bridge-reason"]
        assert await replica.counted("bridge_events_total", "decision") == {
            "trigger": 17,  # one of them expired, three repeated
            "dead_letter": 1,
            "none": 1,
            "tombstone": 1,
        }


async def test_dead_letters_are_decided_again_with_the_headers_that_they_had(services: Services) -> None:
    async with services() as service:
        service.configure(
            routes(service, format="json", event_id="nowhere") | {"routes": [table(service.source)["routes"][0]]}
        )
        replica = await service.start("a")
        publish(service, goal(0), goal(1))
        event = to_binary_event(goal(2))
        async with Producer(Connection(bootstrap_servers=service.kafka)) as producer:
            headers = [ODD, *event.headers.items()]
            await producer.send_all([NewRecord(service.source, None, event.value, headers)])
        await until(lambda: letters(service, 3))
        await replica.stop()

        service.configure(routes(service))
        await service.start("b", "--accept-forgetting")
        path = str(service.folder / "routes.yaml")
        said = await service.verb("redrive", "--dead-letters", "--from", "1h", "--yes", BRIDGE_ROUTES=path)
        assert "3 written" in said
        await service.is_done(3)
        account = await service.account()
        account.check()
        assert sorted(one.context["event"] for one in account.executions) == ["e0", "e1", "e2"]
        where = account.triggers[0]["source"]
        place = f"{where['topic']}/{where['partition']}/{where['offset']}"
        (told,) = orjson.loads(await service.verb("explain", place, "--json", BRIDGE_ROUTES=path))
        assert told["event"]["id"] == account.triggers[0]["event_id"]


async def letters(service: Service, count: int) -> bool:
    return len((await service.account()).dead_letters) >= count
