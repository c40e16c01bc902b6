"""`bridge doctor` against a real Kafka, the simulator over HTTP and a real Redis."""

from typing import Any

import orjson
import pytest
from aiokafka.admin import NewTopic
from kafka.cluster import admin, topics_of
from service.conftest import Services
from service.service import Service

from bridge.examining.findings import mode

NO_SERVER = "127.0.0.1:1"


async def said(service: Service, code: int = 0, **settings: str) -> list[tuple[str, str, str]]:
    """What it found: grade, what, and what it says of it."""
    text = await service.verb(
        "doctor", "--routes", str(service.folder / "routes.yaml"), "--format", "json", code=code, **settings
    )
    told = orjson.loads(text)
    assert told["fine"] is (code == 0)
    return [(one["grade"], one["what"], one["says"]) for one in told["findings"]]


def one(found: list[tuple[str, str, str]], what: str) -> tuple[str, str]:
    (line,) = [(grade, says) for grade, name, says in found if name == what]
    return line


async def test_before_the_first_start_it_says_what_that_will_make_and_makes_nothing(services: Services) -> None:
    async with services() as service:
        before = await topics_of(service.kafka)
        found = await said(service)
        assert await topics_of(service.kafka) == before
    assert one(found, "Kafka") == ("ok", f"answers at {service.kafka}")
    grade, says = one(found, "topics")
    assert (grade, f"{service.name}.ledger" in says) == ("warning", True)
    assert one(found, "brand acme")[0] == "ok"
    assert one(found, "clock")[0] == "ok"
    assert one(found, "mode") == ("ok", "live, with 2 of 3 routes; the others call nobody: whistle shadow")


async def test_of_a_service_that_works_all_is_well_and_nobody_was_called(services: Services, redis_url: str) -> None:
    async with services() as service:
        replica = await service.start("a")
        found = await said(service, BRIDGE_BUDGET__REDIS_URL=redis_url)
        text = await service.verb("doctor", "--routes", str(service.folder / "routes.yaml"))
        assert await replica.stop() == 0
        assert service.vendor.report().executions.made == 0
    assert {grade for grade, what, _ in found if what != "topics"} == {"ok"}
    assert one(found, "Redis") == ("ok", "answers")
    assert [line.split()[:2] for line in text.splitlines()][:3] == [["ok", "Kafka"], ["ok", "rights"], ["ok", "topics"]]


@pytest.mark.parametrize(
    ("settings", "what", "says"),
    [
        ({"BRIDGE_BRANDS__ACME__API_KEY": "wrong"}, "brand acme", "check brands.acme.api_key"),
        ({"BRIDGE_VENDOR__BASE_URL": f"http://{NO_SERVER}"}, "brand acme", "check vendor.base_url"),
        pytest.param(
            {"BRIDGE_KAFKA__BOOTSTRAP_SERVERS": NO_SERVER}, "Kafka", f"Kafka at {NO_SERVER}", marks=pytest.mark.slow
        ),
        (
            {"BRIDGE_BUDGET__REDIS_URL": f"redis://{NO_SERVER}", "BRIDGE_BUDGET__STRICT": "true"},
            "Redis",
            "nothing is called without it",
        ),
        ({"BRIDGE_TOPICS__CREATE": "false"}, "topics", "kafka-topics"),
    ],
)
async def test_what_is_wrong_is_named_and_the_rest_is_looked_at(
    settings: dict[str, str], what: str, says: str, services: Services
) -> None:
    async with services() as service:
        found = await said(service, 1, **settings)
    grade, told = one(found, what)
    assert grade == "error"
    assert says in told
    assert {name for _, name, _ in found} >= {"Kafka", "brand acme"}


@pytest.mark.parametrize(
    ("service", "routes", "finding"),
    [
        ("live", ["live", "live"], ("ok", "live, with all routes")),
        ("live", ["shadow", "off"], ("warning", "live, with 0 of 2 routes; the others call nobody: r0 shadow, r1 off")),
        ("shadow", ["live"], ("warning", "shadow: events are decided and counted, and nobody is called")),
    ],
)
def test_who_calls_nobody_is_told(service: str, routes: list[str], finding: tuple[str, str]) -> None:
    found = mode(service, {f"r{number}": one for number, one in enumerate(routes)})
    assert (str(found.grade), found.says) == finding


async def test_a_redis_that_is_away_is_a_warning_where_the_service_works_without_it(services: Services) -> None:
    async with services() as service:
        found = await said(service, BRIDGE_BUDGET__REDIS_URL=f"redis://:secret@{NO_SERVER}")
    assert one(found, "Redis")[0] == "warning"


async def test_topics_that_do_not_fit_are_told(services: Services) -> None:
    async with services() as service:
        async with admin(service.kafka) as client:
            await client.create_topics([NewTopic(f"{service.name}.{name}", 3, 1) for name in ("triggers", "ledger")])
        found: list[Any] = await said(service, 1, BRIDGE_TOPICS__CREATE="false")
        for name in ("results", "dead-letters", "control"):
            async with admin(service.kafka) as client:
                await client.create_topics([NewTopic(f"{service.name}.{name}", 1, 1)])
        wrong = await said(service, 1)
    assert one(found, "topics")[0] == "error"
    assert "triggers" in one(wrong, "topics")[1]
