"""One real call by hand, with the verb as a process on the running service: shown first, made once, followed, and a test everywhere."""

import csv
import re
from typing import Any

import orjson
import pytest
from kafka.cluster import read_topic
from service.account import Account
from service.conftest import Services
from service.replica import until
from service.service import Service
from service.story import event, table

from bridge.simulator.faults import Status

KEY = "colleagues"


async def send(service: Service, *words: str, code: int, made: dict[str, Any] | None = None, **settings: str) -> str:
    """What `bridge send` says of this event, goal 1 unless another is given."""
    file = service.folder / "goal.json"
    file.write_bytes(orjson.dumps(event(1) if made is None else made))
    given = ("--route", "goal-acme", "--event", str(file), "--topic-key", KEY)
    routes = str(service.folder / "routes.yaml")
    return await service.verb("send", *given, *words, code=code, BRIDGE_ROUTES=routes, **settings)


async def triggers(service: Service) -> list[dict[str, Any]]:
    return [orjson.loads(one.value) for one in await read_topic(service.kafka, f"{service.name}.triggers")]


def topic_keys(account: Account) -> list[str]:
    return sorted(execution.topic_key for execution in account.executions)


async def test_a_test_is_shown_first_then_called_once_each_time_and_says_everywhere_that_it_is_one(
    services: Services,
) -> None:
    async with services() as service:
        await service.start("a")
        said = await send(service, code=1)
        assert "colleagues, instead of 00000000-beef" in said
        assert "live: real events call, too" in said
        assert f'"topic_key":"{KEY}"' in said
        assert "HELD" not in said
        assert "Nothing is written yet: say --yes to send." in said
        assert await triggers(service) == []

        said = await send(service, "--yes", code=0)
        for step in ("written", "intent", "call", "accepted", "result"):
            assert re.search(rf"^  \S+Z  {step} ", said, re.MULTILINE), said
        assert re.search(r"Outcome: published, audience [\d,]+; it was a test\.", said)
        (test,) = re.findall(r"event id +(test-[0-9a-f]+)", said)

        # The same event, really, and a second test: none is a duplicate of another.
        await service.publish(event(1))
        await service.is_done(2)
        await send(service, "--yes", code=0, made=event(1, occurred_at="2020-01-01T00:00:00Z"))
        account = await service.account()
        assert account.outcomes == {"published": 3}
        assert topic_keys(account) == ["00000000-beef", KEY, KEY]
        tests = {result["event_id"]: result["test"] for result in account.results}
        assert len(tests) == 3
        assert (tests.pop("e1"), set(tests.values())) == (False, {True})
        assert test in tests
        assert sum(trigger.get("test", False) for trigger in await triggers(service)) == 2

        outcomes = await service.verb("outcomes")
        assert "3 outcomes: 3 published (2 of them tests)" in outcomes
        assert outcomes.count("published, a test") == 2
        rows = csv.DictReader((await service.verb("outcomes", "--format", "csv")).splitlines())
        assert sorted((row["topic_key"], row["test"]) for row in rows) == [
            ("00000000-beef", "false"),
            (KEY, "true"),
            (KEY, "true"),
        ]
        story = await service.verb("outcomes", test)
        assert "made a test of an event in a file, by `bridge send`" in story
        assert "it was a test" in story
        audit = await service.verb("audit", "--from", "10m", "--grace", "0s")
        assert "In order" in audit
        assert re.search(r"3 +triggers\s", audit)
        assert re.search(r"2 +of them tests, made by `bridge send`", audit)


@pytest.mark.slow
async def test_a_route_in_shadow_is_tried_while_its_events_call_nobody(services: Services) -> None:
    async with services() as service:
        shadowed = table(service.source)
        shadowed["routes"][0]["mode"] = "shadow"
        service.configure(shadowed)
        replica = await service.start("a")
        await service.publish(event(1))

        async def counted() -> bool:
            return await replica.counted("bridge_events_total", "decision") == {"shadow": 1}

        await until(counted)
        said = await send(service, "--yes", code=0)
        assert "shadow: real events are decided and counted, and call nobody" in said
        assert topic_keys(await service.account()) == [KEY]


@pytest.mark.slow
async def test_a_service_in_shadow_makes_no_test_and_says_so(services: Services) -> None:
    async with services() as service:
        await service.start("a", BRIDGE__MODE="shadow")
        said = await send(service, code=1, BRIDGE__MODE="shadow")
        assert "shadow: this service calls nobody, and no test either" in said
        assert "Nothing is written, and nothing can be in shadow." in said
        assert "mode is shadow" in await send(service, "--yes", code=1, BRIDGE__MODE="shadow")
        assert await triggers(service) == []


@pytest.mark.slow
async def test_what_holds_it_is_told_and_that_no_outcome_came_in_time(services: Services) -> None:
    async with services() as service:
        await service.start("a")
        await service.verb("hold", "route/goal-acme", "--reason", "wrong texts")
        await service.verb("hold", "route/start", "--reason", "not ours")
        said = await send(service, "--yes", "--wait", "1s", code=1)
        assert "route/goal-acme: operator, wrong texts" in said
        assert "not ours" not in said
        assert "No outcome within 1 s: no replica has taken it up yet" in said
        assert topic_keys(await service.account()) == []
        await service.verb("release", "route/goal-acme")
        await service.is_done(1)
        assert topic_keys(await service.account()) == [KEY]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "outcome", "advice", "again"),
    [
        (
            Status(status=400, made=False),
            "rejected: the vendor refused",
            "compare the contract",
            ("redrive", "--rejected"),
        ),
        (
            Status(status=500, made=True),
            "unknown: ",
            "Nobody can know whether it went out",
            ("resend", "--outcome", "unknown"),
        ),
    ],
)
async def test_one_that_is_not_published_ends_with_1_and_is_nothing_to_be_sent_again(
    services: Services, fault: Status, outcome: str, advice: str, again: tuple[str, ...]
) -> None:
    async with services() as service:
        service.vendor.faults.add(fault)
        await service.start("a")
        said = await send(service, "--yes", code=1)
        assert f"Outcome: {outcome}" in said
        assert advice in said
        routes = str(service.folder / "routes.yaml")
        said = await service.verb(*again, "--route", "goal-acme", "--yes", BRIDGE_ROUTES=routes)
        assert "it is a test: `bridge send` makes another one" in said
        assert len(await triggers(service)) == 1


@pytest.mark.slow
async def test_what_makes_no_test_says_why_as_explain_does(services: Services) -> None:
    async with services() as service:
        await service.start("a")
        said = await send(service, "--yes", code=1, made=event(1, type="corner"))
        assert "match type" in said
        assert "Route goal-acme does not take this event, so nothing is sent." in said
        assert "would be rejected" in await send(service, "--yes", code=1, made=event(1, minute="90+3"))
        assert "lookup teams has it for GER" in await send(service, "--yes", "--topic-key", "00000000-abcd", code=1)
        assert "there is no route gaol-acme; did you mean 'goal-acme'?" in await send(
            service, "--yes", "--route", "gaol-acme", code=2
        )
        assert "can't read" in await send(service, "--event", str(service.folder / "nothing.json"), code=2)
        assert "is blank" in await send(service, "--topic-key", " ", code=2)
        assert await triggers(service) == []
